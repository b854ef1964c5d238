#include "sim/host/machine.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

/// Keys [first, last) of Machine::files.
using PathRange = std::pair<std::string, std::string>;

/// The ranges of a folder with all that is below it: '0' follows '/', and "/var-old" stands between "/var" and "/var/".
void addTree(std::vector<PathRange>& ranges, const std::string& folder)
{
    ranges.emplace_back(folder, folder + '\0');
    ranges.emplace_back(folder + '/', folder + '0');
}

/// Calls `each` once for every inode on the mount, with those that have lost their names.
template <class Each>
void eachFileOn(const Machine& machine, const Mount& mount, Each each)
{
    const bool root = mount.path == "/";
    std::vector<PathRange> inside; // of other mounts
    for (const Mount& other : machine.mounts)
        if (other.path.size() > mount.path.size() && below(other.path, mount.path))
            addTree(inside, other.path);
    std::sort(inside.begin(), inside.end());
    std::vector<PathRange> own;
    if (root)
        own.emplace_back("/", "0");
    else
        addTree(own, mount.path);
    std::set<std::uint64_t> linked; // hard links met so far
    for (const auto& [first, last] : own) {
        auto i = machine.files.lower_bound(first);
        const auto end = machine.files.lower_bound(last);
        auto skipped = inside.begin();
        while (i != end) {
            while (skipped != inside.end() && skipped->second <= i->first)
                ++skipped;
            if (skipped != inside.end() && skipped->first <= i->first) {
                i = machine.files.lower_bound(std::min(skipped->second, last));
                continue;
            }
            const auto stop = skipped == inside.end() || skipped->first >= last ? end : machine.files.lower_bound(skipped->first);
            for (; i != stop; ++i)
                if (i->second->links < 2 || linked.insert(i->second->inode).second)
                    each(*i->second);
        }
    }
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
        if (mount.type == "tmpfs") {
            bytes += mount.baseUsedBytes; // of /run: sockets, locks, udev's database
            eachFileOn(*this, mount, [&](const File& file) {
                if (file.type == File::Type::Regular)
                    bytes += std::max(file.size, static_cast<std::int64_t>(file.content.size()));
            });
        }
    return bytes;
}

std::int64_t Machine::hugePageBytes() const
{
    const auto found = sysctls.find("vm.nr_hugepages");
    return found == sysctls.end() ? 0 : std::atoll(found->second.c_str()) * kHugePageBytes;
}

} // namespace sim::host
