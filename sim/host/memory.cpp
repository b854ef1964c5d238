// The kernel's out-of-memory killer and what it writes to the kernel log (mm/oom_kill.c of Linux 6.1).
#include "sim/host/hosts.h"
#include "sim/host/oom_report.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

constexpr std::uint8_t kErr = 3, kInfo = 6;

/// oom_badness(): resident pages plus the adjustment, which counts in thousandths of all memory.
std::int64_t badness(const Process& process, std::int64_t memoryBytes)
{
    constexpr std::int64_t kNever = -1000;
    if (process.pid == 1 || process.kernelThread || process.oomScoreAdjust == kNever || process.state == 'Z')
        return INT64_MIN;
    return process.residentBytes + process.oomScoreAdjust * (memoryBytes / 1000);
}

} // namespace

void Hosts::killForMemory(Engine& engine, net::Network& network, HostId host, Pid pid,
                          const std::string& cgroup)
{
    Machine& machine = at(host);
    const auto found = machine.processes.find(pid);
    if (found == machine.processes.end())
        return;
    const auto group = machine.cgroups.find(cgroup);
    if (group != machine.cgroups.end() && group->second.memoryMax > 0) // the charge that failed was never made
        found->second.residentBytes -= std::clamp<std::int64_t>(cgroupMemoryBytes(machine, cgroup) - group->second.memoryMax, 0, found->second.residentBytes);
    const Process victim = found->second;
    const auto kernel = [&](std::uint8_t priority, std::string message) {
        log(engine, host, "kernel", "", 0, priority, std::move(message));
    };
    const std::int64_t uid = uidOf(machine, victim.user);
    for (OomLine& line : oomReport(machine, victim, cgroup))
        kernel(line.priority, std::move(line.text));
    kernel(
        kErr,
        fmt::format(
            "{}: Killed process {} ({}) total-vm:{}kB, anon-rss:{}kB, file-rss:{}kB, shmem-rss:0kB, UID:{} "
            "pgtables:{}kB oom_score_adj:{}",
            cgroup.empty() ? "Out of memory" : "Memory cgroup out of memory", pid, victim.name,
            victim.virtualBytes / 1024, victim.anonymousPages() / 1024,
            victim.filePages() / 1024, uid, pageTableBytes(victim) / 1024,
            victim.oomScoreAdjust));
    ++at(host).totals.outOfMemoryKills;
    if (!cgroup.empty()) {
        ++at(host).cgroups[cgroup].oomKills;
        ++at(host).cgroups[cgroup].maxEvents;
    }
    exit(engine, network, host, pid, 128 + kSigKill, kSigKill, true);
    kernel(kInfo,
           fmt::format("oom_reaper: reaped process {} ({}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
                       pid, victim.name));
}

void Hosts::settleMemory(Engine& engine, net::Network& network, HostId host)
{
    settleCgroupMemory(engine, network, host);
    Machine& machine = at(host);
    for (std::size_t round = 0, most = machine.processes.size(); round <= most; ++round) {
        const std::int64_t used = machine.memoryUsedBytes() - machine.swapUsedBytes();
        // The page cache and what else can be reclaimed shrink before anything is killed.
        machine.cacheBytes = std::max<std::int64_t>(0,
                                                    std::min(machine.cacheBytes, machine.memoryBytes - used));
        if (machine.memoryBytes <= 0 || used <= machine.memoryBytes)
            return;
        Pid worst = 0;
        std::int64_t score = INT64_MIN;
        for (const auto& [pid, process] : machine.processes)
            if (const std::int64_t points = badness(process, machine.memoryBytes); points > score) {
                score = points;
                worst = pid;
            }
        if (worst == 0)
            return; // "System is deadlocked on memory": nothing killable is left
        killForMemory(engine, network, host, worst, {});
    }
}

} // namespace sim::host
