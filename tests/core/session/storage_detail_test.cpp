#include "core/session/storage_detail.h"

#include "core/shell/commands/ceph/text.h"
#include "sim/world/world.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace std::chrono_literals;
using namespace core::session;
namespace tool = core::shell::cephtool;
namespace ceph = sim::storage::ceph;

sim::World storageLab()
{
    static const sim::World kWorld = [] {
        auto built = sim::World::build(tests::library()->topologies.at("training"), 1);
        EXPECT_TRUE(built) << (built ? "" : built.error().text());
        built->runUntil(built->now() + 2min);
        return std::move(*built);
    }();
    return kWorld;
}

void inject(sim::World& world, const char* fault, nlohmann::json parameters)
{
    const sim::CommandResult done = world.apply(sim::Command{sim::command::InjectFault{fault, std::move(parameters)}});
    ASSERT_TRUE(done.ok) << done.error;
}

/// The page and the tools are two views of one state.
void expectTheSame(const sim::World& world, const StorageDetail& detail)
{
    const ceph::Cluster& cluster = world.ceph();
    const tool::Json status = tool::status(cluster, world.now()).json;
    EXPECT_EQ(detail.healthWord, status["health"]["status"]);
    EXPECT_EQ(detail.checks.size(), status["health"]["checks"].size());
    EXPECT_EQ(detail.usedBytes, status["pgmap"]["bytes_used"]);
    EXPECT_EQ(static_cast<std::int64_t>(detail.writtenBytesPerSecond), status["pgmap"]["write_bytes_sec"]);
    EXPECT_EQ(detail.degraded, status["pgmap"].value("degraded_objects", 0));
    EXPECT_EQ(detail.misplaced, status["pgmap"].value("misplaced_objects", 0));
    std::int64_t groups = 0;
    std::size_t at = 0;
    for (const StorageState& state : detail.states) { // in the order in which they are printed
        const std::size_t found = detail.statusRead.text.find(" " + state.name + "\n", at);
        EXPECT_NE(found, std::string::npos) << state.name;
        at = found;
        groups += state.groups;
    }
    EXPECT_EQ(groups, static_cast<std::int64_t>(cluster.pgs().size()));
    const tool::Json space = tool::osdSpace(cluster, false).json;
    for (const auto& node : space["nodes"]) {
        const StorageOsd& osd = detail.osds[node["id"].get<std::size_t>()];
        EXPECT_EQ(osd.groups, node["pgs"]);
        EXPECT_DOUBLE_EQ(100 * osd.usedShare(), node["utilization"].get<double>());
        EXPECT_EQ(osd.up ? "up" : "down", node["status"]);
    }
    const tool::Json pools = tool::spaceOf(cluster, false).json["pools"];
    for (std::size_t p = 0; p < pools.size(); ++p) {
        EXPECT_EQ(detail.pools[p].usedBytes, pools[p]["stats"]["bytes_used"]);
        EXPECT_DOUBLE_EQ(detail.pools[p].usedShare, pools[p]["stats"]["percent_used"].get<double>());
    }
}

TEST(StorageDetail, AHealthyClusterIsToldAsItsToolsTellIt)
{
    const sim::World world = storageLab();
    const StorageDetail detail = storageOf(world, 0);
    ASSERT_TRUE(detail.exists && detail.answers);
    EXPECT_EQ(detail.healthWord, "HEALTH_OK");
    EXPECT_EQ(detail.osds.size(), 12u);
    EXPECT_EQ(detail.groups.size(), 305u);
    EXPECT_EQ(detail.hosts, (std::vector<std::string>{"storage-1", "storage-2", "storage-3", "storage-4"}));
    EXPECT_EQ(std::count_if(detail.daemons.begin(), detail.daemons.end(), [](const StorageDaemon& one) { return one.state == StorageDaemon::State::Leader; }), 1);
    EXPECT_EQ(detail.toCopyBytes, 0);
    EXPECT_EQ(detail.statusRead.reads, std::vector<std::string>{"ceph/*"});
    EXPECT_EQ(detail.latencyRead.text, tool::osdPerf(world.ceph()).text);
    expectTheSame(world, detail);
}

