// What the tools tell of things that went wrong: incidents 12 to 17 and 24 of the fabric.
#include "core/shell/commands/fabric/ethtool_mlx5.h"
#include "core/shell/commands/fabric/ibdiagnet.h"
#include "core/shell/commands/fabric/iblinkinfo.h"
#include "core/shell/commands/fabric/ibnetdiscover.h"
#include "core/shell/commands/fabric/ibqueryerrors.h"
#include "core/shell/commands/fabric/ibstat.h"
#include "core/shell/commands/fabric/ibv.h"
#include "core/shell/commands/fabric/perfquery.h"
#include "core/shell/commands/fabric/rdma_tool.h"
#include "core/shell/commands/fabric/sysfs.h"
#include "tests/sim/net_rdma/rdma_lab.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace rdma_lab;
using namespace core::shell::fabric;
using sim::HostId;
using namespace std::chrono_literals;

namespace {

void expectIn(const std::string& text, std::string_view part)
{
    EXPECT_NE(text.find(part), std::string::npos) << "missing: " << part << "\nin:\n" << text;
}

} // namespace

TEST(FabricFaults, ADeadSubnetManagerLeavesNewNodesInitializing)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 3, 1, 3, 0));
    f.setManager(after(1s), 0, false, 15);
    f.setPowered(after(2s), HostId{2u}, false);
    f.setPowered(after(3s), HostId{2u}, true);
    f.advance(after(60s));
    expectIn(ibstatText(f, HostId{2u}).out,
             "\t\tState: Initializing\n\t\tPhysical state: LinkUp\n\t\tRate: 400\n");
    expectIn(ibstatText(f, HostId{2u}).out, "\t\tSM lid: 0\n");
    expectIn(ibstatusText(f, HostId{2u}).out, "state:\t\t 2: INIT\n");
    expectIn(ibvDevinfoText(f, HostId{2u}).out, "PORT_INIT (2)");
    expectIn(iblinkinfoText(f, HostId{0u}).out, "Gbps Initialize/  LinkUp)");
    EXPECT_EQ(infinibandFiles(f, HostId{2u}).at("mlx5_0/ports/1/state"), "2: INIT\n");
    const Text asked = sminfoText(f, HostId{1u}, 0, 77);
    EXPECT_EQ(asked.status, 255);
    EXPECT_EQ(asked.errors,
              "ibwarn: [77] _do_madrpc: recv failed: Connection timed out\nibwarn: [77] mad_rpc: _do_madrpc "
              "failed; dport (Lid 1)\nsminfo: iberror: failed: query\n");
    expectIn(sminfoText(f, HostId{2u}).errors, "dport (Lid 0)");
    const Text diagnosis = ibdiagnetText(f, f, HostId{1u});
    expectIn(diagnosis.out, "-E- Not found master subnet manager in fabric\n");
    expectIn(diagnosis.out, " - Configured with ZERO lid\n");
    expectIn(diagnosis.out, " - Link is in INIT state\n");
    f.setManager(after(70s), 0, true, 15);
    f.advance(after(80s));
    expectIn(ibstatText(f, HostId{2u}).out, "\t\tState: Active\n");
    expectIn(sminfoText(f, HostId{2u}).out, "state 3 SMINFO_MASTER");
}

TEST(FabricFaults, AFlappingLinkCountsDowns)
{
    FabricSpec s = spec(LinkLayer::InfiniBand, 2, 2, 2, 0);
    s.oneLeafPerUnit = true;
    Fabric f = Fabric::build(s);
    CableCondition flap;
    flap.flap = {20s, 2s, after(0s)};
    f.setCondition(after(0s), cableOf(f, 1), flap);
    f.advance(after(21s));
    expectIn(ibstatText(f, HostId{0u}).out, "\t\tState: Down\n\t\tPhysical state: Polling\n");
    expectIn(ibdev2netdevText(f, HostId{0u}).out,
             "mlx5_0 port 1 ==> ibp24s0 (Up)\nmlx5_1 port 1 ==> ibp41s0 (Down)\n");
    expectIn(rdmaLinkText(f, HostId{0u}).out,
             "link mlx5_1/1 subnet_prefix fe80:0000:0000:0000 lid 3 sm_lid 1 lmc 0 state DOWN physical_state "
             "POLLING \n");
    const Fabric before = f;
    f.advance(after(80s));
    PerfqueryOptions second;
    second.device = "mlx5_1";
    expectIn(perfqueryText(f, HostId{0u}, second).out, "LinkDownedCounter:...............3\n");
    EXPECT_EQ(infinibandFiles(f, HostId{0u}).at("mlx5_1/ports/1/counters/link_downed"), "3\n");
    EXPECT_EQ(infinibandFiles(f, HostId{0u}).at("mlx5_0/ports/1/counters/link_downed"), "0\n");
    const Text diagnosis = ibdiagnetText(before, f, HostId{0u});
    EXPECT_EQ(diagnosis.status, 1);
    expectIn(diagnosis.out, "\"link_down_counter\" increased during the run (difference value=2,");
}

