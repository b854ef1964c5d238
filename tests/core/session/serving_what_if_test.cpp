#include "core/session/serving_what_if.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace core::session;
using namespace sim::serving;

WhatIf question(const char* model, const char* device, std::int64_t ranks = 1)
{
    Deployment deployment;
    deployment.model = *modelNamed(model);
    deployment.device = *deviceNamed(device);
    deployment.tensorParallel = ranks;
    WhatIf ask;
    ask.settings = vllmSettings(32, deployment);
    ask.settings.maxModelLen = 8192;
    return ask;
}

} // namespace

TEST(ServingWhatIf, WhatFitsIsWhatTheEngineWouldPlan)
{
    const WhatIf ask = question("Llama-3.1-8B", "H100");
    const WhatIfAnswer answer = whatIf(ask);
    EXPECT_EQ(answer.error, "");
    EXPECT_EQ(answer.memory, planMemory(ask.settings));
    EXPECT_EQ(answer.cacheTokens, std::uint64_t{answer.memory.blocks} * 16);
    EXPECT_NEAR(answer.longestAtOnce, static_cast<double>(answer.cacheTokens) / 8192, 1e-9);
    EXPECT_GT(answer.typicalAtOnce, answer.longestAtOnce);
}

TEST(ServingWhatIf, WhatDoesNotStartSaysWhyAsVllmDoes)
{
    const WhatIfAnswer large = whatIf(question("Llama-3.1-70B", "H100"));
    EXPECT_NE(large.error.find("CUDA out of memory"), std::string::npos) << large.error;
    EXPECT_EQ(large.tokensPerSecond, 0);
    WhatIf longer = question("Llama-3.1-8B", "RTX4090");
    longer.settings.maxModelLen = 131072;
    const WhatIfAnswer answer = whatIf(longer);
    EXPECT_NE(answer.error.find("the model's max seq len (131072)"), std::string::npos) << answer.error;
    EXPECT_GT(answer.longest, 8192u);
    longer.settings.maxModelLen = answer.longest;
    EXPECT_EQ(whatIf(longer).error, "");
}

TEST(ServingWhatIf, MoreClientsGiveMoreTokensAndWaitLonger)
{
    WhatIf ask = question("Llama-3.1-8B", "A100");
    double before = 0;
    double tpot = 0;
    for (const std::uint32_t clients : {1u, 8u, 64u}) {
        ask.clients = clients;
        const WhatIfAnswer answer = whatIf(ask);
        EXPECT_GT(answer.tokensPerSecond, before);
        EXPECT_GT(answer.tpot, tpot);
        EXPECT_NEAR(answer.running, clients, 0.15 * clients);
        EXPECT_NEAR(answer.tokensPerSecond, answer.requestsPerSecond * ask.answerTokens, 1e-6);
        // A client asks, waits and reads.
        EXPECT_NEAR(clients / answer.requestsPerSecond, answer.ttft + answer.tpot * (ask.answerTokens - 1), 0.1 * clients / answer.requestsPerSecond);
        before = answer.tokensPerSecond;
        tpot = answer.tpot;
    }
}

TEST(ServingWhatIf, BeyondTheCacheRequestsWait)
{
    WhatIf ask = question("Llama-3.1-8B", "A100");
    ask.settings.blocksOverride = 401; // five of them
    ask.settings.maxModelLen = 2048;
    ask.clients = 5;
    const WhatIfAnswer fits = whatIf(ask);
    ask.clients = 20;
    const WhatIfAnswer waits = whatIf(ask);
    EXPECT_GT(waits.ttft, 5 * fits.ttft);
    EXPECT_LT(waits.running, 6);
    ask.promptTokens = 2000;
    EXPECT_TRUE(whatIf(ask).refused);
}

