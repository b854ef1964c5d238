#pragma once

#include "sim/host/machine.h"
#include "sim/net/network.h"

#include <string>
#include <variant>
#include <vector>

namespace sim::host {

struct Errand;

/// What other parts must know; drained by the world after each event.
struct ProcessExited {
    HostId host;
    Process process;
    std::int64_t exitCode = 0; ///< 128+signal for a signal
    std::int64_t signal = 0;
    bool outOfMemory = false; ///< killed by the kernel's OOM killer
};
struct UnitChanged {
    HostId host;
    std::string unit;
    Unit::State state = Unit::State::Inactive;
};
struct PowerChanged {
    HostId host;
    bool on = false; ///< true: systemd has reached multi-user.target
};
using Notice = std::variant<ProcessExited, UnitChanged, PowerChanged>;

/// Kinds of Part::Host events. Target is the host. Units' arguments hold the hash of the name above 32 bits
/// of generation; Process's the pid, with signal and exit code above; the machine's own the boot generation.
enum class HostEvent : std::uint16_t {
    UnitReady,
    UnitRestart,
    UnitFails,
    ProcessEnds,
    BootKernel,
    BootUserspace,
    BootUnit,
    BootDone,
    PowerCycle,
    Grow,
    BootLoader,    ///< the firmware hands over to GRUB
    BootRoot,      ///< the kernel looks for its root filesystem
    TimerElapses,  ///< of a timer unit
    CronMinute
};

enum class FileError : std::uint8_t {
    None,
    NoEntry,
    Access,
    Exists,
    NotDirectory,
    IsDirectory,
    NoSpace,
    ReadOnly,
    NotEmpty,
    CrossDevice,
    NotPermitted,
    Invalid
};

/// Where a new process is counted: its unit's, its parent's, or a login session's control group.
std::string cgroupOf(const Machine& machine, const Process& process);
/// Gives threads without a number one, and counts them.
void nameThreads(Machine& machine, Process& process);
/// A runtime that reserves its heap at start has it in its address space (VmSize) long before it fills it: Java's -Xmx.
void reserveHeap(const Machine& machine, Process& process);
/// Threads that a program has which does nothing: runtimes of Go and Java start theirs at once.
std::int64_t usualThreads(const Machine& machine, const std::vector<std::string>& command);
/// The inode number of a path, made up the first time that somebody asks. Requires: the path is in the file table.
std::uint64_t inodeOf(Machine& machine, const std::string& path);
/// Opens a file for a process: the descriptor's place in its table is filled in. Requires: the path is in the file table.
void openFile(Machine& machine, Process& process, OpenFile file);
/// Forgets files without a name that no process has open any more.
void dropUnlinked(Machine& machine);

/// Machines: processes, units, files, journal, power. No networking of its own beyond binding the ports
/// of its processes in net::Network.
class Hosts {
public:
    HostId add(Machine machine); ///< assigns the id
    const Machine& at(HostId id) const;
    Machine& at(HostId id);
    const Machine* find(std::string_view name) const;
    const std::vector<Machine>& all() const { return m_machines; }

    Pid spawn(Engine& engine, HostId host, Process process); ///< assigns the pid and the start time
    /// Sends a signal: TERM and KILL end it (pid 1 and kernel threads ignore), STOP/CONT change its state,
    /// HUP/others follow their default. False: no such process.
    bool signal(Engine& engine, net::Network& network, HostId host, Pid pid, int signal);
    /// The process ends by itself.
    void exit(Engine& engine, net::Network& network, HostId host, Pid pid, int exitCode, int signal = 0,
              bool outOfMemory = false);

    /// systemctl's verbs. Starting is refused for unknown units (false). Restart policies, start limits
    /// and journal lines are systemd's.
    bool startUnit(Engine& engine, net::Network& network, HostId host, const std::string& unit);
    bool stopUnit(Engine& engine, net::Network& network, HostId host, const std::string& unit);
    bool restartUnit(Engine& engine, net::Network& network, HostId host, const std::string& unit);
    bool unitActive(HostId host, const std::string& unit) const;
    /// Active, ready, and its main process is neither stopped (SIGSTOP) nor stuck.
    bool unitResponds(HostId host, const std::string& unit) const;
    /// Prints as systemctl does when it made or removed a symlink; empty when nothing changed.
    std::string enableUnit(Engine& engine, HostId host, const std::string& unit, bool enabled);
    /// A link to /dev/null in /etc, or its removal; what systemctl prints of it.
    std::string maskUnit(Engine& engine, HostId host, const std::string& unit, bool masked);
    std::string setDefaultTarget(Engine& engine, HostId host, const std::string& target);
    /// Reads the unit files and drop-ins of /etc and /lib/systemd/system anew.
    void daemonReload(Engine& engine, HostId host);
    /// Back to inactive, and the start limit counts from zero. False: unknown unit.
    bool resetFailed(Engine& engine, HostId host, const std::string& unit);
    /// The unit's files are newer than what systemd has read.
    bool needsDaemonReload(HostId host, const std::string& unit) const;

