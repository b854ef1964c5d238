#include "sim/net/sharing.h"

#include "sim/engine/random.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sim::net;

namespace {

/// Slow and obvious: raise the level of all flows that still rise by bisection until something is full,
/// freeze exactly those flows that cannot rise, repeat.
std::vector<double> reference(const std::vector<Demand>& demands,
                              const std::map<std::uint32_t, double>& capacity)
{
    std::vector<double> rates(demands.size(), 0);
    std::vector<bool> rising(demands.size(), true);
    const auto fits = [&](double level) {
        std::map<std::uint32_t, double> used;
        for (std::size_t i = 0; i < demands.size(); ++i) {
            const double rate = rising[i] ? level : rates[i];
            if (rising[i] && demands[i].cap > 0 && rate > demands[i].cap)
                return false;
            for (const auto channel : demands[i].channels)
                used[channel] += rate;
        }
        return std::all_of(used.begin(), used.end(),
                           [&](const auto& u) { return u.second <= capacity.at(u.first) * (1 + 1e-12); });
    };
    while (std::count(rising.begin(), rising.end(), true) > 0) {
        double low = 0, high = 1e6;
        for (int i = 0; i < 80; ++i)
            (fits((low + high) / 2) ? low : high) = (low + high) / 2;
        for (std::size_t i = 0; i < demands.size(); ++i)
            if (rising[i])
                rates[i] = low;
        std::vector<bool> next = rising;
        for (std::size_t i = 0; i < demands.size(); ++i) { // can this one alone still rise?
            if (!rising[i])
                continue;
            const auto others = rising;
            std::fill(rising.begin(), rising.end(), false);
            rising[i] = true;
            if (!fits(low + 1e-6 * (1 + low)))
                next[i] = false;
            rising = others;
        }
        rising = next;
    }
    return rates;
}

} // namespace

TEST(Sharing, TextbookCase)
{
    // Two links of 10 and 4: the flow on both gets 2, its neighbours 8 and 2.
    const auto rates = maxMinShares({{{0, 1}, 0}, {{0}, 0}, {{1}, 0}}, {{0, 10}, {1, 4}});
    EXPECT_DOUBLE_EQ(rates[0], 2);
    EXPECT_DOUBLE_EQ(rates[1], 8);
    EXPECT_DOUBLE_EQ(rates[2], 2);
    EXPECT_DOUBLE_EQ(maxMinShares({{{0}, 3}, {{0}, 0}}, {{0, 10}})[1], 7);
    EXPECT_DOUBLE_EQ(maxMinShares({{{}, 0}}, {})[0], kLoopbackBytesPerSecond);
}

TEST(Sharing, AgreesWithTheReferenceAndOverloadsNothing)
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        sim::RandomStream random(seed, "sharing");
        std::map<std::uint32_t, double> capacity;
        const std::uint64_t channels = 1 + random.below(8);
        for (std::uint32_t c = 0; c < channels; ++c)
            capacity[c] = random.uniform(1, 1000);
        std::vector<Demand> demands(1 + random.below(12));
        for (Demand& d : demands) {
            for (std::uint32_t c = 0; c < channels; ++c)
                if (random.below(3) == 0)
                    d.channels.push_back(c);
            if (d.channels.empty())
                d.channels.push_back(0);
            if (random.below(4) == 0)
                d.cap = random.uniform(1, 300);
        }
        const auto rates = maxMinShares(demands, capacity);
        const auto expected = reference(demands, capacity);
        std::map<std::uint32_t, double> used;
        for (std::size_t i = 0; i < demands.size(); ++i) {
            EXPECT_NEAR(rates[i], expected[i], 1e-3 * (1 + expected[i])) << "seed " << seed << " flow " << i;
            for (const auto c : demands[i].channels)
                used[c] += rates[i];
        }
        for (const auto& [c, bytes] : used)
            EXPECT_LE(bytes, capacity[c] * (1 + 1e-9)) << "seed " << seed;
    }
}
