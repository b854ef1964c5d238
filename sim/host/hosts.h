#pragma once

#include "sim/host/machine.h"
#include "sim/net/network.h"

#include <string>
#include <variant>
#include <vector>

namespace sim::host {

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
    PowerCycle
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
    NotEmpty
};

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
    FileError remove(Engine& engine, HostId host, const std::string& path, bool recursive = false);
    /// Follows symlinks. Virtual files of /proc and /sys are made up from state.
    std::optional<File> read(HostId host, const std::string& path, Instant now) const;
    /// The same without following the last symlink.
    std::optional<File> inspect(HostId host, const std::string& path, Instant now) const;
    /// Names in a directory, sorted; nothing when it is none.
    std::optional<std::vector<std::string>> list(HostId host, const std::string& path, Instant now) const;

    /// Kernel parameters as sysctl(8) and /proc/sys set them. False: no such key.
    bool setSysctl(Engine& engine, net::Network& network, HostId host, const std::string& key,
                   const std::string& value);
    /// Brings the network stack in line with Machine::sysctls: call it after a write below /proc/sys.
    void applySysctls(Engine& engine, net::Network& network, HostId host);

    /// What a process uses from now on; its CPU time up to now is settled first.
    void setLoad(Engine& engine, HostId host, Pid pid, double cpuCores, std::int64_t residentBytes);

    /// Memory pressure: when the processes do not fit, the OOM killer picks one (largest badness), logs the
    /// kernel's lines and ends it.
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
    void launch(Engine& engine, HostId host, Unit& unit);
    void ready(Engine& engine, net::Network& network, HostId host, Unit& unit);
    bool bindPorts(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void restartDue(Engine& engine, net::Network& network, HostId host, Unit& unit);
    void refuseStart(Engine& engine, HostId host, Unit& unit);
    void mainProcessEnded(Engine& engine, net::Network& network, HostId host, Unit& unit,
                          const ProcessExited& exited);
    void stopped(Engine& engine, net::Network& network, HostId host, Unit& unit, const ProcessExited* exited);
    void logConsumed(Engine& engine, HostId host, const Unit& unit, double cpuSeconds);
    void bootKernel(Engine& engine, HostId host);
    void bootUserspace(Engine& engine, net::Network& network, HostId host);
    void bootDone(Engine& engine, HostId host);
    void setUpNetwork(Engine& engine, net::Network& network, HostId host);
    void dropListeners(net::Network& network, HostId host, const Process& process);

    std::vector<Machine> m_machines;
    std::vector<Notice> m_notices; ///< empty between events
};

} // namespace sim::host
