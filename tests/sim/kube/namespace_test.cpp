#include "tests/sim/kube/cluster_lab.h"

namespace sim::kube {
namespace {

void addKind(ClusterLab& lab)
{
    const json schema{{"openAPIV3Schema", {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}};
    const json version{{"name", "v1"}, {"served", true}, {"storage", true}, {"schema", schema}};
    lab.apply("customresourcedefinitions.apiextensions.k8s.io",
              {{"apiVersion", "apiextensions.k8s.io/v1"}, {"kind", "CustomResourceDefinition"},
               {"metadata", {{"name", "databases.lab.ops"}, {"namespace", ""}}},
               {"spec", {{"group", "lab.ops"}, {"scope", "Namespaced"},
                         {"names", {{"plural", "databases"}, {"singular", "database"}, {"kind", "Database"}}},
                         {"versions", json::array({version})}}}});
}

void addDatabase(ClusterLab& lab, const json& finalizers)
{
    lab.apply("databases.lab.ops", {{"apiVersion", "lab.ops/v1"}, {"kind", "Database"},
                                    {"metadata", {{"name", "orders"}, {"namespace", "preview"}, {"finalizers", finalizers}}}});
}

std::string messageOf(const ClusterLab& lab, const char* type)
{
    const auto space = lab.store().get<Namespace>({"", "preview"});
    const Condition* condition = space ? findCondition(space->status.conditions, type) : nullptr;
    return condition ? condition->message : std::string{};
}

void removePreviewNamespace(ClusterLab& lab)
{
    Request request;
    request.verb = Verb::Delete;
    request.resource = "namespaces";
    request.name = "preview";
    ASSERT_TRUE(lab.send(request).ok());
    lab.run(20s);
}

TEST(NamespaceDeletion, TakesCustomObjectsAlong)
{
    ClusterLab lab;
    lab.apply("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "preview"}}}});
    addKind(lab);
    addDatabase(lab, json::array());
    removePreviewNamespace(lab);
    EXPECT_EQ(lab.store().get<Namespace>({"", "preview"}), nullptr);
    EXPECT_TRUE(lab.store().inNamespace<CustomObject>("preview").empty());
}

TEST(NamespaceDeletion, WaitsForTheFinalizerOfACustomObjectAndNamesIt)
{
    ClusterLab lab;
    lab.apply("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "preview"}}}});
    addKind(lab);
    addDatabase(lab, json::array({"databases.lab.ops/drop"}));
    removePreviewNamespace(lab);
    EXPECT_EQ(messageOf(lab, "NamespaceContentRemaining"), "Some resources are remaining: databases.lab.ops has 1 resource instances");
    EXPECT_EQ(messageOf(lab, "NamespaceFinalizersRemaining"),
              "Some content in the namespace has finalizers remaining: databases.lab.ops/drop in 1 resource instances");

    Request request;
    request.verb = Verb::Patch;
    request.patchType = PatchType::Merge;
    request.resource = "databases.lab.ops";
    request.namespace_ = "preview";
    request.name = "orders";
    request.body = {{"metadata", {{"finalizers", nullptr}}}};
    ASSERT_TRUE(lab.send(request).ok());
    lab.run(20s);
    EXPECT_EQ(lab.store().get<Namespace>({"", "preview"}), nullptr);
}

} // namespace
} // namespace sim::kube
