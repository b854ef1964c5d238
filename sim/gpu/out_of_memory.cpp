#include "sim/gpu/out_of_memory.h"

#include <fmt/format.h>

#include <cmath>

namespace sim::gpu {

namespace {

constexpr double kMiB = 1048576.0;
constexpr double kGiB = 1073741824.0;

} // namespace

double allocationFor(double tensorBytes)
{
    if (tensorBytes <= kMiB)
        return 2 * kMiB;
    if (tensorBytes < 10 * kMiB)
        return 20 * kMiB;
    return std::ceil(tensorBytes / (2 * kMiB)) * 2 * kMiB;
}

std::string allocatorSize(double bytes)
{
    if (bytes <= 1024)
        return fmt::format("{:.0f} bytes", bytes);
    if (bytes <= kMiB)
        return fmt::format("{:.2f} KiB", bytes / 1024);
    if (bytes <= kGiB)
        return fmt::format("{:.2f} MiB", bytes / kMiB);
    return fmt::format("{:.2f} GiB", bytes / kGiB);
}

std::string outOfMemoryText(const OutOfMemory& failure)
{
    const std::string other = failure.others > 0
        ? fmt::format("Process {} has {} memory in use. ", failure.otherPid, allocatorSize(failure.others))
        : std::string();
    return fmt::format("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {}. GPU {} has a total capacity of "
                       "{} of which {} is free. {}Including non-PyTorch memory, this process has {} memory in use. Of the "
                       "allocated memory {} is allocated by PyTorch, and {} is reserved by PyTorch but unallocated. If "
                       "reserved but unallocated memory is large try setting "
                       "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for "
                       "Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)",
                       allocatorSize(failure.wanted), failure.device, allocatorSize(failure.capacity),
                       allocatorSize(failure.free), other, allocatorSize(failure.inUse), allocatorSize(failure.allocated),
                       allocatorSize(failure.reserved));
}

} // namespace sim::gpu
