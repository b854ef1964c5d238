#include "tests/sim/world/training_lab.h"

#include <algorithm>

// The training job on a RoCE network, beside a cache that fills ports: what keeps them apart, and what each fault takes away.
namespace {

using namespace sim;
using namespace sim::testing;
using net::rdma::DeviceCounter;
using net::rdma::DeviceId;
using net::rdma::PortCounter;
using net::rdma::PortId;
using net::rdma::PriorityCounter;

const World& roceLab()
{
    static const World kWorld = [] {
        auto built = World::build(tests::library()->topologies.at("training-roce"), 3);
        EXPECT_TRUE(built) << (built ? "" : built.error().text());
        built->runUntil(built->now() + 10min);
        return std::move(*built);
    }();
    return kWorld;
}

World hurtRoce(const char* cause, const char* variant = nullptr)
{
    World world = roceLab();
    nlohmann::json parameters{{"cause", cause}};
    if (variant != nullptr)
        parameters["variant"] = variant;
    const CommandResult done = world.apply(Command{command::InjectFault{"roce-pfc-storm", std::move(parameters)}});
    EXPECT_TRUE(done.ok) << done.error;
    return world;
}

std::string chosen(const World& world, const char* name) { return world.injections().back().parameters.at(name); }

/// The first adapter of a machine, and the leaf's port at the other end of its cable.
DeviceId adapter(const World& world, const std::string& machine) { return world.rdma().devicesOf(world.machine(machine)->id).front(); }
PortId leafPort(const World& world, const std::string& machine) { return world.rdma().peer(PortId{adapter(world, machine).value}); }

std::uint64_t pauses(const World& world, PriorityCounter counter)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < world.rdma().ports().size(); ++i)
        sum += world.rdma().counter(PortId{i}, 3, counter);
    return sum;
}

std::uint64_t drops(const World& world, int priority)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < world.rdma().ports().size(); ++i)
        sum += world.rdma().counter(PortId{i}, priority, PriorityCounter::TxDiscards);
    return sum;
}

void setQos(World& world, PortId port, const net::rdma::Qos& qos)
{
    command::RdmaChange change;
    change.port = port;
    change.verb = command::RdmaChange::Verb::Qos;
    change.qos = qos;
    EXPECT_TRUE(world.apply(Command{change}).ok);
}

} // namespace

TEST(Roce, TheJobAndTheCacheShareTheNetworkInPeace)
{
    const World& world = roceLab();
    EXPECT_GT(progress(world), 0.95);
    EXPECT_EQ(pauses(world, PriorityCounter::TxPause), 0U);
    EXPECT_EQ(drops(world, 0) + drops(world, 3), 0U);
    EXPECT_GT(world.rdma().counter(adapter(world, "gpu-1"), DeviceCounter::NpCnpSent), 0U) << "three streams into one port";
    EXPECT_EQ(world.rdma().counter(PortId{adapter(world, "gpu-1").value}, 0, PriorityCounter::TxBytes), 0U) << "all of it in the lossless class";
}

struct RoceCause {
    const char* cause;
    const char* variant;
};

class RoceStorm : public ::testing::TestWithParam<RoceCause> {};

TEST_P(RoceStorm, SlowsTheJobAndStopsIt)
{
    World world = hurtRoce(GetParam().cause, GetParam().variant);
    world.runUntil(world.now() + 4min);
    EXPECT_LT(progress(world), 0.93) << GetParam().cause;
    EXPECT_GT(progress(world), 0.3) << "it still makes steps";
}

INSTANTIATE_TEST_SUITE_P(Causes, RoceStorm,
                         ::testing::Values(RoceCause{"pausing-nic", "hangs-in-bouts"}, RoceCause{"trust-mismatch", "host"}, RoceCause{"trust-mismatch", "leaf-port"},
                                           RoceCause{"ecn-off", "leaf"}, RoceCause{"pfc-one-sided", "one-port"}, RoceCause{"wrong-class", "variable-lost"},
                                           RoceCause{"no-fault", "acceptance-test"}));

TEST(Roce, AnAdapterThatHangsPausesMachinesThatSendElsewhere)
{
    World world = hurtRoce("pausing-nic");
    world.runUntil(world.now() + 3min);
    const std::string spare = chosen(world, "spare");
    EXPECT_GT(world.rdma().counter(PortId{adapter(world, spare).value}, 3, PriorityCounter::TxPause), 0U);
    EXPECT_EQ(world.rdma().counter(PortId{adapter(world, spare).value}, 3, PriorityCounter::RxPause), 0U) << "the trail ends there";
    EXPECT_EQ(drops(world, 0) + drops(world, 3), 0U);
    World watched = world;
    command::RdmaChange change;
    change.port = leafPort(watched, spare);
    change.verb = command::RdmaChange::Verb::Watchdog;
    change.watchdog.on = true;
    EXPECT_TRUE(watched.apply(Command{change}).ok);
    watched.runUntil(watched.now() + 2min);
    EXPECT_GT(progress(watched), 0.93) << "the watchdog frees the others";
    EXPECT_GT(watched.rdma().port(change.port).storm.detected, 0);

    EXPECT_TRUE(world.apply(Command{command::Power{world.machine(spare)->id, command::Power::Verb::Reboot}}).ok);
    world.runUntil(world.now() + 6min);
    EXPECT_GT(progress(world), 0.95) << "a power cycle cures it";
}

