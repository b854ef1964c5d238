#pragma once

#include "sim/net/rdma/fabric.h"

#include <string>

/// Small fabrics to break.
namespace rdma_lab {

using namespace sim::net::rdma;

/// `nodes` nodes of `rails` rails in units of `perUnit`; RoCE ports trust DSCP and carry priority 3 lossless
/// with ECN.
inline FabricSpec spec(LinkLayer layer, int nodes, int rails, int perUnit, int spines)
{
    FabricSpec s;
    s.layer = layer;
    for (int i = 0; i < nodes; ++i)
        s.nodes.push_back({sim::HostId{static_cast<std::uint32_t>(i)}, "gpu-" + std::to_string(i + 1)});
    s.nodesPerUnit = perUnit;
    const auto all = hgxRails();
    s.rails.assign(all.begin(), all.begin() + rails);
    s.spines = spines;
    if (layer == LinkLayer::Ethernet)
        s.qos = {Trust::Dscp, 1 << 3, 1 << 3};
    return s;
}

/// DSCP 26, priority 3: what NCCL_IB_TC=106 sends.
constexpr std::uint8_t kLossless = 106;

inline TransferRequest between(std::uint32_t from, std::uint32_t to, double offered = 0)
{
    TransferRequest r;
    r.from = DeviceId{from};
    r.to = DeviceId{to};
    r.offeredBytesPerSecond = offered;
    r.trafficClass = kLossless;
    return r;
}

inline const Transfer& at(const Fabric& fabric, TransferId id)
{
    return fabric.transfers().at(id);
}

inline CableId cableOf(const Fabric& fabric, std::uint32_t device)
{
    return fabric.port(PortId{device}).cable;
}

constexpr sim::Instant after(sim::Duration d)
{
    return sim::Instant{d};
}

} // namespace rdma_lab
