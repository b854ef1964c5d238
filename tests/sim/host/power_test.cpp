#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

using namespace sim;
using namespace sim::host;

namespace {

int powerChanges(const OneMachine& lab, bool on)
{
    int count = 0;
    for (const auto& notice : lab.notices)
        if (const auto* power = std::get_if<PowerChanged>(&notice))
            count += power->on == on;
    return count;
}

} // namespace

TEST(Power, RebootTakesAboutFortySeconds)
{
    OneMachine lab;
    const std::string bootId = lab.machine().bootId;
    net::Stack& stack = lab.net.stack(lab.machine().stack);
    net::FirewallRule drop;
    drop.target = "DROP";
    stack.filter["OUTPUT"].rules.push_back(drop);
    stack.routes.clear();
    const Instant from = lab.engine.now();
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    EXPECT_FALSE(stack.up);
    EXPECT_TRUE(lab.machine().processes.empty());
    lab.run(20s);
    EXPECT_NE(lab.machine().power, Machine::Power::On);
    lab.run(27s);
    EXPECT_EQ(lab.machine().power, Machine::Power::On);
    EXPECT_EQ(powerChanges(lab, false), 1);
    EXPECT_EQ(powerChanges(lab, true), 1);
    EXPECT_NE(lab.machine().bootId, bootId);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "kubelet.service"));
    EXPECT_TRUE(lab.listening(10250));
    EXPECT_TRUE(stack.up);
    EXPECT_TRUE(stack.filter["OUTPUT"].rules.empty()); // rules and routes typed by hand do not survive
    EXPECT_EQ(stack.routes.size(), 2u);
    EXPECT_GT(lab.machine().units.at("kubelet.service").since,
              lab.machine().units.at("containerd.service").since);
    const auto lines = lab.journal(from);
    EXPECT_EQ(lines.front(), "System is rebooting.");
}

TEST(Power, DisabledUnitsStayDown)
{
    OneMachine lab;
    EXPECT_EQ(lab.hosts.enableUnit(lab.engine, lab.id, "kubelet.service", false),
              "Removed \"/etc/systemd/system/multi-user.target.wants/kubelet.service\".\n");
    lab.hosts.powerOff(lab.engine, lab.net, lab.id);
    lab.run(100s);
    EXPECT_EQ(lab.machine().power, Machine::Power::Off);
    EXPECT_FALSE(lab.hosts.startUnit(lab.engine, lab.net, lab.id, "kubelet.service"));
    lab.hosts.powerOn(lab.engine, lab.net, lab.id);
    lab.run(60s);
    EXPECT_EQ(lab.machine().power, Machine::Power::On);
    EXPECT_FALSE(lab.hosts.unitActive(lab.id, "kubelet.service"));
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "containerd.service"));
}

TEST(Power, PulledPlugDuringBoot)
{
    OneMachine lab;
    lab.hosts.powerOff(lab.engine, lab.net, lab.id);
    lab.hosts.powerOn(lab.engine, lab.net, lab.id);
    lab.run(30s);
    lab.hosts.powerOff(lab.engine, lab.net, lab.id);
    lab.run(100s);
    EXPECT_EQ(lab.machine().power, Machine::Power::Off);
    EXPECT_TRUE(lab.machine().processes.empty());
    EXPECT_EQ(powerChanges(lab, true), 0);
}
