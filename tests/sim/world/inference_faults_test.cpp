#include "tests/sim/world/serving_lab.h"

#include <algorithm>

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

} // namespace
