#include "tests/sim/kube/cluster_lab.h"

#include "sim/kube/api/eviction.h"

namespace sim::kube {
namespace {

json web(int replicas)
{
    return {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "web"}}},
            {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", "web"}}}}}, {"template", podTemplate("web")}}}};
}

json budget(json spec)
{
    spec["selector"] = {{"matchLabels", {{"app", "web"}}}};
    return {{"apiVersion", "policy/v1"}, {"kind", "PodDisruptionBudget"}, {"metadata", {{"name", "web"}}}, {"spec", std::move(spec)}};
}

PdbStatus statusOf(const ClusterLab& lab)
{
    return lab.get<PodDisruptionBudget>("web")->status;
}

TEST(Disruption, CountsWhatMayGo)
{
    ClusterLab lab;
    lab.apply("deployments.apps", web(4));
    lab.apply("poddisruptionbudgets.policy", budget({{"minAvailable", 3}}));
    lab.run(3s);
    EXPECT_EQ(statusOf(lab).currentHealthy.value, 4);
    EXPECT_EQ(statusOf(lab).desiredHealthy.value, 3);
    EXPECT_EQ(statusOf(lab).expectedPods.value, 4);
    EXPECT_EQ(statusOf(lab).disruptionsAllowed.value, 1);
    EXPECT_EQ(findCondition(statusOf(lab).conditions, "DisruptionAllowed")->reason, "SufficientPods");
}

TEST(Disruption, PercentagesAreOfTheOwnersSize)
{
    ClusterLab lab;
    lab.apply("deployments.apps", web(7));
    lab.apply("poddisruptionbudgets.policy", budget({{"maxUnavailable", "30%"}}));
    lab.run(3s);
    EXPECT_EQ(statusOf(lab).expectedPods.value, 7);
    EXPECT_EQ(statusOf(lab).desiredHealthy.value, 4) << "30 % of 7 are 3 pods, rounded up";
}

TEST(Eviction, IsRefusedInTheServersWords)
{
    ClusterLab lab;
    lab.apply("deployments.apps", web(4));
    lab.apply("poddisruptionbudgets.policy", budget({{"minAvailable", 4}}));
    lab.run(3s);
    const EvictionRuling ruling = ruleEviction(lab.store(), *lab.pods().front());
    EXPECT_EQ(ruling.code, 429);
    EXPECT_EQ(ruling.reason, "TooManyRequests");
    EXPECT_EQ(ruling.message, "Cannot evict pod as it would violate the pod's disruption budget.");
    EXPECT_EQ(ruling.cause, "The disruption budget web needs 4 healthy pods and has 4 currently");
}

TEST(Eviction, PodsThatServeNobodyMayGo)
{
    ClusterLab lab;
    lab.apply("poddisruptionbudgets.policy", budget({{"minAvailable", 4}}));
    json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "waiting"}}}};
    pod["metadata"].update(podTemplate("web", {{"sim/hold", "true"}})["metadata"]);
    pod["spec"] = podTemplate("web")["spec"];
    lab.apply("pods", pod);
    lab.run(3s);
    EXPECT_EQ(ruleEviction(lab.store(), *lab.get<Pod>("waiting")).code, 201);
}

/// However fast evictions come: the healthy pods never fall below what the budget asks for.
TEST(Eviction, NeverViolatesABudget)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        ClusterLab lab(3, seed);
        lab.apply("deployments.apps", web(6));
        lab.apply("poddisruptionbudgets.policy", budget({{"minAvailable", 4}}));
        lab.run(5s);
        Store store = lab.store(); // the same rules on a copy that only evictions change
        int granted = 0;
        for (int i = 0; i < 50; ++i) {
            const auto pods = store.inNamespace<Pod>(kShop);
            const Pod& pod = *pods[lab.random().below(pods.size())];
            if (pod.metadata.deletionTimestamp)
                continue;
            const EvictionRuling ruling = ruleEviction(store, pod);
            if (ruling.code != 201)
                continue;
            ++granted;
            EXPECT_EQ(evict(store, pod, ruling, lab.now(), std::nullopt).code, 0);
            std::int64_t healthy = 0;
            for (const auto& one : store.inNamespace<Pod>(kShop))
                healthy += isReady(*one) && !one->metadata.deletionTimestamp ? 1 : 0;
            EXPECT_GE(healthy, 4) << "seed " << seed;
        }
        EXPECT_EQ(granted, 2) << "seed " << seed;
    }
}

} // namespace
} // namespace sim::kube
