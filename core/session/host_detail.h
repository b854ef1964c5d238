#pragma once

#include "core/session/look_pace.h"
#include "sim/engine/time.h"
#include "sim/world/frame.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim {
class World;
}
namespace sim::host {
struct Machine;
}

// What the window's views into one machine show. None of it is in a frame unless a view asks: a frame stays cheap. All
// of it is a function of the world's state, as the machine's own tools read it.
namespace core::session {

/// What a flame graph weighs.
enum class FlameKind : std::uint8_t { Cpu, Allocations, Locks, Waiting };

/// What the open view wants to see.
struct HostInterest {
    bool machine = false;
    bool groups = false;
    bool images = false;
    bool hooks = false;
    bool flames = false;
    bool boot = false;
    std::string host;             ///< the chosen machine; empty: none yet, only the list of machines
    std::string image;            ///< of images: "docker.io/library/nginx:1.27"; empty: the first one
    std::string from;             ///< of hooks: a container of the machine; empty: the machine itself
    std::string to;               ///< of hooks: a name or an address; empty: no walk yet
    std::string protocol = "tcp"; ///< "tcp", "udp", "icmp"
    std::int64_t port = 80;
    std::int64_t pid = 0; ///< of flames; 0: the machine's first program
    FlameKind flame = FlameKind::Cpu;
    bool sinceStart = false; ///< of FlameKind::Cpu: all that was used so far, not what is used now
    bool operator==(const HostInterest&) const = default;
};

/// What grading is told when it is seen: the text as the machine's own tools print it, named as their reading is.
struct Reading {
    std::string what; ///< "processes"
    std::string text;
    std::vector<std::string> reads; ///< "host/app-1"
    std::string shape;              ///< what is worth telling anew when it changes: without figures that tremble
};

struct ProcessDetail {
    std::int64_t pid = 0;
    std::int64_t parent = 0;
    std::string user;
    char state = 'S';      ///< as ps prints: R S D Z T I
    double cpuPercent = 0; ///< of one core, now
    std::int64_t residentBytes = 0;
    std::int64_t threads = 1;
    std::string name;
    std::string command; ///< "[name]" for kernel threads and zombies
    std::string unit;
    std::string container; ///< name of the container it runs in
    bool kernelThread = false;
};

struct CpuDetail {
    std::int64_t count = 0;
    double user = 0, nice = 0, system = 0, wait = 0, idle = 100; ///< per cent of all
    double load1 = 0, load5 = 0, load15 = 0;
    std::int64_t runnable = 0;
    std::int64_t blocked = 0;
};

/// /proc/pressure: shares of time in per cent.
struct PressureDetail {
    double some10 = 0, some60 = 0;
    double full10 = 0, full60 = 0;
};

struct MemoryDetail {
    std::int64_t total = 0, used = 0, cache = 0, slab = 0, free = 0; ///< the four are the total
    std::int64_t available = 0;
    std::int64_t swapTotal = 0, swapUsed = 0;
    std::int64_t outOfMemoryKills = 0; ///< since the boot
};

struct FilesystemDetail {
    std::string device, type, path;
    std::int64_t bytes = 0, usedBytes = 0, freeBytes = 0; ///< free: what others than root may take
    std::int64_t inodes = 0, usedInodes = 0;              ///< 0: it has none to count
    bool readOnly = false;
    bool physical = false; ///< lies on a disk
};

struct DiskDetail {
    std::string name;
    double utilisation = 0; ///< 0..1
    double queue = 0;       ///< requests in flight, on average
    double readsPerSecond = 0, writesPerSecond = 0;
    double readBytesPerSecond = 0, writeBytesPerSecond = 0;
    double readMilliseconds = 0, writeMilliseconds = 0, flushMilliseconds = 0;
};

/// Sockets alike: of one state, program and peer.
struct SocketDetail {
    std::string state; ///< "LISTEN", "ESTAB", "TIME-WAIT", as ss prints it
    std::string program;
    std::string local; ///< "0.0.0.0:8080"; without the port where the ports differ
    std::string peer;  ///< "10.1.0.41:5432"
    std::int64_t count = 1;
    std::int64_t receiveQueue = 0, sendQueue = 0; ///< of all
    std::int64_t retransmits = 0;                 ///< of the worst one, in a row
};

struct KernelLine {
    sim::Instant at{};
    std::uint8_t priority = 6; ///< syslog
    std::string text;
};

struct MachineDetail {
    std::string role, system, kernel, cpuModel, address;
    sim::Instant booted{};
    CpuDetail cpu;
    PressureDetail cpuPressure, memoryPressure, ioPressure;
    MemoryDetail memory;
    std::vector<ProcessDetail> processes; ///< by pid
    DiskDetail disk;
    std::vector<FilesystemDetail> filesystems;
    std::vector<SocketDetail> sockets; ///< by state and peer
    std::vector<KernelLine> kernelLog; ///< newest last
    Reading figuresRead, processesRead, disksRead, socketsRead, kernelRead;
};

struct GroupDetail {
    std::string path;  ///< "/system.slice/nginx.service"
    std::string label; ///< its last part, or the container or pod that it stands for
    int parent = -1;   ///< index of the group above, which comes before
    std::int64_t tasks = 0;
    double cpuCores = 0;    ///< used now
    double cpuMaxCores = 0; ///< cpu.max; 0: max
    std::int64_t cpuWeight = 100;
    double throttledShare = 0; ///< of its periods now
    double throttledSeconds = 0;
    std::int64_t memoryBytes = 0;
    std::int64_t memoryMax = 0; ///< 0: max
    std::int64_t memoryHigh = 0;
    std::int64_t memoryPeak = 0;
    std::int64_t maxEvents = 0; ///< memory.events: max
    std::int64_t oomKills = 0;
    std::int64_t pidsMax = 0;
    std::int64_t forksRefused = 0;
};

struct NamespaceDetail {
    std::string kind; ///< "net"
    std::uint64_t inode = 0;
    bool initial = false; ///< the machine's own
    std::int64_t processes = 0;
    std::vector<std::string> sharedBy; ///< programs, units and containers in it, first ones first
};

struct GroupsDetail {
    std::vector<GroupDetail> groups; ///< depth first
    std::vector<NamespaceDetail> namespaces;
    Reading groupsRead, namespacesRead;
};

struct LayerDetail {
    std::string digest;
    std::string createdBy; ///< the build's step; empty: not known
    std::string folder;    ///< of overlay2; empty: not on this disk by itself
    std::int64_t bytes = 0;
    std::int64_t shadowedBytes
        = 0; ///< of files that a layer above replaces or hides: they are carried, nobody sees them
    std::vector<std::string> adds, shadows, hides; ///< paths that it brings, replaces and takes away
    std::int64_t images = 1;                       ///< of this machine that have it
    bool writable = false;                         ///< a container's own
};

struct ImageHead {
    std::string reference;
    std::string id; ///< short
    std::int64_t bytes = 0;
    std::int64_t ownBytes = 0; ///< of layers that no other image here has
    std::int64_t containers = 0;
};

struct ImageUser {
    std::string name;
    std::string state; ///< "running", "exited"
    std::int64_t writableBytes = 0;
    std::string upper; ///< folder of its own layer
};

struct ImagesDetail {
    enum class Store : std::uint8_t { None, Docker, Containerd };
    Store store = Store::None;
    std::vector<ImageHead> images;
    std::string chosen;              ///< reference of the image that follows; empty: there is none
    std::vector<LayerDetail> layers; ///< of the chosen image, lowest first
    std::vector<ImageUser> users;
    std::int64_t bytes = 0;       ///< of all layers on the disk, each once
    std::int64_t wastedBytes = 0; ///< shadowed, of the chosen image
    std::string mountOptions;     ///< of the first container that runs: "lowerdir=...,upperdir=..."
    Reading read;
};

struct HookDetail {
    std::string hook;  ///< "prerouting", "input", "forward", "output", "postrouting"
    std::string table; ///< "raw", "conntrack", "mangle", "nat", "filter", "routing", "device"
    std::string verdict;
    std::string rule;     ///< "INPUT rule 3"
    std::string ruleText; ///< as iptables -S or ip route prints it; empty: no rule decided
    std::string comment;
    std::string packet;   ///< "10.1.0.21 → 10.1.0.41:5432", as it stands afterwards
    bool changed = false; ///< the addresses are not those of the step before
    bool stopped = false;
};

struct HookPlace {
    std::string name; ///< of the machine or container whose kernel it meets
    std::vector<HookDetail> steps;
    bool closed = false; ///< somebody else's machine: nobody here can look inside
};

struct HooksDetail {
    std::vector<std::string> sources;      ///< containers of the machine with a network namespace of their own
    std::vector<std::string> destinations; ///< machines and their open ports: "app-1:8080"
    std::string problem;                   ///< kNoSource, kNoName; empty: none
    std::string resolved;                  ///< "pay.example.net → 203.0.113.10"
    bool asked = false;
    std::vector<HookPlace> places; ///< in the order in which the packet meets them
    bool delivered = false;
    std::string verdict; ///< "delivered", "connection refused", "timed out", ...
    std::string stoppedBy;
    double rttMilliseconds = 0;
    Reading read;

