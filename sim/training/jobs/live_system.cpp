#include "sim/training/jobs/live_system.h"

#include "sim/training/jobs/fabric_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::training {

namespace {

/// A collective's kernel: a few blocks that copy.
constexpr gpu::Activity kCopying{.kernel = 1, .sm = 0.12, .tensor = 0, .dram = 0.3};

/// Of its highest clock, what the device holds while it copies.
double clockFactor(const gpu::Gpus& gpus, const gpu::Gpu& gpu)
{
    const gpu::Node& node = *gpus.nodeOf(gpu.host);
    gpu::ClockLimits limits;
    limits.powerW = gpu.settings.powerLimitW;
    limits.lockedMHz = static_cast<int>(gpu.settings.lockedMHz);
    limits.thermalMHz = static_cast<int>(gpu.thermalMHz);
    limits.hwThermal = (gpu.now.reasons & gpu::reason::kHwThermal) != 0;
    limits.powerBrake = node.powerBrake;
    limits.context = true;
    double megahertz = gpu::operatingPoint(gpu.kind(), kCopying, limits).smMHz;
    if (gpu.now.activity.kernel > 0.5) // with what else it does
        megahertz = std::min(megahertz, static_cast<double>(gpu.now.smMHz));
    return std::max(0.05, megahertz / gpu.kind().maxSmMHz);
}

collectives::Gpu found(const gpu::Gpus& gpus, const gpu::Gpu& gpu, collectives::Gpu sound)
{
    sound.inactiveNvlinks = static_cast<int>(static_cast<std::int64_t>(gpu.links.size()) - gpu.activeLinks());
    sound.clockFactor = clockFactor(gpus, gpu);
    sound.alive = gpu.working() && !gpu.hung;
    const double width = static_cast<double>(gpu.slot.width) / 16;
    sound.pcieGigabytesPerSecond *= width
        / static_cast<double>(std::int64_t{1} << std::max<std::int64_t>(0, gpu.kind().pcieGeneration - gpu.slot.generation));
    return sound;
}

collectives::Nic found(const net::rdma::Fabric& fabric, net::rdma::DeviceId id, bool direct)
{
    const net::rdma::Device& device = fabric.device(id);
    const net::rdma::Port& port = fabric.port(id);
    const double made = net::rdma::payloadBytesPerSecond(fabric.layer(), port.speed, port.lanes, port.mtu);
    collectives::Nic nic;
    nic.name = device.name;
    nic.kind = device.layer == net::rdma::LinkLayer::InfiniBand ? collectives::NetworkKind::InfiniBand : collectives::NetworkKind::Roce;
    nic.up = port.logical == net::rdma::LogicalState::Active;
    nic.gigabytesPerSecond = net::rdma::laneBitsPerSecond(port.speed) * port.lanes / 8e9;
    if (made > 0) // what its cable spoils is sent again
        nic.gigabytesPerSecond *= std::max(0.01, fabric.capacityBytesPerSecond(net::rdma::PortId(id.value)) / made);
    nic.gpuDirect = direct;
    return nic;
}

/// "18000": bus, device and function as NCCL writes them.
std::string busId(const gpu::Gpu& gpu)
{
    std::string digits;
    for (const char c : gpu.pciAddress())
        if (c != ':' && c != '.')
            digits += c;
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

} // namespace

collectives::System liveSystem(const gpu::Gpus& gpus, const net::rdma::Fabric& fabric, const std::vector<MachineShare>& machines)
{
    const collectives::NodeType type = nodeTypeOf(gpus.at(machines.front().gpus.front()).kind()).value_or(collectives::NodeType::H100Sxm);
    collectives::System system = collectives::standardSystem(type, static_cast<int>(machines.size()), 1);
    for (std::size_t m = 0; m < machines.size(); ++m) {
        const MachineShare& share = machines[m];
        collectives::Node node = collectives::standardNode(type, static_cast<int>(share.gpus.size()));
        node.nvls &= gpus.nodeOf(share.host)->fabricReady;
        node.nics.clear();
        const auto host = fabric.hosts().find(share.host);
        const bool direct = host == fabric.hosts().end() || net::rdma::memoryPath(host->second) != net::rdma::MemoryPath::Staged;
        const std::vector<net::rdma::DeviceId> adapters = fabric.devicesOf(share.host);
        for (std::size_t g = 0; g < share.gpus.size(); ++g) {
            const gpu::Gpu& gpu = gpus.at(share.gpus[g]);
            node.gpus[g] = found(gpus, gpu, node.gpus[g]);
            for (const net::rdma::DeviceId id : adapters)
                if (fabric.device(id).rail == gpu.index) { // they hang on one PCIe switch
                    node.nics.push_back(found(fabric, id, direct));
                    node.nics.back().gpu = static_cast<std::uint32_t>(g);
                }
        }
        system.nodes[m] = std::move(node);
    }
    return system;
}

void describeDevice(collectives::DebugPlace& place, const gpu::Gpus& gpus, const gpu::Gpu& gpu, std::int64_t processors)
{
    place.busId = busId(gpu);
    place.processors = fmt::format("0-{}", processors - 1);
    const auto count = static_cast<std::int64_t>(gpus.nodeOf(gpu.host)->gpus.size());
    const std::int64_t sockets = count > 1 ? 2 : 1; // eight-GPU boards hang four to a socket
    const std::int64_t each = processors / sockets;
    const std::int64_t first = gpu.index < (count + 1) / 2 ? 0 : each;
    place.affinity = fmt::format("{}-{}", first, first + each - 1);
    place.core = static_cast<int>(first + place.thread % std::max<std::int64_t>(1, each));
}

} // namespace sim::training
