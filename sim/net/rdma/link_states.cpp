// What ports and kernels do when light comes and goes.
#include "sim/net/rdma/fabric.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::net::rdma {

namespace {

/// From light to LinkUp. A ConnectX-7's kernel log shows 3 s from "Link DOWN" to "Link up" when the other end
/// of a 200G link is bounced.
constexpr Duration kTraining = 3s;

} // namespace

bool Fabric::powered(PortId id) const
{
    const Port& p = port(id);
    return p.owner.valid() ? switchOf(p.owner).up : device(DeviceId{id.value}).powered;
}

bool Fabric::canLink(const Cable& cable) const
{
    return !cable.condition.broken && !cable.dark && !port(cable.a).disabled && !port(cable.b).disabled
        && powered(cable.a) && powered(cable.b);
}

void Fabric::note(PortId id, std::string_view words)
{
    if (port(id).owner.valid() || !powered(id))
        return;
    const Device& d = device(DeviceId{id.value});
    m_notices.push_back({d.host, m_now, fmt::format("mlx5_core {} {}", d.pciAddress, words)});
}

void Fabric::dropPort(PortId id)
{
    Port& p = m_ports.edit()[id.value];
    const bool had = p.physical == PhysicalState::LinkUp;
    // A RoCE port without carrier shows Disabled in sysfs, an InfiniBand port polls.
    p.physical = p.disabled || (m_layer == LinkLayer::Ethernet && !p.owner.valid()) ? PhysicalState::Disabled
                                                                                    : PhysicalState::Polling;
    p.logical = LogicalState::Down;
    p.speed = LaneSpeed::Sdr;
    p.lanes = p.maxLanes;
    if (!had)
        return;
    m_portCounters.add(id.value, static_cast<std::size_t>(PortCounter::LinkDowned), 1);
    if (p.owner.valid())
        return;
    const Device& d = device(DeviceId{id.value});
    if (m_layer == LinkLayer::Ethernet)
        note(id, d.netdev + ": Link down");
    note(id, d.name + ": Port: 1 Link DOWN");
}

void Fabric::activate(PortId id)
{
    Port& p = m_ports.edit()[id.value];
    if (p.logical == LogicalState::Active)
        return;
    p.logical = LogicalState::Active;
    if (p.owner.valid())
        return;
    const Device& d = device(DeviceId{id.value});
    if (m_layer == LinkLayer::Ethernet)
        note(id, d.netdev + ": Link up");
    note(id, d.name + ": Port: 1 Link ACTIVE");
}

void Fabric::updateLink(CableId id)
{
    const bool can = canLink(cables()[id.value]);
    Cable& cable = m_cables.edit()[id.value];
    if (can) {
        if (!cable.trained && cable.trainedAt == kNever)
            cable.trainedAt = m_now + kTraining;
        return;
    }
    const bool had = cable.trained;
    cable.trained = false;
    cable.trainedAt = kNever;
    dropPort(cable.a);
    dropPort(cable.b);
    if (had) {
        m_routesChanged = true;
        chooseMaster(false);
        requestSweep();
    }
}

void Fabric::finishTraining(CableId id)
{
    Cable& cable = m_cables.edit()[id.value];
    cable.trained = true;
    cable.trainedAt = kNever;
    const LaneSpeed speed = std::min(
        {port(cable.a).maxSpeed, port(cable.b).maxSpeed, cable.condition.fastest});
    const int lanes = std::min({port(cable.a).maxLanes, port(cable.b).maxLanes, cable.condition.lanes});
    for (const PortId end : {cable.a, cable.b}) {
        Port& p = m_ports.edit()[end.value];
        p.speed = speed;
        p.lanes = lanes;
        p.physical = PhysicalState::LinkUp;
        p.logical = m_layer == LinkLayer::Ethernet ? p.logical : LogicalState::Initializing;
        if (m_layer == LinkLayer::Ethernet)
            activate(end);
    }
    m_routesChanged = true;
    chooseMaster(false);
    requestSweep();
}

} // namespace sim::net::rdma
