// The kernel log of an out-of-memory kill, in the layout of Linux 6.1 (mm/oom_kill.c, mm/page_alloc.c, mm/memcontrol.c).
#include "sim/host/oom_report.h"

#include "sim/host/accounts.h"
#include "sim/host/cgroup.h"
#include "sim/host/memory_figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

constexpr std::uint8_t kOomWarning = 4, kOomInfo = 6;
constexpr std::int64_t kPageSize = 4096;
constexpr std::int64_t kDmaZone = 15LL << 20;         // below 16 MiB, less what the kernel keeps
constexpr std::int64_t kDma32Zone = 3LL << 30;        // below 4 GiB, less the hole for devices
constexpr int kTasksListed = 120;                     // the kernel lists all; the tail of a thousand tasks tells nothing

class Report {
public:
    Report(const Machine& machine, const Process& victim, const std::string& cgroup) : m_machine(machine), m_victim(victim), m_cgroup(cgroup) { }

    std::vector<OomLine> lines()
    {
        caller();
        if (m_cgroup.empty())
            memoryInfo();
        else
            groupInfo();
        tasks();
        summary();
        return std::move(m_lines);
    }

private:
    void add(std::uint8_t priority, std::string text) { m_lines.push_back({priority, std::move(text)}); }
    bool concerned(const Process& process) const { return m_cgroup.empty() || inCgroup(process.cgroup, m_cgroup); }

    /// Who wanted a page and found none: most likely the one that takes the most of them.
    const Process& invoker() const
    {
        const Process* most = &m_victim;
        for (const auto& [pid, process] : m_machine.processes)
            if (process.runs() && concerned(process) && process.growthBytesPerSecond > most->growthBytesPerSecond)
                most = &process;
        return *most;
    }

    void caller()
    {
        const Process& by = invoker();
        add(kOomWarning, fmt::format("{} invoked oom-killer: gfp_mask={}, order=0, oom_score_adj={}", by.name,
                                  m_cgroup.empty() ? "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)" : "0xcc0(GFP_KERNEL)", by.oomScoreAdjust));
        add(kOomWarning, fmt::format("CPU: {} PID: {} Comm: {} Not tainted {} #1  Debian 6.1.119-1", by.pid % std::max<std::int64_t>(1, m_machine.cpus), by.pid, by.name,
                                  m_machine.kernel));
        add(kOomWarning, "Call Trace:");
        add(kOomWarning, " <TASK>");
        add(kOomWarning, " dump_stack_lvl+0x44/0x5c");
        add(kOomWarning, " dump_header+0x4a/0x211");
        add(kOomWarning, " oom_kill_process.cold+0xb/0x10");
        add(kOomWarning, " out_of_memory+0x1fd/0x4c0");
        add(kOomWarning, m_cgroup.empty() ? " __alloc_pages_slowpath.constprop.0+0xc7d/0xe20" : " mem_cgroup_out_of_memory+0x134/0x150");
        add(kOomWarning, " </TASK>");
    }

