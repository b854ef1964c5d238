#pragma once

#include "sim/engine/engine.h"
#include "sim/engine/ids.h"
#include "sim/net/stack.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::host {

using Pid = std::int64_t;

struct Process {
    Pid pid = 0;
    Pid parent = 1;
    std::string name;                 ///< comm, at most 15 bytes
    std::vector<std::string> command; ///< argv
    std::string user = "root";
    char state = 'S'; ///< as ps prints: R S D Z T I
    Instant started{};
    std::int64_t residentBytes = 0;
    std::int64_t virtualBytes = 0;
    double cpuCores = 0;   ///< what it uses now, in cores
    double cpuSeconds = 0; ///< used up to `cpuSince`
    Instant cpuSince{};
    std::string unit; ///< systemd unit it belongs to
    std::optional<ContainerId> container;
    bool kernelThread = false;
    std::int64_t oomScoreAdjust = 0; ///< -1000 (never) .. 1000
    int pendingSignal = 0;           ///< waits until a stopped process continues
    double syncedBytesPerSecond = 0; ///< what it wants to write to the machine's disk and flush, now
    bool operator==(const Process&) const = default;
};
BOOST_DESCRIBE_STRUCT(Process, (),
                      (pid, parent, name, command, user, state, started, residentBytes, virtualBytes,
                       cpuCores, cpuSeconds, cpuSince, unit, container, kernelThread, oomScoreAdjust,
                       pendingSignal, syncedBytesPerSecond))

struct Unit {
    enum class State : std::uint8_t { Inactive, Activating, Active, Deactivating, Failed };
    std::string name; ///< "kubelet.service"
    std::string description;
    std::string path; ///< "/lib/systemd/system/kubelet.service"
    bool enabled = true;
    State state = State::Inactive;
    std::string subState;           ///< "running", "dead", "failed", "auto-restart", "exited"
    std::string result = "success"; ///< "exit-code", "signal", "start-limit-hit"
    Instant since{};
    Pid mainPid = 0;
    std::vector<std::string> command; ///< ExecStart
    std::string processName;
    std::string user = "root";
    std::int64_t memoryBytes = 0; ///< resident size of its main process once started
    double cpuCores = 0;
    std::string restart = "always";    ///< always, on-failure, no
    Duration restartDelay = 100ms;     ///< RestartSec
    std::int64_t startLimitBurst = 5;  ///< DefaultStartLimitBurst
    Duration startLimitInterval = 10s; ///< DefaultStartLimitIntervalSec
    std::vector<Instant> recentStarts;
    std::int64_t restarts = 0; ///< NRestarts
    std::int64_t exitCode = 0; ///< of the last main process
    std::int64_t exitSignal = 0;
    std::vector<std::string> requires_;
    std::vector<std::string> after;
    std::vector<std::int64_t> listens;      ///< TCP ports its process binds
    std::uint32_t generation = 0;           ///< of pending start/restart events
    std::string documentation;              ///< Documentation=, one URL
    std::string type = "simple";            ///< simple, notify, oneshot, target
    bool killsOnlyMain = false;             ///< KillMode=process: containerd's shims outlive it
    bool remainsAfterExit = false;          ///< of oneshot: "active (exited)"
    std::vector<std::string> wantedBy;      ///< [Install]; empty: a static unit
    std::vector<std::int64_t> listensUdp;   ///< UDP ports its process binds
    std::vector<std::string> requiredFiles; ///< its program exits at start when one is missing
    Duration startTime = 50ms;              ///< until its program is ready (or finds that it cannot run)
    Duration stopTime = 120ms;              ///< from SIGTERM to its end
    std::int64_t oomScoreAdjust = 0;        ///< OOMScoreAdjust=
    double consumedSeconds = 0;             ///< CPU time of the last run
    Pid lastPid = 0;                        ///< main process of the last run
    bool startsAfterStop = false;           ///< a restart waits for the stop
    std::vector<std::string> dropIns;       ///< paths of the .conf files that were read
    Instant loaded{};                       ///< when its files were last read
    double syncedBytesPerSecond = 0;        ///< of its main process, see Process
    bool operator==(const Unit&) const = default;
};
BOOST_DESCRIBE_STRUCT(Unit, (),
                      (name, description, path, enabled, state, subState, result, since, mainPid, command,
                       processName, user, memoryBytes, cpuCores, restart, restartDelay, startLimitBurst,
                       startLimitInterval, recentStarts, restarts, exitCode, exitSignal, requires_, after,
                       listens, generation, documentation, type, killsOnlyMain, remainsAfterExit, wantedBy,
                       listensUdp, requiredFiles, startTime, stopTime, oomScoreAdjust, consumedSeconds,
                       lastPid, startsAfterStop, dropIns, loaded, syncedBytesPerSecond))

