#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

using namespace rdma_lab;
using namespace sim;

TEST(RdmaRates, MatchMeasuredOnes)
{
    // ib_write_bw, 8 MiB messages. NDR InfiniBand 397.12 Gb/s; HDR InfiniBand 23317.65 MiB/s; RoCE at 400
    // Gb/s 46339.84 MiB/s (README). What headers cost explains all but a per cent or two.
    const double ndr = payloadBytesPerSecond(LinkLayer::InfiniBand, LaneSpeed::Ndr, 4, 4096) * 8 / 1e9;
    EXPECT_NEAR(ndr, 397.12, 397.12 * 0.005);
    const double hdr = payloadBytesPerSecond(LinkLayer::InfiniBand, LaneSpeed::Hdr, 4, 4096) / 1048576;
    EXPECT_NEAR(hdr, 23317.65, 23317.65 * 0.02);
    const double roce = payloadBytesPerSecond(LinkLayer::Ethernet, LaneSpeed::Ndr, 4, 4096) / 1048576;
    EXPECT_NEAR(roce, 46339.84, 46339.84 * 0.015);
}

TEST(RdmaRates, OneTransferFillsItsLinkAndTwoShareTheReceiver)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 3, 1, 3, 0));
    const double full = fabric.capacityBytesPerSecond(PortId{0u});
    const TransferId a = fabric.start(after(0s), between(0, 2));
    EXPECT_DOUBLE_EQ(at(fabric, a).bytesPerSecond, full);
    const TransferId b = fabric.start(after(1s), between(1, 2));
    EXPECT_DOUBLE_EQ(at(fabric, a).bytesPerSecond, full / 2);
    EXPECT_DOUBLE_EQ(at(fabric, b).bytesPerSecond, full / 2);
    fabric.stop(after(2s), a);
    EXPECT_DOUBLE_EQ(at(fabric, b).bytesPerSecond, full);
    fabric.offer(after(3s), b, 1e9);
    EXPECT_DOUBLE_EQ(at(fabric, b).bytesPerSecond, 1e9);
    EXPECT_NEAR(fabric.bytesDelivered(at(fabric, b)), full / 2 + full, 1);
}

TEST(RdmaRates, QuotesChangeNothing)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 3, 1, 3, 0));
    fabric.start(after(0s), between(0, 2));
    const Fabric before = fabric;
    const Quote quote = fabric.quote(between(1, 2));
    EXPECT_EQ(quote.reach, Reach::Reachable);
    EXPECT_DOUBLE_EQ(quote.bytesPerSecond, fabric.capacityBytesPerSecond(PortId{0u}) / 2);
    EXPECT_EQ(quote.mtu, 4096);
    EXPECT_EQ(fabric, before);
}

TEST(RdmaRates, OversubscribedSpinesAreShared)
{
    // Two units of eight nodes, four up-links a leaf: eight transfers from unit to unit find half the
    // bandwidth at most.
    FabricSpec s = spec(LinkLayer::InfiniBand, 16, 1, 8, 2);
    s.oversubscription = 2;
    Fabric fabric = Fabric::build(s);
    double sum = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        fabric.start(after(0s), between(i, 8 + i));
    for (const auto& [id, t] : fabric.transfers())
        sum += t.bytesPerSecond;
    EXPECT_LE(sum, fabric.capacityBytesPerSecond(PortId{0u}) * 4 * (1 + 1e-9));
    EXPECT_GT(sum, fabric.capacityBytesPerSecond(PortId{0u}) * 3.9);
}

TEST(RdmaRates, WithoutGpuDirectBothDirectionsShareTheHost)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    const TransferId there = fabric.start(after(0s), between(0, 1));
    const TransferId back = fabric.start(after(0s), between(1, 0));
    const double direct = at(fabric, there).bytesPerSecond;
    EXPECT_DOUBLE_EQ(direct, fabric.capacityBytesPerSecond(PortId{0u}));
    for (const bool accessControl : {false, true}) {
        HostSettings settings = fabric.hosts().at(HostId{0u});
        settings.nvidiaPeermem = accessControl;
        settings.accessControl = accessControl;
        EXPECT_EQ(memoryPath(settings), accessControl ? MemoryPath::ThroughRoot : MemoryPath::Staged);
        fabric.setHost(after(1s), HostId{0u}, settings);
        // Each byte crosses the PCIe switch's uplink up and down, sent and received alike.
        EXPECT_NEAR(at(fabric, there).bytesPerSecond, pcieBytesPerSecond(5, 16) / 2, 1);
        EXPECT_NEAR(at(fabric, back).bytesPerSecond / direct, 0.58, 0.05)
            << "about halved, as NCCL users see";
    }
    HostSettings settings = fabric.hosts().at(HostId{0u});
    settings.nvidiaPeermem = settings.accessControl = false;
    settings.dmabuf = true;
    fabric.setHost(after(2s), HostId{0u}, settings);
    EXPECT_DOUBLE_EQ(at(fabric, there).bytesPerSecond, direct);
}

TEST(RdmaRates, NarrowSlotsAndLinksSlowOneRail)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    const TransferId id = fabric.start(after(0s), between(0, 1));
    fabric.setPcie(after(1s), DeviceId{0u}, 5, 8);
    EXPECT_DOUBLE_EQ(at(fabric, id).bytesPerSecond, pcieBytesPerSecond(5, 8));
    fabric.setPcie(after(2s), DeviceId{0u}, 5, 16);
    CableCondition narrow;
    narrow.lanes = 2;
    fabric.setCondition(after(3s), cableOf(fabric, 0), narrow);
    fabric.advance(after(10s));
    EXPECT_EQ(fabric.port(DeviceId{0u}).lanes, 2);
    EXPECT_DOUBLE_EQ(at(fabric, id).bytesPerSecond,
                     payloadBytesPerSecond(LinkLayer::InfiniBand, LaneSpeed::Ndr, 2, 4096));
}

TEST(RdmaRates, BytesAreConservedAndCountedInWords)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 4, 2, 2, 2));
    fabric.start(after(0s), between(0, 7)); // over a spine
    fabric.advance(after(10s));
    const Transfer& t = fabric.transfers().begin()->second;
    for (const Channel channel : t.path) {
        const Cable& cable = fabric.cables()[channel / 2];
        const PortId from = channel % 2 == 0 ? cable.a : cable.b, to = channel % 2 == 0 ? cable.b : cable.a;
        EXPECT_EQ(fabric.counter(from, PortCounter::XmitData), fabric.counter(to, PortCounter::RcvData));
        EXPECT_EQ(fabric.counter(from, PortCounter::XmitPackets),
                  fabric.counter(to, PortCounter::RcvPackets));
        const double words = t.bytesPerSecond * 10 * (4096 + 24) / 4096 / 4;
        EXPECT_NEAR(static_cast<double>(fabric.counter(from, PortCounter::XmitData)), words, 2);
    }
    fabric.resetCounter(PortId{0u}, PortCounter::XmitData);
    EXPECT_EQ(fabric.counter(PortId{0u}, PortCounter::XmitData), 0u);
    fabric.advance(after(20s));
    EXPECT_NEAR(static_cast<double>(fabric.counter(PortId{0u}, PortCounter::XmitData)),
                t.bytesPerSecond * 10 * 4120 / 4096 / 4, 2);
}
