#include "sim/host/machine.h"

#include <algorithm>
#include <cstdlib>
#include <set>

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

/// Calls `each` once for every inode on the mount, with those that have lost their names.
template <class Each>
void eachFileOn(const Machine& machine, const Mount& mount, Each each)
{
    std::set<std::uint64_t> linked; // hard links met so far
    std::vector<const Mount*> inside;
    for (const Mount& other : machine.mounts)
        if (other.path.size() > mount.path.size() && below(other.path, mount.path))
            inside.push_back(&other);
    for (auto i = mount.path == "/" ? machine.files.begin() : machine.files.lower_bound(mount.path);
         i != machine.files.end() && i->first.compare(0, mount.path.size(), mount.path) == 0; ++i)
        if (below(i->first, mount.path)
            && std::none_of(inside.begin(), inside.end(), [&](const Mount* other) { return below(i->first, other->path); })
            && (i->second->links < 2 || linked.insert(i->second->inode).second))
            each(*i->second);
    for (const auto& [inode, lost] : machine.unlinked)
        if (machine.mountOf(lost.path).path == mount.path)
            each(*lost.file);
}

} // namespace

std::int64_t Machine::usedBytes(const Mount& mount) const
{
    if (mount.type == "overlay") // what lies below it
        return usedBytes(mountOf(mount.path.substr(0, mount.path.rfind('/'))));
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
    if (mount.type == "overlay")
        return usedInodes(mountOf(mount.path.substr(0, mount.path.rfind('/'))));
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
    std::int64_t used = kernelMemoryBytes + sharedMemoryBytes() + hugePageBytes() + unreclaimableSlabBytes();
    for (const auto& [pid, process] : processes)
        used += process.residentBytes;
    return used;
}

std::int64_t Machine::unreclaimableSlabBytes() const
{
    std::int64_t bytes = 0;
    for (const auto& [label, cache] : slabs)
        bytes += cache.reclaimable ? 0 : cache.bytes();
    return bytes;
}

bool Machine::slabGrows(const SlabCache& cache) const
{
    if (cache.growthObjectsPerSecond <= 0)
        return false;
    const auto unit = units.find(cache.unit);
    return cache.unit.empty() || (unit != units.end() && unit->second.mainPid != 0);
}

std::int64_t Machine::swapBytes() const
{
    std::int64_t bytes = 0;
    for (const SwapArea& area : swaps)
        bytes += area.sizeBytes;
    return bytes;
}

std::int64_t Machine::swapUsedBytes() const
{
    const std::int64_t total = swapBytes();
    if (total == 0)
        return 0;
    const auto room = static_cast<std::int64_t>(kSwapsAbove * static_cast<double>(memoryBytes));
    return std::clamp<std::int64_t>(memoryUsedBytes() - room, 0, total);
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

} // namespace sim::host
