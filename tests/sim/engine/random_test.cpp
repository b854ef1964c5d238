#include "sim/engine/random.h"

#include <gtest/gtest.h>

namespace {

using namespace sim;

TEST(RandomStream, HasTheSameNumbersOnEveryMachine)
{
    // Golden values: a change here breaks every replay ever saved.
    RandomStream stream(7, "kube/scheduler");
    const std::uint64_t first = stream.next();
    const std::uint64_t second = stream.next();
    RandomStream again(7, "kube/scheduler");
    EXPECT_EQ(first, again.next());
    EXPECT_EQ(second, again.next());
    EXPECT_EQ(first, 0x0923eb9a8c72b1baull);
    EXPECT_EQ(second, 0xd0d15033abedaad1ull);
    EXPECT_EQ(stream.draws(), 2u);
}

TEST(RandomStreams, OneConsumerNeverShiftsAnother)
{
    RandomStreams quiet(3);
    RandomStreams busy(3);
    for (int i = 0; i < 10; ++i)
        busy["other"].next();
    EXPECT_EQ(quiet["mine"].next(), busy["mine"].next());
}

TEST(RandomStream, DistributionsHaveTheirMoments)
{
    RandomStream stream(1, "moments");
    double sum = 0;
    double squares = 0;
    double exponential = 0;
    constexpr int kDraws = 200'000;
    for (int i = 0; i < kDraws; ++i) {
        const double x = stream.normal(10, 2);
        sum += x;
        squares += x * x;
        exponential += stream.exponential(3);
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, 10, 0.03);
    EXPECT_NEAR(squares / kDraws - mean * mean, 4, 0.08);
    EXPECT_NEAR(exponential / kDraws, 3, 0.05);
}

TEST(RandomStream, BelowStaysBelow)
{
    RandomStream stream(1, "below");
    for (std::uint64_t bound : {1ull, 2ull, 3ull, 1000ull})
        for (int i = 0; i < 1000; ++i)
            ASSERT_LT(stream.below(bound), bound);
}

} // namespace
