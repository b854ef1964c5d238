// cgroup v2's directories as the kernel shows them (Documentation/admin-guide/cgroup-v2.rst).
#include "sim/host/cgroup.h"

#include "sim/engine/letters.h"
#include "sim/host/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace sim::host {

namespace {

constexpr std::int64_t kPage = 4096;

std::optional<std::int64_t> wholeNumber(const std::string& text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty() && value >= 0 ? std::optional(value) : std::nullopt;
}

/// "max" or bytes with the kernel's suffixes K, M, G; 0 stands for max.
std::optional<std::int64_t> limitOf(std::string text)
{
    if (text == "max")
        return 0;
    std::int64_t unit = 1;
    if (!text.empty())
        if (const std::size_t power = std::string("KMGT").find(sim::raised(text.back())); power != std::string::npos) {
            unit = std::int64_t{1} << (10 * (power + 1));
            text.pop_back();
        }
    const auto value = wholeNumber(text);
    return value ? std::optional(*value * unit / kPage * kPage) : std::nullopt;
}

std::string limitText(std::int64_t value)
{
    return value == 0 ? "max\n" : std::to_string(value) + "\n";
}

std::string cpuStat(const Machine& machine, const std::string& path, const Cgroup& group, Instant now)
{
    double used = 0, system = 0;
    for (const auto& [pid, process] : machine.processes)
        if (inCgroup(process.cgroup, path)) {
            const double more = process.cpuSecondsAt(now) - process.cpuSeconds;
            used += process.cpuSeconds + more;
            system += process.systemSeconds + more * process.systemShare;
        }
    const auto micros = [](double seconds) { return static_cast<std::int64_t>(seconds * 1e6); };
    return fmt::format("usage_usec {}\nuser_usec {}\nsystem_usec {}\nnr_periods {}\nnr_throttled {}\nthrottled_usec {}\nnr_bursts 0\nburst_usec 0\n",
                       micros(used), micros(used - system), micros(system), static_cast<std::int64_t>(group.periods),
                       static_cast<std::int64_t>(group.throttledPeriods), micros(group.throttledSeconds));
}

std::string memoryStat(const Machine& machine, const std::string& path)
{
    std::int64_t anonymous = 0, file = 0;
    for (const auto& [pid, process] : machine.processes)
        if (inCgroup(process.cgroup, path)) {
            anonymous += process.anonymousPages();
            file += process.filePages();
        }
    return fmt::format("anon {}\nfile {}\nkernel_stack {}\nsock 0\nshmem 0\nfile_mapped {}\nfile_dirty 0\nfile_writeback 0\ninactive_anon {}\n"
                       "active_anon {}\ninactive_file {}\nactive_file {}\n",
                       anonymous, file, cgroupTasks(machine, path) * 16384, file, anonymous, 0, file / 2, file - file / 2);
}

} // namespace

std::string pressureText(const PressureAverage& p)
{
    return fmt::format("some avg10={:.2f} avg60={:.2f} avg300={:.2f} total={}\nfull avg10={:.2f} avg60={:.2f} avg300={:.2f} total={}\n",
                       p.some10 * 100, p.some60 * 100, p.some300 * 100, static_cast<std::int64_t>(p.someSeconds * 1e6),
                       p.full10 * 100, p.full60 * 100, p.full300 * 100, static_cast<std::int64_t>(p.fullSeconds * 1e6));
}

bool inCgroup(const std::string& cgroup, const std::string& ancestor)
{
    return ancestor == "/" || (cgroup.compare(0, ancestor.size(), ancestor) == 0 && (cgroup.size() == ancestor.size() || cgroup[ancestor.size()] == '/'));
}

std::vector<std::string> cgroupPaths(const Machine& machine)
{
    std::set<std::string> paths{"/"};
    const auto add = [&](std::string path) {
        while (path.size() > 1 && paths.insert(path).second)
            path.erase(path.rfind('/'));
    };
    for (const auto& [pid, process] : machine.processes)
        add(process.cgroup);
    for (const auto& [path, group] : machine.cgroups)
        add(path);
    return {paths.begin(), paths.end()};
}

std::int64_t cgroupMemoryBytes(const Machine& machine, const std::string& path)
{
    std::int64_t bytes = 0;
    for (const auto& [pid, process] : machine.processes)
        if (inCgroup(process.cgroup, path))
            bytes += process.residentBytes;
    return bytes;
}

std::int64_t cgroupTasks(const Machine& machine, const std::string& path)
{
    std::int64_t tasks = 0;
    for (const auto& [pid, process] : machine.processes)
        if (inCgroup(process.cgroup, path))
            tasks += process.threadCount;
    return tasks;
}

double cgroupCpuSeconds(const Machine& machine, const std::string& path, Instant now)
{
    double seconds = 0;
    for (const auto& [pid, process] : machine.processes)
        if (inCgroup(process.cgroup, path))
            seconds += process.cpuSecondsAt(now);
    return seconds;
}

