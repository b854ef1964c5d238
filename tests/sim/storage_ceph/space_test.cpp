#include "tests/sim/storage_ceph/ceph_lab.h"

#include <gtest/gtest.h>

using namespace lab;
using Verb = ceph::Change::Verb;

TEST(CephSpace, RatiosWarnThenStopBackfillsThenWrites)
{
    CephLab lab(200 * kGB);
    const auto fullest = [&] {
        double most = 0;
        for (const ceph::Osd& osd : lab.cluster.osds())
            most = std::max(most, osd.usedShare());
        return most;
    };
    std::int64_t folder = 0;
    const auto fillTo = [&](double share) {
        while (fullest() < share)
            lab.cluster.fill(CephLab::kFiles, "/volumes/f" + std::to_string(folder++), kGB);
        lab.run(2s);
    };
    fillTo(0.86);
    EXPECT_TRUE(lab.has("OSD_NEARFULL"));
    EXPECT_TRUE(lab.has("POOL_NEARFULL"));
    fillTo(0.91);
    EXPECT_TRUE(lab.has("OSD_BACKFILLFULL"));
    const std::int64_t flow = lab.write(1e12);
    lab.run(600s);
    EXPECT_EQ(lab.cluster.findFlow(flow)->end, ceph::Flow::End::NoSpace);
    EXPECT_TRUE(lab.has("OSD_FULL"));
    EXPECT_TRUE(lab.has("POOL_FULL"));
    EXPECT_EQ(ceph::worst(lab.cluster.health(lab.now)), ceph::Severity::Error);
    // Room comes back as the purge queue gets to it.
    EXPECT_TRUE(lab.cluster.removeFolder("/volumes/job"));
    lab.run(60s);
    EXPECT_FALSE(lab.has("OSD_FULL"));
    EXPECT_LT(fullest(), 0.92);
}

TEST(CephSpace, ARaisedRatioLetsWritersGoOn)
{
    CephLab lab(200 * kGB);
    lab.write(1e12);
    lab.run(900s);
    EXPECT_TRUE(lab.cluster.pools()[CephLab::kFiles].full);
    lab.cluster.apply({Verb::SetRatio, -1, "full", {}, {}, 0.97}, lab.now);
    lab.run(2s);
    EXPECT_FALSE(lab.cluster.pools()[CephLab::kFiles].full);
}

TEST(CephSpace, WhatABenchmarkLeftIsCleanedUpOrGoesWithItsPool)
{
    CephLab lab;
    lab.cluster.fillBench("cephfs.lab.data", 100 * kGB);
    const std::int64_t before = lab.cluster.osds()[0].usedBytes;
    const ceph::Answer answer = lab.cluster.apply({Verb::BenchCleanup, -1, "cephfs.lab.data", {}, {}, 0}, lab.now);
    EXPECT_EQ(answer.text, "Removed 23842 objects");
    lab.run(1s);
    EXPECT_LT(lab.cluster.osds()[0].usedBytes, before);
    EXPECT_EQ(lab.cluster.apply({Verb::PoolRemove, -1, "cephfs.lab.data", {}, {}, 0}, lab.now).error, 16);
}

TEST(CephSpace, DamageIsFoundByADeepScrubAndRepaired)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 100 * kGB);
    lab.cluster.damage("2.1f", 1);
    EXPECT_FALSE(lab.has("PG_DAMAGED"));
    lab.cluster.apply({Verb::Scrub, -1, "2.1f", "deep-scrub", {}, 0}, lab.now);
    lab.run(15s);
    EXPECT_TRUE(lab.has("PG_DAMAGED"));
    EXPECT_TRUE(lab.has("OSD_SCRUB_ERRORS"));
    lab.cluster.apply({Verb::Scrub, -1, "2.1f", "repair", {}, 0}, lab.now);
    lab.run(15s);
    EXPECT_TRUE(lab.cluster.health(lab.now).empty());
}
