#include "sim/net/changes.h"

#include "tests/sim/net/small_lab.h"

#include <gtest/gtest.h>

using namespace sim::net;

TEST(Changes, RoutesSpeakNetlink)
{
    SmallLab lab;
    Stack& s = lab.net.stack(lab.a);
    Route r;
    r.destination = lab.prefix("0.0.0.0/0");
    r.via = lab.ip("10.0.0.1");
    EXPECT_EQ(addRoute(s, r), "");
    EXPECT_EQ(s.lookup(lab.ip("192.0.2.1"))->device, "eth0");
    EXPECT_EQ(addRoute(s, r), "RTNETLINK answers: File exists");
    r.via = lab.ip("172.16.0.1");
    EXPECT_EQ(replaceRoute(s, r), "Error: Nexthop has invalid gateway.");
    EXPECT_EQ(deleteRoute(s, {lab.prefix("0.0.0.0/0"), Route::Type::Unicast, {}, "", {}, "", "", 0}), "");
    EXPECT_EQ(deleteRoute(s, {lab.prefix("0.0.0.0/0"), Route::Type::Unicast, {}, "", {}, "", "", 0}),
              "RTNETLINK answers: No such process");
    r.device = "eth9";
    EXPECT_EQ(addRoute(s, r), "Cannot find device \"eth9\"");
}

TEST(Changes, AddressesBringTheirRoutes)
{
    SmallLab lab;
    Stack& s = lab.net.stack(lab.a);
    EXPECT_EQ(addAddress(s, "eth0", lab.prefix("10.9.0.5/16")), "");
    EXPECT_EQ(addAddress(s, "eth0", lab.prefix("10.9.0.5/16")), "RTNETLINK answers: File exists");
    EXPECT_NE(s.lookup(lab.ip("10.9.7.7")), nullptr);
    EXPECT_EQ(removeAddress(s, "eth0", lab.prefix("10.9.0.5/16")), "");
    EXPECT_EQ(s.lookup(lab.ip("10.9.7.7")), nullptr);
    EXPECT_EQ(setMtu(s, "eth0", 10), "Error: mtu less than device minimum.");
}

TEST(Changes, Chains)
{
    SmallLab lab;
    Stack& s = lab.net.stack(lab.a);
    FirewallRule drop;
    drop.target = "DROP";
    EXPECT_EQ(appendRule(s, "filter", "INPUT", drop), "");
    EXPECT_EQ(appendRule(s, "filter", "NOPE", drop), "iptables: No chain/target/match by that name.");
    EXPECT_EQ(newChain(s, "filter", "LAB"), "");
    EXPECT_EQ(newChain(s, "filter", "LAB"), "iptables: Chain already exists.");
    drop.target = "LAB";
    EXPECT_EQ(insertRule(s, "filter", "INPUT", 1, drop), "");
    EXPECT_EQ(deleteChain(s, "filter", "LAB"), "iptables: Too many links.");
    s.filter["INPUT"].rules[0].packets = 12;
    EXPECT_EQ(deleteRule(s, "filter", "INPUT", drop), "");
    EXPECT_EQ(deleteChain(s, "filter", "LAB"), "");
    EXPECT_EQ(deleteRuleAt(s, "filter", "INPUT", 1), "");
    EXPECT_EQ(deleteRuleAt(s, "filter", "INPUT", 1), "iptables: Index of deletion too big.");
    EXPECT_EQ(setPolicy(s, "filter", "INPUT", "DROP"), "");
    EXPECT_EQ(s.filter["INPUT"].policy, "DROP");
}
