#include "core/incident/sim_world_probe.h"

#include "core/incident/predicate.h"
#include "tests/support/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace core::incident {

TEST(SimWorldProbe, AnswersAsTheWorldIs)
{
    sim::World world = tests::miniWorld();
    const SimWorldProbe probe(world);
    EXPECT_EQ(probe.now(), world.now());
    EXPECT_FALSE(probe.alertFiring());
    EXPECT_GE(probe.serviceLevel().successRatio, 0.99);
    EXPECT_GT(probe.serviceLevel().ratePerSecond, 0);

    const auto pods = probe.pods("shop");
    EXPECT_FALSE(pods.empty());
    EXPECT_TRUE(std::all_of(pods.begin(), pods.end(), [](const PodState& pod) {
        return pod.ready && pod.nameSpace == "shop" && !pod.node.empty() && !pod.image.empty() && pod.waitingReason.empty();
    }));
    EXPECT_TRUE(probe.pods("no-such-namespace").empty());

    const auto checkout = probe.deployment("shop", "checkout");
    ASSERT_TRUE(checkout);
    EXPECT_EQ(checkout->available, checkout->replicas);
    EXPECT_FALSE(checkout->pullSecrets.empty());
    EXPECT_FALSE(probe.deployment("shop", "nothing"));
    EXPECT_FALSE(probe.secretValue("shop", "nothing", "x"));
    EXPECT_FALSE(probe.nodes(false).empty());
    EXPECT_EQ(probe.nodes(true), probe.nodes(false));

    EXPECT_TRUE(probe.machineUp("worker-1"));
    EXPECT_FALSE(probe.machineUp("worker-99"));
    EXPECT_TRUE(probe.unitActive("registry", "registry.service"));
    EXPECT_FALSE(probe.unitActive("worker-1", "registry.service"));
    EXPECT_FALSE(probe.unitActive("worker-99", "registry.service"));
    EXPECT_EQ(probe.resolve("worker-1", "registry.lab"), "10.0.0.20");
    EXPECT_EQ(probe.resolve("worker-1", "nothing.lab"), "");
    EXPECT_EQ(probe.resolve("worker-99", "registry.lab"), "");
    EXPECT_TRUE(probe.reaches("worker-1", "registry.lab", 5000));
    EXPECT_TRUE(probe.reaches("worker-1", "10.0.0.20", 5000));
    EXPECT_FALSE(probe.reaches("worker-99", "registry.lab", 5000));
    EXPECT_EQ(probe.httpStatus("bastion", "https://registry.lab:5000/v2/"), 401) << "it wants an account";
    EXPECT_EQ(probe.httpStatus("bastion", "http://nothing.lab/"), 0);
    EXPECT_EQ(probe.httpStatus("worker-99", "http://slo.lab/"), 0);

    EXPECT_EQ(probe.manifestStatus(checkout->image, std::nullopt), 200);
    EXPECT_EQ(probe.manifestStatus(checkout->image + "-typo", std::nullopt), 404);
    EXPECT_EQ(probe.manifestStatus("registry.nowhere/x:1", std::nullopt), 0);
    EXPECT_EQ(probe.manifestStatus(checkout->image, WorldProbe::Account{}), 401);
    EXPECT_TRUE(holds({{"pull_authorized", {{"deployment", "shop/checkout"}}}}, probe, {}));
}

TEST(SimWorldProbe, KnowsObjectsByAnyOfTheirNames)
{
    const sim::World world = tests::miniWorld();
    const SimWorldProbe probe(world);
    EXPECT_TRUE(probe.objectExists("namespaces", "", "shop"));
    EXPECT_TRUE(probe.objectExists("deploy", "shop", "checkout"));
    EXPECT_FALSE(probe.objectExists("deploy", "llm", "checkout"));
    EXPECT_FALSE(probe.objectExists("unicorns", "shop", "checkout"));
}

TEST(SimWorldProbe, TriesAPodWithoutChangingTheWorld)
{
    sim::World world = tests::miniWorld();
    const std::string image = "registry.lab:5000/shop/cart:3.1.0";
    const auto before = world.fingerprint();
    EXPECT_TRUE(SimWorldProbe(world).podAdmitted("shop", image));
    EXPECT_FALSE(SimWorldProbe(world).podAdmitted("no-such-namespace", image));
    EXPECT_EQ(world.fingerprint(), before);

    sim::command::ApiCall quota;
    quota.request.verb = sim::kube::Verb::Create;
    quota.request.resource = "resourcequotas";
    quota.request.namespace_ = "shop";
    quota.request.body = {{"apiVersion", "v1"}, {"kind", "ResourceQuota"}, {"metadata", {{"name", "none"}}}, {"spec", {{"hard", {{"pods", "0"}}}}}};
    ASSERT_TRUE(world.apply(sim::Command{quota}).response.ok());
    world.runUntil(world.now() + std::chrono::seconds(2));
    EXPECT_FALSE(SimWorldProbe(world).podAdmitted("shop", image));
}

TEST(SimWorldProbe, AHealthyWorldIsHealthyByEveryIncidentsOwnWord)
{
    const sim::World world = tests::miniWorld();
    for (const auto& incident : tests::library()->incidents) {
        if (incident.topology != "mini")
            continue;
        EXPECT_TRUE(holds(incident.healthy, SimWorldProbe(world), {})) << incident.id << ": " << incident.healthy.dump();
        EXPECT_TRUE(holds(incident.intact, SimWorldProbe(world), {})) << incident.id << ": " << incident.intact.dump();
    }
}

TEST(SimWorldProbe, SeesACordonedNode)
{
    sim::World world = tests::miniWorld();
    sim::command::ApiCall cordon;
    cordon.request.verb = sim::kube::Verb::Patch;
    cordon.request.resource = "nodes";
    cordon.request.name = "worker-1";
    cordon.request.body = {{"spec", {{"unschedulable", true}}}};
    ASSERT_TRUE(world.apply(sim::Command{cordon}).response.ok());
    const SimWorldProbe probe(world);
    EXPECT_EQ(probe.nodes(true).size() + 1, probe.nodes(false).size());
    EXPECT_FALSE(holds({{"nodes_schedulable", nlohmann::json::object()}}, probe, {}));
}

} // namespace core::incident
