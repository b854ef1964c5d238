// What real tools were seen to print, with the values of a small fabric put in their places.
#include "core/shell/commands/fabric/ethtool_mlx5.h"
#include "core/shell/commands/fabric/iblinkinfo.h"
#include "core/shell/commands/fabric/ibnetdiscover.h"
#include "core/shell/commands/fabric/ibping.h"
#include "core/shell/commands/fabric/ibstat.h"
#include "core/shell/commands/fabric/ibv.h"
#include "core/shell/commands/fabric/mlnx_qos.h"
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

/// Puts values in the places of recorded ones. A tilde stands for a tab.
std::string with(std::string text, std::vector<std::pair<std::string, std::string>> values)
{
    values.emplace_back("~", "\t");
    for (const auto& [from, to] : values)
        for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
    return text;
}

Fabric infiniband()
{
    return Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
}

Fabric ethernet()
{
    return Fabric::build(spec(LinkLayer::Ethernet, 2, 1, 2, 0));
}

std::string hex(std::uint64_t guid)
{
    return fmt::format("{:016x}", guid);
}

} // namespace

TEST(FabricCaptures, IbstatOfARocePort)
{
    const Fabric f = ethernet();
    // leptonai/gpud, components/accelerator/nvidia/infiniband: a ConnectX-7.
    const std::string expected = R"(CA 'mlx5_0'
~CA type: MT4129
~Number of ports: 1
~Firmware version: 28.39.1002
~Hardware version: 0
~Node GUID: 0xa088c20300e3142a
~System image GUID: 0xa088c20300e3142a
~Port 1:
~~State: Active
~~Physical state: LinkUp
~~Rate: 400
~~Base lid: 0
~~LMC: 0
~~SM lid: 0
~~Capability mask: 0x00010000
~~Port GUID: 0xa288c2fffee3142a
~~Link layer: Ethernet
)";
    EXPECT_EQ(ibstatText(f, HostId{0u}).out,
              with(expected,
                   {{"a088c20300e3142a", hex(f.device(DeviceId{0u}).nodeGuid)},
                    {"a288c2fffee3142a", hex(f.port(DeviceId{0u}).guid)}}));
}

TEST(FabricCaptures, IbstatOfAnInfinibandPort)
{
    const Fabric f = infiniband();
    // A node of an NDR cluster; the first of its ports runs the subnet manager.
    const std::string expected = R"(CA 'mlx5_0'
~CA type: MT4129
~Number of ports: 1
~Firmware version: 28.47.2526
~Hardware version: 0
~Node GUID: 0x7425540300353de9
~System image GUID: 0x7425540300353de9
~Port 1:
~~State: Active
~~Physical state: LinkUp
~~Rate: 400
~~Base lid: 1
~~LMC: 0
~~SM lid: 1
~~Capability mask: 0xa750e84a
~~Port GUID: 0x7425540300353de9
~~Link layer: InfiniBand
)";
    EXPECT_EQ(
        ibstatText(f, HostId{0u}).out,
        with(expected, {{"28.47.2526", "28.39.1002"}, {"7425540300353de9", hex(f.port(DeviceId{0u}).guid)}}));
    IbstatOptions one;
    one.device = "mlx5_0";
    one.port = 1;
    EXPECT_EQ(ibstatText(f, HostId{0u}, one).out.substr(0, 34), "CA: 'mlx5_0'\nPort 1:\nState: Active");
    one.device = "mlx5_9";
    EXPECT_EQ(ibstatText(f, HostId{0u}, one).status, 255);
}

