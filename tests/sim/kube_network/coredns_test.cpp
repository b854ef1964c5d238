#include "tests/sim/kube_network/network_lab.h"

namespace {

using namespace sim;
using namespace std::chrono_literals;

std::string changed(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

void restart(tests::NetworkLab& lab)
{
    std::vector<std::string> names;
    for (const auto& pod : lab.world.cluster().store().inNamespace<kube::Pod>("kube-system"))
        if (pod->metadata.name.rfind("coredns-", 0) == 0)
            names.push_back(pod->metadata.name);
    for (const std::string& name : names)
        lab.remove("pods", "kube-system", name);
}

std::string waitingReason(const tests::NetworkLab& lab)
{
    const auto pod = lab.pod("kube-system", "coredns-");
    const auto& statuses = pod->status.containerStatuses;
    return !statuses.empty() && statuses.front().state.waiting ? statuses.front().state.waiting->reason : std::string();
}

TEST(CoreDns, AnswersPodsByTheirSearchList)
{
    const tests::NetworkLab lab;
    const std::string checkout = lab.serviceAddress("shop", "checkout").text();
    EXPECT_EQ(lab.resolve("shop", "gateway-", "checkout"), checkout);
    EXPECT_EQ(lab.resolve("monitoring", "grafana-", "checkout.shop"), checkout);
    EXPECT_EQ(lab.resolve("monitoring", "grafana-", "checkout"), "");
    EXPECT_EQ(lab.resolve("llm", "embedder-", "kubernetes.default"), "10.96.0.1");
    EXPECT_EQ(lab.resolve("shop", "gateway-", "registry.lab"), "10.0.0.20");
    const NameAnswer answer = lab.world.resolve(lab.stackOf("shop", "gateway-"), "checkout");
    EXPECT_EQ(answer.canonicalName, "checkout.shop.svc.cluster.local");
    EXPECT_EQ(answer.server, "10.96.0.10");
    EXPECT_LT(answer.took, 5ms);
}

TEST(CoreDns, SilenceCostsTheResolversPatience)
{
    tests::NetworkLab lab;
    lab.policy("deny", {{"podSelector", nlohmann::json::object()}, {"policyTypes", {"Egress"}}});
    lab.advance(3s);
    const NameAnswer answer = lab.world.resolve(lab.stackOf("shop", "gateway-"), "checkout");
    EXPECT_EQ(answer.status, NameAnswer::Status::NoServer);
    EXPECT_EQ(answer.took, 20s); // two names, two attempts of five seconds each
}

TEST(CoreDns, AnUnknownDirectiveKeepsANewProcessFromStarting)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "loadbalance\n", "loadbalancer\n"));
    restart(lab);
    lab.advance(60s);
    EXPECT_EQ(waitingReason(lab), "CrashLoopBackOff");
    EXPECT_NE(lab.logsOf("kube-system", "coredns-").find("/etc/coredns/Corefile:22 - Error during parsing: Unknown directive 'loadbalancer'"),
              std::string::npos) << lab.logsOf("kube-system", "coredns-");
    EXPECT_EQ(lab.reach("shop", "gateway-", {0x0a60000a}, 53, net::Protocol::Udp), net::Verdict::Refused);
    EXPECT_LT(lab.world.telemetry().mean("sli.success", 30s), 0.01);
}

TEST(CoreDns, ARunningProcessKeepsItsConfigurationWhenTheNewOneIsWrong)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "loadbalance\n", "loadbalancer\n"));
    lab.advance(3min);
    EXPECT_NE(lab.resolve("shop", "gateway-", "checkout"), "");
    EXPECT_NE(lab.logsOf("kube-system", "coredns-").find("[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file "
                                                          "descriptors: /etc/coredns/Corefile:22 - Error during parsing: Unknown directive 'loadbalancer'"),
              std::string::npos) << lab.logsOf("kube-system", "coredns-");
    EXPECT_EQ(waitingReason(lab), "");
}

TEST(CoreDns, AnotherZoneIsReadWithinTwoMinutesAndDeniesTheServices)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "kubernetes cluster.local", "kubernetes cluster.internal"));
    EXPECT_NE(lab.resolve("shop", "gateway-", "checkout"), "");
    lab.advance(2min);
    const NameAnswer answer = lab.world.resolve(lab.stackOf("shop", "gateway-"), "checkout");
    EXPECT_EQ(answer.status, NameAnswer::Status::NotFound);
    EXPECT_EQ(lab.resolve("shop", "gateway-", "checkout.shop.svc.cluster.internal"), lab.serviceAddress("shop", "checkout").text());
    EXPECT_NE(lab.logsOf("kube-system", "coredns-").find("[INFO] Reloading complete"), std::string::npos);
    EXPECT_NE(lab.logsOf("shop", "gateway-").find("lookup checkout: no such host"), std::string::npos);
}

