#pragma once

#include "sim/engine/engine.h"
#include "sim/engine/ids.h"
#include "sim/host/boot_state.h"
#include "sim/host/cgroup.h"
#include "sim/host/process.h"
#include "sim/net/stack.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::host {

/// [Mount] of a mount unit; systemd-fstab-generator makes most of them of /etc/fstab.
struct MountSettings {
    std::string what; ///< as it is written: "UUID=...", "/dev/nvme1n1"
    std::string where;
    std::string type;
    std::string options = "defaults";
    bool operator==(const MountSettings&) const = default;
    bool has(std::string_view option) const; ///< "nofail", "noauto", "ro"
};
BOOST_DESCRIBE_STRUCT(MountSettings, (), (what, where, type, options))

/// [Timer] of a timer unit.
struct TimerSettings {
    std::vector<std::string> onCalendar; ///< see nextElapse()
    std::optional<Duration> onBoot;
    std::optional<Duration> onActive;
    std::optional<Duration> onUnitActive;
    bool persistent = false;
    std::string triggers; ///< Unit=; the service of the same name otherwise
    Instant last{};       ///< when it last elapsed
    Instant next{};       ///< when it will; the epoch: never
    bool operator==(const TimerSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(TimerSettings, (), (onCalendar, onBoot, onActive, onUnitActive, persistent, triggers, last, next))

/// What a unit's program does beside waiting, each time that it runs. With `file` only when that file had the text
/// `contains` at the start: a setting that somebody may put right.
struct Workload {
    std::string file;
    std::string contains;
    double cpuCores = 0;
    double systemShare = 0.25;
    double growthBytesPerSecond = 0; ///< anonymous memory that it never gives back
    double readBytesPerSecond = 0;   ///< of each process, from the disk
    double syncedBytesPerSecond = 0; ///< of each process
    std::int64_t threads = 1;        ///< of its main process; the CPU time is theirs in equal parts
    std::string threadName;          ///< "worker-{n}"
    std::int64_t processes = 0;      ///< children that do the same input and output as the main one
    double childCores = 0;           ///< of each child
    std::string childCommand;        ///< their command line; empty: as the main one's
    std::int64_t nice = 0;
    double switchesPerSecond = 0;
    std::map<std::string, double> systemCalls; ///< per second
    std::vector<std::string> logLines;         ///< what its main process prints, in turn: see logTurn() (workload.h)
    double logLinesPerSecond = 0;
    bool operator==(const Workload&) const = default;
    bool empty() const { return *this == Workload{}; }
};
BOOST_DESCRIBE_STRUCT(Workload, (),
                      (file, contains, cpuCores, systemShare, growthBytesPerSecond, readBytesPerSecond, syncedBytesPerSecond,
                       threads, threadName, processes, childCores, childCommand, nice, switchesPerSecond, systemCalls, logLines,
                       logLinesPerSecond))

/// Of one setting: RuntimeDirectory=, StateDirectory=, CacheDirectory= or LogsDirectory=.
struct MadeFolders {
    std::vector<std::string> names; ///< below the root of their kind
    std::uint32_t mode = 0755;
    bool operator==(const MadeFolders&) const = default;
};
BOOST_DESCRIBE_STRUCT(MadeFolders, (), (names, mode))

/// Folders that systemd makes for a service at its start, with its User= as the owner (systemd.exec(5)), and the one that must
/// be there.
struct UnitFolders {
    std::map<std::string, MadeFolders> made; ///< by where they lie: "/run", "/var/lib", "/var/cache", "/var/log"
    std::string keepsRuntime = "no";         ///< RuntimeDirectoryPreserve=: no, restart, yes
    std::string data;                        ///< its program ends at start when this one is missing; empty: needs none
    bool operator==(const UnitFolders&) const = default;
};
BOOST_DESCRIBE_STRUCT(UnitFolders, (), (made, keepsRuntime, data))

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
    std::string type = "simple";            ///< simple, notify, oneshot; target, mount, timer
    bool killsOnlyMain = false;             ///< KillMode=process: containerd's shims outlive it
    bool remainsAfterExit = false;          ///< of oneshot: "active (exited)"
    std::vector<std::string> wantedBy;      ///< [Install]; empty: a static unit
    std::vector<std::int64_t> listensUdp;   ///< UDP ports its process binds
    Duration startTime = 50ms;              ///< until its program is ready (or finds that it cannot run)
    Duration stopTime = 120ms;              ///< from SIGTERM to its end
    std::int64_t oomScoreAdjust = 0;        ///< OOMScoreAdjust=
    double consumedSeconds = 0;             ///< CPU time of the last run
    Pid lastPid = 0;                        ///< main process of the last run
    bool startsAfterStop = false;           ///< a restart waits for the stop
    std::vector<std::string> dropIns;       ///< paths of the .conf files that were read
    Instant loaded{};                       ///< when its files were last read
    double syncedBytesPerSecond = 0;        ///< of its main process, see Process
    std::vector<std::string> wants;         ///< Wants=
    bool masked = false;                    ///< its file in /etc is a link to /dev/null
    Instant activating{};                   ///< when its last start began
    MountSettings mount;
    TimerSettings timer;
    std::int64_t cpuWeight = 0;             ///< CPUWeight=; 0: not set
    double cpuQuotaCores = 0;               ///< CPUQuota=; 0: none
    std::int64_t memoryMax = 0;             ///< MemoryMax=; 0: infinity
    std::int64_t openFilesLimit = 0;        ///< LimitNOFILE=, soft; 0: the default
    Workload workload;
    UnitFolders folders;
    bool operator==(const Unit&) const = default;
};
BOOST_DESCRIBE_STRUCT(Unit, (),
                      (name, description, path, enabled, state, subState, result, since, mainPid, command,
                       processName, user, memoryBytes, cpuCores, restart, restartDelay, startLimitBurst,
                       startLimitInterval, recentStarts, restarts, exitCode, exitSignal, requires_, after,
                       listens, generation, documentation, type, killsOnlyMain, remainsAfterExit, wantedBy,
                       listensUdp, startTime, stopTime, oomScoreAdjust, consumedSeconds,
                       lastPid, startsAfterStop, dropIns, loaded, syncedBytesPerSecond, wants, masked, activating, mount,
                       timer, cpuWeight, cpuQuotaCores, memoryMax, openFilesLimit, workload, folders))

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
    std::uint64_t inode = 0; ///< 0: nobody has asked for it; see inodeOf()
    std::int64_t links = 1;  ///< paths that share the inode
    bool immutable = false;  ///< chattr +i
    bool operator==(const File&) const = default;
};
BOOST_DESCRIBE_STRUCT(File, (), (type, mode, owner, group, content, size, modified, inode, links, immutable))

