#include "core/incident/predicate.h"

#include "tests/core/incident/table_world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace core::incident {

namespace {

using nlohmann::json;

bool is(const TableWorld& world, const char* predicate, const content::Placeholders& values = {})
{
    return holds(json::parse(predicate), world, values);
}

PodState pod(const std::string& name, bool ready)
{
    PodState state;
    state.nameSpace = "shop";
    state.name = name;
    state.app = "checkout";
    state.ready = ready;
    return state;
}

constexpr const char* kImage = "registry.lab:5000/shop/checkout:1.8.4";

DeploymentState checkout(std::vector<std::string> pullSecrets = {})
{
    return {6, 6, kImage, std::move(pullSecrets)};
}

} // namespace

TEST(Predicate, DeploymentAvailable)
{
    TableWorld world;
    const char* six = R"({"deployment_available": {"namespace": "shop", "name": "checkout", "replicas": 6}})";
    const char* any = R"({"deployment_available": {"namespace": "shop", "name": "checkout"}})";
    EXPECT_FALSE(is(world, any)) << "there is none";
    world.deployments[{"shop", "checkout"}] = {6, 6, "", {}};
    EXPECT_TRUE(is(world, six));
    world.deployments[{"shop", "checkout"}] = {6, 5, "", {}};
    EXPECT_FALSE(is(world, six)) << "one is not available";
    EXPECT_FALSE(is(world, any));
    world.deployments[{"shop", "checkout"}] = {5, 5, "", {}};
    EXPECT_FALSE(is(world, six)) << "somebody asked for less";
    EXPECT_TRUE(is(world, any));
    world.deployments[{"shop", "checkout"}] = {0, 0, "", {}};
    EXPECT_FALSE(is(world, any)) << "scaled away";
}

TEST(Predicate, PodsScheduledWantsANodeForEveryPodThatTheDeploymentWants)
{
    TableWorld world;
    const char* scheduled = R"({"pods_scheduled": {"namespace": "shop", "name": "checkout"}})";
    EXPECT_FALSE(is(world, scheduled)) << "there is no Deployment";
    world.deployments[{"shop", "checkout"}] = {2, 1, "", {}};
    world.podTable = {pod("a", true), pod("b", false)};
    world.podTable[0].node = world.podTable[1].node = "worker-1";
    EXPECT_TRUE(is(world, scheduled)) << "ready or not";
    const char* ofRelease = R"({"pods_scheduled": {"namespace": "shop", "name": "checkout", "image": "checkout:2"}})";
    EXPECT_FALSE(is(world, ofRelease)) << "rolled back";
    world.deployments[{"shop", "checkout"}].image = "checkout:2";
    EXPECT_TRUE(is(world, ofRelease));
    world.podTable[1].node.clear();
    EXPECT_FALSE(is(world, scheduled));
    world.podTable.pop_back();
    EXPECT_FALSE(is(world, scheduled)) << "one was never created";
    world.podTable.push_back(pod("c", false));
    world.podTable[1].node = "worker-2";
    world.podTable[1].deleting = true;
    EXPECT_FALSE(is(world, scheduled)) << "one is going";
    world.deployments[{"shop", "checkout"}].replicas = 0;
    EXPECT_FALSE(is(world, scheduled)) << "scaled away";
}

