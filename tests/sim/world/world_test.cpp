#include "sim/kube/api/printers.h"
#include "tests/support/world.h"

namespace {

using namespace sim;

TEST(World, TheMiniLabComesUpHealthy)
{
    const World world = tests::miniWorld();
    for (const auto& [key, pod] : world.cluster().store().all<kube::Pod>())
        EXPECT_EQ(kube::podStatusWord(*pod), "Running") << key.namespace_ << "/" << key.name;
    for (const auto& [key, node] : world.cluster().store().all<kube::Node>()) {
        bool ready = false;
        for (const auto& condition : node->status.conditions)
            ready = ready || (condition.type.value == "Ready" && condition.status.value == "True");
        EXPECT_TRUE(ready) << key.name;
    }
    EXPECT_EQ(world.cluster().store().all<kube::Node>().size(), 8u);
    EXPECT_GT(world.telemetry().mean("sli.success", 60s), 0.998);
    EXPECT_LT(world.telemetry().mean("sli.p99", 60s), 1.0);
}

TEST(World, GpusWarmUpUnderLoad)
{
    const World world = tests::miniWorld();
    double busiest = 0;
    double idlest = 1000;
    for (const auto& gpu : world.gpus().all()) {
        busiest = std::max(busiest, gpu.temperatureC());
        idlest = std::min(idlest, gpu.temperatureC());
        EXPECT_LE(gpu.now.powerW, gpu.settings.powerLimitW * 1.02);
    }
    EXPECT_GT(busiest, 45);
    EXPECT_LT(idlest, 35);
}

TEST(World, FewerReplicasThanTheLoadNeedsHurtPeople)
{
    World world = tests::miniWorld();
    kube::Request scale;
    scale.verb = kube::Verb::Patch;
    scale.patchType = kube::PatchType::Merge;
    scale.resource = "deployments.apps";
    scale.namespace_ = "shop";
    scale.name = "checkout";
    scale.body = {{"spec", {{"replicas", 4}}}};
    EXPECT_TRUE(world.apply(Command{command::ApiCall{scale}}).ok);
    world.runUntil(world.now() + 2min);
    // 4 x 60 requests/s against about 264: nine in ten at best.
    EXPECT_NEAR(world.telemetry().mean("sli.success", 30s), 240.0 / 264.0, 0.03);
}

TEST(World, NothingListensBehindAServiceWithoutPods)
{
    World world = tests::miniWorld();
    kube::Request remove;
    remove.verb = kube::Verb::Delete;
    remove.resource = "deployments.apps";
    remove.namespace_ = "shop";
    remove.name = "checkout";
    EXPECT_TRUE(world.apply(Command{command::ApiCall{remove}}).ok);
    world.runUntil(world.now() + 2min);
    EXPECT_LT(world.telemetry().mean("sli.success", 30s), 0.01);
}

TEST(World, TheNameserverAnswersEveryMachine)
{
    const World world = tests::miniWorld();
    for (const auto& machine : world.hosts().all()) {
        const NameAnswer answer = world.resolve(machine.stack, "registry.lab");
        ASSERT_EQ(answer.status, NameAnswer::Status::Found) << machine.name;
        EXPECT_EQ(answer.addresses.front().text(), "10.0.0.20");
    }
}

TEST(World, ABadTopologyIsAnErrorNotACrash)
{
    const nlohmann::json good = tests::library()->topologies.at("mini");
    for (const auto& [key, value] : good.items()) {
        nlohmann::json bad = good;
        bad.erase(key);
        (void)World::build(bad, 1);
        bad[key] = 42;
        const auto built = World::build(bad, 1);
        if (!built) {
            EXPECT_FALSE(built.error().text().empty());
        }
    }
    EXPECT_FALSE(World::build(nlohmann::json::array(), 1));
}

TEST(World, MachinesOfASeriesAreLikeTheirModelButForNameAddressAndLeaf)
{
    nlohmann::json topology = tests::library()->topologies.at("mini");
    topology["machineSeries"] = {{{"like", "worker-1"}, {"prefix", "extra-"}, {"first", 7}, {"count", 3}, {"address", "10.0.0.200"}, {"leaves", {"leaf-1", "leaf-2"}}}};
    const auto built = World::build(topology, 1);
    ASSERT_TRUE(built) << built.error().text();
    const host::Machine* model = built->hosts().find("worker-1");
    const host::Machine* last = built->hosts().find("extra-9");
    ASSERT_NE(model, nullptr);
    ASSERT_NE(last, nullptr);
    EXPECT_EQ(built->hosts().find("extra-10"), nullptr);
    EXPECT_EQ(last->cpus, model->cpus);
    EXPECT_TRUE(built->network().findByAddress(*net::Ipv4::parse("10.0.0.202")).valid());

    topology["machineSeries"][0]["like"] = "nobody";
    const auto refused = World::build(topology, 1);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text().find("like the machine nobody"), std::string::npos) << refused.error().text();
}

} // namespace
