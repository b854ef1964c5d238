#include "sim/net/changes.h"
#include "tests/sim/net/small_lab.h"

#include <gtest/gtest.h>

using namespace sim::net;

namespace {

/// A pod talks over a machine whose uplink lets through less than the pod's interface believes.
struct NarrowLab : SmallLab {
    NarrowLab() { EXPECT_EQ(setMtu(net.stack(a), "eth0", 1400), ""); }
    PathResult large(StackId from, const char* to, std::int64_t bytes, bool dontFragment = true)
    {
        return net.reach(from, ip(to), Probe{.protocol = Protocol::Icmp, .bytes = bytes, .dontFragment = dontFragment});
    }
    void loseMessages()
    {
        FirewallRule r = rule("DROP");
        r.protocol = Protocol::Icmp;
        r.match = "icmp-type 3/4";
        net.stack(a).filter["OUTPUT"].policy = "ACCEPT";
        net.stack(a).filter["OUTPUT"].rules.push_back(r);
    }
};

} // namespace

TEST(Mtu, OwnDeviceRefusesWhatMustNotBeCut)
{
    SmallLab lab;
    const auto ping = [&](std::int64_t bytes, bool dontFragment) {
        return lab.net.reach(lab.a, lab.ip("10.0.0.20"), Probe{.protocol = Protocol::Icmp, .bytes = bytes, .dontFragment = dontFragment});
    };
    EXPECT_EQ(ping(1500, true).verdict, Verdict::Delivered); // ping -M do -s 1472
    EXPECT_EQ(ping(1501, true).verdict, Verdict::MessageTooLong);
    EXPECT_EQ(ping(1501, true).mtu, 1500);
    EXPECT_EQ(ping(1501, true).answeredBy, Ipv4{}); // a local error
    EXPECT_EQ(ping(4000, false).verdict, Verdict::Delivered);
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).mss, 1460);
}

TEST(Mtu, ARouterTellsWhatFits)
{
    NarrowLab lab;
    const PathResult r = lab.large(lab.podA, "10.244.2.9", 1450);
    EXPECT_EQ(r.verdict, Verdict::MessageTooLong);
    EXPECT_EQ(r.mtu, 1400);
    EXPECT_EQ(r.icmpError, "Frag needed and DF set (mtu = 1400)");
    EXPECT_NE(r.answeredBy, Ipv4{});
    EXPECT_EQ(lab.large(lab.podA, "10.244.2.9", 1400).verdict, Verdict::Delivered);
    EXPECT_TRUE(lab.large(lab.podA, "10.244.2.9", 1450, false).arrived); // in fragments; the echo is too large for eth0 to take
    const PathResult connection = lab.tcp(lab.podA, "10.244.2.9", 8080);
    EXPECT_TRUE(connection.largePasses); // discovered
    EXPECT_EQ(connection.mss, 1360);
}

