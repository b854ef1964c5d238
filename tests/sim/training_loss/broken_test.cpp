#include "tests/sim/training_loss/runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace {

using namespace sim::training;
using tests::TrainingRun;
using tests::run;
using tests::trained;
using tests::usualRecipe;

constexpr std::int64_t kBefore = 4000; ///< healthy steps
constexpr std::int64_t kSteps = 20000; ///< of the schedule

LossState healthy(std::uint64_t seed = 1)
{
    return trained(usualRecipe(kSteps), kBefore, seed);
}

StepEvents eventsOf(std::int64_t rank)
{
    StepEvents events;
    events.rank = rank;
    return events;
}

/// Highest gradient norm of the steps before the first NaN.
double highestNorm(const TrainingRun& result, std::int64_t steps)
{
    double highest = 0;
    for (const StepReport& report : result.reports) {
        if (std::isnan(report.loss))
            break;
        if (report.step >= result.firstNan() - steps)
            highest = std::max(highest, report.gradientNorm);
    }
    return highest;
}

// Every one of these jobs prints "loss: nan" sooner or later. What it printed before, and where the first NaN was, differ.

TEST(Broken, badSamplesStrikeAtOnceAndNameTheRank)
{
    StepEvents events = eventsOf(37);
    events.nonFiniteData = true;
    const TrainingRun result = run(usualRecipe(kSteps), healthy(), 10, 2, events, kBefore + 5);
    EXPECT_EQ(result.firstNan(), kBefore + 5);
    EXPECT_EQ(result.state.origin, Origin::Data);
    EXPECT_EQ(result.state.originRank, 37);
    EXPECT_LT(highestNorm(result, 5), 1) << "nothing announced it";
    EXPECT_EQ(result.reports.back().origin, Origin::Weights) << "and then it is everybody's";
    // Left out instead: one step is missing, and that is all.
    Recipe careful = usualRecipe(kSteps);
    careful.nonFinite = NonFinite::Skipped;
    const TrainingRun skipped = run(careful, healthy(), 200, 2, events, kBefore + 5);
    EXPECT_EQ(skipped.state.skipped, 1);
    EXPECT_TRUE(skipped.state.weightsFinite);
    EXPECT_NEAR(skipped.mean(150, 50), run(usualRecipe(kSteps), healthy(), 200, 2).mean(150, 50), 0.05);
}

TEST(Broken, aCorruptGradientLeavesTheLossFiniteForOneStep)
{
    StepEvents events = eventsOf(11);
    events.corruptGradient = true;
    const TrainingRun result = run(usualRecipe(kSteps), healthy(), 10, 2, events, kBefore + 5);
    EXPECT_FALSE(std::isnan(result.reports[5].loss));
    EXPECT_TRUE(std::isinf(result.reports[5].gradientNorm));
    EXPECT_EQ(result.firstNan(), kBefore + 6);
    EXPECT_EQ(result.state.origin, Origin::Gradients);
    EXPECT_EQ(result.state.originRank, 11);
}

TEST(Broken, aHighRateAnnouncesItself)
{
    int slow = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Recipe recipe = usualRecipe(kSteps);
        recipe.schedule.peak *= 5;
        const TrainingRun result = run(recipe, untrained(tests::sevenBillion(), recipe), 4000, seed);
        ASSERT_GT(result.firstNan(), 100) << seed;
        EXPECT_EQ(result.state.origin, Origin::Activations);
        EXPECT_EQ(result.state.originRank, -1);
        EXPECT_GT(highestNorm(result, 50), 5) << "the norm grew before";
        const auto at = static_cast<std::size_t>(result.firstNan());
        double worst = 0;
        for (std::size_t i = at - 30; i < at; ++i)
            worst = std::max(worst, result.reports[i].loss);
        EXPECT_GT(worst, result.reports[at - 200].loss + 0.5) << "and the loss";
        slow += result.firstNan() > 500 ? 1 : 0;
        // The remedy: the usual rate, from before it broke.
        const Recipe usual = usualRecipe(kSteps);
        EXPECT_EQ(run(usual, untrained(tests::sevenBillion(), usual), 4000, seed).firstNan(), -1);
    }
    EXPECT_GT(slow, 5) << "warm-up has to reach the unstable rates first";
}

TEST(Broken, stabilityEndsWithinFourTimesTheUsualRate)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Recipe more = usualRecipe(kSteps);
        more.schedule.peak *= 1.5;
        EXPECT_EQ(run(more, untrained(tests::sevenBillion(), more), 6000, seed).firstNan(), -1) << seed;
        Recipe four = usualRecipe(kSteps);
        four.schedule.peak *= 4;
        EXPECT_GT(run(four, untrained(tests::sevenBillion(), four), 6000, seed).firstNan(), 0) << seed;
    }
}