TEST(StorageDetail, ASickDriveShowsInItsLatencyAndInWhoWaitsForIt)
{
    sim::World world = storageLab();
    inject(world, "ceph-slow", {{"cause", "slow-disk"}, {"variant", "worn-drive"}, {"osd", 3}});
    // Until the next save has been under way for a while.
    for (int i = 0; i < 60 && storageOf(world, 0).checks.empty(); ++i)
        world.runUntil(world.now() + 10s);
    const StorageDetail detail = storageOf(world, 0);
    ASSERT_FALSE(detail.checks.empty());
    EXPECT_EQ(detail.checks.front().code, "SLOW_OPS");
    for (const StorageOsd& osd : detail.osds)
        EXPECT_EQ(osd.id == 3, *osd.commitSeconds > 0.1) << osd.id;
    EXPECT_EQ(detail.osds[3].health, sim::Health::Warn);
    ASSERT_FALSE(detail.clients.empty());
    for (const StorageClient& client : detail.clients) {
        EXPECT_TRUE(client.writes && client.machine.starts_with("gpu-") && client.bytesDone < client.bytes);
        EXPECT_NE(detail.clientsRead.text.find(client.machine + " writes cephfs.lab.data/"), std::string::npos);
    }
    expectTheSame(world, detail);
}

TEST(StorageDetail, RecoveryHasAnAmountAndAPace)
{
    sim::World world = storageLab();
    inject(world, "ceph-slow", {{"cause", "osds-down"}, {"variant", "units-stopped"}, {"osd", 3}, {"other_osd", 9}});
    world.runUntil(world.now() + 90s);
    const StorageDetail down = storageOf(world, 0);
    EXPECT_FALSE(down.osds[3].up);
    EXPECT_FALSE(down.osds[3].commitSeconds);
    EXPECT_EQ(down.osds[3].health, sim::Health::Critical);
    EXPECT_GT(down.degraded, 0);
    EXPECT_EQ(down.toCopyBytes, 0) << "nobody is to have what they held yet";
    expectTheSame(world, down);
    sim::command::CephCall out;
    out.change = ceph::Change{.verb = ceph::Change::Verb::OsdOut, .osd = 3};
    ASSERT_TRUE(world.apply(sim::Command{out}).ok);
    world.runUntil(world.now() + 60s);
    const StorageDetail copying = storageOf(world, 0);
    EXPECT_GT(copying.toCopyBytes, 0);
    EXPECT_GT(copying.recoveredBytesPerSecond, 0);
    EXPECT_EQ(copying.osds[3].health, sim::Health::Unknown);
    EXPECT_EQ(copying.osds[3].bytes, 0);
    expectTheSame(world, copying);
}

TEST(StorageDetail, WithoutAQuorumNobodySaysAnything)
{
    sim::World world = storageLab();
    StorageDetailer detailer;
    const StorageInterest interest{true};
    EXPECT_EQ(detailer.look(world, {}, true), nullptr);
    EXPECT_TRUE(detailer.look(world, interest, true)->answers);
    inject(world, "ceph-slow", {{"cause", "lost-quorum"}, {"variant", "monitors-stopped"}});
    world.runUntil(world.now() + 30s);
    const auto silent = detailer.look(world, interest, true);
    EXPECT_FALSE(silent->answers);
    EXPECT_TRUE(silent->osds.empty() && silent->groups.empty() && silent->checks.empty());
    EXPECT_TRUE(silent->statusRead.reads.empty()) << "an election would look the same for a moment";
    for (const StorageDaemon& daemon : silent->daemons)
        EXPECT_EQ(daemon.health, sim::Health::Unknown);
    world.runUntil(world.now() + 20s);
    const auto later = detailer.look(world, interest, true);
    EXPECT_DOUBLE_EQ(later->silentSeconds, 20);
    EXPECT_NE(later->statusRead.text.find("RADOS timed out"), std::string::npos);
}

TEST(StorageDetail, WithoutAClusterThereIsNothing)
{
    auto built = sim::World::build(tests::library()->topologies.at("hosts"), 1);
    ASSERT_TRUE(built);
    EXPECT_FALSE(StorageDetailer().look(*built, StorageInterest{true}, true)->exists);
}

} // namespace
