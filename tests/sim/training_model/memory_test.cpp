#include "sim/training/model/memory.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::training;

constexpr double kGiB = 1073741824.0;

MemoryPlan megatron(const char* shape, std::int64_t tensor, std::int64_t pipeline, std::int64_t interleave)
{
    MemoryPlan plan;
    plan.shape = knownShape(shape);
    plan.parallelism.tensor = tensor;
    plan.parallelism.pipeline = pipeline;
    plan.parallelism.interleave = interleave;
    plan.parallelism.globalBatch = 8 * pipeline;
    plan.attention = AttentionKernel::Unfused;
    return plan;
}

// Korthikanti et al., table 2: bytes of one layer as multiples of s b h.
TEST(Memory, activationsFollowTheTable)
{
    MemoryPlan plan = megatron("mt-nlg-530b", 8, 35, 1);
    const double sbh = 2048.0 * 20480;
    const double scores = 5.0 * 128 * 2048 / 20480;
    EXPECT_NEAR(activationsOfLayer(plan) / sbh, 10 + 24.0 / 8 + scores / 8, 1e-9);
    plan.parallelism.sequenceParallel = true;
    EXPECT_NEAR(activationsOfLayer(plan) / sbh, (34 + scores) / 8, 1e-9);
    plan.recompute = Recompute::Selective;
    EXPECT_NEAR(activationsOfLayer(plan) / sbh, 34.0 / 8, 1e-9);
    plan.parallelism.sequenceParallel = false;
    plan.recompute = Recompute::Full;
    EXPECT_NEAR(activationsOfLayer(plan) / sbh, 2, 1e-9);
    plan.parallelism.tensor = 1;
    plan.recompute = Recompute::None;
    EXPECT_NEAR(activationsOfLayer(plan) / sbh, 34 + scores, 1e-9);
}

// Their figure 7: sequence parallelism and selective recomputation together need a fifth of the memory.
TEST(Memory, bothTechniquesSaveFiveTimes)
{
    for (const char* shape : {"gpt3-175b", "mt-nlg-530b"}) {
        MemoryPlan plan = megatron(shape, 8, 1, 1);
        const double before = activationsOfLayer(plan);
        plan.parallelism.sequenceParallel = true;
        plan.recompute = Recompute::Selective;
        EXPECT_NEAR(before / activationsOfLayer(plan), 5, 0.8) << shape;
    }
}

// Their figure 1: on 80 GB nothing from 22B to 1T fits without, everything fits with both.
TEST(Memory, theirModelsFitWithBoth)
{
    struct Model {
        std::int64_t layers, hidden, heads, pipeline, interleave, micro, batch;
    };
    for (const Model& model : {Model{48, 6144, 64, 1, 1, 4, 4}, Model{96, 12288, 96, 8, 3, 1, 64}, Model{105, 20480, 128, 35, 3, 1, 280},
                               Model{128, 25600, 160, 64, 1, 1, 512}}) {
        MemoryPlan plan = megatron("mt-nlg-530b", 8, model.pipeline, model.interleave);
        plan.shape.layers = model.layers;
        plan.shape.hidden = model.hidden;
        plan.shape.heads = plan.shape.kvHeads = model.heads;
        plan.shape.headSize = model.hidden / model.heads;
        plan.shape.ffn = 4 * model.hidden;
        plan.parallelism.microBatch = model.micro;
        plan.parallelism.globalBatch = model.batch;
        EXPECT_TRUE(allocationFailure(plan, a100Sxm80(), 0, 0)) << model.layers;
        plan.parallelism.sequenceParallel = true;
        plan.recompute = Recompute::Selective;
        for (std::int64_t stage = 0; stage < model.pipeline; ++stage)
            EXPECT_FALSE(allocationFailure(plan, a100Sxm80(), stage, 0)) << model.layers << " " << stage;
    }
}

// Rajbhandari et al., figure 1: a 7.5B model on 64 ranks: 120, 31.4, 16.6 and 1.9 GB with 16 bytes a parameter.
TEST(Memory, zeroSpreadsTheModelsState)
{
    MemoryPlan plan;
    plan.shape = knownShape("mpt-7b");
    plan.bytes.gradient = 2;
    plan.parallelism.data = 64;
    plan.parallelism.globalBatch = 64;
    const double count = static_cast<double>(parameters(plan.shape));
    const double expected[] = {16, 4 + 12.0 / 64, 2 + 14.0 / 64, 16.0 / 64};
    for (int stage = 0; stage <= 3; ++stage) {
        plan.parallelism.zero = static_cast<ZeroStage>(stage);
        const MemoryUse use = memoryOf(plan, 0);
        EXPECT_NEAR((use.weights + use.gradients + use.optimiser) / count, expected[stage], 1e-9) << stage;
    }
}

