#include "sim/host/proc_files.h"

#include "sim/host/memory_figures.h"
#include "sim/host/mounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::host {

namespace {

constexpr const char* kProcFiles[] = {"cmdline",  "cpuinfo", "diskstats", "filesystems", "loadavg", "meminfo", "mounts",
                                      "slabinfo", "stat",    "swaps",     "uptime",      "version", "vmstat"};
constexpr double kProcStatTicks = 100; // USER_HZ

std::string cpuInfo(const Machine& machine)
{
    std::string text;
    for (std::int64_t i = 0; i < machine.cpus; ++i)
        text += fmt::format(
            "processor\t: {}\nvendor_id\t: GenuineIntel\nmodel name\t: {}\ncpu MHz\t\t: 2000.000\n"
            "cache size\t: 107520 KB\nphysical id\t: 0\nsiblings\t: {}\ncore id\t\t: {}\ncpu cores\t: {}\n\n",
            i, machine.cpuModel, machine.cpus, i, machine.cpus);
    return text;
}

std::string memInfo(const Machine& machine)
{
    const MemoryFigures m = memoryFigures(machine);
    std::string text;
    const auto add = [&](const char* name, std::int64_t bytes) {
        text += fmt::format("{:<16}{:>8} kB\n", std::string(name) + ":", bytes / 1024);
    };
    add("MemTotal", m.total);
    add("MemFree", m.free);
    add("MemAvailable", m.available);
    add("Buffers", m.buffers);
    add("Cached", m.cached);
    add("SwapCached", 0);
    add("Active", m.anonymous / 2 + m.cached / 2);
    add("Inactive", m.anonymous / 2 + m.cached / 2);
    add("SwapTotal", m.swapTotal);
    add("SwapFree", m.swapFree);
    add("Dirty", m.dirty);
    add("Writeback", 0);
    add("AnonPages", m.anonymous);
    add("Mapped", m.mapped);
    add("Shmem", m.shared);
    add("KReclaimable", m.slabReclaimable);
    add("Slab", m.slab);
    add("SReclaimable", m.slabReclaimable);
    add("SUnreclaim", m.slab - m.slabReclaimable);
    add("KernelStack", m.kernelStack);
    add("PageTables", m.pageTables);
    add("CommitLimit", m.commitLimit);
    add("Committed_AS", m.committed);
    const std::int64_t pages = machine.hugePageBytes() / Machine::kHugePageBytes;
    for (const auto& [name, value] : {std::pair("HugePages_Total:", pages), std::pair("HugePages_Free:", pages),
                                      std::pair("HugePages_Rsvd:", std::int64_t{0}), std::pair("HugePages_Surp:", std::int64_t{0})})
        text += fmt::format("{:<16}{:>8}\n", name, value);
    add("Hugepagesize", Machine::kHugePageBytes);
    add("Hugetlb", machine.hugePageBytes());
    return text;
}

std::string swapText(const Machine& machine)
{
    std::string text = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
    std::int64_t used = machine.swapUsedBytes();
    for (const SwapArea& area : machine.swaps) { // the first one fills first
        const std::int64_t here = std::min(used, area.sizeBytes);
        text += fmt::format("{:<40}{}\t{}\t\t{}\t\t{}\n", area.path, area.type, area.sizeBytes / 1024, here / 1024, area.priority);
        used -= here;
    }
    return text;
}

std::string slabText(const Machine& machine)
{
    std::string text = "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> "
                       "<sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
    for (const SlabFigures& f : slabFigures(machine))
        text += fmt::format("{:<17} {:6} {:6} {:6} {:4} {:4} : tunables {:4} {:4} {:4} : slabdata {:6} {:6} {:6}\n", f.name, f.active, f.objects, f.objectBytes,
                            f.objectsPerSlab, f.pagesPerSlab, 0, 0, 0, f.slabs(), f.slabs(), 0);
    return text;
}

/// Seconds up to `now`, all processors together: user, system, idle, waiting for a disk.
std::string statText(const Machine& machine, Instant now)
{
    const double since = std::max(0.0, toSeconds(now - machine.load.at));
    double user = machine.totals.userSeconds, system = machine.totals.systemSeconds, granted = 0;
    for (const auto& [pid, process] : machine.processes)
        if (process.runs()) {
            granted += process.cpuGranted;
            user += process.cpuGranted * (1 - process.systemShare) * since;
            system += process.cpuGranted * process.systemShare * since;
        }
    const auto cpus = static_cast<double>(machine.cpus);
    const double wait = machine.totals.waitSeconds + std::min(std::max(0.0, cpus - granted), machine.tasksWaitingForDisk()) * since;
    const double idle = std::max(0.0, std::max(0.0, toSeconds(now - machine.booted)) * cpus - user - system - wait);
    const auto line = [](const std::string& name, double u, double s, double i, double w) {
        const auto ticks = [](double seconds) { return static_cast<std::int64_t>(seconds * kProcStatTicks); };
        return fmt::format("{} {} 0 {} {} {} 0 0 0 0 0\n", name, ticks(u), ticks(s), ticks(i), ticks(w));
    };
    std::string text = line("cpu ", user, system, idle, wait);
    for (std::int64_t i = 0; i < machine.cpus; ++i)
        text += line(fmt::format("cpu{}", i), user / cpus, system / cpus, idle / cpus, wait / cpus);
    const auto blocked = static_cast<std::size_t>(machine.tasksWaitingForDisk() + 0.5);
    return text + fmt::format("btime {}\nprocesses {}\nprocs_running {}\nprocs_blocked {}\n", unixSeconds(machine.booted), machine.totals.forks, machine.runningTasks(), blocked);
}

std::string dotted(std::string path)
{
    std::replace(path.begin(), path.end(), '/', '.');
    return path;
}

std::optional<std::string> procText(const Machine& machine, const std::string& path, Instant now)
{
    const std::string name = path.substr(std::min<std::size_t>(path.size(), 6));
    const double up = std::max(0.0, toSeconds(now - machine.booted));
    if (name == "uptime")
        return fmt::format("{:.2f} {:.2f}\n", up,
                           std::max(0.0, up * (static_cast<double>(machine.cpus) - machine.cpuCoresUsed())));
    if (name == "loadavg") {
        const LoadAverage load = machine.loadAverage(now);
        std::int64_t tasks = 0;
        for (const auto& [pid, p] : machine.processes)
            tasks += p.threadCount;
        return fmt::format("{:.2f} {:.2f} {:.2f} {}/{} {}\n", load.one, load.five, load.fifteen, machine.runningTasks(),
                           tasks, machine.nextPid - 1);
    }
    if (name == "meminfo")
        return memInfo(machine);
    if (name == "cpuinfo")
        return cpuInfo(machine);
    if (name == "version")
        return fmt::format(
            "Linux version {} (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld "
            "(GNU "
            "Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)\n",
            machine.kernel);
    if (name == "cmdline")
        return fmt::format("BOOT_IMAGE={} {}\n", machine.boot.entry.kernel, machine.boot.entry.arguments);
    if (name == "swaps")
        return swapText(machine);
    if (name == "filesystems")
        return "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\toverlay\n\text4\n\txfs\n";
    if (name == "stat")
        return statText(machine, now);
    if (name == "vmstat")
        return fmt::format("nr_free_pages {}\npgpgin {}\npgpgout {}\noom_kill {}\n", memoryFigures(machine).free / 4096,
                           static_cast<std::int64_t>(machine.totals.readBytes / 1024), static_cast<std::int64_t>(machine.totals.writtenBytes / 1024),
                           machine.totals.outOfMemoryKills);
    if (name == "slabinfo")
        return slabText(machine);
    if (name.compare(0, 9, "pressure/") == 0) {
        const Pressure pressure = pressureAt(machine, now);
        const std::string resource = name.substr(9);
        return resource == "cpu" ? std::optional(pressureText(pressure.cpu))
            : resource == "memory" ? std::optional(pressureText(pressure.memory))
            : resource == "io"     ? std::optional(pressureText(pressure.io))
                                   : std::nullopt;
    }
    if (name == "mounts" || name == "self/mounts") {
        std::string text;
        for (const Mount& m : machine.mounts)
            text += fmt::format("{} {} {} {} 0 0\n", m.device, m.path, m.type, optionsText(m));
        return text;
    }
    if (name.compare(0, 4, "sys/") == 0) {
        const auto key = machine.sysctls.find(dotted(name.substr(4)));
        return key == machine.sysctls.end() ? std::nullopt : std::optional(key->second + "\n");
    }
    return std::nullopt;
}

} // namespace

