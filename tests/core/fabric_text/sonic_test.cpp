// SONiC's tables, laid out as sonic-utilities' own tests have them.
#include "core/shell/commands/fabric/sonic.h"
#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

using namespace core::shell::fabric;
using namespace rdma_lab;
using namespace std::chrono_literals;

namespace {

constexpr RdmaSwitchId kLeaf{0u};

/// Two nodes of one rail on a leaf with two ports.
Fabric smallest()
{
    FabricSpec spec;
    spec.layer = LinkLayer::Ethernet;
    spec.nodes = {{sim::HostId{0u}, "gpu-1"}, {sim::HostId{1u}, "gpu-2"}};
    spec.nodesPerUnit = 2;
    spec.rails = {hgxRails().front()};
    spec.switchPorts = 2;
    spec.switchPrefix = "roce-";
    spec.qos = {Trust::Dscp, 1 << 3, 1 << 3};
    return Fabric::build(spec);
}

} // namespace

TEST(Sonic, PfcCountersAreTwoTables)
{
    EXPECT_EQ(showPfcCounters(smallest(), kLeaf).out,
              "  Port Rx    PFC0    PFC1    PFC2    PFC3    PFC4    PFC5    PFC6    PFC7\n"
              "---------  ------  ------  ------  ------  ------  ------  ------  ------\n"
              "Ethernet0       0       0       0       0       0       0       0       0\n"
              "Ethernet8       0       0       0       0       0       0       0       0\n"
              "\n"
              "  Port Tx    PFC0    PFC1    PFC2    PFC3    PFC4    PFC5    PFC6    PFC7\n"
              "---------  ------  ------  ------  ------  ------  ------  ------  ------\n"
              "Ethernet0       0       0       0       0       0       0       0       0\n"
              "Ethernet8       0       0       0       0       0       0       0       0\n");
}

TEST(Sonic, LosslessPrioritiesAreNumbersOrLists)
{
    Fabric f = smallest();
    EXPECT_EQ(showPfcPriority(f, kLeaf, "Ethernet0").out,
              "\n"
              "Interface      Lossless priorities\n"
              "-----------  ---------------------\n"
              "Ethernet0                        3\n"
              "\n");
    f.setQos(after(1s), sonicPort(f, kLeaf, "Ethernet8"), {Trust::Dscp, 0x18, 0});
    EXPECT_EQ(showPfcPriority(f, kLeaf, "").out,
              "\n"
              "Interface    Lossless priorities\n"
              "-----------  ---------------------\n"
              "Ethernet0    3\n"
              "Ethernet8    3,4\n"
              "\n");
    EXPECT_EQ(showPfcPriority(f, kLeaf, "Ethernet101").out, "Cannot find interface Ethernet101\n");
}

TEST(Sonic, InterfaceCountersKnowRatesAndStates)
{
    Fabric f = smallest();
    TransferRequest request;
    request.from = DeviceId{0u};
    request.to = DeviceId{1u};
    request.offeredBytesPerSecond = 4096e6;
    request.trafficClass = 106;
    f.start(after(0s), request);
    const Fabric before = f;
    f.advance(after(10s));
    EXPECT_EQ(showInterfaceCounters(f, kLeaf, &before, 10).out,
              "The rates are calculated within 10 seconds period\n"
              "    IFACE    STATE       RX_OK        RX_BPS    RX_UTIL    RX_ERR    RX_DRP    RX_OVR       TX_OK        TX_BPS    TX_UTIL    TX_ERR    TX_DRP    TX_OVR\n"
              "---------  -------  ----------  ------------  ---------  --------  --------  --------  ----------  ------------  ---------  --------  --------  --------\n"
              "Ethernet0        U  10,000,000  4158.00 MB/s      8.32%         0         0         0           0      0.00 B/s      0.00%         0         0         0\n"
              "Ethernet8        U           0      0.00 B/s      0.00%         0         0         0  10,000,000  4158.00 MB/s      8.32%         0         0         0\n");
    const std::string queues = showQueueCounters(f, kLeaf, "Ethernet8").out;
    EXPECT_EQ(queues.substr(0, queues.find("Ethernet8    UC1")),
              "     Port    TxQ    Counter/pkts    Counter/bytes    Drop/pkts    Drop/bytes\n"
              "---------  -----  --------------  ---------------  -----------  ------------\n"
              "Ethernet8    UC0               0                0            0             0\n");
    EXPECT_NE(queues.find("Ethernet8    UC3      10,000,000   41,580,000,000            0             0\n"), std::string::npos) << queues;
    f.setDisabled(after(11s), sonicPort(f, kLeaf, "Ethernet8"), true);
    EXPECT_NE(showInterfaceCounters(f, kLeaf, nullptr, 0).out.find("Ethernet8        X"), std::string::npos);
    EXPECT_NE(showInterfaceStatus(f, kLeaf, "Ethernet8").out.find("down     down"), std::string::npos);
}

TEST(Sonic, NeighboursAreThoseWithALink)
{
    Fabric f = smallest();
    EXPECT_EQ(showLldpTable(f, kLeaf).out,
              "Capability codes: (R) Router, (B) Bridge, (O) Other\n"
              "LocalPort    RemoteDevice    RemotePortID    Capability    RemotePortDescr\n"
              "-----------  --------------  --------------  ------------  -----------------\n"
              "Ethernet0    gpu-1           enp24s0np0      R             enp24s0np0\n"
              "Ethernet8    gpu-2           enp24s0np0      R             enp24s0np0\n"
              "--------------------------------------------------\n"
              "Total entries displayed:  2\n");
    f.setPowered(after(1s), sim::HostId{1u}, false);
    EXPECT_NE(showLldpTable(f, kLeaf).out.find("Total entries displayed:  1\n"), std::string::npos);
}

