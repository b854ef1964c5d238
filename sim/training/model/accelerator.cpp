#include "sim/training/model/accelerator.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sim::training {

namespace {

/// An output tile and how well its inner loop keeps the tensor cores fed, against the largest.
struct Tile {
    double rows;
    double columns;
    double efficiency;
};
/// cuBLAS's usual tiles. A tile loads (rows + columns) for rows * columns results: smaller ones wait more for shared
/// memory. Fitted to the captured H200 products of 256 to 2048 rows.
constexpr std::array<Tile, 3> kTiles = {{{128, 256, 1.0}, {128, 128, 0.92}, {64, 128, 0.72}}};
/// Filling the pipeline and storing the tile, in steps of k. Fitted to the same.
constexpr double kTileOverheadSteps = 220;
/// A kernel that does next to nothing, in a queue: 500 of them take 0.46 ms as a graph (kernels.txt).
constexpr double kKernelSeconds = 0.93e-6;
/// Keys after which a causal attention kernel reaches half of its efficiency; fitted to kernels.txt.
constexpr double kAttentionHalfContext = 500;

Accelerator hopper()
{
    Accelerator a;
    a.multiprocessors = 132;
    a.flopsPerCycle = 4096; // 4 tensor cores x 512 fused multiply-adds; 989.4 TFLOP/s at 1830 MHz
    a.specClockHz = 1.830e9;
    a.sustainedClockHz = 1.455e9;
    a.gemmEfficiency = 0.78;
    a.memoryEfficiency = 0.89;
    a.flash1 = 0.18;
    a.flash2 = 0.35;
    a.flash3 = 0.60;
    a.hostBytesPerSecond = 55e9;
    return a;
}

Accelerator ampere()
{
    Accelerator a;
    a.multiprocessors = 108;
    a.flopsPerCycle = 2048; // 311.9 TFLOP/s at 1410 MHz
    a.specClockHz = 1.410e9;
    a.sustainedClockHz = 1.410e9;
    a.gemmEfficiency = 0.83;
    a.memoryEfficiency = 0.89;
    a.flash1 = 0.33;
    a.flash2 = 0.60;
    a.flash3 = 0.60; // the third generation is Hopper's: Ampere runs the second
    a.hostBytesPerSecond = 25e9;
    return a;
}

} // namespace

Accelerator a100Sxm40()
{
    Accelerator a = ampere();
    a.name = "NVIDIA A100-SXM4-40GB";
    a.memoryBytesPerSecond = 1.555e12;
    a.memoryBytes = 39.39 * 1073741824.0;
    return a;
}

Accelerator a100Sxm80()
{
    Accelerator a = ampere();
    a.name = "NVIDIA A100-SXM4-80GB";
    a.memoryBytesPerSecond = 2.039e12;
    a.memoryBytes = 79.25 * 1073741824.0;
    return a;
}

Accelerator h100Sxm()
{
    Accelerator a = hopper();
    a.name = "NVIDIA H100 80GB HBM3";
    a.memoryBytesPerSecond = 3.35e12;
    a.memoryBytes = 79.11 * 1073741824.0;
    return a;
}

Accelerator h200Sxm()
{
    Accelerator a = hopper();
    a.name = "NVIDIA H200";
    a.memoryBytesPerSecond = 4.8e12;
    a.memoryBytes = 150109880320.0;
    return a;
}

double copySeconds(const Accelerator& accelerator, double bytes)
{
    return bytes / accelerator.copyBytesPerSecond();
}

double gemmSeconds(const Accelerator& a, double clockHz, double m, double n, double k, double extraBytes)
{
    const double multiprocessors = static_cast<double>(a.multiprocessors);
    double arithmetic = 0;
    for (const Tile& tile : kTiles) {
        const double tiles = std::ceil(m / tile.rows) * std::ceil(n / tile.columns);
        const double waves = std::ceil(tiles / multiprocessors);
        const double flops = 2.0 * tile.rows * tile.columns * (k + kTileOverheadSteps);
        const double seconds = waves * flops / (a.flopsPerCycle * clockHz * a.gemmEfficiency * tile.efficiency);
        arithmetic = arithmetic == 0 ? seconds : std::min(arithmetic, seconds);
    }
    const double bytes = 2.0 * (m * k + k * n + m * n) + extraBytes;
    return kKernelSeconds + std::max(arithmetic, copySeconds(a, bytes));
}

double attentionSeconds(const Accelerator& a, double clockFactor, AttentionKernel kernel, AttentionWork work)
{
    const double flops = 4.0 * work.tokens * work.context * work.heads * work.headSize; // the whole score matrix
    if (kernel == AttentionKernel::Unfused) {
        const double products = flops / (a.flopsAt(a.sustainedClockHz * clockFactor) * a.gemmEfficiency)
            * (1 + kTileOverheadSteps / work.headSize) / (1 + kTileOverheadSteps / work.context);
        return products + copySeconds(a, kUnfusedScoreBytes * work.tokens * work.context * work.heads);
    }
    const double efficiency = kernel == AttentionKernel::Flash1 ? a.flash1
        : kernel == AttentionKernel::Flash2                     ? a.flash2
                                                                : a.flash3;
    const double ramp = work.context / (work.context + kAttentionHalfContext);
    return 0.5 * flops / (a.specFlops() * clockFactor * efficiency * ramp);
}

} // namespace sim::training
