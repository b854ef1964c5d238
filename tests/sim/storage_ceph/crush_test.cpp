#include "sim/storage/ceph/crush.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

using namespace sim::storage::ceph;

namespace {

CrushMap map(std::size_t hosts, std::size_t drives, CrushWeight weight = 2 * kWholeWeight)
{
    CrushMap m;
    for (std::size_t h = 0; h < hosts; ++h) {
        CrushHost host{"h" + std::to_string(h), -3 - 2 * static_cast<std::int32_t>(h), {}};
        for (std::size_t d = 0; d < drives; ++d) {
            host.osds.push_back(static_cast<std::int32_t>(m.weights.size()));
            m.weights.push_back(weight);
        }
        m.hosts.push_back(host);
    }
    return m;
}

} // namespace

TEST(Crush, HashesEvenly)
{
    EXPECT_EQ(crushHash(1, 2), crushHash(1, 2));
    EXPECT_NE(crushHash(1, 2), crushHash(2, 1));
    EXPECT_NE(crushHash(1, 2, 3), crushHash(1, 3, 2));
    // Uniform in the lower 16 bits, which the straws are drawn from.
    double sum = 0;
    for (std::uint32_t i = 0; i < 20'000; ++i)
        sum += crushHash(i, 7, 3) & 0xffff;
    EXPECT_NEAR(sum / 20'000, 32768, 400);
}

TEST(Crush, LogarithmIsOfBaseTwo)
{
    for (const std::uint32_t x : {0U, 1U, 2U, 99U, 4095U, 40'000U, 65'535U})
        EXPECT_NEAR(static_cast<double>(crushLog(x)) / std::pow(2.0, 44), std::log2(x + 1.0), 1e-6) << x;
}

TEST(Crush, PutsEachReplicaOnAHostOfItsOwn)
{
    const CrushMap m = map(4, 3);
    const std::vector<CrushWeight> all(12, kWholeWeight);
    std::vector<int> count(12, 0);
    constexpr std::uint32_t kGroups = 40'000;
    for (std::uint32_t x = 0; x < kGroups; ++x) {
        const auto osds = chooseLeaves(m, crushHash(x, 2), 3, all);
        ASSERT_EQ(osds.size(), 3U);
        std::set<std::int32_t> hosts;
        for (const std::int32_t osd : osds) {
            hosts.insert(osd / 3);
            ++count[static_cast<std::size_t>(osd)];
        }
        EXPECT_EQ(hosts.size(), 3U);
    }
    for (const int one : count)
        EXPECT_NEAR(one, kGroups * 3 / 12, 350); // four standard deviations
}

TEST(Crush, MovesLittleWhenAnOsdGoesOut)
{
    const CrushMap m = map(4, 3);
    std::vector<CrushWeight> weights(12, kWholeWeight);
    std::vector<std::vector<std::int32_t>> before;
    for (std::uint32_t x = 0; x < 2'000; ++x)
        before.push_back(chooseLeaves(m, x, 3, weights));
    weights[5] = 0;
    int moved = 0;
    int had = 0;
    for (std::uint32_t x = 0; x < 2'000; ++x) {
        const auto now = chooseLeaves(m, x, 3, weights);
        ASSERT_EQ(now.size(), 3U);
        EXPECT_EQ(std::count(now.begin(), now.end(), 5), 0);
        had += static_cast<int>(std::count(before[x].begin(), before[x].end(), 5));
        for (const std::int32_t osd : now)
            moved += std::count(before[x].begin(), before[x].end(), osd) == 0 ? 1 : 0;
    }
    EXPECT_LT(moved, had * 2); // what it held, and little besides
    EXPECT_GE(moved, had);
}

TEST(Crush, GivesAwayWhatAReweightSays)
{
    const CrushMap m = map(3, 4);
    std::vector<CrushWeight> weights(12, kWholeWeight);
    const auto held = [&] {
        int count = 0;
        for (std::uint32_t x = 0; x < 6'000; ++x) {
            const auto osds = chooseLeaves(m, x, 3, weights);
            count += static_cast<int>(std::count(osds.begin(), osds.end(), 0));
        }
        return count;
    };
    const int whole = held();
    weights[0] = kWholeWeight / 2;
    EXPECT_NEAR(held(), whole * 0.55, whole * 0.08); // some come back from the others' rejects
}

TEST(Crush, FindsFewerWhenThereAreNoMoreHosts)
{
    EXPECT_EQ(chooseLeaves(map(2, 3), 17, 3, std::vector<CrushWeight>(6, kWholeWeight)).size(), 2U);
}
