#include "sim/gpu/memory_figures.h"

#include <cmath>

namespace sim::gpu {

namespace {

// tests/golden/nvidia/h200/busy.txt: 1,011 MiB in use and 142,146 free while the only program holds 1,002.
constexpr double kContextOverheadMib = 8.4;

std::int64_t roundedUp(double mib)
{
    return static_cast<std::int64_t>(std::ceil(mib));
}

} // namespace

MemoryFigures memoryFigures(const Gpu& gpu)
{
    constexpr double kMib = 1 << 20;
    const Board& board = gpu.kind();
    const double used = static_cast<double>(gpu.memoryUsedBytes()) / kMib + (gpu.processes.empty() ? 0 : kContextOverheadMib);
    MemoryFigures m;
    m.total = board.memoryMiB;
    m.reserved = board.reservedMiB;
    m.used = roundedUp(used);
    // The capture's figures add up to one or two more than the total: each is rounded up by itself.
    m.free = roundedUp(static_cast<double>(board.memoryMiB) - (static_cast<double>(board.reservedMiB) - 0.5) - used);
    // From Hopper on the whole of what is in use is mapped.
    m.barUsed = board.architecture == Architecture::Ampere ? (gpu.processes.empty() ? 1 : 4) : m.used + 1;
    return m;
}

} // namespace sim::gpu
