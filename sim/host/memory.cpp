// The kernel's out-of-memory killer and what it writes to the kernel log (mm/oom_kill.c of Linux 6.1).
#include "sim/host/hosts.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

namespace sim::host {

namespace {

constexpr std::uint8_t kErr = 3, kWarning = 4, kInfo = 6;

/// oom_badness(): resident pages plus the adjustment, which counts in thousandths of all memory.
std::int64_t badness(const Process& process, std::int64_t memoryBytes)
{
    constexpr std::int64_t kNever = -1000;
    if (process.pid == 1 || process.kernelThread || process.oomScoreAdjust == kNever || process.state == 'Z')
        return INT64_MIN;
    return process.residentBytes + process.oomScoreAdjust * (memoryBytes / 1000);
}

std::int64_t uidOf(const std::string& user)
{
    return user == "root" ? 0 : 1000;
}

} // namespace

void Hosts::killForMemory(Engine& engine, net::Network& network, HostId host, Pid pid,
                          const std::string& cgroup)
{
    const Machine& machine = at(host);
    const auto found = machine.processes.find(pid);
    if (found == machine.processes.end())
        return;
    const Process victim = found->second;
    const auto kernel = [&](std::uint8_t priority, std::string message) {
        log(engine, host, "kernel", "", 0, priority, std::move(message));
    };
    const std::int64_t uid = uidOf(victim.user);
    const std::string task = cgroup.empty() ? (victim.unit.empty() ? "/" : "/system.slice/" + victim.unit)
                                            : cgroup;
    kernel(kWarning,
           fmt::format("{} invoked oom-killer: gfp_mask={}, order=0, oom_score_adj={}", victim.name,
                       cgroup.empty() ? "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)" : "0xcc0(GFP_KERNEL)",
                       victim.oomScoreAdjust));
    kernel(kWarning,
           fmt::format("CPU: {} PID: {} Comm: {} Not tainted {} #1  Debian 6.1.119-1",
                       victim.pid % machine.cpus, victim.pid, victim.name, machine.kernel));
    if (!cgroup.empty())
        kernel(kInfo,
               fmt::format("memory: usage {0}kB, limit {0}kB, failcnt 127", victim.residentBytes / 1024));
    kernel(kInfo, "Tasks state (memory values in pages):");
    kernel(kInfo, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name");
    int listed = 0;
    for (const auto& [other, process] : machine.processes) {
        if (process.kernelThread || (!cgroup.empty() && other != pid) || process.residentBytes <= 0)
            continue;
        if (++listed > 40) // the kernel lists all; the tail of a thousand tasks tells nothing
            break;
        kernel(kInfo,
               fmt::format("[{:7}] {:5} {:5} {:8} {:8} {:8} {:8} {:13} {}", other, uidOf(process.user), other,
                           process.virtualBytes / 4096, process.residentBytes / 4096,
                           process.virtualBytes / 4096 * 8 / 4096 * 4096, 0, process.oomScoreAdjust,
                           process.name));
    }
    kernel(
        kInfo,
        fmt::format(
            "oom-kill:constraint={},nodemask=(null),cpuset=/,mems_allowed=0,{},task_memcg={},task={},pid={},"
            "uid={}",
            cgroup.empty() ? "CONSTRAINT_NONE" : "CONSTRAINT_MEMCG",
            cgroup.empty() ? std::string("global_oom") : "oom_memcg=" + cgroup, task, victim.name, pid, uid));
    kernel(
        kErr,
        fmt::format(
            "{}: Killed process {} ({}) total-vm:{}kB, anon-rss:{}kB, file-rss:{}kB, shmem-rss:0kB, UID:{} "
            "pgtables:{}kB oom_score_adj:{}",
            cgroup.empty() ? "Out of memory" : "Memory cgroup out of memory", pid, victim.name,
            victim.virtualBytes / 1024, victim.residentBytes * 97 / 100 / 1024,
            victim.residentBytes * 3 / 100 / 1024, uid, victim.virtualBytes / 4096 * 8 / 1024,
            victim.oomScoreAdjust));
    exit(engine, network, host, pid, 128 + kSigKill, kSigKill, true);
    kernel(kInfo,
           fmt::format("oom_reaper: reaped process {} ({}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
                       pid, victim.name));
}

void Hosts::settleMemory(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    for (std::size_t round = 0, most = machine.processes.size(); round <= most; ++round) {
        const std::int64_t used = machine.memoryUsedBytes();
        // The page cache shrinks before anything is killed.
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
