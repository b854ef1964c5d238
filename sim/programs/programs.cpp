#include "sim/programs/programs.h"

#include "sim/host/paths.h"
#include "sim/host/standard_machine.h"
#include "sim/host/start_script.h"
#include "sim/host/unit_file.h"
#include "sim/programs/log_lines.h"
#include "sim/programs/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::programs {

namespace {

constexpr std::uint8_t kInfo = 6, kError = 3;
/// A system call costs about this much of kernel time, the copying of a request's bytes included.
constexpr double kSystemCallSeconds = 1.8e-6;
/// A limit that is hit again and again is told as often as a logger with a rate limit would.
constexpr std::int64_t kComplaintsEvery = 30;
constexpr int kOutOfMemoryExit = 3; // os::_exit(3) of ExitOnOutOfMemoryError

std::string baseNameOf(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

void putFile(host::Machine& machine, const std::string& path, host::File file)
{
    for (std::string folder = host::parentPath(path); folder != "/" && machine.files.count(folder) == 0; folder = host::parentPath(folder)) {
        host::File made;
        made.type = host::File::Type::Directory;
        made.mode = 0755;
        made.size = 4096;
        made.modified = file.modified;
        machine.files[folder] = std::make_shared<host::File>(std::move(made));
    }
    machine.files[path] = std::make_shared<host::File>(std::move(file));
}

std::string unitText(const Code& code)
{
    return fmt::format("[Unit]\nDescription={}\nAfter=network.target\n\n[Service]\nType=simple\nUser={}\nEnvironmentFile=-/etc/default/{}\n"
                       "ExecStart={}\nRestart=on-failure\nRestartSec=2\n\n[Install]\nWantedBy=multi-user.target\n",
                       code.description, code.user, code.name, code.command);
}

std::map<std::string, double> systemCallsOf(const Running& running)
{
    std::map<std::string, double> calls;
    double waits = 0;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        for (const auto& [name, each] : running.code->paths[i].systemCalls)
            calls[name] += each * running.rates.paths[i].calls;
        waits += running.rates.paths[i].waits;
    }
    const bool collects = running.code->language == Language::Go || running.code->language == Language::Java;
    calls["futex"] += 2 * waits + (collects ? 12 * (running.rates.cycles + running.rates.fullCycles) + 20 : 0);
    if (running.code->language == Language::Go)
        calls["madvise"] += running.rates.cycles * 3;
    std::erase_if(calls, [](const auto& entry) { return entry.second <= 0; });
    return calls;
}

/// Descriptors that have leaked up to now become entries of the process's table, up to its limit. False: it is full.
bool placeDescriptors(Running& running, host::Process& process)
{
    std::size_t total = 0;
    const std::size_t others = process.openFiles.size() - std::min(process.openFiles.size(), running.descriptorsPlaced);
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(0, process.openFilesLimit - 3)) - others;
    std::vector<std::pair<const OpenedFile*, std::size_t>> wanted;
    for (std::size_t i = 0; i < running.opened.size(); ++i)
        for (const OpenedFile& file : running.code->paths[i].opens) {
            if (running.opened[i] <= 0)
                continue;
            wanted.emplace_back(&file, static_cast<std::size_t>(running.opened[i] / static_cast<double>(running.code->paths[i].opens.size())));
            total += wanted.back().second;
        }
    while (running.descriptorsPlaced < std::min(total, room)) {
        const OpenedFile& file = *wanted[running.descriptorsPlaced % wanted.size()].first;
        host::OpenFile open;
        open.descriptor = 3 + static_cast<std::int64_t>(process.openFiles.size());
        open.kind = file.path.rfind("socket:", 0) == 0 ? host::OpenFile::Kind::Socket : host::OpenFile::Kind::Regular;
        open.path = file.path;
        if (const std::size_t at = open.path.find("{n}"); at != std::string::npos)
            open.path.replace(at, 3, fmt::format("{:04}", running.descriptorsPlaced + 1));
        process.openFiles.push_back(std::move(open));
        ++running.descriptorsPlaced;
    }
    return total <= room;
}

/// Where a service's own process listens, and how long it takes to get there.
struct Opening {
    std::int64_t port = 0;
    Duration startTime{};
};
std::optional<Opening> openingOf(const host::Machine& machine, const host::Process& process)
{
    const auto unit = machine.units.find(process.unit);
    if (unit == machine.units.end() || unit->second.mainPid != process.pid || unit->second.listens.empty())
        return std::nullopt;
    return Opening{unit->second.listens.front(), unit->second.startTime};
}

