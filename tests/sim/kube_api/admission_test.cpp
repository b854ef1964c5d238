#include "tests/sim/kube_api/api_lab.h"

// Texts: golden case 50, plugin/pkg/admission.
using namespace sim::kube;
using nlohmann::json;

namespace {

std::string podOf(const std::string& name, const std::string& resources)
{
    return "metadata: {name: " + name + "}\nspec: {containers: [{name: c, image: x, resources: " + resources + "}]}";
}

class Gate final : public WebhookCaller {
public:
    json response = {{"allowed", true}};
    std::string failure;
    sim::Duration took{};
    std::string url;
    WebhookAnswer call(const Store&, const WebhookCall& call) override
    {
        url = call.url;
        WebhookAnswer answer;
        answer.review = {{"response", response}};
        answer.failure = failure;
        answer.took = took;
        return answer;
    }
};

constexpr const char* kWebhook = R"({"metadata": {"name": "gate"}, "webhooks": [{"name": "gate.example.com", "admissionReviewVersions": ["v1"],
    "sideEffects": "None", "timeoutSeconds": 5, "clientConfig": {"service": {"name": "gate", "namespace": "ops", "path": "/validate"}},
    "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}]}]})";

} // namespace

TEST(Admission, Quotas)
{
    ApiLab lab;
    ASSERT_EQ(lab.create("resourcequotas", "metadata: {name: q}\nspec: {hard: {requests.cpu: 1, requests.memory: 1Gi, pods: 3, "
                                           "count/deployments.apps: 1}}").code, 201);
    ASSERT_EQ(lab.create("pods", podOf("ok", "{requests: {cpu: 500m, memory: 256Mi}}")).code, 201);
    EXPECT_EQ(ApiLab::message(lab.create("pods", podOf("over", "{requests: {cpu: 600m, memory: 256Mi}}"))),
              "pods \"over\" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1");
    EXPECT_EQ(ApiLab::message(lab.create("pods", podOf("both", "{requests: {cpu: 600m, memory: 1Gi}}"))),
              "pods \"both\" is forbidden: exceeded quota: q, requested: requests.cpu=600m,requests.memory=1Gi, used: "
              "requests.cpu=500m,requests.memory=256Mi, limited: requests.cpu=1,requests.memory=1Gi");
    EXPECT_EQ(ApiLab::message(lab.create("pods", podOf("noreq", "{}"))),
              "pods \"noreq\" is forbidden: failed quota: q: must specify requests.cpu for: c; requests.memory for: c");
    ASSERT_EQ(lab.create("pods", podOf("more", "{requests: {cpu: 300m, memory: 64Mi}}")).code, 201);
    const json used = lab.get("resourcequotas", "q")["status"]["used"];
    EXPECT_EQ(used, json::parse(R"({"count/deployments.apps": "0", "pods": "2", "requests.cpu": "800m", "requests.memory": "320Mi"})"));
}

TEST(Admission, LimitRanges)
{
    ApiLab lab;
    ASSERT_EQ(lab.create("limitranges", "metadata: {name: l}\nspec: {limits: [{type: Container, max: {cpu: 1}, min: {cpu: 100m}, "
                                        "default: {cpu: 500m}, defaultRequest: {cpu: 200m}}]}").code, 201);
    EXPECT_EQ(ApiLab::message(lab.create("pods", podOf("big", "{requests: {cpu: 2}, limits: {cpu: 2}}"))),
              "pods \"big\" is forbidden: maximum cpu usage per Container is 1, but limit is 2");
    const Response filled = lab.create("pods", podOf("p", "{}"));
    ASSERT_EQ(filled.code, 201);
    EXPECT_EQ(filled.body["spec"]["containers"][0]["resources"], json::parse(R"({"limits": {"cpu": "500m"}, "requests": {"cpu": "200m"}})"));
    EXPECT_EQ(filled.body["metadata"]["annotations"]["kubernetes.io/limit-ranger"],
              "LimitRanger plugin set: cpu request for container c; cpu limit for container c");
}

TEST(Admission, Webhooks)
{
    ApiLab lab;
    ASSERT_EQ(lab.create("validatingwebhookconfigurations", kWebhook).code, 201);
    const std::string config = "metadata: {name: c}";
    EXPECT_EQ(ApiLab::message(lab.create("configmaps", config)),
              "Internal error occurred: failed calling webhook \"gate.example.com\": failed to call webhook: Post "
              "\"https://gate.ops.svc:443/validate?timeout=5s\": service \"gate\" not found");
    Gate gate;
    Request request = lab.request(Verb::Create, "configmaps");
    request.body = ApiLab::document(config);
    gate.took = std::chrono::seconds(9);
    const Response late = ApiServer::handle(lab.store, lab.engine, request, &gate);
    EXPECT_EQ(late.code, 500);
    EXPECT_TRUE(ApiLab::message(late).ends_with("context deadline exceeded"));
    EXPECT_EQ(late.took, sim::Duration(std::chrono::seconds(5)));
    gate.took = {};
    gate.response = json::parse(R"({"allowed": false, "status": {"message": "not today", "code": 403}})");
    const Response refused = ApiServer::handle(lab.store, lab.engine, request, &gate);
    EXPECT_EQ(refused.code, 403);
    EXPECT_EQ(ApiLab::message(refused), "admission webhook \"gate.example.com\" denied the request: not today");
    gate.response = {{"allowed", true}};
    EXPECT_EQ(ApiServer::handle(lab.store, lab.engine, request, &gate).code, 201);
}

TEST(Admission, AMutatingWebhookChangesTheObject)
{
    ApiLab lab;
    json configuration = json::parse(kWebhook);
    ASSERT_EQ(lab.create("mutatingwebhookconfigurations", configuration.dump()).code, 201);
    Gate gate; // [{"op":"add","path":"/data","value":{"a":"b"}}]
    gate.response = {{"allowed", true}, {"patchType", "JSONPatch"}, {"patch", "W3sib3AiOiJhZGQiLCJwYXRoIjoiL2RhdGEiLCJ2YWx1ZSI6eyJhIjoiYiJ9fV0="}};
    Request request = lab.request(Verb::Create, "configmaps");
    request.body = ApiLab::document("metadata: {name: c}");
    const Response made = ApiServer::handle(lab.store, lab.engine, request, &gate);
    ASSERT_EQ(made.code, 201) << made.body.dump();
    EXPECT_EQ(made.body["data"]["a"], "b");
}

TEST(Admission, Namespaces)
{
    ApiLab lab;
    Request request = lab.request(Verb::Create, "configmaps");
    request.namespace_ = "zzz";
    request.body = ApiLab::document("metadata: {name: x}");
    const Response missing = lab.send(request);
    EXPECT_EQ(missing.code, 404);
    EXPECT_EQ(missing.body["details"], json::parse(R"({"name": "zzz", "kind": "namespaces"})"));
    lab.send(lab.request(Verb::Delete, "namespaces", "shop"));
    EXPECT_EQ(ApiLab::message(lab.create("configmaps", "metadata: {name: x}")),
              "configmaps \"x\" is forbidden: unable to create new content in namespace shop because it is being terminated");
}
