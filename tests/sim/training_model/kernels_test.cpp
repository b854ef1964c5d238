#include "sim/training/model/accelerator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace {

using namespace sim::training;

constexpr double kFastest = 1.980e9; ///< the H200's highest clock
constexpr double kThrottled = 1.440e9; ///< the lowest under its power limit in heat_and_power.txt

/// Large products run into the power limit within milliseconds: how far is not in the capture. Every measured time must
/// lie between the model's at the highest clock and at the throttled one.
TEST(Kernels, capturedProductsLieBetweenTheClocks)
{
    std::ifstream file(FAULTLINE_GOLDEN "/nvidia/h200/kernels.txt");
    ASSERT_TRUE(file);
    int rows = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream stream(line);
        std::string kind, layer, type;
        double m = 0, n = 0, k = 0, seconds = 0;
        if (!(stream >> kind >> layer >> m >> n >> k >> type >> seconds) || kind != "gemm" || type != "bf16" || m < 1024)
            continue;
        ++rows;
        EXPECT_LT(gemmSeconds(h200Sxm(), kFastest, m, n, k), 1.06 * seconds) << line;
        EXPECT_GT(gemmSeconds(h200Sxm(), kThrottled, m, n, k), 0.94 * seconds) << line;
    }
    EXPECT_EQ(rows, 32);
}

// heat_and_power.txt: 593.7 TFLOP/s sustained for 45 s at 1440 to 1470 MHz.
TEST(Kernels, theSustainedProductIsMet)
{
    const double seconds = gemmSeconds(h200Sxm(), h200Sxm().sustainedClockHz, 8192, 8192, 8192);
    EXPECT_NEAR(2 * 8192.0 * 8192 * 8192 / seconds / 593.74e12, 1, 0.03);
}

TEST(Kernels, capturedAttentionIsMet)
{
    // "prefill": one sequence, 32 heads of 128, causal operations counted.
    const std::pair<double, double> rows[] = {{2048, 8.390e-05}, {4096, 2.593e-04}, {8192, 9.605e-04}, {16384, 3.805e-03}};
    for (const auto& [length, seconds] : rows) {
        const double model = attentionSeconds(h200Sxm(), 1, AttentionKernel::Flash3, {length, length, 32, 128});
        EXPECT_NEAR(model / seconds, 1, 0.15) << length;
    }
}

TEST(Kernels, copiesReachWhatWasCaptured)
{
    EXPECT_NEAR(copySeconds(h200Sxm(), 2 * 4096.0 * 1048576), 2.007e-03, 0.02 * 2.007e-03);
}

TEST(Kernels, peaksAreTheDataSheets)
{
    EXPECT_NEAR(h100Sxm().specFlops(), 989.4e12, 0.1e12);
    EXPECT_NEAR(a100Sxm80().specFlops(), 312e12, 0.2e12);
}

TEST(Kernels, moreWorkNeverTakesLess)
{
    for (double m = 256; m < 16384; m += 256) {
        EXPECT_LE(gemmSeconds(h100Sxm(), 1.5e9, m, 4096, 4096), gemmSeconds(h100Sxm(), 1.5e9, m + 256, 4096, 4096));
        EXPECT_LE(gemmSeconds(h100Sxm(), 1.5e9, 4096, 4096, m), gemmSeconds(h100Sxm(), 1.5e9, 4096, 4096, m + 256));
        EXPECT_GT(gemmSeconds(h100Sxm(), 1.4e9, m, 4096, 4096), gemmSeconds(h100Sxm(), 1.5e9, m, 4096, 4096) * 0.999);
    }
}

TEST(Kernels, unfusedAttentionIsBoundByMemory)
{
    const AttentionWork work = {2048, 2048, 16, 128};
    EXPECT_GT(attentionSeconds(a100Sxm80(), 1, AttentionKernel::Unfused, work),
              2 * attentionSeconds(a100Sxm80(), 1, AttentionKernel::Flash2, work));
}

} // namespace
