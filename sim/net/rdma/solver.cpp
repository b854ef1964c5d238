// Shares of all transfers: fair shares, and who suffers from whom.
#include "sim/net/rdma/solver.h"

#include "sim/net/sharing.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace sim::net::rdma {

namespace {

/// Channels of a device beside its cable: the NIC's PCIe link in both directions, and the uplink of the PCIe
/// switch that it shares with its GPU.
enum DeviceChannel : std::uint32_t { NicRead, NicWrite, HostUp, HostDown, kDeviceChannels };

constexpr double kFull = 1 - 1e-9;
/// Of the packets of a lossy class that come to a full port: ours, of the order that lets RoCE without PFC lose most of its speed
/// (Zhu et al., SIGCOMM 2015, with DCQCN alone).
constexpr double kBurstLoss = 0.01;

} // namespace

Fabric::Solver::Solver(Fabric& fabric)
    : m_fabric(fabric), m_deviceChannels(static_cast<std::uint32_t>(fabric.cables().size() * 2)),
      m_capacity(m_deviceChannels + fabric.devices().size() * kDeviceChannels), m_load(m_capacity.size()),
      m_portRates(&fabric.m_portCounters.settle(fabric.m_now)),
      m_deviceRates(&fabric.m_deviceCounters.settle(fabric.m_now))
{
    if (!fabric.m_priorityCounters.empty())
        m_priorityRates = &fabric.m_priorityCounters.settle(fabric.m_now);
    for (std::size_t c = 0; c < fabric.cables().size(); ++c)
        m_capacity[c * 2] = m_capacity[c * 2 + 1] = fabric.capacityBytesPerSecond(fabric.cables()[c].a);
    for (std::size_t d = 0; d < fabric.devices().size(); ++d) {
        const Device& device = fabric.devices()[d];
        const double pcie = pcieBytesPerSecond(device.pcieGeneration, device.pcieLanes);
        // The switch's uplink is as wide as a slot of its generation can be.
        const double uplink = pcieBytesPerSecond(5, 16);
        double* at = &m_capacity[m_deviceChannels + d * kDeviceChannels];
        at[NicRead] = pcie;
        at[NicWrite] = device.receiveStalled ? 0
            : device.drainBytesPerSecond > 0 ? std::min(pcie, device.drainBytesPerSecond)
                                             : pcie;
        at[HostUp] = at[HostDown] = uplink;
    }
}

void Fabric::Solver::addFlow(Transfer& transfer)
{
    const TransferRequest& request = transfer.request;
    Flow flow;
    flow.transfer = &transfer;
    flow.mtu = std::min(m_fabric.port(request.from).mtu, m_fabric.port(request.to).mtu);
    const std::vector<Gid>& gids = m_fabric.device(request.from).gids;
    const bool versionOne = request.gidIndex >= 0 && static_cast<std::size_t>(request.gidIndex) < gids.size()
        && gids[static_cast<std::size_t>(request.gidIndex)].type == Gid::Type::RoceV1;
    flow.trafficClass = versionOne ? std::uint8_t{0} : request.trafficClass;
    const auto add = [&](std::uint32_t channel) {
        flow.channels[static_cast<std::size_t>(flow.channelCount++)] = channel;
    };
    const auto addEnd = [&](DeviceId end, DeviceChannel nic) {
        const std::uint32_t base = m_deviceChannels + end.value * kDeviceChannels;
        add(base + nic);
        const auto host = m_fabric.hosts().find(m_fabric.device(end).host);
        if (request.gpuMemory && host != m_fabric.hosts().end()
            && memoryPath(host->second) != MemoryPath::Direct) {
            add(base + HostUp); // up to the root or to memory, and down again
            add(base + HostDown);
        }
    };
    addEnd(request.from, NicRead);
    flow.firstCable = flow.channelCount;
    flow.hops = transfer.path.hops;
    for (const Channel channel : transfer.path)
        add(channel);
    addEnd(request.to, NicWrite);
    m_flows.push_back(flow);
}

