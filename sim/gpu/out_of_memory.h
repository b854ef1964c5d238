#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>

namespace sim::gpu {

/// An allocation that failed, as torch.OutOfMemoryError reports it.
struct OutOfMemory {
    std::int64_t device = 0;   ///< as the process numbers them
    double wanted = 0;         ///< bytes, rounded as the caching allocator does
    double capacity = 0;
    double free = 0;
    double inUse = 0;          ///< of this process, CUDA context included
    double allocated = 0;      ///< by tensors
    double reserved = 0;       ///< by the caching allocator beyond them
    double others = 0;         ///< of another process on the device
    std::int64_t otherPid = 0;
    bool operator==(const OutOfMemory&) const = default;
};
BOOST_DESCRIBE_STRUCT(OutOfMemory, (),
                      (device, wanted, capacity, free, inUse, allocated, reserved, others, otherPid))

/// What the caching allocator asks the device for when a tensor of this size needs new memory: small ones 2 MiB, middle ones segments of
/// 20 MiB, larger ones whole 2 MiB.
double allocationFor(double tensorBytes);

/// "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ..." as torch 2.5 to 2.9 words it (c10/cuda/
/// CUDACachingAllocator.cpp).
std::string outOfMemoryText(const OutOfMemory& failure);
/// "2.00 GiB", "20.00 MiB", "512.00 KiB", "0 bytes", as c10's format_size.
std::string allocatorSize(double bytes);

} // namespace sim::gpu
