#include "sim/kube/network/cluster_zone.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::kube;

/// A few Services as the store holds them.
class ClusterZone : public ::testing::Test {
protected:
    ClusterZone()
    {
        plugin.zones = {"cluster.local", "in-addr.arpa"};
        plugin.pods = sim::programs::KubernetesPlugin::Pods::Insecure;
        plugin.ttl = 30;
        plugin.fallsThrough = true;
        plugin.fallthroughZones = {"in-addr.arpa"};
        Namespace space;
        space.metadata.name = "shop";
        store.create(space, {}, random);
        add("checkout", "10.96.3.1", "http", {"10.244.1.2", "10.244.2.2"}, {});
        add("db", "None", "sql", {"10.244.1.7", "10.244.2.7"}, {"db-0", "db-1"});
        add("empty", "None", "sql", {}, {});
        Service outside;
        outside.metadata.name = "files";
        outside.metadata.namespace_ = "shop";
        outside.spec.type = "ExternalName";
        outside.spec.externalName = "Registry.lab";
        store.create(outside, {}, random);
    }

    void add(const std::string& name, const std::string& clusterIp, const std::string& port, const std::vector<std::string>& addresses,
             const std::vector<std::string>& hosts)
    {
        Service service;
        service.metadata.name = name;
        service.metadata.namespace_ = "shop";
        service.spec.clusterIP = clusterIp;
        ServicePort one;
        one.name = port;
        one.port = 80;
        one.protocol = "TCP";
        service.spec.ports.push_back(one);
        store.create(service, {}, random);
        EndpointSlice slice;
        slice.metadata.name = name + "-abcde";
        slice.metadata.namespace_ = "shop";
        slice.metadata.labels = {{"kubernetes.io/service-name", name}};
        slice.ports.push_back({port, 8080, "TCP"});
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            SliceEndpoint endpoint;
            endpoint.addresses = {addresses[i]};
            if (i < hosts.size())
                endpoint.hostname = hosts[i];
            slice.endpoints.push_back(endpoint);
        }
        store.create(slice, {}, random);
    }

    DnsReply ask(const std::string& name, DnsType type = DnsType::A)
    {
        const auto reply = answerFromCluster(store, plugin, {name, type});
        EXPECT_TRUE(reply) << name;
        return reply.value_or(DnsReply{});
    }
    static std::vector<std::string> data(const DnsReply& reply)
    {
        std::vector<std::string> all;
        for (const DnsRecord& record : reply.answers)
            all.push_back(record.data);
        return all;
    }
    using Texts = std::vector<std::string>;

    sim::RandomStream random{1, "tests"};
    Store store;
    sim::programs::KubernetesPlugin plugin;
};

TEST_F(ClusterZone, AServiceHasItsClusterAddress)
{
    const DnsReply reply = ask("checkout.shop.svc.cluster.local");
    EXPECT_EQ(data(reply), Texts{"10.96.3.1"});
    EXPECT_TRUE(reply.authoritative);
    EXPECT_EQ(reply.answers.front().ttl, 30);
}

TEST_F(ClusterZone, AHeadlessServiceHasItsPodsAndTheirNames)
{
    EXPECT_EQ(data(ask("db.shop.svc.cluster.local")), (Texts{"10.244.1.7", "10.244.2.7"}));
    EXPECT_EQ(data(ask("db-1.db.shop.svc.cluster.local")), Texts{"10.244.2.7"});
    EXPECT_EQ(ask("db-2.db.shop.svc.cluster.local").code, DnsCode::NxDomain);
    EXPECT_EQ(ask("empty.shop.svc.cluster.local").code, DnsCode::NxDomain);
}

TEST_F(ClusterZone, PortsAreServiceRecords)
{
    const DnsReply reply = ask("_http._tcp.checkout.shop.svc.cluster.local", DnsType::Srv);
    EXPECT_EQ(data(reply), Texts{"0 100 80 checkout.shop.svc.cluster.local."});
    EXPECT_EQ(reply.additional.front().data, "10.96.3.1");
    EXPECT_EQ(data(ask("_sql._tcp.db.shop.svc.cluster.local", DnsType::Srv)),
              (Texts{"0 100 8080 db-0.db.shop.svc.cluster.local.", "0 100 8080 db-1.db.shop.svc.cluster.local."}));
    EXPECT_EQ(ask("_http._udp.checkout.shop.svc.cluster.local", DnsType::Srv).code, DnsCode::NxDomain);
}

TEST_F(ClusterZone, ExternalNamesAreAliases)
{
    const DnsReply reply = ask("files.shop.svc.cluster.local");
    ASSERT_EQ(reply.answers.size(), 1u);
    EXPECT_EQ(reply.answers.front().type, DnsType::Cname);
    EXPECT_EQ(reply.answers.front().data, "registry.lab.");
}

TEST_F(ClusterZone, WhatIsNotThereIsDeniedWithTheZonesAuthority)
{
    for (const char* name : {"cart.shop.svc.cluster.local", "checkout.web.svc.cluster.local", "checkout.shop.cluster.local", "a.b.cluster.local"}) {
        const DnsReply reply = ask(name);
        EXPECT_EQ(reply.code, DnsCode::NxDomain) << name;
        ASSERT_TRUE(reply.authority) << name;
        EXPECT_EQ(reply.authority->name, "cluster.local");
    }
    for (const char* name : {"shop.svc.cluster.local", "svc.cluster.local", "cluster.local"}) {
        EXPECT_EQ(ask(name).code, DnsCode::NoError) << name;
        EXPECT_TRUE(ask(name).answers.empty()) << name;
    }
    const DnsReply six = ask("checkout.shop.svc.cluster.local", DnsType::Aaaa);
    EXPECT_EQ(six.code, DnsCode::NoError);
    EXPECT_TRUE(six.answers.empty());
}

TEST_F(ClusterZone, PodNamesAreTheirAddresses)
{
    EXPECT_EQ(data(ask("10-244-1-2.shop.pod.cluster.local")), Texts{"10.244.1.2"});
    EXPECT_EQ(ask("web.shop.pod.cluster.local").code, DnsCode::NxDomain);
    plugin.pods = sim::programs::KubernetesPlugin::Pods::Verified;
    EXPECT_EQ(ask("10-244-1-2.shop.pod.cluster.local").code, DnsCode::NxDomain);
}

TEST_F(ClusterZone, ReverseNamesFallThroughWhenNobodyHasTheAddress)
{
    EXPECT_EQ(data(ask("1.3.96.10.in-addr.arpa", DnsType::Ptr)), Texts{"checkout.shop.svc.cluster.local."});
    EXPECT_EQ(data(ask("7.2.244.10.in-addr.arpa", DnsType::Ptr)), Texts{"db-1.db.shop.svc.cluster.local."});
    EXPECT_FALSE(answerFromCluster(store, plugin, {"9.9.9.9.in-addr.arpa", DnsType::Ptr}));
    EXPECT_FALSE(answerFromCluster(store, plugin, {"registry.lab", DnsType::A}));
}

} // namespace
