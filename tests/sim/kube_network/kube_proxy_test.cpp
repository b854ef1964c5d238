#include "sim/kube/network/kube_proxy.h"
#include "tests/sim/kube_network/network_lab.h"

#include <algorithm>

namespace {

using namespace sim;
using namespace std::chrono_literals;

constexpr net::Ipv4 kDnsService{0x0a60000a}; // 10.96.0.10

bool hasRule(const net::Stack& machine, const std::string& table, const std::string& chain, const std::string& target, const std::string& comment)
{
    const auto& chains = table == "nat" ? machine.nat : machine.filter;
    const auto found = chains.find(chain);
    return found != chains.end()
        && std::any_of(found->second.rules.begin(), found->second.rules.end(),
                       [&](const net::FirewallRule& r) { return r.target == target && (comment.empty() || r.comment == comment); });
}

TEST(KubeProxy, ChainNamesAreTheRealOnes)
{
    // As every cluster shows them for kube-dns and the API, and as kube-proxy's own tests expect them.
    EXPECT_EQ(kube::serviceChainName("KUBE-SVC-", "kube-system/kube-dns:dns", "udp"), "KUBE-SVC-TCOU7JCQXEZGVUNU");
    EXPECT_EQ(kube::serviceChainName("KUBE-SVC-", "kube-system/kube-dns:dns-tcp", "tcp"), "KUBE-SVC-ERIFXISQEP7F7OF4");
    EXPECT_EQ(kube::serviceChainName("KUBE-SVC-", "default/kubernetes:https", "tcp"), "KUBE-SVC-NPX46M4PTMTKRN6Y");
    EXPECT_EQ(kube::serviceChainName("KUBE-SVC-", "ns1/svc1:p80", "tcp"), "KUBE-SVC-XPGD46QRK7WJZT7O");
    EXPECT_EQ(kube::endpointChainName("ns1/svc1:p80", "tcp", "10.180.0.1:80"), "KUBE-SEP-SXIVWICOYRO3J4NJ");
}

TEST(KubeProxy, EveryNodeKnowsTheEndpointsOfTheNameServer)
{
    const tests::NetworkLab lab;
    for (const char* node : {"cp-1", "worker-1", "gpu-2"}) {
        const net::Stack& machine = lab.machine(node);
        EXPECT_TRUE(hasRule(machine, "nat", "KUBE-SERVICES", "KUBE-SVC-TCOU7JCQXEZGVUNU", "kube-system/kube-dns:dns cluster IP")) << node;
        const auto backends = kube::serviceBackends(machine, kDnsService, net::Protocol::Udp, 53);
        EXPECT_EQ(backends.size(), 2u) << node;
        EXPECT_EQ(machine.nat.at("KUBE-SERVICES").rules.back().target, "KUBE-NODEPORTS");
        EXPECT_EQ(machine.nat.at("KUBE-SVC-TCOU7JCQXEZGVUNU").rules[1].match, "statistic 0.50000000000");
    }
}

TEST(KubeProxy, ConnectionsSpreadOverTheEndpoints)
{
    const tests::NetworkLab lab;
    const StackId gateway = lab.stackOf("shop", "gateway-");
    const net::Ipv4 checkout = lab.serviceAddress("shop", "checkout");
    std::map<std::uint32_t, int> hits;
    constexpr int kConnections = 600;
    for (std::uint64_t chance = 0; chance < kConnections; ++chance) {
        const net::PathResult path = lab.world.network().reach(gateway, checkout, net::Protocol::Tcp, 8080, chance * 0x9e3779b97f4a7c15ULL);
        ASSERT_EQ(path.verdict, net::Verdict::Delivered);
        EXPECT_EQ(path.reachedPort, 8080);
        ++hits[path.reached.value];
    }
    ASSERT_EQ(hits.size(), 6u);
    for (const auto& [address, count] : hits)
        EXPECT_NEAR(count, kConnections / 6, 40);
}

TEST(KubeProxy, AServiceWithoutEndpointsIsRejected)
{
    tests::NetworkLab lab;
    lab.patch("services", "kube-system", "kube-dns", {{"spec", {{"selector", {{"k8s-app", "nothing"}}}}}});
    lab.advance(5s);
    EXPECT_TRUE(hasRule(lab.machine("worker-1"), "filter", "KUBE-SERVICES", "REJECT", "kube-system/kube-dns:dns has no endpoints"));
    EXPECT_EQ(lab.reach("shop", "gateway-", kDnsService, 53, net::Protocol::Udp), net::Verdict::Refused);
}

TEST(KubeProxy, ADeadProxyLeavesItsNodesRulesAsTheyWere)
{
    tests::NetworkLab lab;
    lab.patch("daemonsets.apps", "kube-system", "kube-proxy", {{"spec", {{"template", {{"spec", {{"nodeSelector", {{"no", "where"}}}}}}}}}});
    lab.advance(90s);
    for (const auto& pod : lab.world.cluster().store().inNamespace<kube::Pod>("kube-system"))
        ASSERT_NE(pod->metadata.name.substr(0, 10), "kube-proxy") << pod->metadata.name;
    const auto before = lab.machine("worker-1").nat;
    lab.patch("deployments.apps", "shop", "cart", {{"spec", {{"replicas", 4}}}});
    lab.advance(60s);
    EXPECT_EQ(lab.machine("worker-1").nat, before);
}

TEST(KubeProxy, FlushedRulesComeBack)
{
    tests::NetworkLab lab;
    command::FirewallChange flush;
    flush.stack = lab.world.machine("worker-1")->stack;
    flush.table = "nat";
    flush.verb = command::FirewallChange::Verb::Flush;
    ASSERT_TRUE(lab.world.apply(Command{flush}).ok);
    EXPECT_TRUE(kube::serviceBackends(lab.machine("worker-1"), kDnsService, net::Protocol::Udp, 53).empty());
    lab.advance(35s);
    EXPECT_EQ(kube::serviceBackends(lab.machine("worker-1"), kDnsService, net::Protocol::Udp, 53).size(), 2u);
    EXPECT_TRUE(hasRule(lab.machine("worker-1"), "nat", "PREROUTING", "KUBE-SERVICES", "kubernetes service portals"));
}

TEST(KubeProxy, ANodePortIsOpenOnEveryMachine)
{
    tests::NetworkLab lab;
    lab.patch("services", "shop", "gateway", {{"spec", {{"type", "NodePort"}}}});
    lab.advance(3s);
    const auto service = lab.world.cluster().store().get<kube::Service>({"shop", "gateway"});
    const std::int64_t port = service->spec.ports.front().nodePort;
    ASSERT_GE(port, 30'000);
    const StackId bastion = lab.world.machine("bastion")->stack;
    for (const char* node : {"worker-1", "worker-2", "worker-3", "cp-2"}) {
        const net::Ipv4 address = *lab.machine(node).primaryAddress();
        EXPECT_EQ(lab.world.reach(bastion, address, net::Protocol::Tcp, port).verdict, net::Verdict::Delivered) << node;
    }
    // With policy Local only the nodes that run an endpoint answer, the others are silent.
    lab.patch("services", "shop", "gateway", {{"spec", {{"externalTrafficPolicy", "Local"}}}});
    lab.advance(3s);
    std::set<std::string> with;
    for (const auto& pod : lab.world.cluster().store().inNamespace<kube::Pod>("shop"))
        if (pod->metadata.name.rfind("gateway-", 0) == 0)
            with.insert(pod->spec.nodeName);
    for (const char* node : {"worker-1", "worker-2", "worker-3", "cp-2"}) {
        const net::Ipv4 address = *lab.machine(node).primaryAddress();
        EXPECT_EQ(lab.world.reach(bastion, address, net::Protocol::Tcp, port).verdict == net::Verdict::Delivered, with.count(node) > 0) << node;
    }
}

TEST(KubeProxy, OneClientKeepsItsEndpointWithClientIpAffinity)
{
    tests::NetworkLab lab;
    lab.patch("services", "shop", "checkout", {{"spec", {{"sessionAffinity", "ClientIP"}}}});
    lab.advance(3s);
    const StackId gateway = lab.stackOf("shop", "gateway-");
    std::set<std::uint32_t> met;
    for (std::uint64_t chance = 0; chance < 50; ++chance)
        met.insert(lab.world.network().reach(gateway, lab.serviceAddress("shop", "checkout"), net::Protocol::Tcp, 8080, chance).reached.value);
    EXPECT_EQ(met.size(), 1u);
}

} // namespace
