#include "sim/serving/log_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim::serving {

TEST(LogLines, StatisticsAreInVllmsWords)
{
    StatsInterval interval;
    interval.promptTokens = 13101;
    interval.generationTokens = 509;
    interval.state = {1, 0, 0.006, 0.561};
    EXPECT_EQ(statsLine(EngineKind::Vllm, 0, interval),
              "Engine 000: Avg prompt throughput: 1310.1 tokens/s, Avg generation throughput: 50.9 tokens/s, Running: 1 reqs, Waiting: 0 reqs, GPU KV "
              "cache usage: 0.6%, Prefix cache hit rate: 56.1%");
    interval.preemptions = 3;
    EXPECT_NE(statsLine(EngineKind::Vllm, 0, interval).find("Waiting: 0 reqs, Preemptions: 3, GPU KV"), std::string::npos);
    EXPECT_EQ(statsLine(EngineKind::Vllm09, 0, interval).find("Preemptions"), std::string::npos);
}

TEST(LogLines, AStartTellsThePool)
{
    Deployment deployment;
    deployment.model = *modelNamed("Llama-3.1-8B");
    deployment.device = *deviceNamed("H100");
    for (const EngineKind kind : {EngineKind::Vllm09, EngineKind::Vllm}) {
        const EngineSettings settings = defaultSettings(kind, deployment);
        const MemoryPlan plan = planMemory(settings);
        const auto lines = startLines(settings, plan, startTimes(settings, plan, 2e9));
        EXPECT_NE(std::find(lines.begin(), lines.end(), availableMemoryLine(plan.available)), lines.end());
        EXPECT_EQ(lines.back(), "Application startup complete.");
    }
}

/// Gemma 3's seven groups share the pool.
TEST(LogLines, GroupsOfLayersShareTheTokensThatAStartTells)
{
    Deployment deployment;
    deployment.model = *modelNamed("gemma-3-27b-it");
    deployment.device = *deviceNamed("H100");
    EngineSettings settings = defaultSettings(EngineKind::Vllm09, deployment);
    settings.maxModelLen = 8192;
    settings.blocksOverride = 7001;
    const MemoryPlan plan = planMemory(settings);
    const auto lines = startLines(settings, plan, startTimes(settings, plan, 2e9));
    EXPECT_NE(std::find(lines.begin(), lines.end(), "GPU KV cache size: 16,000 tokens"), lines.end());
}

TEST(LogLines, FailuresAreInTheToolsWords)
{
    EXPECT_EQ(watchdogLine(1, 1, 128, 600009),
              "[Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1, OpType=ALLREDUCE, NumelIn=128, NumelOut=128, "
              "Timeout(ms)=600000) ran for 600009 milliseconds before timing out.");
    EXPECT_TRUE(preemptionWarning(0, 1).starts_with("Sequence group 0 is preempted by PreemptionMode.RECOMPUTE mode because"));
    EXPECT_TRUE(preemptionWarning(0, 1).ends_with("total_cumulative_preemption_cnt=1"));
}

} // namespace sim::serving
