#include "tests/sim/net/small_lab.h"

#include "sim/net/sharing.h"

#include <gtest/gtest.h>

using namespace sim::net;
using namespace sim;

namespace {

constexpr double kGigabit = 1e9 / 8 * 1448 / 1538; // what TCP carries over 1 Gbit/s

} // namespace

TEST(Flows, OneFlowFillsItsLinkAndTwoShareIt)
{
    SmallLab lab;
    lab.net.startFlow(lab.engine, lab.registry, lab.a, kGigabit * 10, 0, 1, 5000);
    lab.runUntil(Instant{5s});
    EXPECT_NEAR(lab.net.load(lab.linkRegistry), 1, 1e-9);
    lab.net.startFlow(lab.engine, lab.registry, lab.b, kGigabit * 10, 0, 2, 5000);
    const auto ended = lab.runUntil(Instant{60s});
    ASSERT_EQ(ended.size(), 2u);
    // 5 s alone, then half the link until its other half is through: 5 + 10; the other then has 5 left.
    EXPECT_NEAR(toSeconds(ended[0].first.time_since_epoch()), 15, 1e-6);
    EXPECT_EQ(ended[0].second.tag, 1u);
    EXPECT_NEAR(toSeconds(ended[1].first.time_since_epoch()), 20, 1e-6);
    EXPECT_TRUE(ended[1].second.completed);
    EXPECT_TRUE(lab.net.flows().empty());
    EXPECT_EQ(lab.net.load(lab.linkRegistry), 0);
}

TEST(Flows, OppositeDirectionsDoNotShare)
{
    SmallLab lab;
    lab.net.startFlow(lab.engine, lab.registry, lab.a, kGigabit, 0, 1);
    lab.net.startFlow(lab.engine, lab.a, lab.registry, kGigabit, 0, 2);
    for (const auto& [at, ended] : lab.runUntil(Instant{10s}))
        EXPECT_NEAR(toSeconds(at.time_since_epoch()), 1, 1e-6);
}

TEST(Flows, BrokenPathStallsThenGivesUp)
{
    SmallLab lab;
    lab.net.startFlow(lab.engine, lab.registry, lab.a, kGigabit * 10, 0, 1, 5000);
    lab.runUntil(Instant{2s});
    lab.net.link(lab.linkA).up = false;
    lab.net.changed(lab.engine);
    EXPECT_TRUE(lab.runUntil(Instant{10s}).empty());
    lab.net.link(lab.linkA).up = true; // back in time: it goes on where it was
    lab.net.changed(lab.engine);
    lab.runUntil(Instant{12s});
    lab.net.link(lab.linkA).up = false;
    lab.net.changed(lab.engine);
    const auto ended = lab.runUntil(Instant{60s});
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_FALSE(ended[0].second.completed);
    EXPECT_EQ(ended[0].first, Instant{27s});
}

TEST(Flows, FirewallInTheWayBreaksThem)
{
    SmallLab lab;
    const FlowId id = lab.net.startFlow(lab.engine, lab.registry, lab.podA, kGigabit * 10, 0, 1, 5000);
    EXPECT_FALSE(lab.net.flows().at(id).stalled);
    FirewallRule drop = lab.rule("DROP");
    drop.destination = lab.prefix("10.0.0.20");
    lab.net.stack(lab.a).filter["FORWARD"] = {"ACCEPT", {drop}};
    lab.net.changed(lab.engine);
    EXPECT_TRUE(lab.net.flows().at(id).stalled);
}

TEST(Flows, LossSlowsTcp)
{
    SmallLab lab;
    lab.net.link(lab.linkA).lossRatio = 0.01;
    const FlowId id = lab.net.startFlow(lab.engine, lab.registry, lab.a, 1e9, 0, 1);
    const Flow& flow = lab.net.flows().at(id);
    EXPECT_LT(flow.bytesPerSecond, kGigabit);
    EXPECT_GT(flow.bytesPerSecond, 1e6); // 3.8 MB/s at 1 %
}

TEST(Flows, SwarmNeverOverloadsALinkAndStaysMaxMin)
{
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        SmallLab lab;
        RandomStream random(seed, "flows");
        const StackId machines[] = {lab.a, lab.b, lab.registry, lab.podA, lab.podB};
        std::uint64_t started = 0, ended = 0;
        Instant now{};
        for (int step = 0; step < 60; ++step) {
            switch (random.below(4)) {
            case 0:
            case 1: {
                const StackId from = machines[random.below(5)], to = machines[random.below(5)];
                lab.net.startFlow(lab.engine, from, to, random.uniform(1e6, 1e9),
                                  random.below(2) ? random.uniform(1e6, 1e8) : 0, 1);
                ++started;
                break;
            }
            case 2: {
                Link& link = lab.net.link(LinkId{static_cast<std::uint32_t>(random.below(7))});
                link.up = !link.up;
                lab.net.changed(lab.engine);
                break;
            }
            default: break;
            }
            now += random.uniform(1ms, 3s);
            ended += lab.runUntil(now).size();

            std::map<Channel, double> used, capacity;
            std::vector<Demand> demands;
            std::vector<double> rates;
            for (const auto& [id, flow] : lab.net.flows()) {
                if (flow.stalled) {
                    EXPECT_EQ(flow.bytesPerSecond, 0);
                    continue;
                }
                demands.push_back({flow.channels, flow.capBytesPerSecond});
                rates.push_back(flow.bytesPerSecond);
                for (const Channel c : flow.channels) {
                    used[c] += flow.bytesPerSecond;
                    capacity[c] = kGigabit;
                }
            }
            for (const auto& [c, bytes] : used)
                ASSERT_LE(bytes, kGigabit * (1 + 1e-9)) << "seed " << seed;
            // Sharing only the touched group must give what sharing everything gives.
            const auto all = maxMinShares(demands, capacity);
            for (std::size_t i = 0; i < all.size(); ++i)
                ASSERT_NEAR(rates[i], all[i], 1e-6 * all[i]) << "seed " << seed << " step " << step;
        }
        for (std::uint32_t l = 0; l < 7; ++l)
            lab.net.link(LinkId{l}).up = true;
        lab.net.changed(lab.engine);
        ended += lab.runUntil(now + 3600s).size();
        EXPECT_EQ(started, ended) << "seed " << seed;
    }
}