TEST(Mtu, WithoutTheMessageLargeSegmentsVanishAndSmallOnesPass)
{
    NarrowLab lab;
    lab.loseMessages();
    const PathResult connection = lab.tcp(lab.podA, "10.244.2.9", 8080);
    EXPECT_EQ(connection.verdict, Verdict::Delivered); // SYN, short requests
    EXPECT_FALSE(connection.largePasses);
    EXPECT_EQ(connection.largeStoppedBy, "worker-1 eth0 mtu 1400, fragmentation-needed lost at worker-1 OUTPUT rule 1");
    EXPECT_EQ(lab.large(lab.podA, "10.244.2.9", 1450).verdict, Verdict::TimedOut);
    EXPECT_EQ(lab.large(lab.podA, "10.244.2.9", 1000).verdict, Verdict::Delivered);
    const ConnectionId id = lab.net.open(lab.engine, lab.podA, lab.ip("10.244.2.9"), 8080, {});
    lab.net.transfer(lab.engine, id, false, 500);
    EXPECT_EQ(lab.net.connections().at(id).client.sendQueue, 0);
    lab.net.transfer(lab.engine, id, false, 50'000);
    lab.runUntil(lab.engine.now() + std::chrono::seconds(5));
    EXPECT_EQ(lab.net.connections().at(id).client.sendQueue, 50'000);
    EXPECT_GT(lab.net.connections().at(id).client.retransmits, 2);
}

TEST(Mtu, ThreeRepairs)
{
    NarrowLab broken;
    broken.loseMessages();
    ASSERT_FALSE(broken.tcp(broken.podA, "10.244.2.9", 8080).largePasses);

    NarrowLab widened = broken;
    EXPECT_EQ(setMtu(widened.net.stack(widened.a), "eth0", 1500), "");
    EXPECT_TRUE(widened.tcp(widened.podA, "10.244.2.9", 8080).largePasses);

    NarrowLab allowed = broken;
    EXPECT_EQ(flushChain(allowed.net.stack(allowed.a), "filter", "OUTPUT"), "");
    EXPECT_TRUE(allowed.tcp(allowed.podA, "10.244.2.9", 8080).largePasses);

    NarrowLab clamped = broken;
    FirewallRule clamp = clamped.rule("TCPMSS");
    clamp.protocol = Protocol::Tcp;
    clamp.match = "tcp-flags SYN,RST/SYN";
    clamp.targetOptions = "--clamp-mss-to-pmtu";
    EXPECT_EQ(appendRule(clamped.net.stack(clamped.a), "mangle", "FORWARD", clamp), "");
    const PathResult r = clamped.tcp(clamped.podA, "10.244.2.9", 8080);
    EXPECT_TRUE(r.largePasses);
    EXPECT_EQ(r.mss, 1360);
}

TEST(Mtu, ASmallerReceiverDropsWithoutAWord)
{
    SmallLab lab;
    ASSERT_EQ(setMtu(lab.net.stack(lab.registry), "eth0", 1400), "");
    EXPECT_EQ(lab.net.reach(lab.a, lab.ip("10.0.0.20"), Probe{.protocol = Protocol::Icmp, .bytes = 1500, .dontFragment = true}).verdict, Verdict::TimedOut);
    // Of TCP each side announces what it takes, so that nothing too large is sent.
    EXPECT_TRUE(lab.tcp(lab.a, "10.0.0.20", 5000).largePasses);
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).mss, 1360);
}

TEST(Mtu, ASwitchDropsJumboFramesThatBothEndsTake)
{
    SmallLab lab;
    for (const StackId end : {lab.a, lab.registry})
        ASSERT_EQ(setMtu(lab.net.stack(end), "eth0", 9000), "");
    const auto ping = [&](std::int64_t bytes) {
        return lab.net.reach(lab.a, lab.ip("10.0.0.20"), Probe{.protocol = Protocol::Icmp, .bytes = bytes, .dontFragment = true});
    };
    EXPECT_EQ(ping(9000).verdict, Verdict::Delivered);
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).mss, 8960);

    lab.net.switchAt(SwitchId{0U}).mtu = 1500;
    EXPECT_EQ(ping(1500).verdict, Verdict::Delivered);
    EXPECT_EQ(ping(9000).verdict, Verdict::TimedOut); // no router that could tell
    EXPECT_EQ(ping(9000).stoppedBy, "leaf-1 port mtu 1500");
    EXPECT_FALSE(lab.tcp(lab.a, "10.0.0.20", 5000).largePasses);
    // Either end alone repairs it: TCP takes the smaller of the two.
    ASSERT_EQ(setMtu(lab.net.stack(lab.registry), "eth0", 1500), "");
    EXPECT_TRUE(lab.tcp(lab.a, "10.0.0.20", 5000).largePasses);
}

TEST(Hooks, EachKernelTellsItsTablesInOrder)
{
    SmallLab lab;
    const PathResult r = lab.net.explain(lab.podA, lab.ip("10.0.0.20"), Protocol::Tcp, 5000);
    std::vector<std::string> onMachine;
    for (const HookStep& step : r.hooks)
        if (step.at == lab.a)
            onMachine.push_back(std::string(hookName(step.hook)) + " " + step.table + " " + step.verdict);
    EXPECT_EQ(onMachine, (std::vector<std::string>{"prerouting raw accept", "prerouting conntrack new", "prerouting mangle accept", "prerouting nat accept",
                                                   "forward routing 10.0.0.0/24", "forward mangle accept", "forward filter accept",
                                                   "postrouting mangle accept", "postrouting nat masquerade", "postrouting device eth0"}));
    FirewallRule drop = lab.rule("DROP");
    drop.destinationPort = 5000;
    drop.protocol = Protocol::Tcp;
    lab.net.stack(lab.a).filter["FORWARD"] = {"ACCEPT", {drop}};
    const PathResult stopped = lab.net.explain(lab.podA, lab.ip("10.0.0.20"), Protocol::Tcp, 5000);
    EXPECT_TRUE(stopped.hooks.back().stopped);
    EXPECT_EQ(stopped.hooks.back().rule, "FORWARD rule 1");
    EXPECT_EQ(stopped.hooks.back().table, "filter");
}
