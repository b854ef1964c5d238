#include "tests/sim/world/serving_lab.h"

#include "sim/faults/inference_throughput.h"
#include "sim/kube/client/objects.h"

#include <algorithm>

// What the guide tells people to do about slow, full and failing model servers, done in the lab: it helps, and by how much.
namespace {

using namespace sim;
using namespace sim::testing;

/// What a step changes on a Deployment in namespace llm.
struct Change {
    const char* deployment;
    std::vector<std::pair<const char*, const char*>> arguments; ///< with their values; "-" takes one away
    int gpus = 0;                                               ///< of each replica; 0: as before
    int replicas = 0;                                           ///< 0: as before
    const char* board = nullptr;
};

struct Step {
    const char* name;
    const char* fault;
    const char* cause;
    const char* variant;
    Duration hurting;
    Change change;
    Duration healing;
    const char* client;
    double before; ///< share of good answers, at most
    double after;  ///< at least
};

void PrintTo(const Step& step, std::ostream* out) { *out << step.name; }

void apply(World& world, const Change& change)
{
    edit(world, change.deployment, [&](nlohmann::json& spec, nlohmann::json& container) {
        for (const auto& [name, value] : change.arguments)
            if (std::string_view(value) == "-")
                faults::removeArgument(container, name);
            else
                faults::setArgument(container, name, value);
        if (change.gpus > 0)
            faults::setGpus(container, change.gpus);
        if (change.replicas > 0)
            spec["replicas"] = change.replicas;
        if (change.board != nullptr)
            spec["template"]["spec"]["nodeSelector"] = {{"nvidia.com/gpu.product", change.board}};
    });
}

class StepOfTheGuide : public ::testing::TestWithParam<Step> { };

TEST_P(StepOfTheGuide, Helps)
{
    const Step& step = GetParam();
    World world = servingLab();
    const CommandResult put = world.apply(Command{command::InjectFault{step.fault, {{"cause", step.cause}, {"variant", step.variant}}}});
    ASSERT_TRUE(put.ok) << put.error;
    world.runUntil(world.now() + step.hurting);
    EXPECT_LE(world.serving().client(step.client)->share, step.before);
    apply(world, step.change);
    world.runUntil(world.now() + step.healing);
    EXPECT_GE(world.serving().client(step.client)->share, step.after);
}

// Its five steps against a lack of memory, against slow answers and against too little throughput; those of the cache are in kv_faults_test.cpp.
INSTANTIATE_TEST_SUITE_P(
    Guide, StepOfTheGuide,
    ::testing::Values(
        Step{"QuantiseTheWeights", "inference-oom", "weights-too-big", "unquantised", 3min, {"docs", {{"--quantization", "fp8"}}}, 5min, "contracts", 0, 0.95},
        Step{"SmallerBatches", "inference-oom", "batch-too-big", "token-budget", 3min, {"docs", {{"--max-num-batched-tokens", "8192"}}}, 5min, "contracts", 0, 0.95},
        Step{"EightBitCacheForLongContexts", "inference-oom", "kv-too-big", "context-length", 3min, {"docs", {{"--kv-cache-dtype", "fp8"}}}, 5min, "contracts", 0, 0.95},
        Step{"FourGpusForLongContexts", "inference-oom", "kv-too-big", "context-length", 3min, {"docs", {{"--tensor-parallel-size", "4"}}, 4}, 6min, "contracts", 0, 0.95},
        Step{"ModelParallelism", "inference-oom", "needs-parallelism", "one-gpu", 3min, {"docs", {{"--tensor-parallel-size", "2"}}, 2}, 5min, "contracts", 0, 0.95},
        Step{"CompressedCache", "inference-latency", "kv-preemption", "small-pool", 6min, {"chat", {{"--kv-cache-dtype", "fp8"}}}, 9min, "web", 0.9, 0.95},
        Step{"ShorterContexts", "inference-latency", "long-prompts", "reports", 6min, {"chat", {{"--max-model-len", "8192"}}}, 9min, "web", 0.9, 0.95},
        Step{"ChunkedPrefill", "inference-latency", "long-prompts", "reports", 6min,
             {"chat", {{"--no-enable-chunked-prefill", "-"}, {"--max-num-batched-tokens", "2048"}}}, 9min, "web", 0.9, 0.95},
        Step{"FasterHardware", "inference-latency", "slow-gpu", "other-board", 6min, {"chat", {}, 0, 0, "NVIDIA-H100-80GB-HBM3"}, 9min, "web", 0.95, 0.98},
        Step{"FlashAttention", "inference-latency", "attention-backend", "torch-native", 6min, {"chat", {{"--attention-backend", "-"}}}, 9min, "web", 0.9, 0.95},
        Step{"EightBitCacheForMoreAtOnce", "inference-throughput", "cache-bound", "small-pool", 7min, {"chat", {{"--kv-cache-dtype", "fp8"}}}, 9min, "web", 0.9, 0.95},
        Step{"MoreReplicas", "inference-throughput", "too-few-replicas", "outgrown", 7min, {"chat", {}, 0, 8}, 9min, "web", 0.9, 0.95},
        Step{"EvenBalancing", "inference-throughput", "uneven-balancing", "one-session", 5min, {"chat-router", {{"--policy", "round_robin"}}}, 5min, "web", 0.9, 0.95},
        Step{"QueueByPriority", "inference-throughput", "queue-blocking", "long-documents", 7min, {"chat", {{"--scheduling-policy", "priority"}}}, 9min, "web", 0.9,
             0.95}),
    [](const ::testing::TestParamInfo<Step>& info) { return std::string(info.param.name); });

/// Deployment chat's pods that are meant to be.
std::int64_t sizeOf(const World& world)
{
    return world.cluster().store().get<kube::Deployment>({"llm", "chat"})->spec.replicas.value_or(1);
}

void scaleByQueue(World& world)
{
    kube::Request create;
    create.verb = kube::Verb::Create;
    create.resource = "horizontalpodautoscalers.autoscaling";
    create.namespace_ = "llm";
    const auto metric = [](const char* name, const char* value) {
        return nlohmann::json{{"type", "Pods"}, {"pods", {{"metric", {{"name", name}}}, {"target", {{"type", "AverageValue"}, {"averageValue", value}}}}}};
    };
    create.body = {{"apiVersion", "autoscaling/v2"},
                   {"kind", "HorizontalPodAutoscaler"},
                   {"metadata", {{"name", "chat"}}},
                   {"spec",
                    {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "chat"}}},
                     {"minReplicas", 4},
                     {"maxReplicas", 8},
                     {"metrics", nlohmann::json::array({metric("vllm_num_requests_waiting", "4"), metric("vllm_kv_cache_usage_perc", "800m"), metric("vllm_num_requests_running", "40")})}}}};
    const CommandResult made = world.apply(Command{command::ApiCall{create}});
    ASSERT_TRUE(made.response.ok()) << made.response.body.dump();
}

