// /proc/PID as proc(5) has it.
#include "sim/host/proc_files.h"

#include "sim/host/disk.h"
#include "sim/host/oom_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sim::host {

namespace {

constexpr const char* kProcessFiles[] = {"cgroup", "cmdline", "comm", "environ", "io", "limits", "oom_score", "oom_score_adj",
                                         "smaps_rollup", "stat", "statm", "status", "wchan"};
constexpr const char* kProcessFolders[] = {"fd", "ns", "task"};
constexpr const char* kProcessLinks[] = {"cwd", "exe", "root"};
constexpr double kTicksPerSecond = 100; // USER_HZ

const char* stateWord(char state)
{
    switch (state) {
    case 'R': return "running";
    case 'D': return "disk sleep";
    case 'T': return "stopped";
    case 'Z': return "zombie";
    case 'I': return "idle";
    default: return "sleeping";
    }
}

/// A process that stands in the disk's queue sleeps there uninterruptibly.
char stateNow(const Machine& machine, const Process& p)
{
    return p.state == 'S' && standsInDiskQueue(machine, p) ? 'D' : p.state;
}

/// The kernel function that it sleeps in: a page that is being read, or the commit of a flush (ext4).
const char* waitChannelOf(const Machine& machine, const Process& p)
{
    if (stateNow(machine, p) == 'D')
        return p.syncedBytesPerSecond > p.readBytesPerSecond ? "jbd2_log_wait_commit" : "folio_wait_bit_common";
    return p.runs() && p.cpuCores > 0.6 ? "0" : "ep_poll";
}

std::string statusText(const Machine& machine, const Process& p, Instant now)
{
    const std::int64_t uid = uidOf(machine, p.user);
    std::string text = fmt::format("Name:\t{}\nUmask:\t0022\nState:\t{} ({})\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n", p.name,
                                   stateNow(machine, p), stateWord(stateNow(machine, p)), p.pid, p.pid, p.parent)
        + fmt::format("Uid:\t{0}\t{0}\t{0}\t{0}\nGid:\t{0}\t{0}\t{0}\t{0}\nFDSize:\t{1}\n", uid, std::max<std::size_t>(64, p.openFiles.size() + 3));
    if (!p.kernelThread && p.state != 'Z') {
        const auto kb = [](std::int64_t bytes) { return bytes / 1024; };
        text += fmt::format("VmPeak:\t{0:>8} kB\nVmSize:\t{0:>8} kB\nVmLck:\t{1:>8} kB\nVmHWM:\t{2:>8} kB\nVmRSS:\t{2:>8} kB\nRssAnon:\t{3:>8} kB\n"
                            "RssFile:\t{4:>8} kB\nRssShmem:\t{1:>8} kB\nVmData:\t{3:>8} kB\nVmStk:\t{5:>8} kB\nVmSwap:\t{1:>8} kB\n",
                            kb(p.virtualBytes), 0, kb(p.residentBytes), kb(p.anonymousPages()), kb(p.filePages()), 132);
    }
    const auto switches = static_cast<std::int64_t>(p.switchesPerSecond * std::max(0.0, toSeconds(now - p.started)));
    const auto forced = static_cast<std::int64_t>(p.cpuSecondsAt(now) * (p.cpuGranted < p.cpuCores ? 90 : 4));
    return text
        + fmt::format("Threads:\t{}\nSigQ:\t0/{}\nvoluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n", p.threadCount,
                      machine.memoryBytes >> 18, switches + static_cast<std::int64_t>(p.cpuSecondsAt(now) * 12), forced);
}

std::string statText(const Machine& machine, const Process& p, Instant now)
{
    const double used = p.cpuSecondsAt(now), more = used - p.cpuSeconds;
    const double system = p.systemSeconds + more * p.systemShare;
    const auto ticks = [](double seconds) { return static_cast<std::int64_t>(seconds * kTicksPerSecond); };
    return fmt::format("{} ({}) {} {} {} {} 0 -1 4194560 0 0 0 0 {} {} 0 0 20 0 {} 0 {} {} {} 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 "
                       "0 0 0 0 0\n",
                       p.pid, p.name, stateNow(machine, p), p.parent, p.pid, p.pid, ticks(used - system), ticks(system), p.threadCount,
                       ticks(std::max(0.0, toSeconds(p.started - machine.booted))), p.virtualBytes, p.residentBytes / 4096);
}

std::string limitsText(const Process& p)
{
    return fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units")
        + fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Max cpu time", "unlimited", "unlimited", "seconds")
        + fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Max file size", "unlimited", "unlimited", "bytes")
        + fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Max stack size", "8388608", "unlimited", "bytes")
        + fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Max core file size", "0", "unlimited", "bytes")
        + fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Max processes", "127680", "127680", "processes")
        + fmt::format("{:<26}{:<21}{:<21}{:<10}\n", "Max open files", p.openFilesLimit, std::max<std::int64_t>(1048576, p.openFilesLimit), "files");
}

File textFile(std::string content, Instant now, std::uint32_t mode = 0444)
{
    File file;
    file.mode = mode;
    file.modified = now;
    file.content = std::move(content);
    return file;
}

File linkFile(std::string target, Instant now)
{
    File file = textFile(std::move(target), now, 0777);
    file.type = File::Type::Symlink;
    return file;
}

std::optional<std::string> processText(const Machine& machine, const Process& p, const std::string& name, Instant now)
{
    if (name == "comm")
        return p.name + "\n";
    if (name == "status")
        return statusText(machine, p, now);
    if (name == "stat")
        return statText(machine, p, now);
    if (name == "statm")
        return fmt::format("{} {} {} 1 0 {} 0\n", p.virtualBytes / 4096, p.residentBytes / 4096, p.filePages() / 4096, p.anonymousPages() / 4096);
    if (name == "oom_score_adj")
        return std::to_string(p.oomScoreAdjust) + "\n";
    if (name == "oom_score")
        return fmt::format("{}\n", machine.memoryBytes > 0 && !p.kernelThread
                               ? std::clamp<std::int64_t>(666 + p.oomScoreAdjust * 2 / 3 + p.residentBytes * 666 / machine.memoryBytes, 0, 2000)
                               : 0);
    if (name == "limits")
        return limitsText(p);
    if (name == "cgroup")
        return "0::" + p.cgroup + "\n";
    if (name == "wchan")
        return waitChannelOf(machine, p);
    if (name == "io") {
        const double demand = machine.diskDemand(), io = demand > 1 ? 1 / demand : 1, since = p.runs() ? std::max(0.0, toSeconds(now - p.cpuSince)) : 0;
        const auto read = static_cast<std::int64_t>(p.readBytes + p.readBytesPerSecond * io * since);
        const auto written = static_cast<std::int64_t>(p.writtenBytes + p.syncedBytesPerSecond * io * since);
        return fmt::format("rchar: {}\nwchar: {}\nsyscr: {}\nsyscw: {}\nread_bytes: {}\nwrite_bytes: {}\ncancelled_write_bytes: 0\n", read * 5 / 4,
                           written, read / 4096, written / 4096, read, written);
    }
    if (name == "smaps_rollup")
        return fmt::format("Rss:            {:>8} kB\nPss:            {:>8} kB\nPss_Anon:       {:>8} kB\nPss_File:       {:>8} kB\nPrivate_Dirty:  {:>8} kB\n"
                           "Anonymous:      {:>8} kB\nSwap:           {:>8} kB\n",
                           p.residentBytes / 1024, (p.residentBytes - p.filePages() / 2) / 1024, p.anonymousPages() / 1024, p.filePages() / 2048,
                           p.anonymousPages() / 1024, p.anonymousPages() / 1024, 0);
    if (name == "cmdline" || name == "environ") {
        std::string text;
        if (name == "cmdline")
            for (const std::string& word : p.command)
                text += word + '\0';
        else
            for (const auto& [key, value] : p.environment)
                text += key + "=" + value + '\0';
        return text;
    }
    return std::nullopt;
}

const OpenFile* openFileOf(const Process& process, const std::string& number)
{
    for (const OpenFile& open : process.openFiles)
        if (std::to_string(open.descriptor) == number)
            return &open;
    return nullptr;
}

} // namespace