std::optional<File> virtualFile(const Machine& machine, const std::string& path, Instant now)
{
    File file;
    file.mode = 0444;
    file.modified = now;
    if (const ProcessPath of = processPathOf(machine, path); of.process != nullptr && !of.rest.empty())
        if (const auto found = processFile(machine, *of.process, of.rest, now))
            return found;
    const bool sys = path.compare(0, 5, "/sys/") == 0;
    if (const auto text = sys ? sysText(machine, path, now) : procText(machine, path, now)) {
        file.content = *text;
        if (sys && path.size() > 4 && path.compare(path.size() - 4, 4, ".max") == 0)
            file.mode = 0644;
        return file;
    }
    if (virtualDirectory(machine, path)) {
        file.type = File::Type::Directory;
        file.mode = 0555;
        return file;
    }
    return std::nullopt;
}

std::optional<std::vector<std::string>> virtualDirectory(const Machine& machine, const std::string& path)
{
    if (path == "/sys" || path.compare(0, 5, "/sys/") == 0)
        return sysDirectory(machine, path);
    if (const ProcessPath of = processPathOf(machine, path); of.process != nullptr)
        return processDirectory(machine, *of.process, of.rest);
    std::set<std::string> names;
    if (path == "/proc") {
        for (const auto& [pid, process] : machine.processes)
            names.insert(std::to_string(pid));
        names.insert(std::begin(kProcFiles), std::end(kProcFiles));
        names.insert({"pressure", "self", "sys"});
    } else if (path == "/proc/self") {
        names.insert("mounts");
    } else if (path == "/proc/pressure") {
        names = {"cpu", "io", "memory"};
    } else if (path == "/proc/sys" || path.compare(0, 10, "/proc/sys/") == 0) {
        const std::string prefix = path == "/proc/sys" ? "" : dotted(path.substr(10)) + ".";
        for (const auto& [key, value] : machine.sysctls)
            if (key.compare(0, prefix.size(), prefix) == 0)
                names.insert(key.substr(prefix.size(), key.find('.', prefix.size()) - prefix.size()));
    }
    return names.empty() ? std::nullopt : std::optional(std::vector<std::string>(names.begin(), names.end()));
}

} // namespace sim::host
