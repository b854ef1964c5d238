// systemd's service manager: the life of a unit and the journal lines that version 252 writes for it.
#include "sim/host/boot.h"
#include "sim/host/errands.h"
#include "sim/host/hosts.h"
#include "sim/host/signals.h"
#include "sim/host/start_checks.h"
#include "sim/host/start_script.h"
#include "sim/host/unit_file.h"
#include "sim/host/workload.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

constexpr std::uint8_t kUnitErr = 3, kUnitWarning = 4, kNotice = 5, kUnitInfo = 6;
/// Requires= may be circular in a world that somebody edits; systemd breaks the cycle.
constexpr int kMaxDepth = 8;
/// How often a target looks whether what it waits for has come up.
constexpr Duration kTargetLooks = 200ms;
/// From fork to the failing program's last words.
constexpr Duration kFailureTime = 70ms;

/// "kubelet.service - kubelet: The Kubernetes Node Agent", as systemd 252 names units in its job messages.
std::string titleOf(const Unit& unit)
{
    return unit.description.empty() || unit.description == unit.name ? unit.name
                                                                     : unit.name + " - " + unit.description;
}

/// systemd.service(5): exit status 0 and these signals are clean ends.
bool cleanEnd(const ProcessExited& e)
{
    if (e.outOfMemory)
        return false;
    if (e.signal == 0)
        return e.exitCode == 0;
    return e.signal == kSigHup || e.signal == kSigInt || e.signal == kSigTerm || e.signal == kSigPipe;
}

bool dumpsCore(int signal)
{
    return signal == kSigQuit || signal == kSigAbrt || signal == kSigSegv || signal == 4 || signal == 7
        || signal == 8;
}

/// format_timespan() at the precision of CPU times: "1min 2.345s".
std::string spanText(double seconds)
{
    const auto ms = static_cast<std::int64_t>(seconds * 1000);
    std::string text;
    const auto add = [&](std::int64_t value, const char* word) {
        if (value > 0)
            text += fmt::format("{}{}{}", text.empty() ? "" : " ", value, word);
    };
    add(ms / 86'400'000, "d");
    add(ms / 3'600'000 % 24, "h");
    add(ms / 60'000 % 60, "min");
    if (ms < 1000)
        return text.empty() ? fmt::format("{}ms", ms) : text;
    text += fmt::format("{}{}.{:03}s", text.empty() ? "" : " ", ms / 1000 % 60, ms % 1000);
    return text;
}

} // namespace

