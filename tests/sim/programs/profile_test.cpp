#include "sim/programs/log_lines.h"
#include "sim/programs/pprof_pages.h"
#include "sim/programs/profile.h"
#include "tests/sim/programs/catalogue.h"

#include <gtest/gtest.h>

#include <numeric>
#include <sstream>

namespace {

using namespace sim::programs;
using tests::ran;
using tests::withProcessors;

std::int64_t sum(const Profile& profile, std::size_t value)
{
    return std::accumulate(profile.samples.begin(), profile.samples.end(), std::int64_t{0}, [&](std::int64_t s, const Sample& one) { return s + one.values[value]; });
}

TEST(Profiles, theWholeIsWhatTheMachineGranted)
{
    for (const double cores : {0.4, 64.0})
        for (const char* version : {"1.8.4", "1.9.0", "1.9.1", "1.9.3"}) {
            const Running before = ran("catalog-api", version, withProcessors(8), 20, cores);
            const Running after = before.at(before.settled + sim::fromSeconds(10));
            const double granted = before.rates.granted * 10;
            EXPECT_NEAR(after.cpuSeconds() - before.cpuSeconds(), granted, granted * 1e-9) << version;
            EXPECT_NEAR(static_cast<double>(sum(cpuProfile(before, after), 1)) / 1e9, granted, 0.006) << version;
            std::int64_t samples = 0;
            for (const StackSamples& one : stackSamples(before, after))
                samples += one.samples;
            EXPECT_NEAR(static_cast<double>(samples), granted * 100, 0.6) << version;
            if (cores < 1)
                EXPECT_LE(before.rates.granted, cores + 1e-9);
        }
}

TEST(Profiles, aSavedProfileReadsBackAsItWas)
{
    const Running running = ran("catalog-api", "1.9.0", withProcessors(8), 30);
    for (const Profile& profile : {cpuProfile(running, running.at(running.settled + sim::fromSeconds(5))), heapProfile(running, false), goroutineProfile(running),
                                   contentionProfile(running, false)}) {
        const auto read = readRaw(rawText(profile));
        ASSERT_TRUE(read);
        EXPECT_EQ(rawText(*read), rawText(profile));
        EXPECT_EQ(read->defaultType, profile.defaultType);
        ASSERT_EQ(read->samples.size(), profile.samples.size());
        for (std::size_t i = 0; i < read->samples.size(); ++i)
            EXPECT_EQ(read->samples[i].values, profile.samples[i].values);
    }
    EXPECT_FALSE(readRaw("no profile"));
    EXPECT_FALSE(readRaw(""));
}

TEST(Profiles, theHeapAgreesWithWhatIsResident)
{
    for (const auto& [name, version] : {std::pair{"catalog-api", "1.8.4"}, {"catalog-api", "1.9.2"}, {"imgproxy", "0.9.3"}}) {
        const Running running = ran(name, version, withProcessors(8), 300);
        const auto inUse = static_cast<double>(sum(heapProfile(running, false), 3));
        EXPECT_NEAR(inUse, running.liveBytes(), 0.05 * running.liveBytes()) << name << version;
        EXPECT_LT(inUse, running.residentBytes()) << name << version;
    }
}

TEST(Profiles, contentionGrowsWithTheRate)
{
    double waited = 0;
    for (const double requests : {40.0, 120.0, 220.0, 400.0}) {
        const Running running = ran("catalog-api", "1.9.0", withProcessors(8), 10, 64, requests);
        const double delay = running.rates.paths[4].delaySeconds / std::max(1.0, running.rates.paths[4].calls);
        EXPECT_GT(delay, waited) << requests;
        waited = delay;
    }
    const Running full = ran("catalog-api", "1.9.0", withProcessors(8), 10, 64, 900);
    EXPECT_LE(full.rates.paths[4].calls * full.code->paths[4].holdSeconds, 0.98) << "a lock is held by one at a time";
    const Running healthy = ran("catalog-api", "1.8.4", withProcessors(8), 10);
    EXPECT_LT(sum(contentionProfile(healthy, false), 1), sum(contentionProfile(full, false), 1) / 100);
}

TEST(Profiles, leakedGoroutinesAreCounted)
{
    const Running running = ran("catalog-api", "1.9.2", withProcessors(8), 100);
    const auto tasks = goroutinesOf(running);
    ASSERT_FALSE(tasks.empty());
    EXPECT_EQ(tasks.front().state, "chan send");
    EXPECT_NEAR(static_cast<double>(tasks.front().count), 220 * 0.25 * 100, 2);
    const auto page = profilePage(running, "/debug/pprof/goroutine?debug=1");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body.rfind("goroutine profile: total ", 0), 0U);
    EXPECT_NE(page->body.find("main.(*server).suggest.func1"), std::string::npos);
}