TEST(ServingWhatIf, ArgumentsKeepWhatDoesNotChange)
{
    const EngineSettings from = question("Llama-3.1-8B", "H100").settings;
    EngineSettings to = from;
    const std::string model = "meta-llama/Llama-3.1-8B-Instruct";
    const std::vector<std::string> arguments{model, "--max-model-len=8192", "--gpu_memory_utilization", "0.92", "--enforce-eager"};
    EXPECT_EQ(argumentsFor(arguments, model, from, to), arguments);
    to.maxModelLen = 4096;
    to.memoryUtilization = 0.8;
    to.deployment.cache = Precision::Float8;
    to.deployment.weights = Precision::Float8;
    to.deployment.tensorParallel = 2;
    to.deployment.model = *modelNamed("Qwen3-8B");
    const std::vector<std::string> changed = argumentsFor(arguments, model, from, to);
    EXPECT_EQ(changed, (std::vector<std::string>{"Qwen/Qwen3-8B", "--max-model-len=4096", "--gpu_memory_utilization", "0.8", "--enforce-eager", "--tensor-parallel-size=2",
                                                 "--quantization=fp8", "--kv-cache-dtype=fp8"}));
    EXPECT_EQ(argumentsFor(changed, "Qwen/Qwen3-8B", to, from),
              (std::vector<std::string>{from.deployment.model.name, "--max-model-len=8192", "--gpu_memory_utilization", "0.92", "--enforce-eager", "--tensor-parallel-size=1",
                                        "--kv-cache-dtype=auto"}));
}

TEST(ServingWhatIf, OtherServersHaveTheirOwnFlags)
{
    EngineSettings from = question("Qwen3-32B", "H100", 2).settings;
    from.kind = EngineKind::SgLang;
    EngineSettings to = from;
    to.maxModelLen = 16384;
    to.deployment.tensorParallel = 4;
    to.deployment.cache = Precision::Float8;
    EXPECT_EQ(argumentsFor({"--model-path", "Qwen/Qwen3-32B", "--tp", "2"}, "Qwen/Qwen3-32B", from, to),
              (std::vector<std::string>{"--model-path", "Qwen/Qwen3-32B", "--tp", "4", "--context-length=16384", "--kv-cache-dtype=fp8_e5m2"}));
    // Its share is of weights and cache together; more of it is a larger pool.
    to = from;
    to.cacheBytes = 1e9;
    to.memoryUtilization = 0.8;
    const MemoryPlan less = planMemory(sizedAnew(to, from));
    to.memoryUtilization = 0.9;
    const MemoryPlan more = planMemory(sizedAnew(to, from));
    EXPECT_NEAR(more.available - less.available, 0.1 * more.total, 1);
    EXPECT_NEAR(less.available + less.weights + less.framework, 0.8 * less.total, 1);
}

TEST(ServingWhatIf, APoolThatWasCappedStaysSo)
{
    EngineSettings from = question("Qwen3-32B", "H100", 2).settings;
    for (const EngineKind kind : {EngineKind::SgLang, EngineKind::TensorRtLlm}) {
        from.kind = kind;
        from.memoryUtilization = 0.8;
        from.cacheBytes = poolBytes(from); // as large as it can be
        EngineSettings to = from;
        to.memoryUtilization = 0.9;
        EXPECT_DOUBLE_EQ(*sizedAnew(to, from).cacheBytes, poolBytes(to));
        from.cacheBytes = 2e9; // --max-total-tokens, max_tokens
        to.cacheBytes = from.cacheBytes;
        EXPECT_DOUBLE_EQ(*sizedAnew(to, from).cacheBytes, 2e9);
        to.deployment.weights = Precision::Float8; // frees memory that the pool was told not to take
        EXPECT_DOUBLE_EQ(*sizedAnew(to, from).cacheBytes, 2e9);
        to.memoryUtilization = 0.01;
        EXPECT_LT(*sizedAnew(to, from).cacheBytes, 2e9);
    }
}

TEST(ServingWhatIf, TheCommandPatchesTheContainer)
{
    EXPECT_EQ(patchCommand("llm", "chat", "vllm", {"--max-num-seqs", "64"}, 1, 1),
              R"(kubectl -n llm patch deployment chat -p '{"spec":{"template":{"spec":{"containers":[{"name":"vllm","args":["--max-num-seqs","64"]}]}}}}')");
    const std::string more = patchCommand("llm", "chat", "vllm", {"it's"}, 1, 2);
    EXPECT_NE(more.find(R"("resources":{"requests":{"nvidia.com/gpu":"2"},"limits":{"nvidia.com/gpu":"2"}})"), std::string::npos);
    EXPECT_NE(more.find(R"(it'\''s)"), std::string::npos);
}
