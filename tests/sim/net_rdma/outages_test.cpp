#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

using namespace rdma_lab;
using namespace sim;

namespace {

CableCondition broken()
{
    CableCondition c;
    c.broken = true;
    return c;
}

} // namespace

TEST(RdmaOutages, QueuePairsHaveNcclsPatience)
{
    // NCCL's manual, with 7 retries.
    EXPECT_NEAR(toSeconds(*retryPatience({18, 7})), 7.5, 0.1);
    EXPECT_NEAR(toSeconds(*retryPatience({20, 7})), 30, 0.1);
    EXPECT_NEAR(toSeconds(*retryPatience({22, 7})), 120, 1);
    EXPECT_NEAR(toSeconds(*retryPatience({24, 7})), 480, 2);
    EXPECT_FALSE(retryPatience({0, 7}).has_value());
    EXPECT_FALSE(diesOf({20, 7}, 29s));
    EXPECT_TRUE(diesOf({20, 7}, 31s));
    EXPECT_FALSE(diesOf({32, 7}, 1h));
}

TEST(RdmaOutages, AShortFlapStallsALongOneKills)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    const TransferId id = f.start(after(0s), between(0, 1));
    f.setCondition(after(10s), cableOf(f, 1), broken());
    EXPECT_EQ(at(f, id).state, TransferState::Stalled);
    EXPECT_EQ(at(f, id).reach, Reach::PortDown);
    EXPECT_EQ(f.port(DeviceId{1u}).physical, PhysicalState::Polling);
    f.advance(after(20s));
    EXPECT_GT(f.counter(DeviceId{0u}, DeviceCounter::LocalAckTimeoutErr), 1u);
    f.setCondition(after(20s), cableOf(f, 1), {});
    f.advance(after(25s));
    EXPECT_EQ(at(f, id).state, TransferState::Moving);
    EXPECT_TRUE(f.takeCompletions().empty());
    EXPECT_EQ(f.counter(PortId{1u}, PortCounter::LinkDowned), 1u);

    f.setCondition(after(30s), cableOf(f, 1), broken());
    f.advance(after(120s));
    EXPECT_EQ(at(f, id).state, TransferState::Failed);
    const auto completions = f.takeCompletions();
    ASSERT_EQ(completions.size(), 1u);
    EXPECT_EQ(completions[0].status, 12);
    EXPECT_EQ(completions[0].vendorError, 129);
    EXPECT_NEAR(toSeconds(completions[0].at.time_since_epoch()), 60.06, 0.1);
    f.setCondition(after(130s), cableOf(f, 1), {});
    f.advance(after(140s));
    EXPECT_EQ(at(f, id).state, TransferState::Failed) << "a dead queue pair stays dead";
    f.restart(after(141s), id);
    EXPECT_EQ(at(f, id).state, TransferState::Moving);
}

TEST(RdmaOutages, KernelsTellOfPorts)
{
    Fabric ib = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    ib.setCondition(after(10s), cableOf(ib, 1), broken());
    ib.setCondition(after(11s), cableOf(ib, 1), {});
    ib.advance(after(30s));
    auto notices = ib.takeNotices();
    ASSERT_EQ(notices.size(), 2u);
    EXPECT_EQ(notices[0].host, HostId{1u});
    EXPECT_EQ(notices[0].text, "mlx5_core 0000:18:00.0 mlx5_0: Port: 1 Link DOWN");
    EXPECT_EQ(notices[1].text, "mlx5_core 0000:18:00.0 mlx5_0: Port: 1 Link ACTIVE");
    EXPECT_GT(notices[1].at, after(14s)) << "training, and then a sweep";

    Fabric roce = Fabric::build(spec(LinkLayer::Ethernet, 2, 1, 2, 0));
    roce.setDisabled(after(10s), PortId{1u}, true);
    roce.setDisabled(after(11s), PortId{1u}, false);
    roce.advance(after(30s));
    notices = roce.takeNotices();
    ASSERT_EQ(notices.size(), 4u);
    EXPECT_EQ(notices[0].text, "mlx5_core 0000:18:00.0 enp24s0np0: Link down");
    EXPECT_EQ(notices[1].text, "mlx5_core 0000:18:00.0 mlx5_0: Port: 1 Link DOWN");
    EXPECT_EQ(notices[2].text, "mlx5_core 0000:18:00.0 enp24s0np0: Link up");
    EXPECT_EQ(notices[3].text, "mlx5_core 0000:18:00.0 mlx5_0: Port: 1 Link ACTIVE");
    EXPECT_EQ(notices[3].at, after(14s));
}

