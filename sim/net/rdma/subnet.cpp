// The subnet manager: who it is, sweeps, LIDs and forwarding tables.
#include "sim/net/rdma/fabric.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::net::rdma {

namespace {

/// Opensm's defaults: a standby asks every 10 s and gives up after 4 lost answers.
constexpr Duration kTakeover = 40s;
/// One management datagram and its answer: ibping between two nodes shows 0.06 .. 0.14 ms, 0.084 on average.
constexpr Duration kDatagram = 84us;
/// Opensm's default max_wire_smps.
constexpr std::int64_t kDatagramsInFlight = 4;
/// NodeInfo, NodeDescription, PortInfo (read, set, arm, activate), P_Key table, SL-to-VL, two VL arbitration
/// tables.
constexpr std::int64_t kDatagramsPerPort = 10;
/// LIDs in one block of a linear forwarding table (IBTA volume 1).
constexpr std::size_t kForwardingBlock = 64;

} // namespace

bool Fabric::canManage(std::size_t index) const
{
    const SubnetManager& m = m_subnet.managers[index];
    return m.running && device(m.device).powered && linkUp(PortId{m.device.value});
}

void Fabric::chooseMaster(bool atOnce)
{
    Subnet& s = m_subnet;
    int best = -1;
    for (std::size_t i = 0; i < s.managers.size(); ++i)
        if (canManage(i)
            && (best < 0 || s.managers[i].priority > s.managers[static_cast<std::size_t>(best)].priority))
            best = static_cast<int>(i);
    if (s.master >= 0 && !canManage(static_cast<std::size_t>(s.master))) {
        s.lostMaster = s.master;
        s.master = -1;
        s.armsAt = s.sweptAt = kNever;
        s.takeoverAt = best < 0 ? kNever : m_now + kTakeover;
    }
    if (best < 0) {
        s.takeoverAt = kNever;
        return;
    }
    if (s.master >= 0) {
        if (s.managers[static_cast<std::size_t>(best)].priority
            <= s.managers[static_cast<std::size_t>(s.master)].priority)
            return;
    } else if (!atOnce && s.takeoverAt != kNever && best != s.lostMaster) {
        return;
    }
    s.master = best;
    s.lostMaster = -1;
    s.takeoverAt = kNever;
    requestSweep();
}

void Fabric::requestSweep()
{
    if (m_subnet.master < 0)
        return;
    if (m_subnet.sweptAt != kNever) {
        m_subnet.sweepAgain = true;
        return;
    }
    std::int64_t linked = 0;
    for (const Cable& cable : cables())
        linked += cable.trained ? 2 : 0;
    const std::size_t blocks = (devices().size() + switches().size()) / kForwardingBlock + 1;
    const std::int64_t datagrams = linked * kDatagramsPerPort
        + static_cast<std::int64_t>(switches().size() * blocks);
    const Duration takes = kDatagram * datagrams / kDatagramsInFlight;
    m_subnet.armsAt = m_now + takes / 2;
    m_subnet.sweptAt = m_now + takes;
}

std::vector<bool> Fabric::portsInReach(DeviceId from) const
{
    std::vector<bool> reached(ports().size());
    if (!from.valid())
        return reached;
    reached[from.value] = true;
    std::vector<PortId> queue{PortId{from.value}};
    while (!queue.empty()) {
        const PortId at = queue.back();
        queue.pop_back();
        const auto visit = [&](PortId next) {
            if (next.valid() && !reached[next.value]) {
                reached[next.value] = true;
                queue.push_back(next);
            }
        };
        if (linkUp(at))
            visit(peer(at));
        if (const RdmaSwitchId owner = port(at).owner; owner.valid() && switchOf(owner).up) {
            const Switch& s = switchOf(owner);
            for (int i = 0; i < s.portCount; ++i)
                if (const PortId sibling{s.firstPort.value + static_cast<std::uint32_t>(i)}; linkUp(sibling))
                    visit(sibling);
        }
    }
    return reached;
}