TEST(Profiles, pagesAreThoseOfNetHttpPprof)
{
    const Running running = ran("catalog-api", "1.8.4", withProcessors(8), 10);
    EXPECT_FALSE(profilePage(running, "/metrics"));
    EXPECT_EQ(profilePage(running, "/debug/pprof/nothing")->status, 404);
    const auto profile = profilePage(running, "/debug/pprof/profile?seconds=5");
    EXPECT_EQ(profile->took, sim::fromSeconds(5));
    EXPECT_TRUE(readRaw(profile->body));
    EXPECT_NE(profilePage(running, "/debug/pprof/")->body.find("goroutine?debug=1"), std::string::npos);
    EXPECT_NE(profilePage(running, "/debug/pprof/heap?debug=1")->body.find("# runtime.MemStats"), std::string::npos);
}

/// The column at which the last field of a line stands where tabs are eight wide.
std::size_t lastColumn(const std::string& line)
{
    std::size_t column = 0, last = 0;
    for (const char c : line) {
        column = c == '\t' ? column / 8 * 8 + 8 : column + 1;
        if (c == '\t')
            last = column;
    }
    return last;
}

// Recorded from net/http/pprof: text/tabwriter lines the places up, the runtime's own frames at the leaf are hidden, the
// addresses in front have them all.
TEST(Profiles, stacksOfATextPageAreInColumns)
{
    const Running running = ran("catalog-api", "1.8.4", withProcessors(8), 10);
    std::istringstream page(profilePage(running, "/debug/pprof/goroutine?debug=1")->body);
    std::size_t column = 0, rows = 0;
    for (std::string line; std::getline(page, line);) {
        if (line.empty() || line[0] != '#') {
            column = 0;
            continue;
        }
        ++rows;
        EXPECT_TRUE(column == 0 || lastColumn(line) == column) << line;
        column = lastColumn(line);
        EXPECT_EQ(line.find("runtime.gopark"), std::string::npos) << line;
    }
    EXPECT_GT(rows, 10U);
    const Profile profile = goroutineProfile(running);
    EXPECT_EQ(profile.samples.front().stack.back().function, "runtime.gopark");
    EXPECT_EQ(profile.samples.front().stack.end()[-2].function, "runtime.netpollblock"); // most wait for a connection
}

// As runtime.fmtNSAsMS does it: 12 ms are "12", 80 us are "0.080", 280 us on 8 processors "0.28".
TEST(CollectorLines, figuresHaveTheRuntimesDigits)
{
    Settings settings = withProcessors(8);
    settings.collectorThreads = 2;
    settings.gcPercent = 50;
    const Running running = ran("catalog-api", "1.8.4", settings, 20);
    const std::vector<std::string> lines = collectorLines(running);
    ASSERT_FALSE(lines.empty());
    EXPECT_NE(lines.back().find("%: 0.035+"), std::string::npos) << lines.back();
    EXPECT_NE(lines.back().find(" ms clock, 0.28+"), std::string::npos) << lines.back();
    EXPECT_NE(lines.back().find("/0+0.20 ms cpu, "), std::string::npos) << lines.back();
}

// A thread that asks for a Java monitor stands in the method that takes it, not below.
TEST(Threads, whoIsBlockedStandsAtTheMonitor)
{
    Running running = ran("orders", "2.4.0", withProcessors(8), 10);
    for (std::size_t i = 0; i < running.paths.size(); ++i)
        if (!running.code->paths[i].lock.empty())
            running.rates.paths[i].delaySeconds = 3; // three wait at any instant
    sim::host::Process process;
    int blocked = 0;
    for (const Task& task : tasksOf(running, process))
        if (task.state.rfind("BLOCKED", 0) == 0) {
            ++blocked;
            EXPECT_NE(task.stack.back().function.find("PriceService."), std::string::npos) << task.stack.back().function;
        }
    EXPECT_EQ(blocked, 3);
}

} // namespace
