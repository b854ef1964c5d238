#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

// What a change of the compute network is called, by which grading tells a repair from a look.
namespace {

using Change = sim::command::RdmaChange;
using Names = std::vector<std::string>;

struct Changes : testing::Test {
    sim::CommandResult apply(const Change& change) { return lab.world.apply(sim::Command{change}); }
    Change of(sim::net::rdma::PortId where, Change::Verb verb) const
    {
        Change change;
        change.port = where;
        change.verb = verb;
        return change;
    }
    const sim::net::rdma::Fabric& fabric() const { return lab.world.rdma(); }

    test::CommandLab lab{"bastion", "ops"};
    sim::net::rdma::PortId port{fabric().find(lab.world.machine("gpu-3")->id, "mlx5_4").value};
};

TEST_F(Changes, AreNamedByMachineAndDevice)
{
    EXPECT_EQ(apply(of(port, Change::Verb::Disable)).changed, Names{"rdma/gpu-3/mlx5_4"});
    EXPECT_FALSE(fabric().linkUp(port));
    EXPECT_EQ(apply(of(port, Change::Verb::Enable)).changed, Names{"rdma/gpu-3/mlx5_4"});
    lab.advance(std::chrono::seconds(10));
    EXPECT_TRUE(fabric().linkUp(port));
    Change mtu = of(port, Change::Verb::Mtu);
    mtu.mtu = 2048;
    EXPECT_EQ(apply(mtu).changed, Names{"rdma/gpu-3/mlx5_4"});
    EXPECT_EQ(fabric().port(port).mtu, 2048);
    Change qos = of(port, Change::Verb::Qos);
    qos.qos.pfc = 8;
    EXPECT_EQ(apply(qos).changed, Names{"rdma/gpu-3/mlx5_4"});
    EXPECT_EQ(fabric().port(port).qos.pfc, 8);
}

TEST_F(Changes, OfASwitchAreNamedByItsPort)
{
    const auto peer = fabric().peer(port);
    const std::string name = "rdma/" + fabric().switchOf(fabric().port(peer).owner).name + "/" + std::to_string(fabric().port(peer).number);
    EXPECT_EQ(apply(of(peer, Change::Verb::Disable)).changed, Names{name});
    EXPECT_FALSE(fabric().linkUp(port));
}

TEST_F(Changes, AMeasurementIsNone)
{
    apply(of(port, Change::Verb::Disable)); // a link that went down once
    Change reset = of(port, Change::Verb::ResetCounters);
    reset.counters = {sim::net::rdma::PortCounter::LinkDowned};
    EXPECT_EQ(fabric().counter(port, sim::net::rdma::PortCounter::LinkDowned), 1u);
    EXPECT_TRUE(apply(reset).changed.empty());
    EXPECT_EQ(fabric().counter(port, sim::net::rdma::PortCounter::LinkDowned), 0u);
}

TEST_F(Changes, NeedAPort)
{
    const auto result = apply(of(sim::net::rdma::PortId{fabric().ports().size()}, Change::Verb::Disable));
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error, "missing");
}

TEST_F(Changes, AToolThatEndsChangesNothing)
{
    const auto host = lab.world.machine("gpu-3")->id;
    sim::host::Process process;
    process.name = "ibping";
    const auto pid = static_cast<sim::host::Pid>(lab.world.apply(sim::Command{sim::command::SpawnProcess{host, process}}).id);
    EXPECT_TRUE(lab.world.apply(sim::Command{sim::command::Signal{host, pid, 9, true}}).changed.empty());
    EXPECT_FALSE(lab.world.hosts().at(host).processes.contains(pid));
}

} // namespace
