#include "sim/net/rdma/fabric.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <utility>

namespace sim::net::rdma {

namespace {

constexpr std::size_t indexOf(PortCounter counter)
{
    return static_cast<std::size_t>(counter);
}

/// Opensm's default sminfo_polling_timeout, at which it also counts its activity.
constexpr Duration kHeartbeat = 10s;

} // namespace

std::vector<DeviceId> Fabric::devicesOf(HostId host) const
{
    std::vector<DeviceId> ids;
    for (std::size_t i = 0; i < devices().size(); ++i)
        if (devices()[i].host == host)
            ids.emplace_back(i);
    return ids;
}

DeviceId Fabric::find(HostId host, std::string_view deviceOrNetdev) const
{
    for (std::size_t i = 0; i < devices().size(); ++i) {
        const Device& d = devices()[i];
        if (d.host == host && (d.name == deviceOrNetdev || d.netdev == deviceOrNetdev))
            return DeviceId{i};
    }
    return {};
}

DeviceId Fabric::findLid(std::uint16_t lid) const
{
    for (std::size_t i = 0; i < devices().size(); ++i)
        if (ports()[i].lid == lid && lid != 0)
            return DeviceId{i};
    return {};
}

RdmaSwitchId Fabric::findSwitch(std::string_view name) const
{
    for (std::size_t i = 0; i < switches().size(); ++i)
        if (switches()[i].name == name)
            return RdmaSwitchId{i};
    return {};
}

PortId Fabric::peer(PortId port) const
{
    const CableId cable = this->port(port).cable;
    if (!cable.valid())
        return {};
    const Cable& c = cables()[cable.value];
    return c.a == port ? c.b : c.a;
}

DeviceId Fabric::masterDevice() const
{
    return m_subnet.master < 0 ? DeviceId{}
                               : m_subnet.managers[static_cast<std::size_t>(m_subnet.master)].device;
}

std::int64_t Fabric::activityCount(const SubnetManager& manager) const
{
    return manager.running ? (m_now - manager.startedAt) / kHeartbeat : 0;
}

std::uint64_t Fabric::counter(PortId port, PortCounter counter) const
{
    return m_portCounters.value(port.value, indexOf(counter), m_now);
}

double Fabric::counterPerSecond(PortId port, PortCounter counter) const
{
    return m_portCounters.ratePerSecond(port.value, indexOf(counter));
}

std::uint64_t Fabric::counter(DeviceId device, DeviceCounter counter) const
{
    return m_deviceCounters.value(device.value, static_cast<std::size_t>(counter), m_now);
}

std::uint64_t Fabric::counter(PortId port, int priority, PriorityCounter counter) const
{
    if (m_priorityCounters.empty())
        return 0;
    return m_priorityCounters.value(port.value * kPriorities + static_cast<std::size_t>(priority),
                                    static_cast<std::size_t>(counter), m_now);
}

void Fabric::resetCounter(PortId port, PortCounter counter)
{
    m_portCounters.clear(port.value, indexOf(counter), m_now);
}

double Fabric::sentBytesPerSecond(PortId port) const
{
    const CableId cable = this->port(port).cable;
    if (!cable.valid())
        return 0;
    return std::as_const(m_channelLoad)[cable.value * 2 + (cables()[cable.value].a == port ? 0 : 1)];
}

double Fabric::capacityBytesPerSecond(PortId id) const
{
    const Port& p = port(id);
    if (!p.cable.valid() || p.physical != PhysicalState::LinkUp)
        return 0;
    const CableCondition& c = cables()[p.cable.value].condition;
    const double lost = std::min(1.0, c.recoveriesPerSecond * toSeconds(c.recoveryTime));
    return payloadBytesPerSecond(m_layer, p.speed, p.lanes, p.mtu) * (1 - lost);
}

double Fabric::bytesDelivered(const Transfer& transfer) const
{
    return transfer.bytesDelivered + transfer.bytesPerSecond * toSeconds(m_now - transfer.settledAt);
}

std::vector<Notice> Fabric::takeNotices()
{
    return std::exchange(m_notices, {});
}

std::vector<Completion> Fabric::takeCompletions()
{
    return std::exchange(m_completions, {});
}

void Fabric::advance(Instant now)
{
    FL_ASSERT(now >= m_now);
    while (m_nextDue <= now) {
        m_now = m_nextDue;
        handleDue();
        changed(false);
    }
    m_now = now;
}

void Fabric::changing(Instant now)
{
    advance(now);
}

void Fabric::changed(bool routes)
{
    m_routesChanged = m_routesChanged || routes;
    watchPauses();
    solve();
    updateNextDue();
}

void Fabric::handleDue()
{
    for (std::size_t i = 0; i < cables().size(); ++i) {
        if (cables()[i].changesAt <= m_now) {
            Cable& cable = m_cables.edit()[i];
            cable.dark = !cable.dark;
            cable.changesAt += cable.dark ? cable.condition.flap.down : cable.condition.flap.up;
            updateLink(CableId{i});
        }
        if (cables()[i].trainedAt <= m_now)
            finishTraining(CableId{i});
    }
    settleStorms();
    if (m_subnet.takeoverAt <= m_now)
        chooseMaster(true);
    if (m_subnet.armsAt <= m_now) {
        m_subnet.armsAt = kNever;
        const std::vector<bool> reached = portsInReach(masterDevice());
        std::vector<Port>& edited = m_ports.edit();
        for (std::size_t i = 0; i < edited.size(); ++i)
            if (reached[i] && edited[i].logical == LogicalState::Initializing)
                edited[i].logical = LogicalState::Armed;
    }
    if (m_subnet.sweptAt <= m_now)
        finishSweep();
    for (const auto& [id, transfer] : transfers()) {
        if (transfer.state != TransferState::Stalled)
            continue;
        const auto patience = retryPatience(transfer.request.pair);
        if (!patience || transfer.stalledSince + *patience > m_now)
            continue;
        m_deviceCounters.add(transfer.request.from.value,
                             static_cast<std::size_t>(DeviceCounter::ReqCqeError), 1);
        m_completions.push_back({id, m_now});
        m_transfers.edit()[id].state = TransferState::Failed;
    }
}

void Fabric::updateNextDue()
{
    Instant due = std::min({m_subnet.takeoverAt, m_subnet.armsAt, m_subnet.sweptAt});
    for (const Cable& cable : cables())
        due = std::min({due, cable.changesAt, cable.trainedAt});
    for (const Device& device : devices())
        due = std::min(due, device.stallChangesAt);
    for (const Port& port : ports())
        due = std::min(due, port.storm.changesAt);
    for (const auto& [id, transfer] : transfers())
        if (transfer.state == TransferState::Stalled)
            if (const auto patience = retryPatience(transfer.request.pair))
                due = std::min(due, transfer.stalledSince + *patience);
    m_nextDue = due;
}

TransferId Fabric::add(const TransferRequest& request)
{
    FL_ASSERT(request.from.value < devices().size() && request.to.value < devices().size()
              && request.from != request.to);
    Transfer transfer;
    transfer.id = TransferId{m_nextTransfer++};
    transfer.request = request;
    transfer.settledAt = transfer.stalledSince = m_now;
    m_transfers.edit().emplace(transfer.id, transfer);
    return transfer.id;
}

TransferId Fabric::start(Instant now, const TransferRequest& request)
{
    return start(now, std::vector<TransferRequest>{request}).front();
}

std::vector<TransferId> Fabric::start(Instant now, const std::vector<TransferRequest>& requests)
{
    changing(now);
    std::vector<TransferId> ids;
    ids.reserve(requests.size());
    for (const TransferRequest& request : requests)
        ids.push_back(add(request));
    changed(false);
    return ids;
}

void Fabric::stop(Instant now, TransferId id)
{
    stop(now, std::vector<TransferId>{id});
}

void Fabric::stop(Instant now, const std::vector<TransferId>& ids)
{
    changing(now);
    for (const TransferId id : ids)
        m_transfers.edit().erase(id);
    changed(false);
}

void Fabric::offer(Instant now, TransferId id, double bytesPerSecond)
{
    offer(now, std::vector<TransferId>{id}, bytesPerSecond);
}

void Fabric::offer(Instant now, const std::vector<TransferId>& ids, double bytesPerSecond)
{
    changing(now);
    for (const TransferId id : ids)
        m_transfers.edit().at(id).request.offeredBytesPerSecond = bytesPerSecond;
    changed(false);
}

void Fabric::restart(Instant now, TransferId id)
{
    changing(now);
    Transfer& transfer = m_transfers.edit().at(id);
    if (transfer.state == TransferState::Failed) {
        transfer.state = TransferState::Stalled;
        transfer.stalledSince = m_now;
        transfer.path = {};
    }
    changed(false);
}

void Transfer::addTo(Fingerprint& f) const
{
    sim::addTo(f, id);
    sim::addTo(f, request);
    sim::addTo(f, state);
    sim::addTo(f, reach);
    sim::addTo(f, path.hops);
    for (const Channel channel : path)
        f.add(std::uint64_t{channel});
    sim::addTo(f, bytesPerSecond);
    sim::addTo(f, bytesDelivered);
    sim::addTo(f, settledAt);
    sim::addTo(f, stalledSince);
}

void Fabric::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_layer);
    sim::addTo(f, m_now);
    m_devices.addTo(f);
    m_switches.addTo(f);
    m_cables.addTo(f);
    m_ports.addTo(f);
    m_hosts.addTo(f);
    m_transfers.addTo(f);
    sim::addTo(f, m_nextTransfer);
    sim::addTo(f, m_subnet);
    m_portCounters.addTo(f);
    m_deviceCounters.addTo(f);
    m_priorityCounters.addTo(f);
    sim::addTo(f, m_notices);
    sim::addTo(f, m_completions);
}

const char* reachText(Reach reach)
{
    switch (reach) {
    case Reach::Reachable: return "reachable";
    case Reach::PortDown: return "port-down";
    case Reach::NotConfigured: return "not-configured";
    case Reach::NoRoute: return "no-route";
    case Reach::DeadLink: return "dead-link";
    case Reach::Partition: return "partition";
    case Reach::ServiceLevel: return "service-level";
    case Reach::AddressFamily: return "address-family";
    }
    return "";
}

} // namespace sim::net::rdma
