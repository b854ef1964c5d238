// What people, faults and machines change about a fabric.
#include "sim/net/rdma/fabric.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <utility>

namespace sim::net::rdma {

void Fabric::setCondition(Instant now, CableId id, const CableCondition& condition)
{
    changing(now);
    Cable& cable = m_cables.edit()[id.value];
    const bool retrain = condition.lanes != cable.condition.lanes
        || condition.fastest != cable.condition.fastest;
    cable.condition = condition;
    cable.dark = false;
    cable.changesAt = condition.flap.planned() ? std::max(condition.flap.from, m_now) + condition.flap.up
                                               : kNever;
    if (retrain && cable.trained) { // other lanes or another speed take a new training
        cable.trained = false;
        dropPort(cable.a);
        dropPort(cable.b);
    }
    updateLink(id);
    changed(true);
}

void Fabric::setDisabled(Instant now, PortId id, bool disabled)
{
    changing(now);
    Port& port = m_ports.edit()[id.value];
    port.disabled = disabled;
    if (port.cable.valid())
        updateLink(port.cable);
    changed(true);
}

void Fabric::setMtu(Instant now, PortId id, int mtu)
{
    changing(now);
    m_ports.edit()[id.value].mtu = mtu;
    changed(false);
}

void Fabric::setQos(Instant now, PortId id, const Qos& qos)
{
    changing(now);
    m_ports.edit()[id.value].qos = qos;
    changed(false);
}

void Fabric::setWatchdog(Instant now, PortId id, const PauseWatchdog& watchdog)
{
    changing(now);
    Port& port = m_ports.edit()[id.value];
    port.watchdog = watchdog;
    port.storm.changesAt = kNever;
    changed(false);
}

void Fabric::saveConfiguration(RdmaSwitchId id)
{
    Switch& s = m_switches.edit()[id.value];
    for (std::size_t i = 0; i < s.saved.size(); ++i) {
        const Port& port = ports()[s.firstPort.value + i];
        s.saved[i] = {port.qos, port.watchdog, port.disabled};
    }
}

void Fabric::runAsSaved(RdmaSwitchId id)
{
    const Switch& s = switchOf(id);
    for (std::size_t i = 0; i < s.saved.size(); ++i) {
        Port& port = m_ports.edit()[s.firstPort.value + i];
        const bool linkChanges = port.disabled != s.saved[i].disabled;
        port.qos = s.saved[i].qos;
        port.watchdog = s.saved[i].watchdog;
        port.storm.changesAt = kNever;
        port.disabled = s.saved[i].disabled;
        if (const CableId cable = port.cable; linkChanges && cable.valid())
            updateLink(cable);
    }
}

void Fabric::loadConfiguration(Instant now, RdmaSwitchId id)
{
    changing(now);
    runAsSaved(id);
    changed(true);
}

void Fabric::setSwitchUp(Instant now, RdmaSwitchId id, bool up)
{
    changing(now);
    if (up && !switchOf(id).up)
        runAsSaved(id);
    m_switches.edit()[id.value].up = up;
    const Switch s = switchOf(id);
    for (int i = 0; i < s.portCount; ++i)
        if (const CableId cable = port(PortId{s.firstPort.value + static_cast<std::uint32_t>(i)}).cable;
            cable.valid())
            updateLink(cable);
    changed(true);
}

void Fabric::setPowered(Instant now, HostId host, bool powered)
{
    changing(now);
    for (const DeviceId id : devicesOf(host)) {
        Device& device = m_devices.edit()[id.value];
        device.powered = powered;
        if (!powered) { // the firmware starts anew with its host
            device.receiveStalled = false;
            device.stalls = {};
            device.stallChangesAt = kNever;
        }
        updateLink(port(id).cable);
        if (!powered && m_layer == LinkLayer::InfiniBand) { // PortInfo does not outlive a reset
            Port& port = m_ports.edit()[id.value];
            port.lid = kNoLid;
            port.smLid = 0;
        }
    }
    for (SubnetManager& manager : m_subnet.managers)
        if (device(manager.device).host == host && !powered)
            manager.running = false;
    if (m_layer == LinkLayer::InfiniBand)
        chooseMaster(false);
    changed(true);
}

void Fabric::setPkeys(Instant now, DeviceId id, std::vector<std::uint16_t> pkeys)
{
    changing(now);
    m_devices.edit()[id.value].pkeys = std::move(pkeys);
    changed(true);
}

void Fabric::setGids(Instant now, DeviceId id, std::vector<Gid> gids)
{
    changing(now);
    m_devices.edit()[id.value].gids = std::move(gids);
    changed(true);
}

void Fabric::setPcie(Instant now, DeviceId id, int generation, int lanes)
{
    changing(now);
    Device& device = m_devices.edit()[id.value];
    device.pcieGeneration = generation;
    device.pcieLanes = lanes;
    changed(false);
}

void Fabric::setReceiver(Instant now, DeviceId id, double drainBytesPerSecond, bool stalled)
{
    changing(now);
    Device& device = m_devices.edit()[id.value];
    if (stalled && !device.receiveStalled)
        m_deviceCounters.add(id.value, static_cast<std::size_t>(DeviceCounter::PauseStormWarnings),
                             m_layer == LinkLayer::Ethernet && port(id).qos.pfc != 0 ? 1 : 0);
    device.drainBytesPerSecond = drainBytesPerSecond;
    device.receiveStalled = stalled;
    changed(false);
}

void Fabric::setStalls(Instant now, DeviceId id, const FlapPlan& plan)
{
    changing(now);
    Device& device = m_devices.edit()[id.value];
    device.stalls = plan;
    device.receiveStalled = false;
    device.stallChangesAt = plan.planned() ? std::max(plan.from, m_now) + plan.up : kNever;
    changed(false);
}

void Fabric::setHost(Instant now, HostId host, const HostSettings& settings)
{
    changing(now);
    m_hosts.edit()[host] = settings;
    changed(false);
}

void Fabric::setManager(Instant now, std::size_t index, bool running, std::uint8_t priority)
{
    changing(now);
    FL_ASSERT(index < m_subnet.managers.size());
    SubnetManager& manager = m_subnet.managers[index];
    if (running && !manager.running)
        manager.startedAt = m_now;
    manager.running = running;
    manager.priority = priority;
    chooseMaster(false);
    changed(true);
}

void Fabric::setServiceLevels(Instant now, std::uint16_t levels)
{
    changing(now);
    m_subnet.serviceLevels = levels;
    changed(true);
}

void Fabric::setAdaptiveRouting(Instant now, bool on)
{
    changing(now);
    m_subnet.adaptiveRouting = on;
    changed(true);
}

} // namespace sim::net::rdma