TEST(Predicate, RolloutCompleteWantsAllPodsOfTheNewestTemplate)
{
    const char* complete = R"({"rollout_complete": {"namespace": "shop", "name": "checkout"}})";
    const char* ofRelease = R"({"rollout_complete": {"namespace": "shop", "name": "checkout", "image": "{image}"}})";
    const content::Placeholders values{{"image", {"checkout:2"}}};
    DeploymentState done{6, 6, "checkout:2", {}, 6, 6, true};
    const auto after = [&](auto&& change) {
        TableWorld world;
        DeploymentState state = done;
        change(state);
        world.deployments[{"shop", "checkout"}] = state;
        return is(world, complete);
    };
    EXPECT_FALSE(is(TableWorld{}, complete));
    EXPECT_TRUE(after([](DeploymentState&) {}));
    EXPECT_FALSE(after([](DeploymentState& d) { d.updated = 4; }));
    EXPECT_FALSE(after([](DeploymentState& d) { d.available = 5; }));
    EXPECT_FALSE(after([](DeploymentState& d) { d.total = 7; })) << "an old pod is still there";
    EXPECT_FALSE(after([](DeploymentState& d) { d.observed = false; }));
    EXPECT_FALSE(after([](DeploymentState& d) { d.replicas = d.updated = d.total = d.available = 0; })) << "scaled away";
    TableWorld world;
    world.deployments[{"shop", "checkout"}] = done;
    EXPECT_TRUE(is(world, ofRelease, values));
    world.deployments[{"shop", "checkout"}].image = "checkout:1";
    EXPECT_TRUE(is(world, complete));
    EXPECT_FALSE(is(world, ofRelease, values)) << "rolled back";
}

TEST(Predicate, ObjectsExistAndPodsAreAdmittedAsTheWorldSays)
{
    TableWorld world;
    world.objects.insert({"namespaces", "", "preview"});
    world.admitted.insert({"shop", "registry.lab:5000/shop/cart:3.1.0"});
    EXPECT_TRUE(is(world, R"({"object_exists": {"resource": "namespaces", "name": "preview"}})"));
    EXPECT_FALSE(is(world, R"({"object_exists": {"resource": "namespaces", "name": "gone"}})"));
    EXPECT_TRUE(is(world, R"({"pod_admitted": {"namespace": "shop", "image": "registry.lab:5000/shop/cart:3.1.0"}})"));
    EXPECT_FALSE(is(world, R"({"pod_admitted": {"namespace": "shop", "image": "docker.io/evil:1"}})"));
}

TEST(Predicate, NoWaitingPods)
{
    TableWorld world;
    const char* none = R"({"no_waiting_pods": {"namespace": "shop", "app": "checkout"}})";
    EXPECT_TRUE(is(world, none));
    world.podTable = {pod("checkout-1", true), pod("checkout-2", false)};
    EXPECT_FALSE(is(world, none));
    world.podTable[1].deleting = true;
    EXPECT_TRUE(is(world, none)) << "it is on its way out";
    world.podTable[1].deleting = false;
    world.podTable[1].app = "cart";
    EXPECT_TRUE(is(world, none)) << "another app's pod";
    world.podTable[1].app = "checkout";
    world.podTable[1].nameSpace = "test";
    EXPECT_TRUE(is(world, none)) << "another namespace's pod";
}

TEST(Predicate, ImageExists)
{
    TableWorld world;
    const char* byReference = R"({"image_exists": {"reference": "registry.lab:5000/shop/checkout:1.8.4"}})";
    const char* byDeployment = R"({"image_exists": {"deployment": "shop/checkout"}})";
    EXPECT_FALSE(is(world, byReference));
    EXPECT_FALSE(is(world, byDeployment));
    world.manifests[kImage] = 200;
    EXPECT_TRUE(is(world, byReference));
    EXPECT_FALSE(is(world, byDeployment)) << "there is no such deployment";
    world.deployments[{"shop", "checkout"}] = checkout();
    EXPECT_TRUE(is(world, byDeployment));
    for (const int status : {404, 401, 503, 0}) {
        world.manifests[kImage] = status;
        EXPECT_FALSE(is(world, byReference)) << status;
        EXPECT_FALSE(is(world, byDeployment)) << status;
    }
}

TEST(Predicate, ADeploymentWithoutANamespaceIsInTheDefaultOne)
{
    TableWorld world;
    world.deployments[{"default", "checkout"}] = checkout();
    world.manifests[kImage] = 200;
    EXPECT_TRUE(is(world, R"({"image_exists": {"deployment": "checkout"}})"));
}