/// A line of the start, with {port} where it listens, {started} the seconds that its framework took and {running} those of the JVM.
std::string startedLine(std::string line, std::int64_t port, Duration startTime)
{
    constexpr double kBeforeMain = 0.32; // from the JVM's start to the application's own clock
    const double seconds = toSeconds(startTime);
    for (const auto& [name, value] : {std::pair("{port}", std::to_string(port)), std::pair("{started}", fmt::format("{:.3f}", seconds - kBeforeMain)),
                                      std::pair("{running}", fmt::format("{:.2f}", seconds))})
        if (const std::size_t at = line.find(name); at != std::string::npos)
            line.replace(at, std::string_view(name).size(), value);
    return line;
}

/// The lines that a process has printed at `now` go to an earlier instant.
void moveLines(host::Machine& machine, Instant now, host::Pid pid, Instant earlier)
{
    constexpr Duration kTick = std::chrono::seconds(1);
    if (earlier + kTick >= now)
        return;
    for (host::JournalEntry& entry : machine.journal)
        if (entry.at == now && entry.pid == pid)
            entry.at = earlier;
    std::stable_sort(machine.journal.begin(), machine.journal.end(), [](const host::JournalEntry& a, const host::JournalEntry& b) { return a.at < b.at; });
}

/// What the journal has of the process's start moves with it, to where the past puts it.
void moveStart(host::Machine& machine, const std::string& unit, host::Pid pid, Instant before, Instant since)
{
    for (host::JournalEntry& entry : machine.journal)
        if (entry.at >= before && entry.unit == unit && (entry.pid == pid || (entry.pid == 1 && entry.message.rfind("Start", 0) == 0)))
            entry.at = since + (entry.at - before);
    std::stable_sort(machine.journal.begin(), machine.journal.end(), [](const host::JournalEntry& a, const host::JournalEntry& b) { return a.at < b.at; });
}

} // namespace

void Programs::add(std::shared_ptr<const Code> code)
{
    m_catalogue[code->name] = std::move(code);
}

const Code* Programs::code(const std::string& name) const
{
    const auto found = m_catalogue.find(name);
    return found == m_catalogue.end() ? nullptr : found->second.get();
}

bool Programs::install(host::Hosts& hosts, HostId host, const std::string& name, const std::string& version, Instant now)
{
    const Code* what = code(name);
    if (what == nullptr || what->versions.empty())
        return false;
    const std::string current = version.empty() ? what->versions.front().version : version;
    if (what->version(current) == nullptr)
        return false;
    host::Machine& machine = hosts.at(host);
    const Instant installed = now - 24h * 9;
    for (const Version& one : what->versions) {
        if (one.kept)
            continue;
        const std::string folder = what->folder() + "/releases/" + one.version + "/";
        for (const auto& [path, text] : one.files) {
            host::File file;
            file.content = text;
            file.size = static_cast<std::int64_t>(text.size());
            file.modified = installed;
            putFile(machine, folder + path, std::move(file));
        }
        if (machine.files.count(folder + what->executable) == 0) {
            host::File file;
            file.mode = 0755;
            file.size = static_cast<std::int64_t>(what->baseBytes / 3);
            file.modified = installed;
            putFile(machine, folder + what->executable, std::move(file));
        }
    }
    host::File link;
    link.type = host::File::Type::Symlink;
    link.mode = 0777;
    link.content = what->folder() + "/releases/" + current;
    link.size = static_cast<std::int64_t>(link.content.size());
    link.modified = installed;
    putFile(machine, what->folder() + "/current", std::move(link));
    host::File defaults;
    for (const std::string& line : what->environment)
        defaults.content += line + "\n";
    defaults.size = static_cast<std::int64_t>(defaults.content.size());
    defaults.modified = installed;
    putFile(machine, "/etc/default/" + what->name, std::move(defaults));
    host::StandardUnit unit;
    unit.name = what->name + ".service";
    unit.text = unitText(*what);
    unit.memoryBytes = static_cast<std::int64_t>(what->baseBytes + what->baseHeapBytes);
    for (const std::int64_t port : {what->port, what->profilePort})
        if (port > 0)
            unit.listens.push_back(port);
    unit.startTime = what->startTime;
    host::installUnit(machine, unit, now);
    return true;
}

