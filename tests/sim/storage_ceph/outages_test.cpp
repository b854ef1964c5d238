#include "tests/sim/storage_ceph/ceph_lab.h"

#include <gtest/gtest.h>

using namespace lab;
using Verb = ceph::Change::Verb;

TEST(CephOutages, ADeadProcessIsNoticedAtOnceAndAfterTenMinutesItsDataMoves)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 3'000 * kGB);
    lab.run(2s);
    lab.kill(4);
    EXPECT_LE(lab.until([&] { return !lab.cluster.osds()[4].up; }), 3);
    lab.run(5s);
    EXPECT_TRUE(lab.has("OSD_DOWN"));
    EXPECT_TRUE(lab.has("PG_DEGRADED"));
    EXPECT_FALSE(lab.has("PG_AVAILABILITY"));
    EXPECT_GT(lab.cluster.objects().degraded, 0);
    lab.run(580s);
    EXPECT_TRUE(lab.cluster.osds()[4].in);
    lab.run(17s);
    EXPECT_FALSE(lab.cluster.osds()[4].in);
    EXPECT_FALSE(lab.has("OSD_DOWN")); // who is out is not missed
    EXPECT_TRUE(lab.anyIs(ceph::kActive | ceph::kUndersized | ceph::kDegraded | ceph::kRemapped | ceph::kBackfilling));
    EXPECT_TRUE(lab.anyIs(ceph::kBackfillWait)); // one at a time for each OSD
    lab.until([&] { return lab.clean(); });
    EXPECT_TRUE(lab.clean());
    EXPECT_TRUE(lab.cluster.health(lab.now).empty());
    EXPECT_LT(lab.cluster.osds()[4].usedBytes, 2'000'000'000);
}

TEST(CephOutages, WhoComesBackSoonOnlyCopiesWhatWasMissed)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 3'000 * kGB);
    lab.kill(4);
    lab.run(10s);
    const std::int64_t flow = lab.write(240e9, 8e9);
    lab.run(40s);
    EXPECT_TRUE(lab.done(flow)); // two of three are enough
    lab.start(4);
    lab.until([&] { return lab.anyIs(ceph::kActive | ceph::kRecovering | ceph::kDegraded); }, 60s);
    EXPECT_TRUE(lab.anyIs(ceph::kActive | ceph::kRecovering | ceph::kDegraded));
    EXPECT_FALSE(lab.anyIs(ceph::kBackfilling));
    EXPECT_LT(lab.until([&] { return lab.clean(); }), 300);
}

TEST(CephOutages, ALostHostIsNoticedWhenTheGraceIsOver)
{
    CephLab lab;
    const std::int64_t flow = lab.write(500e9);
    lab.run(3s);
    lab.cutOff(3);
    lab.run(10s);
    EXPECT_EQ(lab.cluster.findFlow(flow)->bytesPerSecond, 0); // until then, nobody writes
    const double seconds = 10 + lab.until([&] { return !lab.cluster.osds()[9].up; });
    EXPECT_GE(seconds, 20);
    EXPECT_LE(seconds, 24);
    lab.run(5s);
    EXPECT_GT(lab.cluster.findFlow(flow)->bytesPerSecond, 1e9);
    EXPECT_TRUE(lab.has("OSD_HOST_DOWN"));
    lab.cutOff(3, false);
    lab.until([&] { return lab.clean(); });
    EXPECT_TRUE(lab.clean());
}

