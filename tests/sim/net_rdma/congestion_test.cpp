#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

using namespace rdma_lab;
using namespace sim;

namespace {

/// Four senders on one leaf send to device 4; sender 0 also sends to device 5.
struct Incast {
    Fabric fabric;
    std::vector<TransferId> contributors;
    TransferId bystander;

    explicit Incast(FabricSpec s) : fabric(Fabric::build(s))
    {
        for (std::uint32_t i = 0; i < 4; ++i)
            contributors.push_back(fabric.start(after(0s), between(i, 4)));
        bystander = fabric.start(after(0s), between(0, 5));
    }
    double share() const { return fabric.capacityBytesPerSecond(PortId{0u}) / 4; }
};

FabricSpec roce()
{
    return spec(LinkLayer::Ethernet, 6, 1, 6, 0);
}

} // namespace

TEST(RdmaCongestion, CreditsMakeVictims)
{
    Incast incast(spec(LinkLayer::InfiniBand, 6, 1, 6, 0));
    Fabric& f = incast.fabric;
    for (const TransferId id : incast.contributors)
        EXPECT_NEAR(at(f, id).bytesPerSecond, incast.share(), 1);
    // Its sender's link waits half of the time for credits, with its packets in the same queue.
    EXPECT_TRUE(at(f, incast.bystander).victim);
    EXPECT_NEAR(at(f, incast.bystander).bytesPerSecond, incast.share(), 1);
    f.advance(after(10s));
    EXPECT_GT(f.counter(PortId{0u}, PortCounter::XmitWait), 0u);
    EXPECT_EQ(f.counter(PortId{0u}, PortCounter::XmitDiscards), 0u);
    EXPECT_EQ(f.counter(PortId{5u}, PortCounter::XmitWait), 0u);
    // Ticks are the words that did not go: with those that went they fill the link.
    const double words = static_cast<double>(f.counter(PortId{1u}, PortCounter::XmitWait)
                                             + f.counter(PortId{1u}, PortCounter::XmitData));
    EXPECT_NEAR(words / (10 * 400e9 / 32), 1, 0.01);
}

TEST(RdmaCongestion, OtherServiceLevelsDoNotWait)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 6, 1, 6, 0));
    for (std::uint32_t i = 0; i < 4; ++i)
        f.start(after(0s), between(i, 4));
    TransferRequest r = between(0, 5);
    r.serviceLevel = 1;
    const TransferId id = f.start(after(0s), r);
    EXPECT_FALSE(at(f, id).victim);
    EXPECT_NEAR(at(f, id).bytesPerSecond, f.capacityBytesPerSecond(PortId{0u}) * 3 / 4, 1);
}

TEST(RdmaCongestion, MarkingSlowsContributorsOnly)
{
    Incast incast(roce());
    Fabric& f = incast.fabric;
    EXPECT_FALSE(at(f, incast.bystander).victim);
    EXPECT_NEAR(at(f, incast.bystander).bytesPerSecond, 3 * incast.share(), 1);
    f.advance(after(10s));
    EXPECT_GT(f.counter(DeviceId{4u}, DeviceCounter::NpCnpSent), 0u);
    double handled = 0;
    for (std::uint32_t i = 0; i < 4; ++i)
        handled += static_cast<double>(f.counter(DeviceId{i}, DeviceCounter::RpCnpHandled));
    EXPECT_NEAR(static_cast<double>(f.counter(DeviceId{4u}, DeviceCounter::NpCnpSent)), handled, 4)
        << "but for parts of one";
    EXPECT_EQ(f.counter(PortId{0u}, 3, PriorityCounter::RxPause), 0u);
    EXPECT_EQ(f.counter(DeviceId{5u}, DeviceCounter::NpCnpSent), 0u);
}

TEST(RdmaCongestion, WithoutMarkingPausesMakeVictims)
{
    FabricSpec s = roce();
    s.qos.ecn = 0;
    Incast incast(s);
    Fabric& f = incast.fabric;
    EXPECT_TRUE(at(f, incast.bystander).victim);
    f.advance(after(10s));
    EXPECT_EQ(f.counter(DeviceId{4u}, DeviceCounter::NpCnpSent), 0u);
    EXPECT_GT(f.counter(PortId{0u}, 3, PriorityCounter::RxPause), 1000u);
    EXPECT_EQ(f.counter(PortId{0u}, 3, PriorityCounter::RxPause),
              f.counter(f.peer(PortId{0u}), 3, PriorityCounter::TxPause));
    EXPECT_EQ(f.counter(PortId{0u}, 0, PriorityCounter::RxPause), 0u);
    EXPECT_EQ(f.counter(f.peer(PortId{4u}), PortCounter::XmitDiscards), 0u);
}