    void powerOff(Engine& engine, net::Network& network, HostId host); ///< at once, all processes gone
    void powerOn(Engine& engine, net::Network& network, HostId host); ///< boots: about 40 s, then units start
    void reboot(Engine& engine, net::Network& network, HostId host);  ///< orderly: stops units first

    void log(Engine& engine, HostId host, std::string identifier, std::string unit, Pid pid,
             std::uint8_t priority, std::string message);

    /// Parent directories must exist, the filesystem must have room. `size` below the content's is ignored.
    FileError writeFile(Engine& engine, HostId host, const std::string& path, std::string content,
                        bool append, std::uint32_t mode = 0644, std::int64_t size = 0);
    /// Permission bits and owner ("user:group", empty: unchanged). Follows symlinks.
    FileError changeMode(HostId host, const std::string& path, std::optional<std::uint32_t> mode,
                         const std::string& owner);
    FileError makeDirectory(Engine& engine, HostId host, const std::string& path, bool parents = false);
    /// A file that a process holds open keeps its blocks until it is closed (Machine::unlinked).
    FileError remove(Engine& engine, HostId host, const std::string& path, bool recursive = false);
    /// rename(2), folders with all below them; replaces a file at `to`. Requires both on one mount for it to be a rename:
    /// CrossDevice otherwise.
    FileError rename(Engine& engine, HostId host, const std::string& from, const std::string& to);
    /// A hard link. Access for folders.
    FileError link(Engine& engine, HostId host, const std::string& from, const std::string& to);
    FileError symlink(Engine& engine, HostId host, const std::string& target, const std::string& path);
    /// ftruncate(2) of a path or of "/proc/PID/fd/N"; bytes whose content is not kept count too.
    FileError truncate(Engine& engine, HostId host, const std::string& path, std::int64_t size);
    /// Follows symlinks. Virtual files of /proc and /sys are made up from state.
    std::optional<File> read(HostId host, const std::string& path, Instant now) const;
    /// The same without following the last symlink.
    std::optional<File> inspect(HostId host, const std::string& path, Instant now) const;
    /// Names in a directory, sorted; nothing when it is none.
    std::optional<std::vector<std::string>> list(HostId host, const std::string& path, Instant now) const;

    /// The attribute that chattr +i sets: nobody changes, renames or removes the file.
    FileError setImmutable(HostId host, const std::string& path, bool immutable);

    /// mount(8): attaches a device's filesystem; what lay under the mount point is hidden meanwhile. The error is mount's own
    /// words behind "mount: ", empty on success. `mount.device` may be as fstab names it.
    std::string mount(Engine& engine, HostId host, const MountSettings& mount);
    std::string remount(Engine& engine, HostId host, const std::string& path, const std::string& options);
    std::string unmount(Engine& engine, HostId host, const std::string& path);
    /// swapon(8) and swapoff(8): the error behind "swapon: "; empty on success.
    std::string swapOn(HostId host, const std::string& path);
    std::string swapOff(Engine& engine, HostId host, const std::string& path);

    /// What somebody types at the machine's console where no shell runs: GRUB's menu (a number, "c", "e") and prompt, the
    /// initramfs' shell, the question before the emergency shell. The answer is what appears.
    std::string typeAtConsole(Engine& engine, net::Network& network, HostId host, const std::string& line);
    /// systemctl isolate, default: goes to a target; from emergency or rescue mode the boot goes on.
    bool isolate(Engine& engine, net::Network& network, HostId host, const std::string& target);
    /// One boot goes elsewhere: "pxe", "cdrom", "bios"; "disk" or nothing: as usual.
    void overrideBootDevice(HostId host, std::string device) { at(host).boot.bootDevice = std::move(device); }

    /// journalctl --rotate and --vacuum-*: the archived files that went, with their sizes.
    void rotateJournal(Engine& engine, HostId host);
    std::vector<std::pair<std::string, std::int64_t>> vacuumJournal(Engine& engine, HostId host, std::int64_t keepBytes, Duration keepTime);

    /// Starts the minute's tick of cron; once per boot.
    void watchCron(Engine& engine, HostId host);
    /// Arms a timer unit by its settings; nothing for other units.
    void armTimer(Engine& engine, HostId host, Unit& unit);

    /// Kernel parameters as sysctl(8) and /proc/sys set them. False: no such key.
    bool setSysctl(Engine& engine, net::Network& network, HostId host, const std::string& key,
                   const std::string& value);
    /// Brings the network stack in line with Machine::sysctls: call it after a write below /proc/sys.
    void applySysctls(Engine& engine, net::Network& network, HostId host);

