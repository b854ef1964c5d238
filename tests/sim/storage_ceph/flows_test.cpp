#include "tests/sim/storage_ceph/ceph_lab.h"

#include <gtest/gtest.h>

using namespace lab;

TEST(CephFlows, ClientsThatDriveLessThanTheClusterCanSetTheirOwnPace)
{
    CephLab lab;
    std::vector<std::int64_t> flows;
    for (int i = 0; i < 4; ++i)
        flows.push_back(lab.write(24e9));
    const double seconds = lab.until([&] { return lab.done(flows.back()); });
    EXPECT_EQ(seconds, 12);
    EXPECT_EQ(lab.cluster.findFlow(flows.front())->ended, lab.cluster.findFlow(flows.front())->began + 12s);
    EXPECT_EQ(lab.cluster.pools()[CephLab::kFiles].storedBytes, 96'000'000'000);
    EXPECT_EQ(lab.cluster.fileSystem()->bytesBelow("/volumes/job"), 96'000'000'000);
    EXPECT_TRUE(lab.cluster.health(lab.now).empty());
}

TEST(CephFlows, OneSickDriveStallsWhoeverStripesOverIt)
{
    CephLab lab;
    lab.cluster.osds()[7].device.slowdown = 40;
    std::vector<std::int64_t> flows;
    for (int i = 0; i < 4; ++i)
        flows.push_back(lab.write(24e9));
    lab.run(60s);
    EXPECT_EQ(lab.cluster.findFlow(flows.front())->heldBy, 7);
    EXPECT_TRUE(lab.has("SLOW_OPS"));
    // The drive that is to blame works all the time, the others wait with it.
    EXPECT_GT(lab.cluster.osds()[7].busy, 0.99);
    EXPECT_LT(lab.cluster.osds()[1].busy, 0.1);
    EXPECT_GT(lab.cluster.osds()[7].commitLatency, 20 * lab.cluster.osds()[1].commitLatency);
    // Leaders that are well complain too: they wait for their replica.
    int complaining = 0;
    for (const ceph::Osd& osd : lab.cluster.osds())
        complaining += osd.slowOps > 0 ? 1 : 0;
    EXPECT_GT(complaining, 3);
    const double seconds = 60 + lab.until([&] { return lab.done(flows.back()); });
    EXPECT_GT(seconds, 200);
    // Out of the way, once its data lies elsewhere, all is as before.
    lab.cluster.apply({ceph::Change::Verb::OsdOut, 7, {}, {}, {}, 0}, lab.now);
    lab.run(3s);
    lab.until([&] { return lab.clean(); });
    EXPECT_TRUE(lab.clean());
    const std::int64_t again = lab.write(24e9);
    EXPECT_LE(lab.until([&] { return lab.done(again); }), 13);
}

TEST(CephFlows, ASlowCardHoldsUpAllOfItsHost)
{
    CephLab lab;
    lab.cluster.hosts()[2].nicBytesPerSecond = 0.125e9; // 1 Gbit/s
    const std::int64_t flow = lab.write(24e9);
    for (int i = 0; i < 3; ++i)
        lab.write(24e9);
    lab.run(60s);
    EXPECT_EQ(lab.cluster.findFlow(flow)->heldBy, -1); // no drive
    EXPECT_EQ(lab.cluster.findFlow(flow)->heldAt, 2);
    EXPECT_TRUE(lab.has("SLOW_OPS"));
    EXPECT_LT(lab.cluster.findFlow(flow)->bytesPerSecond, 0.2e9);
    EXPECT_LT(lab.cluster.osds()[6].commitLatency, 0.01);
}

TEST(CephFlows, PausedOrWithoutMetadataServerNothingMoves)
{
    CephLab lab;
    const std::int64_t flow = lab.write(100e9);
    lab.run(3s);
    lab.cluster.apply({ceph::Change::Verb::SetFlag, -1, "pause", {}, {}, 0}, lab.now);
    lab.run(3s);
    EXPECT_EQ(lab.cluster.findFlow(flow)->bytesPerSecond, 0);
    EXPECT_TRUE(lab.cluster.findFlow(flow)->blockedSince.has_value());
    lab.cluster.apply({ceph::Change::Verb::UnsetFlag, -1, "pause", {}, {}, 0}, lab.now);
    lab.run(3s);
    EXPECT_GT(lab.cluster.findFlow(flow)->bytesPerSecond, 1.9e9);
    lab.cluster.metadataServers()[0].running = false;
    lab.run(5s);
    EXPECT_EQ(lab.cluster.findFlow(flow)->bytesPerSecond, 0);
    const double seconds = lab.until([&] { return lab.cluster.findFlow(flow)->bytesPerSecond > 0; });
    EXPECT_GT(seconds, 10); // mds_beacon_grace, then the standby reads the journal
    EXPECT_LT(seconds, 30);
    EXPECT_EQ(lab.cluster.activeMds()->name, "storage-2");
    lab.cluster.metadataServers()[1].running = false;
    lab.run(30s);
    EXPECT_TRUE(lab.has("MDS_ALL_DOWN"));
}
