#include "tests/sim/net/small_lab.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sim::net;

TEST(Reach, MachineToMachine)
{
    SmallLab lab;
    const PathResult r = lab.tcp(lab.a, "10.0.0.20", 5000);
    EXPECT_EQ(r.verdict, Verdict::Delivered) << r.stoppedBy;
    EXPECT_EQ(r.target, lab.registry);
    EXPECT_EQ(r.links.size(), 2u); // one leaf
    EXPECT_GT(r.rtt, std::chrono::microseconds(80));
    EXPECT_LT(r.rtt, std::chrono::microseconds(300));
    EXPECT_EQ(lab.tcp(lab.b, "10.0.0.20", 5000).links.size(), 4u); // leaf, spine, leaf
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5001).verdict, Verdict::Refused);
    EXPECT_EQ(lab.ping(lab.a, "10.0.0.20").verdict, Verdict::Delivered);
    EXPECT_EQ(lab.ping(lab.a, "127.0.0.1").verdict, Verdict::Delivered);
    EXPECT_EQ(lab.ping(lab.a, "10.0.0.11").hops.back().name, "worker-1");
}

TEST(Reach, PodToPodAcrossNodes)
{
    SmallLab lab;
    const PathResult r = lab.tcp(lab.podA, "10.244.2.9", 8080);
    EXPECT_EQ(r.verdict, Verdict::Delivered) << r.stoppedBy;
    EXPECT_EQ(r.target, lab.podB);
    std::vector<std::string> names;
    for (const Hop& hop : r.hops)
        if (hop.address != Ipv4{})
            names.push_back(hop.name);
    EXPECT_EQ(names, (std::vector<std::string>{"worker-1", "worker-2", "pod-b"}));

    lab.net.stack(lab.b).filter["FORWARD"] = {"DROP", {}};
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).stoppedBy, "worker-2 FORWARD policy");
    lab.net.stack(lab.b).filter.clear();
    lab.net.stack(lab.b).forwarding = false;
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::TimedOut);
}

TEST(Reach, PodLeavesTheClusterByItsNodesAddress)
{
    SmallLab lab;
    const PathResult r = lab.tcp(lab.podA, "10.0.0.20", 5000);
    EXPECT_EQ(r.verdict, Verdict::Delivered) << r.stoppedBy;
    lab.net.stack(lab.a).nat.clear(); // no masquerade: the registry has no way back to 10.244.0.0/16
    const PathResult broken = lab.tcp(lab.podA, "10.0.0.20", 5000);
    EXPECT_EQ(broken.verdict, Verdict::TimedOut);
    EXPECT_EQ(broken.stoppedBy, "registry has no route (answer)");
}

TEST(Reach, RouteTypes)
{
    SmallLab lab;
    const auto with = [&](Route::Type type) {
        SmallLab copy = lab;
        copy.net.stack(copy.a).routes.push_back({lab.prefix("10.0.0.20"), type, {}, "", {}, "static", "", 0});
        return copy.tcp(copy.a, "10.0.0.20", 5000).verdict;
    };
    EXPECT_EQ(with(Route::Type::Blackhole), Verdict::InvalidArgument);
    EXPECT_EQ(with(Route::Type::Unreachable), Verdict::HostUnreachable);
    EXPECT_EQ(with(Route::Type::Prohibit), Verdict::PermissionDenied);
    EXPECT_EQ(lab.tcp(lab.a, "192.0.2.1", 80).verdict, Verdict::NetworkUnreachable);
    // The way back is broken instead: the sender only sees silence.
    lab.net.stack(lab.registry)
        .routes.push_back({lab.prefix("10.0.0.11"), Route::Type::Blackhole, {}, "", {}, "static", "", 0});
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::TimedOut);
}

TEST(Reach, DeadMachinesCablesAndSwitches)
{
    SmallLab lab;
    lab.net.stack(lab.registry).up = false;
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::HostUnreachable);
    lab.net.stack(lab.registry).up = true;
    lab.net.link(lab.linkRegistry).up = false;
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::HostUnreachable);
    lab.net.link(lab.linkRegistry).up = true;
    lab.net.stack(lab.a).interface("eth0")->adminUp = false;
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::NetworkUnreachable);
    lab.net.stack(lab.a).interface("eth0")->adminUp = true;

    lab.net.switchAt(sim::SwitchId{2u}).up = false; // one spine: the other takes over
    EXPECT_EQ(lab.tcp(lab.b, "10.0.0.20", 5000).verdict, Verdict::Delivered);
    lab.net.switchAt(sim::SwitchId{3u}).up = false;
    EXPECT_EQ(lab.tcp(lab.b, "10.0.0.20", 5000).verdict, Verdict::HostUnreachable);
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::Delivered);
}