TEST(RdmaCongestion, TrustingTheWrongFieldCollapsesIncastOnly)
{
    FabricSpec s = roce();
    s.qos.trust = Trust::Pcp; // all untagged traffic is priority 0, which is not lossless
    Fabric quiet = Fabric::build(s);
    const TransferId alone = quiet.start(after(0s), between(0, 4));
    EXPECT_DOUBLE_EQ(at(quiet, alone).bytesPerSecond, quiet.capacityBytesPerSecond(PortId{0u}))
        << "small tests are fine";

    Incast incast(s);
    Fabric& f = incast.fabric;
    for (const TransferId id : incast.contributors) {
        EXPECT_LT(at(f, id).bytesPerSecond, incast.share() / 3);
        EXPECT_GT(at(f, id).bytesPerSecond, 0);
        EXPECT_GT(at(f, id).lossRatio, 0.5);
    }
    f.advance(after(10s));
    EXPECT_EQ(f.counter(PortId{0u}, 3, PriorityCounter::RxPause), 0u);
    EXPECT_EQ(f.counter(PortId{0u}, 3, PriorityCounter::TxBytes), 0u);
    EXPECT_GT(f.counter(PortId{0u}, 0, PriorityCounter::TxBytes), 0u);
    EXPECT_GT(f.counter(f.peer(PortId{4u}), PortCounter::XmitDiscards), 0u);
    EXPECT_GT(f.counter(DeviceId{4u}, DeviceCounter::OutOfSequence), 0u);
    EXPECT_GT(f.counter(DeviceId{0u}, DeviceCounter::PacketSeqErr), 0u);
    EXPECT_EQ(f.counter(DeviceId{4u}, DeviceCounter::NpCnpSent), 0u);

    for (std::uint32_t port = 0; port < f.ports().size(); ++port)
        f.setQos(after(11s), PortId{port}, {Trust::Dscp, 1 << 3, 1 << 3});
    for (const TransferId id : incast.contributors)
        EXPECT_NEAR(at(f, id).bytesPerSecond, incast.share(), 1);
}

TEST(RdmaCongestion, OneSidedPfcAsksInVain)
{
    FabricSpec s = roce();
    s.qos.ecn = 0;
    Incast incast(s);
    Fabric& f = incast.fabric;
    for (std::uint32_t nic = 0; nic < 4; ++nic)
        f.setQos(after(1s), PortId{nic}, {Trust::Dscp, 0, 0});
    f.advance(after(11s));
    EXPECT_GT(f.counter(f.peer(PortId{0u}), 3, PriorityCounter::TxPause),
              f.counter(PortId{0u}, 3, PriorityCounter::RxPause));
    EXPECT_GT(f.counter(f.peer(PortId{4u}), PortCounter::XmitDiscards), 0u);
    EXPECT_LT(at(f, incast.contributors[1]).bytesPerSecond, incast.share() / 3);
}

TEST(RdmaCongestion, AHungReceiverPausesEverybodyOnItsWay)
{
    Fabric f = Fabric::build(roce());
    const TransferId stuck = f.start(after(0s), between(0, 4));
    const TransferId neighbour = f.start(after(0s), between(0, 5));
    const TransferId stranger = f.start(after(0s), between(1, 5));
    f.setReceiver(after(1s), DeviceId{4u}, 0, true);
    EXPECT_EQ(at(f, stuck).bytesPerSecond, 0);
    EXPECT_EQ(at(f, neighbour).bytesPerSecond, 0) << "its sender's link is paused, in spite of ECN";
    EXPECT_GT(at(f, stranger).bytesPerSecond, 0);
    f.advance(after(11s));
    EXPECT_GT(f.counter(PortId{4u}, 3, PriorityCounter::TxPause), 0u);
    EXPECT_EQ(f.counter(PortId{4u}, 3, PriorityCounter::TxPause),
              f.counter(f.peer(PortId{4u}), 3, PriorityCounter::RxPause));
    EXPECT_NEAR(static_cast<double>(f.counter(PortId{0u}, 3, PriorityCounter::RxPauseMicroseconds)), 10e6,
                1e6);
    EXPECT_EQ(f.counter(DeviceId{4u}, DeviceCounter::PauseStormWarnings), 1u);
    f.setReceiver(after(12s), DeviceId{4u}, 0, false);
    EXPECT_GT(at(f, stuck).bytesPerSecond, 0);
    EXPECT_GT(at(f, neighbour).bytesPerSecond, 0);
}

TEST(RdmaCongestion, DirtyOpticsCostPacketsAndCount)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 4, 2, 2, 2));
    const TransferId id = f.start(after(0s), between(0, 7));
    const double clean = at(f, id).bytesPerSecond;
    CableCondition dirty;
    dirty.symbolErrorsPerSecond = 5000;
    dirty.recoveriesPerSecond = 0.5;
    dirty.recoveryTime = 100ms;
    f.setCondition(after(0s), cableOf(f, 0), dirty);
    EXPECT_LT(at(f, id).bytesPerSecond, clean * 0.96);
    EXPECT_GT(at(f, id).bytesPerSecond, clean * 0.5);
    f.advance(after(100s));
    const PortId leaf = f.peer(PortId{0u});
    EXPECT_EQ(f.counter(leaf, PortCounter::SymbolError), 500'000u);
    EXPECT_EQ(saturated(f.counter(leaf, PortCounter::SymbolError), classicBits(PortCounter::SymbolError)),
              65535u);
    EXPECT_EQ(f.counter(leaf, PortCounter::LinkErrorRecovery), 50u);
    EXPECT_GT(f.counter(leaf, PortCounter::RcvErrors), 100'000u)
        << "the wire is full: nearly each error hits a packet";
    EXPECT_EQ(f.counter(PortId{0u}, PortCounter::RcvErrors), 0u) << "nothing comes the other way";
    EXPECT_NEAR(static_cast<double>(f.counter(PortId{7u}, PortCounter::RcvRemotePhysicalErrors)),
                static_cast<double>(f.counter(leaf, PortCounter::RcvErrors)), 1);
    EXPECT_EQ(f.counter(leaf, PortCounter::LinkDowned), 0u);
}