/// A file without a name that lives on because a process holds it open; keyed by its inode.
struct UnlinkedFile {
    std::string path; ///< its last one
    std::shared_ptr<const File> file;
    bool operator==(const UnlinkedFile& other) const { return path == other.path && *file == *other.file; }
};
BOOST_DESCRIBE_STRUCT(UnlinkedFile, (), (path, file))

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
    std::string options; ///< beside rw and ro, as /proc/mounts shows them: "relatime,errors=remount-ro"; empty: "relatime"
    bool operator==(const Mount&) const = default;
    bool has(std::string_view option) const; ///< "noexec", "nosuid"
};
BOOST_DESCRIBE_STRUCT(Mount, (),
                      (device, type, path, sizeBytes, baseUsedBytes, dataUsedBytes, inodes, baseUsedInodes,
                       readOnly, options))

/// A disk or partition, mounted or not.
struct BlockDevice {
    std::string path; ///< "/dev/nvme0n1p2"
    std::string disk; ///< that it is a part of, "/dev/nvme0n1"; its own path for a whole disk
    std::string uuid; ///< empty: no filesystem
    std::string type; ///< "ext4", "vfat", "swap"; empty: none
    std::string label;
    std::int64_t sizeBytes = 0;
    Mount filesystem; ///< figures of what lies on it while it is not mounted
    bool operator==(const BlockDevice&) const = default;
};
BOOST_DESCRIBE_STRUCT(BlockDevice, (), (path, disk, uuid, type, label, sizeBytes, filesystem))

