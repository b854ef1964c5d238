#include "sim/gpu/out_of_memory.h"

#include <gtest/gtest.h>

namespace sim::gpu {

namespace {

constexpr double kGiB = 1073741824.0;

// The text of c10/cuda/CUDACachingAllocator.cpp as people paste it, with torch 2.5 to 2.9.
TEST(OutOfMemory, IsWordedAsTorchWordsIt)
{
    OutOfMemory failure;
    failure.wanted = 2 * kGiB;
    failure.capacity = 79.11 * kGiB;
    failure.free = 1.19 * kGiB;
    failure.inUse = 77.92 * kGiB;
    failure.allocated = 76.25 * kGiB;
    failure.reserved = 494.83 * 1048576;
    EXPECT_EQ(outOfMemoryText(failure),
              "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB "
              "of which 1.19 GiB is free. Including non-PyTorch memory, this process has 77.92 GiB memory in use. Of the "
              "allocated memory 76.25 GiB is allocated by PyTorch, and 494.83 MiB is reserved by PyTorch but unallocated. If "
              "reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid "
              "fragmentation.  See documentation for Memory Management  "
              "(https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)");
    EXPECT_EQ(allocatorSize(0), "0 bytes");
    EXPECT_EQ(allocatorSize(1073741824), "1024.00 MiB");
    EXPECT_EQ(allocatorSize(896 * 1024), "896.00 KiB");
    failure.device = 6;
    failure.wanted = 2 * 1048576.0;
    failure.capacity = 44.53 * kGiB;
    failure.free = 448 * 1024.0;
    EXPECT_TRUE(outOfMemoryText(failure).starts_with("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB. GPU 6 has a total "
                                                     "capacity of 44.53 GiB of which 448.00 KiB is free. "));
}

TEST(OutOfMemory, TheAllocatorAsksInItsOwnSizes)
{
    EXPECT_EQ(allocationFor(1), 2 * 1048576.0);
    EXPECT_EQ(allocationFor(2 * 1048576.0), 20 * 1048576.0);
    EXPECT_EQ(allocationFor(11 * 1048576.0), 12 * 1048576.0);
}

} // namespace

} // namespace sim::gpu