void Fabric::Solver::route()
{
    FlowCounts counts;
    const bool all = std::exchange(m_fabric.m_routesChanged, false);
    auto& transfers = m_fabric.m_transfers.edit();
    if (all)
        for (auto& [id, transfer] : transfers)
            transfer.path = {};
    m_flows.reserve(transfers.size());
    for (auto& [id, transfer] : transfers) {
        transfer.bytesPerSecond = transfer.sentBytesPerSecond = transfer.lossRatio = transfer.cnpPerSecond
            = 0;
        transfer.victim = false;
        if (transfer.state == TransferState::Failed) {
            transfer.path = {};
            continue;
        }
        if (transfer.path.hops == 0) {
            if (counts.empty())
                counts = m_fabric.flowCounts();
            transfer.reach = std::as_const(m_fabric).route(transfer.request, transfer.path, counts);
            for (const Channel channel : transfer.path)
                ++counts[channel];
        }
        if (transfer.reach == Reach::Reachable)
            addFlow(transfer);
    }
}

void Fabric::Solver::share()
{
    // Only flows that share channels, directly or not, have anything to do with each other.
    std::vector<std::uint32_t> parent(m_capacity.size());
    std::iota(parent.begin(), parent.end(), 0u);
    const auto root = [&](std::uint32_t at) {
        while (parent[at] != at)
            at = parent[at] = parent[parent[at]];
        return at;
    };
    for (const Flow& flow : m_flows)
        for (int i = 1; i < flow.channelCount; ++i)
            parent[root(flow.channels[static_cast<std::size_t>(i)])] = root(flow.channels[0]);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> grouped;
    grouped.reserve(m_flows.size());
    for (std::size_t i = 0; i < m_flows.size(); ++i)
        grouped.emplace_back(root(m_flows[i].channels[0]), static_cast<std::uint32_t>(i));
    std::sort(grouped.begin(), grouped.end());
    for (std::size_t first = 0; first < grouped.size();) {
        std::size_t last = first;
        while (last < grouped.size() && grouped[last].first == grouped[first].first)
            ++last;
        if (last == first + 1) {
            Flow& flow = m_flows[grouped[first].second];
            flow.rate = std::numeric_limits<double>::infinity();
            for (int i = 0; i < flow.channelCount; ++i)
                flow.rate = std::min(flow.rate, m_capacity[flow.channels[static_cast<std::size_t>(i)]]);
            if (const double wanted = flow.transfer->request.offeredBytesPerSecond; wanted > 0)
                flow.rate = std::min(flow.rate, wanted);
        } else {
            std::vector<Demand> demands(last - first);
            std::map<std::uint32_t, double> capacity;
            for (std::size_t i = first; i < last; ++i) {
                const Flow& flow = m_flows[grouped[i].second];
                demands[i - first].channels.assign(flow.channels.begin(),
                                                   flow.channels.begin() + flow.channelCount);
                demands[i - first].cap = flow.transfer->request.offeredBytesPerSecond;
                for (const std::uint32_t channel : demands[i - first].channels)
                    capacity.emplace(channel, m_capacity[channel]);
            }
            const std::vector<double> rates = maxMinShares(demands, capacity);
            for (std::size_t i = first; i < last; ++i)
                m_flows[grouped[i].second].rate = rates[i - first];
        }
        first = last;
    }
    for (const Flow& flow : m_flows)
        for (int i = 0; i < flow.channelCount; ++i)
            m_load[flow.channels[static_cast<std::size_t>(i)]] += flow.rate;
}

void Fabric::Solver::offer()
{
    // What leaves a sender whom nothing but itself slows: fair shares of its own PCIe link and cable.
    std::vector<std::pair<std::pair<std::uint32_t, double>, std::uint32_t>> bySender;
    for (std::size_t i = 0; i < m_flows.size(); ++i) {
        const double wanted = m_flows[i].transfer->request.offeredBytesPerSecond;
        bySender.push_back({{m_flows[i].transfer->request.from.value,
                             wanted > 0 ? wanted : std::numeric_limits<double>::infinity()},
                            static_cast<std::uint32_t>(i)});
    }
    std::sort(bySender.begin(), bySender.end());
    for (std::size_t first = 0; first < bySender.size();) {
        std::size_t last = first;
        while (last < bySender.size() && bySender[last].first.first == bySender[first].first.first)
            ++last;
        double left = std::numeric_limits<double>::infinity();
        const Flow& any = m_flows[bySender[first].second];
        for (int i = 0; i <= any.firstCable; ++i)
            left = std::min(left, m_capacity[any.channels[static_cast<std::size_t>(i)]]);
        for (; first < last; ++first) {
            Flow& flow = m_flows[bySender[first].second];
            flow.offered = std::min(bySender[first].first.second, left / static_cast<double>(last - first));
            left -= flow.offered;
        }
    }
}

