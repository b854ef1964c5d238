#include "core/session/gpu_detail.h"
#include "sim/world/world.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace std::chrono_literals;
using namespace core::session;

/// The training topology with its job under way, warmed up once.
sim::World gpuLab()
{
    static const sim::World kWorld = [] {
        auto built = sim::World::build(tests::library()->topologies.at("training"), 1);
        EXPECT_TRUE(built) << (built ? "" : built.error().text());
        built->runUntil(built->now() + 11min);
        return std::move(*built);
    }();
    return kWorld;
}

void put(sim::World& world, const char* fault, nlohmann::json parameters)
{
    const sim::CommandResult done = world.apply(sim::Command{sim::command::InjectFault{fault, std::move(parameters)}});
    ASSERT_TRUE(done.ok) << done.error;
}

const RackMachine& rackMachine(const RacksDetail& racks, const std::string& name)
{
    return *std::find_if(racks.machines.begin(), racks.machines.end(), [&](const RackMachine& one) { return one.name == name; });
}

const FabricEnd& endOf(const FabricDetail& fabric, const std::string& machine, int rail)
{
    return *std::find_if(fabric.ends.begin(), fabric.ends.end(), [&](const FabricEnd& one) {
        return one.rail == rail && fabric.machines[static_cast<std::size_t>(one.machine)].name == machine;
    });
}

TEST(GpuDetail, RacksAreToldAsTheirToolsTellThem)
{
    const sim::World world = gpuLab();
    const RacksDetail racks = racksOf(world);
    ASSERT_EQ(racks.machines.size(), 6u);
    ASSERT_EQ(racks.rows.size(), 1u);
    EXPECT_EQ(racks.rows.front().units.size(), 2u);
    EXPECT_EQ(racks.roomRead.reads, std::vector<std::string>{"site/room"});
    EXPECT_NE(racks.roomRead.text.find("crac-1"), std::string::npos);
    for (const RackMachine& machine : racks.machines) {
        ASSERT_EQ(machine.gpus.size(), 8u);
        EXPECT_EQ(machine.silence, Silence::None);
        EXPECT_EQ(machine.chassis.fansStill(), 0);
        EXPECT_EQ(machine.gpusRead.reads, std::vector<std::string>{"gpu/" + machine.name});
        EXPECT_EQ(machine.chassisRead.reads, std::vector<std::string>{"host/" + machine.name});
        EXPECT_NE(machine.gpusRead.text.find("temperature.gpu"), std::string::npos);
        EXPECT_NE(machine.chassisRead.text.find("Inlet Temp"), std::string::npos);
        for (const GpuFigures& gpu : machine.gpus) {
            EXPECT_EQ(gpu.state, GpuFigures::State::Working);
            EXPECT_EQ(gpu.number, gpu.slot);
            EXPECT_GT(gpu.powerW, 50);
        }
    }
    // Those behind breathe what those in front have warmed.
    const RackMachine& busy = rackMachine(racks, "gpu-1");
    EXPECT_GT(*busy.gpus[4].temperatureC, *busy.gpus[0].temperatureC + 3);
}

TEST(GpuDetail, OnlyWhatIsAskedForIsBuilt)
{
    sim::World world = gpuLab();
    GpuDetailer detailer;
    EXPECT_EQ(detailer.look(world, {}, true), nullptr);
    GpuInterest interest;
    interest.racks = true;
    auto detail = detailer.look(world, interest, true);
    ASSERT_NE(detail, nullptr);
    EXPECT_EQ(detail->machines.size(), 6u);
    EXPECT_TRUE(detail->racks && !detail->node && !detail->fabric);
    world.runUntil(world.now() + 100ms);
    EXPECT_EQ(detailer.look(world, interest, false), detail) << "figures that tremble cannot be read";
    interest = {};
    interest.node = true;
    interest.host = "worker-1";
    EXPECT_FALSE(detailer.look(world, interest, true)->node) << "it has no GPUs";
    interest.host.clear();
    EXPECT_EQ(detailer.look(world, interest, true)->node->name, "gpu-1");
}