struct JournalEntry {
    Instant at{};
    std::string identifier; ///< "kubelet", "containerd", "kernel", "systemd"
    std::string unit;       ///< "kubelet.service"
    Pid pid = 0;
    std::uint8_t priority = 6; ///< syslog: 3 err, 4 warning, 6 info
    std::string message;
    bool operator==(const JournalEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(JournalEntry, (), (at, identifier, unit, pid, priority, message))

struct File {
    enum class Type : std::uint8_t { Regular, Directory, Symlink };
    Type type = Type::Regular;
    std::uint32_t mode = 0644;
    std::string owner = "root";
    std::string group = "root";
    std::string content;   ///< or the target of a symlink
    std::int64_t size = 0; ///< bytes; larger than content for files whose content is not kept
    Instant modified{};
    bool operator==(const File&) const = default;
};
BOOST_DESCRIBE_STRUCT(File, (), (type, mode, owner, group, content, size, modified))

struct Mount {
    std::string device; ///< "/dev/nvme0n1p2", "tmpfs"
    std::string type;   ///< "ext4"
    std::string path;   ///< "/"
    std::int64_t sizeBytes = 0;
    std::int64_t baseUsedBytes = 0; ///< what is not in the file table: the OS, logs before the start
    std::int64_t dataUsedBytes = 0; ///< container images and layers (kept by container::Runtimes)
    std::int64_t inodes = 0;
    std::int64_t baseUsedInodes = 0;
    bool readOnly = false;
    bool operator==(const Mount&) const = default;
};
BOOST_DESCRIBE_STRUCT(Mount, (),
                      (device, type, path, sizeBytes, baseUsedBytes, dataUsedBytes, inodes, baseUsedInodes,
                       readOnly))

/// What the network service sets up at each boot; changes made by hand with `ip` do not survive it.
struct NetworkSetup {
    std::vector<net::Interface> interfaces;
    std::vector<net::Route> routes;
    bool forwarding = false;
    bool operator==(const NetworkSetup&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkSetup, (), (interfaces, routes, forwarding))

/// The kernel's three load averages, exponentially damped over 1, 5 and 15 minutes.
struct LoadAverage {
    double one = 0;
    double five = 0;
    double fifteen = 0;
    Instant at{};
    bool operator==(const LoadAverage&) const = default;
    LoadAverage after(double runnable, Instant now) const;
};
BOOST_DESCRIBE_STRUCT(LoadAverage, (), (one, five, fifteen, at))

struct Machine {
    enum class Power : std::uint8_t { Off, Booting, On };
    HostId id;
    StackId stack;
    std::string name;
    std::string role; ///< "control-plane", "worker", "gpu", "registry", "infra", "bastion"
    std::string osImage = "Debian GNU/Linux 12 (bookworm)";
    std::string kernel = "6.1.0-28-amd64";
    std::string machineId;
    std::string bootId;
    Power power = Power::On;
    Instant booted{};
    std::int64_t cpus = 8;
    std::string cpuModel = "Intel(R) Xeon(R) Platinum 8480+";
    std::int64_t memoryBytes = 0;
    std::int64_t kernelMemoryBytes = 0; ///< used by the kernel itself
    std::int64_t cacheBytes = 0;        ///< page cache
    std::map<Pid, Process> processes;
    Pid nextPid = 1000;
    std::map<std::string, Unit> units;
    std::map<std::string, std::shared_ptr<const File>> files; ///< by absolute path
    std::vector<Mount> mounts;
    std::deque<JournalEntry> journal;           ///< the latest kJournalEntries
    std::uint32_t generation = 0;               ///< of boot events
    std::map<std::string, std::string> sysctls; ///< "vm.swappiness" -> "60"; changes do not survive a boot
    std::map<std::string, std::string> bootSysctls;
    std::shared_ptr<const NetworkSetup> networkSetup; ///< null: the stack keeps what it has
    LoadAverage load;
    static constexpr std::size_t kJournalEntries = 20'000;
    bool operator==(const Machine&) const = default;
    /// Bytes in use on a mount: base + data + files below it.
    std::int64_t usedBytes(const Mount& mount) const;
    /// The mount with the longest path above `path`; one without size and device when there is none.
    const Mount& mountOf(const std::string& path) const;
    std::int64_t usedInodes(const Mount& mount) const;
    std::int64_t memoryUsedBytes() const; ///< kernel + all resident sizes + files in tmpfs + reserved huge pages
    std::int64_t sharedMemoryBytes() const; ///< of files that lie in tmpfs
    std::int64_t hugePageBytes() const;     ///< vm.nr_hugepages, whether used or not
    /// What programs could still get: total less used. The page cache gives way and does not count.
    std::int64_t memoryLeftBytes() const { return memoryBytes - memoryUsedBytes(); }
    /// So little is left that whoever needs a page waits for the kernel to find one: programs stand still most of the
    /// time (vm.min_free_kbytes as khugepaged sets it on x86-64 with two memory zones in use).
    bool starvedOfMemory() const { return memoryBytes > 0 && memoryLeftBytes() < kMinFreeBytes; }
    static constexpr std::int64_t kMinFreeBytes = 67'584 * 1024;
    static constexpr std::int64_t kHugePageBytes = 2 << 20;
    double cpuCoresUsed() const;          ///< at most cpus
    LoadAverage loadAverage(Instant now) const;
    /// What its processes want to write and flush, over what the disk can take; above 1 they wait for each other.
    double diskDemand() const;
    /// What a flush of a small append takes now (fdatasync), for a process below the systemd slice
    /// ("kubepods.slice"): see disk.cpp.
    Duration syncLatency(const std::string& slice) const;
};
BOOST_DESCRIBE_STRUCT(Machine, (),
                      (id, stack, name, role, osImage, kernel, machineId, bootId, power, booted, cpus,
                       cpuModel, memoryBytes, kernelMemoryBytes, cacheBytes, processes, nextPid, units, files,
                       mounts, journal, generation, sysctls, bootSysctls, networkSetup, load))

} // namespace sim::host