void Fabric::Solver::findSlow()
{
    std::vector<double> fastest(m_capacity.size());
    for (const Flow& flow : m_flows)
        for (int i = 0; i < flow.channelCount; ++i)
            fastest[flow.channels[static_cast<std::size_t>(i)]] = std::max(
                fastest[flow.channels[static_cast<std::size_t>(i)]], flow.rate);
    for (Flow& flow : m_flows) {
        if (flow.rate >= flow.offered * kFull)
            continue;
        for (int i = 0; i < flow.channelCount && flow.slowAt < 0; ++i) {
            const std::uint32_t channel = flow.channels[static_cast<std::size_t>(i)];
            if (m_load[channel] < m_capacity[channel] * kFull || flow.rate < fastest[channel] * kFull)
                continue;
            if (i <= flow.firstCable)
                break; // it stands in nobody's way but its own
            flow.slowAt = i;
        }
    }
}

PortId Fabric::Solver::sender(const Flow& flow, int hop) const
{
    const Channel channel = flow.channels[static_cast<std::size_t>(flow.firstCable + hop)];
    const Cable& cable = m_fabric.cables()[channel / 2];
    return channel % 2 == 0 ? cable.a : cable.b;
}

PortId Fabric::Solver::receiver(const Flow& flow, int hop) const
{
    return m_fabric.peer(sender(flow, hop));
}

int Fabric::Solver::priorityAt(const Flow& flow, PortId port) const
{
    return priorityOf(m_fabric.port(port).qos, flow.trafficClass);
}

int Fabric::Solver::queueOf(const Flow& flow, int hop) const
{
    return priorityAt(flow, hop == 0 ? sender(flow, 0) : receiver(flow, hop - 1));
}

int Fabric::Solver::classOn(const Flow& flow, int hop) const
{
    if (m_fabric.layer() == LinkLayer::InfiniBand)
        return flow.transfer->request.serviceLevel % kPriorities;
    return priorityAt(flow, receiver(flow, hop));
}

bool Fabric::Solver::pauses(const Flow& flow, int hop) const
{
    if (m_fabric.layer() == LinkLayer::InfiniBand)
        return true; // credits
    const PortId from = sender(flow, hop), to = receiver(flow, hop);
    const int sent = queueOf(flow, hop), received = priorityAt(flow, to);
    return sent == received && (m_fabric.port(from).qos.pfc >> sent & 1) != 0
        && (m_fabric.port(to).qos.pfc >> received & 1) != 0;
}

bool Fabric::Solver::givenUp(const Flow& flow) const
{
    const Port& last = m_fabric.port(sender(flow, flow.hops - 1));
    return last.storm.on && last.watchdog.action != PauseWatchdog::Action::Alert;
}

void Fabric::Solver::loseBursts(Flow& flow) const
{
    if (m_fabric.layer() != LinkLayer::Ethernet)
        return;
    bool lossless = true;
    for (int hop = 1; hop < flow.hops; ++hop) {
        lossless = lossless && pauses(flow, hop - 1);
        const std::uint32_t channel = flow.channels[static_cast<std::size_t>(flow.firstCable + hop)];
        const double full = m_capacity[channel] * kFull;
        if (lossless || m_load[channel] < full || flow.rate >= full)
            continue;
        flow.burstHop = hop;
        flow.dropRatio = kBurstLoss;
        flow.queueSeconds = static_cast<double>(kMarkingFromBytes) / m_capacity[channel]; // what waits in a queue that marks
        return;
    }
}

