#include "tests/sim/world/serving_lab.h"

#include <algorithm>
#include <ostream>

// Why a prefix cache finds little, and why a cache has no room: each cause by its own figure, and its cure.
namespace {

using namespace sim;
using namespace sim::testing;
using nlohmann::json;

const World& agentsLab()
{
    static const World kWorld = labOf("serving-agents");
    return kWorld;
}

const World& budgetLab()
{
    static const World kWorld = labOf("serving-budget");
    return kWorld;
}

struct Cause {
    const char* cause;
    const char* variant;
    const char* deployment; ///< whose arguments cure it
    const char* nameSpace = "llm";
};

void PrintTo(const Cause& one, std::ostream* out) { *out << one.cause << "/" << one.variant; }

World hurt(const World& lab, const char* fault, const Cause& one, Duration after)
{
    World world = lab;
    const auto put = world.apply(Command{command::InjectFault{fault, {{"cause", one.cause}, {"variant", one.variant}}}});
    EXPECT_TRUE(put.ok) << put.error;
    world.runUntil(world.now() + after);
    return world;
}

/// Puts a Deployment's pods back to what they were in the lab.
void undo(World& world, const World& lab, const Cause& one)
{
    kube::Request get;
    get.verb = kube::Verb::Get;
    get.resource = "deployments.apps";
    get.namespace_ = one.nameSpace;
    get.name = one.deployment;
    kube::Request patch = get;
    patch.verb = kube::Verb::Patch;
    patch.patchType = kube::PatchType::Merge;
    patch.body["spec"]["template"]["spec"]["containers"] = lab.apiRead(get).body["spec"]["template"]["spec"]["containers"];
    EXPECT_TRUE(world.apply(Command{command::ApiCall{patch}}).response.ok());
}

/// Of all prompts of a model in the last minute, 0..1.
double hits(const World& world, const char* deployment)
{
    double found = 0, samples = 0;
    for (const serving::Server* server : serversOf(world, deployment))
        for (auto sample = server->history.rbegin(); sample != server->history.rend() && world.now() - sample->at < 1min; ++sample)
            if (sample->hitRate >= 0) {
                found += sample->hitRate;
                ++samples;
            }
    return samples > 0 ? found / samples : 1;
}

std::uint32_t waiting(const World& world)
{
    std::uint32_t most = 0;
    for (const serving::Server* server : serversOf(world, "chat"))
        if (server->engine)
            most = std::max(most, server->engine->state().waiting);
    return most;
}

TEST(KvHitRate, NineTokensOfTenAreFoundInTheLab)
{
    EXPECT_GT(hits(agentsLab(), "agents"), 0.83);
    EXPECT_GT(served(agentsLab()), 0.99);
}

class KvHitRate : public ::testing::TestWithParam<Cause> { };

TEST_P(KvHitRate, FallsAndComesBackWithTheCure)
{
    const Cause& one = GetParam();
    World world = hurt(agentsLab(), "kv-hit-rate", one, 8min);
    EXPECT_LT(hits(world, "agents"), 0.75);
    EXPECT_LT(served(world), 0.96);
    if (std::string(one.cause) == "prefix-caching-off" || std::string(one.cause) == "unstable-prefix")
        EXPECT_LT(hits(world, "agents"), 0.02) << "not even the tools";
    else
        EXPECT_GT(hits(world, "agents"), 0.4) << "the tools are found";
    undo(world, agentsLab(), one);
    world.runUntil(world.now() + 16min);
    EXPECT_GT(hits(world, "agents"), 0.8);
    EXPECT_GT(served(world), 0.98);
}

INSTANTIATE_TEST_SUITE_P(Causes, KvHitRate,
                         ::testing::Values(Cause{"scattered-routing", "round-robin", "agents-router"}, Cause{"eviction-policy", "mru", "agents"},
                                           Cause{"cache-too-small", "low-fraction", "agents"}, Cause{"prefix-caching-off", "radix-off", "agents"},
                                           Cause{"unstable-prefix", "timestamp", "assistants", "apps"}));

TEST(KvHitRate, AnEvaluationEndsByItself)
{
    World world = hurt(agentsLab(), "kv-hit-rate", {"no-fault", "evaluation", ""}, 5min);
    EXPECT_LT(served(world), 0.96);
    world.runUntil(world.now() + 12min);
    EXPECT_GT(served(world), 0.98);
}

TEST(KvHitRate, AGatewayThatDoesNotRunLetsNobodyThrough)
{
    World world = agentsLab();
    kube::Request patch;
    patch.verb = kube::Verb::Patch;
    patch.patchType = kube::PatchType::Merge;
    patch.resource = "deployments.apps";
    patch.namespace_ = "apps";
    patch.name = "assistants";
    patch.body["spec"]["replicas"] = 0;
    EXPECT_TRUE(world.apply(Command{command::ApiCall{patch}}).response.ok());
    world.runUntil(world.now() + 2min);
    EXPECT_EQ(world.serving().client("assistants")->share, 0);
}

TEST(KvFragmentation, TheBudgetIsEnoughInTheLab)
{
    EXPECT_EQ(waiting(budgetLab()), 0U);
    for (const serving::Server* server : serversOf(budgetLab(), "chat"))
        if (server->engine) {
            EXPECT_GT(server->engine->state().cacheUsage, 0.3);
        }
}

class KvFragmentation : public ::testing::TestWithParam<Cause> { };

TEST_P(KvFragmentation, KeepsRequestsOutUntilItIsCured)
{
    const Cause& one = GetParam();
    const std::string cause = one.cause;
    World world = hurt(budgetLab(), "kv-fragmentation", one, 5min);
    EXPECT_GT(waiting(world), 10U);
    EXPECT_LT(served(world), 0.96);
    for (const serving::Server* server : serversOf(world, "chat")) {
        ASSERT_TRUE(server->engine);
        const auto state = server->engine->state();
        if (cause == "contiguous-allocator") {
            EXPECT_LE(state.running, 5U) << "one stretch each";
        }
        if (cause == "stale-sequences") {
            EXPECT_EQ(server->engine->metrics().counters.finished[2], 0U) << "nobody is noticed to have gone";
        }
        if (cause == "block-size") {
            EXPECT_LT(state.prefixHitRate, 0.2) << "the common beginning fills no block";
        }
        if (cause == "fp16-cache") {
            EXPECT_LT(server->engine->memory().blocks, 1200U);
        }
    }
    if (cause == "undersized-gpu")
        return; // its cure is another replica
    undo(world, budgetLab(), one);
    world.runUntil(world.now() + 6min);
    EXPECT_EQ(waiting(world), 0U);
    EXPECT_GT(served(world), 0.99);
}

INSTANTIATE_TEST_SUITE_P(Causes, KvFragmentation,
                         ::testing::Values(Cause{"contiguous-allocator", "built-engine", "chat"}, Cause{"stale-sequences", "hidden-disconnects", "chat"},
                                           Cause{"block-size", "huge-blocks", "chat"}, Cause{"fp16-cache", "dtype-dropped", "chat"},
                                           Cause{"undersized-gpu", "more-users", "chat"}));

} // namespace
