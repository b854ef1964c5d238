#include "sim/training/collectives/tuning.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim::training::collectives {

namespace {

struct Tuned {
    System system;
    Environment environment;
    Communicator communicator;
    Tuner tuner;

    explicit Tuned(System described, std::vector<std::pair<std::string, std::string>> variables = {})
        : system(std::move(described)), environment(readEnvironment(variables)),
          communicator(connect(system, environment)), tuner(tune(system, environment, communicator))
    {
    }
    Choice pick(Collective collective, std::int64_t bytes, Forced forced = {}) const
    {
        return choose(system, environment, communicator, tuner, collective, bytes, forced);
    }
    const TunerEntry& entry(Algorithm a, Protocol p, Collective c = Collective::AllReduce) const { return tuner.at(c, a, p); }
};

constexpr std::int64_t kMiB = 1 << 20;

} // namespace

// tuning.cc worked by hand for DGX A100: 12 channels of 20 GB/s, 14 steps of a ring over 8.
TEST(NcclTuning, GivesNcclsFiguresForOneA100Node)
{
    const Tuned a100(standardSystem(NodeType::A100Sxm, 1, 8));
    EXPECT_NEAR(a100.entry(Algorithm::Ring, Protocol::Simple).latencyMicroseconds, 8.4 + 14 * 3.4, 1e-9);
    EXPECT_NEAR(a100.entry(Algorithm::Ring, Protocol::Simple).gigabytesPerSecond, 240 * 8 / 14.0, 1e-9);
    EXPECT_NEAR(a100.entry(Algorithm::Ring, Protocol::LL).gigabytesPerSecond, 87.7 * 8 / 14, 1e-9);
    EXPECT_NEAR(a100.entry(Algorithm::Ring, Protocol::LL128).gigabytesPerSecond, 240 * .92 * 8 / 14, 1e-9);
    EXPECT_NEAR(a100.entry(Algorithm::Tree, Protocol::Simple).gigabytesPerSecond, 240 * .92 / 2, 1e-9);
    EXPECT_NEAR(a100.entry(Algorithm::Tree, Protocol::LL).latencyMicroseconds, 6.8 + 2 * 7 * 0.6, 1e-9);
    EXPECT_EQ(a100.entry(Algorithm::Nvls, Protocol::Simple).gigabytesPerSecond, 0);
}

// nccl-tests #212: a peak busbw of about 480 GB/s is to be expected of NVLS on 8 H100.
TEST(NcclTuning, ExpectsOfNvlsWhatNvidiaSays)
{
    const Tuned h100(standardSystem(NodeType::H100Sxm, 1, 8));
    EXPECT_NEAR(h100.entry(Algorithm::Nvls, Protocol::Simple).gigabytesPerSecond * 14 / 8, 476, 0.5);
    EXPECT_NEAR(h100.entry(Algorithm::Nvls, Protocol::Simple).latencyMicroseconds, 25, 1e-9);
    EXPECT_EQ(h100.entry(Algorithm::NvlsTree, Protocol::Simple).gigabytesPerSecond, 0);
    const Tuned two(standardSystem(NodeType::H100Sxm, 2, 8));
    EXPECT_NEAR(two.entry(Algorithm::NvlsTree, Protocol::Simple).gigabytesPerSecond, 57.7 * 8 * 16 / 30, 1e-9);
    EXPECT_EQ(two.entry(Algorithm::Nvls, Protocol::Simple).gigabytesPerSecond, 0);
}

TEST(NcclTuning, CountsTheNetworksOverheadByTheCpu)
{
    const Tuned amd(standardSystem(NodeType::A100Sxm, 2, 8));
    EXPECT_NEAR(amd.entry(Algorithm::Ring, Protocol::Simple).latencyMicroseconds, 8.4 + 28 * 6.0 + 2 * 14.0, 1e-9);
    System intelSystem = standardSystem(NodeType::A100Sxm, 2, 8);
    for (Node& node : intelSystem.nodes)
        node.cpu = CpuVendor::Intel;
    const Tuned intel(intelSystem);
    EXPECT_NEAR(intel.entry(Algorithm::Ring, Protocol::Simple).latencyMicroseconds, 8.4 + 28 * 3.4 + 2 * 14.0, 1e-9);
}

// The crossings of NCCL's own straight lines: LL and LL128 of the ring meet where latency and rate balance.
TEST(NcclTuning, CrossesFromLlToLl128ToSimpleWhereTheFormulasDo)
{
    const Tuned a100(standardSystem(NodeType::A100Sxm, 1, 8));
    const auto meets = [&](Protocol quick, Protocol wide) {
        const TunerEntry& a = a100.entry(Algorithm::Ring, quick);
        const TunerEntry& b = a100.entry(Algorithm::Ring, wide);
        return (b.latencyMicroseconds - a.latencyMicroseconds) * 1000
            / (1 / a.gigabytesPerSecond - 1 / b.gigabytesPerSecond);
    };
    const double ll = meets(Protocol::LL, Protocol::LL128);
    const double simple = meets(Protocol::LL128, Protocol::Simple);
    EXPECT_NEAR(ll / kMiB, 2.0, 0.1);
    EXPECT_NEAR(simple / kMiB, 23.5, 1);
    const auto protocolAt = [&](double bytes) { return a100.pick(Collective::AllReduce, static_cast<std::int64_t>(bytes)).protocol; };
    EXPECT_EQ(protocolAt(ll * 0.99), Protocol::LL);
    EXPECT_EQ(protocolAt(ll * 1.01), Protocol::LL128);
    EXPECT_EQ(protocolAt(simple * 0.99), Protocol::LL128);
    EXPECT_EQ(protocolAt(simple * 1.01), Protocol::Simple);
}

