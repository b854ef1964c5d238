#include "sim/host/proc_files.h"

#include "sim/host/disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace sim::host {

namespace {

constexpr const char* kProcFiles[] = {"cmdline", "cpuinfo", "filesystems", "loadavg", "meminfo",
                                      "mounts",  "stat",    "swaps",       "uptime",  "version"};
constexpr const char* kProcessFiles[] = {"cmdline", "comm", "limits", "oom_score_adj", "status"};

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
    add("SwapTotal", 0);
    add("SwapFree", 0);
    add("Shmem", m.shared);
    add("Slab", m.slab);
    const std::int64_t pages = machine.hugePageBytes() / Machine::kHugePageBytes;
    for (const auto& [name, value] : {std::pair("HugePages_Total:", pages), std::pair("HugePages_Free:", pages),
                                      std::pair("HugePages_Rsvd:", std::int64_t{0}), std::pair("HugePages_Surp:", std::int64_t{0})})
        text += fmt::format("{:<16}{:>8}\n", name, value);
    add("Hugepagesize", Machine::kHugePageBytes);
    add("Hugetlb", machine.hugePageBytes());
    return text;
}

std::string processStatus(const Process& p)
{
    const char* word = p.state == 'R' ? "running"
        : p.state == 'D'              ? "disk sleep"
        : p.state == 'T'              ? "stopped"
        : p.state == 'Z'              ? "zombie"
        : p.state == 'I'              ? "idle"
                                      : "sleeping";
    std::string text = fmt::format("Name:\t{}\nState:\t{} ({})\nTgid:\t{}\nPid:\t{}\nPPid:\t{}\n", p.name,
                                   p.state, word, p.pid, p.pid, p.parent);
    if (!p.kernelThread)
        text += fmt::format("VmSize:\t{:>8} kB\nVmRSS:\t{:>8} kB\n", p.virtualBytes / 1024,
                            p.residentBytes / 1024);
    return text;
}

std::optional<std::string> processFile(const Process& p, const std::string& name)
{
    if (name == "comm")
        return p.name + "\n";
    if (name == "status")
        return processStatus(p);
    if (name == "oom_score_adj")
        return std::to_string(p.oomScoreAdjust) + "\n";
    if (name == "limits")
        return "Limit                     Soft Limit           Hard Limit           Units     \n"
               "Max open files            1048576              1048576              files     \n";
    if (name == "cmdline") {
        std::string text;
        for (const std::string& word : p.command)
            text += word + '\0';
        return text;
    }
    return std::nullopt;
}

/// The process of "/proc/1234" or "/proc/1234/status"; `rest` gets what follows the number's slash.
const Process* processAt(const Machine& machine, const std::string& path, std::string& rest)
{
    const char* first = path.data() + std::min<std::size_t>(path.size(), 6);
    Pid pid = 0;
    const auto [end, error] = std::from_chars(first, path.data() + path.size(), pid);
    if (error != std::errc{} || (end != path.data() + path.size() && *end != '/'))
        return nullptr;
    rest = end == path.data() + path.size() ? "" : std::string(end + 1, path.data() + path.size());
    const auto found = machine.processes.find(pid);
    return found == machine.processes.end() ? nullptr : &found->second;
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
        std::size_t running = 1;
        for (const auto& [pid, p] : machine.processes)
            running += p.state == 'R';
        return fmt::format("{:.2f} {:.2f} {:.2f} {}/{} {}\n", load.one, load.five, load.fifteen, running,
                           machine.processes.size(), machine.nextPid - 1);
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
        return fmt::format("BOOT_IMAGE=/boot/vmlinuz-{} root=UUID={} ro quiet\n", machine.kernel,
                           machine.machineId.substr(0, 8));
    if (name == "swaps")
        return "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
    if (name == "filesystems")
        return "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\toverlay\n\text4\n\txfs\n";
    if (name == "stat") {
        const double busy = machine.cpuCoresUsed() * up;
        return fmt::format("cpu  {} 0 {} {} 0 0 0 0 0 0\nbtime {}\n", static_cast<std::int64_t>(busy * 70),
                           static_cast<std::int64_t>(busy * 30),
                           static_cast<std::int64_t>((up * static_cast<double>(machine.cpus) - busy) * 100),
                           unixSeconds(machine.booted));
    }
    if (name == "mounts" || name == "self/mounts") {
        std::string text;
        for (const Mount& m : machine.mounts)
            text += fmt::format("{} {} {} {},relatime 0 0\n", m.device, m.path, m.type,
                                m.readOnly ? "ro" : "rw");
        return text;
    }
    if (name.compare(0, 4, "sys/") == 0) {
        const auto key = machine.sysctls.find(dotted(name.substr(4)));
        return key == machine.sysctls.end() ? std::nullopt : std::optional(key->second + "\n");
    }
    std::string rest;
    if (const Process* process = processAt(machine, path, rest))
        return processFile(*process, rest);
    return std::nullopt;
}

