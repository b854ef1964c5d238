#include "sim/host/hosts.h"

#include "sim/host/journal_files.h"
#include "sim/host/signals.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sim::host {

namespace {

constexpr std::size_t kLongestName = 15; // TASK_COMM_LEN - 1

/// What is left of a process until its parent waits for it: an entry of the table.
Process zombieOf(const ProcessExited& exited)
{
    Process left;
    left.pid = exited.process.pid;
    left.parent = exited.process.parent;
    left.name = exited.process.name;
    left.command = exited.process.command;
    left.user = exited.process.user;
    left.state = 'Z';
    left.started = exited.process.started;
    left.cpuSeconds = exited.process.cpuSeconds;
    left.systemSeconds = exited.process.systemSeconds;
    left.cpuSince = exited.process.cpuSince;
    left.unit = exited.process.unit;
    left.container = exited.process.container;
    left.cgroup = exited.process.cgroup;
    left.exitCode = exited.signal != 0 ? 128 + exited.signal : exited.exitCode;
    return left;
}

/// How long a program takes from SIGTERM to its end when nothing says otherwise.
constexpr Duration kTermination = 30ms;

/// A daemon of its own unit installs handlers: SIGTERM ends it cleanly, SIGHUP and the like make it reload.
bool handles(const Process& process, int signal)
{
    if (process.unit.empty() || process.container)
        return false;
    return signal == kSigHup || signal == kSigUsr1 || signal == kSigUsr2 || signal == kSigWinch;
}

} // namespace

HostId Hosts::add(Machine machine)
{
    const HostId id{m_machines.size()};
    machine.id = id;
    m_machines.push_back(std::move(machine));
    return id;
}

const Machine& Hosts::at(HostId id) const
{
    FL_ASSERT(id.value < m_machines.size());
    return m_machines[id.value];
}

Machine& Hosts::at(HostId id)
{
    FL_ASSERT(id.value < m_machines.size());
    return m_machines[id.value];
}

const Machine* Hosts::find(std::string_view name) const
{
    for (const Machine& machine : m_machines)
        if (machine.name == name)
            return &machine;
    return nullptr;
}

Pid Hosts::spawn(Engine& engine, HostId host, Process process)
{
    constexpr Pid kPidMax = 4194304;     // kernel.pid_max of a 64-bit Debian
    constexpr Pid kFirstAfterWrap = 300; // RESERVED_PIDS
    Machine& machine = at(host);
    while (machine.processes.count(machine.nextPid) > 0 || machine.nextPid >= kPidMax)
        machine.nextPid = machine.nextPid >= kPidMax ? kFirstAfterWrap : machine.nextPid + 1;
    const RateChange change(machine, engine.now());
    process.pid = machine.nextPid++;
    process.started = engine.now();
    process.cpuSince = engine.now();
    process.name.resize(std::min<std::size_t>(process.name.size(), kLongestName));
    if (process.cgroup.empty())
        process.cgroup = cgroupOf(machine, process);
    if (process.threads.empty() && process.threadCount <= 1)
        process.threadCount = usualThreads(machine, process.command);
    nameThreads(machine, process);
    reserveHeap(machine, process);
    ++machine.totals.forks;
    const Pid pid = process.pid;
    machine.processes.emplace(pid, std::move(process));
    watchGrowth(engine, host);
    return pid;
}

std::string cgroupOf(const Machine& machine, const Process& process)
{
    if (process.pid == 1)
        return "/init.scope";
    if (process.kernelThread)
        return "/";
    if (!process.unit.empty())
        return "/system.slice/" + process.unit;
    const auto parent = machine.processes.find(process.parent);
    return parent == machine.processes.end() || process.parent == 1 ? "/user.slice/user-1000.slice/session-1.scope" : parent->second.cgroup;
}

void nameThreads(Machine& machine, Process& process)
{
    for (Thread& thread : process.threads) {
        if (thread.tid == 0)
            thread.tid = machine.nextPid++;
        thread.name.resize(std::min<std::size_t>(thread.name.size(), kLongestName));
    }
    process.threadCount = std::max(process.threadCount, static_cast<std::int64_t>(process.threads.size()) + 1);
}

namespace {

bool isJava(const std::vector<std::string>& command)
{
    return !command.empty() && command.front().substr(command.front().rfind('/') + 1) == "java";
}

} // namespace

