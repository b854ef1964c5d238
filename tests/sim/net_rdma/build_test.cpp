#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

#include <set>

using namespace rdma_lab;
using namespace sim;

TEST(RdmaBuild, EveryPortOfASuperPodIsActiveAndAddressed)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 128, 8, 32, 16));
    ASSERT_EQ(fabric.devices().size(), 1024u);
    EXPECT_EQ(fabric.switches().size(), 4u * 8 + 16);
    EXPECT_EQ(fabric.cables().size(), 1024u + 32 * 32);
    std::set<std::uint16_t> lids;
    for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
        EXPECT_EQ(fabric.port(DeviceId{i}).logical, LogicalState::Active);
        lids.insert(fabric.port(DeviceId{i}).lid);
    }
    for (const Switch& s : fabric.switches())
        lids.insert(s.lid);
    EXPECT_EQ(lids.size(), 1024u + 48);
    EXPECT_EQ(*lids.begin(), 1);
    EXPECT_EQ(fabric.port(DeviceId{0u}).lid, 1) << "the subnet manager addresses itself first";
    EXPECT_EQ(fabric.nextDue(), kNever);
}

TEST(RdmaBuild, SpinePortsAreDealtOutEvenly)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 64, 4, 32, 8));
    for (const Switch& s : fabric.switches()) {
        int used = 0;
        std::set<std::uint32_t> neighbours;
        for (int i = 0; i < s.portCount; ++i) {
            const PortId port{s.firstPort.value + static_cast<std::uint32_t>(i)};
            if (!fabric.linkUp(port))
                continue;
            ++used;
            if (const auto owner = fabric.port(fabric.peer(port)).owner; owner.valid())
                neighbours.insert(owner.value);
        }
        EXPECT_EQ(used, s.tier == Tier::Spine ? 8 * 32 / 8 : 64) << s.name;
        EXPECT_EQ(neighbours.size(), 8u) << s.name;
    }
}

TEST(RdmaBuild, NamesFollowPlaces)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 2, 8, 2, 1));
    const Device& d = fabric.device(DeviceId{10u});
    EXPECT_EQ(d.name, "mlx5_2");
    EXPECT_EQ(d.netdev, "ibp58s0"); // 0x3a
    EXPECT_EQ(fabric.find(HostId{1u}, "ibp58s0"), DeviceId{10u});
    EXPECT_EQ(fabric.devicesOf(HostId{1u}).size(), 8u);
    EXPECT_EQ(d.gids[0].interface, fabric.port(DeviceId{10u}).guid);
    for (std::size_t i = 0; i < fabric.switches().size(); ++i)
        EXPECT_EQ(fabric.findSwitch(fabric.switches()[i].name), RdmaSwitchId{i});
    EXPECT_EQ(fabric.switchOf(fabric.findSwitch("leaf-1-4")).rail, 3);
    EXPECT_FALSE(fabric.findSwitch("leaf-9-9").valid());
}

TEST(RdmaBuild, ASmallFabricHangsOnOneSwitch)
{
    FabricSpec s = spec(LinkLayer::InfiniBand, 4, 8, 4, 0);
    s.oneLeafPerUnit = true;
    const Fabric fabric = Fabric::build(s);
    ASSERT_EQ(fabric.switches().size(), 1u);
    Path path;
    for (std::uint32_t to = 1; to < 32; ++to) {
        EXPECT_EQ(fabric.route(between(0, to), path), Reach::Reachable);
        EXPECT_EQ(path.hops, 2);
    }
}

TEST(RdmaBuild, RoceGidsAreDerivedFromTheMac)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::Ethernet, 2, 1, 2, 0));
    const Device& d = fabric.device(DeviceId{1u});
    // A real pair of GUIDs (ibstat of a ConnectX-7): node a088c20300e3142a, port a288c2fffee3142a.
    EXPECT_EQ(d.nodeGuid >> 24 & 0xffff, 0x0300u);
    EXPECT_EQ(fabric.port(DeviceId{1u}).guid, 0xa288c2fffe000000 | (d.nodeGuid & 0xffffff));
    ASSERT_EQ(d.gids.size(), 4u);
    EXPECT_EQ(gidText(d.gids[3]), "0000:0000:0000:0000:0000:ffff:0a64:0002");
    EXPECT_EQ(fabric.port(DeviceId{1u}).logical, LogicalState::Active);
}

TEST(RdmaBuild, SameSpecificationSameFingerprint)
{
    const auto one = Fabric::build(spec(LinkLayer::InfiniBand, 8, 2, 4, 2));
    const auto two = Fabric::build(spec(LinkLayer::InfiniBand, 8, 2, 4, 2));
    EXPECT_EQ(fingerprintOf(one), fingerprintOf(two));
    EXPECT_EQ(one, two);
}