/// One of the kernel's slab caches beyond what every machine has (see memoryFigures()).
struct SlabCache {
    std::int64_t objectBytes = 0;
    std::int64_t objects = 0;
    bool reclaimable = false;        ///< given back under pressure, like the page cache
    double growthObjectsPerSecond = 0;
    std::string unit;                ///< grows only while this unit runs, after a boot too; empty: always, until the next boot
    bool held = false;               ///< its objects hang on descriptors of the unit's process and go with it
    Pid holder = 0;                  ///< that process; 0: none yet
    std::int64_t bytes() const { return objects * objectBytes; }
    bool operator==(const SlabCache&) const = default;
};
BOOST_DESCRIBE_STRUCT(SlabCache, (), (objectBytes, objects, reclaimable, growthObjectsPerSecond, unit, held, holder))

/// What a file or device begins with that mkswap(8) has prepared (the kernel looks for it at the end of the first page).
inline constexpr std::string_view kSwapSignature = "SWAPSPACE2";

struct SwapArea {
    std::string path; ///< "/dev/nvme0n1p3", "/swapfile"
    std::string type = "partition"; ///< partition, file
    std::int64_t sizeBytes = 0;
    std::int64_t priority = -2;
    bool operator==(const SwapArea&) const = default;
};
BOOST_DESCRIBE_STRUCT(SwapArea, (), (path, type, sizeBytes, priority))

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

/// Counters of the whole machine since its boot, as /proc/stat and /proc/vmstat give them. Brought up to date with the
/// processes' own (RateChange).
struct MachineTotals {
    double userSeconds = 0;
    double systemSeconds = 0;
    double waitSeconds = 0;  ///< idle, with a task waiting for a disk
    double readBytes = 0;
    double writtenBytes = 0;
    std::int64_t outOfMemoryKills = 0;
    std::int64_t forks = 0;
    bool operator==(const MachineTotals&) const = default;
};
BOOST_DESCRIBE_STRUCT(MachineTotals, (), (userSeconds, systemSeconds, waitSeconds, readBytes, writtenBytes, outOfMemoryKills, forks))

using FileTable = std::map<std::string, std::shared_ptr<const File>>; ///< by absolute path