TEST(GpuDetail, AMachineThatIsOffIsToldByItsControllerAlone)
{
    sim::World world = gpuLab();
    ASSERT_TRUE(world.apply(sim::Command{sim::command::Power{world.machine("gpu-6")->id, sim::command::Power::Verb::Off}}).ok);
    world.runUntil(world.now() + 30s);
    const RacksDetail racks = racksOf(world);
    const RackMachine& off = rackMachine(racks, "gpu-6");
    EXPECT_EQ(off.silence, Silence::Off);
    EXPECT_TRUE(off.gpusRead.reads.empty());
    EXPECT_FALSE(off.chassisRead.reads.empty());
    EXPECT_FALSE(off.chassis.exhaustC);
    EXPECT_FALSE(off.gpus.front().temperatureC);
    const NodeDetail node = nodeOf(world, *world.machine("gpu-6"));
    EXPECT_TRUE(node.nics.empty());
    EXPECT_TRUE(node.gpusRead.reads.empty() && node.insideRead.reads.empty() && node.nicsRead.reads.empty());
    EXPECT_EQ(node.gpus.front().figures.state, GpuFigures::State::Silent);
    const FabricDetail fabric = fabricOf(world, {});
    EXPECT_EQ(endOf(fabric, "gpu-6", 3).state, LinkState::Down);
    EXPECT_EQ(endOf(fabric, "gpu-1", 3).state, LinkState::Up);
    EXPECT_NE(fabric.linksRead.text.find("gpu-6 mlx5_3"), std::string::npos);
}

TEST(GpuDetail, ALostGpuLeavesItsXidAndNoNumberMoves)
{
    sim::World world = gpuLab();
    put(world, "gpu-lost", {{"cause", "loose-card"}, {"variant", "half-seated"}, {"machine", "gpu-3"}, {"gpu", 5}});
    world.runUntil(world.now() + 5s);
    const NodeDetail node = nodeOf(world, *world.machine("gpu-3"));
    const NodeGpu& lost = node.gpus[5];
    EXPECT_EQ(lost.figures.state, GpuFigures::State::Lost);
    EXPECT_EQ(lost.figures.health, sim::Health::Critical);
    EXPECT_EQ(lost.figures.lastXid, 79);
    EXPECT_FALSE(lost.xidMeaning.empty());
    EXPECT_FALSE(lost.figures.temperatureC);
    EXPECT_EQ(node.gpus[6].figures.number, 6);
    EXPECT_NE(node.gpusRead.text.find("DCGM_FI_DEV_XID_ERRORS{gpu=\"5\"} 79"), std::string::npos);
}

TEST(GpuDetail, AStoppedDriverAndStillFansShow)
{
    sim::World world = gpuLab();
    put(world, "gpu-lost", {{"cause", "driver-mismatch"}, {"variant", "unattended-upgrade"}, {"machine", "gpu-3"}, {"gpu", 0}});
    put(world, "gpu-thermal", {{"cause", "fan-dust"}, {"variant", "dead-fans"}, {"machine", "gpu-4"}, {"gpu", 1}});
    put(world, "gpu-thermal", {{"cause", "room-cooling"}, {"variant", "unit-tripped"}, {"machine", "gpu-4"}, {"gpu", 1}});
    world.runUntil(world.now() + 60s);
    const NodeDetail driver = nodeOf(world, *world.machine("gpu-3"));
    EXPECT_EQ(driver.silence, Silence::Driver);
    EXPECT_NE(driver.complaint.find("version mismatch"), std::string::npos);
    EXPECT_TRUE(driver.gpus.front().figures.temperatureC) << "the management controller asks over its own bus";
    EXPECT_EQ(driver.nics.size(), 8u);
    const RacksDetail racks = racksOf(world);
    const RackMachine& fans = rackMachine(racks, "gpu-4");
    EXPECT_EQ(fans.chassis.fansStill(), 3);
    EXPECT_EQ(fans.chassis.health, sim::Health::Warn);
    // What stands on a cooling unit's panel is for those who walk there.
    EXPECT_NE(racks.roomRead.text.find("stopped"), std::string::npos);
    EXPECT_EQ(racks.roomRead.text.find("high pressure"), std::string::npos);
}