    static constexpr const char* kNoSource = "source";
    static constexpr const char* kNoName = "name";
};

struct ProgramHead {
    std::int64_t pid = 0;
    std::string name;
    std::string version;
    std::string language; ///< "Go", "Java", "Python", "native"
};

struct FlameStack {
    std::vector<std::string> frames; ///< root first
    double value = 0;
};

struct FlamesDetail {
    std::vector<ProgramHead> programs;
    std::int64_t pid = 0; ///< 0: there is none
    FlameKind kind = FlameKind::Cpu;
    bool sinceStart = false;
    std::string unit;   ///< "samples", "bytes", "seconds", "threads", "goroutines"
    double seconds = 0; ///< of CPU: length of the record
    std::vector<FlameStack> stacks;
    Reading read;
};

struct BootBar {
    std::string name;
    sim::Instant begin{};
    sim::Instant end{};
    bool phase = false; ///< "firmware", "loader", "kernel", "initrd"
    bool ok = true;
    bool running = false;   ///< has not ended yet
    bool critical = false;  ///< on the critical chain
    std::vector<int> after; ///< indices of bars that it waited for
};

struct BootDetail {
    std::string stage; ///< "running", "emergency", "menu", ...
    std::string target;
    std::string entry; ///< what GRUB started
    sim::Instant began{};
    sim::Instant finished{}; ///< the epoch: not yet
    double firmwareSeconds = 0, loaderSeconds = 0, kernelSeconds = 0, userspaceSeconds = 0;
    std::vector<BootBar> bars;         ///< by their begin
    std::vector<std::string> waitsFor; ///< mounts that it waits for now
    std::vector<std::string> failed;   ///< units
    std::vector<std::string> console;  ///< its last lines
    Reading read;
};

/// All that was asked for; the rest is null.
struct HostDetail {
    std::vector<std::string> machines; ///< that the learner may log in to
    std::string host;
    bool answers = false; ///< it runs, and its network does: there is something to read (boot and console come by the
                          ///< management controller)
    std::shared_ptr<const MachineDetail> machine;
    std::shared_ptr<const GroupsDetail> groups;
    std::shared_ptr<const ImagesDetail> images;
    std::shared_ptr<const HooksDetail> hooks;
    std::shared_ptr<const FlamesDetail> flames;
    std::shared_ptr<const BootDetail> boot;
};

/// The machine runs and its network is up.
bool answersNow(const sim::World& world, const sim::host::Machine& machine);

// One function for each view. Requires: the machine is one of the world's.
MachineDetail machineOf(const sim::World& world, const sim::host::Machine& machine);
GroupsDetail groupsOf(const sim::World& world, const sim::host::Machine& machine);
ImagesDetail imagesOf(const sim::World& world, const sim::host::Machine& machine, const HostInterest& interest);
HooksDetail hooksOf(const sim::World& world, const sim::host::Machine& machine, const HostInterest& interest);
FlamesDetail flamesOf(const sim::World& world, const sim::host::Machine& machine, const HostInterest& interest);
BootDetail bootOf(const sim::World& world, const sim::host::Machine& machine);

/// Builds what is asked for, at LookPace.
class HostDetailer {
public:
    /// `still`: time stands still, so that nothing may be left for the next frame.
    std::shared_ptr<const HostDetail> look(const sim::World& world, const HostInterest& interest, bool still);
    /// Another world: nothing built so far counts.
    void forget() { *this = HostDetailer(); }

private:
    std::shared_ptr<const HostDetail> m_last;
    std::shared_ptr<const HostInterest> m_asked;
    LookPace m_pace;
};

} // namespace core::session