TEST(RdmaOutages, FlapPlansRepeat)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    const TransferId id = f.start(after(0s), between(0, 1));
    CableCondition c;
    c.flap = {50s, 5s, after(0s)};
    f.setCondition(after(0s), cableOf(f, 1), c);
    f.advance(after(599s));
    EXPECT_EQ(f.counter(PortId{1u}, PortCounter::LinkDowned), 10u); // at 50, 105, ... 545 s
    EXPECT_EQ(at(f, id).state, TransferState::Moving);
    EXPECT_TRUE(f.takeCompletions().empty());
    const double full = f.capacityBytesPerSecond(PortId{0u});
    EXPECT_NEAR(f.bytesDelivered(at(f, id)) / full, 599 - 10 * 8.0, 0.1)
        << "5 s dark and 3 s of training each time";
}

TEST(RdmaOutages, WithoutASubnetManagerNewPortsWait)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 3, 1, 3, 0));
    const std::uint16_t lid = f.port(DeviceId{2u}).lid;
    f.setManager(after(10s), 0, false, 15);
    EXPECT_FALSE(f.masterDevice().valid());
    EXPECT_EQ(f.port(DeviceId{1u}).logical, LogicalState::Active) << "what runs goes on";
    const TransferId running = f.start(after(10s), between(0, 1));
    EXPECT_EQ(at(f, running).state, TransferState::Moving);
    f.setPowered(after(20s), HostId{2u}, false);
    f.setPowered(after(30s), HostId{2u}, true);
    f.advance(after(60s));
    EXPECT_EQ(f.port(DeviceId{2u}).physical, PhysicalState::LinkUp);
    EXPECT_EQ(f.port(DeviceId{2u}).logical, LogicalState::Initializing);
    EXPECT_EQ(f.port(DeviceId{2u}).smLid, 0);
    Path path;
    EXPECT_EQ(f.route(between(0, 2), path), Reach::NotConfigured);
    f.setManager(after(70s), 0, true, 15);
    f.advance(after(71s));
    EXPECT_EQ(f.port(DeviceId{2u}).logical, LogicalState::Active);
    EXPECT_EQ(f.port(DeviceId{2u}).smLid, f.port(DeviceId{0u}).lid);
    EXPECT_GE(f.port(DeviceId{2u}).lid, lid);
    EXPECT_EQ(f.route(between(0, 2), path), Reach::Reachable);
}

TEST(RdmaOutages, AStandbyTakesOver)
{
    FabricSpec s = spec(LinkLayer::InfiniBand, 3, 1, 3, 0);
    s.managers = {0, 1};
    Fabric f = Fabric::build(s);
    f.setManager(after(10s), 0, false, 15);
    f.advance(after(49s));
    EXPECT_FALSE(f.masterDevice().valid());
    f.advance(after(52s));
    EXPECT_EQ(f.masterDevice(), DeviceId{1u});
    EXPECT_EQ(f.port(DeviceId{2u}).smLid, f.port(DeviceId{1u}).lid);
    f.setManager(after(100s), 0, true, 15); // the better one comes back
    EXPECT_EQ(f.masterDevice(), DeviceId{0u});
}

