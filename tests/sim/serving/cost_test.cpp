#include "sim/serving/cost.h"

#include <gtest/gtest.h>

namespace sim::serving {

namespace {

Deployment on(const char* model, const char* device, std::int64_t ranks = 1)
{
    Deployment deployment;
    deployment.model = *modelNamed(model);
    deployment.device = *deviceNamed(device);
    deployment.tensorParallel = ranks;
    return deployment;
}

StepWork decoding(std::int64_t sequences, std::int64_t context)
{
    StepWork work;
    work.tokens = work.sampled = work.decodes = sequences;
    work.decodeContext = work.windowContext = sequences * context;
    return work;
}

StepWork prompt(std::int64_t tokens, double behind = 0)
{
    StepWork work;
    work.tokens = work.longestChunk = tokens;
    work.chunks = work.sampled = 1;
    work.chunkScores = work.windowChunkScores = static_cast<double>(tokens) * (behind + static_cast<double>(tokens) / 2);
    return work;
}

} // namespace

/// The four products of a layer of Llama-3.1-8B on an RTX PRO 6000, microseconds (vLLM 0.19's kernels, profiled by LLMServingSim).
TEST(CostModel, ProductsAreTheProfiledOnes)
{
    const CostModel costs(on("Llama-3.1-8B", "RTXPRO6000"));
    for (const auto& [tokens, microseconds] : {std::pair(1, 306), {64, 332}, {256, 417}, {512, 671}, {1024, 1187}, {2048, 2258}}) {
        const double sum = costs.productSeconds(tokens, 4096, 6144, Precision::Bfloat16) + costs.productSeconds(tokens, 4096, 4096, Precision::Bfloat16)
            + costs.productSeconds(tokens, 4096, 28672, Precision::Bfloat16) + costs.productSeconds(tokens, 14336, 4096, Precision::Bfloat16);
        EXPECT_NEAR(sum * 1e6, microseconds, 0.07 * microseconds) << tokens;
    }
}

TEST(CostModel, AttentionIsTheProfiledOne)
{
    const CostModel costs(on("Llama-3.1-8B", "RTXPRO6000"));
    const auto layer = [&](const StepWork& work) { return costs.cost(work).attention / 32 * 1e6; };
    // Decoding: sequences, context, microseconds.
    for (const auto& [sequences, context, microseconds] : {std::tuple(16, 1024, 60.3), {128, 512, 229.1}, {128, 1024, 404.9}, {128, 8192, 2855.0}})
        EXPECT_NEAR(layer(decoding(sequences, context)), microseconds, 0.08 * microseconds) << sequences << " x " << context;
    // Prompts: chunk, before it, microseconds.
    for (const auto& [chunk, behind, microseconds] : {std::tuple(2048, 0, 172.6), {2048, 1024, 297.7}, {2048, 8192, 1152.3}})
        EXPECT_NEAR(layer(prompt(chunk, behind)), microseconds, 0.1 * microseconds) << chunk << " after " << behind;
    // Both in one step: FlashAttention-2 gives each decoding sequence a whole tile.
    for (const auto& [chunk, sequences, microseconds] : {std::tuple(512, 64, 348.6), {512, 128, 735.1}, {2048, 64, 570.0}, {2048, 128, 1031.2}}) {
        StepWork work = decoding(sequences, 1024);
        const StepWork other = prompt(chunk);
        work.tokens += other.tokens;
        work.chunks = 1;
        work.longestChunk = other.longestChunk;
        work.chunkScores = other.chunkScores;
        EXPECT_NEAR(layer(work), microseconds, 0.12 * microseconds) << chunk << " with " << sequences;
    }
}

TEST(CostModel, MoreWorkNeverTakesLess)
{
    for (const Device& device : knownDevices())
        for (const char* name : {"Llama-3.1-8B", "Mixtral-8x7B-v0.1", "DeepSeek-V3", "gemma-3-27b-it"}) {
            const CostModel costs(on(name, device.name.c_str(), 2));
            double before = 0;
            for (std::int64_t tokens = 1; tokens < 20000; tokens = tokens * 5 / 4 + 1) {
                const double seconds = costs.seconds(prompt(tokens));
                EXPECT_GE(seconds, before * 0.999) << device.name << " " << name << " " << tokens;
                before = seconds;
            }
            EXPECT_LT(costs.seconds(decoding(8, 1000)), costs.seconds(decoding(8, 30000)));
        }
}

TEST(CostModel, GraphsHelpSmallBatchesOnly)
{
    Deployment eager = on("Llama-3.1-8B", "H100");
    const CostModel graphs(eager);
    eager.enforceEager = true;
    const CostModel launched(eager);
    EXPECT_GT(launched.seconds(decoding(1, 100)), 1.3 * graphs.seconds(decoding(1, 100)));
    EXPECT_NEAR(launched.seconds(prompt(8192)), graphs.seconds(prompt(8192)), 1e-4);
}

/// Weights of four bits are widened to bfloat16 unless the device has units for them, in experts as elsewhere.
TEST(CostModel, ExpertsComputeInTheUnitsThatOtherProductsDo)
{
    const auto dense = [](const char* model, const char* device, Precision weights) {
        Deployment deployment = on(model, device);
        deployment.weights = weights;
        return CostModel(deployment).cost(prompt(16384)).dense;
    };
    for (const char* model : {"Mixtral-8x7B-v0.1", "Llama-3.1-8B"}) {
        EXPECT_GT(dense(model, "H100", Precision::Int4), 0.9 * dense(model, "H100", Precision::Bfloat16)) << model;
        EXPECT_GT(dense(model, "H100", Precision::Float4), 0.9 * dense(model, "H100", Precision::Bfloat16)) << model;
        EXPECT_LT(dense(model, "B200", Precision::Float4), 0.65 * dense(model, "B200", Precision::Float8)) << model;
    }
}

TEST(CostModel, NarrowWeightsAndCachesAreReadFaster)
{
    Deployment deployment = on("Llama-3.1-8B", "H100");
    const CostModel wide(deployment);
    deployment.weights = Precision::Float8;
    const CostModel narrow(deployment);
    EXPECT_LT(narrow.cost(decoding(1, 100)).dense, 0.62 * wide.cost(decoding(1, 100)).dense);
    deployment.cache = Precision::Float8;
    EXPECT_LT(CostModel(deployment).cost(decoding(64, 8000)).attention, 0.6 * wide.cost(decoding(64, 8000)).attention);
}

TEST(CostModel, OtherAttentionKernelsCostWhatTheyAreKnownFor)
{
    const auto attention = [](const char* device, AttentionBackend backend, const StepWork& work) {
        Deployment deployment = on("Llama-3.1-8B", device);
        deployment.attentionBackend = backend;
        return CostModel(deployment).cost(work).attention;
    };
    StepWork mixed = decoding(64, 4000);
    const StepWork chunk = prompt(1024);
    mixed.tokens += chunk.tokens;
    mixed.chunks = chunk.chunks;
    mixed.longestChunk = chunk.longestChunk;
    mixed.chunkScores = chunk.chunkScores;
    // FlashAttention-2 fills a tile for each decoding sequence of a mixed batch; kernels of their own read the cache.
    EXPECT_LT(attention("A100", AttentionBackend::FlashInfer, mixed), 0.7 * attention("A100", AttentionBackend::FlashAttention, mixed));
    EXPECT_NEAR(attention("H100", AttentionBackend::FlashInfer, mixed), attention("H100", AttentionBackend::FlashAttention, mixed), 0.5e-3);
    for (const StepWork& work : {decoding(64, 4000), chunk})
        for (const AttentionBackend slow : {AttentionBackend::Triton, AttentionBackend::FlexAttention, AttentionBackend::Xformers, AttentionBackend::TorchNative})
            EXPECT_GT(attention("H100", slow, work), attention("H100", AttentionBackend::FlashAttention, work));
}

} // namespace sim::serving