TEST(FabricCaptures, IbstatOfAPortThatNobodyEverManaged)
{
    Fabric f = infiniband();
    f.setDisabled(after(1s), PortId{1u}, true);
    f.setPowered(after(2s), HostId{1u}, false);
    f.setPowered(after(3s), HostId{1u}, true);
    f.advance(after(30s));
    // The same cluster's unused port: "State: Down / Physical state: Disabled / Rate: 10 / Base lid: 65535 /
    // SM lid: 0".
    const std::string text = ibstatText(f, HostId{1u}).out;
    EXPECT_NE(text.find("\t\tState: Down\n\t\tPhysical state: Disabled\n\t\tRate: 10\n\t\tBase lid: "
                        "65535\n\t\tLMC: 0\n\t\tSM lid: 0\n\t\tCapability mask: 0xa750e848\n"),
              std::string::npos)
        << text;
}

TEST(FabricCaptures, Ibstatus)
{
    Fabric f = infiniband();
    CableCondition half;
    half.lanes = 2;
    f.setCondition(after(1s), cableOf(f, 1), half);
    f.advance(after(10s));
    // Notes of an H20 cluster with NDR200 links to MQM9700 switches.
    const std::string expected = "Infiniband device 'mlx5_7' port 1 status:\n\tdefault gid:\t "
                                 "fe80:0000:0000:0000:GUID\n\tbase lid:\t 0x6c\n\tsm lid:\t\t 0x4\n"
                                 "\tstate:\t\t 4: ACTIVE\n\tphys state:\t 5: LinkUp\n\trate:\t\t 200 Gb/sec "
                                 "(2X NDR)\n\tlink_layer:\t InfiniBand\n\n";
    const Port& port = f.port(DeviceId{1u});
    EXPECT_EQ(ibstatusText(f, HostId{1u}).out,
              with(expected,
                   {{"mlx5_7", "mlx5_0"},
                    {"fe80:0000:0000:0000:GUID", gidText(f.device(DeviceId{1u}).gids[0])},
                    {"0x6c", fmt::format("0x{:x}", port.lid)},
                    {"0x4\n", "0x1\n"}}));
}

TEST(FabricCaptures, Iblinkinfo)
{
    FabricSpec s = spec(LinkLayer::InfiniBand, 2, 1, 2, 0);
    s.speed = LaneSpeed::Hdr;
    s.switchPorts = 3;
    Fabric f = Fabric::build(s);
    // iblinkinfo of a cluster with a QM8700 (53.125 Gbps a lane), and of NVIDIA/nccl-tests #71 (down ports).
    const std::string expected = "CA: cu01 HCA-1:\n"
                                 "      0xb8cef60300025b8c      1    1[  ] ==( 4X        53.125 Gbps Active/ "
                                 " LinkUp)==>       3   40[  ] \"Quantum Mellanox Technologies\" ( )\n";
    const std::string text = iblinkinfoText(f, HostId{0u}).out;
    EXPECT_NE(text.find(with(expected,
                             {{"cu01 HCA-1", "gpu-2 mlx5_0"},
                              {"b8cef60300025b8c", hex(f.port(DeviceId{1u}).guid)},
                              {"      1    1", "      3    1"},
                              {"      3   40", "      2    2"},
                              {"Quantum Mellanox Technologies", "MF0;leaf-1-1:MQM9700/U1"}})),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(fmt::format("Switch: 0x{:016x} MF0;leaf-1-1:MQM9700/U1:\n", f.switches()[0].guid)),
              std::string::npos)
        << text;
    EXPECT_NE(
        text.find("           2    3[  ] ==(                Down/ Polling)==>             [  ] \"\" ( )\n"),
        std::string::npos)
        << text;
    IblinkinfoOptions down;
    down.down = true;
    EXPECT_EQ(iblinkinfoText(f, HostId{0u}, down).out,
              fmt::format("Switch: 0x{:016x} MF0;leaf-1-1:MQM9700/U1:\n           2    3[  ] ==(             "
                          "   Down/ Polling)==>             [  ] \"\" ( )\n",
                          f.switches()[0].guid));

    CableCondition narrow;
    narrow.lanes = 1;
    narrow.fastest = LaneSpeed::Edr;
    f.setCondition(after(1s), cableOf(f, 1), narrow);
    f.advance(after(10s));
    EXPECT_NE(iblinkinfoText(f, HostId{0u})
                  .out.find("==( 1X      25.78125 Gbps Active/  LinkUp)==>       2    2[  ] "
                            "\"MF0;leaf-1-1:MQM9700/U1\" (Could be 4X Could be 53.125 Gbps)"),
              std::string::npos);
}

