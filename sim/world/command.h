#pragma once

#include "sim/container/docker/request.h"
#include "sim/container/runtime.h"
#include "sim/gpu/mps.h"
#include "sim/kube/api/api_server.h"
#include "sim/kube/fake/fake_node.h"
#include "sim/net/conntrack.h"
#include "sim/net/rdma/port.h"
#include "sim/net/rdma/transfer.h"
#include "sim/serving/request.h"
#include "sim/storage/ceph/cluster.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sim {

namespace command {

/// kubectl, the HTTP endpoint, the window: any verb that writes.
struct ApiCall {
    kube::Request request;
};
struct UnitAction { ///< systemctl
    enum class Verb : std::uint8_t { Start, Stop, Restart, Enable, Disable, DaemonReload, ResetFailed, Isolate, Mask, Unmask, SetDefault };
    HostId host;
    std::string unit; ///< Isolate, SetDefault: the target; Isolate of "default": where a boot goes
    Verb verb = Verb::Start;
};
struct Signal { ///< kill
    HostId host;
    host::Pid pid = 0;
    int signal = 15;
    bool byItself = false; ///< a program that a command ran comes to its end: nobody changed anything
};
struct WriteFile {
    HostId host;
    std::optional<ContainerId> container;
    std::string path;
    std::string content;
    bool append = false;
    std::uint32_t mode = 0644;
    std::int64_t size = 0; ///< for files whose content is not kept (fallocate, dd)
};
struct RemoveFile {
    HostId host;
    std::optional<ContainerId> container;
    std::string path;
    bool recursive = false;
};
struct MakeDirectory {
    HostId host;
    std::optional<ContainerId> container;
    std::string path;
    bool parents = false;
};
struct RenameFile { ///< mv within one filesystem
    HostId host;
    std::string from;
    std::string to;
};
struct LinkFile { ///< ln
    HostId host;
    std::string target; ///< of a symbolic link: as it is written
    std::string path;
    bool symbolic = false;
};
struct TruncateFile { ///< truncate, or > through /proc/PID/fd/N
    HostId host;
    std::string path;
    std::int64_t size = 0;
};
struct CgroupLimit { ///< a write to a file below /sys/fs/cgroup
    HostId host;
    std::string path; ///< "/system.slice/web.service"
    std::string file; ///< "memory.max"
    std::string text;
};
struct ChangeMode { ///< chmod, chown
    HostId host;
    std::string path;
    std::optional<std::uint32_t> mode;
    std::string owner; ///< empty: unchanged
};
struct ImmutableFile { ///< chattr +i, -i
    HostId host;
    std::string path;
    bool immutable = true;
};
struct MountChange { ///< mount, umount, swapon, swapoff
    enum class Verb : std::uint8_t { Mount, Remount, Unmount, SwapOn, SwapOff };
    HostId host;
    Verb verb = Verb::Mount;
    host::MountSettings mount; ///< Remount: where and options; Unmount: where; swap: what
};
struct ProcessChange { ///< renice, prlimit, writes to /proc/PID/oom_score_adj
    HostId host;
    host::Pid pid = 0;
    std::optional<std::int64_t> nice;
    std::optional<std::int64_t> oomScoreAdjust;
    std::optional<std::int64_t> openFilesLimit;
};
struct JournalChange { ///< journalctl --rotate, --vacuum-size, --vacuum-time; CommandResult::text: "PATH SIZE" lines of what went
    HostId host;
    bool rotate = false;
    std::optional<std::int64_t> keepBytes;
    std::optional<Duration> keepTime;
};
struct ConsoleLine { ///< typed at the serial console where no shell runs; CommandResult::text is what appears
    HostId host;
    std::string text;
};
struct BootDevice { ///< ipmitool chassis bootdev
    HostId host;
    std::string device;
};
struct LogLine { ///< logger, sudo, su: a line of the journal
    HostId host;
    std::string identifier;
    std::uint8_t priority = 6;
    std::string message;
};
struct RouteChange { ///< ip route
    enum class Verb : std::uint8_t { Add, Replace, Delete };
    StackId stack;
    Verb verb = Verb::Add;
    net::Route route;
};
struct InterfaceChange { ///< ip link, ip addr
    StackId stack;
    std::string interface;
    std::optional<bool> adminUp;
    std::optional<std::int64_t> mtu;
    std::optional<net::Prefix> addAddress;
    std::optional<net::Prefix> removeAddress;
};
struct FirewallChange { ///< iptables
    enum class Verb : std::uint8_t { Append, Insert, Delete, DeleteIndex, Flush, Policy, NewChain, DeleteChain, Zero, RenameChain };
    StackId stack;
    std::string table = "filter"; ///< filter, nat, mangle, raw
    Verb verb = Verb::Append;
    std::string chain;            ///< empty with Flush: all
    std::int64_t index = 1;       ///< 1-based
    net::FirewallRule rule;
    std::string policy; ///< RenameChain: the new name
};
struct FirewalldChange { ///< firewall-cmd; `edit` is not looked at by Reload
    enum class Verb : std::uint8_t { Edit, Reload };
    StackId stack;
    Verb verb = Verb::Edit;
    net::FirewalldEdit edit;
};
struct ConntrackFlush { ///< conntrack -F, -D: entries of what is still in use come back with its next packet
    StackId stack;
    std::optional<std::vector<net::TrackedTuple>> only; ///< -D: of these connections, by their first direction
};
/// A datagram or echo request; the way that it took follows from World::reach. Changes nothing that is graded.
struct SendDatagram {
    StackId stack;
    net::Ipv4 destination;
    net::Probe probe;
};
/// A TCP connection opened by a program of a network namespace; CommandResult::id is the ConnectionId.
struct OpenConnection {
    StackId stack;
    net::Ipv4 destination;
    std::int64_t port = 0;
    net::Opening opening; ///< `accepts` follows from the server's program
};
struct SendBytes {
    net::ConnectionId connection;
    bool fromServer = false;
    std::int64_t bytes = 0;
};
struct CloseConnection {
    net::ConnectionId connection;
    bool byServer = false;
};
struct GpuChange { ///< nvidia-smi, dcgmi; CommandResult::error is empty or one of "in-use", "lost", "not-supported", "no-room", "out-of-range"
    enum class Verb : std::uint8_t {
        PowerLimit,      ///< -pl: value in W
        LockClocks,      ///< -lgc: value is the upper bound in MHz
        ResetClocks,     ///< -rgc
        Persistence,     ///< -pm: value 0 or 1
        ComputeMode,     ///< -c: text
        EccMode,         ///< -e: value 0 or 1, from the next reset on
        Reset,           ///< -r
        ClearErrors,     ///< -p 0: volatile counters
        MigMode,         ///< -mig: value 0 or 1; CommandResult::text "pending" when it waits for a reset
        CreateInstance,  ///< mig -cgi: value is the profile; CommandResult::id the GPU instance
        DestroyInstance, ///< mig -dgi: value is the GPU instance
        CreateCompute,   ///< mig -cci: value is the GPU instance
        DestroyCompute,  ///< mig -dci
    };
    GpuId gpu;
    Verb verb = Verb::PowerLimit;
    double value = 0;
    std::string text;
};
/// A process of a machine makes contexts on its devices, or does something else on them. It lets go of them when it ends.
/// CommandResult::error "busy" (cudaErrorDevicesUnavailable), "memory" (cudaErrorMemoryAllocation).
struct GpuProgram {
    enum class Verb : std::uint8_t { Start, Load };
    Verb verb = Verb::Start;
    gpu::HostProgram program; ///< Load: host, pid, activity and memory
};
/// nvidia-cuda-mps-control. CommandResult::error "running", "missing".
struct MpsCall {
    enum class Verb : std::uint8_t {
        Daemon,      ///< -d, -f; CommandResult::id is its pid
        StartServer, ///< for `user`
        StopServer,  ///< with its clients
        Limits,      ///< of servers to come, or with `server` of that one's clients to come
        EndClient,   ///< terminate_client: `client` of the server
        Quit,
    };
    HostId host;
    Verb verb = Verb::Daemon;
    std::string user = "root"; ///< Daemon, StartServer
    std::int64_t uid = 0;
    std::int64_t server = 0;
    std::int64_t client = 0;
    gpu::MpsLimits limits;
    bool foreground = false; ///< Daemon
};
struct ModuleChange { ///< modprobe nvidia, rmmod nvidia; CommandResult::error "in-use", "missing"
    HostId host;
    std::string module; ///< "nvidia", "nvidia_peermem"
    bool load = true;
};
struct RdmaChange { ///< perfquery, ibportstate, mlnx_qos, ib_write_bw, a switch's own commands; CommandResult::error is empty or "missing"
    enum class Verb : std::uint8_t {
        ResetCounters, ///< perfquery -r: `counters` of the port
        Qos,           ///< mlnx_qos: `qos`
        Mtu,           ///< ibportstate mtu: `mtu` in bytes
        Disable,       ///< ibportstate disable
        Enable,        ///< ibportstate enable
        StartTransfer, ///< ib_write_bw begins: `transfer`; CommandResult::id is the TransferId
        StopTransfer,  ///< it ends: `running`
        Watchdog,      ///< pfcwd: `watchdog`
        Save,          ///< config save: `fabricSwitch` starts the next time as it runs now
        Load,          ///< config reload: `fabricSwitch` runs as it was saved
    };
    net::rdma::PortId port; ///< of a device (which has its port's number) or of a switch; none for transfers
    Verb verb = Verb::ResetCounters;
    std::vector<net::rdma::PortCounter> counters;
    net::rdma::Qos qos;
    net::rdma::PauseWatchdog watchdog;
    net::rdma::RdmaSwitchId fabricSwitch;
    std::int64_t mtu = 0;
    net::rdma::TransferRequest transfer;
    net::rdma::TransferId running;
};
/// What somebody does at the rack.
struct SiteWork {
    enum class Verb : std::uint8_t { ReseatGpu, ReplaceGpu, SwapGpus, RepasteGpu, CleanChassis, ReplaceFans, ReplaceSupply, ReplaceFeed, ReplaceCable, ReplaceDrive, StartCooling };
    Verb verb = Verb::ReseatGpu;
    HostId host;
    std::int64_t slot = -1;  ///< GPU, fan, supply, rail or drive; -1: all
    HostId otherHost;        ///< SwapGpus
    std::int64_t otherSlot = -1;
    std::string name;        ///< StartCooling: the unit; ReplaceCable: an Ethernet card of a storage machine
};
struct Power {
    enum class Verb : std::uint8_t { Off, On, Reboot };
    HostId host;
    Verb verb = Verb::Reboot;
};
struct PullImage { ///< crictl pull; CommandResult::id is the PullId
    HostId host;
    std::string reference;
    std::optional<container::Credentials> credentials;
};
struct RemoveImage {
    HostId host;
    std::string reference;
};
struct ContainerAction { ///< crictl stop, rm, start; Exit: `exit` in a shell that somebody attached to
    enum class Verb : std::uint8_t { Start, Stop, Remove, Exit };
    ContainerId container;
    Verb verb = Verb::Stop;
    Duration grace{};
    std::int64_t exitCode = 0;   ///< Exit
};
struct DockerCall { ///< the docker command line; CommandResult::docker is dockerd's answer
    HostId host;
    container::docker::Request request;
};
struct SpawnProcess { ///< CommandResult::id is the pid
    HostId host;
    host::Process process;
};
/// Any HTTP request that may write (PUT, POST, DELETE, PATCH).
struct HttpCall {
    StackId from;
    std::string method;
    std::string host;
    std::int64_t port = 0;
    std::string path;
    std::map<std::string, std::string> headers;
    std::string body;
};
/// What etcdctl asks of a member that changes something.
struct EtcdCall {
    enum class Verb : std::uint8_t { Compact, Defragment, DisarmAlarms, MoveLeader };
    HostId member;               ///< whose client port is asked
    Verb verb = Verb::Compact;
    std::uint64_t argument = 0;  ///< Compact: the revision; MoveLeader: the member's id
};
/// What ceph and rados ask of the cluster that changes something; CommandResult::text is what its monitors say, id their errno.
struct CephCall {
    enum class Verb : std::uint8_t {
        Administer, ///< `change`
        Write,      ///< rados bench begins: `flow`; CommandResult::id is its number
        EndWrite,   ///< it ends: `running`
    };
    Verb verb = Verb::Administer;
    storage::ceph::Change change;
    storage::ceph::Flow flow;
    std::int64_t running = 0;
};
/// Somebody's own request to a language model: a container of its server or of a router before it. CommandResult::id is its number in
/// serving::Fleet::ask(); the answer comes token by token.
struct AskModel {
    ContainerId to;
    serving::Request request;
};
struct LeaveModel { ///< its client hangs up
    std::uint64_t ask = 0;
};
/// A node whose kubelet runs nothing joins, dies or comes back (sim/kube/fake), or tells what it or its pods use. Die and
/// Revive require a fake node. Draw: when the node is among equally good ones for the pod, it is taken.
struct FakeNode {
    enum class Verb : std::uint8_t { Join, Die, Revive, Use, Draw };
    Verb verb = Verb::Join;
    kube::FakeNode node;          ///< only the name, but to join; Use: with what is used as its capacity
    std::string namespace_;       ///< Use: of pods whose names begin with the name above; empty: the node itself. Draw: of the pod
    std::string pod;              ///< Draw
};
/// Puts a fault of sim/faults' catalogue into the world. Parameters left out are chosen by the seed.
struct InjectFault {
    std::string fault;
    nlohmann::json parameters;
};

} // namespace command

