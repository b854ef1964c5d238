#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// The figures of /proc/meminfo that free(1), top(1), slabtop(1) and the kubelet read. Bytes.
struct MemoryFigures {
    std::int64_t total = 0;
    std::int64_t free = 0;
    std::int64_t available = 0;
    std::int64_t buffers = 0;
    std::int64_t cached = 0;            ///< page cache with shared memory, without buffers and slab
    std::int64_t slab = 0;              ///< both kinds
    std::int64_t slabReclaimable = 0;
    std::int64_t shared = 0;            ///< Shmem; a part of cached
    std::int64_t anonymous = 0;         ///< AnonPages that are in memory
    std::int64_t mapped = 0;
    std::int64_t dirty = 0;
    std::int64_t pageTables = 0;
    std::int64_t kernelStack = 0;
    std::int64_t committed = 0;         ///< Committed_AS
    std::int64_t commitLimit = 0;
    std::int64_t swapTotal = 0;
    std::int64_t swapFree = 0;
};
MemoryFigures memoryFigures(const Machine& machine);

/// A line of /proc/slabinfo.
struct SlabFigures {
    std::string name;
    std::int64_t objects = 0;
    std::int64_t active = 0;
    std::int64_t objectBytes = 0;
    std::int64_t objectsPerSlab = 0;
    std::int64_t pagesPerSlab = 1;
    bool reclaimable = false;
    std::int64_t slabs() const { return objectsPerSlab > 0 ? (objects + objectsPerSlab - 1) / objectsPerSlab : 0; }
    std::int64_t bytes() const { return slabs() * pagesPerSlab * 4096; }
};
/// The caches of a running machine: what its page cache, files, processes and sockets make of the usual ones, and those of
/// Machine::slabs. Sorted by name; together about MemoryFigures::slab.
std::vector<SlabFigures> slabFigures(const Machine& machine);

} // namespace sim::host