TEST(FabricCaptures, Ibnetdiscover)
{
    Fabric f = infiniband();
    IbnetdiscoverOptions options;
    options.date = "Fri Jul 19 02:49:25 2024";
    // The same H20 cluster (MQM9700); its CA blocks were left out there, so theirs follow ibnetdiscover(8)
    // and source.
    const std::string expected
        = "#\n# Topology file: generated on Fri Jul 19 02:49:25 2024\n#\n# Initiated from node CA1 port CA1\n"
          "\nvendid=0x2c9\ndevid=0xd2f2\nsysimgguid=0xSW\nswitchguid=0xSW(SW)\n"
          "Switch\t64 \"S-SW\"\t\t# \"MF0;leaf-1-1:MQM9700/U1\" enhanced port 0 lid 2 lmc 0\n"
          "[1]\t\"H-CA1\"[1](CA1) \t\t# \"gpu-1 mlx5_0\" lid 1 4xNDR\n"
          "[2]\t\"H-CA2\"[1](CA2) \t\t# \"gpu-2 mlx5_0\" lid 3 4xNDR\n"
          "\nvendid=0x2c9\ndevid=0x1021\nsysimgguid=0xCA2\ncaguid=0xCA2\nCa\t1 \"H-CA2\"\t\t# \"gpu-2 "
          "mlx5_0\"\n"
          "[1](CA2) \t\"S-SW\"[2]\t\t# lid 3 lmc 0 \"MF0;leaf-1-1:MQM9700/U1\" lid 2 4xNDR\n"
          "\nvendid=0x2c9\ndevid=0x1021\nsysimgguid=0xCA1\ncaguid=0xCA1\nCa\t1 \"H-CA1\"\t\t# \"gpu-1 "
          "mlx5_0\"\n"
          "[1](CA1) \t\"S-SW\"[1]\t\t# lid 1 lmc 0 \"MF0;leaf-1-1:MQM9700/U1\" lid 2 4xNDR\n";
    const std::vector<std::pair<std::string, std::string>> guids = {
        {"CA1", hex(f.device(DeviceId{0u}).nodeGuid)},
        {"CA2", hex(f.device(DeviceId{1u}).nodeGuid)},
        {"SW", hex(f.switches()[0].guid)}};
    EXPECT_EQ(ibnetdiscoverText(f, HostId{0u}, options).out, with(expected, guids));
    // ibhosts and ibswitches of a cluster with MQM8700 switches.
    EXPECT_EQ(ibhostsText(f, HostId{0u}).out,
              with("Ca\t: 0xCA2 ports 1 \"gpu-2 mlx5_0\"\nCa\t: 0xCA1 ports 1 \"gpu-1 mlx5_0\"\n", guids));
    EXPECT_EQ(
        ibswitchesText(f, HostId{0u}).out,
        with("Switch\t: 0xSW ports 64 \"MF0;leaf-1-1:MQM9700/U1\" enhanced port 0 lid 2 lmc 0\n", guids));
    f.advance(after(100s));
    EXPECT_EQ(
        sminfoText(f, HostId{1u}).out,
        with("sminfo: sm lid 1 sm guid 0xCA1, activity count 10 priority 15 state 3 SMINFO_MASTER\n", guids));
}

