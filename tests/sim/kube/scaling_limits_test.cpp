#include "sim/kube/controllers/scaling_limits.h"

#include <gtest/gtest.h>

namespace sim::kube {
namespace {

constexpr Instant kStart{1'800'000'000s};

HpaSpec bounds(std::int64_t least, std::int64_t most)
{
    HpaSpec spec;
    spec.minReplicas = least;
    spec.maxReplicas = most;
    return spec;
}

/// As defaulting leaves it when a user sets `behavior: {}`.
HpaBehavior defaultBehavior()
{
    HpaBehavior behavior;
    behavior.scaleUp = HpaScalingRules{{{15, std::string("Pods"), 4}, {15, std::string("Percent"), 100}}, std::string("Max"), 0};
    behavior.scaleDown = HpaScalingRules{{{15, std::string("Percent"), 100}}, std::string("Max"), std::nullopt};
    return behavior;
}

TEST(ScalingLimits, DoublesAtMostFromFourOn)
{
    const HpaSpec spec = bounds(1, 20);
    ScalingMemory memory;
    EXPECT_EQ(limitScale(spec, memory, 2, 8, kStart).replicas, 4);
    EXPECT_EQ(limitScale(spec, memory, 4, 16, kStart + 15s).replicas, 8);
    const LimitedScale scale = limitScale(spec, memory, 8, 32, kStart + 30s);
    EXPECT_EQ(scale.replicas, 16);
    EXPECT_EQ(scale.limitReason, "ScaleUpLimit");
    EXPECT_EQ(scale.limitMessage, "the desired replica count is increasing faster than the maximum scale rate");
}

/// What the golden recording of case 90 shows: the load is gone, and the size still grows to what was asked for before.
TEST(ScalingLimits, FollowsTheHighestRecentRecommendationUpwardsToo)
{
    const HpaSpec spec = bounds(1, 20);
    ScalingMemory memory;
    limitScale(spec, memory, 4, 16, kStart);
    const LimitedScale scale = limitScale(spec, memory, 8, 4, kStart + 15s);
    EXPECT_EQ(scale.replicas, 16);
    EXPECT_EQ(scale.ableReason, "ScaleDownStabilized");
}

TEST(ScalingLimits, ShrinksAfterFiveMinutes)
{
    const HpaSpec spec = bounds(1, 10);
    ScalingMemory memory;
    memory.recommendations.push_back({6, kStart});
    EXPECT_EQ(limitScale(spec, memory, 6, 2, kStart + 15s).replicas, 6);
    EXPECT_EQ(limitScale(spec, memory, 6, 2, kStart + 300s).replicas, 6);
    EXPECT_EQ(limitScale(spec, memory, 6, 2, kStart + 301s).replicas, 2);
}

TEST(ScalingLimits, BehaviorTakesTheLargerPolicy)
{
    HpaSpec spec = bounds(1, 100);
    spec.behavior = defaultBehavior();
    ScalingMemory memory;
    EXPECT_EQ(limitScale(spec, memory, 2, 50, kStart).replicas, 6);   // four pods more
    EXPECT_EQ(limitScale(spec, memory, 10, 50, kStart).replicas, 20); // twice as many
    spec.behavior->scaleUp->selectPolicy = "Min";
    EXPECT_EQ(limitScale(spec, memory, 10, 50, kStart).replicas, 14);
    spec.behavior->scaleUp->selectPolicy = "Disabled";
    EXPECT_EQ(limitScale(spec, memory, 10, 50, kStart).replicas, 10);
}

TEST(ScalingLimits, RatesCountWhatWasDoneInThePeriod)
{
    HpaSpec spec = bounds(1, 100);
    spec.behavior = defaultBehavior();
    spec.behavior->scaleDown->stabilizationWindowSeconds = 0;
    spec.behavior->scaleDown->policies = {{60, std::string("Pods"), 2}};
    ScalingMemory memory;
    EXPECT_EQ(limitScale(spec, memory, 10, 1, kStart).replicas, 8);
    rememberScale(spec, memory, 10, 8, kStart);
    const LimitedScale scale = limitScale(spec, memory, 8, 1, kStart + 15s);
    EXPECT_EQ(scale.replicas, 8);
    EXPECT_EQ(scale.limitReason, "ScaleDownLimit");
    EXPECT_EQ(limitScale(spec, memory, 8, 1, kStart + 61s).replicas, 6);
}

TEST(ScalingLimits, BoundsOfTheSpecification)
{
    const HpaSpec spec = bounds(3, 5);
    ScalingMemory memory;
    LimitedScale scale = limitScale(spec, memory, 4, 9, kStart);
    EXPECT_EQ(scale.replicas, 5);
    EXPECT_EQ(scale.limitReason, "TooManyReplicas");
    memory = {};
    scale = limitScale(spec, memory, 4, 1, kStart);
    EXPECT_EQ(scale.replicas, 3);
    EXPECT_EQ(scale.limitReason, "TooFewReplicas");
    EXPECT_TRUE(scale.limited);
}

} // namespace
} // namespace sim::kube
