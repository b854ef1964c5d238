// What programs of units do beside waiting: threads that compute, memory that they never give back, files that they read.
#include "sim/host/workload.h"

#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

bool settingThere(const Machine& machine, const Workload& work)
{
    if (work.file.empty())
        return true;
    const File* file = findFile(machine, work.file);
    return file != nullptr && file->content.find(work.contains) != std::string::npos;
}

/// The rates that the main process and each of its children have in common.
void takeRates(Process& process, const Workload& work)
{
    process.systemShare = work.systemShare;
    process.readBytesPerSecond = work.readBytesPerSecond;
    process.syncedBytesPerSecond = work.syncedBytesPerSecond;
    process.switchesPerSecond = work.switchesPerSecond;
    process.systemCalls = work.systemCalls;
    process.nice = work.nice;
}

void takeThreads(Process& process, const Workload& work)
{
    process.threads.clear();
    for (std::int64_t n = 1; n < work.threads; ++n) {
        Thread thread;
        thread.name = work.threadName;
        if (const std::size_t at = thread.name.find("{n}"); at != std::string::npos)
            thread.name.replace(at, 3, std::to_string(n));
        thread.cpuCores = work.cpuCores / static_cast<double>(work.threads);
        thread.state = thread.cpuCores > 0.3 ? 'R' : 'S';
        process.threads.push_back(std::move(thread));
    }
}

void fillIn(std::string& text, std::string_view what, const std::string& value)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + value.size()))
        text.replace(at, what.size(), value);
}

} // namespace

std::string logTurn(const Workload& work, std::int64_t turn, RandomStream& random)
{
    constexpr std::uint64_t kFirstClientPort = 32768, kClientPorts = 28232; // net.ipv4.ip_local_port_range
    std::string text = work.logLines[static_cast<std::size_t>(turn) % work.logLines.size()];
    fillIn(text, "{n}", std::to_string(turn));
    fillIn(text, "{ms}", fmt::format("{:.3f}", 0.18 + 2.6 * random.unit() * random.unit()));
    fillIn(text, "{port}", std::to_string(kFirstClientPort + random.below(kClientPorts)));
    return text;
}

std::pair<std::int64_t, std::int64_t> logTurns(const Workload& work, Instant started, Instant now)
{
    const double age = toSeconds(now - started);
    const auto turns = [&](double seconds) { return work.logLines.empty() ? 0 : static_cast<std::int64_t>(std::max(0.0, seconds) * work.logLinesPerSecond); };
    return {turns(age - 1), turns(age)};
}

void beginWork(Hosts& hosts, Engine& engine, HostId host, const std::string& unit)
{
    const Unit& of = hosts.at(host).units.at(unit);
    const Workload work = of.workload;
    const Pid pid = of.mainPid;
    if (work.empty() || !settingThere(hosts.at(host), work))
        return;
    hosts.edit(engine, host, pid, [&](Process& process) {
        takeRates(process, work);
        takeThreads(process, work);
        process.cpuCores = work.cpuCores;
        process.growthBytesPerSecond = work.growthBytesPerSecond;
        process.tells = work.logLinesPerSecond > 0;
    });
    const Process main = hosts.at(host).processes.at(pid);
    for (std::int64_t n = 0; n < work.processes; ++n) {
        Process child;
        child.parent = pid;
        child.command = work.childCommand.empty() ? main.command : commandWords(work.childCommand);
        child.name = work.childCommand.empty() ? main.name : child.command.front();
        child.cpuCores = work.childCores;
        child.user = main.user;
        child.unit = main.unit;
        child.cgroup = main.cgroup;
        child.oomScoreAdjust = main.oomScoreAdjust;
        child.environment = main.environment;
        child.residentBytes = main.residentBytes;
        child.virtualBytes = main.virtualBytes;
        takeRates(child, work);
        hosts.spawn(engine, host, std::move(child));
    }
}

} // namespace sim::host
