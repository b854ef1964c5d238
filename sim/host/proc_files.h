#pragma once

#include "sim/host/machine.h"

namespace sim::host {

/// A file or directory of /proc or /sys, made up from the machine's state; nothing when there is none.
std::optional<File> virtualFile(const Machine& machine, const std::string& path, Instant now);
std::optional<std::vector<std::string>> virtualDirectory(const Machine& machine, const std::string& path);

/// The figures of /proc/meminfo that free(1), top(1) and the kubelet read. Bytes.
struct MemoryFigures {
    std::int64_t total = 0;
    std::int64_t free = 0;
    std::int64_t available = 0;
    std::int64_t buffers = 0;
    std::int64_t cached = 0;
    std::int64_t slab = 0;
    std::int64_t shared = 0; ///< Shmem; a part of cached
};
MemoryFigures memoryFigures(const Machine& machine);

} // namespace sim::host