TEST(RdmaOutages, ASweepRoutesAroundADeadSpineLink)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 8, 1, 4, 2));
    const TransferId id = f.start(after(0s), between(0, 4));
    const Channel up = at(f, id).path.channels[1];
    f.setCondition(after(10s), CableId{up / 2}, broken());
    EXPECT_EQ(at(f, id).state, TransferState::Stalled) << "the tables still lead there";
    EXPECT_EQ(at(f, id).reach, Reach::DeadLink);
    EXPECT_LT(f.nextDue(), after(11s));
    f.advance(after(11s));
    EXPECT_EQ(at(f, id).state, TransferState::Moving);
    EXPECT_NE(at(f, id).path.channels[1], up);

    Fabric alone = Fabric::build(spec(LinkLayer::InfiniBand, 8, 1, 4, 2));
    const TransferId lost = alone.start(after(0s), between(0, 4));
    alone.setManager(after(1s), 0, false, 15);
    alone.setCondition(after(10s), CableId{at(alone, lost).path.channels[1] / 2}, broken());
    alone.advance(after(60s));
    EXPECT_EQ(at(alone, lost).state, TransferState::Failed) << "nobody computes other tables";

    Fabric adaptive = Fabric::build(spec(LinkLayer::InfiniBand, 8, 1, 4, 2));
    adaptive.setAdaptiveRouting(after(0s), true);
    const TransferId agile = adaptive.start(after(0s), between(0, 4));
    adaptive.setCondition(after(10s), CableId{at(adaptive, agile).path.channels[1] / 2}, broken());
    EXPECT_EQ(at(adaptive, agile).state, TransferState::Moving);
}

TEST(RdmaOutages, AdaptiveRoutingUsesAllUplinks)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 16, 1, 8, 4));
    f.setAdaptiveRouting(after(0s), true);
    for (std::uint32_t i = 0; i < 8; ++i)
        f.start(after(0s), between(i, 8 + (i + 3) % 8));
    for (const auto& [id, t] : f.transfers())
        EXPECT_EQ(t.reach, Reach::Reachable);
    std::map<Channel, int> users;
    for (const auto& [id, t] : f.transfers())
        ++users[t.path.channels[1]];
    EXPECT_EQ(users.size(), 8u);
}

TEST(RdmaOutages, DyingSwitchesAreRoutedAround)
{
    Fabric f = Fabric::build(spec(LinkLayer::Ethernet, 8, 1, 4, 2));
    for (std::uint32_t i = 0; i < 4; ++i)
        f.start(after(0s), between(i, 4 + i));
    f.setSwitchUp(after(1s), RdmaSwitchId{2u}, false); // the first spine
    for (const auto& [id, t] : f.transfers())
        EXPECT_EQ(t.state, TransferState::Moving);
    f.setSwitchUp(after(2s), RdmaSwitchId{3u}, false);
    for (const auto& [id, t] : f.transfers())
        EXPECT_EQ(t.state, TransferState::Stalled);
    f.setSwitchUp(after(3s), RdmaSwitchId{2u}, true);
    f.advance(after(10s));
    for (const auto& [id, t] : f.transfers())
        EXPECT_EQ(t.state, TransferState::Moving);
}

TEST(RdmaOutages, TicksCostNothingAndChunksDoNotMatter)
{
    Fabric once = Fabric::build(spec(LinkLayer::InfiniBand, 4, 2, 2, 2));
    for (std::uint32_t i = 0; i < 4; ++i)
        once.start(after(0s), between(i, 7 - i));
    CableCondition c;
    c.flap = {7s, 2s, after(0s)};
    once.setCondition(after(0s), cableOf(once, 3), c);
    Fabric often = once;
    once.advance(after(100s));
    for (int i = 1; i <= 1000; ++i)
        often.advance(after(100ms * i));
    EXPECT_EQ(fingerprintOf(once), fingerprintOf(often));
    EXPECT_EQ(once, often);
}
