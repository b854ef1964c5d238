#include "tests/sim/world/serving_lab.h"

#include "sim/kube/client/objects.h"

#include <algorithm>
#include <tuple>

// What a model server's users feel, what its figures show, and what each remedy does to both.
namespace {

using namespace sim;
using namespace sim::testing;

World hurt(const char* fault, const char* cause, const char* variant, Duration age)
{
    World world = servingLab();
    const CommandResult done = world.apply(Command{command::InjectFault{fault, {{"cause", cause}, {"variant", variant}}}});
    EXPECT_TRUE(done.ok) << done.error;
    world.runUntil(world.now() + age);
    return world;
}

/// "--name=value" on the command line of the Deployment's servers.
void set(World& world, const std::string& deployment, const std::string& name, const std::string& value)
{
    edit(world, deployment, [&](nlohmann::json&, nlohmann::json& container) { faults::setArgument(container, name, value); });
}

double share(const World& world, const char* client) { return world.serving().client(client)->share; }

/// Whether a line of a log of the Deployment's pods, of whichever start, holds the text.
bool said(const World& world, std::string_view deployment, std::string_view text)
{
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.podName.starts_with(std::string(deployment) + "-")
            && std::any_of(container.log.begin(), container.log.end(), [&](const auto& line) { return line.second.find(text) != std::string::npos; }))
            return true;
    return false;
}

struct Start {
    const char* cause;
    const char* variant;
    const char* error;
    const char* cure; ///< an argument
    const char* value;
};

class InferenceOom : public ::testing::TestWithParam<Start> { };

TEST_P(InferenceOom, EndsTheStartUntilWhatIsTooLargeIsSmaller)
{
    const Start& start = GetParam();
    World world = hurt("inference-oom", start.cause, start.variant, 2min);
    EXPECT_TRUE(said(world, "docs", start.error));
    EXPECT_EQ(share(world, "contracts"), 0);
    EXPECT_LT(served(world), 0.8);
    EXPECT_GT(share(world, "web"), 0.98) << "the others do not mind";
    set(world, "docs", start.cure, start.value);
    world.runUntil(world.now() + 4min);
    EXPECT_GT(share(world, "contracts"), 0.9);
    EXPECT_GT(served(world), 0.98);
}

INSTANTIATE_TEST_SUITE_P(Causes, InferenceOom,
                         ::testing::Values(Start{"weights-too-big", "unquantised", "To serve at least one request", "--quantization", "fp8"},
                                           Start{"batch-too-big", "token-budget", "torch.OutOfMemoryError: CUDA out of memory", "--max-num-batched-tokens", "8192"},
                                           Start{"kv-too-big", "context-length", "(60.00 GiB KV cache is needed", "--max-model-len", "32768"},
                                           Start{"memory-fraction", "low-utilisation", "To serve at least one request", "--gpu-memory-utilization", "0.9"}));

/// Whoever takes the GPUs is on all that are idle: a restart elsewhere heals nothing.
class TakenGpus : public ::testing::TestWithParam<std::tuple<const char*, const char*, std::uint64_t>> { };

TEST_P(TakenGpus, StayTaken)
{
    const auto [cause, variant, seed] = GetParam();
    World world = labOf("serving", seed, 8min);
    ASSERT_TRUE(world.apply(Command{command::InjectFault{"inference-oom", {{"cause", cause}, {"variant", variant}}}}).ok);
    world.runUntil(world.now() + 7min);
    EXPECT_EQ(share(world, "contracts"), 0);
    EXPECT_TRUE(said(world, "docs", "Free memory on device"));
    EXPECT_GT(share(world, "web"), 0.98) << "the others do not mind";
}

INSTANTIATE_TEST_SUITE_P(Seeds, TakenGpus,
                         ::testing::Values(std::tuple("memory-fraction", "other-process", 2), std::tuple("memory-fraction", "other-process", 4), std::tuple("no-fault", "memory-test", 1),
                                           std::tuple("no-fault", "memory-test", 4)));

// ---- beyond the guide

const World& keptLab()
{
    static const World kWorld = labOf("serving-kept");
    return kWorld;
}

const serving::Server& docsOf(const World& world) { return *serversOf(world, "docs").front(); }

