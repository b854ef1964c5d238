#include "tests/sim/kube/cluster_lab.h"

namespace sim::kube {
namespace {

json deployment(const std::string& name, int replicas, bool request = true)
{
    json pods = podTemplate(name);
    pods["spec"]["containers"][0]["resources"] = request ? json{{"requests", {{"cpu", "100m"}}}} : json::object();
    return {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", name}}},
            {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", name}}}}}, {"template", std::move(pods)}}}};
}

json autoscaler(const std::string& name, int least, int most, json behavior = nullptr)
{
    json spec{{"minReplicas", least}, {"maxReplicas", most},
              {"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}}},
              {"metrics", {{{"type", "Resource"}, {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 50}}}}}}}}};
    if (!behavior.is_null())
        spec["behavior"] = std::move(behavior);
    return {{"apiVersion", "autoscaling/v2"}, {"kind", "HorizontalPodAutoscaler"}, {"metadata", {{"name", name}}}, {"spec", std::move(spec)}};
}

std::int64_t sizeOf(const ClusterLab& lab, const std::string& name)
{
    return *lab.get<Deployment>(name)->spec.replicas;
}

TEST(Horizontal, WithoutMetricsItSaysSoAndLeavesTheSize)
{
    ClusterLab lab;
    lab.apply("deployments.apps", deployment("web", 2));
    lab.apply("horizontalpodautoscalers.autoscaling", autoscaler("web", 1, 5));
    lab.run(14s);
    EXPECT_TRUE(lab.get<HorizontalPodAutoscaler>("web")->status.conditions.empty()) << "the first look is after 15 s";
    lab.run(5s);
    const auto hpa = lab.get<HorizontalPodAutoscaler>("web");
    EXPECT_EQ(conditionStatus(hpa->status.conditions, "ScalingActive"), "False");
    EXPECT_EQ(findCondition(hpa->status.conditions, "ScalingActive")->reason, "FailedGetResourceMetric");
    EXPECT_EQ(sizeOf(lab, "web"), 2);
}

TEST(Horizontal, BelowTheMinimumItScalesWithoutMetrics)
{
    ClusterLab lab;
    lab.apply("deployments.apps", deployment("web", 2));
    lab.apply("horizontalpodautoscalers.autoscaling", autoscaler("web", 3, 6));
    lab.run(17s);
    EXPECT_EQ(sizeOf(lab, "web"), 3);
    EXPECT_TRUE(lab.hasEvent("web", "SuccessfulRescale: New size: 3; reason: Current number of replicas below Spec.MinReplicas"));
}

/// The four autoscalers of the golden recording 90.
TEST(Horizontal, ScalesAsRecorded)
{
    ClusterLab lab;
    for (const auto& [name, size] : {std::pair{"up", 2}, {"tol", 2}, {"down", 6}, {"keep", 6}, {"nomet", 2}})
        lab.apply("deployments.apps", deployment(name, size));
    lab.apply("deployments.apps", deployment("noreq", 2, false));
    lab.run(8s);
    lab.cluster().recordUsage(kShop, "up-", 200, 64 << 20);
    lab.cluster().recordUsage(kShop, "tol-", 54, 64 << 20);
    lab.cluster().recordUsage(kShop, "down-", 10, 64 << 20);
    lab.cluster().recordUsage(kShop, "keep-", 10, 64 << 20);
    lab.cluster().recordUsage(kShop, "noreq-", 50, 64 << 20);
    lab.apply("horizontalpodautoscalers.autoscaling", autoscaler("up", 1, 20));
    for (const char* name : {"tol", "keep", "nomet", "noreq"})
        lab.apply("horizontalpodautoscalers.autoscaling", autoscaler(name, 1, 10));
    lab.apply("horizontalpodautoscalers.autoscaling", autoscaler("down", 1, 10, {{"scaleDown", {{"stabilizationWindowSeconds", 0}}}}));
    lab.run(17s);
    EXPECT_EQ(sizeOf(lab, "up"), 4);
    EXPECT_EQ(sizeOf(lab, "tol"), 2);
    EXPECT_EQ(sizeOf(lab, "down"), 2);
    EXPECT_EQ(sizeOf(lab, "keep"), 6);
    lab.run(15s);
    EXPECT_EQ(sizeOf(lab, "up"), 8);
    EXPECT_EQ(sizeOf(lab, "down"), 1);
    const auto nomet = lab.get<HorizontalPodAutoscaler>("nomet");
    EXPECT_EQ(findCondition(nomet->status.conditions, "ScalingActive")->message,
              "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no "
              "metrics returned from resource metrics API");
    const auto noreq = lab.get<HorizontalPodAutoscaler>("noreq");
    EXPECT_NE(findCondition(noreq->status.conditions, "ScalingActive")->message.find("missing request for cpu in container c of Pod noreq-"),
              std::string::npos);
    EXPECT_EQ(findCondition(lab.get<HorizontalPodAutoscaler>("keep")->status.conditions, "AbleToScale")->reason, "ScaleDownStabilized");
    EXPECT_TRUE(lab.hasEvent("up", "SuccessfulRescale: New size: 8; reason: cpu resource utilization (percentage of request) above target"));
    EXPECT_TRUE(lab.hasEvent("down", "SuccessfulRescale: New size: 1; reason: All metrics below target"));
}

TEST(MetricsApi, ListsPodMetrics)
{
    ClusterLab lab;
    lab.apply("deployments.apps", deployment("web", 2));
    lab.run(3s);
    Request request;
    request.verb = Verb::List;
    request.resource = "pods.metrics.k8s.io";
    request.namespace_ = kShop;
    EXPECT_EQ(lab.send(request).code, 404) << "nobody serves it";
    lab.cluster().recordUsage(kShop, "web-", 54, 64 << 20);
    const Response response = lab.send(request);
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response.body["kind"], "PodMetricsList");
    ASSERT_EQ(response.body["items"].size(), 2u);
    EXPECT_EQ(response.body["items"][0]["containers"][0]["usage"], (json{{"cpu", "54m"}, {"memory", "65536Ki"}}));
}

} // namespace
} // namespace sim::kube