TEST(Sonic, TheWatchdogTellsOfStorms)
{
    Fabric f = smallest();
    EXPECT_EQ(pfcwdConfig(f, kLeaf, {}).out,
              "  PORT    ACTION    DETECTION TIME    RESTORATION TIME    HISTORY\n"
              "------  --------  ----------------  ------------------  ---------\n");
    f.setWatchdog(after(0s), sonicPort(f, kLeaf, "Ethernet8"), {true, PauseWatchdog::Action::Forward, 302, 301});
    EXPECT_EQ(pfcwdConfig(f, kLeaf, {}).out,
              "     PORT    ACTION    DETECTION TIME    RESTORATION TIME    HISTORY\n"
              "---------  --------  ----------------  ------------------  ---------\n"
              "Ethernet8   forward               302                 301    disable\n");
    TransferRequest request;
    request.from = DeviceId{0u};
    request.to = DeviceId{1u};
    request.trafficClass = 106;
    f.start(after(0s), request);
    f.setReceiver(after(1s), DeviceId{1u}, 0, true);
    f.advance(after(2s));
    EXPECT_NE(pfcwdStats(f, kLeaf).out.find("Ethernet8:3   stormed                        1/0"), std::string::npos) << pfcwdStats(f, kLeaf).out;
    f.setReceiver(after(3s), DeviceId{1u}, 0, false);
    f.advance(after(4s));
    EXPECT_NE(pfcwdStats(f, kLeaf).out.find("Ethernet8:3  operational                        1/1"), std::string::npos) << pfcwdStats(f, kLeaf).out;
}

TEST(Sonic, TheDatabaseSaysWhatThePortsDo)
{
    using Fields = std::vector<std::pair<std::string, std::string>>;
    Fabric f = smallest();
    const PortId port = sonicPort(f, kLeaf, "Ethernet0");
    EXPECT_EQ(configEntry(f, kLeaf, "PORT_QOS_MAP|Ethernet0").front(), std::pair(std::string("dscp_to_tc_map"), std::string("ROCE")));
    f.setQos(after(1s), port, {Trust::Pcp, 0, 0});
    EXPECT_EQ(configEntry(f, kLeaf, "PORT_QOS_MAP|Ethernet0"), (Fields{{"pfc_to_queue_map", "ROCE"}, {"tc_to_pg_map", "ROCE"}, {"tc_to_queue_map", "ROCE"}}));
    EXPECT_EQ(configEntry(f, kLeaf, "QUEUE|Ethernet0|3").size(), 1u);
    EXPECT_EQ(configEntry(f, kLeaf, "QUEUE|Ethernet8|3").back().first, "wred_profile");
    EXPECT_TRUE(configEntry(f, kLeaf, "PFC_WD|Ethernet0").empty());
    EXPECT_TRUE(configEntry(f, kLeaf, "PORT_QOS_MAP|Ethernet9").empty());
    EXPECT_EQ(ecnStatus(f, kLeaf, {3, 4}).out, "ECN status:\nqueue 3: off\nqueue 4: off\n");
    EXPECT_EQ(configEntry(f, kLeaf, "QUEUE|Ethernet8|3").front().second, "scheduler.1");
    EXPECT_EQ(configEntry(f, kLeaf, "QUEUE|Ethernet8|4").front().second, "scheduler.0");
}

TEST(Sonic, KeysOfTheDatabaseAreTakenApartOnce)
{
    const Fabric f = smallest();
    const auto queue = parseConfigKey(f, kLeaf, "QUEUE|Ethernet8|7");
    ASSERT_TRUE(queue);
    EXPECT_EQ(queue->table, "QUEUE");
    EXPECT_EQ(queue->port, sonicPort(f, kLeaf, "Ethernet8"));
    EXPECT_EQ(queue->queue, 7);
    EXPECT_EQ(parseConfigKey(f, kLeaf, "PORT|Ethernet0")->queue, -1);
    for (const char* key : {"", "QUEUE", "QUEUE|", "QUEUE|Ethernet1|3", "QUEUE|Ethernet0|x", "QUEUE|Ethernet0|8", "QUEUE|Ethernet0|33", "QUEUE|Ethernet0|", "QUEUE|Ethernet0|3|3"})
        EXPECT_FALSE(parseConfigKey(f, kLeaf, key)) << key;
}

TEST(Sonic, TheProfileGoesWithAllOfTheQos)
{
    Fabric f = smallest();
    const std::string profile = showEcn(f, kLeaf).out;
    EXPECT_TRUE(profile.starts_with("Profile: AZURE_LOSSLESS\n-----------------------  -------\nred_max_threshold        2097152\n")) << profile;
    EXPECT_NE(profile.find("\ngreen_min_threshold      1048576\n"), std::string::npos) << profile;
    for (const PortId port : sonicPorts(f, kLeaf))
        f.setQos(after(1s), port, {Trust::Dscp, 1 << 3, 0}); // ecnconfig -q 3 off
    EXPECT_EQ(showEcn(f, kLeaf).out, profile);
    for (const PortId port : sonicPorts(f, kLeaf))
        f.setQos(after(2s), port, {}); // config qos clear
    EXPECT_EQ(showEcn(f, kLeaf).out, "");
}
