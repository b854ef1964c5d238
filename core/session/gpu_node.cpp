#include "core/session/gpu_detail.h"

#include "core/shell/commands/fabric/ibstat.h"
#include "core/shell/commands/fabric/perfquery.h"
#include "core/shell/commands/gpu/lspci.h"
#include "core/shell/commands/gpu/shell_place.h"
#include "core/shell/commands/gpu/smi_figures.h"
#include "sim/gpu/xid.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::session {

namespace {

namespace rdma = sim::net::rdma;
namespace smi = core::shell::gpu;
using sim::gpu::Gpu;
using sim::host::Machine;

NodeGpu gpuOf(const Gpu& gpu, GpuFigures figures, int socket)
{
    NodeGpu one;
    one.figures = figures;
    one.model = gpu.kind().name;
    one.address = gpu.pciAddress();
    one.socket = socket;
    if (figures.lastXid > 0)
        if (const sim::gpu::XidInfo* info = sim::gpu::xidOf(static_cast<int>(figures.lastXid)))
            one.xidMeaning = info->meaning;
    if (figures.temperatureC)
        one.memoryC = gpu.card.heat.memoryC;
    if (figures.state != GpuFigures::State::Working)
        return one;
    const sim::gpu::MemoryFigures memory = sim::gpu::memoryFigures(gpu);
    one.memoryUsedMiB = memory.used;
    one.memoryTotalMiB = memory.total;
    for (const sim::gpu::GpuProcess& process : gpu.processes)
        one.programs.push_back({process.pid, process.name, process.memoryBytes});
    const sim::gpu::MemoryErrors& errors = gpu.card.errors;
    one.correctable = errors.volatile_.sramCorrectable + errors.volatile_.dramCorrectable;
    one.uncorrectable = errors.volatile_.uncorrectable();
    one.remapPending = errors.remapper.pending();
    one.remapFailed = errors.remapper.failed;
    if (gpu.recovery != sim::gpu::RecoveryAction::None)
        one.recovery = sim::gpu::recoveryText(gpu.recovery);
    one.divided = gpu.settings.migCurrent;
    one.pcieGeneration = static_cast<int>(gpu.slot.generation);
    one.pcieMaxGeneration = gpu.kind().pcieGeneration;
    one.pcieWidth = static_cast<int>(gpu.slot.width);
    one.pcieMaxWidth = 16;
    for (const sim::gpu::NvLink& link : gpu.links)
        one.links.push_back({link.active, link.crcErrors + link.replayErrors + link.recoveryErrors});
    // What nvidia-smi's own columns do not colour, and yet is no good sign.
    if (one.figures.health == sim::Health::Ok
        && (one.uncorrectable > 0 || one.remapPending || one.remapFailed || one.pcieDegraded()
            || std::any_of(one.links.begin(), one.links.end(), [](const NvLinkDetail& link) { return !link.active; })))
        one.figures.health = sim::Health::Warn;
    return one;
}

void addNics(NodeDetail& detail, const sim::World& world, const Machine& machine)
{
    const rdma::Fabric& fabric = world.rdma();
    Reading& read = detail.nicsRead;
    read.what = "network adapters";
    for (const rdma::DeviceId id : fabric.devicesOf(machine.id)) {
        const rdma::Device& device = fabric.device(id);
        const rdma::PortId port{id.value};
        NodeNic one;
        one.name = device.name;
        one.rail = device.rail;
        one.socket = device.numaNode;
        one.state = linkStateOf(fabric, port);
        one.rate = shell::fabric::rateInSysfs(fabric, fabric.port(id));
        if (fabric.linkUp(port)) {
            const rdma::Port& other = fabric.port(fabric.peer(port));
            if (other.owner.valid())
                one.switchPort = fmt::format("{}/{}", fabric.switchOf(other.owner).name, other.number);
        }
        for (const PortErrors::Count& count : errorsOf(fabric, port).counts)
            one.errors += count.value;
        read.text += shell::fabric::perfqueryText(fabric, machine.id, {.device = device.name}).out;
        read.shape += fmt::format("{}:{} ", static_cast<int>(one.state), one.errors > 0);
        detail.nics.push_back(std::move(one));
    }
    if (detail.nics.empty())
        return;
    read.reads = {"rdma/" + machine.name};
    read.text = shell::fabric::ibstatText(fabric, machine.id).out + read.text;
}

} // namespace

NodeDetail nodeOf(const sim::World& world, const Machine& machine)
{
    const sim::gpu::Node& node = *world.gpus().nodeOf(machine.id);
    NodeDetail detail;
    detail.name = machine.name;
    detail.silence = silenceOf(world, machine);
    detail.chassis = chassisOf(world, machine);
    detail.chassisRead = chassisReadOf(world, machine, detail.chassis);
    detail.cpus = machine.cpus;
    const smi::SmiState state = smi::smiStateOf(world, machine);
    detail.sockets = state.numaNodes;
    const std::vector<GpuFigures> figures = gpusOf(world, machine);
    for (std::size_t i = 0; i < node.gpus.size(); ++i)
        detail.gpus.push_back(gpuOf(world.gpus().at(node.gpus[i]), figures[i], i < (node.gpus.size() + 1) / 2 ? 0 : 1));
    if (detail.silence == Silence::Off || detail.silence == Silence::Network)
        return detail; // only its management controller answers
    const std::vector<smi::PciDevice> pci = smi::pciDevices(world, machine.id);
    detail.nvSwitches = static_cast<int>(std::count_if(pci.begin(), pci.end(), [](const smi::PciDevice& one) { return one.className == "Bridge"; }));
    addNics(detail, world, machine);
    Reading& gpus = detail.gpusRead;
    gpus.what = "GPUs";
    gpus.reads = {"gpu/" + machine.name};
    gpus.text = smiText(world, machine, {});
    if (detail.silence == Silence::Driver) {
        detail.complaint = gpus.text;
        gpus.shape = gpus.text;
        return detail;
    }
    gpus.text += smiText(world, machine, {"-q"});
    detail.driver = node.driver.version;
    if (!state.devices.empty())
        detail.fabric = smi::fabricState(state, state.devices.front());
    for (const NodeGpu& gpu : detail.gpus) {
        gpus.text += gpu.figures.lastXid > 0 ? fmt::format("DCGM_FI_DEV_XID_ERRORS{{gpu=\"{}\"}} {}\n", gpu.figures.number, gpu.figures.lastXid) : std::string();
        gpus.shape += fmt::format("{}:{}:{}:{}:{}:{} ", static_cast<int>(gpu.figures.state), static_cast<int>(gpu.figures.health), gpu.figures.lastXid,
                                  gpu.programs.size(), gpu.uncorrectable > 0, gpu.pcieWidth);
    }
    Reading& inside = detail.insideRead;
    inside.what = "inside";
    inside.reads = {"gpu/" + machine.name};
    inside.text = smiText(world, machine, {"topo", "-m"}) + smiText(world, machine, {"nvlink", "-s"}) + smiText(world, machine, {"nvlink", "-e"})
        + smi::lspciText(pci, {.verbose = 2, .root = true});
    for (const NodeGpu& gpu : detail.gpus)
        for (const NvLinkDetail& link : gpu.links)
            inside.shape += !link.active ? '-' : link.errors > 0 ? '!' : '+';
    return detail;
}

} // namespace core::session
