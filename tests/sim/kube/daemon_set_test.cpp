#include "tests/sim/kube/cluster_lab.h"

#include <map>

namespace sim::kube {
namespace {

json agent(json rollingUpdate)
{
    return {{"apiVersion", "apps/v1"}, {"kind", "DaemonSet"}, {"metadata", {{"name", "agent"}}},
            {"spec", {{"selector", {{"matchLabels", {{"app", "agent"}}}}}, {"template", podTemplate("agent")},
                      {"updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", std::move(rollingUpdate)}}}}}};
}

json newImage()
{
    return {{"spec", {{"template", {{"spec", {{"containers", {{{"name", "c"}, {"image", "nginx:1.28"}}}}}}}}}}};
}

TEST(DaemonSet, KeepsARevisionForEachTemplate)
{
    ClusterLab lab;
    lab.apply("daemonsets.apps", agent({{"maxUnavailable", 1}}));
    lab.run(2s);
    EXPECT_EQ(lab.pods().size(), 3u);
    const auto revisions = lab.store().inNamespace<ControllerRevision>(kShop);
    ASSERT_EQ(revisions.size(), 1u);
    EXPECT_EQ(revisions.front()->revision.value, 1);
    const std::string hash = lab.pods().front()->metadata.labels.at("controller-revision-hash");
    EXPECT_EQ(revisions.front()->metadata.name, "agent-" + hash);
    lab.patch("daemonsets.apps", "agent", newImage());
    lab.run(6s);
    EXPECT_EQ(lab.store().inNamespace<ControllerRevision>(kShop).size(), 2u);
    EXPECT_EQ(lab.get<DaemonSet>("agent")->status.updatedNumberScheduled, 3);
}

TEST(DaemonSet, NeverHasMoreAwayThanAllowed)
{
    ClusterLab lab;
    lab.apply("daemonsets.apps", agent({{"maxUnavailable", 1}}));
    lab.run(2s);
    lab.patch("daemonsets.apps", "agent", newImage());
    lab.run(6s, [&] {
        int serving = 0;
        for (const auto& pod : lab.pods())
            serving += isReady(*pod) && !pod->metadata.deletionTimestamp ? 1 : 0;
        EXPECT_GE(serving, 2);
    });
}

TEST(DaemonSet, SurgingAddsTheNewPodFirst)
{
    ClusterLab lab;
    lab.apply("daemonsets.apps", agent({{"maxSurge", 1}, {"maxUnavailable", 0}}));
    lab.run(2s);
    lab.patch("daemonsets.apps", "agent", newImage());
    lab.run(8s, [&] {
        std::map<std::string, int> serving;
        for (const auto& pod : lab.pods())
            serving[pod->spec.nodeName] += isReady(*pod) && !pod->metadata.deletionTimestamp ? 1 : 0;
        for (const char* node : {"node-1", "node-2", "node-3"})
            EXPECT_GE(serving[node], 1) << node;
    });
    EXPECT_EQ(lab.get<DaemonSet>("agent")->status.updatedNumberScheduled, 3);
    EXPECT_EQ(lab.pods().size(), 3u);
}

TEST(DaemonSet, ForgetsCreationsThatNobodyNeedsAnyMore)
{
    constexpr int kNodes = 80; // batches of 1, 2, 4, 8: the last of these is under way when the selector changes
    ClusterLab lab(kNodes);
    lab.apply("daemonsets.apps", agent({{"maxUnavailable", 1}}));
    bool changed = false;
    lab.run(20s, [&] {
        if (changed || lab.pods().size() < 10)
            return;
        changed = true;
        lab.patch("daemonsets.apps", "agent", {{"spec", {{"template", {{"spec", {{"nodeSelector", {{"disk", "none"}}}}}}}}}});
    });
    EXPECT_TRUE(changed);
    EXPECT_EQ(lab.pods().size(), 0u);
    EXPECT_EQ(lab.get<DaemonSet>("agent")->status.desiredNumberScheduled.value, 0);
}

} // namespace
} // namespace sim::kube
