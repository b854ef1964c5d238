#include "tests/sim/kube_network/network_lab.h"

namespace {

using namespace sim;
using namespace std::chrono_literals;
using net::Verdict;
using nlohmann::json;

constexpr net::Ipv4 kDnsAddress{0x0a60000a};

json everywhere() { return json::object(); }
json label(const char* app) { return {{"matchLabels", {{"app", app}}}}; }

TEST(NetworkPolicy, WithoutPoliciesEverybodyReachesEverybody)
{
    const tests::NetworkLab lab;
    EXPECT_EQ(lab.reach("monitoring", "grafana-", lab.addressOf("shop", "checkout-"), 8080), Verdict::Delivered);
    EXPECT_EQ(lab.machine("worker-1").filter.count("cali-FORWARD"), 0u);
}

TEST(NetworkPolicy, AnEmptyIngressListDeniesAllButWhatTheNodeSends)
{
    tests::NetworkLab lab;
    lab.policy("deny", {{"podSelector", label("checkout")}, {"policyTypes", {"Ingress"}}});
    lab.advance(3s);
    EXPECT_EQ(lab.reach("monitoring", "grafana-", lab.addressOf("shop", "checkout-"), 8080), Verdict::TimedOut);
    EXPECT_EQ(lab.reach("shop", "gateway-", lab.serviceAddress("shop", "checkout"), 8080), Verdict::TimedOut);
    EXPECT_EQ(lab.reach("shop", "gateway-", lab.addressOf("shop", "cart-"), 8080), Verdict::Delivered);
    // Probes come from the pod's own node.
    const StackId node = lab.world.machine(lab.pod("shop", "checkout-")->spec.nodeName)->stack;
    EXPECT_EQ(lab.world.reach(node, lab.addressOf("shop", "checkout-"), net::Protocol::Tcp, 8080).verdict, Verdict::Delivered);
    lab.advance(60s);
    EXPECT_LT(lab.world.telemetry().mean("sli.success", 30s), 0.01);
    lab.remove("networkpolicies.networking.k8s.io", "shop", "deny");
    lab.advance(60s);
    EXPECT_GT(lab.world.telemetry().mean("sli.success", 30s), 0.99);
}

TEST(NetworkPolicy, PeersAreChosenByPodAndNamespaceLabels)
{
    tests::NetworkLab lab;
    lab.policy("from", {{"podSelector", label("checkout")},
                        {"ingress", json::array({{{"from", json::array({{{"podSelector", label("gateway")}},
                                                                        {{"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", "monitoring"}}}}},
                                                                         {"podSelector", label("prometheus")}}})}}})}});
    lab.advance(3s);
    const net::Ipv4 checkout = lab.addressOf("shop", "checkout-");
    EXPECT_EQ(lab.reach("shop", "gateway-", checkout, 8080), Verdict::Delivered);
    EXPECT_EQ(lab.reach("shop", "cart-", checkout, 8080), Verdict::TimedOut);
    EXPECT_EQ(lab.reach("monitoring", "prometheus-", checkout, 8080), Verdict::Delivered);
    EXPECT_EQ(lab.reach("monitoring", "grafana-", checkout, 8080), Verdict::TimedOut);
    // A relabelled pod is another peer.
    const StackId relabelled = lab.stackOf("shop", "cart-");
    lab.patch("pods", "shop", lab.pod("shop", "cart-")->metadata.name, {{"metadata", {{"labels", {{"app", "gateway"}}}}}});
    lab.advance(3s);
    EXPECT_EQ(lab.world.reach(relabelled, checkout, net::Protocol::Tcp, 8080).verdict, Verdict::Delivered);
}

