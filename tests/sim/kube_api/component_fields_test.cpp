#include "sim/kube/api/component_fields.h"
#include "tests/sim/kube_api/api_lab.h"

namespace sim::kube {
namespace {

using nlohmann::json;

constexpr const char* kWebConfiguration = R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
    "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]}}}})";

Response applied(ApiLab& lab, const std::string& resource, const std::string& name, const json& configuration, const std::string& manager)
{
    Request request = lab.request(Verb::Patch, resource, name);
    request.patchType = PatchType::Apply;
    request.fieldManager = manager;
    request.body = configuration;
    return lab.send(request);
}

/// The entry of a manager and subresource; null when it has none.
json entryOf(const json& object, const std::string& manager, const std::string& subresource)
{
    for (const json& entry : object["metadata"]["managedFields"])
        if (entry["manager"] == manager && entry.value("subresource", "") == subresource)
            return entry;
    return nullptr;
}

void reportStatus(ApiLab& lab)
{
    Deployment web = *lab.store.get<Deployment>({"shop", "web"});
    web.metadata.annotations["deployment.kubernetes.io/revision"] = "1";
    web.status.replicas = 2;
    web.status.observedGeneration = 1;
    markWritten(web.metadata, kControllerManager, "status", lab.engine.now());
    lab.store.update(std::move(web), lab.engine.now());
}

TEST(ComponentFields, StatusIsTheControllerManagers)
{
    ApiLab lab;
    ASSERT_EQ(applied(lab, "deployments", "web", json::parse(kWebConfiguration), "kubectl").code, 201);
    EXPECT_TRUE(entryOf(lab.get("deployments", "web"), "kube-controller-manager", "status").is_null()) << "it has not written yet";
    reportStatus(lab);
    const json entry = entryOf(lab.get("deployments", "web"), "kube-controller-manager", "status");
    ASSERT_FALSE(entry.is_null());
    EXPECT_EQ(entry["operation"], "Update");
    EXPECT_EQ(entry["apiVersion"], "apps/v1");
    EXPECT_EQ(entry["fieldsV1"], json::parse(R"({"f:metadata": {"f:annotations": {".": {}, "f:deployment.kubernetes.io/revision": {}}},
        "f:status": {"f:observedGeneration": {}, "f:replicas": {}}})"));
}

TEST(ComponentFields, WhatTheAutoscalerSetConflicts)
{
    ApiLab lab;
    ASSERT_EQ(applied(lab, "deployments", "web", json::parse(kWebConfiguration), "kubectl").code, 201);
    Deployment web = *lab.store.get<Deployment>({"shop", "web"});
    web.spec.replicas = 5;
    web.metadata.managedFields = ownersAfterScale(kindIdOf<Deployment>, web.metadata.managedFields, kControllerManager);
    lab.store.update(std::move(web), lab.engine.now());
    const json scaled = lab.get("deployments", "web");
    EXPECT_EQ(entryOf(scaled, "kube-controller-manager", "scale")["fieldsV1"], json::parse(R"({"f:spec": {"f:replicas": {}}})"));
    EXPECT_FALSE(entryOf(scaled, "kube-controller-manager", "scale").contains("time"));
    EXPECT_FALSE(entryOf(scaled, "kubectl", "")["fieldsV1"]["f:spec"].contains("f:replicas"));
    EXPECT_EQ(ApiLab::message(applied(lab, "deployments", "web", json::parse(kWebConfiguration), "kubectl")),
              "Apply failed with 1 conflict: conflict with \"kube-controller-manager\" with subresource \"scale\" using apps/v1: .spec.replicas");
}

TEST(ComponentFields, OfAReplicaSetThatADeploymentMade)
{
    ApiLab lab;
    ReplicaSet set;
    set.metadata.name = "web-1";
    set.metadata.namespace_ = "shop";
    OwnerReference owner;
    owner.apiVersion = "apps/v1";
    owner.kind = "Deployment";
    owner.name = "web";
    owner.uid = "u";
    owner.controller = true;
    set.metadata.ownerReferences.push_back(owner);
    set.spec.replicas = 1;
    lab.store.create(std::move(set), lab.engine.now(), lab.engine.random("test"));
    const json entry = entryOf(lab.get("replicasets", "web-1"), "kube-controller-manager", "");
    ASSERT_FALSE(entry.is_null());
    EXPECT_EQ(entry["fieldsV1"]["f:metadata"], json::parse(R"({"f:ownerReferences": {".": {}, "k:{\"uid\":\"u\"}": {}}})"));
    EXPECT_EQ(entry["fieldsV1"]["f:spec"]["f:replicas"], json::object());
    const Response refused = applied(lab, "replicasets", "web-1", json::parse(R"({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": "web-1"}, "spec": {"replicas": 3}})"), "me");
    EXPECT_EQ(ApiLab::message(refused), "Apply failed with 1 conflict: conflict with \"kube-controller-manager\" using apps/v1: .spec.replicas");
}

TEST(ComponentFields, AreNotStoredWhenAClientSendsThemBack)
{
    ApiLab lab;
    ASSERT_EQ(applied(lab, "deployments", "web", json::parse(kWebConfiguration), "kubectl").code, 201);
    reportStatus(lab);
    const json before = lab.get("deployments", "web");
    Request put = lab.request(Verb::Update, "deployments", "web");
    put.fieldManager = "me";
    put.body = before;
    put.body["metadata"]["labels"] = {{"team", "blue"}};
    const Response done = lab.send(put);
    ASSERT_EQ(done.code, 200);
    EXPECT_EQ(entryOf(done.body, "kube-controller-manager", "status"), entryOf(before, "kube-controller-manager", "status"));
    EXPECT_EQ(entryOf(done.body, "me", "")["fieldsV1"], json::parse(R"({"f:metadata": {"f:labels": {".": {}, "f:team": {}}}})"));
    std::size_t written = 0;
    const auto web = lab.store.get<Deployment>({"shop", "web"});
    for (const ManagedFieldsEntry& entry : *web->metadata.managedFields)
        written += entry.manager == kControllerManager && !entry.fieldsV1.text.empty();
    EXPECT_EQ(written, 0u);
}

TEST(ComponentFields, AdmissionsAdditionsAreNobodys)
{
    ApiLab lab;
    Request request = lab.request(Verb::Create, "pods");
    request.fieldManager = "kubectl-run";
    request.body = json::parse(R"({"metadata": {"name": "a", "generateName": "a-"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}})");
    const Response made = lab.send(request);
    ASSERT_EQ(made.code, 201);
    ASSERT_TRUE(made.body["spec"].contains("tolerations"));
    const json fields = entryOf(made.body, "kubectl-run", "")["fieldsV1"];
    EXPECT_FALSE(fields["f:spec"].contains("f:tolerations"));
    EXPECT_FALSE(fields["f:spec"].contains("f:serviceAccountName"));
    EXPECT_EQ(fields["f:metadata"], json::parse(R"({"f:generateName": {}})"));
}

} // namespace
} // namespace sim::kube