const std::vector<std::string>& cgroupFiles()
{
    static const std::vector<std::string> files{"cgroup.controllers", "cgroup.events", "cgroup.procs",   "cgroup.threads", "cpu.max",        "cpu.pressure",
                                                "cpu.stat",           "cpu.weight",    "io.pressure",    "memory.current", "memory.events",  "memory.high",
                                                "memory.max",         "memory.peak",   "memory.pressure", "memory.stat",   "memory.swap.max", "pids.current",
                                                "pids.events",        "pids.max"};
    return files;
}

std::string cgroupFileText(const Machine& machine, const std::string& path, const std::string& file, Instant now)
{
    const auto found = machine.cgroups.find(path);
    const Cgroup group = found == machine.cgroups.end() ? Cgroup{} : found->second;
    if (file == "cpu.max")
        return group.cpuQuotaCores <= 0 ? fmt::format("max {}\n", group.cpuPeriodMicros)
                                        : fmt::format("{:.0f} {}\n", group.cpuQuotaCores * static_cast<double>(group.cpuPeriodMicros), group.cpuPeriodMicros);
    if (file == "cpu.weight")
        return fmt::format("{}\n", group.cpuWeight);
    if (file == "cpu.stat")
        return cpuStat(machine, path, group, now);
    if (file == "memory.current")
        return fmt::format("{}\n", cgroupMemoryBytes(machine, path));
    if (file == "memory.peak")
        return fmt::format("{}\n", std::max(group.memoryPeak, cgroupMemoryBytes(machine, path)));
    if (file == "memory.max")
        return limitText(group.memoryMax);
    if (file == "memory.high")
        return limitText(group.memoryHigh);
    if (file == "memory.swap.max")
        return "max\n";
    if (file == "memory.events")
        return fmt::format("low 0\nhigh 0\nmax {}\noom {}\noom_kill {}\noom_group_kill 0\n", group.maxEvents, group.oomKills, group.oomKills);
    if (file == "memory.stat")
        return memoryStat(machine, path);
    if (file == "pids.max")
        return limitText(group.pidsMax);
    if (file == "pids.current")
        return fmt::format("{}\n", cgroupTasks(machine, path));
    if (file == "pids.events")
        return fmt::format("max {}\n", group.forksRefused);
    if (file == "cgroup.controllers")
        return "cpuset cpu io memory hugetlb pids rdma misc\n";
    if (file == "cgroup.events")
        return fmt::format("populated {}\nfrozen 0\n", cgroupTasks(machine, path) > 0 ? 1 : 0);
    if (file == "cgroup.procs" || file == "cgroup.threads") {
        std::string text;
        for (const auto& [pid, process] : machine.processes)
            if (process.cgroup == path) {
                text += fmt::format("{}\n", pid);
                if (file == "cgroup.threads")
                    for (const Thread& thread : process.threads)
                        text += fmt::format("{}\n", thread.tid);
            }
        return text;
    }
    const Pressure pressure = pressureAt(machine, now);
    if (file == "cpu.pressure")
        return pressureText(pressure.cpu);
    if (file == "memory.pressure")
        return pressureText(pressure.memory);
    if (file == "io.pressure")
        return pressureText(pressure.io);
    return {};
}

bool setCgroupLimit(Machine& machine, const std::string& path, const std::string& file, const std::string& text)
{
    std::istringstream words(text);
    std::string first, second;
    words >> first >> second;
    Cgroup changed;
    if (const auto found = machine.cgroups.find(path); found != machine.cgroups.end())
        changed = found->second;
    if (file == "cpu.max") {
        const auto period = second.empty() ? std::optional(changed.cpuPeriodMicros) : wholeNumber(second);
        const auto quota = first == "max" ? std::optional<std::int64_t>(0) : wholeNumber(first);
        constexpr std::int64_t kLeastMicros = 1000, kLongestPeriod = 1'000'000; // kernel/sched/core.c
        if (!period || !quota || *period < kLeastMicros || *period > kLongestPeriod || (*quota != 0 && *quota < kLeastMicros))
            return false;
        changed.cpuPeriodMicros = *period;
        changed.cpuQuotaCores = static_cast<double>(*quota) / static_cast<double>(*period);
    } else if (file == "cpu.weight") {
        const auto weight = wholeNumber(first);
        if (!weight || *weight < 1 || *weight > 10'000)
            return false;
        changed.cpuWeight = *weight;
    } else {
        const auto limit = file == "pids.max" ? (first == "max" ? std::optional<std::int64_t>(0) : wholeNumber(first)) : limitOf(first);
        if (!limit)
            return false;
        if (file == "memory.max")
            changed.memoryMax = *limit;
        else if (file == "memory.high")
            changed.memoryHigh = *limit;
        else if (file == "pids.max")
            changed.pidsMax = *limit;
        else
            return false;
    }
    machine.cgroups[path] = changed;
    return true;
}

} // namespace sim::host
