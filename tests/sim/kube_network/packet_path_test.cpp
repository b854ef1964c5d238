#include "tests/sim/kube_network/network_lab.h"

#include <algorithm>

namespace {

using namespace sim;
using namespace std::chrono_literals;
using kube::PathHop;

constexpr net::Ipv4 kNameServer{0x0a60000a};

const PathHop* hopOf(const kube::PacketPath& path, PathHop::Kind kind)
{
    const auto found = std::find_if(path.hops.begin(), path.hops.end(), [&](const PathHop& hop) { return hop.kind == kind; });
    return found == path.hops.end() ? nullptr : &*found;
}

TEST(PacketPath, AQuestionGoesOverTheServicesRuleToACoreDnsPod)
{
    const tests::NetworkLab lab;
    const kube::PacketPath path = lab.world.packetPath(lab.stackOf("shop", "gateway-"), kNameServer, net::Protocol::Udp, 53);
    ASSERT_TRUE(path.delivered()) << path.stoppedBy;
    EXPECT_EQ(path.hops.front().kind, PathHop::Kind::Pod);
    EXPECT_EQ(path.hops.front().name, "shop/" + lab.pod("shop", "gateway-")->metadata.name);
    EXPECT_EQ(path.hops.front().destination, kNameServer);
    const PathHop* service = hopOf(path, PathHop::Kind::Service);
    ASSERT_NE(service, nullptr);
    EXPECT_EQ(service->name, lab.pod("shop", "gateway-")->spec.nodeName);
    EXPECT_EQ(service->about, "kube-system/kube-dns:dns");
    EXPECT_EQ(path.hops.back().kind, PathHop::Kind::Pod);
    EXPECT_EQ(path.hops.back().name.rfind("kube-system/coredns-", 0), 0u);
    EXPECT_EQ(path.hops.back().destination, service->destination);
    EXPECT_GT(path.rtt, 0ns);
}

TEST(PacketPath, AgreesWithWhatConnectsAndWithTraceroute)
{
    const tests::NetworkLab lab;
    for (const char* to : {"checkout-", "cart-", "postgres-"}) {
        const StackId from = lab.stackOf("shop", "gateway-");
        const net::Ipv4 address = lab.addressOf("shop", to);
        const kube::PacketPath path = lab.world.packetPath(from, address, net::Protocol::Tcp, 8080);
        const net::PathResult walked = lab.world.reach(from, address, net::Protocol::Tcp, 8080);
        EXPECT_EQ(path.verdict, walked.verdict);
        EXPECT_EQ(path.rtt, walked.rtt);
        // Machines that route the packet are the hops that traceroute shows, and then the pod itself.
        std::size_t machines = 0;
        for (const PathHop& hop : path.hops)
            machines += hop.kind == PathHop::Kind::Machine ? 1 : 0;
        const auto shown = std::count_if(walked.hops.begin(), walked.hops.end(), [](const net::Hop& hop) { return hop.address != net::Ipv4{}; });
        EXPECT_EQ(machines + 1, static_cast<std::size_t>(shown)) << to;
    }
}

TEST(PacketPath, ThePolicyThatStopsItIsNamed)
{
    tests::NetworkLab lab;
    lab.policy("deny-egress", {{"podSelector", nlohmann::json::object()}, {"policyTypes", {"Egress"}}});
    lab.advance(3s);
    const kube::PacketPath path = lab.world.packetPath(lab.stackOf("shop", "gateway-"), kNameServer, net::Protocol::Udp, 53);
    EXPECT_EQ(path.verdict, net::Verdict::TimedOut);
    EXPECT_EQ(path.hops.back().kind, PathHop::Kind::Policy);
    EXPECT_EQ(path.hops.back().about, "shop/deny-egress");
}

TEST(PacketPath, ARuleOfTheMachineAndAMissingListenerAreOtherEnds)
{
    tests::NetworkLab lab;
    const StackId from = lab.stackOf("shop", "gateway-");
    const kube::PacketPath closed = lab.world.packetPath(from, lab.addressOf("shop", "checkout-"), net::Protocol::Tcp, 81);
    EXPECT_EQ(closed.verdict, net::Verdict::Refused);
    EXPECT_EQ(closed.hops.back().kind, PathHop::Kind::Stop);
    command::FirewallChange drop;
    drop.stack = lab.world.machine("registry")->stack;
    drop.chain = "INPUT";
    drop.rule.target = "DROP";
    drop.rule.comment = "hardening";
    ASSERT_TRUE(lab.world.apply(Command{drop}).ok);
    const kube::PacketPath dropped = lab.world.packetPath(from, *lab.machine("registry").primaryAddress(), net::Protocol::Tcp, 5000);
    EXPECT_EQ(dropped.hops.back().kind, PathHop::Kind::Firewall);
    EXPECT_EQ(dropped.hops.back().name, "registry");
    EXPECT_EQ(dropped.hops.back().about, "hardening");
    EXPECT_NE(hopOf(dropped, PathHop::Kind::Masquerade), nullptr);
}

TEST(PacketPath, FromANameItHasTheQuestionAndTheConnection)
{
    tests::NetworkLab lab;
    const kube::NamedPath path = lab.world.packetPath(lab.stackOf("shop", "gateway-"), "checkout", net::Protocol::Tcp, 8080);
    EXPECT_TRUE(path.question.delivered());
    ASSERT_TRUE(path.connection);
    EXPECT_TRUE(path.connection->delivered());
    EXPECT_EQ(hopOf(*path.connection, PathHop::Kind::Service)->about, "shop/checkout:http");
    lab.patch("deployments.apps", "kube-system", "coredns", {{"spec", {{"replicas", 0}}}});
    lab.advance(60s);
    const kube::NamedPath broken = lab.world.packetPath(lab.stackOf("shop", "gateway-"), "checkout", net::Protocol::Tcp, 8080);
    EXPECT_FALSE(broken.connection);
    EXPECT_EQ(broken.question.verdict, net::Verdict::Refused);
    EXPECT_EQ(broken.question.hops.back().about, "kube-system/kube-dns:dns has no endpoints");
}

} // namespace
