#include "tests/sim/programs/catalogue.h"

#include <gtest/gtest.h>

namespace {

using sim::programs::Running;
using sim::programs::Settings;
using tests::ran;
using tests::withProcessors;

TEST(Collectors, aHigherGogcCollectsLessOftenAndKeepsMore)
{
    Settings often = withProcessors(8), seldom = withProcessors(8);
    often.gcPercent = 50;
    seldom.gcPercent = 400;
    const Running a = ran("catalog-api", "1.9.1", often, 60);
    const Running b = ran("catalog-api", "1.9.1", seldom, 60);
    EXPECT_GT(a.collector.cycles, 4 * b.collector.cycles);
    EXPECT_GT(a.collector.cpuSeconds, 4 * b.collector.cpuSeconds);
    EXPECT_LT(a.residentBytes(), b.residentBytes());
}

TEST(Collectors, pressureComesFromTheVersion)
{
    const Running calm = ran("catalog-api", "1.8.4", withProcessors(8), 30);
    const Running pressed = ran("catalog-api", "1.9.1", withProcessors(8), 30);
    EXPECT_GT(pressed.rates.allocated, 10 * calm.rates.allocated);
    EXPECT_GT(pressed.rates.collectorCpu, 5 * calm.rates.collectorCpu);
}

TEST(Collectors, aMemoryLimitBoundsTheHeap)
{
    Settings settings = withProcessors(8);
    settings.gcPercent = -1;
    settings.memoryLimitBytes = 200LL << 20;
    const Running running = ran("catalog-api", "1.9.1", settings, 60);
    EXPECT_LT(running.residentBytes(), 215.0 * (1 << 20));
    EXPECT_GT(running.collector.cycles, 10);
}

TEST(Collectors, aJvmNearItsLimitCollectsMoreAndMore)
{
    double before = 0;
    for (const double seconds : {60.0, 400.0, 480.0}) {
        const Running running = ran("orders", "2.5.0", withProcessors(4), seconds);
        EXPECT_GT(running.rates.collectorCpu, before) << seconds;
        before = running.rates.collectorCpu;
    }
    const Running full = ran("orders", "2.5.0", withProcessors(4), 1200);
    EXPECT_EQ(sim::programs::endingOf(full), sim::programs::Ending::HeapFull);
    EXPECT_GT(full.collector.fullCycles, 1);
    EXPECT_GT(full.rates.collectorCpu, 2) << "all collector threads work";
    EXPECT_EQ(sim::programs::endingOf(ran("orders", "2.4.0", withProcessors(4), 1200)), sim::programs::Ending::None);
}

TEST(Collectors, aListIsHeldAtOnceAGeneratorIsNot)
{
    double most = 0;
    for (double seconds = 1; seconds < 20; seconds += 1)
        most = std::max(most, ran("etl", "3.2.3", withProcessors(1), seconds).residentBytes());
    EXPECT_GT(most, 150.0 * (1 << 20));
    EXPECT_LT(ran("etl", "3.1.0", withProcessors(1), 20).residentBytes(), 30.0 * (1 << 20));
}

TEST(Collectors, leaksGrowWithTheRequests)
{
    const Running few = ran("imgproxy", "0.9.3", withProcessors(4), 100, 64, 20);
    const Running many = ran("imgproxy", "0.9.3", withProcessors(4), 100, 64, 60);
    EXPECT_NEAR(many.sites[many.siteOf(4)].retainedBytes, 3 * few.sites[few.siteOf(4)].retainedBytes, 1e4);
    EXPECT_GT(many.residentBytes(), few.residentBytes());
    EXPECT_EQ(ran("imgproxy", "0.9.2", withProcessors(4), 100).sites[many.siteOf(4)].retainedBytes, 0);
}

} // namespace