TEST(Predicate, PullAuthorizedBySecret)
{
    TableWorld world;
    const char* authorized = R"({"pull_authorized": {"deployment": "shop/checkout"}})";
    EXPECT_FALSE(is(world, authorized));
    world.deployments[{"shop", "checkout"}] = checkout({"regcred"});
    EXPECT_FALSE(is(world, authorized)) << "the secret is not there";
    const auto keep = [&](const char* password, const char* registry = "registry.lab:5000") {
        world.secrets[{"shop", "regcred", ".dockerconfigjson"}]
            = json{{"auths", {{registry, {{"username", "shop-robot"}, {"password", password}}}}}}.dump();
    };
    world.manifestsFor[{kImage, "shop-robot", "right"}] = 200;
    keep("wrong");
    EXPECT_FALSE(is(world, authorized));
    keep("right");
    EXPECT_TRUE(is(world, authorized));
    keep("right", "docker.io");
    EXPECT_FALSE(is(world, authorized)) << "an account for another registry";
    keep("right");
    world.manifestsFor[{kImage, "shop-robot", "right"}] = 404;
    EXPECT_TRUE(is(world, authorized)) << "only who may look is told that there is nothing";
    world.manifestsFor[{kImage, "shop-robot", "right"}] = 403;
    EXPECT_FALSE(is(world, authorized));
}

TEST(Predicate, PullAuthorizedByAnyOfSeveralSecrets)
{
    TableWorld world;
    world.deployments[{"shop", "checkout"}] = checkout({"old", "broken", "new"});
    world.secrets[{"shop", "old", ".dockerconfigjson"}] = R"({"auths":{"registry.lab:5000":{"username":"a","password":"old"}}})";
    world.secrets[{"shop", "broken", ".dockerconfigjson"}] = "not JSON";
    world.secrets[{"shop", "new", ".dockerconfigjson"}] = R"({"auths":{"registry.lab:5000":{"username":"a","password":"new"}}})";
    EXPECT_FALSE(is(world, R"({"pull_authorized": {"deployment": "shop/checkout"}})"));
    world.manifestsFor[{kImage, "a", "new"}] = 200;
    EXPECT_TRUE(is(world, R"({"pull_authorized": {"deployment": "shop/checkout"}})"));
}

TEST(Predicate, PullAuthorizedWithoutAnyAccountIsAnonymous)
{
    TableWorld world;
    world.deployments[{"shop", "checkout"}] = checkout();
    EXPECT_FALSE(is(world, R"({"pull_authorized": {"deployment": "shop/checkout"}})"));
    world.manifestsFor[{kImage, "", ""}] = 200;
    EXPECT_TRUE(is(world, R"({"pull_authorized": {"deployment": "shop/checkout"}})"));
}

TEST(Predicate, SliAtLeast)
{
    TableWorld world;
    world.level.successRatio = 0.985;
    EXPECT_TRUE(is(world, R"({"sli_at_least": {"success": 0.985}})"));
    EXPECT_FALSE(is(world, R"({"sli_at_least": {"success": 0.99}})"));
}

TEST(Predicate, AlertsSilent)
{
    TableWorld world;
    EXPECT_TRUE(is(world, R"({"alerts_silent": {}})"));
    world.alert = true;
    EXPECT_FALSE(is(world, R"({"alerts_silent": {}})"));
}

TEST(Predicate, NodesSchedulable)
{
    TableWorld world;
    world.allNodes = {"worker-1", "worker-2"};
    EXPECT_TRUE(is(world, R"({"nodes_schedulable": {}})"));
    world.cordoned = {"worker-2"};
    EXPECT_FALSE(is(world, R"({"nodes_schedulable": {}})"));
}

TEST(Predicate, UnitActive)
{
    TableWorld world;
    world.units = {{"registry", "registry.service"}};
    EXPECT_TRUE(is(world, R"({"unit_active": {"machine": "registry", "unit": "registry.service"}})"));
    EXPECT_FALSE(is(world, R"({"unit_active": {"machine": "worker-1", "unit": "registry.service"}})"));
}