std::int64_t usualThreads(const Machine& machine, const std::vector<std::string>& command)
{
    // GOMAXPROCS threads that run Go code, and a few for the runtime and for blocking calls; the JVM's compilers, collector and
    // service threads before the program's own.
    constexpr std::array<std::string_view, 18> kGo{"containerd", "containerd-shim-runc-v2", "dockerd", "docker-proxy", "kubelet", "registry", "etcd", "kube-apiserver",
                                                   "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "prometheus", "prometheus-node-exporter", "node_exporter", "alertmanager", "calico-node", "catalog-api"};
    constexpr std::int64_t kGoBeside = 6, kJavaBeside = 16, kMostProcessors = 16;
    if (command.empty())
        return 1;
    const std::string_view name = std::string_view(command.front()).substr(command.front().rfind('/') + 1);
    const bool go = std::find(kGo.begin(), kGo.end(), name) != kGo.end();
    return go || isJava(command) ? (go ? kGoBeside : kJavaBeside) + std::min(machine.cpus, kMostProcessors) : 1;
}

void reserveHeap(const Machine& machine, Process& process)
{
    if (!isJava(process.command))
        return;
    constexpr std::int64_t kGiga = 1LL << 30, kMega = 1LL << 20;
    constexpr std::int64_t kClassSpace = kGiga, kCodeCache = 240 * kMega; // CompressedClassSpaceSize, ReservedCodeCacheSize
    std::int64_t heap = machine.memoryBytes / 4; // MaxRAMPercentage
    for (const std::string& word : process.command)
        if (word.compare(0, 4, "-Xmx") == 0) {
            const auto [end, error] = std::from_chars(word.data() + 4, word.data() + word.size(), heap);
            const char unit = end == word.data() + word.size() ? 'b' : *end;
            heap *= unit == 'g' || unit == 'G' ? kGiga : unit == 'm' || unit == 'M' ? kMega : unit == 'k' || unit == 'K' ? 1024 : 1;
        }
    process.virtualBytes = std::max(process.virtualBytes, heap + kClassSpace + kCodeCache + process.threadCount * kMega);
}

std::int64_t Process::filePages() const
{
    // Text and libraries of a C program of this size, of which a few MiB are touched.
    constexpr std::int64_t kUsualText = 12LL << 20;
    if (kernelThread)
        return 0;
    return fileBytes > 0 ? std::min(fileBytes, residentBytes) : std::min(residentBytes / 4, kUsualText);
}

void Hosts::setLoad(Engine& engine, HostId host, Pid pid, double cpuCores, std::int64_t residentBytes)
{
    edit(engine, host, pid, [&](Process& process) {
        process.cpuCores = cpuCores;
        process.residentBytes = residentBytes;
        process.virtualBytes = std::max(process.virtualBytes, residentBytes * 3);
    });
}

bool Hosts::signal(Engine& engine, net::Network& network, HostId host, Pid pid, int signal)
{
    Machine& machine = at(host);
    const auto found = machine.processes.find(pid);
    if (found == machine.processes.end())
        return false;
    Process& process = found->second;
    if (signal == 0 || pid == 1 || process.kernelThread || process.state == 'Z')
        return true;
    const auto endLater = [&](Duration delay, int code, int by) {
        const std::uint64_t argument = static_cast<std::uint64_t>(pid)
            | (static_cast<std::uint64_t>(code & 255) << 40) | (static_cast<std::uint64_t>(by & 127) << 48);
        engine.after(delay,
                     {Part::Host, static_cast<std::uint16_t>(HostEvent::ProcessEnds), host.value, argument});
    };
    switch (signal) {
    case kSigStop:
    case kSigTstp: {
        const RateChange change(machine, engine.now());
        process.state = 'T';
        return true;
    }
    case kSigCont: {
        if (process.state != 'T')
            return true;
        {
            const RateChange change(machine, engine.now());
            process.state = 'S';
        }
        const int pending = std::exchange(process.pendingSignal, 0);
        return pending == 0 || this->signal(engine, network, host, pid, pending);
    }
    case kSigKill:
        if (process.state == 'D') { // not before it comes back from the kernel
            process.pendingSignal = kSigKill;
            return true;
        }
        exit(engine, network, host, pid, 128 + kSigKill, kSigKill);
        return true;
    default: break;
    }
    if (process.state == 'T' || process.state == 'D') {
        process.pendingSignal = signal;
        return true;
    }
    if (handles(process, signal) || signal == kSigChld)
        return true;
    if (signal == kSigTerm || signal == kSigInt || signal == kSigHup) {
        const auto unit = machine.units.find(process.unit);
        const bool daemon = unit != machine.units.end() && unit->second.mainPid == pid && signal != kSigHup;
        endLater(daemon ? unit->second.stopTime : kTermination, daemon ? 0 : 128 + signal,
                 daemon ? 0 : signal);
        return true;
    }
    exit(engine, network, host, pid, 128 + signal, signal);
    return true;
}

void Hosts::dropListeners(net::Network& network, HostId host, const Process& process)
{
    const auto drop = [&](StackId id) {
        if (network.hasStack(id))
            std::erase_if(network.stack(id).listeners,
                          [&](const net::Listener& l) { return l.pid == process.pid; });
    };
    drop(at(host).stack);
    if (!process.container) // only a container's process can hold a port in another namespace
        return;
    std::vector<StackId> pods;
    for (const auto& [id, stack] : network.stacks())
        if (stack.host == host && stack.node.valid())
            pods.push_back(id);
    for (const StackId id : pods)
        drop(id);
}

void Hosts::exit(Engine& engine, net::Network& network, HostId host, Pid pid, int exitCode, int signal,
                 bool outOfMemory)
{
    Machine& machine = at(host);
    const auto found = machine.processes.find(pid);
    if (found == machine.processes.end())
        return;
    ProcessExited exited;
    exited.host = host;
    exited.exitCode = exitCode;
    exited.signal = signal;
    exited.outOfMemory = outOfMemory;
    {
        const RateChange change(machine, engine.now());
        exited.process = std::move(found->second);
        machine.processes.erase(found);
        std::erase_if(machine.processes, [&](const auto& entry) { // init asks for what its new children left
            return entry.second.parent == pid && entry.second.state == 'Z';
        });
        for (auto& [other, process] : machine.processes)
            if (process.parent == pid)
                process.parent = 1;
        const auto parent = machine.processes.find(exited.process.parent);
        if (parent != machine.processes.end() && parent->second.ignoresChildren)
            machine.processes.emplace(pid, zombieOf(exited));
    }
    dropUnlinked(machine);
    dropListeners(network, host, exited.process);
    m_notices.emplace_back(exited);

    const auto unit = machine.units.find(exited.process.unit);
    if (unit != machine.units.end() && unit->second.mainPid == pid)
        mainProcessEnded(engine, network, host, unit->second, exited);
}

void Hosts::log(Engine& engine, HostId host, std::string identifier, std::string unit, Pid pid,
                std::uint8_t priority, std::string message)
{
    Machine& machine = at(host);
    machine.journal.push_back(
        {engine.now(), std::move(identifier), std::move(unit), pid, priority, std::move(message)});
    while (machine.journal.size() > Machine::kJournalEntries)
        machine.journal.pop_front();
    growJournal(engine, host, kJournalEntryBytes + static_cast<std::int64_t>(machine.journal.back().message.size()));
}

void Hosts::handle(Engine& engine, net::Network& network, const Event& event)
{
    const HostId host{event.target};
    if (host.value >= m_machines.size())
        return;
    Machine& machine = at(host);
    const auto type = static_cast<HostEvent>(event.type);
    switch (type) {
    case HostEvent::ProcessEnds: {
        const Pid pid = static_cast<Pid>(event.argument & 0xffffffffffULL);
        const int code = static_cast<int>((event.argument >> 40) & 255);
        exit(engine, network, host, pid, code, static_cast<int>(event.argument >> 48));
        return;
    }
    case HostEvent::Grow: grow(engine, network, host); return;
    case HostEvent::UnitReady:
    case HostEvent::UnitRestart:
    case HostEvent::UnitFails:
    case HostEvent::BootUnit:
    case HostEvent::TimerElapses:
        for (auto& [name, unit] : machine.units) {
            if (unitEventArgument(unit) != event.argument)
                continue;
            if (type == HostEvent::UnitReady)
                ready(engine, network, host, unit);
            else if (type == HostEvent::UnitRestart)
                restartDue(engine, network, host, unit);
            else if (type == HostEvent::TimerElapses)
                timerElapsed(engine, network, host, unit);
            else if (type == HostEvent::UnitFails && unit.type == "mount")
                mountTimedOut(engine, network, host, unit);
            else if (type == HostEvent::UnitFails)
                exit(engine, network, host, unit.mainPid, static_cast<int>(unit.exitCode));
            else
                start(engine, network, host, unit, 0);
            return;
        }
        return;
    default: break;
    }
    if (machine.generation != event.argument)
        return;
    if (type == HostEvent::BootLoader)
        bootLoader(engine, host);
    else if (type == HostEvent::BootKernel)
        bootKernel(engine, host);
    else if (type == HostEvent::BootRoot)
        bootRoot(engine, network, host);
    else if (type == HostEvent::CronMinute)
        cronMinute(engine, network, host);
    else if (type == HostEvent::BootUserspace)
        bootUserspace(engine, network, host);
    else if (type == HostEvent::BootDone)
        bootDone(engine, host);
    else if (type == HostEvent::PowerCycle)
        powerOn(engine, network, host);
}

void Hosts::after(Engine& engine, HostId host, HostEvent type, Duration delay)
{
    engine.after(delay, {Part::Host, static_cast<std::uint16_t>(type), host.value, at(host).generation});
}

std::vector<Notice> Hosts::takeNotices()
{
    return std::exchange(m_notices, {});
}

bool Hosts::operator==(const Hosts& other) const
{
    return m_machines == other.m_machines;
}

void Hosts::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_machines);
}

} // namespace sim::host
