#include "core/shell/commands/ceph/table.h"
#include "core/shell/commands/ceph/text.h"
#include "tests/sim/storage_ceph/ceph_lab.h"

#include <gtest/gtest.h>

// Layouts as public captures of 18.2 clusters have them.
using namespace lab;
using namespace core::shell::cephtool;
using Verb = ceph::Change::Verb;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST(CephText, QuantitiesFitSevenCharacters)
{
    constexpr double kMi = 1048576;
    EXPECT_EQ(byteText(0), "0 B");
    EXPECT_EQ(byteText(620 * 1024), "620 KiB");
    EXPECT_EQ(byteText(897 * kMi + 5), "897 MiB");
    EXPECT_EQ(byteText(7.1 * kMi), "7.1 MiB");
    EXPECT_EQ(byteText(20 * 1024 * kMi), "20 GiB");
    EXPECT_EQ(byteText(26.4 * 1024 * 1024 * kMi), "26 TiB");
    EXPECT_EQ(byteText(1.3 * 1024 * 1024 * kMi), "1.3 TiB");
    EXPECT_EQ(countText(208), "208");
    EXPECT_EQ(countText(15'930), "15.93k");
    EXPECT_EQ(countText(65'910'000), "65.91M");
    EXPECT_EQ(weightText(0), "0");
    EXPECT_EQ(weightText(0.0293), "0.02930");
    EXPECT_EQ(shortText(0.0002), "0");
    EXPECT_EQ(shortText(45.3), "45.30");
}

TEST(CephText, AHealthyClusterInOneScreen)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 870 * kGB);
    lab.run(std::chrono::minutes(3));
    EXPECT_EQ(status(lab.cluster, lab.now).text,
              "  cluster:\n"
              "    id:     7d0c5a9e-1b7e-11f1-9c1d-0a5800a1b2c3\n"
              "    health: HEALTH_OK\n"
              " \n"
              "  services:\n"
              "    mon: 3 daemons, quorum storage-1,storage-2,storage-3 (age 3m)\n"
              "    mgr: storage-1(active, since 3m), standbys: storage-2\n"
              "    mds: 1/1 daemons up, 1 standby\n"
              "    osd: 12 osds: 12 up (since 3m), 12 in (since 3m)\n"
              " \n"
              "  data:\n"
              "    volumes: 1/1 healthy\n"
              "    pools:   2 pools, 272 pgs\n"
              "    objects: 207.47k objects, 810 GiB\n"
              "    usage:   2.4 TiB used, 19 TiB / 22 TiB avail\n"
              "    pgs:     272 active+clean\n"
              " \n");
    EXPECT_EQ(health(lab.cluster, lab.now, false).text, "HEALTH_OK\n");
}

TEST(CephText, WhatALostDriveLooksLike)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 870 * kGB);
    lab.kill(4);
    lab.run(std::chrono::minutes(3));
    const std::string detail = health(lab.cluster, lab.now, true).text;
    EXPECT_TRUE(holds(detail, "HEALTH_WARN 1 osds down; Degraded data redundancy: ")) << detail;
    EXPECT_TRUE(holds(detail, "[WRN] OSD_DOWN: 1 osds down\n    osd.4 (root=default,host=storage-2) is down\n")) << detail;
    EXPECT_TRUE(holds(detail, "is stuck undersized for 2m, current state active+undersized+degraded, last acting [")) << detail;
    EXPECT_TRUE(holds(osdTree(lab.cluster).text,
                      "ID  CLASS  WEIGHT    TYPE NAME           STATUS  REWEIGHT  PRI-AFF\n"
                      "-1         21.82782  root default                                 \n"
                      "-3          5.45695      host storage-1                           \n"
                      " 0    ssd   1.81898          osd.0           up   1.00000  1.00000\n"))
        << osdTree(lab.cluster).text;
    EXPECT_TRUE(holds(osdTree(lab.cluster).text, " 4    ssd   1.81898          osd.4         down   1.00000  1.00000\n"));
    const std::string table = osdSpace(lab.cluster, false).text;
    EXPECT_TRUE(holds(table, "ID  CLASS  WEIGHT   REWEIGHT  SIZE     RAW USE  DATA     OMAP  META     AVAIL    %USE   VAR   PGS  STATUS\n")) << table;
    EXPECT_TRUE(holds(table, "TOTAL   22 TiB  2.4 TiB  2.4 TiB   0 B   14 GiB   19 TiB"))  << table;
    EXPECT_TRUE(holds(table, "MIN/MAX VAR: ")) << table;
    EXPECT_TRUE(holds(osdStat(lab.cluster, lab.now).text, "12 osds: 11 up (since 2m), 12 in (since 3m); epoch: e"));
    EXPECT_TRUE(holds(pgStuck(lab.cluster, lab.now, {"undersized"}).text, "PG_STAT  STATE                       UP      UP_PRIMARY  ACTING  ACTING_PRIMARY\n"))
        << pgStuck(lab.cluster, lab.now, {"undersized"}).text;
    EXPECT_EQ(safeToDestroy(lab.cluster, {4}).error, 16);
    EXPECT_EQ(okToStop(lab.cluster, {0}).error, 16);
    EXPECT_EQ(okToStop(lab.cluster, {3}).error, 0); // of the same host
}