TEST(NcclTuning, PrefersTreesForLittleAndRingsForMuchBetweenNodes)
{
    const Tuned a100(standardSystem(NodeType::A100Sxm, 4, 8));
    EXPECT_EQ(a100.pick(Collective::AllReduce, 64 << 10).algorithm, Algorithm::Tree);
    EXPECT_EQ(a100.pick(Collective::AllReduce, 4096 * kMiB).algorithm, Algorithm::Ring);
    const Tuned h100(standardSystem(NodeType::H100Sxm, 4, 8));
    EXPECT_EQ(h100.pick(Collective::AllReduce, 256 * kMiB).algorithm, Algorithm::NvlsTree);
    // Whatever is chosen is the least of all estimates.
    for (std::int64_t bytes = 1024; bytes <= 8192 * kMiB; bytes *= 2) {
        const Choice choice = h100.pick(Collective::AllReduce, bytes);
        for (const Algorithm a : {Algorithm::Tree, Algorithm::Ring, Algorithm::NvlsTree})
            for (const Protocol p : {Protocol::LL, Protocol::LL128, Protocol::Simple})
                EXPECT_GE(estimate(h100.system, h100.communicator, h100.tuner, Collective::AllReduce, a, p, bytes).value_or(1e9),
                          choice.estimatedMicroseconds);
    }
}

TEST(NcclTuning, FailsForWhatCannotBeHadUnlessItIsAnOldNccl)
{
    const Tuned a100(standardSystem(NodeType::A100Sxm, 1, 8), {{"NCCL_ALGO", "NVLS"}});
    const Choice choice = a100.pick(Collective::AllReduce, kMiB);
    ASSERT_TRUE(choice.failure);
    EXPECT_EQ(choice.failure->code, 5);
    EXPECT_EQ(choice.failure->text,
              "Error : no algorithm/protocol available for function AllReduce with datatype ncclFloat32. NCCL_ALGO was set to NVLS.");
    const Tuned plain(standardSystem(NodeType::A100Sxm, 1, 8));
    const Forced nvls{.algorithm = Algorithm::Nvls, .protocol = {}, .ringInstead = true};
    EXPECT_EQ(plain.pick(Collective::AllReduce, kMiB, nvls).algorithm, Algorithm::Ring);
    // A list for all-reduce alone leaves the others as they are.
    const Tuned one(standardSystem(NodeType::A100Sxm, 1, 8), {{"NCCL_ALGO", "allreduce:tree"}});
    EXPECT_EQ(one.pick(Collective::AllReduce, 1024 * kMiB).algorithm, Algorithm::Tree);
    EXPECT_EQ(one.pick(Collective::AllGather, 1024 * kMiB).algorithm, Algorithm::Ring);
}

TEST(NcclTuning, ObeysProtocolsAndTheirDefaults)
{
    const Tuned simple(standardSystem(NodeType::A100Sxm, 1, 8), {{"NCCL_PROTO", "Simple"}});
    EXPECT_EQ(simple.pick(Collective::AllReduce, 1024).protocol, Protocol::Simple);
    const Tuned notWide(standardSystem(NodeType::A100Sxm, 1, 8), {{"NCCL_PROTO", "^LL128"}});
    for (std::int64_t bytes = 1024; bytes <= 1024 * kMiB; bytes *= 2)
        EXPECT_NE(notWide.pick(Collective::AllReduce, bytes).protocol, Protocol::LL128);
    // Over PCIe stores of 128 bytes do not stay whole: LL128 is off unless asked for.
    const Tuned cards(standardSystem(NodeType::A100Pcie, 1, 4));
    EXPECT_EQ(cards.entry(Algorithm::Ring, Protocol::LL128).gigabytesPerSecond, 0);
    const Tuned forced(standardSystem(NodeType::A100Pcie, 1, 4), {{"NCCL_PROTO", "LL128"}});
    EXPECT_GT(forced.entry(Algorithm::Ring, Protocol::LL128).gigabytesPerSecond, 0);
}

TEST(NcclTuning, ThresholdsAreWhatTheInitLogPrints)
{
    const Tuned h100(standardSystem(NodeType::H100Sxm, 2, 8)); // threadThresholds 8/8/64 | 128/8/64
    EXPECT_EQ(h100.tuner.threadThresholds[index(Algorithm::Tree)], (std::array<std::int64_t, 3>{8, 8, 64}));
    EXPECT_EQ(h100.tuner.threadThresholds[index(Algorithm::Ring)], (std::array<std::int64_t, 3>{128, 8, 64}));
    EXPECT_EQ(h100.pick(Collective::AllReduce, 1024).channels, 1);
    EXPECT_EQ(h100.pick(Collective::AllReduce, 1024 * kMiB).channels, 16);
    const Tuned few(standardSystem(NodeType::H100Sxm, 2, 8), {{"NCCL_NTHREADS", "100"}});
    EXPECT_EQ(few.tuner.maxThreads[index(Algorithm::Ring)][index(Protocol::Simple)], 512); // no multiple of 32
}

} // namespace sim::training::collectives
