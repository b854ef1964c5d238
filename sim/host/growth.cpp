// What grows by itself, second by second: leaking processes, logs, kernel caches; and what stops it: a full disk, the
// limit of a control group, the machine's memory.
#include "sim/host/hosts.h"
#include "sim/host/workload.h"

#include <algorithm>

namespace sim::host {

namespace {

constexpr Duration kStep = 1s;

bool grows(const Process& process)
{
    return process.runs()
        && (process.growthBytesPerSecond > 0 || process.tells
            || std::any_of(process.openFiles.begin(), process.openFiles.end(), [](const OpenFile& f) { return f.growthBytesPerSecond > 0; }));
}

bool grows(const Machine& machine)
{
    return machine.power == Machine::Power::On
        && (std::any_of(machine.processes.begin(), machine.processes.end(), [](const auto& entry) { return grows(entry.second); })
            || machine.journalBytesPerSecond > 0
            || std::any_of(machine.slabs.begin(), machine.slabs.end(), [](const auto& entry) { return entry.second.growthObjectsPerSecond > 0; }));
}

/// A kernel cache in this second: what hangs on a process goes with it, and grows anew with the next one.
void growSlab(const Machine& machine, SlabCache& cache, double seconds)
{
    const auto unit = machine.units.find(cache.unit);
    const Pid now = unit == machine.units.end() ? 0 : unit->second.mainPid;
    if (cache.held && now != cache.holder) {
        cache.objects = cache.holder == 0 ? cache.objects : 0;
        cache.holder = now;
    }
    if (machine.slabGrows(cache))
        cache.objects += static_cast<std::int64_t>(cache.growthObjectsPerSecond * seconds);
}

std::shared_ptr<const File> grown(const File& file, std::int64_t bytes, Instant now)
{
    auto larger = std::make_shared<File>(file);
    larger->size = std::max(file.size, static_cast<std::int64_t>(file.content.size())) + bytes;
    larger->modified = now;
    return larger;
}

/// Appends to the inode, whatever its name is now; a write that finds less room fills it. False: the filesystem is full.
bool append(Machine& machine, const OpenFile& open, std::int64_t bytes, Instant now)
{
    const auto lost = machine.unlinked.find(open.inode);
    const auto named = machine.files.find(open.path);
    const bool isNamed = lost == machine.unlinked.end() && named != machine.files.end() && named->second->inode == open.inode;
    if (!isNamed && lost == machine.unlinked.end())
        return true; // renamed under the writer: it goes on, and nobody here asks for the name
    if (open.inPlace)
        bytes = 0;
    const Mount& mount = machine.mountOf(isNamed ? open.path : lost->second.path);
    const std::int64_t room = mount.sizeBytes > 0 ? mount.sizeBytes - machine.usedBytes(mount) : bytes;
    if (mount.readOnly || (room <= 0 && bytes > 0))
        return false;
    const bool fits = bytes <= room;
    bytes = std::min(bytes, room);
    if (isNamed)
        named->second = grown(*named->second, bytes, now);
    else
        lost->second.file = grown(*lost->second.file, bytes, now);
    return fits;
}

} // namespace

void Hosts::watchGrowth(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    if (machine.growing || !grows(machine))
        return;
    machine.growing = true;
    engine.after(kStep, {Part::Host, static_cast<std::uint16_t>(HostEvent::Grow), host.value, 0});
}

void Hosts::grow(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    machine.growing = false;
    if (!grows(machine))
        return;
    const double seconds = toSeconds(kStep);
    for (auto& [name, cache] : machine.slabs)
        growSlab(machine, cache, seconds);
    for (auto& [pid, process] : machine.processes) {
        if (!process.runs())
            continue;
        const auto more = static_cast<std::int64_t>(process.growthBytesPerSecond * seconds);
        process.residentBytes += more;
        process.virtualBytes = std::max(process.virtualBytes + more, process.residentBytes);
        for (const OpenFile& open : process.openFiles)
            if (open.growthBytesPerSecond > 0 && open.kind == OpenFile::Kind::Regular)
                append(machine, open, static_cast<std::int64_t>(open.growthBytesPerSecond * seconds), engine.now());
    }
    for (const auto& [pid, process] : machine.processes) {
        const auto unit = machine.units.find(process.unit);
        if (!process.runs() || !process.tells || unit == machine.units.end())
            continue;
        const Workload& work = unit->second.workload;
        const auto [first, last] = logTurns(work, process.started, engine.now());
        for (std::int64_t turn = first; turn < last; ++turn)
            log(engine, host, process.name, process.unit, pid, 6, logTurn(work, turn, engine.random("host/log")));
    }
    if (machine.journalBytesPerSecond > 0)
        growJournal(engine, host, static_cast<std::int64_t>(machine.journalBytesPerSecond * seconds));
    settleMemory(engine, network, host);
    watchGrowth(engine, host);
}

void Hosts::settleCgroupMemory(Engine& engine, net::Network& network, HostId host)
{
    std::vector<std::string> limited;
    for (auto& [path, group] : at(host).cgroups) {
        group.memoryPeak = std::max(group.memoryPeak, cgroupMemoryBytes(at(host), path));
        if (group.memoryMax > 0)
            limited.push_back(path);
    }
    for (const std::string& path : limited)
        while (cgroupMemoryBytes(at(host), path) > at(host).cgroups.at(path).memoryMax) {
            Pid largest = 0;
            std::int64_t most = 0;
            for (const auto& [pid, process] : at(host).processes)
                if (inCgroup(process.cgroup, path) && process.residentBytes > most) {
                    most = process.residentBytes;
                    largest = pid;
                }
            if (largest == 0)
                break;
            killForMemory(engine, network, host, largest, path);
        }
}

bool Hosts::limitCgroup(Engine& engine, net::Network& network, HostId host, const std::string& path, const std::string& file,
                        const std::string& text)
{
    {
        const RateChange change(at(host), engine.now());
        if (!setCgroupLimit(at(host), path, file, text))
            return false;
    }
    settleMemory(engine, network, host);
    return true;
}

} // namespace sim::host
