#include "core/shell/commands/fabric/perftest.h"
#include "tests/sim/net_rdma/rdma_lab.h"

#include <gtest/gtest.h>

#include <sstream>

using namespace rdma_lab;
using namespace core::shell::fabric;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> linesOf(const std::string& text)
{
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

/// The numbers of a result row.
std::vector<double> row(const std::string& line)
{
    std::istringstream in(line);
    std::vector<double> numbers;
    for (double number; in >> number;)
        numbers.push_back(number);
    return numbers;
}

} // namespace

TEST(FabricPerftest, BandwidthOverInfiniband)
{
    FabricSpec s = spec(LinkLayer::InfiniBand, 2, 1, 2, 0);
    s.speed = LaneSpeed::Hdr;
    const Fabric f = Fabric::build(s);
    PerftestOptions options;
    options.bytes = 8388608;
    const PerftestRun run = perftest(f, DeviceId{1u}, DeviceId{0u}, options, 5);
    // ib_write_bw between two nodes with HDR200 links; its last row: 8388608 5000 23326.82 23317.65 0.002915.
    const auto client = linesOf(run.client.out), server = linesOf(run.server.out);
    const std::vector<std::string> head = {
        "---------------------------------------------------------------------------------------",
        "                    RDMA_Write BW Test",
        " Dual-port       : OFF\t\tDevice         : mlx5_0",
        " Number of qps   : 1\t\tTransport type : IB",
        " Connection type : RC\t\tUsing SRQ      : OFF",
        " PCIe relax order: ON",
        " ibv_wr* API     : ON",
        " TX depth        : 128",
        " CQ Moderation   : 1",
        " Mtu             : 4096[B]",
        " Link type       : IB",
        " Max inline data : 0[B]",
        " rdma_cm QPs\t : OFF",
        " Data ex. method : Ethernet",
        "---------------------------------------------------------------------------------------",
    };
    ASSERT_EQ(client.size(), head.size() + 6);
    for (std::size_t i = 0; i < head.size(); ++i)
        EXPECT_EQ(client[i], head[i]);
    EXPECT_EQ(client[15].substr(0, 31), " local address: LID 0x03 QPN 0x");
    EXPECT_EQ(client[16].substr(0, 32), " remote address: LID 0x01 QPN 0x");
    EXPECT_EQ(client[18], " #bytes     #iterations    BW peak[MB/sec]    BW average[MB/sec]   MsgRate[Mpps]");
    EXPECT_EQ(client[19].substr(0, 30), " 8388608    5000             2");
    EXPECT_NE(client[19].find("\t\t   0.00"), std::string::npos);
    const auto numbers = row(client[19]);
    ASSERT_EQ(numbers.size(), 5u);
    EXPECT_NEAR(numbers[3], 23317.65, 23317.65 * 0.02);
    EXPECT_GE(numbers[2], numbers[3]);
    EXPECT_NEAR(numbers[4], 0.002915, 0.0001);
    EXPECT_EQ(server[2], "* Waiting for client to connect... *");
    EXPECT_EQ(server.back(), client.back());
    EXPECT_EQ(server[server.size() - 2], client[19]);
    EXPECT_EQ(server[18].substr(15), client[16].substr(16)) << "the same address, seen from both sides";
    EXPECT_GT(run.takes, 1s);
}

TEST(FabricPerftest, BandwidthOverRoce)
{
    const Fabric f = Fabric::build(spec(LinkLayer::Ethernet, 2, 1, 2, 0));
    const PerftestRun run = perftest(f, DeviceId{1u}, DeviceId{0u}, {}, 5);
    const auto client = linesOf(run.client.out);
    EXPECT_EQ(client[10], " Link type       : Ethernet");
    EXPECT_EQ(client[11], " GID index       : 3");
    EXPECT_EQ(client[17], " GID: 00:00:00:00:00:00:00:00:00:00:255:255:10:100:00:02");
    EXPECT_EQ(client[16].substr(0, 26), " local address: LID 0000 Q");
    // ib_write_bw of two ConnectX-7 at 400 Gb/s, 64 KiB messages: 46361.71 at best, 46339.84 on average.
    const auto numbers = row(client[client.size() - 2]);
    EXPECT_NEAR(numbers[3], 46339.84, 46339.84 * 0.015);
    EXPECT_NEAR(numbers[2] / numbers[3], 46361.71 / 46339.84, 0.001);
}

