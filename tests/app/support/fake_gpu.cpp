#include "tests/app/support/fake_gpu.h"

#include "sim/gpu/operating_point.h"

#include <string>

namespace app::desktop::testing {

namespace {

using namespace core::session;

Reading gpuReading(const char* what, std::string read)
{
    return {what, std::string("text of ") + what, {std::move(read)}, "as it is"};
}

GpuFigures figures(int slot)
{
    GpuFigures one;
    one.slot = one.number = slot;
    one.temperatureC = slot < 4 ? 64 : 73;
    one.maxC = 87;
    one.powerW = 540;
    one.limitW = 550;
    one.smMHz = 1440;
    one.maxSmMHz = 1980;
    one.reasons = sim::gpu::reason::kSwPowerCap;
    one.utilisation = 1;
    return one;
}

void slow(GpuFigures& gpu)
{
    gpu.temperatureC = 88;
    gpu.smMHz = 1005;
    gpu.reasons = sim::gpu::reason::kSwThermal;
    gpu.health = sim::Health::Critical;
}

void lose(GpuFigures& gpu)
{
    gpu.state = GpuFigures::State::Lost;
    gpu.temperatureC.reset();
    gpu.powerW = gpu.utilisation = 0;
    gpu.lastXid = 79;
    gpu.health = sim::Health::Critical;
}

void silence(GpuFigures& gpu)
{
    gpu.state = GpuFigures::State::Silent;
    gpu.temperatureC.reset();
    gpu.health = sim::Health::Unknown;
}

ChassisReading chassis(bool on)
{
    ChassisReading one;
    one.inletC = 23;
    if (on)
        one.exhaustC = 39;
    one.fans.assign(12, {on ? std::optional(11500.0) : std::nullopt, true});
    one.supplies.assign(6, {on ? 1030.0 : 0, true});
    one.inputW = on ? 6180 : 0;
    one.health = on ? sim::Health::Ok : sim::Health::Unknown;
    return one;
}

} // namespace

std::shared_ptr<const RacksDetail> sketchRacks(int machines)
{
    auto detail = std::make_shared<RacksDetail>();
    detail->rows.push_back({"row-1", 24.6, 22, 31e3, {{"crac-1", 26e3, true}, {"crac-2", 26e3, false}}});
    detail->roomRead = gpuReading("room", "site/room");
    for (int i = 0; i < machines; ++i) {
        RackMachine one;
        one.name = "gpu-" + std::to_string(i + 1);
        one.model = "NVIDIA H100 80GB HBM3";
        one.silence = i == 2 ? Silence::Off : Silence::None;
        one.chassis = chassis(i != 2);
        for (int slot = 0; slot < 8; ++slot) {
            one.gpus.push_back(figures(slot));
            if (i == 2)
                silence(one.gpus.back());
        }
        if (i == 0) {
            slow(one.gpus[7]);
            one.chassis.fans[3] = {0, false};
            one.chassis.health = sim::Health::Warn;
        } else if (i == 1) {
            lose(one.gpus[3]);
        }
        if (i != 2)
            one.gpusRead = gpuReading("GPUs", "gpu/" + one.name);
        one.chassisRead = gpuReading("chassis", "host/" + one.name);
        detail->machines.push_back(std::move(one));
    }
    return detail;
}

std::shared_ptr<const NodeDetail> sketchNode(const char* name)
{
    auto detail = std::make_shared<NodeDetail>();
    detail->name = name;
    detail->driver = "580.105.08";
    detail->fabric = "Completed";
    detail->cpus = 112;
    detail->nvSwitches = 4;
    detail->chassis = chassis(true);
    for (int slot = 0; slot < 8; ++slot) {
        NodeGpu gpu;
        gpu.figures = figures(slot);
        gpu.model = "NVIDIA H100 80GB HBM3";
        gpu.address = "0000:18:00.0";
        gpu.socket = slot < 4 ? 0 : 1;
        gpu.memoryC = 70;
        gpu.memoryUsedMiB = 42000;
        gpu.memoryTotalMiB = 81559;
        gpu.programs.push_back({4242, "/usr/bin/python3", std::int64_t{42000} << 20});
        gpu.pcieGeneration = gpu.pcieMaxGeneration = 5;
        gpu.pcieWidth = gpu.pcieMaxWidth = 16;
        gpu.links.assign(18, {true, 0});
        detail->gpus.push_back(std::move(gpu));
        detail->nics.push_back({"mlx5_" + std::to_string(slot), slot, slot < 4 ? 0 : 1, LinkState::Up, "400 Gb/sec (4X NDR)",
                                "leaf-1-" + std::to_string(slot + 1) + "/1", 0});
    }
    detail->gpus[2].pcieWidth = 8;
    detail->gpus[2].links[5].active = false;
    slow(detail->gpus[7].figures);
    detail->nics[1].state = LinkState::Down;
    detail->nics[1].switchPort.clear();
    detail->gpusRead = gpuReading("GPUs", std::string("gpu/") + name);
    detail->insideRead = {"inside", "text of inside", {std::string("gpu/") + name}, "links"};
    detail->nicsRead = gpuReading("network adapters", std::string("rdma/") + name);
    detail->chassisRead = gpuReading("chassis", std::string("host/") + name);
    return detail;
}

std::shared_ptr<const FabricDetail> sketchFabric()
{
    auto detail = std::make_shared<FabricDetail>();
    detail->rails = 2;
    detail->switches = {{"leaf-1-1", false, 0, 0, true, 6, 6, 1}, {"leaf-1-2", false, 0, 1, true, 6, 5, 0}, {"spine-1", true, 0, 0, true, 6, 6, 0}};
    detail->bundles = {{0, 2, 3, 3, 0, 0, 0, 0.4, 0.5, 400e9}, {1, 2, 3, 2, 0, 0, 0, 0.2, 0.3, 200e9}};
    for (int machine = 0; machine < 3; ++machine) {
        detail->machines.push_back({"gpu-" + std::to_string(machine + 1), 0, machine != 2});
        for (int rail = 0; rail < 2; ++rail) {
            FabricEnd end;
            end.machine = machine;
            end.rail = rail;
            end.device = "mlx5_" + std::to_string(rail);
            end.leaf = rail;
            end.leafPort = machine + 1;
            end.rate = "400 Gb/sec (4X NDR)";
            end.load = 0.38;
            end.bitsPerSecond = 152e9;
            detail->ends.push_back(end);
        }
    }
    detail->ends[5].state = LinkState::Down;
    detail->ends[2].errors = {"leaf-1-1/2 SymbolErrorCounter 2031"};
    detail->linksRead = gpuReading("fabric", "fabric/*");
    return detail;
}

std::shared_ptr<const GpuDetail> sketchGpus()
{
    auto detail = std::make_shared<GpuDetail>();
    detail->machines = {"gpu-1", "gpu-2", "gpu-3"};
    detail->racks = sketchRacks();
    detail->node = sketchNode();
    detail->fabric = sketchFabric();
    return detail;
}

} // namespace app::desktop::testing
