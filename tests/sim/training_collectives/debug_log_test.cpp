#include "sim/training/collectives/debug_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace sim::training::collectives {

namespace {

/// What rank `rank` of two H100 nodes prints with these variables, from the first line to the connected ring and tree.
std::vector<std::string> said(
    Variables variables, int rank = 0, int nodes = 2, const std::function<void(System&)>& hurt = [](System&) {})
{
    variables.try_emplace("NCCL_DEBUG", "INFO");
    System system = standardSystem(NodeType::H100Sxm, nodes, 8);
    hurt(system);
    const Environment environment = readEnvironment({variables.begin(), variables.end()});
    const Communicator communicator = connect(system, environment);
    const Tuner tuner = tune(system, environment, communicator);
    const DebugLog log({system, environment, communicator, tuner, variables, "ncclCommInitRankConfig", 0x1a2b3c4d5e6f7081, 13000, true, 0.3});
    DebugPlace place;
    place.host = "llama-worker-1";
    place.process = 212;
    place.thread = 4212;
    place.device = rank % 8;
    place.busId = "18000";
    place.affinity = "0-55";
    place.processors = "0-111";
    place.core = 7;
    place.interface = "eth0";
    place.address = "10.0.3.7";
    std::vector<std::string> lines;
    for (const auto& some :
         {log.start(place, rank), log.complete(place, rank), log.connect(place, rank, Algorithm::Ring), log.connect(place, rank, Algorithm::Tree)})
        lines.insert(lines.end(), some.begin(), some.end());
    return lines;
}

bool has(const std::vector<std::string>& lines, const std::string& text)
{
    return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

} // namespace

TEST(NcclDebugLog, SaysWhatTheCommunicatorIs)
{
    const std::vector<std::string> lines = said({});
    EXPECT_EQ(lines.front(), "llama-worker-1:212:212 [0] NCCL INFO ENV/Plugin: Could not find: libnccl-env.so");
    EXPECT_TRUE(has(lines, "llama-worker-1:212:212 [0] NCCL INFO Bootstrap: Using eth0:10.0.3.7<0>"));
    EXPECT_TRUE(has(lines, ":212 [0] NCCL INFO NCCL version 2.28.9+cuda13.0"));
    EXPECT_TRUE(has(lines, "llama-worker-1:212:4212 [0] NCCL INFO NET/IB : Using [0]mlx5_0:1/IB [1]mlx5_1:1/IB"));
    EXPECT_TRUE(has(lines, "[RO]; OOB eth0:10.0.3.7<0>"));
    EXPECT_TRUE(has(lines, "rank 0 nranks 16 cudaDev 0 nvmlDev 0 busId 18000 commId 0x1a2b3c4d5e6f7081 - Init START"));
    EXPECT_TRUE(has(lines, "rank 0 nRanks 16 nNodes 2 localRanks 8 localRank 0 MNNVL 0"));
    EXPECT_TRUE(has(lines, "NVLS multicast support is available on dev 0 (NVLS_NCHANNELS 16)"));
    EXPECT_TRUE(has(lines, "NVLS Head  7:  7 15"));
    EXPECT_TRUE(has(lines, "Channel 01/16 :  1  2  3  4  5  6  7  0  9 10 11 12 13 14 15  8"));
    EXPECT_TRUE(has(lines, "Trees [0] 1/8/-1->0->-1 [1] -1/-1/-1->0->7"));
    EXPECT_TRUE(has(lines, "P2P Chunksize set to 131072"));
    EXPECT_TRUE(has(lines, "threadThresholds 8/8/64 | 128/8/64 | 512 | 512"));
    EXPECT_TRUE(has(lines, "16 coll channels, 16 collnet channels, 16 nvls channels, 16 p2p channels, 2 p2p channels per peer"));
    EXPECT_TRUE(has(lines, "Init COMPLETE"));
    EXPECT_TRUE(has(lines, "Channel 00/0 : 9[1] -> 0[0] [receive] via NET/IB/0/GDRDMA"));
    EXPECT_TRUE(has(lines, "Channel 01/0 : 0[0] -> 9[1] [send] via NET/IB/1(1)/GDRDMA"));
    EXPECT_TRUE(has(lines, "Connected all rings, use ring PXN 1 GDR 1"));
    EXPECT_TRUE(has(lines, "Connected all trees"));
    EXPECT_FALSE(has(said({}, 9), "Channel 01/16 :")) << "rank 0 prints the rings";
    EXPECT_TRUE(has(said({}, 0, 1), "24 coll channels, 24 collnet channels, 16 nvls channels, 32 p2p channels, 32 p2p channels per peer"));
}

TEST(NcclDebugLog, ShowsWhatIsWrong)
{
    const auto staged = said({}, 0, 2, [](System& system) {
        for (Node& node : system.nodes)
            for (Nic& nic : node.nics)
                nic.gpuDirect = false;
    });
    EXPECT_TRUE(has(staged, "use ring PXN 1 GDR 0"));
    EXPECT_FALSE(has(staged, "/GDRDMA"));
    const auto dark = said({}, 0, 2, [](System& system) { system.nodes[0].nics[3].up = false; });
    EXPECT_FALSE(has(dark, "mlx5_3:1/IB"));
    const auto sockets = said({{"NCCL_IB_DISABLE", "1"}});
    EXPECT_TRUE(has(sockets, "NCCL_IB_DISABLE set by environment to 1."));
    EXPECT_TRUE(has(sockets, "Failed to initialize NET plugin IB"));
    EXPECT_TRUE(has(sockets, "Using network Socket"));
    EXPECT_TRUE(has(sockets, "via NET/Socket/0"));
    const auto noSwitch = said({}, 0, 1, [](System& system) { system.nodes[0].nvls = false; });
    EXPECT_TRUE(has(noSwitch, "NVLS multicast support is not available on dev 0 (NVLS_NCHANNELS 0)"));
}

TEST(NcclDebugLog, SaysWhichVariablesItHasRead)
{
    const auto lines = said({{"NCCL_SOCKET_IFNAME", "eth0"},
                             {"NCCL_IB_HCA", "mlx5_1"},
                             {"NCCL_IB_TIMEOUT", "22"},
                             {"NCCL_P2P_DISABLE", "1"},
                             {"NCCL_NET_GDR_LEVEL", "PHB"},
                             {"NCCL_TIMEOUT", "60"},
                             {"NCCL_SHM_DISABLE", "yes"}});
    EXPECT_TRUE(has(lines, "NCCL_SOCKET_IFNAME set by environment to eth0"));
    EXPECT_TRUE(has(lines, "NCCL_IB_HCA set to mlx5_1"));
    EXPECT_TRUE(has(lines, "NCCL_IB_TIMEOUT set by environment to 22."));
    EXPECT_TRUE(has(lines, "NCCL_P2P_DISABLE set by environment to 1"));
    EXPECT_TRUE(has(lines, "NCCL_NET_GDR_LEVEL set by environment to PHB"));
    EXPECT_TRUE(has(lines, "NCCL_SHM_DISABLE set by environment to 0.")) << "no number is 0";
    EXPECT_FALSE(has(lines, "NCCL_TIMEOUT")) << "NCCL knows no such variable";
}

TEST(NcclDebugLog, IsAsLoudAsItIsToldToBe)
{
    EXPECT_TRUE(said({{"NCCL_DEBUG", ""}}).empty());
    EXPECT_EQ(said({{"NCCL_DEBUG", "VERSION"}}), std::vector<std::string>{kNcclVersionLine});
    EXPECT_EQ(said({{"NCCL_DEBUG", "warn"}}), std::vector<std::string>{kNcclVersionLine});
    EXPECT_TRUE(said({{"NCCL_DEBUG", "WARN"}}, 1).empty());
    EXPECT_FALSE(has(said({}), "Ring 00 :"));
    const auto graph = said({{"NCCL_DEBUG_SUBSYS", "GRAPH,TUNING"}});
    EXPECT_TRUE(has(graph, "Ring 00 : 9 -> 0 -> 7"));
    EXPECT_TRUE(has(graph, "Pattern 4, crossNic 0, nChannels 8, bw 45.000000/45.000000, type NVL/PXN, sameChannels 1"));
    EXPECT_TRUE(has(graph, "    AllReduce |"));
    EXPECT_FALSE(has(graph, "Init COMPLETE"));
    EXPECT_TRUE(has(said({{"NCCL_DEBUG_SUBSYS", "NET"}}), "NET/IB : GPU Direct RDMA Enabled for HCA 0 'mlx5_0'"));
    EXPECT_TRUE(has(said({{"NCCL_DEBUG_SUBSYS", "^INIT"}}), "Ring 00 :"));
}

} // namespace sim::training::collectives