void Fabric::Solver::classify()
{
    for (Flow& flow : m_flows) {
        if (flow.slowAt < 0) {
            loseBursts(flow);
            continue;
        }
        const int slowHop = flow.slowAt - flow.firstCable;
        const bool slowReceiver = slowHop >= flow.hops;
        if (slowReceiver && givenUp(flow))
            continue;
        const int hops = slowReceiver ? flow.hops : slowHop;
        if (m_fabric.layer() == LinkLayer::Ethernet) {
            // The queue that marks is the one before the slow cable; a slow receiver fills the last switch's
            // by pausing it.
            const PortId marking = sender(flow, std::min(slowHop, flow.hops - 1));
            const TransferRequest& request = flow.transfer->request;
            const auto on = [&](PortId port, int priority) {
                return (m_fabric.port(port).qos.ecn >> priority & 1) != 0;
            };
            const PortId first{request.from.value}, last{request.to.value};
            flow.marked = on(marking, queueOf(flow, std::min(slowHop, flow.hops - 1)))
                && on(first, priorityAt(flow, first)) && on(last, priorityAt(flow, last)) && flow.rate > 0
                && (!slowReceiver || pauses(flow, flow.hops - 1));
            if (flow.marked) {
                loseBursts(flow);
                continue;
            }
        }
        for (int hop = hops - 1; hop >= 0 && flow.lossyHop < 0; --hop)
            if (!pauses(flow, hop))
                flow.lossyHop = hop;
        if (flow.lossyHop < 0)
            flow.pausedHops = hops;
    }
}

void Fabric::Solver::spreadPauses()
{
    std::vector<double> share(m_deviceChannels
                              * kPriorities); ///< by channel and class: what a paused FIFO lets through
    // A victim pauses what is before it in turn: at most once for each hop of the longest path.
    for (int round = 0; round <= Path::kMost; ++round) {
        std::fill(share.begin(), share.end(), 1.0);
        bool any = false;
        for (const Flow& flow : m_flows)
            for (int hop = 0; hop < flow.pausedHops; ++hop) {
                double& least
                    = share[flow.channels[static_cast<std::size_t>(flow.firstCable + hop)] * kPriorities
                            + static_cast<std::uint32_t>(classOn(flow, hop))];
                least = std::min(least, flow.offered > 0 ? flow.rate / flow.offered : 0);
                any = true;
            }
        if (!any)
            return;
        bool changed = false;
        for (Flow& flow : m_flows) {
            if (flow.lossyHop >= 0)
                continue;
            for (int hop = 0; hop < flow.hops; ++hop) {
                const double least
                    = share[flow.channels[static_cast<std::size_t>(flow.firstCable + hop)] * kPriorities
                            + static_cast<std::uint32_t>(classOn(flow, hop))];
                if (least >= 1 || flow.rate <= flow.offered * least * (1 + 1e-9))
                    continue;
                flow.rate = flow.offered * least;
                flow.pausedHops = std::max(flow.pausedHops, hop);
                flow.transfer->victim = true;
                changed = true;
            }
        }
        if (!changed)
            return;
    }
}

double Fabric::Solver::window(const Flow& flow) const
{
    const double roundTrip = 2 * toSeconds(m_fabric.latency(flow.transfer->path)) + flow.queueSeconds;
    const double sending = flow.burstHop < 0 ? flow.offered
                                             : m_capacity[flow.channels[static_cast<std::size_t>(flow.firstCable)]];
    return std::max(1.0, sending * roundTrip / flow.mtu);
}

double Fabric::Solver::goodputShare(const Flow& flow, double lossRatio) const
{
    return lossRatio <= 0 ? 1 : (1 - lossRatio) / (1 - lossRatio + lossRatio * window(flow));
}

void Fabric::Solver::discard(const Flow& flow, int hop, double packets)
{
    const PortId port = sender(flow, hop);
    portRate(port, PortCounter::XmitDiscards) += packets;
    if (m_priorityRates != nullptr)
        priorityRate(port, queueOf(flow, hop), PriorityCounter::TxDiscards) += packets;
}

