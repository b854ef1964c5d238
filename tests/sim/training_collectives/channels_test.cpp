#include "sim/training/collectives/channels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sim::training::collectives {

namespace {

Communicator connected(const System& system, std::vector<std::pair<std::string, std::string>> variables = {})
{
    return connect(system, readEnvironment(variables));
}

Transport transport(const System& system, int from, int to, std::vector<std::pair<std::string, std::string>> variables = {})
{
    const Environment environment = readEnvironment(variables);
    return transportOf(system, environment, connect(system, environment), 0, from, to);
}

} // namespace

// What NCCL prints on these machines: "24 coll channels, 16 nvls channels" within a node, "Channel 00/16" for two.
TEST(NcclChannels, AreAsManyAsNcclFinds)
{
    EXPECT_EQ(connected(standardSystem(NodeType::A100Sxm, 1, 8)).channels, 24);
    const Communicator one = connected(standardSystem(NodeType::H100Sxm, 1, 8));
    EXPECT_EQ(one.channels, 24);
    EXPECT_EQ(one.ring.channels, 12);
    EXPECT_EQ(one.ring.bandwidthIntra, 30);
    EXPECT_EQ(one.nvlsChannels, 16);
    EXPECT_EQ(one.nvlsHeads, 8);
    const Communicator two = connected(standardSystem(NodeType::H100Sxm, 2, 8));
    EXPECT_EQ(two.channels, 16);
    EXPECT_EQ(two.ring.bandwidthInter, 45);
    EXPECT_EQ(two.tree.bandwidthInter, 48);
    EXPECT_EQ(connected(standardSystem(NodeType::A100Sxm, 2, 8)).ring.bandwidthInter, 24);
    EXPECT_EQ(connected(standardSystem(NodeType::B200, 1, 8)).nvlsChannels, 24);
}

TEST(NcclChannels, ObeyTheLimitsOfTheEnvironment)
{
    const System system = standardSystem(NodeType::H100Sxm, 1, 8);
    EXPECT_EQ(connected(system, {{"NCCL_MAX_CTAS", "4"}}).channels, 4);
    EXPECT_EQ(connected(system, {{"NCCL_MIN_NCHANNELS", "32"}}).channels, 32);
    EXPECT_EQ(connected(system, {{"NCCL_NVLS_ENABLE", "0"}}).nvlsChannels, 0);
    EXPECT_EQ(connected(system, {{"NCCL_P2P_DISABLE", "1"}}).nvlsChannels, 0);
}

TEST(NcclChannels, OneSickGpuNarrowsEverybody)
{
    System system = standardSystem(NodeType::H100Sxm, 2, 8);
    const Communicator healthy = connected(system);
    system.nodes[1].gpus[3].inactiveNvlinks = 6;
    const Communicator sick = connected(system);
    EXPECT_LT(sick.ring.channels * sick.ring.bandwidthIntra, healthy.ring.channels * healthy.ring.bandwidthIntra);
    system.nodes[1].gpus[3].inactiveNvlinks = 0;
    for (Nic& nic : system.nodes[0].nics)
        nic.up = nic.name != "mlx5_5";
    EXPECT_EQ(connected(system).ring.channels, 7);
}

TEST(NcclChannels, AJobWhereOnlySomeHavePortsFails)
{
    System system = standardSystem(NodeType::H100Sxm, 2, 8);
    for (Nic& nic : system.nodes[1].nics)
        nic.up = false;
    const Communicator communicator = connected(system);
    ASSERT_TRUE(communicator.failure);
    EXPECT_EQ(communicator.failure->code, 2);
    for (Nic& nic : system.nodes[0].nics)
        nic.up = false;
    EXPECT_TRUE(connected(system).networkIsSocket); // all fall back together
    EXPECT_FALSE(connected(system).failure);
}

TEST(NcclRings, VisitEveryRankOnceAndEnterByTheirRail)
{
    const System system = standardSystem(NodeType::H100Sxm, 4, 8);
    const Communicator communicator = connected(system);
    for (int channel = 0; channel < communicator.channels; ++channel) {
        const std::vector<int> ring = ringOf(system, communicator, channel);
        EXPECT_EQ(std::set<int>(ring.begin(), ring.end()).size(), 32u);
        for (int node = 0; node < 4; ++node)
            EXPECT_EQ(ring[static_cast<std::size_t>(node) * 8], node * 8 + channel % 8) << "a rail joins GPUs of one number";
    }
    EXPECT_EQ(ringOf(system, communicator, 0),
              (std::vector<int>{0,  7,  6,  5,  4,  3,  2,  1,  8,  15, 14, 13, 12, 11, 10, 9,
                                16, 23, 22, 21, 20, 19, 18, 17, 24, 31, 30, 29, 28, 27, 26, 25}));
}