TEST(GpuDetail, TheInsideIsWhatLspciAndTopoSay)
{
    const sim::World world = gpuLab();
    const NodeDetail node = nodeOf(world, *world.machine("gpu-1"));
    EXPECT_EQ(node.sockets, 2);
    EXPECT_EQ(node.nvSwitches, 4);
    EXPECT_EQ(node.fabric, "Completed");
    ASSERT_EQ(node.nics.size(), 8u);
    EXPECT_EQ(node.nics[3].switchPort, "leaf-1-4/1");
    EXPECT_EQ(node.nics[3].state, LinkState::Up);
    EXPECT_EQ(node.gpus[0].links.size(), 18u);
    EXPECT_EQ(node.gpus[0].socket, 0);
    EXPECT_EQ(node.gpus[7].socket, 1);
    EXPECT_FALSE(node.gpus[0].programs.empty());
    EXPECT_NE(node.insideRead.text.find("NV18"), std::string::npos);
    EXPECT_EQ(node.nicsRead.reads, std::vector<std::string>{"rdma/gpu-1"});
    EXPECT_NE(node.nicsRead.text.find("CA 'mlx5_3'"), std::string::npos);
}

TEST(GpuDetail, TheFabricKnowsItsPathsAndPorts)
{
    sim::World world = gpuLab();
    GpuInterest interest;
    interest.fabric = true;
    interest.from = "gpu-1:0";
    interest.to = "gpu-6:3";
    FabricDetail fabric = fabricOf(world, interest);
    EXPECT_EQ(fabric.ends.size(), 48u);
    EXPECT_EQ(fabric.bundles.size(), 16u);
    for (const FabricBundle& bundle : fabric.bundles)
        EXPECT_TRUE(bundle.cables == 3 && bundle.up == 3);
    ASSERT_TRUE(fabric.path);
    EXPECT_EQ(fabric.path->outcome, FabricPath::Outcome::Found);
    ASSERT_EQ(fabric.path->hops.size(), 4u);
    EXPECT_EQ(fabric.path->switches.size(), 3u);
    EXPECT_EQ(fabric.path->hops.front().from, "gpu-1 mlx5_0");
    EXPECT_EQ(fabric.path->hops.back().to, "gpu-6 mlx5_3");
    EXPECT_FALSE(fabric.pathRead.reads.empty());

    const FabricEnd& end = endOf(fabric, "gpu-1", 0);
    const auto& leaf = world.rdma().switches()[static_cast<std::size_t>(end.leaf)];
    sim::command::RdmaChange disable;
    disable.port = sim::net::rdma::PortId{leaf.firstPort.value + static_cast<std::uint32_t>(end.leafPort - 1)};
    disable.verb = sim::command::RdmaChange::Verb::Disable;
    ASSERT_TRUE(world.apply(sim::Command{disable}).ok);
    world.runUntil(world.now() + 10s);
    fabric = fabricOf(world, interest);
    EXPECT_GE(endOf(fabric, "gpu-1", 0).state, LinkState::Disabled);
    EXPECT_EQ(fabric.path->outcome, FabricPath::Outcome::PortDown);
    interest.to = "gpu-9:0";
    EXPECT_EQ(fabricOf(world, interest).path->outcome, FabricPath::Outcome::NoSuchEnd);
    interest.to = interest.from;
    EXPECT_EQ(fabricOf(world, interest).path->outcome, FabricPath::Outcome::SameEnd);
}

TEST(GpuDetail, WithoutGpusThereIsNothing)
{
    auto built = sim::World::build(tests::library()->topologies.at("hosts"), 1);
    ASSERT_TRUE(built);
    GpuInterest interest;
    interest.racks = interest.node = interest.fabric = true;
    const auto detail = GpuDetailer().look(*built, interest, true);
    EXPECT_TRUE(detail->machines.empty());
    EXPECT_FALSE(detail->racks || detail->node || detail->fabric);
}

} // namespace
