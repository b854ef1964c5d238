#include "sim/kube/api/kinds.h"

#include <gtest/gtest.h>

using namespace sim::kube;

TEST(Kinds, AreFoundByEveryNameThatKubectlTakes)
{
    const struct {
        const char* name;
        const char* kind;
    } cases[] = {
        {"po", "Pod"},
        {"pods", "Pod"},
        {"Pod", "Pod"},
        {"pods.v1", "Pod"},
        {"pods.v1.", "Pod"},
        {"DEPLOY", "Deployment"},
        {"deployments.apps", "Deployment"},
        {"deployments.v1.apps", "Deployment"},
        {"deploy.apps", "Deployment"},
        {"ep", "Endpoints"},
        {"endpointslice", "EndpointSlice"},
        {"ev", "Event"},
        {"leases.coordination.k8s.io", "Lease"},
        {"no", "Node"},
    };
    for (const auto& c : cases) {
        const KindInfo* info = findKind(c.name);
        ASSERT_NE(info, nullptr) << c.name;
        EXPECT_EQ(info->kind, c.kind) << c.name;
    }
    for (const char* unknown : {"foo", "deployments.batch", "pods.v2", "deployments.v1", "", "."})
        EXPECT_EQ(findKind(unknown), nullptr) << unknown;
}

TEST(Kinds, SayTheirGroup)
{
    EXPECT_EQ(kindInfo(kindIdOf<Deployment>).apiVersion(), "apps/v1");
    EXPECT_EQ(kindInfo(kindIdOf<Deployment>).groupResource(), "deployments.apps");
    EXPECT_EQ(kindInfo(kindIdOf<Pod>).apiVersion(), "v1");
    EXPECT_EQ(kindInfo(kindIdOf<Pod>).groupResource(), "pods");
    EXPECT_FALSE(kindInfo(kindIdOf<Node>).namespaced);
    EXPECT_TRUE(kindInfo(kindIdOf<Lease>).namespaced);
}

TEST(LabelSelector, FollowsTheRulesForMissingLabels)
{
    const StringMap labels{{"app", "web"}, {"tier", "front"}};
    const auto with = [](const char* key, const char* op, std::vector<std::string> values) {
        LabelSelector s;
        s.matchExpressions = {{key, op, std::move(values)}};
        return s;
    };
    EXPECT_TRUE(LabelSelector{}.matches(labels));
    EXPECT_TRUE(LabelSelector{}.matches({}));
    EXPECT_TRUE((LabelSelector{{}, {{"app", "web"}}}.matches(labels)));
    EXPECT_FALSE((LabelSelector{{}, {{"app", "api"}}}.matches(labels)));
    EXPECT_TRUE(with("app", "In", {"api", "web"}).matches(labels));
    EXPECT_FALSE(with("app", "NotIn", {"web"}).matches(labels));
    EXPECT_TRUE(with("zone", "NotIn", {"a"}).matches(labels));
    EXPECT_FALSE(with("zone", "Exists", {}).matches(labels));
    EXPECT_TRUE(with("zone", "DoesNotExist", {}).matches(labels));
}