// The two trees of NCCL's picture for 14 and for 13 nodes (Sanders, Speck and Träff's double tree).
TEST(NcclTrees, AreBinaryAndLeavesOfOneAreInnerNodesOfTheOther)
{
    EXPECT_EQ(binaryTree(14, 0).down, std::vector<int>{8});
    EXPECT_EQ(binaryTree(14, 8).down, (std::vector<int>{4, 12}));
    EXPECT_EQ(binaryTree(14, 12).down, (std::vector<int>{10, 13}));
    EXPECT_EQ(binaryTree(14, 13).up, 12);
    EXPECT_EQ(secondTree(14, 13).down, std::vector<int>{5});
    EXPECT_EQ(secondTree(13, 1).up, -1);
    for (int nodes = 2; nodes < 130; ++nodes) {
        int roots = 0;
        for (int node = 0; node < nodes; ++node) {
            for (const NodeLinks& links : {binaryTree(nodes, node), secondTree(nodes, node)}) {
                roots += links.up < 0 ? 1 : 0;
                EXPECT_LE(links.down.size(), 2u);
            }
            for (const int child : binaryTree(nodes, node).down)
                EXPECT_EQ(binaryTree(nodes, child).up, node) << nodes;
            for (const int child : secondTree(nodes, node).down)
                EXPECT_EQ(secondTree(nodes, child).up, node) << nodes;
            const bool leaf = binaryTree(nodes, node).down.empty() || secondTree(nodes, node).down.empty();
            EXPECT_TRUE(leaf || nodes % 2 == 1) << nodes << ' ' << node;
        }
        EXPECT_EQ(roots, 2) << nodes;
    }
}

TEST(NcclTrees, OfRanksHaveOneRootAndNoLoop)
{
    for (const NodeType type : {NodeType::A100Sxm, NodeType::H100Sxm}) {
        const System system = standardSystem(type, 5, 8);
        const Communicator communicator = connected(system);
        for (int channel = 0; channel < communicator.channels; ++channel) {
            const std::vector<TreeLinks> tree = treeOf(system, communicator, channel);
            EXPECT_EQ(std::count_if(tree.begin(), tree.end(), [](const TreeLinks& l) { return l.up < 0; }), 1);
            for (std::size_t rank = 0; rank < tree.size(); ++rank) {
                EXPECT_LE(tree[rank].down.size(), 3u);
                int steps = 0;
                for (int up = tree[rank].up; up >= 0; up = tree[static_cast<std::size_t>(up)].up)
                    ASSERT_LT(++steps, 41);
            }
        }
    }
}

TEST(NcclTransports, AreNamedAsNcclPrintsThem)
{
    const System system = standardSystem(NodeType::H100Sxm, 2, 8);
    EXPECT_EQ(transport(system, 1, 2).text(), "P2P/CUMEM");
    EXPECT_EQ(transport(system, 1, 2, {{"NCCL_CUMEM_ENABLE", "0"}}).text(), "P2P/IPC");
    EXPECT_EQ(transport(system, 1, 2, {{"NCCL_P2P_DISABLE", "1"}}).text(), "SHM/direct/direct");
    EXPECT_EQ(transport(system, 1, 8).text(), "NET/IB/0(0)/GDRDMA"); // through rank 0, which owns the rail's port
    EXPECT_EQ(transport(system, 1, 8, {{"NCCL_PXN_DISABLE", "1"}}).text(), "NET/IB/1/GDRDMA"); // crosses rails
    EXPECT_EQ(transport(system, 1, 8, {{"NCCL_PXN_DISABLE", "1"}, {"NCCL_CROSS_NIC", "0"}}).text(), "NET/IB/0");
    EXPECT_EQ(transport(system, 1, 8, {{"NCCL_NET_GDR_LEVEL", "LOC"}}).text(), "NET/IB/0(0)");
    EXPECT_EQ(transport(system, 1, 8, {{"NCCL_IB_DISABLE", "1"}}).text(), "NET/Socket/0");
    EXPECT_EQ(transport(system, 1, 8, {{"NCCL_IB_HCA", "=mlx5_4"}}).nic, 4);
    EXPECT_EQ(transport(system, 1, 2, {{"NCCL_P2P_DISABLE", "1"}, {"NCCL_SHM_DISABLE", "1"}}).kind, TransportKind::NetIb);
    const System cards = standardSystem(NodeType::A100PciePairs, 1, 4);
    EXPECT_EQ(transport(cards, 0, 1).text(), "P2P/CUMEM");
    EXPECT_EQ(transport(cards, 1, 2).text(), "SHM/direct/direct");
}

TEST(NcclTransports, LoseGpuDirectWithTheModule)
{
    System system = standardSystem(NodeType::H100Sxm, 2, 8);
    for (Node& node : system.nodes)
        for (Nic& nic : node.nics)
            nic.gpuDirect = false;
    EXPECT_EQ(transport(system, 1, 8).text(), "NET/IB/0(0)");
}

} // namespace sim::training::collectives