/// The only way to change a world: a value that can be logged and replayed.
struct Command {
    std::variant<command::ApiCall, command::UnitAction, command::Signal, command::WriteFile, command::RemoveFile,
                 command::MakeDirectory, command::RenameFile, command::LinkFile, command::TruncateFile, command::CgroupLimit, command::ChangeMode, command::ImmutableFile,
                 command::MountChange, command::ProcessChange, command::JournalChange, command::ConsoleLine, command::BootDevice, command::LogLine, command::RouteChange, command::InterfaceChange,
                 command::FirewallChange, command::FirewalldChange, command::ConntrackFlush, command::SendDatagram,
                 command::OpenConnection, command::SendBytes, command::CloseConnection, command::GpuChange, command::GpuProgram, command::MpsCall, command::ModuleChange, command::RdmaChange, command::SiteWork, command::Power, command::PullImage, command::RemoveImage,
                 command::ContainerAction, command::DockerCall, command::SpawnProcess, command::HttpCall, command::EtcdCall, command::CephCall, command::AskModel, command::LeaveModel, command::FakeNode, command::InjectFault>
        body;
};

struct CommandResult {
    bool ok = true;
    std::string error;                ///< one line in the tool's own words where it has some: "RTNETLINK answers: File exists"
    std::uint64_t id = 0;             ///< PullId, pid
    kube::Response response;          ///< ApiCall and HttpCall (code, body)
    container::docker::Outcome docker; ///< DockerCall
    std::string text;                 ///< HttpCall's body
    /// What changed, as grading names it: "deployment/shop/checkout", "unit/registry/registry.service",
    /// "firewall/worker-2", "route/worker-2", "file/worker-2/etc/hosts", "process/NAME/PID", "power/NAME", "ceph/osd.3",
    /// "ceph/noout", "ceph/osd/osd_mclock_profile".
    std::vector<std::string> changed;

    static CommandResult failed(std::string why)
    {
        CommandResult result;
        result.ok = false;
        result.error = std::move(why);
        return result;
    }
};

} // namespace sim