TEST(Predicate, NodesReady)
{
    TableWorld world;
    world.allNodes = {"worker-1", "worker-2"};
    world.readyNodes = {"worker-1"};
    EXPECT_TRUE(is(world, R"({"node_ready": {"node": "worker-1"}})"));
    EXPECT_FALSE(is(world, R"({"node_ready": {"node": "worker-2"}})"));
    EXPECT_FALSE(is(world, R"({"nodes_ready": {}})"));
    world.readyNodes.insert("worker-2");
    EXPECT_TRUE(is(world, R"({"nodes_ready": {}})"));
}

TEST(Predicate, RoomOnDiskAndInMemory)
{
    TableWorld world;
    world.diskFree[{"worker-1", "/var/lib/kubelet"}] = 15;
    world.memoryLeft["worker-1"] = 256 << 20;
    EXPECT_TRUE(is(world, R"({"disk_free": {"machine": "worker-1", "path": "/var/lib/kubelet"}})"));
    EXPECT_FALSE(is(world, R"({"disk_free": {"machine": "worker-1", "path": "/var/lib/kubelet", "percent": 15.5}})"));
    EXPECT_FALSE(is(world, R"({"disk_free": {"machine": "worker-2", "path": "/var/lib/kubelet"}})"));
    EXPECT_TRUE(is(world, R"({"memory_free": {"machine": "worker-1"}})"));
    EXPECT_FALSE(is(world, R"({"memory_free": {"machine": "worker-1", "mebibytes": 257}})"));
    world.growth["worker-1"] = 20'000; // bytes a second: more than a mebibyte a minute
    EXPECT_FALSE(is(world, R"({"memory_steady": {"machine": "worker-1"}})"));
    EXPECT_TRUE(is(world, R"({"memory_steady": {"machine": "worker-1", "mebibytesPerMinute": 2}})"));
    world.active["worker-1"] = 1.5;
    EXPECT_FALSE(is(world, R"({"active_below": {"machine": "worker-1"}})"));
    EXPECT_TRUE(is(world, R"({"active_below": {"machine": "worker-1", "perCpu": 2}})"));
    EXPECT_FALSE(is(world, R"({"program_runs": {"machine": "worker-1", "program": "etl"}})")) << "none runs there";
    world.running["worker-1/etl"] = {{{"global-cache"}, 0.3}};
    EXPECT_TRUE(is(world, R"({"program_runs": {"machine": "worker-1", "program": "etl", "without": "reference-cycle"}})"));
    EXPECT_FALSE(is(world, R"({"program_runs": {"machine": "worker-1", "program": "etl", "without": "global-cache"}})"));
    EXPECT_FALSE(is(world, R"({"program_runs": {"machine": "worker-1", "program": "etl", "collectorBelow": 0.25}})"));
}

TEST(Predicate, PodsSteadyWantsAllToRunForAWhile)
{
    TableWorld world;
    world.time = sim::Instant{} + std::chrono::hours(1);
    const char* steady = R"({"pods_steady": {"namespace": "shop", "app": "checkout"}})";
    PodState up = pod("checkout-a", true);
    up.runningSince = world.time - std::chrono::seconds(90);
    world.podTable = {up};
    EXPECT_TRUE(is(world, steady));
    world.podTable.front().runningSince = world.time - std::chrono::seconds(89);
    EXPECT_FALSE(is(world, steady));
    EXPECT_TRUE(is(world, R"({"pods_steady": {"namespace": "shop", "app": "checkout", "seconds": 30}})"));
    world.podTable.front().runningSince.reset();
    EXPECT_FALSE(is(world, steady)) << "it waits to be started again";
    world.podTable.front().finished = true;
    EXPECT_TRUE(is(world, steady));
}