    void zone(const char* name, std::int64_t bytes, const MemoryFigures& m)
    {
        if (bytes <= 0)
            return;
        const double share = static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(1, m.total));
        const auto part = [&](std::int64_t whole) { return static_cast<std::int64_t>(static_cast<double>(whole) * share) / 1024; };
        // The allocation failed because free pages are down at the minimum watermark; low and high lie a quarter and a half above.
        const std::int64_t least = part(Machine::kMinFreeBytes);
        add(kOomInfo, fmt::format("Node 0 {} free:{}kB boost:0kB min:{}kB low:{}kB high:{}kB reserved_highatomic:0KB active_anon:0kB inactive_anon:{}kB active_file:0kB "
                               "inactive_file:{}kB unevictable:0kB writepending:0kB present:{}kB managed:{}kB mlocked:0kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB",
                               name, std::max(least, part(m.free)), least, least * 5 / 4, least * 3 / 2, part(m.anonymous), part(m.cached - m.shared), bytes / 1024, bytes / 1024));
    }

    void memoryInfo()
    {
        const MemoryFigures m = memoryFigures(m_machine);
        const std::int64_t files = std::max<std::int64_t>(0, m.cached + m.buffers - m.shared);
        const std::int64_t free = std::max(m.free, Machine::kMinFreeBytes);
        add(kOomWarning, "Mem-Info:");
        add(kOomWarning, fmt::format("active_anon:{} inactive_anon:{} isolated_anon:0", m.shared / kPageSize, m.anonymous / kPageSize));
        add(kOomWarning, fmt::format(" active_file:{} inactive_file:{} isolated_file:0", files / 2 / kPageSize, (files - files / 2) / kPageSize));
        add(kOomWarning, fmt::format(" unevictable:0 dirty:{} writeback:0", m.dirty / kPageSize));
        add(kOomWarning, fmt::format(" slab_reclaimable:{} slab_unreclaimable:{}", m.slabReclaimable / kPageSize, (m.slab - m.slabReclaimable) / kPageSize));
        add(kOomWarning, fmt::format(" mapped:{} shmem:{} pagetables:{}", m.mapped / kPageSize, m.shared / kPageSize, m.pageTables / kPageSize));
        add(kOomWarning, " sec_pagetables:0 bounce:0");
        add(kOomWarning, " kernel_misc_reclaimable:0");
        add(kOomWarning, fmt::format(" free:{} free_pcp:0 free_cma:0", free / kPageSize));
        add(kOomInfo, fmt::format("Node 0 active_anon:{}kB inactive_anon:{}kB active_file:{}kB inactive_file:{}kB unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:{}kB "
                               "dirty:{}kB writeback:0kB shmem:{}kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB kernel_stack:{}kB pagetables:{}kB "
                               "sec_pagetables:0kB all_unreclaimable? yes",
                               m.shared / 1024, m.anonymous / 1024, files / 2 / 1024, (files - files / 2) / 1024, m.mapped / 1024, m.dirty / 1024, m.shared / 1024,
                               m.kernelStack / 1024, m.pageTables / 1024));
        zone("DMA", kDmaZone, m);
        zone("DMA32", std::min(kDma32Zone, m.total - kDmaZone), m);
        zone("Normal", m.total - kDmaZone - kDma32Zone, m);
        const std::int64_t huge = m_machine.hugePageBytes() / Machine::kHugePageBytes;
        add(kOomInfo, fmt::format("Node 0 hugepages_total={0} hugepages_free={0} hugepages_surp=0 hugepages_size=2048kB", huge));
        add(kOomInfo, fmt::format("{} total pagecache pages", (m.cached + m.buffers) / kPageSize));
        add(kOomInfo, "0 pages in swap cache");
        add(kOomInfo, fmt::format("Free swap  = {}kB", m.swapFree / 1024));
        add(kOomInfo, fmt::format("Total swap = {}kB", m.swapTotal / 1024));
        add(kOomInfo, fmt::format("{} pages RAM", m.total / kPageSize));
        add(kOomInfo, "0 pages HighMem/MovableOnly");
        add(kOomInfo, "0 pages hwpoisoned");
    }

    void groupInfo()
    {
        const auto group = m_machine.cgroups.find(m_cgroup);
        const std::int64_t usage = cgroupMemoryBytes(m_machine, m_cgroup);
        const std::int64_t limit = group == m_machine.cgroups.end() || group->second.memoryMax <= 0 ? usage : group->second.memoryMax;
        std::int64_t files = 0, tables = 0, stacks = 0;
        for (const auto& [pid, process] : m_machine.processes)
            if (inCgroup(process.cgroup, m_cgroup)) {
                files += process.filePages();
                tables += pageTableBytes(process);
                stacks += process.threadCount * 16 * 1024;
            }
        // The group's charge is anonymous pages, file pages and what the kernel holds for its tasks.
        const std::int64_t anonymous = std::max<std::int64_t>(0, std::min(usage, limit) - files - tables - stacks);
        add(kOomInfo, fmt::format("memory: usage {}kB, limit {}kB, failcnt {}", std::min(usage, limit) / 1024, limit / 1024,
                               group == m_machine.cgroups.end() ? 1 : group->second.maxEvents + 1));
        add(kOomInfo, "swap: usage 0kB, limit 9007199254740988kB, failcnt 0");
        add(kOomInfo, fmt::format("Memory cgroup stats for {}:", m_cgroup));
        for (const auto& [name, bytes] : {std::pair("anon", anonymous), std::pair("file", files), std::pair("kernel_stack", stacks), std::pair("pagetables", tables),
                                          std::pair("shmem", std::int64_t{0}), std::pair("inactive_anon", anonymous), std::pair("active_anon", std::int64_t{0})})
            add(kOomInfo, fmt::format("{} {}", name, bytes));
    }

    void tasks()
    {
        add(kOomInfo, "Tasks state (memory values in pages):");
        add(kOomInfo, "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name");
        int listed = 0;
        for (const auto& [pid, process] : m_machine.processes) {
            if (process.kernelThread || process.residentBytes <= 0 || (!concerned(process) && pid != m_victim.pid))
                continue;
            if (++listed > kTasksListed)
                break;
            add(kOomInfo, fmt::format("[{:7}] {:5} {:5} {:8} {:8} {:8} {:8} {:13} {}", pid, uidOf(m_machine, process.user), pid, process.virtualBytes / kPageSize,
                                   process.residentBytes / kPageSize, pageTableBytes(process) / kPageSize * kPageSize, 0, process.oomScoreAdjust, process.name));
        }
    }

    void summary()
    {
        const std::string own = !m_victim.cgroup.empty() ? m_victim.cgroup : m_victim.unit.empty() ? "/" : "/system.slice/" + m_victim.unit;
        add(kOomInfo, fmt::format("oom-kill:constraint={},nodemask=(null),cpuset=/,mems_allowed=0,{},task_memcg={},task={},pid={},uid={}",
                               m_cgroup.empty() ? "CONSTRAINT_NONE" : "CONSTRAINT_MEMCG", m_cgroup.empty() ? std::string("global_oom") : "oom_memcg=" + m_cgroup, own,
                               m_victim.name, m_victim.pid, uidOf(m_machine, m_victim.user)));
    }

    const Machine& m_machine;
    const Process& m_victim;
    const std::string& m_cgroup;
    std::vector<OomLine> m_lines;
};

} // namespace

std::vector<OomLine> oomReport(const Machine& machine, const Process& victim, const std::string& cgroup)
{
    return Report(machine, victim, cgroup).lines();
}

std::int64_t pageTableBytes(const Process& process)
{
    constexpr std::int64_t kUpperTables = 64 * 1024;
    return process.kernelThread ? 0 : process.residentBytes / 512 + kUpperTables;
}

std::int64_t uidOf(const Machine& machine, const std::string& user)
{
    constexpr std::int64_t kFirstUser = 1000; // of users that /etc/passwd does not have: images' own
    const auto account = accountOf(machine, user);
    return account ? account->uid : user == "root" ? 0 : kFirstUser;
}

} // namespace sim::host
