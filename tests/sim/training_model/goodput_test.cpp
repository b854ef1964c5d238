#include "sim/training/model/goodput.h"

#include "sim/engine/random.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::training;

TEST(Goodput, intervalsAreThePublishedOnes)
{
    // changlan.org's example: failures every 6000 s, 600 s to restart, 10 s to save: 363 s apart.
    EXPECT_NEAR(availabilityInterval(6000, 600, 10), 10 + 363, 1);
    EXPECT_NEAR(youngInterval(3.09 * 3600, 30), 817, 1); // Llama 3's job, 30 s to save
}

TEST(Goodput, llamasJobWasInterruptedEveryThreeHours)
{
    EXPECT_NEAR(meanSecondsBetweenInterruptions(16384) / 3600, 3.09, 0.01);
    EXPECT_NEAR(1 / interruptionsPerGpuHour(), 50.7e3, 100);
    std::int64_t gpu = 0, all = 0;
    for (const InterruptionCause& cause : interruptionCauses()) {
        all += cause.count;
        gpu += cause.gpu ? cause.count : 0;
    }
    EXPECT_EQ(all, 419);
    EXPECT_EQ(gpu, 268);
}

TEST(Goodput, theFirstOrderFormulaIsNearASimulatedYear)
{
    sim::RandomStream stream(7, "goodput");
    Goodput sum;
    const double failure = 11124, save = 30, detect = 60, restart = 300;
    const double interval = youngInterval(failure, save);
    double left = stream.exponential(failure);
    while (sum.wall() < 365 * 86400.0) {
        for (const auto& [kind, length] : {std::pair{TimeKind::Productive, interval}, std::pair{TimeKind::Checkpoint, save}}) {
            const double spent = std::min(left, length);
            sum.spend(kind, spent);
            left -= spent;
            if (left <= 0) {
                sum.fail();
                sum.spend(TimeKind::Detection, detect);
                sum.spend(TimeKind::Restart, restart);
                left = stream.exponential(failure);
                break;
            }
            if (kind == TimeKind::Checkpoint)
                sum.saved();
        }
    }
    EXPECT_NEAR(sum.fraction(), expectedGoodput(failure, interval, save, detect, restart), 0.01);
    EXPECT_GT(sum.fraction(), 0.85);
}

TEST(Goodput, wallTimeIsTheSumOfItsParts)
{
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        sim::RandomStream stream(seed, "goodput");
        Goodput sum;
        double wall = 0;
        for (int i = 0; i < 200; ++i) {
            const auto kind = static_cast<TimeKind>(stream.below(6));
            if (kind == TimeKind::Lost) {
                stream.below(2) == 0 ? sum.fail() : sum.saved();
                continue;
            }
            const double seconds = stream.uniform(0.0, 1000.0);
            sum.spend(kind, seconds);
            wall += seconds;
            EXPECT_GE(sum.productive, -1e-6);
        }
        EXPECT_NEAR(sum.wall(), wall, 1e-6);
    }
}

TEST(Goodput, aHistoryIsAddedUp)
{
    const Goodput sum = goodputOf({{TimeKind::Productive, 900}, {TimeKind::Lost, 50}, {TimeKind::Restart, 30}, {TimeKind::Checkpoint, 20}});
    EXPECT_EQ(sum.wall(), 1000);
    EXPECT_EQ(sum.fraction(), 0.9);
}

} // namespace