TEST(Predicate, APodThatHasFinishedDoesNotWait)
{
    TableWorld world;
    PodState evicted = pod("checkout-a", false);
    world.podTable = {evicted};
    EXPECT_FALSE(is(world, R"({"no_waiting_pods": {"namespace": "shop", "app": "checkout"}})"));
    world.podTable.front().finished = true;
    EXPECT_TRUE(is(world, R"({"no_waiting_pods": {"namespace": "shop", "app": "checkout"}})"));
}

TEST(Predicate, PodsResolve)
{
    TableWorld world;
    const char* any = R"({"pods_resolve": {"namespace": "shop", "app": "checkout", "name": "postgres"}})";
    const char* exact = R"({"pods_resolve": {"namespace": "shop", "app": "checkout", "name": "postgres", "address": "10.96.0.7"}})";
    EXPECT_FALSE(is(world, any)) << "nobody asks";
    world.podTable = {pod("checkout-1", true), pod("checkout-2", true)};
    world.podNames = {{"shop/checkout-1 postgres", "10.96.0.7"}};
    EXPECT_FALSE(is(world, any)) << "one of two does not find it";
    world.podNames["shop/checkout-2 postgres"] = "10.96.0.8";
    EXPECT_TRUE(is(world, any));
    EXPECT_FALSE(is(world, exact));
    world.podTable[1].deleting = true;
    EXPECT_TRUE(is(world, exact));
}

TEST(Predicate, FileContains)
{
    TableWorld world;
    world.files = {{"worker-1/etc/resolv.conf", "nameserver 10.0.0.2\n"}};
    EXPECT_TRUE(is(world, R"({"file_contains": {"machine": "worker-1", "path": "/etc/resolv.conf", "text": "10.0.0.2"}})"));
    EXPECT_FALSE(is(world, R"({"file_contains": {"machine": "worker-1", "path": "/etc/resolv.conf", "text": "10.96.0.10"}})"));
    EXPECT_FALSE(is(world, R"({"file_contains": {"machine": "worker-2", "path": "/etc/resolv.conf", "text": "10.0.0.2"}})"));
}

TEST(Predicate, MachineUp)
{
    TableWorld world;
    world.machinesUp = {"registry"};
    EXPECT_TRUE(is(world, R"({"machine_up": {"machine": "registry"}})"));
    EXPECT_FALSE(is(world, R"({"machine_up": {"machine": "worker-1"}})"));
}

TEST(Predicate, Etcd)
{
    TableWorld world;
    world.etcdState = {2, true, 0.002, 0.5, true};
    EXPECT_TRUE(is(world, R"({"etcd": {"members": 2, "takesWrites": true, "syncBelow": 0.1, "quotaBelow": 0.8, "compacts": true}})"));
    EXPECT_FALSE(is(world, R"({"etcd": {"members": 3}})"));
    world.etcdState.slowestSync = 0.1;
    EXPECT_FALSE(is(world, R"({"etcd": {"syncBelow": 0.1}})"));
    EXPECT_TRUE(is(world, R"({"etcd": {"quotaBelow": 0.8}})"));
    world.etcdState = {3, false, 0.002, 0.8, false};
    EXPECT_FALSE(is(world, R"({"etcd": {"takesWrites": true}})"));
    EXPECT_FALSE(is(world, R"({"etcd": {"quotaBelow": 0.8}})"));
    EXPECT_FALSE(is(world, R"({"etcd": {"compacts": true}})"));
    EXPECT_TRUE(is(world, R"({"etcd": {"members": 3}})"));
}

