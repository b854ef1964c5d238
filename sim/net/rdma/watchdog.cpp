// Receivers that hang in bouts, and the switch ports that guard against them.
#include "sim/net/rdma/fabric.h"

#include <algorithm>

namespace sim::net::rdma {

/// The device asks its switch for silence without end: it takes nothing in, and something is sent to it.
bool Fabric::paused(DeviceId id) const
{
    const Device& device = this->device(id);
    return device.powered && device.receiveStalled && linkUp(PortId{id.value})
        && std::any_of(transfers().begin(), transfers().end(),
                       [&](const auto& one) { return one.second.request.to == id && one.second.state != TransferState::Failed; });
}

void Fabric::watchPauses()
{
    if (m_layer != LinkLayer::Ethernet)
        return;
    for (std::size_t i = 0; i < devices().size(); ++i) {
        const PortId id = peer(PortId{i});
        if (!id.valid())
            continue;
        const Port& port = this->port(id);
        const bool wanted = port.watchdog.on && port.qos.pfc != 0 && paused(DeviceId{i});
        if (wanted == port.storm.on) {
            if (port.storm.changesAt != kNever)
                m_ports.edit()[id.value].storm.changesAt = kNever;
        } else if (!port.watchdog.on) { // nobody holds the queue back any more
            m_ports.edit()[id.value].storm.on = false;
        } else if (port.storm.changesAt == kNever) {
            m_ports.edit()[id.value].storm.changesAt = m_now + std::chrono::milliseconds(wanted ? port.watchdog.detectionMs : port.watchdog.restorationMs);
        }
    }
}

void Fabric::settleStorms()
{
    for (std::size_t i = 0; i < devices().size(); ++i) {
        if (devices()[i].stallChangesAt <= m_now) {
            Device& device = m_devices.edit()[i];
            device.receiveStalled = !device.receiveStalled;
            device.stallChangesAt += device.receiveStalled ? device.stalls.down : device.stalls.up;
            if (device.receiveStalled && m_layer == LinkLayer::Ethernet && port(PortId{i}).qos.pfc != 0)
                m_deviceCounters.add(i, static_cast<std::size_t>(DeviceCounter::PauseStormWarnings), 1);
        }
        const PortId id = peer(PortId{i});
        if (!id.valid() || port(id).storm.changesAt > m_now)
            continue;
        PauseStorm& storm = m_ports.edit()[id.value].storm;
        storm.on = !storm.on;
        storm.changesAt = kNever;
        ++(storm.on ? storm.detected : storm.restored);
    }
}

} // namespace sim::net::rdma
