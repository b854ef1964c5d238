#include "tests/sim/kube_api/api_lab.h"

// Texts: golden cases 53 and 54 of a real control plane, v1.33.
using namespace sim::kube;

namespace {

std::string podProblem(const std::string& spec)
{
    ApiLab lab;
    return ApiLab::causes(lab.create("pods", "metadata: {name: v}\nspec: " + spec));
}

constexpr const char* kWeb = R"({"metadata": {"name": "web"}, "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}},
    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]}}}})";

} // namespace

TEST(Validation, Pods)
{
    EXPECT_EQ(podProblem("{}"), "spec.containers: Required value");
    EXPECT_EQ(podProblem("{containers: [{name: c}]}"), "spec.containers[0].image: Required value");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}, {name: c, image: x}]}"), "spec.containers[1].name: Duplicate value: \"c\"");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, ports: [{containerPort: 99999}]}]}"),
              "spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]}"),
              "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, resources: {requests: {cpu: -1}}}]}"),
              "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, resources: {requests: {nvidia.com/gpu: 1}}}]}"),
              "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], restartPolicy: Sometimes}"),
              "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, volumeMounts: [{name: nope, mountPath: /x}]}]}"),
              "spec.containers[0].volumeMounts[0].name: Not found: \"nope\"");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], tolerations: [{key: a, operator: Exists, value: x}]}"),
              "spec.tolerations[0].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, livenessProbe: {periodSeconds: 5}}]}"),
              "spec.containers[0].livenessProbe: Required value: must specify a handler type");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, livenessProbe: {tcpSocket: {port: 80}, successThreshold: 3}}]}"),
              "spec.containers[0].livenessProbe.successThreshold: Invalid value: 3: must be 1");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], topologySpreadConstraints: [{maxSkew: 0, topologyKey: z, whenUnsatisfiable: \"No\"}]}"),
              "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero\n"
              "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"No\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], volumes: [{name: a}, {name: a}]}"), "spec.volumes[1].name: Duplicate value: \"a\"");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], priorityClassName: nope}"),
              "pods \"v\" is forbidden: no PriorityClass with name nope was found");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], serviceAccountName: nope}"),
              "pods \"v\" is forbidden: error looking up service account shop/nope: serviceaccount \"nope\" not found");
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x, resources: {limits: {nvidia.com/gpu: 500m}}}]}"),
              "spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:500, scale:-3}, "
              "d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:\"500m\", Format:\"DecimalSI\"}: must be an integer\n"
              "spec.containers[0].resources.requests[nvidia.com/gpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:500, scale:-3}, "
              "d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:\"500m\", Format:\"DecimalSI\"}: must be an integer");
}