TEST(Predicate, Gpus)
{
    TableWorld world;
    EXPECT_FALSE(is(world, R"({"gpus": {"machine": "gpu-1"}})"));
    world.gpuMachines["gpu-1"] = {8, true, true, 550, 76, false};
    EXPECT_TRUE(is(world, R"({"gpus": {"machine": "gpu-1", "working": 8, "hardwareSound": true, "linksUp": true, "powerLimitAtMost": 550, "below": 85, "freeOfHeat": true}})"));
    EXPECT_FALSE(is(world, R"({"gpus": {"machine": "gpu-1", "powerLimitAtMost": 500}})"));
    EXPECT_FALSE(is(world, R"({"gpus": {"machine": "gpu-1", "below": 70}})"));
    world.gpuMachines["gpu-1"] = {7, false, false, 550, 76, true};
    for (const char* part : {R"("working": 8)", R"("hardwareSound": true)", R"("linksUp": true)", R"("freeOfHeat": true)"})
        EXPECT_FALSE(is(world, (std::string(R"({"gpus": {"machine": "gpu-1", )") + part + "}}").c_str())) << part;
    world.gpuMachines["gpu-1"] = {.working = 8, .lowestLimitW = 275, .clocksFree = false, .nvlinksUp = false};
    for (const char* part : {R"("powerLimitAtLeast": 550)", R"("clocksFree": true)", R"("nvlinksUp": true)"})
        EXPECT_FALSE(is(world, (std::string(R"({"gpus": {"machine": "gpu-1", )") + part + "}}").c_str())) << part;
    world.gpuMachines["gpu-1"] = {.working = 8, .lowestLimitW = 550, .clocksFree = true, .nvlinksUp = true};
    EXPECT_TRUE(is(world, R"({"gpus": {"machine": "gpu-1", "powerLimitAtLeast": 550, "clocksFree": true, "nvlinksUp": true}})"));
    EXPECT_TRUE(is(world, R"({"interface_down": {"machine": "gpu-1", "interface": "ib0"}})"));
    world.interfacesUp.insert({"gpu-1", "ib0"});
    EXPECT_FALSE(is(world, R"({"interface_down": {"machine": "gpu-1", "interface": "ib0"}})"));
    EXPECT_TRUE(is(world, R"({"cooling_runs": {}})"));
    world.cooled = false;
    EXPECT_FALSE(is(world, R"({"cooling_runs": {}})"));
}

TEST(Predicate, Ceph)
{
    TableWorld world;
    EXPECT_FALSE(is(world, R"({"ceph": {}})"));
    world.cephState = {true, true, 3, 12, true, true, 0.6, 0, true, true};
    EXPECT_TRUE(is(world, R"({"ceph": {"healthy": true, "monitors": 3, "osdsUp": 12, "clean": true, "serves": true, "usedBelow": 0.85, "slowOpsAtMost": 0, "drivesSound": true, "linksSound": true}})"));
    world.cephState = {false, true, 2, 11, false, false, 0.96, 40, false, false};
    for (const char* part : {R"("healthy": true)", R"("monitors": 3)", R"("osdsUp": 12)", R"("clean": true)", R"("serves": true)", R"("usedBelow": 0.85)", R"("slowOpsAtMost": 0)",
                             R"("drivesSound": true)", R"("linksSound": true)"})
        EXPECT_FALSE(is(world, (std::string(R"({"ceph": {)") + part + "}}").c_str())) << part;
    world.cephState->quorum = false;
    EXPECT_FALSE(is(world, R"({"ceph": {}})"));
}

TEST(Predicate, Roce)
{
    TableWorld world;
    EXPECT_FALSE(is(world, R"({"roce": {}})")) << "there is no such network";
    world.roceState = {true, true, true, true, true};
    EXPECT_TRUE(is(world, R"({"roce": {"trusts": true, "pauses": true, "marks": true, "receiversDrain": true, "jobLossless": true}})"));
    world.roceState = {false, false, false, false, false};
    EXPECT_TRUE(is(world, R"({"roce": {}})"));
    for (const char* part : {R"("trusts": true)", R"("pauses": true)", R"("marks": true)", R"("receiversDrain": true)", R"("jobLossless": true)"})
        EXPECT_FALSE(is(world, (std::string(R"({"roce": {)") + part + "}}").c_str())) << part;
}

