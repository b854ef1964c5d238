#include "sim/host/machine.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace sim::host {

namespace {

/// Whether `path` is at or below `folder`.
bool below(const std::string& path, const std::string& folder)
{
    if (folder == "/")
        return true;
    return path.compare(0, folder.size(), folder) == 0
        && (path.size() == folder.size() || path[folder.size()] == '/');
}

template <class Each>
void eachFileOn(const Machine& machine, const Mount& mount, Each each)
{
    for (auto i = mount.path == "/" ? machine.files.begin() : machine.files.lower_bound(mount.path);
         i != machine.files.end() && i->first.compare(0, mount.path.size(), mount.path) == 0; ++i)
        if (below(i->first, mount.path) && machine.mountOf(i->first).path == mount.path)
            each(*i->second);
}

} // namespace

std::int64_t Machine::usedBytes(const Mount& mount) const
{
    constexpr std::int64_t kBlock = 4096; // ext4's
    const bool inMemory = mount.type == "tmpfs" || mount.type == "devtmpfs";
    std::int64_t used = mount.baseUsedBytes + mount.dataUsedBytes;
    eachFileOn(*this, mount, [&](const File& file) {
        if (inMemory && file.type != File::Type::Regular)
            return; // a tmpfs charges no blocks for its directories
        const std::int64_t size = std::max(file.size, static_cast<std::int64_t>(file.content.size()));
        used += (size + kBlock - 1) / kBlock * kBlock;
    });
    return mount.sizeBytes > 0 ? std::min(used, mount.sizeBytes) : used;
}

std::int64_t Machine::usedInodes(const Mount& mount) const
{
    std::int64_t used = mount.baseUsedInodes;
    eachFileOn(*this, mount, [&](const File&) { ++used; });
    return used;
}

const Mount& Machine::mountOf(const std::string& path) const
{
    static const Mount none{};
    const Mount* best = &none;
    for (const Mount& mount : mounts)
        if (below(path, mount.path) && (best == &none || mount.path.size() > best->path.size()))
            best = &mount;
    return *best;
}

std::int64_t Machine::memoryUsedBytes() const
{
    std::int64_t used = kernelMemoryBytes + sharedMemoryBytes() + hugePageBytes();
    for (const auto& [pid, process] : processes)
        used += process.residentBytes;
    return used;
}

std::int64_t Machine::sharedMemoryBytes() const
{
    std::int64_t bytes = 0;
    for (const Mount& mount : mounts)
        if (mount.type == "tmpfs")
            eachFileOn(*this, mount, [&](const File& file) {
                if (file.type == File::Type::Regular)
                    bytes += std::max(file.size, static_cast<std::int64_t>(file.content.size()));
            });
    return bytes;
}

std::int64_t Machine::hugePageBytes() const
{
    const auto found = sysctls.find("vm.nr_hugepages");
    return found == sysctls.end() ? 0 : std::atoll(found->second.c_str()) * kHugePageBytes;
}

double Machine::cpuCoresUsed() const
{
    double cores = 0;
    for (const auto& [pid, process] : processes)
        if (process.state != 'T' && process.state != 'Z')
            cores += process.cpuCores;
    return std::min(cores, static_cast<double>(cpus));
}

LoadAverage LoadAverage::after(double runnable, Instant now) const
{
    const double seconds = std::max(0.0, toSeconds(now - at));
    const auto damp = [&](double value, double period) {
        return runnable + (value - runnable) * std::exp(-seconds / period);
    };
    return {damp(one, 60), damp(five, 300), damp(fifteen, 900), now};
}

LoadAverage Machine::loadAverage(Instant now) const
{
    // Runnable tasks, and those in uninterruptible sleep, which Linux counts too.
    double runnable = 0;
    for (const auto& [pid, process] : processes)
        if (process.state == 'D')
            runnable += 1;
        else if (process.state != 'T' && process.state != 'Z')
            runnable += process.cpuCores;
    return load.after(runnable, now);
}

} // namespace sim::host
