#include "sim/training/model/step.h"

#include "sim/engine/random.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::training;

StepPlan planOf(const char* shape, std::int64_t tensor, std::int64_t pipeline, std::int64_t data, std::int64_t batches = 16)
{
    StepPlan plan;
    plan.shape = knownShape(shape);
    plan.accelerator = h100Sxm();
    plan.parallelism.tensor = tensor;
    plan.parallelism.pipeline = pipeline;
    plan.parallelism.data = data;
    plan.parallelism.sequenceParallel = tensor > 1;
    plan.parallelism.zero = ZeroStage::Optimiser;
    plan.parallelism.globalBatch = batches * data;
    return plan;
}

StepTimes timesOf(const StepPlan& plan, const std::map<std::int64_t, RankFactors>& factors = {})
{
    return stepTimes(plan, RingTimes(h100Links(50e9)), factors);
}

void expectConsistent(const StepPlan& plan, const StepTimes& times)
{
    std::int64_t ranks = 0;
    for (const RankClass& row : times.classes) {
        double sum = 0;
        for (const Segment& segment : row.segments) {
            EXPECT_GT(segment.seconds, 0) << nameOf(segment.activity);
            for (const double share : {segment.device.kernel, segment.device.sm, segment.device.tensor, segment.device.dram}) {
                EXPECT_GE(share, 0);
                EXPECT_LE(share, 1);
            }
            sum += segment.seconds;
        }
        EXPECT_NEAR(sum / times.seconds, 1, 1e-9) << "stage " << row.stage;
        ranks += row.ranks;
    }
    EXPECT_EQ(ranks, plan.parallelism.worldSize());
    EXPECT_LE(times.modelUtilisation, times.hardwareUtilisation);
    EXPECT_LT(times.hardwareUtilisation, 0.9);
}

TEST(Step, segmentsAddUpForRandomPlans)
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        sim::RandomStream stream(seed, "step");
        const std::int64_t tensor = 1LL << stream.below(4);
        const std::int64_t pipeline = 1LL << stream.below(3);
        StepPlan plan = planOf("llama3-70b", tensor, pipeline, 1 + static_cast<std::int64_t>(stream.below(8)));
        if (pipeline > 1 && stream.below(2) == 0)
            plan.parallelism.interleave = 5;
        plan.parallelism.zero = static_cast<ZeroStage>(stream.below(4));
        plan.recompute = static_cast<Recompute>(stream.below(3));
        plan.software.overlapTensor = stream.below(2) == 0;
        plan.software.overlapPipeline = stream.below(2) == 0;
        plan.software.attention = static_cast<AttentionKernel>(stream.below(4));
        plan.loader = {stream.uniform(0.05, 50.0), 4};
        plan.checkpoint = static_cast<CheckpointWrite>(stream.below(3));
        plan.storageBytesPerSecond = 1e9;
        std::map<std::int64_t, RankFactors> factors;
        for (std::uint64_t i = 0; i < stream.below(4); ++i)
            factors[static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(plan.parallelism.worldSize())))]
                = {stream.uniform(0.4, 1.2), stream.uniform(0.1, 1.0), stream.uniform(0.1, 1.0)};
        const StepTimes times = timesOf(plan, factors);
        expectConsistent(plan, times);
        for (std::int64_t rank = 0; rank < plan.parallelism.worldSize(); ++rank)
            EXPECT_EQ(times.of(plan.parallelism, rank).stage, placeOf(plan.parallelism, rank).pipeline);
    }
}

TEST(Step, theBubbleIsTheKnownShare)
{
    // (p - 1) / (v m) of the work of a stage (arXiv 2104.04473, section 2.2).
    for (const std::int64_t interleave : {1, 5}) {
        StepPlan plan = planOf("llama3-70b", 8, 4, 1, 32);
        plan.shape.vocabulary = 128; // equal stages
        plan.parallelism.interleave = interleave;
        const RankClass row = timesOf(plan).classes.front();
        const double work = row.secondsOf(Activity::Forward) + row.secondsOf(Activity::Backward)
            + row.secondsOf(Activity::TensorCommunication);
        EXPECT_NEAR(row.secondsOf(Activity::Bubble) / work, 3.0 / (static_cast<double>(interleave) * 32), 0.004);
    }
}

TEST(Step, oneSlowRankSlowsAll)
{
    const StepPlan plan = planOf("llama3-8b", 1, 1, 32);
    const double usual = timesOf(plan).seconds;
    const StepTimes slow = timesOf(plan, {{7, {0.8, 1, 1}}});
    EXPECT_NEAR(slow.seconds / usual, 1 / 0.8, 0.07) << "products, not copies, follow the clock";
    const RankClass& culprit = slow.of(plan.parallelism, 7);
    const RankClass& victim = slow.of(plan.parallelism, 8);
    EXPECT_EQ(culprit.secondsOf(Activity::WaitForReplicas), 0);
    EXPECT_GT(victim.secondsOf(Activity::WaitForReplicas), 0.1 * slow.seconds);
    // All show full utilisation; the tensor cores tell them apart.
    EXPECT_GT(victim.device.kernel, 0.99);
    EXPECT_LT(victim.device.tensor, culprit.device.tensor * 0.9);
    EXPECT_LT(victim.device.sm, culprit.device.sm);
}