TEST(Validation, OtherKinds)
{
    ApiLab lab;
    EXPECT_EQ(ApiLab::causes(lab.create("deployments", "metadata: {name: d}\nspec: {replicas: -1, template: {metadata: {labels: {app: b}}, "
                                                       "spec: {containers: [{name: c, image: x}]}}}")),
              "spec.replicas: Invalid value: -1: must be greater than or equal to 0\nspec.selector: Required value\n"
              "spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"b\"}: `selector` does not match template `labels`");
    EXPECT_EQ(ApiLab::causes(lab.create("statefulsets", "metadata: {name: s}\nspec: {template: {spec: {containers: [{name: c, image: x}]}}}")),
              "spec.selector: Required value\n"
              "spec.template.metadata.labels: Invalid value: map[string]string(nil): `selector` does not match template `labels`");
    EXPECT_EQ(ApiLab::causes(lab.create("services", "metadata: {name: s}\nspec: {ports: [{port: 80}, {port: 81}]}")),
              "spec.ports[0].name: Required value\nspec.ports[1].name: Required value");
    EXPECT_EQ(ApiLab::causes(lab.create("services", "metadata: {name: s}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}")),
              "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767");
    EXPECT_EQ(ApiLab::causes(lab.create("services", "metadata: {name: s}\nspec: {clusterIP: 1.2.3.4, ports: [{port: 80}]}")),
              "spec.clusterIPs: Invalid value: []string{\"1.2.3.4\"}: failed to allocate IP 1.2.3.4: the provided network does not match the "
              "current range");
    EXPECT_EQ(ApiLab::causes(lab.create("jobs", "metadata: {name: j}\nspec: {template: {spec: {containers: [{name: c, image: x}]}}}")),
              "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"");
    EXPECT_EQ(ApiLab::causes(lab.create("persistentvolumeclaims", "metadata: {name: p}\nspec: {}")),
              "spec.accessModes: Required value: at least 1 access mode is required\nspec.resources[storage]: Required value");
    EXPECT_EQ(ApiLab::causes(lab.create("horizontalpodautoscalers", "metadata: {name: h}\nspec: {minReplicas: 5, maxReplicas: 2, scaleTargetRef: "
                                                                    "{kind: Deployment, name: d}}")),
              "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`");
}

TEST(Validation, CronJobs)
{
    ApiLab lab;
    const auto problem = [&](const std::string& fields) {
        return ApiLab::causes(lab.create("cronjobs", "metadata: {name: c}\nspec: {" + fields + ", jobTemplate: {spec: {template: {spec: {restartPolicy: "
                                                     "Never, containers: [{name: c, image: x}]}}}}}"));
    };
    EXPECT_EQ(problem("schedule: '* * * * *', timeZone: Mars/Phobos"), "spec.timeZone: Invalid value: \"Mars/Phobos\": unknown time zone Mars/Phobos");
    EXPECT_EQ(problem("schedule: '* * * * *', timeZone: Local"), "spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as "
                                                                 "defined in https://www.iana.org/time-zones");
    EXPECT_EQ(problem("schedule: 'TZ=UTC */5 * * * *'"),
              "spec.schedule: Invalid value: \"TZ=UTC */5 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    EXPECT_EQ(problem("schedule: '* * * * *', timeZone: Africa/Accra"), "") << "a zone that is real, though the lab has no rule of it";
}

TEST(Validation, StatusHasCauses)
{
    ApiLab lab;
    const Response response = lab.create("pods", "metadata: {name: x}");
    EXPECT_EQ(response.code, 422);
    EXPECT_EQ(response.body["message"], "Pod \"x\" is invalid: spec.containers: Required value");
    EXPECT_EQ(response.body["details"]["kind"], "Pod");
    EXPECT_EQ(response.body["details"]["causes"][0]["reason"], "FieldValueRequired");
    EXPECT_EQ(lab.create("deployments", R"({"spec": {"replicas": "2"}})").code, 400);
}

TEST(Validation, WhatMayNotChange)
{
    ApiLab lab;
    ASSERT_EQ(lab.create("deployments", kWeb).code, 201);
    EXPECT_EQ(ApiLab::message(lab.create("deployments", kWeb)), "deployments.apps \"web\" already exists");
    EXPECT_EQ(ApiLab::causes(lab.patch("deployments", "web", PatchType::Merge, R"({"spec":{"selector":{"matchLabels":{"app":"other"}},
        "template":{"metadata":{"labels":{"app":"other"}}}}})")),
              "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"app\":\"other\"}, "
              "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable");
    Request put = lab.request(Verb::Update, "deployments", "web");
    put.body = lab.get("deployments", "web");
    put.body["metadata"]["resourceVersion"] = "1";
    const Response stale = lab.send(put);
    EXPECT_EQ(stale.code, 409);
    EXPECT_EQ(ApiLab::message(stale), "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your "
                                      "changes to the latest version and try again");
    EXPECT_EQ(ApiLab::causes(lab.patch("deployments", "web", PatchType::StrategicMerge, R"({"spec":{"replicas":"x"}})")),
              "patch: Invalid value: \"map[spec:map[replicas:x]]\": unrecognized type: int32");
    EXPECT_EQ(ApiLab::message(lab.patch("deployments", "web", PatchType::Json, R"([{"op":"remove","path":"/spec/zzz"}])")),
              "the server rejected our request due to an error in our request");
}

TEST(Validation, FinalizersOfADyingObject)
{
    ApiLab lab;
    ASSERT_EQ(lab.create("configmaps", "metadata: {name: fin, finalizers: [example.com/hold]}").code, 201);
    ASSERT_EQ(lab.send(lab.request(Verb::Delete, "configmaps", "fin")).code, 200);
    EXPECT_EQ(ApiLab::causes(lab.patch("configmaps", "fin", PatchType::Merge, R"({"metadata":{"finalizers":["example.com/hold","example.com/two"]}})")),
              "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers "
              "[]string{\"example.com/two\"}");
    EXPECT_EQ(lab.patch("configmaps", "fin", PatchType::Merge, R"({"metadata":{"finalizers":[]}})").code, 200);
    EXPECT_EQ(lab.get("configmaps", "fin")["code"], 404);
}

TEST(Validation, EphemeralContainers)
{
    EXPECT_EQ(podProblem("{containers: [{name: c, image: x}], ephemeralContainers: [{name: e, image: x}]}"),
              "spec.ephemeralContainers: Forbidden: cannot be set on create");
    ApiLab lab;
    EXPECT_EQ(ApiLab::causes(lab.create("deployments", "metadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
                                                       "spec: {containers: [{name: c, image: x}], ephemeralContainers: [{name: e, image: x}]}}}")),
              "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template");
    ASSERT_TRUE(lab.create("pods", "metadata: {name: p}\nspec: {containers: [{name: c, image: x}]}").ok());
    const auto add = [&](const std::string& container) {
        Request request = lab.request(Verb::Patch, "pods", "p");
        request.subresource = "ephemeralcontainers";
        request.patchType = PatchType::StrategicMerge;
        request.body = {{"spec", {{"ephemeralContainers", nlohmann::json::array({nlohmann::json::parse(container)})}}}};
        return ApiLab::causes(lab.send(request));
    };
    EXPECT_EQ(add(R"({"name": "c", "image": "x"})"), "spec.ephemeralContainers[0].name: Duplicate value: \"c\"");
    EXPECT_EQ(add(R"({"name": "e", "image": "x", "targetContainerName": "no"})"), "spec.ephemeralContainers[0].targetContainerName: Not found: \"no\"");
    EXPECT_EQ(add(R"({"name": "e", "image": "x", "ports": [{"containerPort": 80}], "lifecycle": {"preStop": {"sleep": {"seconds": 1}}}})"),
              "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container\n"
              "spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container");
    EXPECT_EQ(add(R"({"name": "e", "image": "x", "targetContainerName": "c"})"), "");
    EXPECT_EQ(add(R"({"name": "e", "$patch": "delete"})"), "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"e\" may not be removed\n");
}