TEST(Predicate, Training)
{
    TableWorld world;
    EXPECT_FALSE(is(world, R"({"training": {"job": "ml/llama-7b"}})"));
    world.jobs["ml/llama-7b"] = {true, true, 0.99, 3e-4, 200, 1, true, true, true};
    const char* all = R"({"training": {"job": "ml/llama-7b", "learns": true, "stepOfSound": 0.95, "rateAtMost": 4e-4, "warmupAtLeast": 100, "clips": true,
                          "scalesLoss": true, "cleanData": true, "soundCheckpoint": true}})";
    EXPECT_TRUE(is(world, all));
    world.jobs["ml/llama-7b"] = {true, false, 0.5, 3e-3, 0, 0, false, false, false};
    for (const char* part : {R"("learns": true)", R"("stepOfSound": 0.95)", R"("rateAtMost": 4e-4)", R"("warmupAtLeast": 100)", R"("clips": true)",
                             R"("scalesLoss": true)", R"("cleanData": true)", R"("soundCheckpoint": true)"})
        EXPECT_FALSE(is(world, (std::string(R"({"training": {"job": "ml/llama-7b", )") + part + "}}").c_str())) << part;
    EXPECT_TRUE(is(world, R"({"training": {"job": "ml/llama-7b"}})"));
    world.jobs["ml/llama-7b"].trains = false;
    EXPECT_FALSE(is(world, R"({"training": {"job": "ml/llama-7b"}})"));
}