TEST(FabricFaults, IbdiagnetComparesCountersOverItsRun)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 4, 2, 4, 2));
    const Fabric healthy = f;
    const Text good = ibdiagnetText(healthy, healthy, HostId{0u});
    EXPECT_EQ(good.status, 0);
    expectIn(good.out, "-I- Discovering ... 12 nodes (4 Switches & 8 CA-s) discovered.\n");
    expectIn(good.out,
             "-I- Stage                     Warnings   Errors     Comment\n-I- Discovery                 0   "
             "       0          \n");
    CableCondition dirty;
    dirty.symbolErrorsPerSecond = 27;
    f.setCondition(after(0s), cableOf(f, 3), dirty);
    CableCondition narrow;
    narrow.lanes = 2;
    f.setCondition(after(0s), cableOf(f, 5), narrow);
    f.advance(after(10s));
    const Fabric before = f;
    f.advance(after(11s));
    const Text bad = ibdiagnetText(before, f, HostId{0u});
    EXPECT_EQ(bad.status, 1);
    // A published log of a fabric of 6,003 nodes has these words.
    expectIn(bad.out,
             "\"symbol_error_counter\" increased during the run (difference value=27,difference allowed "
             "threshold=1)\n");
    expectIn(bad.out, "Unexpected actual link width 2x");
    expectIn(bad.out, "-I- Port Counters             0          2          \n");
}

TEST(FabricFaults, WrongTrustShowsInCountersOfTheWrongPriority)
{
    FabricSpec s = spec(LinkLayer::Ethernet, 5, 1, 5, 0);
    s.qos.trust = Trust::Pcp;
    Fabric f = Fabric::build(s);
    for (std::uint32_t i = 0; i < 4; ++i)
        f.start(after(0s), between(i, 4));
    f.advance(after(10s));
    const std::string sender = ethtoolStatisticsText(f, HostId{0u}, "enp24s0np0").out;
    expectIn(sender, "     rx_prio3_pause: 0\n");
    expectIn(sender, "     tx_prio3_packets: 0\n");
    EXPECT_EQ(sender.find("     tx_prio0_packets: 0\n"), std::string::npos);
    const std::string statistic = rdmaStatisticText(f, HostId{4u}).out;
    EXPECT_EQ(statistic.find("out_of_sequence 0 "), std::string::npos) << statistic;
    expectIn(statistic, "np_cnp_sent 0 ");
    EXPECT_EQ(infinibandFiles(f, HostId{0u}).at("mlx5_0/ports/1/hw_counters/packet_seq_err").size() > 2,
              true);
}

TEST(FabricFaults, APauseStormShowsAtItsVictims)
{
    Fabric f = Fabric::build(spec(LinkLayer::Ethernet, 4, 1, 4, 0));
    f.start(after(0s), between(0, 2));
    f.start(after(0s), between(0, 3));
    f.setReceiver(after(0s), DeviceId{2u}, 0, true);
    f.advance(after(10s));
    const std::string stuck = ethtoolStatisticsText(f, HostId{2u}, "enp24s0np0").out;
    expectIn(stuck, "     tx_pause_storm_warning_events: 1\n");
    EXPECT_EQ(stuck.find("     tx_prio3_pause: 0\n"), std::string::npos);
    const std::string victim = ethtoolStatisticsText(f, HostId{0u}, "enp24s0np0").out;
    EXPECT_EQ(victim.find("     rx_prio3_pause: 0\n"), std::string::npos);
    expectIn(victim, "     rx_prio3_pause_duration: 10000000\n");
}

TEST(FabricFaults, SmallRegistersStopAtTheirLargestValue)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    CableCondition dirty;
    dirty.symbolErrorsPerSecond = 1000;
    dirty.recoveriesPerSecond = 3;
    dirty.recoveryTime = 1ms;
    f.setCondition(after(0s), cableOf(f, 0), dirty);
    f.advance(after(200s));
    const std::string classic = perfqueryText(f, HostId{0u}).out;
    expectIn(classic, "SymbolErrorCounter:..............65535\nLinkErrorRecoveryCounter:........255\n");
    PerfqueryOptions wide;
    wide.extended = true;
    expectIn(perfqueryText(f, HostId{0u}, wide).out,
             "SymbolErrorCounter:..............200000\nLinkErrorRecoveryCounter:........600\n");
    EXPECT_EQ(infinibandFiles(f, HostId{0u}).at("mlx5_0/ports/1/counters/symbol_error"), "65535\n");
}

TEST(FabricFaults, IbqueryerrorsNamesBothEnds)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    EXPECT_EQ(ibqueryerrorsText(f, HostId{0u}).out,
              "\n## Summary: 3 nodes checked, 0 bad nodes found\n##          67 ports checked, 0 ports have "
              "errors beyond threshold\n"
              "## Thresholds: \n## Suppressed:\n");
    CableCondition dirty;
    dirty.symbolErrorsPerSecond = 1000;
    f.setCondition(after(0s), cableOf(f, 1), dirty);
    f.advance(after(200s));
    IbqueryerrorsOptions options;
    options.links = true;
    const Text text = ibqueryerrorsText(f, HostId{0u}, options);
    EXPECT_EQ(text.status, 1);
    // The formats of print_results() and print_port_config() in rdma-core's ibqueryerrors.c.
    expectIn(
        text.out,
        fmt::format(
            "Errors for \"gpu-2 mlx5_0\"\n   GUID 0x{:x} port 1: [SymbolErrorCounter == 200000 (195.312K)]\n"
            "       Link info:      3   1[  ] ==( 4X        106.25 Gbps Active/  LinkUp)==>  0x{:016x}      "
            "2    2[  ] "
            "\"MF0;leaf-1-1:MQM9700/U1\" ( )\n",
            f.port(DeviceId{1u}).guid, f.switches()[0].guid));
    expectIn(text.out, fmt::format("Errors for 0x{:x} \"MF0;leaf-1-1:MQM9700/U1\"\n", f.switches()[0].guid));
    expectIn(text.out,
             "## Summary: 3 nodes checked, 2 bad nodes found\n##          67 ports checked, 2 ports have "
             "errors beyond threshold\n");
    options.suppressed = {"SymbolErrorCounter"};
    EXPECT_EQ(ibqueryerrorsText(f, HostId{0u}, options).status, 0);
}
