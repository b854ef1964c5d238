#include "tests/sim/net/small_lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

// Marks, draws and sets: what kube-proxy's and felix's rules are made of.
namespace {

using namespace sim::net;

FirewallRule matching(const char* target, const char* match, const char* options = "")
{
    FirewallRule r = SmallLab::rule(target);
    r.match = match;
    r.targetOptions = options;
    return r;
}

TEST(Rules, AMarkIsSetClearedAndAskedFor)
{
    SmallLab lab;
    auto& forward = lab.net.stack(lab.b).filter["FORWARD"];
    forward.policy = "DROP";
    forward.rules = {matching("MARK", "", "--set-xmark 0x4000/0x4000"), matching("ACCEPT", "mark 0x4000/0x4000")};
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::Delivered);
    forward.rules.insert(forward.rules.begin() + 1, matching("MARK", "", "--set-xmark 0x4000/0x0"));
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::TimedOut);
    forward.rules.push_back(matching("ACCEPT", "mark !0x4000/0x4000"));
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::Delivered);
}

TEST(Rules, AMarkDoesNotLeaveItsMachine)
{
    SmallLab lab;
    lab.net.stack(lab.a).filter["FORWARD"] = {"ACCEPT", {matching("MARK", "", "--set-xmark 0x1/0x1")}};
    lab.net.stack(lab.b).filter["FORWARD"] = {"ACCEPT", {matching("DROP", "mark 0x1/0x1")}};
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::Delivered);
}

TEST(Rules, DrawsFollowThePacketsSeedAndHitTheirShare)
{
    SmallLab lab;
    lab.net.stack(lab.b).filter["FORWARD"] = {"ACCEPT", {matching("DROP", "statistic 0.30000000000")}};
    int dropped = 0;
    constexpr int kPackets = 2000;
    for (std::uint64_t chance = 0; chance < kPackets; ++chance) {
        const auto verdict = lab.net.reach(lab.podA, SmallLab::ip("10.244.2.9"), Protocol::Tcp, 8080, chance).verdict;
        EXPECT_EQ(verdict, lab.net.reach(lab.podA, SmallLab::ip("10.244.2.9"), Protocol::Tcp, 8080, chance).verdict);
        dropped += verdict == Verdict::TimedOut ? 1 : 0;
    }
    // The answer passes the same rule with the same packet's next draw, so a connection lives when neither is hit.
    EXPECT_NEAR(dropped, kPackets * (1 - 0.7 * 0.7), 5 * std::sqrt(kPackets * 0.51 * 0.49));
}

TEST(Rules, ASetKnowsAddressesHolesAndPorts)
{
    SmallLab lab;
    IpSet set;
    set.members = {{SmallLab::prefix("10.244.1.0/24"), Protocol::Any, 0}};
    set.except = {SmallLab::prefix("10.244.1.0/28")};
    EXPECT_FALSE(set.contains(SmallLab::ip("10.244.1.7"), Protocol::Tcp, 1));
    EXPECT_TRUE(set.contains(SmallLab::ip("10.244.1.17"), Protocol::Tcp, 1));
    EXPECT_FALSE(set.contains(SmallLab::ip("10.244.2.17"), Protocol::Tcp, 1));
    IpSet ports;
    ports.members = {{SmallLab::prefix("10.244.2.9/32"), Protocol::Tcp, 8080}};
    EXPECT_TRUE(ports.contains(SmallLab::ip("10.244.2.9"), Protocol::Tcp, 8080));
    EXPECT_FALSE(ports.contains(SmallLab::ip("10.244.2.9"), Protocol::Udp, 8080));
    EXPECT_FALSE(ports.contains(SmallLab::ip("10.244.2.9"), Protocol::Tcp, 8081));
    auto& node = lab.net.stack(lab.b);
    node.ipsets["peers"].members = {{SmallLab::prefix("10.244.1.7/32"), Protocol::Any, 0}};
    node.ipsets["ports"] = ports;
    node.filter["FORWARD"] = {"DROP", {matching("ACCEPT", "ctstate ESTABLISHED"), matching("ACCEPT", "set peers src set ports dst,dst")}};
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::Delivered);
    EXPECT_EQ(lab.tcp(lab.a, "10.244.2.9", 8080).verdict, Verdict::TimedOut);
    node.filter["FORWARD"].rules[1].match = "set missing src";
    EXPECT_EQ(lab.tcp(lab.podA, "10.244.2.9", 8080).verdict, Verdict::TimedOut);
}

TEST(Rules, TheExplainedWayIsTheWalkedOne)
{
    SmallLab lab;
    FirewallRule toPod = SmallLab::rule("DNAT");
    toPod.destination = SmallLab::prefix("10.96.0.10/32");
    toPod.protocol = Protocol::Tcp;
    toPod.targetOptions = "to:10.244.2.9:8080";
    toPod.comment = "shop/web";
    lab.net.stack(lab.a).nat["PREROUTING"] = {"ACCEPT", {toPod}};
    const PathResult path = lab.net.explain(lab.podA, SmallLab::ip("10.96.0.10"), Protocol::Tcp, 80);
    EXPECT_EQ(path.verdict, Verdict::Delivered);
    EXPECT_EQ(path.reached, SmallLab::ip("10.244.2.9"));
    EXPECT_EQ(path.reachedPort, 8080);
    std::vector<PathStep::Kind> kinds;
    for (const PathStep& step : path.steps)
        if (step.kind != PathStep::Kind::Switched)
            kinds.push_back(step.kind);
    using Kind = PathStep::Kind;
    EXPECT_EQ(kinds, (std::vector<Kind>{Kind::Sent, Kind::Received, Kind::DestinationNat, Kind::Routed, Kind::Received, Kind::Routed,
                                        Kind::Received, Kind::Delivered}));
    EXPECT_EQ(path.steps[2].comment, "shop/web");
    EXPECT_TRUE(lab.net.reach(lab.podA, SmallLab::ip("10.96.0.10"), Protocol::Tcp, 80).steps.empty());
}

} // namespace