TEST(FabricPerftest, SweepsAndLatencies)
{
    const Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 2, 1, 2, 0));
    PerftestOptions options;
    options.allSizes = options.gigabits = true;
    const auto sweep = linesOf(perftest(f, DeviceId{1u}, DeviceId{0u}, options, 5).client.out);
    EXPECT_EQ(row(sweep[19]).at(0), 2);
    double last = 0;
    for (std::size_t i = 19; i + 1 < sweep.size(); ++i) {
        const auto numbers = row(sweep[i]);
        EXPECT_GE(numbers[3], last * 0.999);
        last = numbers[3];
    }
    EXPECT_NEAR(last, 397.12, 2) << "a recorded run of 8 MiB messages over NDR";

    options = {};
    options.latency = true;
    options.verb = PerftestVerb::Send;
    const auto latency = linesOf(perftest(f, DeviceId{1u}, DeviceId{0u}, options, 5).client.out);
    EXPECT_EQ(latency[1], "                    Send Latency Test");
    EXPECT_EQ(latency[7], " TX depth        : 1");
    EXPECT_EQ(latency[latency.size() - 3],
              " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]    "
              "t_stdev[usec]   99% percentile[usec]   99.9% percentile[usec] ");
    const auto numbers = row(latency[latency.size() - 2]);
    ASSERT_EQ(numbers.size(), 9u);
    EXPECT_EQ(numbers[0], 2);
    EXPECT_NEAR(numbers[2], 1.6, 0.2) << "two NICs, a switch, ten metres";
    EXPECT_GT(numbers[3], numbers[7]);
}

TEST(FabricPerftest, OthersTrafficAndFaultsShow)
{
    Fabric f = Fabric::build(spec(LinkLayer::InfiniBand, 3, 1, 3, 0));
    f.start(after(0s), between(2, 0));
    PerftestOptions options;
    const auto shared = linesOf(perftest(f, DeviceId{1u}, DeviceId{0u}, options, 5).client.out);
    EXPECT_NEAR(row(shared[shared.size() - 2])[3], 47396 / 2.0, 200);
    options.verb = PerftestVerb::Read; // the other way is free
    const auto read = linesOf(perftest(f, DeviceId{1u}, DeviceId{0u}, options, 5).client.out);
    EXPECT_EQ(read[1], "                    RDMA_Read BW Test");
    EXPECT_EQ(read[11], " Outstand reads  : 16");
    EXPECT_NEAR(row(read[read.size() - 2])[3], 47396, 200);

    f.setPkeys(after(1s), DeviceId{0u}, {0x7fff});
    f.setPkeys(after(1s), DeviceId{1u}, {0x7fff});
    const PerftestRun partition = perftest(f, DeviceId{1u}, DeviceId{0u}, {}, 5);
    EXPECT_EQ(partition.client.status, 1);
    // perftest 6's words: " Completion with error at client / Failed status 12: wr_id 0 syndrom 0x81".
    EXPECT_EQ(partition.client.errors.substr(0, 73),
              " Completion with error at client\n Failed status 12: wr_id 0 syndrom 0x81\n");
    EXPECT_NEAR(sim::toSeconds(partition.takes), 0.47, 0.01);

    CableCondition broken;
    broken.broken = true;
    f.setCondition(after(2s), cableOf(f, 1), broken);
    EXPECT_EQ(
        perftest(f, DeviceId{1u}, DeviceId{0u}, {}, 5).client.errors,
        " Port number 1 state is Down\n Couldn't set the link layer\n Couldn't get context for the device\n");
}