    /// Changes what a process is or wants; counters up to now are settled first. Nothing happens when it is gone.
    template <class Change>
    void edit(Engine& engine, HostId host, Pid pid, Change change)
    {
        Machine& machine = at(host);
        const auto found = machine.processes.find(pid);
        if (found == machine.processes.end())
            return;
        {
            const RateChange rates(machine, engine.now());
            change(found->second);
            nameThreads(machine, found->second);
            reserveHeap(machine, found->second);
        }
        watchGrowth(engine, host);
    }
    /// Once a second from now on, while anything on the machine grows: memory, files, kernel caches. Call it after a
    /// change of a rate that does not go through edit() or spawn().
    void watchGrowth(Engine& engine, HostId host);
    /// A limit of a control group, in the kernel's syntax (see setCgroupLimit). False: EINVAL.
    bool limitCgroup(Engine& engine, net::Network& network, HostId host, const std::string& path, const std::string& file,
                     const std::string& text);

    /// What a process uses from now on; its CPU time up to now is settled first.
    void setLoad(Engine& engine, HostId host, Pid pid, double cpuCores, std::int64_t residentBytes);

    /// Memory pressure: when the processes do not fit into a control group's limit or the machine, the OOM killer picks
    /// one (largest badness), logs the kernel's lines and ends it.
    void settleMemory(Engine& engine, net::Network& network, HostId host);

    /// The kernel kills a process for its cgroup's limit (`cgroup`, "/kubepods/burstable/pod...") or, when
    /// that is empty, for the machine's. Logs the kernel's lines.
    void killForMemory(Engine& engine, net::Network& network, HostId host, Pid pid,
                       const std::string& cgroup);

    void handle(Engine& engine, net::Network& network, const Event& event); ///< events of Part::Host
    std::vector<Notice> takeNotices();

    bool operator==(const Hosts& other) const;
    void addTo(Fingerprint& f) const;

private:
    Unit* unit(HostId host, const std::string& name);
    void unitLog(Engine& engine, HostId host, const Unit& unit, std::uint8_t priority, std::string message);
    void setState(HostId host, Unit& unit, Unit::State state, std::string subState, Instant now);
    void later(Engine& engine, HostId host, Unit& unit, HostEvent type, Duration delay);
    bool start(Engine& engine, net::Network& network, HostId host, Unit& unit, int depth);
    void launch(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void ready(Engine& engine, net::Network& network, HostId host, Unit& unit);
    bool bindPorts(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void restartDue(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void refuseStart(Engine& engine, HostId host, Unit& unit);
    void mainProcessEnded(Engine& engine, net::Network& network, HostId host, Unit& unit,
                          const ProcessExited& exited);
    void stopped(Engine& engine, net::Network& network, HostId host, Unit& unit, const ProcessExited* exited);
    void logConsumed(Engine& engine, HostId host, const Unit& unit, double cpuSeconds);
    void bootLoader(Engine& engine, HostId host);
    void bootEntry(Engine& engine, HostId host, const BootEntry& entry);
    void bootKernel(Engine& engine, HostId host);
    void bootRoot(Engine& engine, net::Network& network, HostId host);
    void bootUserspace(Engine& engine, net::Network& network, HostId host);
    void bootServices(Engine& engine, net::Network& network, HostId host);
    void bootDone(Engine& engine, HostId host);
    void enterEmergency(Engine& engine, HostId host);
    void mountSettled(Engine& engine, net::Network& network, HostId host, Unit& unit, bool mounted);
    void startMount(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void mountTimedOut(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void timerElapsed(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void cronMinute(Engine& engine, net::Network& network, HostId host);
    void cronJob(Engine& engine, net::Network& network, HostId host, const std::string& user, const std::string& command);
    void perform(Engine& engine, net::Network& network, HostId host, const Errand& errand);
    void applyResources(Engine& engine, HostId host, const Unit& unit);
    void makeFolders(Engine& engine, HostId host, const Unit& unit);
    void dropRuntimeFolders(Engine& engine, HostId host, const Unit& unit, bool restarts);
    void bootFinished(Engine& engine, HostId host);
    void growJournal(Engine& engine, HostId host, std::int64_t bytes);
    void after(Engine& engine, HostId host, HostEvent type, Duration delay);
    void setUpNetwork(Engine& engine, net::Network& network, HostId host);
    void grow(Engine& engine, net::Network& network, HostId host);
    void settleCgroupMemory(Engine& engine, net::Network& network, HostId host);
    void dropListeners(net::Network& network, HostId host, const Process& process);

    std::vector<Machine> m_machines;
    std::vector<Notice> m_notices; ///< empty between events
};

} // namespace sim::host
