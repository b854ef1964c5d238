// How a machine's memory divides: processes, page cache, slab, swap.
#include "sim/host/memory_figures.h"

#include "sim/host/oom_report.h"

#include <algorithm>
#include <array>

namespace sim::host {

namespace {

constexpr std::int64_t kPageBytes = 4096;

/// A cache of every Linux machine, and its part of all reclaimable (or unreclaimable) slab.
struct UsualCache {
    const char* name;
    std::int64_t objectBytes;
    bool reclaimable;
    double share;
};
// Shares as slabtop shows them on an idle Debian 12 server with some days of uptime.
constexpr std::array kUsual{
    UsualCache{"buffer_head", 104, true, 0.10},       UsualCache{"dentry", 192, true, 0.19},
    UsualCache{"ext4_inode_cache", 1168, true, 0.42}, UsualCache{"inode_cache", 608, true, 0.06},
    UsualCache{"radix_tree_node", 576, true, 0.17},   UsualCache{"proc_inode_cache", 680, true, 0.03},
    UsualCache{"shmem_inode_cache", 776, true, 0.03}, UsualCache{"anon_vma", 104, false, 0.03},
    UsualCache{"cred_jar", 192, false, 0.01},         UsualCache{"filp", 256, false, 0.05},
    UsualCache{"kernfs_node_cache", 128, false, 0.14}, UsualCache{"kmalloc-128", 128, false, 0.03},
    UsualCache{"kmalloc-192", 192, false, 0.03},      UsualCache{"kmalloc-1k", 1024, false, 0.06},
    UsualCache{"kmalloc-256", 256, false, 0.04},      UsualCache{"kmalloc-2k", 2048, false, 0.08},
    UsualCache{"kmalloc-4k", 4096, false, 0.10},      UsualCache{"kmalloc-512", 512, false, 0.05},
    UsualCache{"kmalloc-64", 64, false, 0.06},        UsualCache{"kmalloc-8k", 8192, false, 0.04},
    UsualCache{"mm_struct", 1408, false, 0.01},       UsualCache{"sock_inode_cache", 832, false, 0.02},
    UsualCache{"task_struct", 9856, false, 0.12},     UsualCache{"vm_area_struct", 232, false, 0.13}};

/// Pages per slab as SLUB chooses them: the smallest order that wastes little.
std::int64_t pagesFor(std::int64_t objectBytes)
{
    for (std::int64_t pages = 1; pages <= 8; pages *= 2)
        if (const std::int64_t bytes = pages * kPageBytes; bytes >= objectBytes && (bytes % objectBytes) * 16 <= bytes && bytes / objectBytes >= 8)
            return pages;
    return 8;
}

SlabFigures figuresOf(std::string name, std::int64_t objectBytes, std::int64_t objects, bool reclaimable)
{
    SlabFigures f;
    f.name = std::move(name);
    f.objectBytes = objectBytes;
    f.pagesPerSlab = pagesFor(objectBytes);
    f.objectsPerSlab = std::max<std::int64_t>(1, f.pagesPerSlab * kPageBytes / objectBytes);
    f.objects = (objects + f.objectsPerSlab - 1) / f.objectsPerSlab * f.objectsPerSlab;
    f.active = objects;
    f.reclaimable = reclaimable;
    return f;
}

} // namespace

MemoryFigures memoryFigures(const Machine& machine)
{
    MemoryFigures m;
    m.swapTotal = machine.swapBytes();
    const std::int64_t swapped = machine.swapUsedBytes();
    m.swapFree = m.swapTotal - swapped;
    const std::int64_t used = machine.memoryUsedBytes() - swapped;
    m.total = machine.memoryBytes;
    std::int64_t reclaimable = 0;
    for (const auto& [name, cache] : machine.slabs)
        reclaimable += cache.reclaimable ? cache.bytes() : 0;
    const std::int64_t room = std::max<std::int64_t>(0, m.total - used);
    // The kernel gives its last pages to nobody (vm.min_free_kbytes): the cache gives way before them.
    const std::int64_t cache = std::clamp<std::int64_t>(machine.cacheBytes + reclaimable, 0, std::max<std::int64_t>(0, room - Machine::kMinFreeBytes));
    m.free = room - cache;
    m.slabReclaimable = std::min(cache, machine.cacheBytes / 10 + reclaimable);
    m.buffers = std::min(cache - m.slabReclaimable, machine.cacheBytes / 20);
    // A quarter of what the kernel uses by itself is slab; page tables, stacks and per-CPU areas are the rest.
    const std::int64_t unreclaimable = machine.kernelMemoryBytes / 4 + machine.unreclaimableSlabBytes();
    m.slab = m.slabReclaimable + unreclaimable;
    const std::int64_t others = 9LL << 20; // of programs that share memory among themselves
    m.cached = cache - m.buffers - m.slabReclaimable + machine.sharedMemoryBytes();
    m.shared = std::min(m.cached, machine.sharedMemoryBytes() + std::min(m.free / 2, others)); // a part of it
    // What could be had without swapping: the free memory and most of the cache, less the low watermarks.
    m.available = std::max<std::int64_t>(0, m.free + cache * 9 / 10 - m.total / 500);
    std::int64_t tasks = 0;
    for (const auto& [pid, process] : machine.processes) {
        m.anonymous += process.anonymousPages();
        m.mapped += process.filePages();
        m.committed += process.residentBytes * 3 / 2; // a heap that is only reserved (MAP_NORESERVE) does not count
        m.pageTables += pageTableBytes(process);
        m.dirty += static_cast<std::int64_t>(process.syncedBytesPerSecond * 5); // dirty_expire and the flusher's 5 s
        tasks += process.threadCount;
    }
    m.anonymous = std::max<std::int64_t>(0, m.anonymous - swapped);
    m.dirty = std::min(m.dirty, m.cached / 5);
    m.kernelStack = tasks * 16 * 1024;
    m.commitLimit = m.total / 2 + m.swapTotal; // vm.overcommit_ratio 50
    return m;
}

std::vector<SlabFigures> slabFigures(const Machine& machine)
{
    const MemoryFigures m = memoryFigures(machine);
    std::int64_t ownReclaimable = 0, own = 0;
    for (const auto& [name, cache] : machine.slabs)
        (cache.reclaimable ? ownReclaimable : own) += cache.bytes();
    std::vector<SlabFigures> all;
    for (const UsualCache& usual : kUsual) {
        const std::int64_t whole = usual.reclaimable ? m.slabReclaimable - ownReclaimable : m.slab - m.slabReclaimable - own;
        std::int64_t bytes = static_cast<std::int64_t>(static_cast<double>(std::max<std::int64_t>(0, whole)) * usual.share);
        const auto leak = machine.slabs.find(usual.name);
        if (leak != machine.slabs.end())
            bytes += leak->second.bytes();
        all.push_back(figuresOf(usual.name, usual.objectBytes, bytes / usual.objectBytes, usual.reclaimable));
    }
    for (const auto& [name, cache] : machine.slabs)
        if (std::none_of(kUsual.begin(), kUsual.end(), [&](const UsualCache& usual) { return name == usual.name; }))
            all.push_back(figuresOf(name, cache.objectBytes, cache.objects, cache.reclaimable));
    std::sort(all.begin(), all.end(), [](const SlabFigures& a, const SlabFigures& b) { return a.name < b.name; });
    return all;
}

} // namespace sim::host