std::optional<Started> startedBy(const std::map<std::string, std::shared_ptr<const Code>>& catalogue, const host::Machine& machine,
                                 const std::vector<std::string>& command)
{
    for (const std::string& word : command)
        for (const auto& [name, code] : catalogue) {
            if (baseNameOf(word) != code->executable || word.find('/') == std::string::npos)
                continue;
            Started started;
            started.code = code;
            started.version = code->versions.empty() ? "" : code->versions.front().version;
            const std::string path = host::resolvePath(machine, word);
            const std::string marker = "/releases/";
            if (const std::size_t at = path.find(marker); at != std::string::npos) {
                const std::size_t begin = at + marker.size();
                started.version = path.substr(begin, path.find('/', begin) - begin);
            }
            const std::string folder = host::parentPath(path) + "/";
            for (auto i = machine.files.lower_bound(folder); i != machine.files.end() && i->first.compare(0, folder.size(), folder) == 0; ++i)
                started.files[i->first.substr(folder.size())] = i->second->content;
            return started;
        }
    return std::nullopt;
}

void Programs::discover(Engine& engine, host::Machine& machine)
{
    host::Pid& seen = m_seen[machine.id];
    if (seen == machine.nextPid)
        return;
    const bool wrapped = seen > machine.nextPid;
    for (auto i = wrapped ? machine.processes.begin() : machine.processes.lower_bound(seen); i != machine.processes.end(); ++i) {
        const host::Process& process = i->second;
        if (process.kernelThread || process.state == 'Z' || m_running.count({machine.id, process.pid}) > 0)
            continue;
        const auto started = startedBy(m_catalogue, machine, process.command);
        if (!started)
            continue;
        Running running = startOf(started->code, started->version, started->files, settingsOf(*started->code, machine, process), engine.now());
        running.host = machine.id;
        running.pid = process.pid;
        running.started = process.started;
        m_running.emplace(Key{machine.id, process.pid}, std::move(running));
    }
    seen = machine.nextPid;
}

void Programs::tick(Engine& engine, net::Network& network, host::Hosts& hosts)
{
    if (m_catalogue.empty())
        return;
    for (const host::Machine& machine : hosts.all())
        discover(engine, hosts.at(machine.id));
    std::erase_if(m_running, [&](const auto& entry) {
        const auto& processes = hosts.at(entry.first.first).processes;
        const auto process = processes.find(entry.first.second);
        return process == processes.end() || process->second.state == 'Z' || process->second.started != entry.second.started;
    });
    std::vector<Key> keys; // a step may end other processes
    for (const auto& [key, running] : m_running)
        keys.push_back(key);
    for (const Key& key : keys)
        if (hosts.at(key.first).processes.count(key.second) > 0)
            step(engine, network, hosts, m_running.at(key));
}