std::optional<std::string> sysText(const Machine& machine, const std::string& path)
{
    if (path == "/sys/class/dmi/id/product_name")
        return "PowerEdge R760\n";
    if (path == "/sys/devices/system/cpu/online")
        return fmt::format("0-{}\n", machine.cpus - 1);
    const auto limit = machine.files.find(path);
    return limit == machine.files.end() ? std::nullopt : std::optional(limit->second->content);
}

} // namespace

MemoryFigures memoryFigures(const Machine& machine)
{
    MemoryFigures m;
    const std::int64_t used = machine.memoryUsedBytes();
    m.total = machine.memoryBytes;
    const std::int64_t cache = std::clamp<std::int64_t>(machine.cacheBytes, 0,
                                                        std::max<std::int64_t>(0, m.total - used));
    m.free = std::max<std::int64_t>(0, m.total - used - cache);
    m.buffers = cache / 20;
    m.slab = cache / 10;
    m.shared = machine.sharedMemoryBytes() + std::min<std::int64_t>(m.free / 2, 12LL << 20); // sockets and logs in /run
    m.cached = cache - m.buffers - m.slab + machine.sharedMemoryBytes();
    // What could be had without swapping: the free memory and most of the cache, less the low watermarks.
    m.available = std::max<std::int64_t>(0, m.free + cache * 9 / 10 - m.total / 500);
    return m;
}

std::optional<File> virtualFile(const Machine& machine, const std::string& path, Instant now)
{
    File file;
    file.mode = 0444;
    file.modified = now;
    if (const auto text = path.compare(0, 5, "/sys/") == 0 ? sysText(machine, path)
                                                           : procText(machine, path, now)) {
        file.content = *text;
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
    std::set<std::string> names;
    if (path == "/proc") {
        for (const auto& [pid, process] : machine.processes)
            names.insert(std::to_string(pid));
        names.insert(std::begin(kProcFiles), std::end(kProcFiles));
        names.insert({"self", "sys"});
    } else if (path == "/proc/self") {
        names.insert("mounts");
    } else if (path == "/proc/sys" || path.compare(0, 10, "/proc/sys/") == 0) {
        const std::string prefix = path == "/proc/sys" ? "" : dotted(path.substr(10)) + ".";
        for (const auto& [key, value] : machine.sysctls)
            if (key.compare(0, prefix.size(), prefix) == 0)
                names.insert(key.substr(prefix.size(), key.find('.', prefix.size()) - prefix.size()));
        if (names.empty())
            return std::nullopt;
    } else if (path == "/sys") {
        names = {"class", "devices"};
        if (machine.files.count(kPodsIoLimit) > 0)
            names.insert("fs");
    } else if (path.compare(0, 6, "/proc/") == 0) {
        std::string rest;
        if (processAt(machine, path, rest) == nullptr || !rest.empty())
            return std::nullopt;
        names.insert(std::begin(kProcessFiles), std::end(kProcessFiles));
    } else {
        const bool node = machine.files.count(kPodsIoLimit) > 0;
        if (node && (path == "/sys/fs" || path == "/sys/fs/cgroup"))
            return std::vector<std::string>{path == "/sys/fs" ? "cgroup" : "kubepods.slice"};
        if (node && path == "/sys/fs/cgroup/kubepods.slice")
            return std::vector<std::string>{"io.max"};
        static const std::set<std::string> folders{"/sys/class",          "/sys/class/dmi",
                                                   "/sys/class/dmi/id",   "/sys/devices",
                                                   "/sys/devices/system", "/sys/devices/system/cpu"};
        if (folders.count(path) == 0)
            return std::nullopt;
        for (const char* file : {"/sys/class/dmi/id/product_name", "/sys/devices/system/cpu/online"}) {
            const std::string full = file;
            if (full.compare(0, path.size() + 1, path + "/") == 0)
                names.insert(full.substr(path.size() + 1, full.find('/', path.size() + 1) - path.size() - 1));
        }
    }
    return std::vector<std::string>(names.begin(), names.end());
}

} // namespace sim::host