TEST(FabricCaptures, Perfquery)
{
    Fabric f = infiniband();
    f.start(after(0s), between(1, 0, 4096e3)); // 1,000 packets a second to the first node
    f.advance(after(10s));
    // Labels, dots and order: libibmad's mad_dump_fields (rdma-core 691953d8).
    EXPECT_EQ(perfqueryText(f, HostId{0u}).out, R"(# Port counters: Lid 1 port 1 (CapMask: 0x5A00)
PortSelect:......................1
CounterSelect:...................0x0000
SymbolErrorCounter:..............0
LinkErrorRecoveryCounter:........0
LinkDownedCounter:...............0
PortRcvErrors:...................0
PortRcvRemotePhysicalErrors:.....0
PortRcvSwitchRelayErrors:........0
PortXmitDiscards:................0
PortXmitConstraintErrors:........0
PortRcvConstraintErrors:.........0
CounterSelect2:..................0x00
LocalLinkIntegrityErrors:........0
ExcessiveBufferOverrunErrors:....0
QP1Dropped:......................0
VL15Dropped:.....................0
PortXmitData:....................0
PortRcvData:.....................10300000
PortXmitPkts:....................0
PortRcvPkts:.....................10000
PortXmitWait:....................0
)");
    PerfqueryOptions options;
    options.extended = true;
    options.lid = 2;
    options.port = 1;
    const std::string wide = perfqueryText(f, HostId{0u}, options).out;
    const std::string begins = R"(# Port extended counters: Lid 2 port 1 (CapMask: 0x5A00 CapMask2: 0x0000002)
PortSelect:......................1
CounterSelect:...................0x0000
PortXmitData:....................10300000
PortRcvData:.....................0
PortXmitPkts:....................10000
)";
    EXPECT_EQ(wide.substr(0, begins.size()), begins);
    options.reset = true;
    options.mask = 0xf000;
    for (const auto& [port, counter] : perfqueryResets(f, HostId{0u}, options))
        f.resetCounter(port, counter);
    EXPECT_NE(perfqueryText(f, HostId{0u}, options).out.find("PortXmitData:....................0\n"),
              std::string::npos);
}

TEST(FabricCaptures, IbvDevinfo)
{
    const Fabric f = ethernet();
    // ibv_devinfo of a node with ConnectX-7 on Ethernet.
    const std::string expected = "hca_id:\tmlx5_0\n\ttransport:\t\t\tInfiniBand "
                                 "(0)\n\tfw_ver:\t\t\t\t28.43.3608\n\tnode_guid:\t\t\t1070:fd03:0027:250b\n"
                                 "\tsys_image_guid:\t\t\t1070:fd03:0027:250b\n\tvendor_id:"
                                 "\t\t\t0x02c9\n\tvendor_part_id:\t\t\t4129\n\thw_ver:\t\t\t\t0x0\n"
                                 "\tboard_id:\t\t\tMT_0000000838\n\tphys_port_cnt:\t\t\t1\n\t\tport:"
                                 "\t1\n\t\t\tstate:\t\t\tPORT_ACTIVE (4)\n\t\t\tmax_mtu:\t\t4096 (5)\n"
                                 "\t\t\tactive_mtu:\t\t4096 "
                                 "(5)\n\t\t\tsm_lid:\t\t\t0\n\t\t\tport_lid:\t\t0\n\t\t\tport_lmc:"
                                 "\t\t0x00\n\t\t\tlink_layer:\t\tEthernet\n\n";
    EXPECT_EQ(ibvDevinfoText(f, HostId{0u}).out,
              with(expected,
                   {{"28.43.3608", "28.39.1002"},
                    {"1070:fd03:0027:250b", guidInSysfs(f.device(DeviceId{0u}).nodeGuid)}}));
    // ibv_devinfo -v of another: its GID lines.
    IbvDevinfoOptions verbose;
    verbose.verbose = true;
    const std::string text = ibvDevinfoText(f, HostId{0u}, verbose).out;
    EXPECT_NE(text.find("\t\t\tGID[  2]:\t\t0000:0000:0000:0000:0000:ffff:0a64:0001, RoCE v1\n\t\t\tGID[  "
                        "3]:\t\t::ffff:10.100.0.1, RoCE v2\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("\t\t\tactive_width:\t\t4X (2)\n\t\t\tactive_speed:\t\t100.0 Gbps "
                        "(128)\n\t\t\tphys_state:\t\tLINK_UP (5)\n"),
              std::string::npos)
        << text;
    // ibv_devices of a machine with soft RoCE: blanks and a tab.
    EXPECT_EQ(ibvDevicesText(f, HostId{0u}).out,
              fmt::format("    device          \t   node GUID\n    ------          \t----------------\n    "
                          "mlx5_0          \t{:016x}\n",
                          f.device(DeviceId{0u}).nodeGuid));
}

