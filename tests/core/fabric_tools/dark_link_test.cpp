#include "tests/core/commands/command_lab.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

// A cable without light, as every tool on the machine, in the subnet and at the rack shows it, until somebody replaces it.
namespace {

bool says(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

struct DarkLink : testing::Test {
    void SetUp() override
    {
        const auto result = lab.world.apply(sim::Command{sim::command::InjectFault{"training-hang", {{"cause", "ib-link-down"}, {"variant", "no-light"}, {"machine", "gpu-3"}, {"gpu", 4}}}});
        ASSERT_TRUE(result.ok) << result.error;
        lab.advance(std::chrono::seconds(5));
        const auto& fabric = lab.world.rdma();
        for (std::size_t i = 0; i < fabric.devices().size(); ++i)
            if (!fabric.linkUp(sim::net::rdma::PortId{i}))
                dark.push_back(sim::net::rdma::DeviceId{i});
        ASSERT_EQ(dark.size(), 1u);
    }
    const sim::net::rdma::Device& device() const { return lab.world.rdma().device(dark.front()); }
    std::string machine() const { return lab.world.hosts().at(device().host).name; }
    /// As root on the machine with the dark port.
    std::string there(const std::string& command) { return lab.run("ssh root@" + machine() + " '" + command + "'"); }

    test::CommandLab lab{"bastion", "ops"};
    std::vector<sim::net::rdma::DeviceId> dark;
};

TEST_F(DarkLink, ShowsOnTheMachine)
{
    const std::string status = there("ibstat " + device().name);
    EXPECT_TRUE(says(status, "State: Down\n\t\tPhysical state: Polling\n\t\tRate: 10\n")) << status;
    EXPECT_TRUE(says(there("cat /sys/class/infiniband/" + device().name + "/ports/1/phys_state"), "2: Polling"));
    EXPECT_TRUE(says(there("ibdev2netdev"), device().netdev + " (Down)"));
    EXPECT_TRUE(says(there("dmesg"), "mlx5_core " + device().pciAddress + " " + device().name + ": Port: 1 Link DOWN"));
    EXPECT_TRUE(says(there("ethtool " + device().netdev), "Link detected: no"));
    EXPECT_TRUE(says(there("ib_write_bw -d " + device().name), "Port number 1 state is Down"));
    const std::string other = device().name == "mlx5_0" ? "mlx5_1" : "mlx5_0";
    EXPECT_TRUE(says(there("ibstat " + other), "State: Active\n\t\tPhysical state: LinkUp\n\t\tRate: 400\n"));
}

TEST_F(DarkLink, ShowsInTheSubnet)
{
    const std::string own = machine() + " " + device().name;
    const std::string links = there("iblinkinfo");
    EXPECT_FALSE(says(links, "\"" + own + "\"")) << "the switch no longer sees the device";
    const auto peer = lab.world.rdma().peer(sim::net::rdma::PortId{dark.front().value});
    const auto& port = lab.world.rdma().port(peer);
    const auto& owner = lab.world.rdma().switchOf(port.owner);
    const std::string line = fmt::format("\"{:>30}\" {:6} {:4}[  ] ==(                Down/ Polling)==>", owner.description, owner.lid, port.number);
    EXPECT_TRUE(says(there("iblinkinfo -l -d --switches-only"), line)) << line;
    EXPECT_TRUE(says(there("ibqueryerrors"), "LinkDownedCounter == 1"));
    EXPECT_FALSE(says(there("ibhosts"), "\"" + own + "\""));
    EXPECT_EQ(lab.reads().back(), "fabric/*");
}

TEST_F(DarkLink, EndsWithANewCable)
{
    const std::string rail = std::to_string(device().rail);
    EXPECT_TRUE(says(lab.run("hands inspect " + machine()), "link lights dark: rail " + rail + "\n"));
    const sim::Instant before = lab.world.now();
    const std::string order = lab.run("hands replace-cable " + machine() + ":" + rail);
    EXPECT_TRUE(says(order, "Order placed: replace-cable " + machine() + ":" + rail + ", about 10 min\nDone.\n")) << order;
    EXPECT_EQ(lab.world.now() - before, std::chrono::minutes(10));
    lab.advance(std::chrono::seconds(10)); // training and a sweep
    EXPECT_TRUE(says(there("ibstat " + device().name), "State: Active\n\t\tPhysical state: LinkUp\n\t\tRate: 400\n"));
    EXPECT_TRUE(says(lab.run("hands inspect " + machine()), "all 8 link lights green"));
    EXPECT_TRUE(says(there("dmesg"), device().name + ": Port: 1 Link ACTIVE"));
}

TEST_F(DarkLink, ARailIsNamedOrRefused)
{
    EXPECT_TRUE(says(lab.run("hands replace-cable gpu-1"), "say which rail, gpu-1:0 to gpu-1:7"));
    EXPECT_TRUE(says(lab.run("hands replace-cable gpu-1:8"), "say which rail"));
    EXPECT_TRUE(says(lab.run("hands replace-cable cp-1:0"), "there is no GPU machine"));
}

} // namespace
