#include "sim/training/collectives/timing.h"

#include "sim/engine/random.h"

#include <gtest/gtest.h>

#include <numeric>

namespace sim::training::collectives {

namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

Timing ring(const System& system, std::vector<std::pair<std::string, std::string>> variables = {}, std::int64_t bytes = kGiB,
            Collective collective = Collective::AllReduce)
{
    return timeOf(system, readEnvironment(variables), collective, bytes, {.algorithm = Algorithm::Ring, .protocol = {}});
}

/// What a ring's busbw may not pass: the weakest GPU's links within a node, the ports between nodes.
double wireOf(const System& system)
{
    double least = system.nodes.size() == 1 ? 1e9 : 8 * system.nodes[0].nics[0].gigabytesPerSecond;
    if (system.nodes.size() > 1)
        return least;
    for (const Node& node : system.nodes)
        for (const Gpu& gpu : node.gpus)
            least = std::min(least, gpu.nvlinkRate());
    return least;
}

} // namespace

TEST(CollectiveTiming, ARingNeverBeatsItsWireButNvlsMay)
{
    RandomStream random(7, "test/collectives");
    for (int i = 0; i < 200; ++i) {
        System system = standardSystem(static_cast<NodeType>(random.below(6)), 1 + static_cast<int>(random.below(3)), 8);
        for (Node& node : system.nodes)
            for (Gpu& gpu : node.gpus)
                gpu.inactiveNvlinks = random.below(4) == 0 ? static_cast<int>(random.below(4)) : 0;
        const std::int64_t bytes = std::int64_t{1024} << random.below(24);
        const Timing timing = ring(system, {}, bytes);
        ASSERT_FALSE(timing.failure);
        EXPECT_LE(timing.busGigabytesPerSecond, wireOf(system));
        EXPECT_GT(timing.microseconds, 0);
    }
    const Timing nvls = timeOf(standardSystem(NodeType::H100Sxm, 1, 8), {}, Collective::AllReduce, 8 * kGiB);
    EXPECT_EQ(nvls.choice.algorithm, Algorithm::Nvls);
    EXPECT_GT(nvls.busGigabytesPerSecond, 18 * 25.0);
}

TEST(CollectiveTiming, OneDegradedLinkSlowsTheWholeRing)
{
    System system = standardSystem(NodeType::H100Sxm, 1, 8);
    const double healthy = ring(system).busGigabytesPerSecond;
    system.nodes[0].gpus[5].inactiveNvlinks = 9;
    const Timing sick = ring(system);
    EXPECT_NEAR(sick.busGigabytesPerSecond / healthy, 0.5, 0.03);
    EXPECT_EQ(sick.bottleneck.kind, BottleneckKind::Nvlink);
    EXPECT_EQ(sick.bottleneck.of, 5);
}

TEST(CollectiveTiming, OneSlowPortSlowsEveryRank)
{
    System system = standardSystem(NodeType::H100Sxm, 4, 8);
    const double healthy = ring(system).busGigabytesPerSecond;
    system.nodes[2].nics[6].gigabytesPerSecond = 12.5; // fell to 100 Gb/s after the job had started
    const System before = standardSystem(NodeType::H100Sxm, 4, 8);
    const Communicator communicator = connect(before, {});
    const Timing sick = timeOf(system, {}, communicator, tune(before, {}, communicator), Collective::AllReduce, kGiB,
                               {.algorithm = Algorithm::Ring, .protocol = {}});
    EXPECT_NEAR(sick.busGigabytesPerSecond / healthy, 12.5 * .96 * 8 / 365, 0.05);
    EXPECT_EQ(sick.bottleneck, (Bottleneck{BottleneckKind::Port, 2, 6}));
}

TEST(CollectiveTiming, ThrottledGpusSlowSmallMessages)
{
    System system = standardSystem(NodeType::A100Sxm, 1, 8);
    const double healthy = ring(system, {}, 4 << 20).microseconds;
    system.nodes[0].gpus[0].clockFactor = 0.5;
    EXPECT_GT(ring(system, {}, 4 << 20).microseconds, 1.5 * healthy);
}

