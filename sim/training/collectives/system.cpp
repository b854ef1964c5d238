#include "sim/training/collectives/system.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::training::collectives {

namespace {

/// PCIe x16 as NCCL counts it: 12 GB/s for generation 3, doubled each time (NCCL src/graph/topo.h, topo.cc).
constexpr double kPcie4 = 24;
constexpr double kPcie5 = 48;

/// One direction of one NVLink as NCCL counts it (NCCL src/graph/topo.h).
constexpr double kNvlink3 = 20.0;
constexpr double kNvlink4 = 20.6;
constexpr double kNvlink5 = 40.1;

/// UPI/Infinity Fabric between sockets as NCCL counts it: Sapphire Rapids 22, AMD 16 (NCCL src/graph/topo.h).
constexpr double kIntelInterSocket = 22;
constexpr double kAmdInterSocket = 16;

struct Board {
    Architecture architecture;
    CpuVendor cpu;
    GpuFabric fabric;
    bool nvls;
    int nvlinks;
    double nvlink;
    double pcie;
    double clockGigahertz;
    double portGigabytesPerSecond;
    double launchMicroseconds;
};

/// Clocks are the boost clocks of the data sheets. Launch times: Azure's one-process runs (README.md).
Board boardOf(NodeType type)
{
    using enum NodeType;
    constexpr auto kIntel = CpuVendor::Intel;
    constexpr auto kAmd = CpuVendor::Amd;
    switch (type) {
    case A100Sxm: return {Architecture::Ampere, kAmd, GpuFabric::Switch, false, 12, kNvlink3, kPcie4, 1.41, 25, 5.4};
    case H100Sxm:
    case H200Sxm: return {Architecture::Hopper, kIntel, GpuFabric::Switch, true, 18, kNvlink4, kPcie5, 1.98, 50, 3.75};
    case H20: return {Architecture::Hopper, kIntel, GpuFabric::Switch, true, 18, kNvlink4, kPcie5, 1.98, 25, 3.75};
    case H800: return {Architecture::Hopper, kIntel, GpuFabric::Switch, true, 8, kNvlink4, kPcie5, 1.98, 50, 3.75};
    case B200: return {Architecture::Blackwell, kIntel, GpuFabric::Switch, true, 18, kNvlink5, kPcie5, 1.965, 50, 3.75};
    case A100Pcie: return {Architecture::Ampere, kAmd, GpuFabric::None, false, 0, kNvlink3, kPcie4, 1.41, 25, 5.4};
    case A100PciePairs: return {Architecture::Ampere, kAmd, GpuFabric::Pairs, false, 12, kNvlink3, kPcie4, 1.41, 25, 5.4};
    case H100Pcie: return {Architecture::Hopper, kIntel, GpuFabric::None, false, 0, kNvlink4, kPcie5, 1.755, 50, 3.75};
    case H100PciePairs: return {Architecture::Hopper, kIntel, GpuFabric::Pairs, false, 6, kNvlink4, kPcie5, 1.755, 50, 3.75};
    }
    FL_ASSERT(false);
    return {};
}

} // namespace

int System::ranks() const
{
    int all = 0;
    for (const Node& node : nodes)
        all += static_cast<int>(node.gpus.size());
    return all;
}

Place placeOf(const System& system, int rank)
{
    FL_ASSERT(rank >= 0);
    for (std::size_t node = 0; node < system.nodes.size(); ++node) {
        const int here = static_cast<int>(system.nodes[node].gpus.size());
        if (rank < here)
            return {static_cast<int>(node), rank};
        rank -= here;
    }
    FL_ASSERT(false);
    return {};
}

void setNics(Node& node, int count, NetworkKind kind, double gigabytesPerSecond)
{
    FL_ASSERT(count >= 0 && !node.gpus.empty());
    node.nics.clear();
    const auto gpus = node.gpus.size();
    for (int i = 0; i < count; ++i) {
        Nic nic;
        nic.name = fmt::format("{}{}", kind == NetworkKind::Efa ? "rdmap" : "mlx5_", i);
        nic.kind = kind;
        nic.gigabytesPerSecond = gigabytesPerSecond;
        nic.gpu = static_cast<std::uint32_t>(static_cast<std::size_t>(i) * gpus / static_cast<std::size_t>(count));
        // Fewer ports than GPUs: a PCIe switch serves several of them.
        nic.path = count < static_cast<int>(gpus) ? PathType::Pxb : PathType::Pix;
        node.nics.push_back(std::move(nic));
    }
}

Node standardNode(NodeType type, int gpus)
{
    FL_ASSERT(gpus > 0);
    const Board board = boardOf(type);
    Node node;
    node.cpu = board.cpu;
    node.fabric = board.fabric;
    node.nvls = board.nvls;
    node.interSocketGigabytesPerSecond = board.cpu == CpuVendor::Intel ? kIntelInterSocket : kAmdInterSocket;
    node.hostMemoryGigabytesPerSecond = 170;
    node.launchMicroseconds = board.launchMicroseconds;
    Gpu gpu;
    gpu.nvlinks = board.nvlinks;
    gpu.nvlinkGigabytesPerSecond = board.nvlink;
    gpu.pcieGigabytesPerSecond = board.pcie;
    gpu.clockGigahertz = board.clockGigahertz;
    node.gpus.assign(static_cast<std::size_t>(gpus), gpu);
    setNics(node, gpus, NetworkKind::InfiniBand, board.portGigabytesPerSecond);
    node.ethernet = {"eth0", NetworkKind::Socket, 12.5, true, false, 0, PathType::Sys};
    return node;
}

System standardSystem(NodeType type, int nodes, int gpusPerNode)
{
    FL_ASSERT(nodes > 0);
    System system;
    system.architecture = boardOf(type).architecture;
    system.nodes.assign(static_cast<std::size_t>(nodes), standardNode(type, gpusPerNode));
    return system;
}

} // namespace sim::training::collectives