TEST(Reach, Firewalls)
{
    SmallLab lab;
    FirewallRule drop = lab.rule("DROP");
    drop.destination = lab.prefix("10.0.0.20");
    drop.protocol = Protocol::Tcp;
    drop.destinationPort = 5000;
    lab.net.stack(lab.a).filter["OUTPUT"] = {"ACCEPT", {drop}};
    PathResult r = lab.tcp(lab.a, "10.0.0.20", 5000);
    EXPECT_EQ(r.verdict, Verdict::TimedOut);
    EXPECT_EQ(r.stoppedBy, "worker-1 OUTPUT rule 1");
    EXPECT_EQ(lab.ping(lab.a, "10.0.0.20").verdict, Verdict::Delivered);

    lab.net.stack(lab.a).filter["OUTPUT"].rules[0].target = "REJECT";
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::Refused);
    lab.net.stack(lab.a).filter["OUTPUT"].rules[0].targetOptions = "--reject-with icmp-admin-prohibited";
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).icmpError, "Packet filtered");

    // A user chain that lets answers through and drops the rest.
    FirewallRule answers = lab.rule("ACCEPT");
    answers.match = "ctstate RELATED,ESTABLISHED";
    lab.net.stack(lab.a).filter = {{"INPUT", {"ACCEPT", {lab.rule("GUARD")}}},
                                   {"GUARD", {"", {answers, lab.rule("DROP")}}}};
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::Delivered);
    EXPECT_EQ(lab.ping(lab.b, "10.0.0.11").stoppedBy, "worker-1 GUARD rule 2");
    lab.net.stack(lab.a).filter["GUARD"].rules.erase(lab.net.stack(lab.a).filter["GUARD"].rules.begin());
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).stoppedBy, "worker-1 GUARD rule 1 (answer)");
}

TEST(Reach, CountsRulesAndTranslatesDestinations)
{
    SmallLab lab;
    FirewallRule dnat = lab.rule("DNAT");
    dnat.protocol = Protocol::Tcp;
    dnat.destination = lab.prefix("192.0.2.10");
    dnat.targetOptions = "to:10.0.0.20:5000";
    lab.net.stack(lab.a).nat["OUTPUT"] = {"ACCEPT", {dnat}};
    EXPECT_EQ(lab.net.send(lab.a, lab.ip("192.0.2.10"), Protocol::Tcp, 80, 3, 180).verdict,
              Verdict::Delivered);
    EXPECT_EQ(lab.net.stack(lab.a).nat["OUTPUT"].rules[0].packets, 3);
}

TEST(Reach, TunnelsNeedTheirUnderlay)
{
    SmallLab lab;
    for (const auto& [stack, address] :
         {std::pair(lab.a, "10.244.1.0/32"), std::pair(lab.b, "10.244.2.0/32")})
        lab.net.stack(stack).interfaces.push_back(
            {"vxlan.calico", "66:00:00:00:00:01", {lab.prefix(address)}, 1450, true});
    for (auto& route : lab.net.stack(lab.a).routes)
        if (route.protocol == "bird")
            route.device = "vxlan.calico", route.via = lab.ip("10.244.2.0");
    for (auto& route : lab.net.stack(lab.b).routes)
        if (route.protocol == "bird")
            route.device = "vxlan.calico", route.via = lab.ip("10.244.1.0");
    lab.net.changed(lab.engine);
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::Delivered)
        << lab.tcp(lab.podA, "10.244.2.9", 8080).stoppedBy;
    FirewallRule drop = lab.rule("DROP");
    drop.protocol = Protocol::Udp;
    drop.destinationPort = 4789;
    lab.net.stack(lab.b).filter["INPUT"] = {"ACCEPT", {drop}};
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::TimedOut);
    EXPECT_EQ(lab.ping(lab.a, "10.0.0.12").verdict, Verdict::Delivered);
}

TEST(Reach, RemovedPodLeavesNothingOnItsNode)
{
    SmallLab lab;
    const std::size_t routes = lab.net.stack(lab.b).routes.size();
    lab.net.removeStack(lab.engine, lab.podB);
    EXPECT_EQ(lab.net.stack(lab.b).routes.size(), routes - 1);
    EXPECT_EQ(lab.net.stack(lab.b).interfaces.size(), 2u);
    EXPECT_NE(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::Delivered);
    EXPECT_FALSE(lab.net.findByAddress(lab.ip("10.244.2.9")).valid());
}
