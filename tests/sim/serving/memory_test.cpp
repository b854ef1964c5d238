#include "sim/serving/memory.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sim::serving {

namespace {

EngineSettings settingsFor(const char* model, const char* device, int minor, std::int64_t ranks = 1)
{
    Deployment deployment;
    deployment.model = *modelNamed(model);
    deployment.device = *deviceNamed(device);
    deployment.tensorParallel = ranks;
    return vllmSettings(minor, deployment);
}

} // namespace

TEST(KnownNames, AreReadInTheSpellingsThatToolsPrint)
{
    for (const auto& [spelling, name] : {std::pair("NVIDIA H100 80GB HBM3", "H100"), std::pair("h100 sxm", "H100"), std::pair("A100", "A100-80"),
                                         std::pair("NVIDIA A100-SXM4-40GB", "A100-40"), std::pair("rtx 4090", "RTX4090"),
                                         std::pair("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTXPRO6000")}) {
        ASSERT_NE(deviceNamed(spelling), nullptr) << spelling;
        EXPECT_EQ(deviceNamed(spelling)->name, name);
    }
    EXPECT_EQ(deviceNamed("NVIDIA RTX PRO 6000 Blackwell Workstation Edition"), nullptr); // another clock and limit
    EXPECT_EQ(modelNamed("QWEN3-32b"), modelNamed("Qwen/Qwen3-32B"));
    EXPECT_EQ(modelNamed("Mistral-7B-v0.1")->slidingLayers, 32);
    EXPECT_EQ(modelNamed("gpt-9"), nullptr);
}

TEST(ModelShapes, KeyValueBytesPerTokenAreThePublishedOnes)
{
    const std::tuple<const char*, double, double> kRows[] = {
        {"Llama-2-7b-hf", 524288, 262144},   {"Llama-3.1-8B", 131072, 65536},     {"Llama-3.1-70B", 327680, 163840},
        {"Qwen2.5-7B-Instruct", 57344, 28672}, {"Qwen2.5-72B-Instruct", 327680, 163840}, {"Qwen3-32B", 262144, 131072},
        {"Mixtral-8x7B-v0.1", 131072, 65536}, {"DeepSeek-V3", 70272, 35136},       {"opt-13b", 819200, 409600},
        {"Llama-3.1-405B", 516096, 258048}};
    for (const auto& [name, wide, narrow] : kRows) {
        ASSERT_NE(modelNamed(name), nullptr) << name;
        EXPECT_EQ(kvBytesPerToken(*modelNamed(name), Precision::Bfloat16), wide) << name;
        EXPECT_EQ(kvBytesPerToken(*modelNamed(name), Precision::Float8), narrow) << name;
    }
}

TEST(ModelShapes, ParametersAreThePublishedOnes)
{
    const std::tuple<const char*, double, double> kRows[] = {
        {"Llama-2-7b-hf", 6.74, 6.74},  {"Llama-3.1-8B", 8.03, 8.03},         {"Llama-3.1-70B", 70.55, 70.55}, {"Qwen2.5-7B-Instruct", 7.62, 7.62},
        {"Qwen2.5-72B-Instruct", 72.71, 72.71}, {"Qwen3-32B", 32.8, 32.8}, {"Mixtral-8x7B-v0.1", 46.7, 12.88}, {"DeepSeek-V3", 671, 37.6},
        {"Qwen3-30B-A3B", 30.5, 3.3}};
    for (const auto& [name, all, active] : kRows) {
        EXPECT_NEAR(modelNamed(name)->parameters() / 1e9, all, 0.011 * all) << name;
        EXPECT_NEAR(modelNamed(name)->activeParameters() / 1e9, active, 0.03 * active) << name;
    }
}

TEST(ModelShapes, RanksBeyondTheHeadsCopyThem)
{
    const ModelShape& model = *modelNamed("Qwen2.5-7B-Instruct"); // four heads of keys and values
    EXPECT_EQ(kvBytesPerToken(model, Precision::Bfloat16, 4), 57344 / 4);
    EXPECT_EQ(kvBytesPerToken(model, Precision::Bfloat16, 8), 57344 / 4);
    const ModelShape& latent = *modelNamed("DeepSeek-V3");
    EXPECT_EQ(kvBytesPerToken(latent, Precision::Bfloat16, 8), kvBytesPerToken(latent, Precision::Bfloat16, 1));
}

/// A measured pool: RTX 4090, Llama-3.1-8B in bfloat16, 0.9 of the memory: 2,588 blocks, 5.05 GiB (vLLM 0.19).
TEST(MemoryPlan, TheMeasuredPoolOfAnRtx4090)
{
    EngineSettings settings = settingsFor("Llama-3.1-8B", "RTX4090", 19);
    settings.maxNumSeqs = 128;
    settings.maxNumBatchedTokens = 2048;
    const MemoryPlan plan = planMemory(settings);
    EXPECT_EQ(plan.blocks, 2588u);
    EXPECT_NEAR(plan.blockBytes * plan.blocks / kGiB, 5.05, 0.01);
    EXPECT_NEAR(plan.weights / kGiB, 14.96, 0.01);
}