World hang(const char* cause, const char* variant)
{
    World world = keptLab();
    EXPECT_TRUE(world.apply(Command{command::InjectFault{"tp-hang", {{"cause", cause}, {"variant", variant}}}}).ok);
    world.runUntil(world.now() + 150s);
    EXPECT_EQ(share(world, "contracts"), 0) << cause;
    EXPECT_EQ(docsOf(world).phase, serving::ServerPhase::Stalled) << cause;
    return world;
}

TEST(TpHang, TheOthersSpinForOneThatStandsAndNobodyDoesForACoreThatStands)
{
    const auto kernels = [](const World& world) {
        std::vector<double> shares;
        for (const GpuId gpu : docsOf(world).gpus)
            shares.push_back(world.gpus().at(gpu).processes.front().activity.kernel);
        return shares;
    };
    World world = hang("gpu-hung", "endless-kernel");
    EXPECT_EQ(kernels(world), (std::vector<double>{1, 1}));
    EXPECT_TRUE(said(world, "docs", "No available shared memory broadcast block"));
    world = hang("stopped-worker", "paused");
    EXPECT_EQ(kernels(world), (std::vector<double>{1, 0}));
    EXPECT_TRUE(said(world, "docs", "No available shared memory broadcast block"));
    world = hang("stopped-core", "paused-core");
    EXPECT_EQ(kernels(world), (std::vector<double>{0, 0}));
    EXPECT_FALSE(said(world, "docs", "No available shared memory broadcast block")) << "who would complain stands";
    world.apply(Command{command::Signal{docsOf(world).host, docsOf(world).corePid, 18}});
    world.runUntil(world.now() + 8min);
    EXPECT_GT(share(world, "contracts"), 0.9);
}

TEST(EngineDead, ProbesThatAskForTheVersionKeepADeadServerInPlace)
{
    for (const auto& [cause, variant] : {std::pair("gpu-lost", "falls-off"), std::pair("uncorrectable-memory", "uncontained"), std::pair("killed-worker", "by-hand")}) {
        World world = keptLab();
        ASSERT_TRUE(world.apply(Command{command::InjectFault{"engine-dead-api-alive", {{"cause", cause}, {"variant", variant}}}}).ok);
        world.runUntil(world.now() + 4min);
        EXPECT_EQ(share(world, "contracts"), 0) << cause;
        ASSERT_EQ(serversOf(world, "docs").size(), 1u) << cause;
        EXPECT_EQ(docsOf(world).phase, serving::ServerPhase::Dead) << cause;
        const auto pod = world.cluster().store().get<kube::Pod>({"llm", docsOf(world).pod});
        ASSERT_TRUE(pod) << cause;
        EXPECT_TRUE(kube::isReady(*pod)) << cause;
        EXPECT_EQ(pod->status.containerStatuses.front().restartCount.value, 0) << cause;
        // What a probe on /health would have done.
        edit(world, "docs", [](nlohmann::json&, nlohmann::json& container) {
            for (const char* probe : {"readinessProbe", "livenessProbe", "startupProbe"})
                container[probe]["httpGet"]["path"] = "/health";
        });
        world.runUntil(world.now() + 8min);
        EXPECT_GT(share(world, "contracts"), 0.9) << cause;
    }
}

TEST(SharedModel, ATenantWithoutItsLimitTakesWhatTheOthersNeed)
{
    World world = labOf("serving-tenants");
    EXPECT_GT(served(world), 0.99);
    const double before = world.serving().client("labelling")->arriving().requestsPerSecond;
    EXPECT_LT(before, world.serving().client("labelling")->settings.load.requestsPerSecond) << "its gateway holds it back";
    ASSERT_TRUE(world.apply(Command{command::InjectFault{"noisy-tenant", {{"cause", "limit-lost"}, {"variant", "flag-dropped"}}}}).ok);
    world.runUntil(world.now() + 6min);
    EXPECT_GT(world.serving().client("labelling")->arriving().requestsPerSecond, 3 * before);
    EXPECT_LT(share(world, "web"), 0.9);
    EXPECT_LT(share(world, "support"), 0.9);
}

} // namespace