TEST(CoreDns, ForwardingToTheNodesStubResolverIsALoop)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "forward . /etc/resolv.conf", "forward . 127.0.0.53"));
    restart(lab);
    lab.advance(75s);
    EXPECT_EQ(waitingReason(lab), "CrashLoopBackOff");
    const std::string log = lab.logsOf("kube-system", "coredns-");
    EXPECT_NE(log.find("[FATAL] plugin/loop: Loop (127.0.0.1:"), std::string::npos);
    EXPECT_NE(log.find("-> :53) detected for zone \".\", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO "), std::string::npos);
}

TEST(CoreDns, WithoutTheLoopPluginALoopOnlyCostsOutsideNames)
{
    tests::NetworkLab lab;
    lab.corefile(changed(changed(lab.corefile(), "forward . /etc/resolv.conf", "forward . 127.0.0.53"), "    loop\n", ""));
    restart(lab);
    lab.advance(60s);
    EXPECT_NE(lab.resolve("shop", "gateway-", "checkout"), "");
    EXPECT_EQ(lab.resolve("shop", "gateway-", "registry.lab"), "");
}

TEST(CoreDns, WithoutItsUpstreamOnlyOutsideNamesFail)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "forward . /etc/resolv.conf", "log\n    forward . 10.0.0.20"));
    restart(lab);
    lab.advance(60s);
    EXPECT_NE(lab.resolve("shop", "gateway-", "checkout"), "");
    const auto exchange = lab.world.askDns(lab.stackOf("shop", "gateway-"), {0x0a60000a}, {"registry.lab", kube::DnsType::A});
    EXPECT_EQ(exchange.end, kube::DnsExchange::End::Answered);
    EXPECT_EQ(exchange.reply.code, kube::DnsCode::ServFail);
    ASSERT_FALSE(exchange.log.empty());
    EXPECT_NE(exchange.log.front().second.find("[ERROR] plugin/errors: 2 registry.lab. A: read udp "), std::string::npos);
    EXPECT_NE(lab.logsOf("kube-system", "coredns-").find("\"A IN checkout.shop.svc.cluster.local. udp"), std::string::npos);
}

TEST(CoreDns, AStoppedProcessIsSilent)
{
    tests::NetworkLab lab;
    std::vector<std::pair<HostId, host::Pid>> processes;
    for (const auto& [id, container] : lab.world.runtimes().containers())
        if (container.program.name == "coredns")
            processes.emplace_back(container.host, container.pid);
    for (const auto& [host, pid] : processes)
        lab.world.apply(Command{command::Signal{host, pid, 19}});
    EXPECT_EQ(lab.resolve("shop", "gateway-", "checkout"), "");
}

TEST(CoreDns, HostsAndRewriteComeBeforeTheCluster)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "    ready\n",
                         "    ready\n    rewrite name exact buy.shop.lab checkout.shop.svc.cluster.local\n    hosts {\n       10.9.9.9 old.lab\n"
                         "       fallthrough\n    }\n"));
    restart(lab);
    lab.advance(60s);
    EXPECT_EQ(lab.resolve("shop", "gateway-", "old.lab"), "10.9.9.9");
    EXPECT_EQ(lab.resolve("shop", "gateway-", "buy.shop.lab"), lab.serviceAddress("shop", "checkout").text());
    EXPECT_EQ(lab.resolve("shop", "gateway-", "registry.lab"), "10.0.0.20");
}

TEST(CoreDns, ExternalNamesAreFollowed)
{
    tests::NetworkLab lab;
    lab.create("services", {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", "images"}, {"namespace", "shop"}}},
                            {"spec", {{"type", "ExternalName"}, {"externalName", "registry.lab"}}}});
    EXPECT_EQ(lab.resolve("shop", "gateway-", "images"), "10.0.0.20");
}

TEST(CoreDns, ThePodsOwnPolicyDecidesWhomItAsks)
{
    tests::NetworkLab lab;
    lab.patch("deployments.apps", "shop", "gateway", {{"spec", {{"template", {{"spec", {{"dnsPolicy", "Default"}}}}}}}});
    lab.advance(60s);
    EXPECT_EQ(lab.resolve("shop", "gateway-", "checkout"), "");
    EXPECT_EQ(lab.resolve("shop", "gateway-", "registry.lab"), "10.0.0.20");
    EXPECT_NE(lab.resolve("shop", "checkout-", "postgres"), "");
    EXPECT_NE(lab.logsOf("shop", "gateway-").find("lookup checkout: no such host"), std::string::npos);
}

TEST(CoreDns, CopiesOfTheWorldGoOnAlike)
{
    tests::NetworkLab lab;
    lab.corefile(changed(lab.corefile(), "kubernetes cluster.local", "kubernetes cluster.internal"));
    World copy = lab.world;
    lab.advance(3min);
    copy.runUntil(lab.world.now());
    EXPECT_EQ(copy.fingerprint(), lab.world.fingerprint());
}

} // namespace
