#include "tests/sim/programs/catalogue.h"

#include <gtest/gtest.h>

// What users get from a program, and what makes it less.
namespace {

using tests::codeNamed;

/// The catalogue's service under its load on a machine with four processors, with a release that content keeps back.
sim::programs::Running served(const std::string& version, const std::map<std::string, std::string>& environment = {},
                              double seconds = 120)
{
    auto settings = tests::withProcessors(4);
    settings.environment = environment;
    return tests::ran("catalog-api", version, settings, seconds, 4, 1200);
}

TEST(Served, aHealthyServiceHasRoom)
{
    const auto running = served("1.8.4");
    EXPECT_DOUBLE_EQ(running.servedShare(), 1);
    EXPECT_LT(running.utilisation(), 0.4);
}

TEST(Served, whateverBurnsTheProcessorsLeavesLessForUsers)
{
    const auto names = {"1.9.4+spinning-refresh", "1.9.4+hot-stats", "1.9.4+string-pages", "1.9.4+first-index"};
    for (const char* version : names) {
        const auto running = served(version);
        EXPECT_LT(running.servedShare(), 0.95) << version;
        EXPECT_GT(running.utilisation(), 1) << version;
        EXPECT_GT(running.rates.granted, 3) << version;
    }
}

TEST(Served, aSettingBurnsThemAsWell)
{
    for (const char* set : {"PREFETCH_INTERVAL=0s", "CACHE_SHARDS=1", "BUFFER_POOL=off"}) {
        const std::string text = set;
        const std::size_t equals = text.find('=');
        const auto running = served("1.8.4", {{text.substr(0, equals), text.substr(equals + 1)}});
        EXPECT_LT(running.servedShare(), 0.95) << set;
        EXPECT_GT(running.rates.granted, 3) << set;
    }
    EXPECT_DOUBLE_EQ(served("1.8.4", {{"CACHE_SHARDS", "64"}}).servedShare(), 1);
}

TEST(Served, leakedGoroutinesThatPollTakeMoreAndMore)
{
    const auto early = served("1.9.4+leaking-suggest", {}, 30);
    const auto late = served("1.9.4+leaking-suggest", {}, 300);
    EXPECT_DOUBLE_EQ(early.servedShare(), 1);
    EXPECT_LT(late.servedShare(), 0.9);
    EXPECT_GT(late.rates.wanted, early.rates.wanted + 2);
}

TEST(Served, aRebuildOfTheIndexEndsByItself)
{
    EXPECT_LT(served("1.9.4+first-index", {}, 350).servedShare(), 0.95);
    EXPECT_DOUBLE_EQ(served("1.9.4+first-index", {}, 370).servedShare(), 1);
}

TEST(Served, aSettingOfTheJobNeedsTheReleaseThatReadsIt)
{
    const auto variants = [](const char* version, const std::map<std::string, std::string>& environment) {
        const auto code = codeNamed("etl");
        sim::programs::Settings settings;
        settings.environment = environment;
        return sim::programs::startOf(code, version, code->version(version)->files, settings, {}).variants;
    };
    EXPECT_EQ(variants("3.3.0+plain", {}), std::set<std::string>{});
    EXPECT_EQ(variants("3.3.0+plain", {{"ETL_GC", "off"}}), std::set<std::string>{"collector-off"});
    EXPECT_EQ(variants("3.3.0+plain", {{"ETL_CACHE_ROWS", "0"}}), std::set<std::string>{"unbounded-cache"});
    EXPECT_EQ(variants("3.1.0", {{"ETL_CACHE_ROWS", "0"}, {"ETL_GC", "off"}}), std::set<std::string>{});
    EXPECT_EQ(variants("3.3.0+buffers", {}), std::set<std::string>{"unclosed-buffers"});
    EXPECT_EQ(variants("3.3.0+cursors", {}), std::set<std::string>{"unclosed-cursors"});
    EXPECT_EQ(variants("3.3.0+every-row", {}), std::set<std::string>{"global-cache"});
    EXPECT_EQ(variants("3.3.0+no-collector", {}), std::set<std::string>{"reference-cycle"});
    EXPECT_EQ(variants("3.3.0+whole-export", {}), std::set<std::string>{"whole-export"});
    EXPECT_EQ(variants("3.3.0+whole-file", {}), std::set<std::string>{"whole-file"});
}

TEST(Served, aListThatFillsUpHoldsTheSameHoweverSlowItGets)
{
    auto running = tests::ran("etl", "3.3.0+whole-export", {}, 400);
    const double before = running.liveBytes();
    EXPECT_GT(before, 500e6);
    sim::programs::plan(running);
    sim::programs::grant(running, running.rates.wanted * 0.05); // the machine starves
    EXPECT_NEAR(running.liveBytes(), before, 1e6);
}

} // namespace
