#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

// A server in the background and a client: what each prints, and what crosses the fabric meanwhile.
namespace {

using sim::net::rdma::PortCounter;
using sim::net::rdma::PortId;

std::string lineWith(const std::string& text, std::string_view part)
{
    const std::size_t at = text.find(part);
    const std::size_t begin = text.rfind('\n', at);
    return at == std::string::npos ? std::string() : text.substr(begin + 1, text.find('\n', at) - begin - 1);
}

struct Perftest : testing::Test {
    PortId port(const char* machine, const char* device) const
    {
        return PortId{lab.world.rdma().find(lab.world.machine(machine)->id, device).value};
    }
    /// Payload bytes that the port has sent, headers with them.
    double sent(PortId id) const { return 4.0 * static_cast<double>(lab.world.rdma().counter(id, PortCounter::XmitData)); }

    test::CommandLab lab{"gpu-6", "root"};
};

TEST_F(Perftest, BothSidesReportAndTheCountersHaveIt)
{
    lab.run("ssh gpu-5 ib_write_bw -d mlx5_2 --report_gbits > /tmp/server.txt &");
    lab.run("sleep 1");
    const double before = sent(port("gpu-6", "mlx5_2"));
    const std::string client = lab.run("ib_write_bw -d mlx5_2 --report_gbits -n 20000 gpu-5");
    const std::string row = lineWith(client, " 65536 ");
    EXPECT_FALSE(row.empty()) << client;
    EXPECT_EQ(lab.status(), 0);
    lab.run("sleep 1");
    const std::string server = lab.run("cat /tmp/server.txt");
    EXPECT_NE(server.find("* Waiting for client to connect... *"), std::string::npos) << server;
    EXPECT_NE(server.find(" 65536 "), std::string::npos) << server;
    const double bytes = 20000.0 * 65536;
    EXPECT_GE(sent(port("gpu-6", "mlx5_2")) - before, 0.98 * bytes);
    EXPECT_EQ(lab.run("ssh gpu-5 pgrep ib_write_bw"), "") << "the server leaves with its client";
}

TEST_F(Perftest, ABusyMachineGivesWhatItsJobLeaves)
{
    // Machines whose adapters the training job leaves alone, and one that it uses.
    const auto& fabric = lab.world.rdma();
    std::set<std::string> busy, idle;
    for (const auto& [id, transfer] : fabric.transfers())
        for (const auto end : {transfer.request.from, transfer.request.to})
            busy.insert(lab.world.hosts().at(fabric.device(end).host).name);
    for (const auto& [host, settings] : fabric.hosts())
        if (!busy.contains(lab.world.hosts().at(host).name))
            idle.insert(lab.world.hosts().at(host).name);
    ASSERT_GE(idle.size(), 2u);
    ASSERT_FALSE(busy.empty());
    const auto gigabits = [&](const std::string& server, const std::string& client) {
        lab.run("ssh root@" + server + " ib_write_bw > /dev/null &");
        lab.run("sleep 1");
        const std::string text = lab.run("ssh root@" + client + " ib_write_bw --report_gbits " + server + " | awk '$1 == 65536 { print $4 }'");
        lab.run("sleep 1");
        return std::atof(text.c_str());
    };
    EXPECT_NEAR(gigabits(*idle.begin(), *idle.rbegin()), 397, 1); // as NDR nodes were measured
    const double shared = gigabits(*busy.begin(), *idle.begin());
    EXPECT_LT(shared, 395);
    EXPECT_GT(shared, 100);
}

TEST_F(Perftest, NobodyListens)
{
    EXPECT_NE(lab.run("ib_write_bw gpu-5").find("Couldn't connect to gpu-5:18515"), std::string::npos);
    EXPECT_EQ(lab.status(), 1);
    lab.run("ssh gpu-5 ib_read_bw > /dev/null &");
    lab.run("sleep 1");
    EXPECT_NE(lab.run("ib_write_bw gpu-5").find("Couldn't connect"), std::string::npos) << "another test's server";
}

TEST_F(Perftest, TheSwitchCountsALatencyTestToo)
{
    lab.run("ssh gpu-5 ib_send_lat > /dev/null &");
    lab.run("sleep 1");
    const std::string client = lab.run("ib_send_lat gpu-5");
    EXPECT_NE(client.find("t_typical[usec]"), std::string::npos) << client;
}

TEST_F(Perftest, NothingStaysBehind)
{
    const std::size_t transfers = lab.world.rdma().transfers().size();
    lab.run("ssh gpu-5 ib_write_bw > /dev/null &");
    lab.run("sleep 1");
    lab.run("ib_write_bw -D 3600 gpu-5", std::chrono::seconds(20)); // Ctrl-C
    EXPECT_EQ(lab.world.rdma().transfers().size(), transfers);
    EXPECT_EQ(lab.run("pgrep ib_write_bw"), "");
}

} // namespace
