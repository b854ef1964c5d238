#include "sim/engine/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using namespace sim;

Event numbered(std::uint64_t n) { return {.part = Part::World, .argument = n}; }

TEST(EventQueue, GivesEventsInOrderOfInstantPriorityAndSequence)
{
    EventQueue queue;
    queue.push(Instant(2s), numbered(4));
    queue.push(Instant(1s), numbered(2));
    queue.push(Instant(1s), numbered(3));
    queue.push(Instant(1s), numbered(1), 10);
    for (std::uint64_t expected = 1; expected <= 4; ++expected)
        EXPECT_EQ(queue.pop().event.argument, expected);
    EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, AgreesWithASortedListOnRandomLoads)
{
    RandomStream random(11, "test");
    EventQueue queue;
    std::vector<std::pair<std::int64_t, std::uint64_t>> reference;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        const auto at = static_cast<std::int64_t>(random.below(500));
        queue.push(Instant(Duration(at)), numbered(i));
        reference.emplace_back(at, i);
    }
    std::sort(reference.begin(), reference.end());
    for (const auto& [at, n] : reference) {
        const auto entry = queue.pop();
        ASSERT_EQ(entry.at, Instant(Duration(at)));
        ASSERT_EQ(entry.event.argument, n);
    }
}

TEST(Engine, CopiesContinueAlike)
{
    Engine one(Instant{}, 5);
    for (int i = 0; i < 100; ++i)
        one.after(Duration(static_cast<std::int64_t>(one.random("a").below(1000))), numbered(static_cast<std::uint64_t>(i)));
    Engine two = one;
    const auto run = [](Engine& engine) {
        while (const auto event = engine.next(Instant(1h)))
            if (event->argument < 1000)
                engine.after(Duration(static_cast<std::int64_t>(engine.random("b").below(50))), {.argument = event->argument + 100});
        return fingerprintOf(engine);
    };
    EXPECT_EQ(run(one), run(two));
    EXPECT_EQ(one, two);
}

TEST(Engine, TheFingerprintTellsHistoriesApart)
{
    Engine one(Instant{}, 5);
    Engine two(Instant{}, 5);
    one.after(1s, numbered(1));
    two.after(1s, numbered(2));
    (void)one.next(Instant(2s));
    (void)two.next(Instant(2s));
    EXPECT_NE(fingerprintOf(one), fingerprintOf(two));
}

TEST(EngineDeathTest, RefusesThePast)
{
    Engine engine(Instant(10s), 1);
    EXPECT_DEATH(engine.at(Instant(9s), {}), "at >= m_now");
}

} // namespace