void Fabric::Solver::drop()
{
    std::fill(m_load.begin(), m_load.end(), 0.0);
    bool lossy = false;
    for (Flow& flow : m_flows) {
        if (flow.lossyHop >= 0) {
            lossy = true;
            continue;
        }
        flow.sent.fill(flow.rate);
        if (flow.burstHop >= 0) {
            discard(flow, flow.burstHop, flow.rate * flow.dropRatio / flow.mtu);
            std::fill(flow.sent.begin() + flow.burstHop, flow.sent.end(), flow.rate * (1 - flow.dropRatio));
        }
        for (int hop = 0; hop < flow.hops; ++hop)
            m_load[flow.channels[static_cast<std::size_t>(flow.firstCable + hop)]] += flow.sent[static_cast<std::size_t>(hop)];
    }
    if (!lossy)
        return;
    // Senders that nothing slows send at full rate; each port on the way takes what fits beside the others
    // and drops the rest. Up-links come before down-links, so one pass over the four kinds of hops suffices.
    std::vector<double> arrivals(m_deviceChannels);
    for (int level = 0; level < Path::kMost; ++level) {
        const auto hopAt = [level](const Flow& flow) {
            return flow.hops == Path::kMost ? level
                : level == 0                ? 0
                : level == Path::kMost - 1  ? flow.hops - 1
                                            : -1;
        };
        std::fill(arrivals.begin(), arrivals.end(), 0.0);
        for (Flow& flow : m_flows)
            if (const int hop = hopAt(flow); flow.lossyHop >= 0 && hop >= 0)
                arrivals[flow.channels[static_cast<std::size_t>(flow.firstCable + hop)]] += hop == 0
                    ? flow.offered
                    : flow.sent[static_cast<std::size_t>(hop - 1)];
        for (Flow& flow : m_flows) {
            const int hop = hopAt(flow);
            if (flow.lossyHop < 0 || hop < 0)
                continue;
            const std::uint32_t channel = flow.channels[static_cast<std::size_t>(flow.firstCable + hop)];
            const double arriving = hop == 0 ? flow.offered : flow.sent[static_cast<std::size_t>(hop - 1)];
            const double room = std::max(0.0, m_capacity[channel] - m_load[channel]);
            const double fits = arrivals[channel] > room ? room / arrivals[channel] : 1;
            flow.sent[static_cast<std::size_t>(hop)] = arriving * fits;
            if (hop > 0 && fits < 1)
                discard(flow, hop, arriving * (1 - fits) / flow.mtu);
        }
        for (const Flow& flow : m_flows)
            if (const int hop = hopAt(flow); flow.lossyHop >= 0 && hop >= 0)
                m_load[flow.channels[static_cast<std::size_t>(flow.firstCable + hop)]]
                    += flow.sent[static_cast<std::size_t>(hop)];
    }
    for (Flow& flow : m_flows) {
        if (flow.lossyHop < 0)
            continue;
        const double arriving = flow.sent[static_cast<std::size_t>(flow.hops - 1)];
        double taken = arriving;
        if (flow.slowAt - flow.firstCable >= flow.hops
            && flow.rate < arriving) { // the NIC itself has no room
            taken = flow.rate;
            const PortId nic{flow.transfer->request.to.value};
            portRate(nic, PortCounter::RcvDiscards) += (arriving - taken) / flow.mtu;
            if (m_priorityRates != nullptr)
                priorityRate(nic, priorityAt(flow, nic), PriorityCounter::RxDiscards) += (arriving - taken)
                    / flow.mtu;
        }
        flow.rate = flow.sent[0];
        flow.dropRatio = flow.rate > 0 ? 1 - taken / flow.rate : 0;
    }
}

void Fabric::settleTransfers()
{
    for (auto& [id, transfer] : m_transfers.edit()) {
        transfer.bytesDelivered = bytesDelivered(transfer);
        transfer.settledAt = m_now;
    }
}

void Fabric::solve()
{
    settleTransfers();
    Solver solver(*this);
    solver.route();
    solver.share();
    solver.offer();
    solver.findSlow();
    solver.classify();
    solver.spreadPauses();
    solver.drop();
    solver.publish();
}

} // namespace sim::net::rdma
