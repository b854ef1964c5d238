#include "tests/sim/kube_api/api_lab.h"

// Texts: golden case 52.
using namespace sim::kube;
using nlohmann::json;

namespace {

struct RbacLab : ApiLab {
    RbacLab()
    {
        createDefaultRoles(store, engine.now(), engine.random("roles"));
        grant(R"({"metadata": {"name": "reader"}, "rules": [{"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]}]})", "reader");
        user = "alice";
        groups = {"dev", "system:authenticated"};
    }
    void grant(const std::string& role, const std::string& name)
    {
        ASSERT_EQ(create("roles", role).code, 201);
        ASSERT_EQ(create("rolebindings", R"({"metadata": {"name": ")" + name + R"("}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role", "name": ")" + name + R"("}, "subjects": [{"kind": "User", "name": "alice"}]})").code, 201);
    }
};

} // namespace

TEST(Authorizer, RefusalsInTheServersWords)
{
    RbacLab lab;
    EXPECT_EQ(lab.send(lab.request(Verb::List, "pods")).code, 200);
    const Response secrets = lab.send(lab.request(Verb::List, "secrets"));
    EXPECT_EQ(secrets.code, 403);
    EXPECT_EQ(ApiLab::message(secrets), "secrets is forbidden: User \"alice\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\"");
    EXPECT_EQ(secrets.body["details"], json::parse(R"({"kind": "secrets"})"));
    EXPECT_EQ(ApiLab::message(lab.send(lab.request(Verb::Delete, "pods", "x"))),
              "pods \"x\" is forbidden: User \"alice\" cannot delete resource \"pods\" in API group \"\" in the namespace \"shop\"");
    EXPECT_EQ(ApiLab::message(lab.create("deployments", "metadata: {name: d}")),
              "deployments.apps is forbidden: User \"alice\" cannot create resource \"deployments\" in API group \"apps\" in the namespace \"shop\"");
    EXPECT_EQ(ApiLab::message(lab.send(lab.request(Verb::List, "nodes"))),
              "nodes is forbidden: User \"alice\" cannot list resource \"nodes\" in API group \"\" at the cluster scope");
    Request everywhere = lab.request(Verb::List, "pods");
    everywhere.namespace_.clear();
    EXPECT_EQ(ApiLab::message(lab.send(everywhere)),
              "pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" at the cluster scope");
}

TEST(Authorizer, NobodyGrantsWhatTheyDoNotHold)
{
    RbacLab lab;
    lab.user = "admin";
    lab.groups = {"system:masters"};
    lab.grant(R"({"metadata": {"name": "grant"}, "rules": [{"verbs": ["create"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"]}]})",
              "grant");
    lab.user = "alice";
    lab.groups = {"dev", "system:authenticated"};
    EXPECT_EQ(ApiLab::message(lab.create("roles", R"({"metadata": {"name": "esc"}, "rules": [{"verbs": ["*"], "apiGroups": [""],
        "resources": ["secrets"]}]})")),
              "roles.rbac.authorization.k8s.io \"esc\" is forbidden: user \"alice\" (groups=[\"dev\" \"system:authenticated\"]) is attempting to grant "
              "RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"*\"]}");
    EXPECT_EQ(lab.create("roles", R"({"metadata": {"name": "own"}, "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]})").code, 201);
}

TEST(Authorizer, Reviews)
{
    RbacLab lab;
    const auto allowed = [&](const char* verb, const char* resource) {
        const Response review = lab.create("selfsubjectaccessreviews.authorization.k8s.io",
            std::string(R"({"spec": {"resourceAttributes": {"namespace": "shop", "verb": ")") + verb + R"(", "resource": ")" + resource + R"("}}})");
        EXPECT_EQ(review.code, 201);
        return review.body["status"].value("allowed", false);
    };
    EXPECT_TRUE(allowed("get", "pods"));
    EXPECT_FALSE(allowed("delete", "pods"));
    const Response rules = lab.create("selfsubjectrulesreviews.authorization.k8s.io", R"({"spec": {"namespace": "shop"}})");
    EXPECT_EQ(rules.body["status"]["resourceRules"].size(), 3u);
    EXPECT_EQ(rules.body["status"]["nonResourceRules"].size(), 2u);
    const Response self = lab.create("selfsubjectreviews.authentication.k8s.io", "{}");
    EXPECT_EQ(self.body["status"]["userInfo"]["username"], "alice");
}

TEST(Authorizer, AggregatedRolesAndServiceAccounts)
{
    RbacLab lab;
    lab.user = "admin";
    lab.groups = {"system:masters"};
    ASSERT_EQ(lab.create("serviceaccounts", "metadata: {name: bot}").code, 201);
    ASSERT_EQ(lab.create("rolebindings", R"({"metadata": {"name": "bot"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
        "name": "edit"}, "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": "shop"}]})").code, 201);
    Request asked = lab.request(Verb::Create, "serviceaccounts", "bot");
    asked.subresource = "token";
    asked.body = json::parse(R"({"spec": {"expirationSeconds": 600}})");
    const Response token = lab.send(asked);
    ASSERT_EQ(token.code, 201);
    const Response review = lab.create("tokenreviews.authentication.k8s.io", R"({"spec": {"token": ")"
        + token.body["status"]["token"].get<std::string>() + R"("}})");
    EXPECT_EQ(review.body["status"]["user"]["username"], "system:serviceaccount:shop:bot");
    lab.user = "system:serviceaccount:shop:bot";
    lab.groups = {"system:serviceaccounts", "system:authenticated"};
    EXPECT_EQ(lab.send(lab.request(Verb::List, "pods")).code, 200) << "edit takes in view";
    EXPECT_EQ(lab.create("configmaps", "metadata: {name: c}").code, 201);
    EXPECT_EQ(lab.send(lab.request(Verb::List, "roles")).code, 403);
}
