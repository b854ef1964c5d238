#include "tests/sim/storage_ceph/ceph_lab.h"

#include "sim/engine/random.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace lab;
using Verb = ceph::Change::Verb;

namespace {

/// What must hold at any time.
void check(const CephLab& lab, std::int64_t written)
{
    ASSERT_EQ(lab.cluster.pools()[CephLab::kFiles].storedBytes, written);
    std::int64_t used = 0;
    for (const ceph::Osd& osd : lab.cluster.osds())
        used += osd.usedBytes;
    std::int64_t stored = 0;
    for (const ceph::Pg& pg : lab.cluster.pgs()) {
        std::int64_t whole = 0;
        for (const ceph::Copy& copy : pg.copies) {
            ASSERT_GE(copy.missingBytes, 0);
            ASSERT_LE(copy.missingBytes, lab.cluster.bytesOf(pg));
            stored += lab.cluster.storedOn(pg, copy);
            whole += copy.missingBytes == 0 && !copy.backfills ? 1 : 0;
        }
        ASSERT_GE(whole, 1) << lab.cluster.nameOf(pg) << " has been lost";
    }
    ASSERT_GE(used, stored);
    ASSERT_LE(used, stored + stored / 900 + 12 * (1LL << 30));
}

void swarm(std::uint64_t seed)
{
    SCOPED_TRACE(seed);
    sim::RandomStream random(seed, "ceph");
    CephLab lab;
    std::vector<std::int64_t> flows;
    std::vector<std::int32_t> dead;
    std::size_t cut = 4;
    for (int round = 0; round < 40; ++round) {
        switch (random.below(8)) {
        case 0:
        case 1:
            flows.push_back(lab.write(random.uniform(1e9, 60e9), 4e9, "/volumes/job/" + std::to_string(round)));
            break;
        case 2: // never more than one host's worth: the others keep a copy of everything
            if (cut == 4 && dead.empty())
                for (const std::int32_t drive : {0, 1, 2})
                    if (random.below(2) == 0)
                        dead.push_back(static_cast<std::int32_t>(3 * random.below(1)) + drive);
            for (const std::int32_t osd : dead)
                lab.kill(osd);
            break;
        case 3:
            for (const std::int32_t osd : dead)
                lab.start(osd);
            dead.clear();
            break;
        case 4:
            if (cut == 4 && dead.empty())
                lab.cutOff(cut = random.below(4));
            else if (cut < 4)
                lab.cutOff(std::exchange(cut, 4), false);
            break;
        case 5:
            lab.cluster.apply({random.below(2) == 0 ? Verb::OsdOut : Verb::OsdIn, static_cast<std::int32_t>(random.below(12)), {}, {}, {}, 0}, lab.now);
            break;
        case 6:
            lab.cluster.apply({Verb::Reweight, static_cast<std::int32_t>(random.below(12)), {}, {}, {}, random.uniform(0.3, 1)}, lab.now);
            break;
        default:
            lab.cluster.osds()[random.below(12)].device.slowdown = random.below(3) == 0 ? 20 : 1;
        }
        for (std::uint64_t second = random.below(120); second > 0; --second) {
            lab.run(1s);
            double done = 0;
            for (const std::int64_t flow : flows)
                done += std::floor(lab.cluster.findFlow(flow)->bytesDone);
            check(lab, static_cast<std::int64_t>(done));
            if (testing::Test::HasFatalFailure())
                return;
        }
    }
    // All heals, and so must the cluster.
    for (const std::int32_t osd : dead)
        lab.start(osd);
    if (cut < 4)
        lab.cutOff(cut, false);
    for (std::int32_t osd = 0; osd < 12; ++osd) {
        lab.cluster.osds()[static_cast<std::size_t>(osd)].device.slowdown = 1;
        lab.cluster.apply({Verb::Reweight, osd, {}, {}, {}, 1}, lab.now);
    }
    const auto allDone = [&] { return std::all_of(flows.begin(), flows.end(), [&](std::int64_t flow) { return lab.done(flow); }); };
    lab.until([&] { return lab.clean() && allDone(); });
    ASSERT_TRUE(lab.clean());
    lab.run(30s);
    EXPECT_TRUE(lab.cluster.health(lab.now).empty());
    EXPECT_TRUE(allDone());
}

} // namespace

TEST(CephSwarm, NothingIsLostAndAllIsCleanInTheEnd)
{
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        swarm(seed);
        if (HasFatalFailure())
            return;
    }
}

TEST(CephSwarm, ACopyGoesOnAsTheOriginalDoes)
{
    CephLab lab;
    lab.write(300e9);
    lab.run(5s);
    lab.kill(2);
    lab.run(5s);
    CephLab twin = lab;
    EXPECT_EQ(twin.cluster, lab.cluster);
    lab.run(700s);
    EXPECT_NE(sim::fingerprintOf(twin.cluster), sim::fingerprintOf(lab.cluster));
    for (int i = 0; i < 7; ++i)
        twin.run(100s);
    EXPECT_EQ(sim::fingerprintOf(twin.cluster), sim::fingerprintOf(lab.cluster));
}
