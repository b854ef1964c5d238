#pragma once

#include "sim/gpu/gpu.h"

namespace sim::gpu {

/// Frame buffer and BAR1 as NVML counts them, in MiB.
struct MemoryFigures {
    std::int64_t total = 0;
    std::int64_t reserved = 0;
    std::int64_t used = 0;
    std::int64_t free = 0;
    std::int64_t barUsed = 0;
};
MemoryFigures memoryFigures(const Gpu& gpu);

} // namespace sim::gpu
