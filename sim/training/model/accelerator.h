#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sim::training {

/// Which attention kernels the software stack has. Unfused writes the scores to memory (Megatron-LM until 2022).
enum class AttentionKernel : std::uint8_t { Unfused, Flash1, Flash2, Flash3 };
/// Whether norms, activations, rotary embeddings and residuals run as single kernels (Megatron's own, torch.compile)
/// or as PyTorch's operators one by one.
enum class Elementwise : std::uint8_t { Fused, Eager };

/// One GPU as far as a training step sees it. Sources: README.
struct Accelerator {
    std::string name; ///< as nvidia-smi prints it
    std::int64_t multiprocessors = 0;
    double flopsPerCycle = 0;       ///< dense bf16, of one multiprocessor
    double specClockHz = 0;         ///< at which the data sheet's peak holds
    double sustainedClockHz = 0;    ///< under the power limit while tensor cores are busy
    double gemmEfficiency = 0;      ///< of the peak at the running clock, for products with whole waves of tiles
    double memoryBytesPerSecond = 0;
    double memoryEfficiency = 0;    ///< that a copy reaches
    double memoryBytes = 0;         ///< total that cudaMemGetInfo reports
    double flash1 = 0, flash2 = 0, flash3 = 0; ///< efficiency of attention kernels of the data sheet's peak
    double hostBytesPerSecond = 0;  ///< device to pinned host memory
    bool operator==(const Accelerator&) const = default;

    double specFlops() const { return static_cast<double>(multiprocessors) * flopsPerCycle * specClockHz; }
    double flopsAt(double clockHz) const { return static_cast<double>(multiprocessors) * flopsPerCycle * clockHz; }
    double copyBytesPerSecond() const { return memoryBytesPerSecond * memoryEfficiency; }
};
BOOST_DESCRIBE_STRUCT(Accelerator, (),
                      (name, multiprocessors, flopsPerCycle, specClockHz, sustainedClockHz, gemmEfficiency,
                       memoryBytesPerSecond, memoryEfficiency, memoryBytes, flash1, flash2, flash3, hostBytesPerSecond))

Accelerator a100Sxm40();
Accelerator a100Sxm80();
Accelerator h100Sxm();
Accelerator h200Sxm();

/// Seconds of C[m,n] = A[m,k] B[k,n] in bf16 at a clock: waves of output tiles over the multiprocessors, or the bytes
/// if they take longer, and never less than a kernel needs. `extraBytes`: read and written besides, such as a gradient
/// that the product is added to.
double gemmSeconds(const Accelerator& accelerator, double clockHz, double m, double n, double k,
                   double extraBytes = 0);
/// Seconds of reading and writing `bytes` of device memory.
double copySeconds(const Accelerator& accelerator, double bytes);

struct AttentionWork {
    double tokens = 0;   ///< queries of this rank
    double context = 0;  ///< tokens that each may look at (the sequence; causal: half of them on average)
    double heads = 0;    ///< of this rank
    double headSize = 0;
};
/// Seconds of causal attention, forward; backward it is kFlashBackward times the work.
double attentionSeconds(const Accelerator& accelerator, double clockFactor, AttentionKernel kernel, AttentionWork work);
/// Five products instead of two: the scores are computed again (Dao, arXiv 2205.14135).
inline constexpr double kFlashBackward = 2.5;
/// Bytes that unfused attention moves for one score: written, masked softmax, dropout, read.
inline constexpr double kUnfusedScoreBytes = 2 + 4 + 5 + 2;

/// From a launch to the next, when the device waits for the host: tests/golden/nvidia/h200/kernels.txt.
inline constexpr double kLaunchSeconds = 10.3e-6;

} // namespace sim::training
