#include "tests/sim/kube/cluster_lab.h"

#include <algorithm>

namespace sim::kube {
namespace {

json apiService(const std::string& service)
{
    return {{"apiVersion", "apiregistration.k8s.io/v1"}, {"kind", "APIService"},
            {"metadata", {{"name", "v1beta1.custom.metrics.k8s.io"}, {"namespace", ""}}},
            {"spec", {{"group", "custom.metrics.k8s.io"}, {"version", "v1beta1"}, {"groupPriorityMinimum", 100}, {"versionPriority", 100},
                      {"service", {{"name", service}, {"namespace", kShop}}}}}};
}

json adapterService(std::int64_t port)
{
    return {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", "adapter"}}},
            {"spec", {{"selector", {{"app", "adapter"}}}, {"ports", json::array({{{"name", "https"}, {"port", port}, {"targetPort", 6443}}})}}}};
}

const Condition* available(const ClusterLab& lab)
{
    const auto api = lab.store().get<APIService>({"", "v1beta1.custom.metrics.k8s.io"});
    return api ? findCondition(api->status.conditions, "Available") : nullptr;
}

std::string namespaceCondition(const ClusterLab& lab, const char* type)
{
    const auto space = lab.store().get<Namespace>({"", "preview"});
    const Condition* condition = space ? findCondition(space->status.conditions, type) : nullptr;
    return condition ? condition->status.value + " " + condition->reason + ": " + condition->message : std::string{};
}

void addPreview(ClusterLab& lab)
{
    lab.apply("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "preview"}}}});
}

void removePreview(ClusterLab& lab)
{
    Request request;
    request.verb = Verb::Delete;
    request.resource = "namespaces";
    request.name = "preview";
    ASSERT_TRUE(lab.send(request).ok());
}

TEST(ApiService, IsAvailableOnlyWithAServiceAPortAndReadyEndpoints)
{
    ClusterLab lab;
    lab.apply("apiservices.apiregistration.k8s.io", apiService("adapter"));
    lab.run(1s);
    ASSERT_NE(available(lab), nullptr);
    EXPECT_EQ(available(lab)->status.value, "False");
    EXPECT_EQ(available(lab)->reason, "ServiceNotFound");
    EXPECT_EQ(available(lab)->message, "service/adapter in \"shop\" is not present");

    lab.apply("services", adapterService(8443));
    lab.run(1s);
    EXPECT_EQ(available(lab)->reason, "ServicePortError");
    EXPECT_EQ(available(lab)->message, "service/adapter in \"shop\" is not listening on port 443");

    lab.patch("services", "adapter", {{"spec", {{"ports", json::array({{{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 6443}}})}}}});
    lab.run(1s);
    EXPECT_EQ(available(lab)->reason, "MissingEndpoints");
    EXPECT_EQ(available(lab)->message, "endpoints for service/adapter in \"shop\" have no addresses with port name \"https\"");

    json deployment{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "adapter"}}},
                    {"spec", {{"replicas", 1}, {"selector", {{"matchLabels", {{"app", "adapter"}}}}}, {"template", podTemplate("adapter")}}}};
    lab.apply("deployments.apps", deployment);
    lab.run(20s);
    EXPECT_EQ(available(lab)->status.value, "True");
    EXPECT_EQ(available(lab)->reason, "Passed");
}

TEST(ApiService, IsListedWithItsServiceAndWhyItIsNotAvailable)
{
    ClusterLab lab;
    lab.apply("apiservices.apiregistration.k8s.io", apiService("adapter"));
    lab.run(1s);
    Request list;
    list.verb = Verb::List;
    list.resource = "apiservices";
    const auto table = ApiServer::table(lab.store(), list, lab.now());
    const auto& rows = std::get<Table>(table).rows;
    const auto row = std::find_if(rows.begin(), rows.end(), [](const auto& one) { return one.cells[0] == "v1beta1.custom.metrics.k8s.io"; });
    ASSERT_NE(row, rows.end());
    EXPECT_EQ(row->cells[1], "shop/adapter");
    EXPECT_EQ(row->cells[2], "False (ServiceNotFound)");
    const auto own = std::find_if(rows.begin(), rows.end(), [](const auto& one) { return one.cells[0] == "v1.apps"; });
    ASSERT_NE(own, rows.end());
    EXPECT_EQ(own->cells[1], "Local");
    EXPECT_EQ(own->cells[2], "True");
}

TEST(ApiService, HoldsEveryNamespaceDeletionWhileItIsNotAvailable)
{
    ClusterLab lab;
    addPreview(lab);
    lab.apply("apiservices.apiregistration.k8s.io", apiService("adapter"));
    lab.run(1s);
    removePreview(lab);
    lab.run(60s);
    EXPECT_EQ(namespaceCondition(lab, "NamespaceDeletionDiscoveryFailure"),
              "True DiscoveryFailed: Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
              "custom.metrics.k8s.io/v1beta1: stale GroupVersion discovery: custom.metrics.k8s.io/v1beta1");
    EXPECT_EQ(namespaceCondition(lab, "NamespaceContentRemaining").substr(0, 5), "False") << "nothing else is left";

    Request request;
    request.verb = Verb::Delete;
    request.resource = "apiservices";
    request.name = "v1beta1.custom.metrics.k8s.io";
    ASSERT_TRUE(lab.send(request).ok());
    lab.run(30s);
    EXPECT_EQ(lab.store().get<Namespace>({"", "preview"}), nullptr);
}

TEST(ApiService, OneThatIsLocalIsAlwaysAvailable)
{
    ClusterLab lab;
    json local = apiService("adapter");
    local["spec"].erase("service");
    lab.apply("apiservices.apiregistration.k8s.io", local);
    lab.run(1s);
    ASSERT_NE(available(lab), nullptr);
    EXPECT_EQ(available(lab)->reason, "Local");
    addPreview(lab);
    removePreview(lab);
    lab.run(30s);
    EXPECT_EQ(lab.store().get<Namespace>({"", "preview"}), nullptr);
}

} // namespace
} // namespace sim::kube