/// PR #21728: 112 KiB a token, 11,015 blocks.
TEST(MemoryPlan, CapacityIsBlocksTimesTokens)
{
    EngineSettings settings = settingsFor("Qwen2.5-7B-Instruct", "A100-80", 9);
    settings.deployment.cache = Precision::Float32; // 112 KiB a token
    settings.maxModelLen = 8192;
    settings.cacheBytes = 11015.0 * 16 * 112 * 1024 + 1000;
    const MemoryPlan plan = planMemory(settings);
    EXPECT_EQ(plan.blocks, 11015u);
    EXPECT_NEAR(plan.available / kGiB, 18.83, 0.01);
    const auto lines = cacheSizeLines(EngineKind::Vllm09, std::uint64_t{plan.blocks} * 16, settings.maxModelLen, maximumConcurrency(settings, plan));
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], "GPU KV cache size: 176,240 tokens");
    EXPECT_EQ(lines[1], "Maximum concurrency for 8,192 tokens per request: 21.51x");
    EXPECT_EQ(cacheSizeLines(EngineKind::Vllm, 176240, 8192, 21.5137).front(),
              "GPU KV cache size: 176,240 tokens, Maximum concurrency for 8,192 tokens per request: 21.51x");
    EXPECT_EQ(availableMemoryLine(18.83 * kGiB), "Available KV cache memory: 18.83 GiB");
}

TEST(MemoryErrors, AreWordForWordVllms)
{
    EXPECT_EQ(noBlocksError(),
              "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.");
    EXPECT_EQ(tooLongError(131072, 4.0 * kGiB, 0.65 * kGiB, 21440),
              "ValueError: To serve at least one request with the model's max seq len (131072), (4.00 GiB KV cache is needed, which is larger than the "
              "available KV cache memory (0.65 GiB). Based on the available memory, the estimated maximum model length is 21440. Try increasing "
              "`gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine.");
    EXPECT_EQ(deviceBusyError(5.01 * kGiB, 6.0 * kGiB, 0.9),
              "ValueError: Free memory on device (5.01/6.0 GiB) on startup is less than desired GPU memory utilization (0.9, 5.4 GiB). Decrease GPU "
              "memory utilization or reduce GPU memory used by other processes.");
}

TEST(MemoryErrors, FollowFromThePlan)
{
    // Llama-3.2-1B: 32 KiB a token, so that 131,072 need 4.00 GiB and 0.6543 GiB hold 21,440.
    EngineSettings settings = settingsFor("Llama-3.2-1B", "A100-40", 9);
    settings.cacheBytes = 21440.0 * 32768 + 100;
    EXPECT_EQ(startError(settings, planMemory(settings)), tooLongError(131072, 4.0 * kGiB, 21440.0 * 32768, 21440));
    settings.maxModelLen = 21440;
    EXPECT_EQ(startError(settings, planMemory(settings)), "");

    // Weights that leave nothing; weights that do not fit, where the first product of a feed-forward part (8192 x 57344) is the one too many.
    EngineSettings large = settingsFor("Qwen3-32B", "H100", 32);
    large.memoryUtilization = 0.8;
    EXPECT_EQ(startError(large, planMemory(large)), noBlocksError());
    large = settingsFor("Llama-3.1-70B", "H100", 32);
    EXPECT_TRUE(startError(large, planMemory(large)).starts_with("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 896.00 MiB. GPU 0 has a"));
    large = settingsFor("Llama-3.1-70B", "H100", 32, 4);
    EXPECT_EQ(startError(large, planMemory(large)), "");
    EXPECT_NE(startError(large, planMemory(large), 20 * kGiB).find("Free memory on device ("), std::string::npos);

    // Whole memory asked for: the pool fits, capturing graphs does not.
    EngineSettings greedy = settingsFor("Llama-3.1-8B", "RTX4090", 19);
    greedy.memoryUtilization = 1.0;
    greedy.maxModelLen = 8192;
    EXPECT_NE(startError(greedy, planMemory(greedy)).find("torch.OutOfMemoryError"), std::string::npos);
    EXPECT_NE(startError(greedy, planMemory(greedy)).find("Tried to allocate 28.00 MiB"), std::string::npos); // 512 tokens of 28,672 values

    // A pool that is asked for by number: its 32 tensors come one by one. One that is too small is what there is, whatever memory is left.
    EngineSettings asked = settingsFor("Llama-3.1-8B", "RTX4090", 19);
    asked.maxModelLen = 8192;
    asked.blocksOverride = 8192;
    EXPECT_NE(startError(asked, planMemory(asked)).find("Tried to allocate 512.00 MiB"), std::string::npos);
    asked.blocksOverride = 256;
    EXPECT_EQ(startError(asked, planMemory(asked)), tooLongError(8192, 1.0 * kGiB, 0.5 * kGiB, 4096));
}

TEST(LayerGroups, HybridModelsShareThePool)
{
    const LayerGroups gemma = layerGroups(*modelNamed("google/gemma-3-27b-it"));
    EXPECT_EQ(gemma.layers, 10u);
    EXPECT_EQ(gemma.full, 1u);
    EXPECT_EQ(gemma.sliding, 6u);
    const EngineSettings settings = settingsFor("gemma-3-27b-it", "H100", 32);
    EXPECT_LT(sequenceBytes(settings, 131072), 131072 * kvBytesPerToken(settings.deployment.model, Precision::Bfloat16) / 3);
}

} // namespace sim::serving