TEST(Step, itsTensorGroupWaitsInItsOwnCollectives)
{
    const StepPlan plan = planOf("llama3-70b", 8, 1, 4);
    const StepTimes slow = timesOf(plan, {{3, {0.7, 1, 1}}});
    EXPECT_GT(slow.of(plan.parallelism, 4).secondsOf(Activity::WaitForTensor), 0.1 * slow.seconds);
    EXPECT_EQ(slow.of(plan.parallelism, 4).secondsOf(Activity::WaitForReplicas), 0);
    EXPECT_EQ(slow.of(plan.parallelism, 3).secondsOf(Activity::WaitForTensor), 0);
    EXPECT_EQ(slow.of(plan.parallelism, 12).secondsOf(Activity::WaitForTensor), 0);
    EXPECT_GT(slow.of(plan.parallelism, 12).secondsOf(Activity::WaitForReplicas), 0.1 * slow.seconds);
}

TEST(Step, aSlowStageMakesBubbles)
{
    const StepPlan plan = planOf("llama3-70b", 8, 4, 1);
    const StepTimes usual = timesOf(plan);
    const StepTimes slow = timesOf(plan, {{16, {0.7, 1, 1}}}); // stage 2
    EXPECT_GT(slow.seconds, 1.15 * usual.seconds);
    EXPECT_GT(slow.of(plan.parallelism, 0).secondsOf(Activity::Bubble), 1.5 * usual.of(plan.parallelism, 0).secondsOf(Activity::Bubble));
}

TEST(Step, aSlowLinkShowsAsCommunication)
{
    StepPlan plan = planOf("llama3-8b", 1, 1, 32, 1);
    plan.parallelism.zero = ZeroStage::Parameters;
    const StepTimes usual = timesOf(plan);
    const StepTimes slow = timesOf(plan, {{5, {1, 0.1, 1}}});
    EXPECT_GT(slow.seconds, 1.3 * usual.seconds);
    EXPECT_GT(slow.of(plan.parallelism, 5).secondsOf(Activity::DataCommunication),
              3 * usual.of(plan.parallelism, 5).secondsOf(Activity::DataCommunication));
}

TEST(Step, theLoaderShowsOnlyWhenItIsSlower)
{
    StepPlan plan = planOf("llama3-8b", 1, 1, 8);
    const double usual = timesOf(plan).seconds;
    const double samples = 16;
    plan.loader = {samples / usual / 4 * 1.1, 4};
    EXPECT_NEAR(timesOf(plan).seconds, usual, 1e-9);
    plan.loader.samplesPerSecondOfWorker /= 3;
    const StepTimes starved = timesOf(plan);
    EXPECT_NEAR(starved.seconds, samples / (plan.loader.samplesPerSecondOfWorker * 4), 1e-9);
    const RankClass& row = starved.of(plan.parallelism, 0);
    EXPECT_GT(row.secondsOf(Activity::WaitForData), 0.5 * starved.seconds);
    EXPECT_LT(row.device.kernel, 0.5) << "a starved device is idle, one that waits in NCCL is not";
    // One machine's slow disk: it waits for data, the others for it.
    plan.loader.samplesPerSecondOfWorker *= 3;
    const StepTimes one = timesOf(plan, {{2, {1, 1, 0.3}}});
    EXPECT_GT(one.of(plan.parallelism, 2).secondsOf(Activity::WaitForData), 0.4 * one.seconds);
    EXPECT_EQ(one.of(plan.parallelism, 1).secondsOf(Activity::WaitForData), 0);
    EXPECT_GT(one.of(plan.parallelism, 1).secondsOf(Activity::WaitForReplicas), 0.4 * one.seconds);
}

TEST(Step, checkpointsStopTheStepOrNot)
{
    StepPlan plan = planOf("llama3-8b", 1, 1, 8);
    const double usual = timesOf(plan).seconds;
    plan.checkpoint = CheckpointWrite::Synchronous;
    plan.storageBytesPerSecond = 0.5e9;
    const double bytes = 14 * 8030261248.0 / 8;
    EXPECT_NEAR(timesOf(plan).seconds - usual, bytes / 0.5e9, 1e-6);
    plan.checkpoint = CheckpointWrite::Asynchronous;
    EXPECT_NEAR(timesOf(plan).seconds - usual, bytes / 55e9, 1e-6);
}

TEST(Step, tensorParallelismOutsideAMachineIsAMistake)
{
    const StepPlan inside = planOf("llama3-70b", 8, 2, 4);
    const StepPlan outside = planOf("llama3-70b", 16, 1, 4);
    EXPECT_LT(timesOf(outside).modelUtilisation, 0.75 * timesOf(inside).modelUtilisation);
}

TEST(Step, recomputationCostsAboutAThird)
{
    StepPlan plan = planOf("llama3-70b", 8, 4, 2);
    const double none = timesOf(plan).seconds;
    plan.recompute = Recompute::Full;
    EXPECT_NEAR(timesOf(plan).seconds / none, 4.0 / 3, 0.06);
}

TEST(Step, expertsTalkAllToAll)
{
    StepPlan plan = planOf("mixtral-8x7b", 1, 1, 8);
    plan.shape.sequence = 4096;
    plan.parallelism.expert = 8;
    const StepTimes times = timesOf(plan);
    expectConsistent(plan, times);
    EXPECT_GT(times.classes.front().secondsOf(Activity::ExpertCommunication), 0.02 * times.seconds);
    EXPECT_GT(times.classes.front().device.nvlinkBytesPerSecond, 1e9);
}

} // namespace
