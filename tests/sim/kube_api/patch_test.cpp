#include "sim/kube/api/field_set.h"
#include "sim/kube/api/patch.h"
#include "tests/sim/kube_api/api_lab.h"

using namespace sim::kube;
using nlohmann::json;

namespace {

json pod()
{
    return json::parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "finalizers": ["a/b"]}, "spec": {
        "containers": [{"name": "a", "image": "x", "ports": [{"containerPort": 80, "protocol": "TCP"}]}, {"name": "b", "image": "y"}],
        "tolerations": [{"key": "k", "operator": "Exists"}], "volumes": [{"name": "v", "emptyDir": {}}]}})");
}

json strategic(const json& patch)
{
    const Patched patched = applyPatch(pod(), patch, PatchType::StrategicMerge);
    EXPECT_EQ(patched.error, "");
    return patched.value;
}

/// Any JSON, with words that patches give a meaning.
json anything(sim::RandomStream& random, int depth)
{
    static const std::vector<std::string> words{"metadata", "spec", "containers", "name", "a", "b", "$patch", "replace", "delete", "merge",
        "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "ports", "containerPort", "finalizers", "image",
        "volumes", "labels", "tolerations", "op", "path", "/spec/containers/0", "value", "remove", "add", "test"};
    const auto word = [&] { return words[random.below(words.size())]; };
    switch (random.below(depth > 4 ? 5u : 8u)) {
    case 0: return nullptr;
    case 1: return random.below(2) == 0;
    case 2: return static_cast<std::int64_t>(random.below(100));
    case 3:
    case 4: return word();
    case 5: {
        json list = json::array();
        for (std::uint64_t i = random.below(4); i > 0; --i)
            list.push_back(anything(random, depth + 1));
        return list;
    }
    default: {
        json object = json::object();
        for (std::uint64_t i = random.below(5); i > 0; --i)
            object[word()] = anything(random, depth + 1);
        return object;
    }
    }
}

} // namespace

TEST(Patch, ListsMergeByTheirKeys)
{
    const json merged = strategic(json::parse(R"({"spec": {"containers": [{"name": "b", "image": "z"}, {"name": "c", "image": "n"}]}})"));
    ASSERT_EQ(merged["spec"]["containers"].size(), 3u);
    EXPECT_EQ(merged["spec"]["containers"][1]["image"], "z");
    EXPECT_EQ(merged["spec"]["containers"][0]["ports"].size(), 1u);
    EXPECT_EQ(strategic(json::parse(R"({"spec": {"tolerations": [{"key": "n"}]}})"))["spec"]["tolerations"].size(), 1u);
}

TEST(Patch, Directives)
{
    EXPECT_EQ(strategic(json::parse(R"({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}})"))["spec"]["containers"].size(), 1u);
    EXPECT_EQ(strategic(json::parse(R"({"spec": {"containers": [{"$patch": "replace"}, {"name": "n", "image": "i"}]}})"))["spec"]["containers"],
              json::parse(R"([{"name": "n", "image": "i"}])"));
    EXPECT_EQ(strategic(json::parse(R"({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/b"]}})"))["metadata"]["finalizers"], json::array());
    EXPECT_EQ(strategic(json::parse(R"({"metadata": {"finalizers": ["c/d"]}})"))["metadata"]["finalizers"], json::parse(R"(["a/b", "c/d"])"));
    const json ordered = strategic(json::parse(R"({"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
        "containers": [{"name": "b", "image": "z"}]}})"));
    EXPECT_EQ(ordered["spec"]["containers"][0]["name"], "b");
    EXPECT_EQ(ordered["spec"]["containers"][1]["name"], "a");
    const json retained = strategic(json::parse(R"({"spec": {"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"],
        "hostPath": {"path": "/x"}}]}})"));
    EXPECT_FALSE(retained["spec"]["volumes"][0].contains("emptyDir"));
    EXPECT_EQ(applyPatch(pod(), json::parse(R"({"spec": {"containers": [{"image": "z"}]}})"), PatchType::StrategicMerge).error,
              "map: {\"image\":\"z\"} does not contain declared merge key: name");
}

TEST(Patch, AnyJsonIsAnswered)
{
    sim::RandomStream random(7, "patch");
    for (int i = 0; i < 3000; ++i) {
        const json patch = anything(random, 0);
        for (const PatchType type : {PatchType::StrategicMerge, PatchType::Merge, PatchType::Json})
            applyPatch(pod(), patch, type);
        const json other = anything(random, 0);
        if (patch.is_object() && other.is_object()) {
            const FieldSet set = fieldsSetBy(patch, schemaOf(kindIdOf<Pod>));
            EXPECT_EQ(FieldSet::fromJson(set.toJson()).toJson(), set.toJson());
        }
    }
}

TEST(Apply, ConflictsAndForce)
{
    ApiLab lab;
    const auto apply = [&](const std::string& manager, int replicas, bool force) {
        Request request = lab.request(Verb::Patch, "deployments", "web");
        request.patchType = PatchType::Apply;
        request.fieldManager = manager;
        request.force = force;
        request.body = json::parse(R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "nginx:1.27", "resources": {"requests": {"cpu": "10m"}}}]}}}})");
        request.body["spec"]["replicas"] = replicas;
        return lab.send(request);
    };
    ASSERT_EQ(apply("kubectl", 2, false).code, 201);
    EXPECT_EQ(apply("kubectl", 2, false).code, 200);
    const Response conflict = apply("other", 5, false);
    EXPECT_EQ(conflict.code, 409);
    EXPECT_EQ(ApiLab::message(conflict), "Apply failed with 1 conflict: conflict with \"kubectl\": .spec.replicas");
    EXPECT_EQ(conflict.body["details"]["causes"][0]["reason"], "FieldManagerConflict");
    const Response forced = apply("other", 5, true);
    ASSERT_EQ(forced.code, 200);
    EXPECT_EQ(forced.body["spec"]["replicas"], 5);
    const json fields = forced.body["metadata"]["managedFields"];
    ASSERT_EQ(fields.size(), 2u);
    EXPECT_EQ(fields[0]["manager"], "kubectl");
    EXPECT_EQ(fields[0]["fieldsV1"], json::parse(R"({"f:spec": {"f:selector": {}, "f:template": {"f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:image": {}, "f:name": {}, "f:resources": {"f:requests": {"f:cpu": {}}}}}}}}})"));
    EXPECT_TRUE(fields[1]["fieldsV1"]["f:spec"].contains("f:replicas"));
}

TEST(Apply, CreatedByAnUpdateIsOwnedByIt)
{
    ApiLab lab;
    Request request = lab.request(Verb::Create, "deployments");
    request.fieldManager = "kubectl-create";
    request.body = json::parse(R"({"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata":
        {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27", "resources": {"requests": {"cpu": "10m"}}}]}}}})");
    const Response made = lab.send(request);
    ASSERT_EQ(made.code, 201);
    // As the control plane of golden case 54 recorded it.
    EXPECT_EQ(made.body["metadata"]["managedFields"][0]["fieldsV1"], json::parse(R"({"f:spec": {"f:progressDeadlineSeconds": {}, "f:replicas": {},
        "f:revisionHistoryLimit": {}, "f:selector": {}, "f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}},
        "f:type": {}}, "f:template": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": {"k:{\"name\":\"c\"}":
        {".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {".": {}, "f:requests": {".": {}, "f:cpu": {}}},
        "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {}}}, "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:schedulerName": {},
        "f:securityContext": {}, "f:terminationGracePeriodSeconds": {}}}}})"));
}