TEST(CollectiveTiming, AllWaitForTheLastRankAndForADeadOneForever)
{
    System system = standardSystem(NodeType::H100Sxm, 2, 8);
    const double healthy = ring(system).microseconds;
    system.nodes[1].gpus[7].lateMicroseconds = 25'000;
    EXPECT_DOUBLE_EQ(ring(system).microseconds, healthy + 25'000);
    EXPECT_FALSE(ring(system).endless);
    system.nodes[1].gpus[7].alive = false;
    EXPECT_TRUE(ring(system).endless);
}

// facts: no peer-to-peer costs 10 to 20 times within a node, no verbs likewise, no GPUDirect about half.
TEST(CollectiveTiming, FallbacksCostWhatOperatorsSee)
{
    const System one = standardSystem(NodeType::H100Sxm, 1, 8);
    const double p2p = ring(one, {{"NCCL_P2P_DISABLE", "1"}}).busGigabytesPerSecond;
    EXPECT_GT(ring(one).busGigabytesPerSecond / p2p, 10);
    EXPECT_LT(ring(one).busGigabytesPerSecond / p2p, 20);
    System two = standardSystem(NodeType::H100Sxm, 2, 8);
    const double verbs = ring(two).busGigabytesPerSecond;
    const double sockets = ring(two, {{"NCCL_IB_DISABLE", "1"}}).busGigabytesPerSecond;
    EXPECT_GT(verbs / sockets, 10);
    for (Node& node : two.nodes)
        for (Nic& nic : node.nics)
            nic.gpuDirect = false;
    EXPECT_NEAR(ring(two).busGigabytesPerSecond / verbs, 0.5, 0.1);
}

TEST(CollectiveTiming, FewerChannelsOrPortsCarryLess)
{
    const System one = standardSystem(NodeType::H100Sxm, 1, 8);
    EXPECT_LT(ring(one, {{"NCCL_MAX_CTAS", "2"}}).busGigabytesPerSecond, 70);
    const System two = standardSystem(NodeType::H100Sxm, 2, 8);
    EXPECT_NEAR(ring(two, {{"NCCL_IB_HCA", "=mlx5_0,mlx5_1"}}).busGigabytesPerSecond, 2 * 48, 3);
}

TEST(CollectiveTiming, LoadsAddUpToTheClosedForms)
{
    const System system = standardSystem(NodeType::H100Sxm, 4, 8);
    const Communicator communicator = connect(system, {});
    const LinkTable table(system);
    const double bytes = 1e9;
    const auto total = [&](Collective c, Algorithm a, LinkKind kind) {
        const LinkLoads loads = loadsOf(system, {}, communicator, table, c, a, 16, bytes);
        double sum = 0;
        for (std::size_t i = 0; i < loads.bytes.size(); ++i)
            sum += table.links()[i].kind == kind ? loads.bytes[i] : 0;
        return sum;
    };
    // Each of 4 edges between nodes carries 2(n-1)/n of the array, on its rail's ports.
    EXPECT_NEAR(total(Collective::AllReduce, Algorithm::Ring, LinkKind::NicOut), 4 * bytes * 2 * 31 / 32, 1);
    EXPECT_NEAR(total(Collective::AllReduce, Algorithm::Ring, LinkKind::NicIn), 4 * bytes * 2 * 31 / 32, 1);
    EXPECT_NEAR(total(Collective::AllGather, Algorithm::Ring, LinkKind::NicOut), 4 * bytes * 31 / 32, 1);
    // A tree over 4 nodes has 3 edges, each used up and down.
    EXPECT_NEAR(total(Collective::AllReduce, Algorithm::Tree, LinkKind::NicOut), 6 * bytes, 1);
    EXPECT_NEAR(total(Collective::AllReduce, Algorithm::NvlsTree, LinkKind::NicOut), 6 * bytes, 1);
    // In the switch every GPU sends its array once, and each head writes its share.
    EXPECT_NEAR(total(Collective::AllReduce, Algorithm::NvlsTree, LinkKind::NvlinkOut), 32 * bytes * 9 / 8, 1);
    // All-to-all: 24 of 32 messages of each rank leave the node.
    EXPECT_NEAR(total(Collective::AllToAll, Algorithm::Ring, LinkKind::NicOut), 32 * bytes * 24 / 32, 1);
}

TEST(CollectiveTiming, IsTheSameForOneDescription)
{
    const System system = standardSystem(NodeType::B200, 2, 8);
    EXPECT_EQ(timeOf(system, {}, Collective::AllReduce, kGiB), timeOf(system, {}, Collective::AllReduce, kGiB));
}

} // namespace sim::training::collectives