TEST(Memory, schedulesHoldDifferentNumbersOfMicroBatches)
{
    Parallelism p;
    p.pipeline = 8;
    p.globalBatch = 64;
    EXPECT_EQ(microBatchesInFlight(p, 0), 8);
    EXPECT_EQ(microBatchesInFlight(p, 7), 1);
    p.interleave = 4;
    EXPECT_NEAR(microBatchesInFlight(p, 0) / 8, 1 + 7.0 / (8 * 4), 1e-9);
    p.interleave = 1;
    p.schedule = PipelineSchedule::GPipe;
    EXPECT_EQ(microBatchesInFlight(p, 0), 64);
}

// torchtitan's docs/performance.md: Llama 2 70B on 64 A100s of 80 GB runs with local batch 1 and selective recomputation of
// operators and with 2 and full recomputation, and runs out of memory without the latter.
TEST(Memory, fitsWhereItFitted)
{
    MemoryPlan plan;
    plan.shape = knownShape("llama2-70b");
    plan.bytes = {4, 4, 8}; // FSDP's: weights are the fp32 copy
    plan.parallelism.data = 64;
    plan.parallelism.zero = ZeroStage::Parameters;
    plan.parallelism.microBatch = 2;
    plan.parallelism.globalBatch = 128;
    plan.recompute = Recompute::Full;
    EXPECT_FALSE(allocationFailure(plan, a100Sxm80(), 0, 0));
    plan.recompute = Recompute::None;
    EXPECT_TRUE(allocationFailure(plan, a100Sxm80(), 0, 0));
}

TEST(Memory, oneDeviceCannotTrainSevenBillion)
{
    MemoryPlan plan;
    plan.shape = knownShape("llama2-7b");
    plan.recompute = Recompute::Full;
    const auto failure = allocationFailure(plan, h100Sxm(), 0, 0);
    ASSERT_TRUE(failure); // 16 bytes a parameter are 108 GB
    EXPECT_LT(failure->free, failure->wanted);
    EXPECT_NEAR(failure->inUse + failure->free, failure->capacity, 1);
    plan.parallelism.data = 8;
    plan.parallelism.globalBatch = 8;
    plan.parallelism.zero = ZeroStage::Parameters;
    EXPECT_FALSE(allocationFailure(plan, h100Sxm(), 0, 0));
}

TEST(Memory, anotherProcessTakesTheRoom)
{
    MemoryPlan plan;
    plan.shape = knownShape("llama3-8b");
    plan.parallelism.data = 8;
    plan.parallelism.globalBatch = 8;
    plan.parallelism.zero = ZeroStage::Parameters;
    plan.recompute = Recompute::Full;
    EXPECT_FALSE(allocationFailure(plan, h100Sxm(), 0, 3));
    const auto failure = allocationFailure(plan, h100Sxm(), 0, 3, 60 * kGiB, 4711);
    ASSERT_TRUE(failure);
    EXPECT_NE(outOfMemoryText(*failure).find("GPU 3 has a total capacity of 79.11 GiB"), std::string::npos);
    EXPECT_NE(outOfMemoryText(*failure).find("Process 4711 has 60.00 GiB memory in use. Including"), std::string::npos);
}

TEST(Memory, failuresAreConsistentForAllShapes)
{
    for (const std::string& name : knownShapes()) {
        for (const std::int64_t micro : {1, 4, 16}) {
            for (const Recompute recompute : {Recompute::None, Recompute::Full}) {
                MemoryPlan plan;
                plan.shape = knownShape(name);
                plan.recompute = recompute;
                plan.parallelism.data = 64;
                plan.parallelism.microBatch = micro;
                plan.parallelism.globalBatch = 64 * micro;
                plan.parallelism.zero = ZeroStage::Parameters;
                const bool fits = memoryOf(plan, 0).total() <= h100Sxm().memoryBytes;
                const auto failure = allocationFailure(plan, h100Sxm(), 0, 0);
                EXPECT_EQ(fits, !failure) << name << " " << micro;
                if (!failure)
                    continue;
                EXPECT_LT(failure->free, failure->wanted) << name;
                EXPECT_GE(failure->allocated, 0) << name;
                EXPECT_LE(failure->inUse, failure->capacity + 1) << name;
            }
        }
    }
}

} // namespace
