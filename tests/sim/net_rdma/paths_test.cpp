#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

#include <set>

using namespace rdma_lab;
using namespace sim;

namespace {

/// Names of the switches on the way.
std::vector<std::string> switchesOn(const Fabric& fabric, const Path& path)
{
    std::vector<std::string> names;
    for (const Channel channel : path) {
        const Cable& cable = fabric.cables()[channel / 2];
        const PortId to = channel % 2 == 0 ? cable.b : cable.a;
        if (fabric.port(to).owner.valid())
            names.push_back(fabric.switchOf(fabric.port(to).owner).name);
    }
    return names;
}

} // namespace

TEST(RdmaPaths, ARailStaysOnItsLeaf)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 4, 2, 4, 2));
    Path path;
    ASSERT_EQ(fabric.route(between(0, 4), path), Reach::Reachable); // rail 0 of nodes 0 and 2
    EXPECT_EQ(switchesOn(fabric, path), (std::vector<std::string>{"leaf-1-1"}));
    ASSERT_EQ(fabric.route(between(0, 5), path), Reach::Reachable); // to rail 1
    const auto names = switchesOn(fabric, path);
    ASSERT_EQ(names.size(), 3u);
    EXPECT_EQ(names[0], "leaf-1-1");
    EXPECT_EQ(names[1].substr(0, 5), "spine");
    EXPECT_EQ(names[2], "leaf-1-2");
    EXPECT_GT(fabric.latency(path), 1420ns + 3 * 130ns);
}

TEST(RdmaPaths, IslandsWithoutSpinesDoNotMeet)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::Ethernet, 4, 2, 4, 0));
    Path path;
    EXPECT_EQ(fabric.route(between(0, 5), path), Reach::NoRoute);
    EXPECT_EQ(fabric.route(between(0, 4), path), Reach::Reachable);
}

TEST(RdmaPaths, ForwardingTablesSpreadDestinationsOverSpines)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 32, 1, 16, 4));
    std::set<std::string> spines;
    for (std::uint32_t to = 16; to < 32; ++to) {
        Path path;
        ASSERT_EQ(fabric.route(between(0, to), path), Reach::Reachable);
        spines.insert(switchesOn(fabric, path)[1]);
    }
    EXPECT_EQ(spines.size(), 4u);
}

TEST(RdmaPaths, EqualCostPathsFollowTheUdpPort)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::Ethernet, 32, 1, 16, 4));
    std::set<std::string> spines;
    for (std::uint32_t entropy = 0; entropy < 32; ++entropy) {
        TransferRequest r = between(0, 20);
        r.entropy = entropy;
        Path path, again;
        ASSERT_EQ(fabric.route(r, path), Reach::Reachable);
        ASSERT_EQ(fabric.route(r, again), Reach::Reachable);
        EXPECT_EQ(path, again);
        spines.insert(switchesOn(fabric, path)[1]);
    }
    EXPECT_EQ(spines.size(), 4u);
}

TEST(RdmaPaths, PartitionsNeedAFullMember)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    Path path;
    fabric.setPkeys(after(1s), DeviceId{0u}, {0x7fff});
    EXPECT_EQ(fabric.route(between(0, 1), path), Reach::Reachable) << "limited to full";
    fabric.setPkeys(after(2s), DeviceId{1u}, {0x7fff});
    EXPECT_EQ(fabric.route(between(0, 1), path), Reach::Partition) << "limited to limited";
    fabric.setPkeys(after(3s), DeviceId{1u}, {0x8001});
    EXPECT_EQ(fabric.route(between(0, 1), path), Reach::Partition) << "another partition";
}

TEST(RdmaPaths, ServiceLevelsThatNobodyMappedAreDropped)
{
    Fabric fabric = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    fabric.setServiceLevels(after(1s), 0x0003);
    TransferRequest r = between(0, 1);
    Path path;
    r.serviceLevel = 1;
    EXPECT_EQ(fabric.route(r, path), Reach::Reachable);
    r.serviceLevel = 3;
    EXPECT_EQ(fabric.route(r, path), Reach::ServiceLevel);
}

TEST(RdmaPaths, LinkLocalGidsStopAtTheLeaf)
{
    const Fabric fabric = Fabric::build(spec(LinkLayer::Ethernet, 4, 1, 2, 2));
    TransferRequest r = between(0, 1);
    Path path;
    r.gidIndex = 1; // RoCE v2, link-local
    EXPECT_EQ(fabric.route(r, path), Reach::Reachable);
    r.to = DeviceId{3u};
    EXPECT_EQ(fabric.route(r, path), Reach::AddressFamily);
    r.gidIndex = 3;
    EXPECT_EQ(fabric.route(r, path), Reach::Reachable);
    r.gidIndex = 2; // v1: no IP header
    EXPECT_EQ(fabric.route(r, path), Reach::AddressFamily);
}
