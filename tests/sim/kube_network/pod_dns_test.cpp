#include "sim/kube/network/dns_exchange.h"
#include "sim/kube/network/pod_dns.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::kube;

constexpr const char* kHostFile = "search lab\nnameserver 10.0.0.2\n";

Pod podIn(const std::string& space, const std::string& policy)
{
    Pod pod;
    pod.metadata.name = "web-0";
    pod.metadata.namespace_ = space;
    pod.spec.dnsPolicy = policy;
    return pod;
}

const KubeletDns kNodeDns{{"10.96.0.10"}, "cluster.local"};

TEST(PodDns, ThePolicyDecidesWhatTheFileStartsFrom)
{
    EXPECT_EQ(podResolvConf(podIn("shop", "ClusterFirst"), kNodeDns, kHostFile),
              "search shop.svc.cluster.local svc.cluster.local cluster.local lab\nnameserver 10.96.0.10\noptions ndots:5\n");
    EXPECT_EQ(podResolvConf(podIn("shop", "Default"), kNodeDns, kHostFile), "search lab\nnameserver 10.0.0.2\n");
    Pod host = podIn("shop", "ClusterFirst");
    host.spec.hostNetwork = true;
    EXPECT_EQ(podResolvConf(host, kNodeDns, kHostFile), "search lab\nnameserver 10.0.0.2\n");
    host.spec.dnsPolicy = "ClusterFirstWithHostNet";
    EXPECT_NE(podResolvConf(host, kNodeDns, kHostFile).find("nameserver 10.96.0.10"), std::string::npos);
    EXPECT_EQ(podResolvConf(podIn("shop", "ClusterFirst"), KubeletDns{}, kHostFile), "search lab\nnameserver 10.0.0.2\n");
}

TEST(PodDns, DnsConfigIsMergedIn)
{
    Pod pod = podIn("shop", "ClusterFirst");
    pod.spec.dnsConfig = PodDnsConfig{{"10.0.0.53", "10.96.0.10"}, {{"ndots", "2"}, {"edns0", std::nullopt}}, {"example.com"}};
    EXPECT_EQ(podResolvConf(pod, kNodeDns, kHostFile),
              "search shop.svc.cluster.local svc.cluster.local cluster.local lab example.com\nnameserver 10.96.0.10\n"
              "nameserver 10.0.0.53\noptions ndots:2 edns0\n");
    pod.spec.dnsPolicy = "None";
    EXPECT_EQ(podResolvConf(pod, kNodeDns, kHostFile),
              "search example.com\nnameserver 10.0.0.53\nnameserver 10.96.0.10\noptions ndots:2 edns0\n");
}

TEST(PodDns, TheKubeletsFileIsRead)
{
    EXPECT_EQ(kubeletDnsOf("kind: KubeletConfiguration\nclusterDNS:\n- 10.96.0.53\nclusterDomain: lab.internal\n"),
              (KubeletDns{{"10.96.0.53"}, "lab.internal"}));
    EXPECT_EQ(kubeletDnsOf("not: [yaml"), KubeletDns{});
}

TEST(PodDns, NdotsDecidesWhichNameIsTriedFirst)
{
    const ResolverConfig config = resolverConfigOf("search shop.svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:2\n");
    EXPECT_EQ(candidateNames(config, "checkout"),
              (std::vector<std::string>{"checkout.shop.svc.cluster.local", "checkout.cluster.local", "checkout"}));
    EXPECT_EQ(candidateNames(config, "a.b.c"), (std::vector<std::string>{"a.b.c", "a.b.c.shop.svc.cluster.local", "a.b.c.cluster.local"}));
    EXPECT_EQ(candidateNames(config, "checkout."), std::vector<std::string>{"checkout"});
    EXPECT_EQ(resolverConfigOf("").ndots, 1);
}

} // namespace