TEST(Roce, PacketsInTheWrongQueueAreDroppedWhereTheCacheFillsThePort)
{
    World world = hurtRoce("trust-mismatch", "leaf-port");
    world.runUntil(world.now() + 3min);
    EXPECT_GT(world.rdma().counter(leafPort(world, chosen(world, "next")), 0, PriorityCounter::TxDiscards), 0U);
    EXPECT_EQ(drops(world, 3), 0U);
    EXPECT_GT(world.rdma().counter(adapter(world, chosen(world, "next")), DeviceCounter::OutOfSequence), 0U);
    setQos(world, leafPort(world, chosen(world, "machine")), world.rdma().switches().front().designedQos);
    world.runUntil(world.now() + 2min);
    EXPECT_GT(progress(world), 0.95);
}

TEST(Roce, AHostThatTrustsTagsIsUnprotectedInTheQueueThatShouldLoseNothing)
{
    World world = hurtRoce("trust-mismatch", "host");
    world.runUntil(world.now() + 3min);
    EXPECT_GT(world.rdma().counter(PortId{adapter(world, chosen(world, "machine")).value}, 0, PriorityCounter::TxBytes), 0U);
    EXPECT_GT(world.rdma().counter(leafPort(world, chosen(world, "next")), 3, PriorityCounter::TxDiscards), 0U);
    EXPECT_EQ(drops(world, 0), 0U);
}

TEST(Roce, WithoutMarksThePausesComeFromTheLeaf)
{
    World world = hurtRoce("ecn-off");
    world.runUntil(world.now() + 3min);
    EXPECT_GT(pauses(world, PriorityCounter::TxPause), 0U);
    EXPECT_EQ(drops(world, 0) + drops(world, 3), 0U);
    for (std::size_t i = 0; i < world.rdma().devices().size(); ++i)
        EXPECT_EQ(world.rdma().counter(PortId{i}, 3, PriorityCounter::TxPause), 0U) << "no adapter pauses";
}

TEST(Roce, AnAcceptanceTestEndsByItselfAndBreaksNothing)
{
    World world = hurtRoce("no-fault");
    world.runUntil(world.now() + 3min);
    EXPECT_EQ(pauses(world, PriorityCounter::TxPause), 0U);
    EXPECT_EQ(drops(world, 0) + drops(world, 3), 0U);
    world.runUntil(world.now() + 15min);
    EXPECT_GT(progress(world), 0.95);
}

TEST(Roce, StreamsEndWithTheirProcesses)
{
    World world = roceLab();
    const auto into = [&](const std::string& machine) {
        return std::ranges::count_if(world.rdma().transfers(), [&](const auto& one) { return one.second.request.to == adapter(world, machine) && !one.second.request.gpuMemory; });
    };
    EXPECT_EQ(into("gpu-2"), 3);
    const HostId neighbour = world.machine("gpu-3")->id;
    EXPECT_TRUE(world.apply(Command{command::UnitAction{neighbour, "shard-cache.service", command::UnitAction::Verb::Stop}}).ok);
    world.runUntil(world.now() + 5s);
    EXPECT_EQ(into("gpu-2"), 2) << "a peer that does not run sends nothing";
    EXPECT_EQ(into("gpu-3"), 0);
    EXPECT_TRUE(world.apply(Command{command::UnitAction{neighbour, "shard-cache.service", command::UnitAction::Verb::Start}}).ok);
    world.runUntil(world.now() + 5s);
    EXPECT_EQ(into("gpu-2"), 3);
}

TEST(Roce, AnOptionWithoutAValueTakesNoWord)
{
    World world = roceLab();
    const auto run = [&](const std::string& machine, std::vector<std::string> words) {
        host::Process process;
        process.name = "ib_write_bw";
        process.command = {"/usr/bin/ib_write_bw", "-d", "mlx5_0", "-F", "--run_infinitely", "--report_gbits"};
        process.command.insert(process.command.end(), words.begin(), words.end());
        EXPECT_TRUE(world.apply(Command{command::SpawnProcess{world.machine(machine)->id, process}}).ok);
    };
    run("gpu-2", {});
    run("gpu-3", {"gpu-2"});
    world.runUntil(world.now() + 5s);
    EXPECT_EQ(std::ranges::count_if(world.rdma().transfers(),
                                    [&](const auto& one) { return one.second.request.from == adapter(world, "gpu-3") && one.second.request.to == adapter(world, "gpu-2")
                                                               && !one.second.request.gpuMemory; }),
              1);
}

TEST(Roce, ARestartedSwitchRunsAsItWasSaved)
{
    World world = roceLab();
    const PortId port = leafPort(world, "gpu-1");
    setQos(world, port, {});
    const std::string leaf = world.rdma().switchOf(world.rdma().port(port).owner).name;
    EXPECT_TRUE(world.apply(Command{command::Power{world.machine(leaf)->id, command::Power::Verb::Reboot}}).ok);
    world.runUntil(world.now() + 10s);
    EXPECT_FALSE(world.rdma().linkUp(port)) << "while it starts there is no light";
    world.runUntil(world.now() + 5min);
    EXPECT_TRUE(world.rdma().linkUp(port));
    EXPECT_EQ(world.rdma().port(port).qos, world.rdma().switches().front().designedQos);
}