TEST(FabricCaptures, ShowGids)
{
    const Fabric f = ethernet();
    // show_gids of MLNX_OFED with its tabs.
    const std::string expected
        = "DEV\tPORT\tINDEX\tGID\t\t\t\t\tIPv4  \t\tVER\tDEV\n---\t----\t-----\t---\t\t\t\t\t------------  "
          "\t---\t---\n"
          "mlx5_0\t1\t0\tfe80:0000:0000:0000:0ac0:ebff:fe21:03da\t\t\tv1\trdma0\n"
          "mlx5_0\t1\t1\tfe80:0000:0000:0000:0ac0:ebff:fe21:03da\t\t\tv2\trdma0\n"
          "mlx5_0\t1\t2\t0000:0000:0000:0000:0000:ffff:c0a8:d3f2\t192.168.211.242  \tv1\trdma0\n"
          "mlx5_0\t1\t3\t0000:0000:0000:0000:0000:ffff:c0a8:d3f2\t192.168.211.242  \tv2\trdma0\n"
          "n_gids_found=4\n";
    EXPECT_EQ(showGidsText(f, HostId{0u}).out,
              with(expected,
                   {{"fe80:0000:0000:0000:0ac0:ebff:fe21:03da", gidText(f.device(DeviceId{0u}).gids[0])},
                    {"c0a8:d3f2", "0a64:0001"},
                    {"192.168.211.242", "10.100.0.1"},
                    {"rdma0", "enp24s0np0"}}));
}

TEST(FabricCaptures, MlnxQos)
{
    Fabric f = ethernet();
    // mlnx_qos -i ens4np0 of a GPU node (priority 5 lossless there).
    const std::string expected = R"(DCBX mode: OS controlled
Priority trust state: dscp
dscp2prio mapping:
~prio:0 dscp:07,06,05,04,03,02,01,00,
~prio:1 dscp:15,14,13,12,11,10,09,08,
~prio:2 dscp:23,22,21,20,19,18,17,16,
~prio:3 dscp:31,30,29,28,27,26,25,24,
~prio:4 dscp:39,38,37,36,35,34,33,32,
~prio:5 dscp:47,46,45,44,43,42,41,40,
~prio:6 dscp:55,54,53,52,51,50,49,48,
~prio:7 dscp:63,62,61,60,59,58,57,56,
default priority:
Receive buffer size (bytes): 19872,220896,0,0,0,0,0,0,max_buffer_size=4151520
Cable len: 7
PFC configuration:
~priority    0   1   2   3   4   5   6   7
~enabled     0   0   0   0   0   1   0   0   
~buffer      0   0   0   0   0   1   0   0   
tc: 0 ratelimit: unlimited, tsa: vendor
~ priority:  1
tc: 1 ratelimit: unlimited, tsa: vendor
~ priority:  0
)";
    MlnxQosOptions options;
    options.interface = "enp24s0np0";
    options.pfc = "0,0,0,0,0,1,0,0";
    EXPECT_EQ(mlnxQosText(f, HostId{0u}, options).out.substr(0, expected.size()), with(expected, {}));
    options.trust = "pcp";
    const auto change = mlnxQosChange(f, HostId{0u}, options);
    ASSERT_TRUE(change.has_value());
    f.setQos(after(1s), change->first, change->second);
    EXPECT_EQ(f.port(DeviceId{0u}).qos.trust, Trust::Pcp);
    EXPECT_EQ(f.port(DeviceId{0u}).qos.pfc, 1 << 5);
    options = {"enp24s0np0", "", ""};
    EXPECT_EQ(mlnxQosText(f, HostId{0u}, options).out.substr(0, 75),
              "DCBX mode: OS controlled\nPriority trust state: pcp\ndefault priority:\nReceiv");
    EXPECT_FALSE(mlnxQosChange(f, HostId{0u}, {"enp24s0np0", "", "0,0,2,1,0,0,0,0"}).has_value());
    EXPECT_EQ(mlnxQosText(f, HostId{0u}, {"eth9", "", ""}).status, 1);
}