TEST(Autoscaling, FollowsTheQueueAndTheCacheUpAndDown)
{
    World world = servingLab();
    scaleByQueue(world);
    world.runUntil(world.now() + 2min);
    EXPECT_EQ(sizeOf(world), 4) << "nobody waits in the sound lab";
    ASSERT_TRUE(world.apply(Command{command::InjectFault{"inference-throughput", {{"cause", "no-fault"}, {"variant", "campaign"}}}}).ok);
    world.runUntil(world.now() + 10min);
    EXPECT_GE(sizeOf(world), 6);
    EXPECT_GE(world.serving().client("web")->share, 0.95);
    // The campaign is over, and so are the five minutes in which nothing shrinks.
    world.runUntil(world.now() + faults::kInferenceThroughputProceedsAfter);
    EXPECT_LT(sizeOf(world), 8);
    EXPECT_GE(world.serving().client("web")->share, 0.95);
}

TEST(Autoscaling, SaysThatNobodyServesItsMetric)
{
    World world = servingLab();
    kube::Request scale;
    scale.verb = kube::Verb::Patch;
    scale.patchType = kube::PatchType::Merge;
    scale.resource = "deployments.apps";
    scale.namespace_ = "monitoring";
    scale.name = "prometheus-adapter";
    scale.body = {{"spec", {{"replicas", 0}}}};
    ASSERT_TRUE(world.apply(Command{command::ApiCall{scale}}).response.ok());
    world.runUntil(world.now() + 1min);
    scaleByQueue(world);
    world.runUntil(world.now() + 1min);
    const auto hpa = world.cluster().store().get<kube::HorizontalPodAutoscaler>({"llm", "chat"});
    const kube::Condition* active = kube::findCondition(hpa->status.conditions, "ScalingActive");
    ASSERT_NE(active, nullptr);
    EXPECT_EQ(active->status.value, "False");
    EXPECT_EQ(active->reason, "FailedGetPodsMetric");
}

} // namespace