TEST(NetworkPolicy, PortsCountByNumberRangeNameAndProtocol)
{
    tests::NetworkLab lab;
    const net::Ipv4 postgres = lab.addressOf("shop", "postgres-");
    const auto allow = [&](json port) {
        lab.policy("ports", {{"podSelector", label("postgres")}, {"ingress", json::array({{{"ports", json::array({std::move(port)})}}})}});
        lab.advance(3s);
        const Verdict verdict = lab.reach("shop", "checkout-", postgres, 5432);
        lab.remove("networkpolicies.networking.k8s.io", "shop", "ports");
        lab.advance(3s);
        return verdict;
    };
    EXPECT_EQ(allow({{"port", 5432}}), Verdict::Delivered);
    EXPECT_EQ(allow({{"port", 5000}, {"endPort", 6000}}), Verdict::Delivered);
    EXPECT_EQ(allow({{"port", "http"}}), Verdict::Delivered); // the name that the lab's manifest gives it
    EXPECT_EQ(allow({{"port", 5433}}), Verdict::TimedOut);
    EXPECT_EQ(allow({{"port", 5432}, {"protocol", "UDP"}}), Verdict::TimedOut);
    EXPECT_EQ(allow({{"port", "sql"}}), Verdict::TimedOut);
}

TEST(NetworkPolicy, BlocksOfAddressesHaveHoles)
{
    tests::NetworkLab lab;
    const net::Ipv4 registry = *lab.machine("registry").primaryAddress();
    const auto egress = [&](json block) {
        lab.policy("out", {{"podSelector", label("cart")}, {"policyTypes", {"Egress"}},
                           {"egress", json::array({{{"to", json::array({{{"ipBlock", std::move(block)}}})}}})}});
        lab.advance(3s);
        const Verdict verdict = lab.reach("shop", "cart-", registry, 5000);
        lab.remove("networkpolicies.networking.k8s.io", "shop", "out");
        lab.advance(3s);
        return verdict;
    };
    EXPECT_EQ(egress({{"cidr", "10.0.0.0/24"}}), Verdict::Delivered);
    EXPECT_EQ(egress({{"cidr", "10.0.0.0/24"}, {"except", {"10.0.0.16/28"}}}), Verdict::TimedOut);
    EXPECT_EQ(egress({{"cidr", "192.168.0.0/16"}}), Verdict::TimedOut);
}

TEST(NetworkPolicy, PoliciesAddUp)
{
    tests::NetworkLab lab;
    lab.policy("deny", {{"podSelector", everywhere()}, {"policyTypes", {"Egress"}}});
    lab.advance(3s);
    EXPECT_EQ(lab.resolve("shop", "gateway-", "checkout"), "");
    lab.policy("dns", {{"podSelector", everywhere()}, {"policyTypes", {"Egress"}},
                       {"egress", json::array({{{"ports", json::array({{{"port", 53}, {"protocol", "UDP"}}})}}})}});
    lab.advance(3s);
    EXPECT_EQ(lab.resolve("shop", "gateway-", "checkout"), lab.serviceAddress("shop", "checkout").text());
    EXPECT_EQ(lab.reach("shop", "gateway-", lab.serviceAddress("shop", "checkout"), 8080), Verdict::TimedOut);
}

TEST(NetworkPolicy, DnsIsJudgedByTheCoreDnsPodAndNotByTheService)
{
    tests::NetworkLab lab;
    lab.policy("service-only", {{"podSelector", everywhere()}, {"policyTypes", {"Egress"}},
                                {"egress", json::array({{{"to", json::array({{{"ipBlock", {{"cidr", "10.96.0.0/12"}}}}})}}})}});
    lab.advance(3s);
    EXPECT_EQ(lab.reach("shop", "gateway-", kDnsAddress, 53, net::Protocol::Udp), Verdict::TimedOut);
}

TEST(NetworkPolicy, RulesStandWhileFelixIsDead)
{
    tests::NetworkLab lab;
    lab.policy("deny", {{"podSelector", label("checkout")}, {"policyTypes", {"Ingress"}}});
    lab.advance(3s);
    lab.patch("daemonsets.apps", "kube-system", "calico-node", {{"spec", {{"template", {{"spec", {{"nodeSelector", {{"no", "where"}}}}}}}}}});
    lab.advance(90s);
    lab.remove("networkpolicies.networking.k8s.io", "shop", "deny");
    lab.advance(10s);
    EXPECT_EQ(lab.reach("shop", "gateway-", lab.addressOf("shop", "checkout-"), 8080), Verdict::TimedOut);
}

} // namespace