TEST(CephOutages, TwoOfThreeReplicasGoneStopsWritingAndLosesNothing)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 600 * kGB);
    for (const std::int32_t osd : {0, 1, 2, 3, 4, 5}) // two hosts
        lab.kill(osd);
    lab.run(70s);
    EXPECT_TRUE(lab.has("PG_AVAILABILITY"));
    EXPECT_TRUE(lab.anyIs(ceph::kUndersized | ceph::kDegraded | ceph::kPeered));
    const std::int64_t flow = lab.write(1e9);
    lab.run(40s);
    EXPECT_EQ(lab.cluster.findFlow(flow)->bytesDone, 0);
    EXPECT_TRUE(lab.has("SLOW_OPS"));
    for (const std::int32_t osd : {0, 1, 2, 3, 4, 5})
        lab.start(osd);
    lab.until([&] { return lab.clean() && lab.done(flow); });
    EXPECT_TRUE(lab.clean());
    EXPECT_TRUE(lab.done(flow));
    EXPECT_EQ(lab.cluster.pools()[CephLab::kFiles].storedBytes, 601 * kGB);
}

TEST(CephOutages, FlagsHoldBackWhatTheyName)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 3'000 * kGB);
    lab.cluster.apply({Verb::SetFlag, -1, "noout", {}, {}, 0}, lab.now);
    lab.kill(4);
    lab.run(700s);
    EXPECT_TRUE(lab.cluster.osds()[4].in);
    EXPECT_TRUE(lab.has("OSDMAP_FLAGS"));
    lab.cluster.apply({Verb::SetFlag, -1, "nobackfill", {}, {}, 0}, lab.now);
    lab.cluster.apply({Verb::UnsetFlag, -1, "noout", {}, {}, 0}, lab.now);
    lab.run(60s);
    EXPECT_FALSE(lab.cluster.osds()[4].in);
    EXPECT_TRUE(lab.anyIs(ceph::kActive | ceph::kUndersized | ceph::kDegraded | ceph::kRemapped | ceph::kBackfillWait));
    lab.cluster.apply({Verb::UnsetFlag, -1, "nobackfill", {}, {}, 0}, lab.now);
    lab.until([&] { return lab.clean(); });
    EXPECT_TRUE(lab.clean());
}

TEST(CephOutages, TheProfileDecidesWhatRecoveryLeavesToClients)
{
    const auto rate = [](const std::string& profile) {
        CephLab lab;
        lab.cluster.fill(CephLab::kFiles, "/volumes/old", 6'000 * kGB);
        lab.cluster.apply({Verb::ConfigSet, -1, "osd", "osd_mclock_profile", profile, 0}, lab.now);
        lab.cluster.apply({Verb::ConfigSet, -1, "osd", "osd_mclock_override_recovery_settings", "true", 0}, lab.now);
        lab.cluster.apply({Verb::ConfigSet, -1, "osd", "osd_max_backfills", "12", 0}, lab.now);
        lab.cluster.apply({Verb::OsdOut, 4, {}, {}, {}, 0}, lab.now);
        lab.run(10s);
        const std::int64_t flow = lab.write(1e12, 20e9);
        lab.run(5s);
        return lab.cluster.findFlow(flow)->bytesPerSecond;
    };
    const double balanced = rate("balanced");
    EXPECT_GT(rate("high_client_ops"), 1.1 * balanced);
    EXPECT_LT(rate("high_recovery_ops"), 0.7 * balanced);
}

TEST(CephOutages, MonitorsDecideByMajority)
{
    CephLab lab;
    lab.cluster.monitors()[0].running = false;
    lab.run(2s);
    EXPECT_FALSE(lab.cluster.quorum());
    lab.run(10s);
    EXPECT_TRUE(lab.cluster.quorum());
    EXPECT_EQ(lab.cluster.leader().name, "storage-2");
    EXPECT_TRUE(lab.has("MON_DOWN"));
    lab.cluster.monitors()[1].running = false;
    lab.run(20s);
    EXPECT_FALSE(lab.cluster.quorum());
    // Clients go on with the maps that they have; nobody is marked down.
    const std::int64_t flow = lab.write(2e9);
    lab.run(2s);
    EXPECT_TRUE(lab.done(flow));
    lab.kill(3);
    lab.run(60s);
    EXPECT_TRUE(lab.cluster.osds()[3].up);
    lab.cluster.monitors()[0].running = true;
    lab.run(10s);
    EXPECT_FALSE(lab.cluster.osds()[3].up);
}