TEST(Predicate, HttpOk)
{
    TableWorld world;
    const auto answers = [&](int status, const char* more = "") {
        world.statuses[{"bastion", "http://slo.lab/"}] = status;
        return is(world, (R"({"http_ok": {"from": "bastion", "url": "http://slo.lab/")" + std::string(more) + "}}").c_str());
    };
    EXPECT_TRUE(answers(200));
    EXPECT_TRUE(answers(401)) << "it answers";
    EXPECT_TRUE(answers(499));
    EXPECT_FALSE(answers(500));
    EXPECT_FALSE(answers(0)) << "no answer at all";
    EXPECT_FALSE(answers(404, R"(, "below": 400)"));
    EXPECT_TRUE(answers(399, R"(, "below": 400)"));
    EXPECT_FALSE(answers(0, R"(, "below": 400)"));
}

TEST(Predicate, Reach)
{
    TableWorld world;
    world.open = {{"worker-1", "registry.lab", 5000}, {"worker-1", "registry.lab", 443}};
    EXPECT_TRUE(is(world, R"({"reach": {"from": "worker-1", "host": "registry.lab", "port": 5000}})"));
    EXPECT_FALSE(is(world, R"({"reach": {"from": "worker-2", "host": "registry.lab", "port": 5000}})"));
    EXPECT_FALSE(is(world, R"({"reach": {"from": "worker-1", "host": "registry.lab", "port": 80}})"));
    EXPECT_TRUE(is(world, R"({"reach": {"from": "worker-1", "host": "registry.lab"}})")) << "443 unless told otherwise";
}

TEST(Predicate, Resolves)
{
    TableWorld world;
    world.addresses[{"worker-1", "registry.lab"}] = "10.0.0.20";
    EXPECT_TRUE(is(world, R"({"resolves": {"from": "worker-1", "name": "registry.lab", "address": "10.0.0.20"}})"));
    EXPECT_FALSE(is(world, R"({"resolves": {"from": "worker-1", "name": "registry.lab", "address": "10.0.0.19"}})"));
    EXPECT_FALSE(is(world, R"({"resolves": {"from": "worker-2", "name": "registry.lab", "address": "10.0.0.20"}})"));
}

TEST(Predicate, AllNodesReach)
{
    TableWorld world;
    world.allNodes = {"worker-1", "worker-2"};
    world.cordoned = {"worker-2"};
    world.open = {{"worker-1", "registry.lab", 5000}};
    EXPECT_FALSE(is(world, R"({"all_nodes_reach": {"host": "registry.lab", "port": 5000}})")) << "a cordoned node counts";
    world.open.insert({"worker-2", "registry.lab", 5000});
    EXPECT_TRUE(is(world, R"({"all_nodes_reach": {"host": "registry.lab", "port": 5000}})"));
}

TEST(Predicate, AllAnyAndNot)
{
    TableWorld world;
    world.machinesUp = {"up"};
    EXPECT_TRUE(is(world, R"({"all": []})"));
    EXPECT_FALSE(is(world, R"({"any": []})"));
    EXPECT_TRUE(is(world, R"({"all": [{"machine_up": {"machine": "up"}}, {"alerts_silent": {}}]})"));
    EXPECT_FALSE(is(world, R"({"all": [{"machine_up": {"machine": "up"}}, {"machine_up": {"machine": "down"}}]})"));
    EXPECT_TRUE(is(world, R"({"any": [{"machine_up": {"machine": "down"}}, {"machine_up": {"machine": "up"}}]})"));
    EXPECT_TRUE(is(world, R"({"not": {"machine_up": {"machine": "down"}}})"));
    EXPECT_FALSE(is(world, R"({"not": {"machine_up": {"machine": "up"}}})"));
    EXPECT_TRUE(is(world, R"({"not": {"any": [{"not": {"machine_up": {"machine": "up"}}}]}})"));
}

TEST(Predicate, TextsAreFilled)
{
    TableWorld world;
    world.open = {{"worker-2", "registry.lab", 5000}};
    const char* reach = R"({"reach": {"from": "{node}", "host": "registry.lab", "port": 5000}})";
    EXPECT_TRUE(is(world, reach, {{"node", {"worker-2"}}}));
    EXPECT_FALSE(is(world, reach, {{"node", {"worker-1"}}}));
    EXPECT_FALSE(is(world, reach));
}

TEST(Predicate, WhatIsUnknownOrMalformedIsFalse)
{
    TableWorld world;
    world.deployments[{"", ""}] = {1, 1, "", {}};
    for (const char* predicate :
         {"null", "true", "[]", "{}", "\"alerts_silent\"", R"({"everything_fine": {}})", R"({"alerts_silent": true})",
          R"({"alerts_silent": {}, "nodes_schedulable": {}})", R"({"all": {"alerts_silent": {}}})", R"({"any": 3})",
          R"({"not": [{"machine_up": {"machine": "x"}}]})", R"({"not": "x"})", R"({"machine_up": {"machine": 7}})",
          R"({"http_ok": {"from": [], "url": {}}})", R"({"all": [{"alerts_silent": {}}, 5]})"})
        EXPECT_FALSE(is(world, predicate)) << predicate;
}

/// A random question over two machines, one up and one down, with the answer worked out beside it.
std::pair<json, bool> anyQuestion(int depth)
{
    const int kind = *rc::gen::inRange(0, depth > 0 ? 5 : 2);
    if (kind < 2)
        return {{{"machine_up", {{"machine", kind == 0 ? "down" : "up"}}}}, kind == 1};
    if (kind == 2) {
        const auto [inner, truth] = anyQuestion(depth - 1);
        return {{{"not", inner}}, !truth};
    }
    json list = json::array();
    bool all = true;
    bool any = false;
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) {
        const auto [inner, truth] = anyQuestion(depth - 1);
        list.push_back(inner);
        all = all && truth;
        any = any || truth;
    }
    return kind == 3 ? std::pair{json{{"all", list}}, all} : std::pair{json{{"any", list}}, any};
}

RC_GTEST_PROP(Predicate, NestedOnesAreLogic, ())
{
    TableWorld world;
    world.machinesUp = {"up"};
    const auto [question, truth] = anyQuestion(4);
    RC_ASSERT(holds(question, world, {}) == truth);
}

} // namespace core::incident