struct Machine {
    enum class Power : std::uint8_t { Off, Booting, On };
    HostId id;
    StackId stack;
    std::string name;
    std::string role; ///< "control-plane", "worker", "gpu", "registry", "infra", "bastion", "server", "router", "docker", "outside"
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
    std::map<std::uint64_t, UnlinkedFile> unlinked;           ///< by inode
    std::uint64_t nextInode = 1'000'000;
    std::vector<Mount> mounts;
    std::deque<JournalEntry> journal;           ///< the latest kJournalEntries
    std::uint32_t generation = 0;               ///< of boot events
    std::map<std::string, std::string> sysctls; ///< "vm.swappiness" -> "60"; changes do not survive a boot
    std::map<std::string, std::string> bootSysctls;
    std::shared_ptr<const NetworkSetup> networkSetup; ///< null: the stack keeps what it has
    LoadAverage load;
    Pressure pressure;
    MachineTotals totals;
    std::map<std::string, Cgroup> cgroups;     ///< by path, "/system.slice/web.service": those with limits or a history
    std::map<std::string, SlabCache> slabs;    ///< by name
    std::vector<SwapArea> swaps;
    bool growing = false;                      ///< a growth event is pending
    Boot boot;
    Console console;
    std::vector<PastBoot> pastBoots;           ///< oldest first, as far as the journal reaches back
    std::vector<BlockDevice> devices;
    std::map<std::string, FileTable> stowed;   ///< files of unmounted devices (by device) and under mounts ("under " + path)
    std::int64_t journalBytes = 0;             ///< in the active journal file (see journal_files.h)
    double journalBytesPerSecond = 0;          ///< chatter that is not kept line by line
    std::int64_t journalSequence = 0;          ///< of the next archive's name
    static constexpr std::size_t kJournalEntries = 20'000;
    bool operator==(const Machine&) const = default;
    /// Bytes in use on a mount: base + data + files below it.
    std::int64_t usedBytes(const Mount& mount) const;
    /// The mount with the longest path above `path`; one without size and device when there is none.
    const Mount& mountOf(const std::string& path) const;
    /// By path, or as fstab(5) names devices: "UUID=...", "LABEL=...". Null: there is none.
    const BlockDevice* deviceOf(std::string_view name) const;
    std::int64_t usedInodes(const Mount& mount) const;
    std::int64_t memoryUsedBytes() const; ///< kernel + all resident sizes + files in tmpfs + reserved huge pages
    std::int64_t sharedMemoryBytes() const; ///< of files that lie in tmpfs
    std::int64_t hugePageBytes() const;     ///< vm.nr_hugepages, whether used or not
    /// What programs could still get: total less used. The page cache gives way and does not count.
    std::int64_t memoryLeftBytes() const { return memoryBytes - (memoryUsedBytes() - swapUsedBytes()); }
    std::int64_t swapBytes() const;
    /// Anonymous pages that do not fit beside the rest; the kernel swaps from kSwapsAbove of its memory on.
    std::int64_t swapUsedBytes() const;
    std::int64_t unreclaimableSlabBytes() const; ///< of `slabs`
    /// So little is left that whoever needs a page waits for the kernel to find one: programs stand still most of the
    /// time (vm.min_free_kbytes as khugepaged sets it on x86-64 with two memory zones in use).
    bool starvedOfMemory() const { return memoryBytes > 0 && memoryLeftBytes() < kMinFreeBytes; }
    static constexpr std::int64_t kMinFreeBytes = 67'584 * 1024;
    /// What a starved machine's programs still get done: nearly all their time goes by in page faults.
    static constexpr double kStarvedShare = 0.05;
    static constexpr std::int64_t kHugePageBytes = 2 << 20;
    static constexpr double kSwapsAbove = 0.96;
    double cpuCoresUsed() const;          ///< granted to processes now; at most cpus
    /// Tasks that wait for the disk now, on average.
    double tasksWaitingForDisk() const;
    /// What the load averages go towards: tasks that run, could run, or wait for the disk.
    double activeTasks() const;
    /// Of all threads, those that run or could run at this instant: /proc/loadavg, procs_running of /proc/stat.
    std::int64_t runningTasks() const;
    bool slabGrows(const SlabCache& cache) const; ///< now
    LoadAverage loadAverage(Instant now) const;
    /// What its processes want to read, and to write and flush, over what the disk can take; above 1 they wait for each other.
    double diskDemand() const;
    /// What a flush of a small append takes now (fdatasync), for a process below the systemd slice
    /// ("kubepods.slice"): see disk.cpp.
    Duration syncLatency(const std::string& slice) const;
};
BOOST_DESCRIBE_STRUCT(Machine, (),
                      (id, stack, name, role, osImage, kernel, machineId, bootId, power, booted, cpus,
                       cpuModel, memoryBytes, kernelMemoryBytes, cacheBytes, processes, nextPid, units, files,
                       mounts, journal, generation, sysctls, bootSysctls, networkSetup, load, unlinked, nextInode, pressure, totals,
                       cgroups, slabs, swaps, growing, boot, console, pastBoots, devices, stowed, journalBytes, journalBytesPerSecond,
                       journalSequence))

/// Whoever changes what processes of a machine use holds one meanwhile: it settles all counters (CPU time, bytes,
/// averages) up to `now`, and at its end shares the processors among the processes anew.
class RateChange {
public:
    RateChange(Machine& machine, Instant now);
    ~RateChange();
    RateChange(const RateChange&) = delete;
    RateChange& operator=(const RateChange&) = delete;

private:
    Machine& m_machine;
};

/// Shares the processors: first among control groups by weight and quota, then among a group's processes, max-min
/// fairly (cpu.cpp). Sets Process::cpuGranted and Cgroup::throttledShare.
void shareProcessors(Machine& machine);

} // namespace sim::host
