#include "tests/sim/world/training_lab.h"

#include <fmt/format.h>

#include <algorithm>

// The storage cluster of the training topology: what its machines make of it, and what it makes of the job's checkpoints.
namespace {

using namespace sim;
namespace ceph = storage::ceph;

const World& storageLab()
{
    static const World kWorld = sim::testing::warmLab(5, 10min);
    return kWorld;
}

World broken(const char* fault, nlohmann::json parameters) { return sim::testing::hurt(storageLab(), fault, std::move(parameters)); }

const training::Job& savingJob(const World& world) { return world.training().all().begin()->second; }

bool alertFires(const World& world)
{
    const auto& alerts = world.telemetry().alerts();
    return std::any_of(alerts.begin(), alerts.end(), [](const telemetry::Alert& alert) { return alert.state == telemetry::Alert::State::Firing; });
}

/// The worst minute, and whether an alert has fired.
std::pair<double, bool> worstMinute(World& world, Duration span)
{
    double least = 1;
    bool fired = false;
    for (const Instant end = world.now() + span; world.now() < end;) {
        world.runUntil(world.now() + 10s);
        least = std::min(least, world.telemetry().mean("sli.success", 60s));
        fired |= alertFires(world);
    }
    return {least, fired};
}

bool reports(const World& world, const std::string& code)
{
    const auto checks = world.ceph().health(world.now());
    return std::any_of(checks.begin(), checks.end(), [&](const ceph::HealthCheck& check) { return check.code == code; });
}

int linesWith(const World& world, std::string_view text)
{
    int count = 0;
    for (const auto& [id, container] : world.runtimes().containers())
        for (const auto& [at, line] : container.log)
            count += container.podNamespace == "ml" && line.find(text) != std::string::npos ? 1 : 0;
    return count;
}

void unitCommand(World& world, const char* machine, const char* unit, command::UnitAction::Verb verb)
{
    world.apply(Command{command::UnitAction{world.machine(machine)->id, unit, verb}});
}

TEST(CephWorld, ASoundClusterTakesACheckpointInTwelveSeconds)
{
    World world = storageLab();
    EXPECT_TRUE(world.ceph().health(world.now()).empty()) << world.ceph().health(world.now()).front().summary;
    const auto [least, fired] = worstMinute(world, 12min);
    const training::Job& job = savingJob(world);
    ASSERT_TRUE(job.run);
    EXPECT_GT(job.run->iteration, 6'200);
    EXPECT_NEAR(job.lastSaveSeconds, 11.8, 0.5);
    EXPECT_GT(least, 0.97);
    EXPECT_FALSE(fired);
    EXPECT_GT(linesWith(world, "successfully saved checkpoint from iteration    6100"), 0);
    const auto& folders = world.ceph().fileSystem()->folders;
    const auto saved = std::find_if(folders.begin(), folders.end(), [](const auto& folder) { return folder.first.ends_with("/llama-7b/iter_0006100"); });
    ASSERT_NE(saved, folders.end());
    EXPECT_NEAR(static_cast<double>(saved->second), 14 * 6.74e9, 2e9);
}

TEST(CephWorld, UnitsAreTheDaemons)
{
    World world = storageLab();
    using Verb = command::UnitAction::Verb;
    unitCommand(world, "storage-2", "ceph-osd@4.service", Verb::Stop);
    world.runUntil(world.now() + 3s);
    EXPECT_FALSE(world.ceph().osds()[4].up);
    EXPECT_EQ(world.ceph().log().back().text.substr(0, 5), "osd.4");
    unitCommand(world, "storage-2", "ceph-osd@4.service", Verb::Start);
    world.runUntil(world.now() + 20s);
    EXPECT_TRUE(world.ceph().osds()[4].up);
    // Killed, systemd starts it again.
    const host::Machine& machine = *world.machine("storage-2");
    world.apply(Command{command::Signal{machine.id, machine.units.at("ceph-osd@4.service").mainPid, 9}});
    world.runUntil(world.now() + 4s);
    EXPECT_FALSE(world.ceph().osds()[4].up);
    world.runUntil(world.now() + 40s);
    EXPECT_TRUE(world.ceph().osds()[4].up);
    world.apply(Command{command::Power{world.machine("storage-4")->id, command::Power::Verb::Off}});
    world.runUntil(world.now() + 35s);
    EXPECT_TRUE(reports(world, "OSD_HOST_DOWN"));
    unitCommand(world, "storage-1", "ceph-mon@storage-1.service", Verb::Stop);
    world.runUntil(world.now() + 15s);
    EXPECT_TRUE(reports(world, "MON_DOWN"));
    EXPECT_TRUE(world.ceph().quorum());
    world.apply(Command{command::Power{world.machine("storage-4")->id, command::Power::Verb::On}});
    unitCommand(world, "storage-1", "ceph-mon@storage-1.service", Verb::Start);
    world.runUntil(world.now() + 5min);
    EXPECT_TRUE(world.ceph().health(world.now()).empty());
    EXPECT_FALSE(world.hosts().read(machine.id, "/var/log/ceph/ceph-osd.4.log", world.now())->content.empty());
    EXPECT_NE(world.hosts().read(world.machine("storage-2")->id, "/var/log/ceph/ceph.log", world.now())->content.find("OSD_HOST_DOWN"), std::string::npos);
}

TEST(CephWorld, AFirewallBetweenOsdsTakesAHostOut)
{
    World world = storageLab();
    command::FirewallChange change;
    change.stack = world.machine("storage-3")->stack;
    change.chain = "INPUT";
    change.rule.protocol = net::Protocol::Tcp;
    change.rule.destinationPort = 6800;
    change.rule.target = "DROP";
    world.apply(Command{change});
    world.runUntil(world.now() + 40s);
    for (const std::int32_t osd : {6, 7, 8})
        EXPECT_FALSE(world.ceph().osds()[static_cast<std::size_t>(osd)].up);
    EXPECT_TRUE(world.ceph().osds()[6].running);
}

struct SlowCase {
    const char* cause;
    const char* variant;
    const char* check; ///< that Ceph reports; empty: nothing
};
class CephSlow : public ::testing::TestWithParam<SlowCase> {};

TEST_P(CephSlow, SavesTakeTooLongAndTheClusterSaysSo)
{
    World world = broken("ceph-slow", {{"cause", GetParam().cause}, {"variant", GetParam().variant}});
    const auto [least, fired] = worstMinute(world, 9min);
    EXPECT_LT(least, 0.9);
    EXPECT_TRUE(fired);
    if (std::string_view(GetParam().cause) == "lost-quorum") {
        EXPECT_FALSE(world.ceph().quorum());
    } else if (*GetParam().check != 0) {
        EXPECT_TRUE(std::any_of(world.ceph().log().begin(), world.ceph().log().end(), [](const auto& line) { return line.text.find(GetParam().check) != std::string::npos; }));
    }
}

INSTANTIATE_TEST_SUITE_P(Causes, CephSlow,
                         ::testing::Values(SlowCase{"slow-disk", "worn-drive", "SLOW_OPS"}, SlowCase{"slow-link", "host-at-1g", "SLOW_OPS"},
                                           SlowCase{"osds-down", "units-stopped", "PG_AVAILABILITY"}, SlowCase{"osds-down", "drives-dead", "PG_AVAILABILITY"},
                                           SlowCase{"lost-quorum", "monitors-stopped", ""}),
                         [](const auto& info) {
                             std::string name = std::string(info.param.cause) + "_" + info.param.variant;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(CephSlowRepairs, ASickDriveGoesOutAndANewOneComesIn)
{
    World world = broken("ceph-slow", {{"cause", "slow-disk"}, {"osd", 7}});
    world.runUntil(world.now() + 4min);
    command::CephCall out;
    out.change = {.verb = ceph::Change::Verb::OsdOut, .osd = 7};
    EXPECT_TRUE(world.apply(Command{out}).ok);
    world.runUntil(world.now() + 25min);
    EXPECT_TRUE(world.ceph().health(world.now()).empty());
    EXPECT_LT(savingJob(world).lastSaveSeconds, 14);
    command::SiteWork work;
    work.verb = command::SiteWork::Verb::ReplaceDrive;
    work.host = world.machine("storage-3")->id;
    work.slot = 1;
    EXPECT_TRUE(world.apply(Command{work}).ok);
    command::CephCall in;
    in.change = {.verb = ceph::Change::Verb::OsdIn, .osd = 7};
    EXPECT_TRUE(world.apply(Command{in}).ok);
    world.runUntil(world.now() + 20min);
    EXPECT_TRUE(world.ceph().health(world.now()).empty());
    EXPECT_GT(world.ceph().osds()[7].usedBytes, 100'000'000'000);
}

TEST(CephSlowRepairs, APlannedRebootIsOverByItself)
{
    World world = broken("ceph-slow", {{"cause", "no-fault"}});
    world.runUntil(world.now() + 5min);
    EXPECT_TRUE(reports(world, "OSDMAP_FLAGS"));
    world.runUntil(world.now() + 15min);
    EXPECT_TRUE(world.ceph().health(world.now()).empty());
}

struct StallCase {
    const char* cause;
    const char* variant;
    const char* says; ///< the trainer
};
class CheckpointStall : public ::testing::TestWithParam<StallCase> {};

TEST_P(CheckpointStall, TheJobLosesItsTime)
{
    World world = broken("checkpoint-stall", {{"cause", GetParam().cause}, {"variant", GetParam().variant}});
    world.runUntil(world.now() + 4min); // some causes begin with the job anew
    const auto [least, fired] = worstMinute(world, 10min);
    EXPECT_LT(least, 0.9);
    EXPECT_TRUE(fired);
    EXPECT_GT(linesWith(world, GetParam().says), 0);
}

INSTANTIATE_TEST_SUITE_P(Causes, CheckpointStall,
                         ::testing::Values(StallCase{"slow-osd", "worn-drive", "saving checkpoint at iteration"}, StallCase{"cluster-full", "bench-left", "No space left on device"},
                                           StallCase{"too-frequent", "interval-10", "successfully saved checkpoint"},
                                           StallCase{"single-writer", "first-replica", "saving checkpoint"}, StallCase{"mds-down", "units-stopped", "saving checkpoint"},
                                           StallCase{"client-link", "node-at-1g", "saving checkpoint"}, StallCase{"paused", "pause-left", "saving checkpoint"}),
                         [](const auto& info) {
                             std::string name = std::string(info.param.cause) + "_" + info.param.variant;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(CheckpointStalls, WhoWaitsAtTheBarrierIsEndedByTheWatchdog)
{
    World world = broken("checkpoint-stall", {{"cause", "client-link"}});
    // At a hundredth of its card, that machine would need half an hour for its share.
    const host::Machine* slow = world.machine(world.injections().back().parameters.at("machine").get<std::string>());
    ASSERT_NE(slow, nullptr);
    world.runUntil(world.now() + 6min);
    const training::Job& job = savingJob(world);
    ASSERT_TRUE(job.run);
    if (job.run->stall)
        EXPECT_EQ(job.run->stall->kind, training::Stall::Kind::Storage);
    EXPECT_TRUE(world.ceph().health(world.now()).empty()); // nothing is wrong with the cluster
}

TEST(CheckpointStalls, RoomMadeLetsTheJobSaveAgain)
{
    World world = broken("checkpoint-stall", {{"cause", "cluster-full"}, {"variant", "bench-left"}});
    world.runUntil(world.now() + 8min);
    EXPECT_TRUE(reports(world, "OSD_FULL"));
    command::CephCall cleanup;
    cleanup.change = {.verb = ceph::Change::Verb::BenchCleanup, .name = "bench"};
    EXPECT_TRUE(world.apply(Command{cleanup}).ok);
    world.runUntil(world.now() + 15min);
    EXPECT_TRUE(world.ceph().health(world.now()).empty());
    EXPECT_GT(world.telemetry().mean("sli.success", 60s), 0.95);
    EXPECT_LT(savingJob(world).lastSaveSeconds, 14);
}

TEST(CheckpointStalls, AFailoverOfTheMetadataServersPasses)
{
    World world = broken("checkpoint-stall", {{"cause", "no-fault"}});
    world.runUntil(world.now() + 20min);
    EXPECT_TRUE(world.ceph().health(world.now()).empty());
    EXPECT_GT(world.telemetry().mean("sli.success", 60s), 0.95);
}

TEST(CephWorld, ACheckpointThatSomebodyRemovesIsNotLoaded)
{
    World world = storageLab();
    world.runUntil(world.now() + 8min);
    ContainerId master;
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.podName == "llama-7b-master-0" && container.state == container::Container::State::Running && !container.sandbox)
            master = id;
    ASSERT_TRUE(master.valid());
    const std::int64_t last = world.training().saved(savingJob(world), "/checkpoints/llama-7b").back().iteration;
    const HostId host = world.runtimes().find(master)->host;
    EXPECT_TRUE(world.apply(Command{command::RemoveFile{host, master, fmt::format("/checkpoints/llama-7b/iter_{:07}", last), true}}).ok);
    const std::int64_t before = world.ceph().pools()[2].storedBytes;
    world.runUntil(world.now() + 30s);
    EXPECT_LT(world.ceph().pools()[2].storedBytes, before - 90'000'000'000);
    world.apply(Command{command::ContainerAction{master, command::ContainerAction::Verb::Exit, {}, 1}});
    world.runUntil(world.now() + 4min);
    ASSERT_TRUE(savingJob(world).run);
    EXPECT_LT(savingJob(world).run->firstIteration, last);
}

} // namespace