const std::vector<std::string>& namespaceKinds()
{
    static const std::vector<std::string> kinds{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    return kinds;
}

std::uint64_t namespaceInode(const Process& process, const std::string& kind)
{
    // The initial namespaces' numbers (include/linux/proc_ns.h); those without a fixed one as the boot hands them out.
    const Namespaces& n = process.namespaces;
    const std::array<std::tuple<const char*, std::uint64_t, std::uint64_t>, 8> all{{{"cgroup", n.cgroup, 4026531835},
                                                                                    {"ipc", n.ipc, 4026531839},
                                                                                    {"mnt", n.mount, 4026531841},
                                                                                    {"net", n.net, 4026531840},
                                                                                    {"pid", n.pid, 4026531836},
                                                                                    {"time", 0, 4026531834},
                                                                                    {"user", n.user, 4026531837},
                                                                                    {"uts", n.uts, 4026531838}}};
    for (const auto& [name, own, initial] : all)
        if (kind == name)
            return own != 0 ? own : initial;
    return 0;
}

std::string openFileText(const Machine& machine, const OpenFile& open)
{
    if (open.kind != OpenFile::Kind::Regular)
        return open.path;
    const auto lost = machine.unlinked.find(open.inode);
    return lost == machine.unlinked.end() ? open.path : lost->second.path + " (deleted)";
}

ProcessPath processPathOf(const Machine& machine, const std::string& path)
{
    constexpr std::string_view kRoot = "/proc/";
    if (path.compare(0, kRoot.size(), kRoot) != 0)
        return {};
    const char* first = path.data() + kRoot.size();
    const char* last = path.data() + path.size();
    Pid pid = 0;
    const auto [end, error] = std::from_chars(first, last, pid);
    if (error != std::errc{} || (end != last && *end != '/'))
        return {};
    const auto found = machine.processes.find(pid);
    return found == machine.processes.end() ? ProcessPath{} : ProcessPath{&found->second, end == last ? "" : std::string(end + 1, last)};
}

std::optional<File> processFile(const Machine& machine, const Process& process, const std::string& name, Instant now)
{
    if (const auto text = processText(machine, process, name, now)) {
        File file = textFile(*text, now, name == "environ" || name == "io" ? 0400 : 0444);
        file.owner = file.group = process.user;
        return file;
    }
    if (name == "cwd")
        return linkFile(process.workingDirectory, now);
    if (name == "root")
        return linkFile("/", now);
    if (name == "exe" && !process.kernelThread && !process.command.empty())
        return linkFile(process.command.front(), now);
    if (name.compare(0, 3, "ns/") == 0)
        if (const std::uint64_t inode = namespaceInode(process, name.substr(3)); inode != 0)
            return linkFile(fmt::format("{}:[{}]", name.substr(3), inode), now);
    if (name.compare(0, 3, "fd/") == 0) {
        const std::string number = name.substr(3);
        if (const OpenFile* open = openFileOf(process, number))
            return linkFile(openFileText(machine, *open), now);
        if (number == "0")
            return linkFile("/dev/null", now);
        if (number == "1" || number == "2")
            return linkFile(process.unit.empty() ? "/dev/null" : fmt::format("socket:[{}]", 20'000 + process.pid), now);
    }
    return std::nullopt;
}

std::optional<std::vector<std::string>> processDirectory(const Machine&, const Process& process, const std::string& name)
{
    std::vector<std::string> names;
    if (name.empty()) {
        names.assign(std::begin(kProcessFiles), std::end(kProcessFiles));
        names.insert(names.end(), std::begin(kProcessFolders), std::end(kProcessFolders));
        names.insert(names.end(), std::begin(kProcessLinks), std::end(kProcessLinks));
    } else if (name == "ns") {
        names = namespaceKinds();
    } else if (name == "fd") {
        if (!process.kernelThread)
            names = {"0", "1", "2"};
        for (const OpenFile& open : process.openFiles)
            names.push_back(std::to_string(open.descriptor));
    } else if (name == "task") {
        names.push_back(std::to_string(process.pid));
        for (const Thread& thread : process.threads)
            names.push_back(std::to_string(thread.tid));
    } else {
        return std::nullopt;
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace sim::host