TEST(FabricCaptures, RdmaTool)
{
    const Fabric f = ethernet(), ib = infiniband();
    // rdma link: "link mlx5_0/1 state ACTIVE physical_state LINK_UP netdev ens3f0np0 ", and of InfiniBand
    // ports "link mlx5_7/1 subnet_prefix fe80:0000:0000:0000 lid 3403 sm_lid 1 lmc 0 state DOWN
    // physical_state POLLING".
    EXPECT_EQ(rdmaLinkText(f, HostId{0u}).out,
              "link mlx5_0/1 state ACTIVE physical_state LINK_UP netdev enp24s0np0 \n");
    EXPECT_EQ(rdmaLinkText(ib, HostId{1u}, "mlx5_0/1").out,
              "link mlx5_0/1 subnet_prefix fe80:0000:0000:0000 lid 3 sm_lid 1 lmc 0 state ACTIVE "
              "physical_state LINK_UP \n");
    EXPECT_EQ(rdmaLinkText(ib, HostId{1u}, "mlx5_3/1").status, 234);
    // rdma dev: "0: ibp0s9: node_type ca fw 4.4.9999 node_guid 5254:00c0:fe12:3455 sys_image_guid
    // 5254:00c0:fe12:3455"
    const std::string guid = guidInSysfs(f.device(DeviceId{0u}).nodeGuid);
    EXPECT_EQ(rdmaDevText(f, HostId{0u}).out,
              fmt::format("0: mlx5_0: node_type ca fw 28.39.1002 node_guid {0} sys_image_guid {0} \n", guid));
    // rdma statistic show of a ConnectX with MLNX_OFED, less what only that driver has.
    EXPECT_EQ(rdmaStatisticText(f, HostId{0u}).out,
              "link mlx5_0/1 rx_write_requests 0 rx_read_requests 0 rx_atomic_requests 0 out_of_buffer 0 "
              "out_of_sequence 0 duplicate_request 0 rnr_nak_retry_err 0 "
              "packet_seq_err 0 implied_nak_seq_err 0 local_ack_timeout_err 0 resp_local_length_error 0 "
              "resp_cqe_error 0 req_cqe_error 0 "
              "req_remote_invalid_request 0 req_remote_access_errors 0 resp_remote_access_errors 0 "
              "resp_cqe_flush_error 0 req_cqe_flush_error 0 roce_adp_retrans 0 "
              "roce_adp_retrans_to 0 roce_slow_restart 0 roce_slow_restart_cnps 0 roce_slow_restart_trans 0 "
              "rp_cnp_ignored 0 rp_cnp_handled 0 "
              "np_ecn_marked_roce_packets 0 np_cnp_sent 0 rx_icrc_encapsulated 0 \n");
}