TEST(CephText, ASickDriveShowsInLatenciesAndEvents)
{
    CephLab lab;
    lab.cluster.osds()[7].device.slowdown = 45;
    for (int i = 0; i < 4; ++i)
        lab.write(24e9);
    lab.run(std::chrono::seconds(90));
    const Json infos = osdPerf(lab.cluster).json.at("osdstats").at("osd_perf_infos");
    for (const Json& info : infos)
        EXPECT_EQ(info.at("perf_stats").at("commit_latency_ms").get<int>() > 200, info.at("id") == 7) << info;
    EXPECT_TRUE(holds(health(lab.cluster, lab.now, false).text, " slow ops, oldest one blocked for ")) << health(lab.cluster, lab.now, false).text;
    bool blamed = false;
    for (const ceph::Osd& osd : lab.cluster.osds()) {
        const Json ops = opsInFlight(lab.cluster, osd, lab.now);
        for (const Json& op : ops.at("ops"))
            blamed |= osd.id != 7 && op.at("type_data").at("flag_point") == "waiting for sub ops";
    }
    EXPECT_TRUE(blamed);
    EXPECT_LT(benchOf(lab.cluster.osds()[7]).at("bytes_per_sec").get<double>(), 0.1e9);
    EXPECT_GT(benchOf(lab.cluster.osds()[1]).at("bytes_per_sec").get<double>(), 2e9);
}

TEST(CephText, SpaceByClassAndPool)
{
    CephLab lab;
    lab.cluster.fill(CephLab::kFiles, "/volumes/old", 870 * kGB);
    lab.run(std::chrono::seconds(2));
    const std::string text = spaceOf(lab.cluster, false).text;
    EXPECT_TRUE(holds(text, "--- RAW STORAGE ---\nCLASS    SIZE   AVAIL     USED  RAW USED  %RAW USED\nssd    22 TiB  19 TiB  2.4 TiB   2.4 TiB      10.94\n")) << text;
    EXPECT_TRUE(holds(text, "cephfs.lab.data   2  256  810 GiB  207.45k  2.4 TiB")) << text;
}

TEST(CephText, TheFileSystemAndItsServers)
{
    CephLab lab;
    EXPECT_EQ(mdsStat(lab.cluster).text, "lab:1 {0=storage-1=up:active} 1 up:standby\n");
    const std::string text = fsStatus(lab.cluster, 4).text;
    EXPECT_TRUE(holds(text, "lab - 4 clients\n===\nRANK  STATE      MDS   ")) << text;
    EXPECT_TRUE(holds(text, "STANDBY MDS  \n storage-2   \n")) << text;
    EXPECT_TRUE(holds(monStat(lab.cluster).text, "election epoch 14, leader 0 storage-1, quorum 0,1,2 storage-1,storage-2,storage-3\n"));
}