std::string signalName(int signal)
{
    static constexpr const char* kNames[] = {
        "",     "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
        "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
        "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "POLL", "PWR",  "SYS"};
    return signal > 0 && signal < 32 ? kNames[signal] : std::to_string(signal);
}

std::string exitStatusName(std::int64_t code)
{
    switch (code) { // systemd.exec(5), "Process Exit Codes"
    case 0: return "SUCCESS";
    case 1: return "FAILURE";
    case 2: return "INVALIDARGUMENT";
    case 3: return "NOTIMPLEMENTED";
    case 4: return "NOPERMISSION";
    case 5: return "NOTINSTALLED";
    case 6: return "NOTCONFIGURED";
    case 7: return "NOTRUNNING";
    case 200: return "CHDIR";
    case 203: return "EXEC";
    case 217: return "USER";
    case 226: return "NAMESPACE";
    case 255: return "EXCEPTION";
    default: return "n/a";
    }
}

std::uint64_t unitEventArgument(const Unit& unit)
{
    Fingerprint f;
    f.add(unit.name);
    return (f.value() << 32) | unit.generation;
}

Unit* Hosts::unit(HostId host, const std::string& name)
{
    auto& units = at(host).units;
    const auto found = units.find(name);
    return found == units.end() ? nullptr : &found->second;
}

void Hosts::unitLog(Engine& engine, HostId host, const Unit& unit, std::uint8_t priority, std::string message)
{
    log(engine, host, "systemd", unit.name, 1, priority, std::move(message));
}

namespace {

/// While the machine boots, what comes up is a bar of the boot's chart; what fails shows on the console, "quiet" or not.
void noteBootStep(Machine& machine, const Unit& unit, Instant now)
{
    if (machine.boot.stage != BootStage::Services)
        return;
    if (unit.state == Unit::State::Active || unit.state == Unit::State::Failed)
        machine.boot.steps.push_back({unit.name, unit.type == "target" ? now : unit.activating, now, unit.state == Unit::State::Active});
    if (unit.state == Unit::State::Failed)
        machine.console.print(statusLine("FAILED", "Failed to start " + titleOf(unit) + ".\nSee 'systemctl status " + unit.name + "' for details."));
    else if (unit.state == Unit::State::Active)
        machine.console.print(statusLine("  OK  ", (unit.type == "target" ? "Reached target " : unit.type == "mount" ? "Mounted " : "Started ") + titleOf(unit) + "."));
}

} // namespace

namespace {

/// A target comes after all that it wants (systemd.target(5), "Default Dependencies"): not before each start job has ended,
/// well or not.
bool waitsForWanted(const Machine& machine, const Unit& target)
{
    return !isEarly(target) && std::any_of(machine.units.begin(), machine.units.end(), [&](const auto& entry) {
        const Unit& unit = entry.second;
        const auto names = [](const std::vector<std::string>& list, const std::string& name) { return std::find(list.begin(), list.end(), name) != list.end(); };
        const bool wanted = (unit.enabled && names(unit.wantedBy, target.name)) || names(target.wants, unit.name);
        return wanted && unit.state == Unit::State::Activating && unit.subState == "start";
    });
}

} // namespace

void Hosts::setState(HostId host, Unit& unit, Unit::State state, std::string subState, Instant now)
{
    const bool changed = unit.state != state;
    unit.state = state;
    unit.subState = std::move(subState);
    if (changed) {
        unit.since = now;
        noteBootStep(at(host), unit, now);
        m_notices.emplace_back(UnitChanged{host, unit.name, state});
    }
}

void Hosts::later(Engine& engine, HostId host, Unit& unit, HostEvent type, Duration delay)
{
    ++unit.generation;
    engine.after(delay, {Part::Host, static_cast<std::uint16_t>(type), host.value, unitEventArgument(unit)});
}

bool Hosts::startUnit(Engine& engine, net::Network& network, HostId host, const std::string& name)
{
    Unit* u = unit(host, name);
    if (u == nullptr || at(host).power == Machine::Power::Off)
        return false;
    return start(engine, network, host, *u, 0);
}

bool Hosts::start(Engine& engine, net::Network& network, HostId host, Unit& unit, int depth)
{
    if (unit.state == Unit::State::Active)
        return true;
    if (unit.state == Unit::State::Activating && unit.subState != "auto-restart")
        return true;
    if (unit.state == Unit::State::Deactivating) {
        unit.startsAfterStop = true;
        return true;
    }
    const auto& machine = at(host);
    if (unit.masked)
        return false;
    for (const std::string& name : unit.requires_) {
        const auto needed = machine.units.find(name);
        if (needed == machine.units.end() || needed->second.state == Unit::State::Active
            || depth >= kMaxDepth)
            continue;
        if (!start(engine, network, host, *this->unit(host, name), depth + 1)
            || this->unit(host, name)->state == Unit::State::Failed) {
            unitLog(engine, host, unit, kUnitWarning, "Dependency failed for " + titleOf(unit) + ".");
            unitLog(engine, host, unit, kNotice,
                    fmt::format("{}: Job {}/start failed with result 'dependency'.", unit.name, unit.name));
            return false;
        }
    }
    const Instant now = engine.now();
    if (unit.startLimitBurst > 0 && unit.startLimitInterval > Duration{0}) {
        std::erase_if(unit.recentStarts, [&](Instant at) { return at + unit.startLimitInterval <= now; });
        if (static_cast<std::int64_t>(unit.recentStarts.size()) >= unit.startLimitBurst) {
            refuseStart(engine, host, unit);
            return false;
        }
    }
    if (unit.type == "mount") {
        startMount(engine, network, host, unit);
        return true;
    }
    if (unit.type == "target" && waitsForWanted(machine, unit)) {
        later(engine, host, unit, HostEvent::BootUnit, kTargetLooks);
        return true;
    }
    unit.recentStarts.push_back(now);
    unit.activating = now;
    unit.result = "success";
    unit.exitCode = 0;
    unit.exitSignal = 0;
    if (unit.type == "target") {
        setState(host, unit, Unit::State::Active, "active", now);
        unitLog(engine, host, unit, kUnitInfo, "Reached target " + titleOf(unit) + ".");
        return true;
    }
    if (unit.type == "timer") {
        setState(host, unit, Unit::State::Active, "waiting", now);
        armTimer(engine, host, unit);
        unitLog(engine, host, unit, kUnitInfo, "Started " + titleOf(unit) + ".");
        return true;
    }
    launch(engine, network, host, unit);
    return true;
}

/// The start limit is hit. A result that a failed run left behind stays, as in systemd.
void Hosts::refuseStart(Engine& engine, HostId host, Unit& unit)
{
    ++unit.generation;
    if (unit.result == "success")
        unit.result = "start-limit-hit";
    unitLog(engine, host, unit, kUnitWarning, unit.name + ": Start request repeated too quickly.");
    unitLog(engine, host, unit, kUnitWarning,
            fmt::format("{}: Failed with result '{}'.", unit.name, unit.result));
    setState(host, unit, Unit::State::Failed, "failed", engine.now());
    unitLog(engine, host, unit, kUnitErr, "Failed to start " + titleOf(unit) + ".");
}

/// MemoryMax=, CPUQuota= and CPUWeight= become the limits of the unit's control group.
void Hosts::applyResources(Engine& engine, HostId host, const Unit& unit)
{
    const bool limits = unit.memoryMax != 0 || unit.cpuQuotaCores > 0 || unit.cpuWeight != 0;
    if (!limits && at(host).cgroups.count("/system.slice/" + unit.name) == 0)
        return; // otherwise limits that its files do not have any more, or that somebody wrote by hand, end with this start
    const RateChange change(at(host), engine.now());
    Cgroup& group = at(host).cgroups["/system.slice/" + unit.name];
    group.memoryMax = unit.memoryMax;
    group.cpuQuotaCores = unit.cpuQuotaCores;
    group.cpuWeight = unit.cpuWeight > 0 ? unit.cpuWeight : 100;
}

/// RuntimeDirectory= and its kin, before the program runs; what is there already gets owner and mode anew.
void Hosts::makeFolders(Engine& engine, HostId host, const Unit& unit)
{
    for (const auto& [root, folders] : unit.folders.made)
        for (const std::string& name : folders.names) {
            const std::string path = root + "/" + name;
            makeDirectory(engine, host, path, true);
            changeMode(host, path, folders.mode, unit.user + ":" + unit.user);
        }
}

/// RuntimeDirectoryPreserve=: the folders below /run go when the service has stopped.
void Hosts::dropRuntimeFolders(Engine& engine, HostId host, const Unit& unit, bool restarts)
{
    const auto runtime = unit.folders.made.find("/run");
    if (runtime == unit.folders.made.end() || unit.folders.keepsRuntime == "yes" || (unit.folders.keepsRuntime == "restart" && restarts))
        return;
    for (const std::string& name : runtime->second.names)
        remove(engine, host, "/run/" + name, true);
}

void Hosts::launch(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    const Instant now = engine.now();
    makeFolders(engine, host, unit);
    // Environment files are read at each start, the unit's own files only by daemon-reload.
    if (!needsDaemonReload(host, unit.name))
        unit.command = commandOf(at(host), unit);
    const auto failure = whyNotStarting(at(host), unit, now);
    Process process;
    process.command = startedCommand(at(host), unit);
    if (process.command != unit.command)
        unit.processName = process.command.front().substr(process.command.front().rfind('/') + 1);
    process.name = unit.processName;
    process.user = unit.user;
    process.unit = unit.name;
    process.oomScoreAdjust = unit.oomScoreAdjust;
    process.residentBytes = unit.memoryBytes / 4; // grows to its size once it is ready
    process.syncedBytesPerSecond = unit.syncedBytesPerSecond;
    process.virtualBytes = unit.memoryBytes * 3;
    if (unit.openFilesLimit > 0)
        process.openFilesLimit = unit.openFilesLimit;
    applyResources(engine, host, unit);
    // A start script that ends in `exec` has become the program: only one that stays a script does its work and ends.
    const bool errand = !failure && process.command == unit.command && isErrand(at(host), unit.command);
    std::optional<Errand> work;
    if (errand) {
        std::string line;
        for (const std::string& word : unit.command)
            line += (line.empty() ? "" : " ") + (word.find_first_of(" ;&'\"") == std::string::npos ? word : "'" + word + "'");
        work = errandOf(at(host), line, unit.user, now);
        process.cpuCores = work->cores;
        process.threadCount = std::max<std::int64_t>(1, static_cast<std::int64_t>(work->cores));
        process.residentBytes = work->residentBytes;
    }
    unit.mainPid = spawn(engine, host, std::move(process));
    unit.lastPid = unit.mainPid;
    if (unit.type == "simple") {
        setState(host, unit, Unit::State::Active, "running", now);
        unitLog(engine, host, unit, kUnitInfo, "Started " + titleOf(unit) + ".");
    } else {
        setState(host, unit, Unit::State::Activating, "start", now);
        unitLog(engine, host, unit, kUnitInfo, "Starting " + titleOf(unit) + "...");
    }
    if (work) { // it does its work and ends
        const std::string name = unit.name;
        unit.exitCode = work->exitCode;
        later(engine, host, unit, HostEvent::UnitFails, work->takes);
        for (std::string_view text = work->output; !text.empty();) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            log(engine, host, unit.processName, name, unit.mainPid, kUnitInfo, std::string(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        perform(engine, network, host, *work);
        return;
    }
    if (!failure) {
        later(engine, host, unit, HostEvent::UnitReady, unit.startTime);
        return;
    }
    for (const StartFailure::Line& line : failure->lines)
        log(engine, host, line.identifier, unit.name, unit.mainPid, line.priority,
            (line.source.empty() ? std::string() : klogHeader('E', now, unit.mainPid, line.source.c_str())) + line.message);
    unit.exitCode = failure->exitCode;
    later(engine, host, unit, HostEvent::UnitFails, failure->atExec ? Duration{2ms} : kFailureTime);
}

bool Hosts::bindPorts(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    const StackId id = at(host).stack;
    if (!network.hasStack(id))
        return true;
    auto& listeners = network.stack(id).listeners;
    const auto bind = [&](net::Protocol protocol, std::int64_t port) {
        const bool taken = std::any_of(listeners.begin(), listeners.end(), [&](const net::Listener& l) {
            return l.protocol == protocol && l.port == port;
        });
        if (taken) {
            log(engine, host, unit.processName, unit.name, unit.mainPid, kUnitErr,
                fmt::format("listen {} :{}: bind: address already in use",
                            protocol == net::Protocol::Tcp ? "tcp" : "udp", port));
            return false;
        }
        listeners.push_back({protocol, std::nullopt, port, unit.mainPid, unit.processName});
        return true;
    };
    for (const std::int64_t port : unit.listens)
        if (!bind(net::Protocol::Tcp, port))
            return false;
    for (const std::int64_t port : unit.listensUdp)
        if (!bind(net::Protocol::Udp, port))
            return false;
    return true;
}

void Hosts::ready(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    if (at(host).processes.count(unit.mainPid) == 0 || unit.state == Unit::State::Deactivating)
        return;
    if (at(host).processes.at(unit.mainPid).state == 'T') { // stopped before it was ready: look again
        later(engine, host, unit, HostEvent::UnitReady, unit.startTime);
        return;
    }
    if (unit.type == "oneshot") {
        exit(engine, network, host, unit.mainPid, 0);
        return;
    }
    if (!bindPorts(engine, network, host, unit)) {
        exit(engine, network, host, unit.mainPid, 1);
        return;
    }
    setLoad(engine, host, unit.mainPid, unit.cpuCores, unit.memoryBytes);
    beginWork(*this, engine, host, unit.name);
    if (unit.type == "notify") {
        setState(host, unit, Unit::State::Active, "running", engine.now());
        unitLog(engine, host, unit, kUnitInfo, "Started " + titleOf(unit) + ".");
    } else { // systemd took it for active all along; its program works only from here on
        m_notices.emplace_back(UnitChanged{host, unit.name, unit.state});
    }
    settleMemory(engine, network, host);
}

void Hosts::logConsumed(Engine& engine, HostId host, const Unit& unit, double cpuSeconds)
{
    if (cpuSeconds >= 0.001)
        unitLog(engine, host, unit, kUnitInfo,
                fmt::format("{}: Consumed {} CPU time.", unit.name, spanText(cpuSeconds)));
}

void Hosts::mainProcessEnded(Engine& engine, net::Network& network, HostId host, Unit& unit,
                             const ProcessExited& exited)
{
    const Instant now = engine.now();
    unit.mainPid = 0;
    unit.consumedSeconds = exited.process.cpuSeconds;
    unit.exitCode = exited.signal != 0 ? 0 : exited.exitCode;
    unit.exitSignal = exited.signal;
    ++unit.generation; // whatever was pending for that process
    if (unit.state == Unit::State::Deactivating) {
        stopped(engine, network, host, unit, &exited);
        return;
    }
    if (exited.outOfMemory)
        unitLog(engine, host, unit, kNotice,
                unit.name + ": A process of this unit has been killed by the OOM killer.");
    const bool clean = cleanEnd(exited);
    const bool starting = unit.state == Unit::State::Activating;
    if (unit.type == "oneshot" && clean) {
        unit.result = "success";
        if (unit.remainsAfterExit) {
            setState(host, unit, Unit::State::Active, "exited", now);
            unitLog(engine, host, unit, kUnitInfo, "Finished " + titleOf(unit) + ".");
        } else {
            dropRuntimeFolders(engine, host, unit, false);
            unitLog(engine, host, unit, kUnitInfo, unit.name + ": Deactivated successfully.");
            unitLog(engine, host, unit, kUnitInfo, "Finished " + titleOf(unit) + ".");
            setState(host, unit, Unit::State::Inactive, "dead", now);
        }
        return;
    }
    if (!clean || exited.signal != 0) {
        const bool core = dumpsCore(unit.exitSignal == 0 ? 0 : static_cast<int>(unit.exitSignal));
        const std::string how = exited.signal == 0
            ? fmt::format("code=exited, status={}/{}", exited.exitCode, exitStatusName(exited.exitCode))
            : fmt::format("code={}, status={}/{}", core ? "dumped" : "killed", exited.signal,
                          signalName(static_cast<int>(exited.signal)));
        if (!clean)
            unitLog(engine, host, unit, exited.signal == 0 ? kNotice : kUnitWarning,
                    fmt::format("{}: Main process exited, {}", unit.name, how));
    }
    // The rest of the control group goes with the main process, except for KillMode=process.
    if (!unit.killsOnlyMain) {
        std::vector<Pid> rest;
        for (const auto& [pid, process] : at(host).processes)
            if (process.unit == unit.name && !process.container)
                rest.push_back(pid);
        for (const Pid pid : rest)
            exit(engine, network, host, pid, 128 + kSigTerm, kSigTerm);
    }
    if (clean) {
        unit.result = "success";
        unitLog(engine, host, unit, kUnitInfo, unit.name + ": Deactivated successfully.");
    } else {
        unit.result = exited.outOfMemory                 ? "oom-kill"
            : exited.signal == 0                         ? "exit-code"
            : dumpsCore(static_cast<int>(exited.signal)) ? "core-dump"
                                                         : "signal";
        unitLog(engine, host, unit, kUnitWarning,
                fmt::format("{}: Failed with result '{}'.", unit.name, unit.result));
    }
    if (starting)
        unitLog(engine, host, unit, kUnitErr, "Failed to start " + titleOf(unit) + ".");
    logConsumed(engine, host, unit, exited.process.cpuSeconds);
    const bool restarts = unit.restart == "always" || (unit.restart == "on-failure" && !clean)
        || (unit.restart == "on-abnormal" && !clean && exited.signal != 0)
        || (unit.restart == "on-success" && clean);
    dropRuntimeFolders(engine, host, unit, restarts);
    if (restarts) {
        setState(host, unit, Unit::State::Activating, "auto-restart", now);
        later(engine, host, unit, HostEvent::UnitRestart, unit.restartDelay);
        return;
    }
    setState(host, unit, clean ? Unit::State::Inactive : Unit::State::Failed, clean ? "dead" : "failed", now);
}

void Hosts::restartDue(Engine& engine, net::Network& network, HostId host, Unit& unit)
{
    if (unit.state != Unit::State::Activating || unit.subState != "auto-restart")
        return;
    ++unit.restarts;
    unitLog(engine, host, unit, kUnitInfo,
            fmt::format("{}: Scheduled restart job, restart counter is at {}.", unit.name, unit.restarts));
    unitLog(engine, host, unit, kUnitInfo, "Stopped " + titleOf(unit) + ".");
    start(engine, network, host, unit, 0);
}

bool Hosts::stopUnit(Engine& engine, net::Network& network, HostId host, const std::string& name)
{
    Unit* u = unit(host, name);
    if (u == nullptr)
        return false;
    u->startsAfterStop = false;
    u->restarts = 0; // a stop by hand resets NRestarts
    if (u->state == Unit::State::Inactive || u->state == Unit::State::Failed
        || u->state == Unit::State::Deactivating)
        return true;
    if (u->type == "mount")
        return unmount(engine, host, u->mount.where).empty();
    if (u->mainPid == 0) {
        ++u->generation;
        const bool wasActive = u->state == Unit::State::Active;
        setState(host, *u, Unit::State::Inactive, "dead", engine.now());
        if (wasActive)
            unitLog(engine, host, *u, kUnitInfo, u->name + ": Deactivated successfully.");
        unitLog(engine, host, *u, kUnitInfo,
                (u->type == "target" ? "Stopped target " : "Stopped ") + titleOf(*u) + ".");
        return true;
    }
    unitLog(engine, host, *u, kUnitInfo, "Stopping " + titleOf(*u) + "...");
    setState(host, *u, Unit::State::Deactivating, "stop-sigterm", engine.now());
    ++u->generation; // it need not become ready any more
    const Pid pid = u->mainPid;
    signal(engine, network, host, pid, kSigTerm);
    signal(engine, network, host, pid, kSigCont); // systemd sends both, so that a stopped process can end
    return true;
}

void Hosts::stopped(Engine& engine, net::Network& network, HostId host, Unit& unit,
                    const ProcessExited* exited)
{
    if (!unit.killsOnlyMain) {
        std::vector<Pid> rest;
        for (const auto& [pid, process] : at(host).processes)
            if (process.unit == unit.name && !process.container)
                rest.push_back(pid);
        for (const Pid pid : rest)
            exit(engine, network, host, pid, 128 + kSigTerm, kSigTerm);
    }
    dropRuntimeFolders(engine, host, unit, unit.startsAfterStop);
    const bool clean = exited == nullptr || cleanEnd(*exited);
    if (clean) {
        unit.result = "success";
        unitLog(engine, host, unit, kUnitInfo, unit.name + ": Deactivated successfully.");
    } else {
        unit.result = exited->signal == 0 ? "exit-code" : "signal";
        unitLog(engine, host, unit, kUnitWarning,
                fmt::format("{}: Failed with result '{}'.", unit.name, unit.result));
    }
    unitLog(engine, host, unit, kUnitInfo, "Stopped " + titleOf(unit) + ".");
    if (exited != nullptr)
        logConsumed(engine, host, unit, exited->process.cpuSeconds);
    setState(host, unit, clean ? Unit::State::Inactive : Unit::State::Failed, clean ? "dead" : "failed",
             engine.now());
    if (std::exchange(unit.startsAfterStop, false))
        start(engine, network, host, unit, 0);
}

bool Hosts::restartUnit(Engine& engine, net::Network& network, HostId host, const std::string& name)
{
    Unit* u = unit(host, name);
    if (u == nullptr || at(host).power == Machine::Power::Off)
        return false;
    stopUnit(engine, network, host, name);
    return start(engine, network, host, *u, 0);
}

bool Hosts::unitActive(HostId host, const std::string& name) const
{
    const auto& units = at(host).units;
    const auto found = units.find(name);
    return at(host).power != Machine::Power::Off && found != units.end()
        && found->second.state == Unit::State::Active;
}

bool Hosts::unitResponds(HostId host, const std::string& name) const
{
    if (!unitActive(host, name))
        return false;
    const Machine& machine = at(host);
    const auto process = machine.processes.find(machine.units.at(name).mainPid);
    return process != machine.processes.end() && process->second.state != 'T' && process->second.state != 'D';
}

bool Hosts::resetFailed(Engine& engine, HostId host, const std::string& name)
{
    Unit* u = unit(host, name);
    if (u == nullptr)
        return false;
    u->recentStarts.clear();
    u->restarts = 0;
    if (u->state == Unit::State::Failed) {
        u->result = "success";
        setState(host, *u, Unit::State::Inactive, "dead", engine.now());
    }
    return true;
}

} // namespace sim::host