TEST(Broken, withoutClippingRareGradientsExplode)
{
    Recipe open = usualRecipe(kSteps);
    open.clip = 0;
    open.beta2 = 0.999; // torch's default
    open.heavyTail = 1.2;
    Recipe clipped = open;
    clipped.clip = 1;
    int broken = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const TrainingRun result = run(open, untrained(tests::sevenBillion(), open), 20000, seed);
        if (result.firstNan() >= 0) {
            ++broken;
            EXPECT_EQ(result.state.origin, Origin::Activations);
            EXPECT_GT(highestNorm(result, 20), 10) << "one batch with a huge gradient, steps before";
        }
        EXPECT_EQ(run(clipped, untrained(tests::sevenBillion(), clipped), 20000, seed).firstNan(), -1) << seed;
    }
    EXPECT_GE(broken, 5);
}

TEST(Broken, clippingHoldsAnOutlierDown)
{
    StepEvents events = eventsOf(3);
    events.outlier = 300;
    const Recipe clipped = usualRecipe(kSteps);
    const TrainingRun held = run(clipped, healthy(), 60, 4, events, kBefore + 5);
    EXPECT_GT(held.reports[5].gradientNorm, 20);
    EXPECT_LT(held.mean(6, 20), run(clipped, healthy(), 60, 4).mean(6, 20) + 0.3);
    Recipe open = clipped;
    open.clip = 0;
    const TrainingRun spiked = run(open, healthy(), 60, 4, events, kBefore + 5);
    double worst = 0;
    for (const StepReport& report : spiked.reports)
        worst = std::isnan(report.loss) ? 99 : std::max(worst, report.loss);
    EXPECT_GT(worst, held.mean(0, 5) + 0.6);
}

TEST(Broken, wrongTargetsRaiseTheLossOfTheirStepOnly)
{
    StepEvents events = eventsOf(9);
    events.mislabelled = 0.3;
    const TrainingRun result = run(usualRecipe(kSteps), healthy(), 40, 4, events, kBefore + 5);
    const double before = result.mean(0, 5);
    EXPECT_GT(result.reports[5].loss, before + 1.5);
    EXPECT_GT(result.reports[5].rankLoss, result.reports[5].loss + 2) << "its own loss is far higher";
    EXPECT_LT(result.mean(10, 20), before + 0.3);
    EXPECT_EQ(result.firstNan(), -1);
    // A whole shard of them undoes learning, which then comes back.
    events.mislabelled = 0.5;
    const TrainingRun shard = run(usualRecipe(kSteps), healthy(), 400, 4, events, kBefore + 5, 30);
    EXPECT_GT(shard.mean(36, 10), before + 0.2);
    EXPECT_LT(shard.mean(380, 20), shard.mean(36, 10) - 0.2);
}

TEST(Broken, checkpointsComeBackInFourWays)
{
    const Landscape land = tests::sevenBillion();
    Recipe recipe = usualRecipe(kSteps);
    recipe.beta2 = 0.999;
    const LossState saved = trained(recipe, kBefore, 6);
    sim::RandomStream stream(6, "restore");
    const auto after = [&](Restored what) {
        return run(recipe, restore(land, recipe, saved, what, stream, 0.05), 300, 7);
    };
    const TrainingRun whole = after(Restored::Whole);
    EXPECT_EQ(restore(land, recipe, saved, Restored::Whole, stream), saved);
    const TrainingRun bare = after(Restored::WithoutOptimiser);
    EXPECT_NEAR(bare.reports.front().loss, whole.reports.front().loss, 0.1) << "the weights are the same";
    int spikes = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto highest = [&](Restored what) {
            double worst = 0;
            for (const StepReport& report : run(recipe, restore(land, recipe, saved, what, stream), 40, seed).reports)
                worst = std::isnan(report.loss) ? 99 : std::max(worst, report.loss);
            return worst;
        };
        spikes += highest(Restored::WithoutOptimiser) > highest(Restored::Whole) + 0.2 ? 1 : 0;
    }
    EXPECT_GE(spikes, 7) << "the first steps are too long";
    const TrainingRun garbage = after(Restored::WithGarbage);
    EXPECT_GT(garbage.reports.front().loss, whole.reports.front().loss + 0.5);
    EXPECT_LT(garbage.mean(280, 20), garbage.reports.front().loss - 0.2) << "it learns again";
    const TrainingRun broken = after(Restored::WithNonFiniteWeights);
    EXPECT_EQ(broken.firstNan(), kBefore) << "in its first step, before any gradient";
    EXPECT_EQ(broken.state.origin, Origin::Weights);
    EXPECT_EQ(broken.state.originRank, -1);
}

TEST(Broken, thePreviousCheckpointHeals)
{
    const LossState saved = healthy();
    StepEvents events = eventsOf(2);
    events.nonFiniteData = true;
    const TrainingRun broken = run(usualRecipe(kSteps), saved, 100, 3, events, kBefore + 50);
    ASSERT_FALSE(broken.state.weightsFinite);
    sim::RandomStream stream(1, "restore");
    const LossState again = restore(tests::sevenBillion(), usualRecipe(kSteps), saved, Restored::Whole, stream);
    EXPECT_EQ(run(usualRecipe(kSteps), again, 100, 3).firstNan(), -1) << "without the shard";
    EXPECT_EQ(run(usualRecipe(kSteps), again, 100, 3, events, kBefore + 50).firstNan(), kBefore + 50) << "with it, at the same step";
}

