// A job's small streams beside bulk ones: what keeps them apart, and what is left when a part of it is gone.
#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

using namespace rdma_lab;
using namespace sim;

namespace {

constexpr double kJobRate = 5e9;

/// Three bulk streams and a job's meet in the port to device 4; device 1, which sends one of the bulk streams, sends the job's to 5 too.
struct Shared {
    Fabric fabric;
    TransferId job;
    TransferId neighbour;

    explicit Shared(FabricSpec s, std::uint8_t jobClass = kLossless) : fabric(Fabric::build(s))
    {
        for (std::uint32_t i = 1; i < 4; ++i)
            fabric.start(after(0s), between(i, 4));
        TransferRequest small = between(0, 4, kJobRate);
        small.trafficClass = jobClass;
        job = fabric.start(after(0s), small);
        neighbour = fabric.start(after(0s), between(1, 5, kJobRate));
    }
    PortId leaf(std::uint32_t device) const { return fabric.peer(PortId{device}); }
    double rate(TransferId id) const { return at(fabric, id).bytesPerSecond; }
};

FabricSpec sharedRoce() { return spec(LinkLayer::Ethernet, 6, 1, 6, 0); }

} // namespace

TEST(RdmaSharedPorts, MarksSlowTheBulkAlone)
{
    const Shared s(sharedRoce());
    EXPECT_DOUBLE_EQ(s.rate(s.job), kJobRate);
    EXPECT_DOUBLE_EQ(s.rate(s.neighbour), kJobRate);
    EXPECT_EQ(at(s.fabric, s.job).lossRatio, 0);
}

TEST(RdmaSharedPorts, WithoutMarksPausesSlowWhoSharesASender)
{
    Shared s(sharedRoce());
    Fabric& f = s.fabric;
    for (std::uint32_t i = 0; i < 6; ++i)
        f.setQos(after(1s), s.leaf(i), {Trust::Dscp, 1 << 3, 0});
    EXPECT_TRUE(at(f, s.neighbour).victim);
    EXPECT_LT(s.rate(s.neighbour), kJobRate * 0.5);
    f.advance(after(11s));
    EXPECT_GT(f.counter(s.leaf(1), 3, PriorityCounter::TxPause), 0u);
    EXPECT_EQ(f.counter(s.leaf(4), PortCounter::XmitDiscards), 0u) << "nothing is lost";
}

TEST(RdmaSharedPorts, TheLossyClassLosesBurstsAtAFullPort)
{
    Shared s(sharedRoce(), 0);
    Fabric& f = s.fabric;
    EXPECT_LT(s.rate(s.job), kJobRate * 0.5);
    EXPECT_GT(s.rate(s.job), kJobRate * 0.1);
    EXPECT_DOUBLE_EQ(s.rate(s.neighbour), kJobRate);
    f.advance(after(10s));
    EXPECT_GT(f.counter(s.leaf(4), 0, PriorityCounter::TxDiscards), 0u);
    EXPECT_EQ(f.counter(s.leaf(4), 0, PriorityCounter::TxDiscards), f.counter(s.leaf(4), PortCounter::XmitDiscards));
    EXPECT_EQ(f.counter(s.leaf(4), 3, PriorityCounter::TxDiscards), 0u);
    EXPECT_GT(f.counter(DeviceId{4u}, DeviceCounter::OutOfSequence), 0u);
    EXPECT_GT(f.counter(DeviceId{0u}, DeviceCounter::PacketSeqErr), 0u);
}

TEST(RdmaSharedPorts, RoceVersionOneCarriesNoClass)
{
    Fabric f = Fabric::build(sharedRoce());
    for (const int index : {0, 3}) { // link-local of version 1, IPv4 of version 2
        TransferRequest request = between(0, 4);
        request.gidIndex = index;
        f.start(f.now(), request);
        f.advance(f.now() + 1s);
        EXPECT_EQ(f.counter(PortId{0u}, 3, PriorityCounter::TxBytes) > 0, index == 3);
    }
    EXPECT_GT(f.counter(PortId{0u}, 0, PriorityCounter::TxBytes), 0u);
}

TEST(RdmaSharedPorts, TheLossyClassAloneIsFine)
{
    Fabric f = Fabric::build(sharedRoce());
    TransferRequest alone = between(0, 4);
    alone.trafficClass = 0;
    const TransferId id = f.start(after(0s), alone);
    EXPECT_DOUBLE_EQ(at(f, id).bytesPerSecond, f.capacityBytesPerSecond(PortId{0u}));
}

TEST(RdmaSharedPorts, ALeafSortsByThePortThatAPacketCameInThrough)
{
    Shared s(sharedRoce());
    Fabric& f = s.fabric;
    f.setQos(after(1s), s.leaf(0), {Trust::Pcp, 1 << 3, 1 << 3});
    EXPECT_LT(s.rate(s.job), kJobRate * 0.5);
    f.advance(after(11s));
    EXPECT_GT(f.counter(s.leaf(4), 0, PriorityCounter::TxDiscards), 0u) << "in queue 0 on its way out too";
    EXPECT_GT(f.counter(PortId{0u}, 3, PriorityCounter::TxBytes), 0u) << "the adapter still calls it priority 3";
}