void Programs::step(Engine& engine, net::Network& network, host::Hosts& hosts, Running& running)
{
    const Instant now = engine.now();
    const Code& code = *running.code;
    const host::Process& before = hosts.at(running.host).processes.at(running.pid);
    const auto say = [&](std::uint8_t priority, const std::string& line) {
        hosts.log(engine, running.host, before.name, before.unit, running.pid, priority, line);
    };
    const std::optional<Opening> opening = openingOf(hosts.at(running.host), before);
    const Duration startTime = opening ? std::max(opening->startTime, code.startTime) : code.startTime;
    if (now < running.started + startTime || !before.runs()) {
        running.settled = now;
        return;
    }
    if (running.rates.paths.empty()) {
        for (const std::string& line : code.startLog)
            say(kInfo, startedLine(line, opening ? opening->port : code.port, startTime));
        for (const Variant& variant : code.variants)
            if (running.variants.count(variant.name) > 0)
                for (const std::string& line : variant.startLog)
                    say(kInfo, line);
        // Who has run since before the world began said it then.
        moveLines(hosts.at(running.host), now, running.pid, running.started + startTime);
    }
    running.advance(now);
    if (const auto rate = m_rates.find({running.host, code.name}); rate != m_rates.end())
        running.requestsPerSecond = rate->second;
    plan(running);
    bool descriptorsLeft = true;
    hosts.edit(engine, running.host, running.pid, [&](host::Process& process) {
        process.cpuCores = std::min(running.rates.wanted, static_cast<double>(running.settings.processors));
        process.systemCalls = systemCallsOf(running);
        double kernel = 0;
        for (const auto& [name, perSecond] : process.systemCalls)
            kernel += perSecond * kSystemCallSeconds;
        process.systemShare = running.rates.wanted > 0 ? std::clamp(kernel / running.rates.wanted, 0.01, 0.9) : 0.01;
        process.switchesPerSecond = 20;
        for (const PathCounters& path : running.rates.paths)
            process.switchesPerSecond += path.calls + 2 * path.waits;
        process.residentBytes = static_cast<std::int64_t>(running.residentBytes());
        process.fileBytes = static_cast<std::int64_t>(code.baseBytes / 4);
        process.virtualBytes = std::max(process.virtualBytes, process.residentBytes * 3 / 2);
        descriptorsLeft = placeDescriptors(running, process);
    });
    const host::Machine& machine = hosts.at(running.host);
    const double share = machine.starvedOfMemory() ? host::Machine::kStarvedShare : 1;
    grant(running, machine.processes.at(running.pid).cpuGranted * share);
    hosts.edit(engine, running.host, running.pid, [&](host::Process& process) {
        process.threads = threadsOf(running, process);
        process.threadCount = static_cast<std::int64_t>(process.threads.size()) + 1;
    });
    if (!descriptorsLeft) {
        for (double& opened : running.rates.opened)
            opened = 0;
        if (running.complaints++ % kComplaintsEvery == 0)
            say(kError, descriptorsLine(running));
    }
    if (running.settings.traces)
        for (const std::string& line : collectorLines(running))
            say(kInfo, line);
    running.cyclesTold = std::floor(running.collector.cycles);
    running.fullTold = std::floor(running.collector.fullCycles);
    running.marksTold = std::floor(running.collector.concurrent / 2);
    if (endingOf(running) == Ending::HeapFull) {
        const bool first = !running.heapFull;
        running.heapFull = true;
        if (first || running.complaints++ % kComplaintsEvery == 0)
            for (const std::string& line : heapFullLines(running, first))
                say(kError, line);
        if (first && running.settings.dumpsWhenFull)
            hosts.writeFile(engine, running.host, fmt::format("{}/java_pid{}.hprof", code.folder(), running.pid), "JAVA PROFILE 1.0.2", false, 0600,
                            static_cast<std::int64_t>(running.liveBytes()));
        if (running.settings.exitsWhenFull) {
            hosts.exit(engine, network, running.host, running.pid, kOutOfMemoryExit);
            return;
        }
    }
    hosts.settleMemory(engine, network, running.host);
}

const Running* Programs::find(HostId host, host::Pid pid) const
{
    const auto found = m_running.find({host, pid});
    return found == m_running.end() ? nullptr : &found->second;
}

std::optional<Running> Programs::at(HostId host, host::Pid pid, Instant now) const
{
    const Running* running = find(host, pid);
    return running == nullptr ? std::nullopt : std::optional(running->at(now));
}

bool Programs::age(Engine& engine, net::Network& network, host::Hosts& hosts, HostId host, const std::string& unit, Duration age)
{
    host::Machine& machine = hosts.at(host);
    const auto found = machine.units.find(unit);
    const auto process = found == machine.units.end() ? machine.processes.end() : machine.processes.find(found->second.mainPid);
    if (process == machine.processes.end())
        return false;
    const Instant since = engine.now() - age;
    moveStart(machine, unit, process->first, found->second.activating, since);
    found->second.command = host::commandOf(machine, found->second); // environment files as they are now
    const std::vector<std::string> command = host::startedCommand(machine, found->second);
    const auto started = startedBy(m_catalogue, machine, command);
    if (!started)
        return false;
    hosts.edit(engine, host, process->first, [&](host::Process& one) {
        one.command = command;
        one.started = since;
        one.cpuSeconds = one.systemSeconds = 0;
    });
    found->second.since = found->second.activating = since;
    Running running = startOf(started->code, started->version, started->files, settingsOf(*started->code, machine, process->second), since);
    running.host = host;
    running.pid = process->first;
    if (const auto rate = m_rates.find({host, started->code->name}); rate != m_rates.end())
        running.requestsPerSecond = rate->second;
    plan(running);
    grant(running, static_cast<double>(machine.cpus));
    running.advance(engine.now());
    hosts.edit(engine, host, running.pid, [&](host::Process& one) {
        one.cpuSeconds = running.cpuSeconds();
        one.systemSeconds = one.cpuSeconds * one.systemShare;
    });
    const Key key{host, running.pid};
    m_running.insert_or_assign(key, std::move(running));
    step(engine, network, hosts, m_running.at(key));
    return true;
}

void Programs::setRequestRate(HostId host, const std::string& name, double requestsPerSecond)
{
    m_rates[{host, name}] = requestsPerSecond;
}

void Programs::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_running);
    sim::addTo(f, m_rates);
}

} // namespace sim::programs