void Fabric::finishSweep()
{
    FL_ASSERT(m_subnet.master >= 0);
    m_subnet.armsAt = m_subnet.sweptAt = kNever;
    ++m_subnet.sweeps;
    const DeviceId master = masterDevice();
    const std::vector<bool> reached = portsInReach(master);
    std::uint16_t last = 0;
    const auto configured = [](std::uint16_t lid) {
        return lid != 0 && lid != kNoLid;
    };
    for (const Switch& s : switches())
        last = std::max(last, s.lid);
    for (std::size_t i = 0; i < devices().size(); ++i)
        last = configured(ports()[i].lid) ? std::max(last, ports()[i].lid) : last;
    std::vector<Port>& edited = m_ports.edit();
    if (!configured(edited[master.value].lid))
        edited[master.value].lid = ++last;
    for (Switch& s : m_switches.edit())
        if (s.lid == 0
            && std::any_of(reached.begin() + s.firstPort.value,
                           reached.begin() + s.firstPort.value + s.portCount, [](bool r) { return r; }))
            s.lid = ++last;
    for (std::size_t i = 0; i < edited.size(); ++i) {
        if (!reached[i])
            continue;
        if (!edited[i].owner.valid() && !configured(edited[i].lid))
            edited[i].lid = ++last;
        edited[i].smLid = edited[master.value].lid;
        activate(PortId{i});
    }
    fillForwarding();
    m_routesChanged = true;
    if (m_subnet.sweepAgain) {
        m_subnet.sweepAgain = false;
        requestSweep();
    }
}

void Fabric::fillForwarding()
{
    // Fat-tree routing: down is the only way down, and up-links are dealt out by destination, so that all
    // sources reach a destination over one spine and its neighbours over others.
    const std::size_t count = switches().size();
    std::vector<std::vector<std::uint32_t>> devicesOn(count); ///< by leaf
    std::uint16_t last = 0;
    for (std::size_t d = 0; d < devices().size(); ++d) {
        if (ports()[d].lid == kNoLid || !linkUp(PortId{d}))
            continue;
        last = std::max(last, ports()[d].lid);
        devicesOn[port(peer(PortId{d})).owner.value].push_back(static_cast<std::uint32_t>(d));
    }
    std::vector<std::vector<PortId>> between(count
                                             * count); ///< ports of the first switch that lead to the second
    std::size_t spines = 0;
    for (std::size_t at = 0; at < count; ++at) {
        const Switch& s = switches()[at];
        spines += s.tier == Tier::Spine ? 1 : 0;
        for (int i = 0; i < s.portCount; ++i) {
            const PortId out{s.firstPort.value + static_cast<std::uint32_t>(i)};
            if (!linkUp(out))
                continue;
            if (const RdmaSwitchId other = port(peer(out)).owner; other.valid())
                between[at * count + other.value].push_back(out);
        }
    }
    const std::vector<bool> reached = portsInReach(masterDevice());
    std::vector<Switch>& edited = m_switches.edit();
    std::vector<PortId> choices;
    for (std::size_t at = 0; at < count; ++at) {
        Switch& s = edited[at];
        const auto first = reached.begin() + s.firstPort.value;
        if (!s.up || std::none_of(first, first + s.portCount, [](bool r) { return r; }))
            continue;
        s.forwarding.assign(std::size_t{last} + 1, 0);
        for (std::size_t leaf = 0; leaf < count; ++leaf) {
            choices.clear();
            if (s.tier == Tier::Spine) {
                choices = between[at * count + leaf];
            } else if (leaf != at) {
                for (std::size_t spine = 0; spine < count; ++spine)
                    if (!between[spine * count + leaf].empty())
                        choices.insert(choices.end(), between[at * count + spine].begin(),
                                       between[at * count + spine].end());
                std::sort(choices.begin(), choices.end());
            }
            for (const std::uint32_t d : devicesOn[leaf]) {
                PortId out;
                if (leaf == at)
                    out = peer(PortId{d});
                else if (!choices.empty()) // the lowest digits of a destination choose its spine, the next
                                           // the port there
                    out = choices[(s.tier == Tier::Spine ? d / spines : d) % choices.size()];
                s.forwarding[ports()[d].lid] = out.valid() ? static_cast<std::uint8_t>(port(out).number) : 0;
            }
        }
    }
}

} // namespace sim::net::rdma