TEST(Broken, halfPrecisionWithoutScalingLosesGradients)
{
    Recipe half = usualRecipe(kSteps);
    half.precision = Precision::Fp16;
    const Recipe bf16 = usualRecipe(kSteps);
    const TrainingRun lost = run(half, untrained(tests::sevenBillion(), half), 6000, 5);
    const TrainingRun kept = run(bf16, untrained(tests::sevenBillion(), bf16), 6000, 5);
    EXPECT_EQ(lost.firstNan(), -1);
    EXPECT_GT(lost.mean(5900, 100), kept.mean(5900, 100) + 0.08) << "half of them underflow";
    Recipe scaled = half;
    scaled.scaling = LossScaling::Dynamic;
    EXPECT_NEAR(run(scaled, untrained(tests::sevenBillion(), scaled), 6000, 5).mean(5900, 100), kept.mean(5900, 100), 0.03);
}

TEST(Broken, aModelInPureHalfPrecisionDiesInTheOptimiser)
{
    Recipe recipe = usualRecipe(kSteps);
    recipe.precision = Precision::PureFp16;
    const TrainingRun result = run(recipe, untrained(tests::sevenBillion(), recipe), 5, 5);
    EXPECT_FALSE(std::isnan(result.reports[0].loss));
    EXPECT_TRUE(std::isfinite(result.reports[0].gradientNorm)) << "the gradients were sound";
    EXPECT_EQ(result.firstNan(), 1);
    EXPECT_EQ(result.state.origin, Origin::Optimiser);
}

TEST(Broken, aStaticScaleThatIsTooLargeSkipsForever)
{
    Recipe recipe = usualRecipe(kSteps);
    recipe.precision = Precision::Fp16;
    recipe.scaling = LossScaling::Static;
    recipe.scale = 16777216;
    const TrainingRun result = run(recipe, untrained(tests::sevenBillion(), recipe), 1000, 5);
    EXPECT_EQ(result.state.skipped, 1000);
    EXPECT_NEAR(result.reports.back().loss, result.reports.front().loss, 0.2) << "nothing is learnt";
    EXPECT_EQ(result.firstNan(), -1);
}

TEST(Broken, aScaleFallsUntilTheJobStops)
{
    Recipe recipe = usualRecipe(kSteps);
    recipe.precision = Precision::Fp16;
    recipe.scaling = LossScaling::Dynamic;
    recipe.schedule.peak *= 6;
    const TrainingRun result = run(recipe, untrained(tests::sevenBillion(), recipe), 6000, 5);
    EXPECT_TRUE(result.state.stopped);
    EXPECT_EQ(result.state.scale, 1);
    EXPECT_TRUE(result.state.weightsFinite) << "no bad step was ever taken";
    EXPECT_GT(result.state.skipped, 10);
    EXPECT_EQ(smallestScaleError(), "Exception: Current loss scale already at minimum - cannot decrease scale anymore. Exiting run.");
}

TEST(Broken, aSilentlyWrongRankStandsOutAlone)
{
    StepEvents events = eventsOf(17);
    events.wrongResults = 1;
    const TrainingRun result = run(usualRecipe(kSteps), healthy(), 50, 8, events, kBefore, 50);
    const TrainingRun sound = run(usualRecipe(kSteps), healthy(), 50, 8);
    EXPECT_EQ(result.firstNan(), -1);
    EXPECT_NEAR(result.mean(0, 50), sound.mean(0, 50), 0.1) << "the average hides it";
    for (const StepReport& report : result.reports) {
        EXPECT_EQ(report.rank, 17);
        EXPECT_GT(report.rankGradientNorm, 5 * report.gradientNorm);
    }
}

TEST(Broken, theCheckStopsTheJobWithMegatronsWords)
{
    Recipe recipe = usualRecipe(kSteps);
    recipe.nonFinite = NonFinite::Fatal;
    StepEvents events = eventsOf(126);
    events.nonFiniteData = true;
    const TrainingRun result = run(recipe, healthy(), 20, 2, events, kBefore + 5);
    EXPECT_TRUE(result.state.stopped);
    EXPECT_TRUE(result.state.weightsFinite);
    EXPECT_EQ(result.state.step, kBefore + 6) << "and nothing happens after";
    EXPECT_EQ(nonFiniteError(126, "gpu-node-16", 6, 4006, false),
              "RuntimeError: Rank 126, node gpu-node-16, device 6, iteration 4006: Unexpected result nan (message='found NaN in "
              "local grad norm for bucket #0 in backward pass before data-parallel communication collective')");
    EXPECT_EQ(nonFiniteError(126, "gpu-node-16", 6, 4006, false, result.state.origin),
              "RuntimeError: Rank 126, node gpu-node-16, device 6, iteration 4006: Unexpected result nan (message='found NaN in "
              "local forward loss calculation')");
}

} // namespace