TEST(RdmaSharedPorts, PfcOnOneEndLosesBurstsInSpiteOfMarks)
{
    Shared s(sharedRoce());
    Fabric& f = s.fabric;
    f.setQos(after(1s), s.leaf(0), {Trust::Dscp, 0, 1 << 3});
    EXPECT_LT(s.rate(s.job), kJobRate * 0.5);
    f.advance(after(11s));
    EXPECT_GT(f.counter(s.leaf(4), 3, PriorityCounter::TxDiscards), 0u);
    f.setQos(after(12s), s.leaf(0), {Trust::Dscp, 1 << 3, 1 << 3});
    EXPECT_DOUBLE_EQ(s.rate(s.job), kJobRate);
}

TEST(RdmaSharedPorts, AReceiverThatHangsInBoutsStopsItsNeighbours)
{
    Shared s(sharedRoce());
    Fabric& f = s.fabric;
    f.setStalls(after(0s), DeviceId{4u}, {7s, 4s, after(0s)});
    f.advance(after(8s));
    EXPECT_EQ(s.rate(s.neighbour), 0);
    f.advance(after(12s));
    EXPECT_DOUBLE_EQ(s.rate(s.neighbour), kJobRate);
    f.advance(after(110s));
    EXPECT_EQ(f.counter(DeviceId{4u}, DeviceCounter::PauseStormWarnings), 10u);
    EXPECT_NEAR(static_cast<double>(f.counter(s.leaf(4), 3, PriorityCounter::RxPauseMicroseconds)), 40e6, 1e5);
    EXPECT_NEAR(f.bytesDelivered(at(f, s.neighbour)), kJobRate * 70, kJobRate);

    f.setPowered(after(111s), HostId{4u}, false);
    f.setPowered(after(112s), HostId{4u}, true);
    f.advance(after(200s));
    EXPECT_EQ(f.counter(DeviceId{4u}, DeviceCounter::PauseStormWarnings), 10u) << "the firmware began anew";
}

TEST(RdmaSharedPorts, AWatchdogGivesUpOnAHungReceiver)
{
    FabricSpec spec = sharedRoce();
    spec.watchdog.on = true;
    Shared s(spec);
    Fabric& f = s.fabric;
    f.setStalls(after(0s), DeviceId{4u}, {7s, 4s, after(0s)});
    f.advance(after(7s) + 100ms);
    EXPECT_EQ(s.rate(s.neighbour), 0) << "not yet";
    f.advance(after(8s));
    EXPECT_DOUBLE_EQ(s.rate(s.neighbour), kJobRate);
    EXPECT_TRUE(f.port(s.leaf(4)).storm.on);
    EXPECT_EQ(s.rate(s.job), 0) << "who sends to it waits all the same";
    f.advance(after(12s));
    EXPECT_FALSE(f.port(s.leaf(4)).storm.on);
    EXPECT_EQ(f.port(s.leaf(4)).storm.detected, 1);
    EXPECT_EQ(f.port(s.leaf(4)).storm.restored, 1);

    f.setWatchdog(after(12s), s.leaf(4), {true, PauseWatchdog::Action::Alert, 200, 200});
    f.advance(after(19s));
    EXPECT_EQ(s.rate(s.neighbour), 0) << "an alert frees nobody";
    EXPECT_EQ(f.port(s.leaf(4)).storm.detected, 2);
}

TEST(RdmaSharedPorts, NothingIsPausedThatNobodySendsTo)
{
    FabricSpec spec = sharedRoce();
    spec.watchdog.on = true;
    Fabric f = Fabric::build(spec);
    f.setReceiver(after(0s), DeviceId{4u}, 0, true);
    f.advance(after(10s));
    EXPECT_EQ(f.port(f.peer(PortId{4u})).storm.detected, 0);
}

TEST(RdmaSharedPorts, ASwitchStartsAsItWasSaved)
{
    Fabric f = Fabric::build(sharedRoce());
    const PortId port = f.peer(PortId{0u});
    const RdmaSwitchId leaf = f.port(port).owner;
    f.setQos(after(1s), port, {});
    f.setSwitchUp(after(2s), leaf, false);
    f.setSwitchUp(after(3s), leaf, true);
    EXPECT_EQ(f.port(port).qos, f.switchOf(leaf).designedQos);
    f.setQos(after(4s), port, {});
    f.setDisabled(after(4s), f.peer(PortId{1u}), true);
    f.saveConfiguration(leaf);
    f.setQos(after(5s), port, {Trust::Dscp, 1 << 3, 1 << 3});
    f.setDisabled(after(5s), f.peer(PortId{1u}), false);
    f.loadConfiguration(after(6s), leaf);
    EXPECT_EQ(f.port(port).qos, Qos{});
    EXPECT_TRUE(f.port(f.peer(PortId{1u})).disabled);
    EXPECT_FALSE(f.linkUp(PortId{1u}));
}