TEST(FabricCaptures, Ibping)
{
    const IbpingTarget target{1, "hostname.(none)"};
    // A recorded ibping of two packets.
    EXPECT_EQ(
        ibpingLine(target, 53us) + ibpingLine(target, 74us) + ibpingSummary(target, {53us, 74us}, 2, 1630ms),
        "Pong from hostname.(none) (Lid 1): time 0.053 ms\nPong from hostname.(none) (Lid 1): time 0.074 ms\n"
        "\n--- hostname.(none) (Lid 1) ibping statistics ---\n2 packets transmitted, 2 received, 0% packet "
        "loss, time 1630 ms\nrtt min/avg/max = 0.053/0.063/0.074 ms\n");
    Fabric f = infiniband();
    EXPECT_FALSE(ibpingTime(f, DeviceId{0u}, DeviceId{1u}, false, 0.5).has_value());
    EXPECT_GT(*ibpingTime(f, DeviceId{0u}, DeviceId{1u}, true, 0.9),
              *ibpingTime(f, DeviceId{0u}, DeviceId{1u}, true, 0.1));
    EXPECT_EQ(ibpingLostLines(target, 42),
              "ibwarn: [42] _do_madrpc: recv failed: Connection timed out\nibwarn: [42] mad_rpc_rmpp: "
              "_do_madrpc failed; dport (Lid 1)\n");
}

TEST(FabricCaptures, SysfsAndToolsAgree)
{
    Fabric f = infiniband();
    f.start(after(0s), between(0, 1, 1e9));
    f.advance(after(20s));
    const auto files = infinibandFiles(f, HostId{1u});
    EXPECT_EQ(files.at("mlx5_0/ports/1/state"), "4: ACTIVE\n");
    EXPECT_EQ(files.at("mlx5_0/ports/1/rate"), "400 Gb/sec (4X NDR)\n");
    EXPECT_EQ(files.at("mlx5_0/hca_type"), "MT4129\n");
    EXPECT_EQ(files.at("mlx5_0/ports/1/gid_attrs/types/0"), "IB/RoCE v1\n");
    const std::string words = files.at("mlx5_0/ports/1/counters/port_rcv_data");
    PerfqueryOptions wide;
    wide.extended = true;
    EXPECT_NE(perfqueryText(f, HostId{1u}, wide).out.find("PortRcvData:....................." + words),
              std::string::npos);
    EXPECT_NE(ibstatusText(f, HostId{1u}).out.find("state:\t\t " + files.at("mlx5_0/ports/1/state")),
              std::string::npos);
}

TEST(FabricCaptures, EthtoolStatistics)
{
    Fabric f = ethernet();
    f.start(after(0s), between(0, 1, 4096e3));
    f.advance(after(10s));
    const std::string text = ethtoolStatisticsText(f, HostId{1u}, "enp24s0np0").out;
    // 10,000 packets of 4,096 bytes with 62 of headers.
    for (const char* line : {"     rx_packets_phy: 10000\n", "     rx_bytes_phy: 41580000\n",
                             "     rx_vport_rdma_unicast_packets: 10000\n", "     rx_prio3_packets: 10000\n",
                             "     rx_prio0_packets: 0\n", "     rx_prio3_pause: 0\n",
                             "     tx_pause_storm_warning_events: 0\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    EXPECT_EQ(text.find("rx_prio0_pause"), std::string::npos);
    EXPECT_EQ(ethtoolStatisticsText(f, HostId{1u}, "eth7").status, 96);
    EXPECT_NE(ethtoolSettingsText(f, HostId{1u}, "enp24s0np0").out.find("\tSpeed: 400000Mb/s\n"),
              std::string::npos);
    EXPECT_NE(ethtoolModuleText(f, HostId{1u}, "enp24s0np0")
                  .out.find("\tCable assembly length                     : 5.00m\n"),
              std::string::npos);
    EXPECT_NE(ethtoolDriverText(f, HostId{1u}, "enp24s0np0", "6.1.0")
                  .out.find("firmware-version: 28.39.1002 (MT_0000000838)\n"),
              std::string::npos);
}
