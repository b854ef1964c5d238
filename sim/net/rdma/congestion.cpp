// What the rates of one solution do to counters: data, waits, pauses, drops, marks and errors.
#include "sim/net/rdma/solver.h"

#include <algorithm>

namespace sim::net::rdma {

namespace {

/// DCQCN's reaction point raises its rate in five fast-recovery steps of 55 us each before it goes past where
/// it was cut (Zhu et al., "Congestion Control for Large-Scale RDMA Deployments", SIGCOMM 2015): one cut, one
/// CNP, in that time.
constexpr double kSecondsPerNotification = 5 * 55e-6;
/// Longest pause that one frame asks for: 65,535 quanta of 512 bit times (IEEE 802.3, annex 31B).
constexpr double kPauseBits = 65535.0 * 512;
/// Between XOFF and XON of a lossless buffer of a 400G Spectrum port: SONiC's pg_lossless_400000_5m profile.
constexpr double kPauseSwingBytes = 37888;
/// Opensm's default leaf_head_of_queue_lifetime, 0x10: 4.096 us * 2^16 until a leaf drops a packet that
/// nobody takes.
constexpr double kHeadOfQueueSeconds = 4.096e-6 * 65536;

} // namespace

double& Fabric::Solver::portRate(PortId port, PortCounter counter)
{
    return (*m_portRates)[port.value * static_cast<std::size_t>(PortCounter::Count)
                          + static_cast<std::size_t>(counter)];
}

double& Fabric::Solver::deviceRate(DeviceId device, DeviceCounter counter)
{
    return (*m_deviceRates)[device.value * static_cast<std::size_t>(DeviceCounter::Count)
                            + static_cast<std::size_t>(counter)];
}

double& Fabric::Solver::priorityRate(PortId port, int priority, PriorityCounter counter)
{
    const std::size_t object = port.value * kPriorities + static_cast<std::size_t>(priority);
    return (*m_priorityRates)[object * static_cast<std::size_t>(PriorityCounter::Count)
                              + static_cast<std::size_t>(counter)];
}

void Fabric::Solver::countHops(const Flow& flow)
{
    const LinkLayer layer = m_fabric.layer();
    const double unit = layer == LinkLayer::InfiniBand ? 4 : 1;
    double damaged
        = 0; // packets a second that go on with a bad check sum marked by the switch that saw it first
    for (int hop = 0; hop < flow.hops; ++hop) {
        const double bytes = flow.sent[static_cast<std::size_t>(hop)];
        const double packets = bytes / flow.mtu;
        const double counted = bytes + packets * countedOverheadBytes(layer);
        const PortId from = sender(flow, hop), to = receiver(flow, hop);
        portRate(from, PortCounter::XmitData) += counted / unit;
        portRate(from, PortCounter::XmitPackets) += packets;
        portRate(to, PortCounter::RcvData) += counted / unit;
        portRate(to, PortCounter::RcvPackets) += packets;
        if (m_priorityRates != nullptr) {
            const int sent = queueOf(flow, hop), received = priorityAt(flow, to);
            priorityRate(from, sent, PriorityCounter::TxBytes) += counted;
            priorityRate(from, sent, PriorityCounter::TxPackets) += packets;
            priorityRate(to, received, PriorityCounter::RxBytes) += counted;
            priorityRate(to, received, PriorityCounter::RxPackets) += packets;
        }
        const Channel channel = flow.channels[static_cast<std::size_t>(flow.firstCable + hop)];
        const CableCondition& condition = m_fabric.cables()[channel / 2].condition;
        const Port& port = m_fabric.port(to);
        const double errors = condition.symbolErrorsPerSecond
            + condition.bitErrorRatio * laneBitsPerSecond(port.speed) * port.lanes;
        if (damaged > 0)
            portRate(to, PortCounter::RcvRemotePhysicalErrors) += damaged;
        if (errors > 0 && m_capacity[channel] > 0) {
            const double hit = packets * std::min(1.0, errors * flow.mtu / m_capacity[channel]);
            portRate(to, PortCounter::RcvErrors) += hit;
            damaged += hit;
        }
    }
}

void Fabric::Solver::countEnds(const Flow& flow, double goodput)
{
    const TransferRequest& request = flow.transfer->request;
    const double loss = flow.transfer->lossRatio;
    const double packets = flow.rate / flow.mtu;
    deviceRate(request.to, DeviceCounter::RxWriteRequests) += goodput / request.messageBytes;
    if (loss > 0) {
        deviceRate(request.to, DeviceCounter::OutOfSequence) += std::max(
            0.0, packets * (1 - loss) - goodput / flow.mtu);
        deviceRate(request.from, DeviceCounter::PacketSeqErr) += packets * loss
            / (1 - loss + loss * window(flow));
    }
    if (flow.marked) {
        flow.transfer->cnpPerSecond = 1 / kSecondsPerNotification;
        deviceRate(request.to, DeviceCounter::NpEcnMarkedRocePackets) += flow.transfer->cnpPerSecond;
        deviceRate(request.to, DeviceCounter::NpCnpSent) += flow.transfer->cnpPerSecond;
        deviceRate(request.from, DeviceCounter::RpCnpHandled) += flow.transfer->cnpPerSecond;
        const PortId nic{request.to.value};
        priorityRate(nic, priorityAt(flow, nic), PriorityCounter::RxMarked) += flow.transfer->cnpPerSecond;
    }
    if (flow.rate <= 0 && givenUp(flow))
        if (const auto wait = acknowledgeTimeout(request.pair)) // each wait ends with the window once more
            discard(flow, flow.hops - 1, window(flow) / toSeconds(*wait));
    if (m_fabric.layer() == LinkLayer::InfiniBand && flow.rate <= 0
        && m_fabric.device(request.to).receiveStalled)
        portRate(m_fabric.peer(PortId{request.to.value}), PortCounter::XmitDiscards) = 1
            / kHeadOfQueueSeconds;
}

void Fabric::Solver::countPauses()
{
    // By channel: what its flows would send. Only channels that pause are looked at.
    std::vector<double> wanted(m_deviceChannels);
    for (const Flow& flow : m_flows)
        for (int hop = 0; hop < flow.hops; ++hop)
            wanted[flow.channels[static_cast<std::size_t>(flow.firstCable + hop)]] += flow.lossyHop >= 0
                ? flow.sent[static_cast<std::size_t>(hop)]
                : flow.offered;
    std::vector<bool> counted(m_deviceChannels * kPriorities);
    for (const Flow& flow : m_flows) {
        const int last = flow.lossyHop >= 0 ? flow.lossyHop + 1 : flow.pausedHops;
        for (int hop = flow.lossyHop >= 0 ? flow.lossyHop : 0; hop < last; ++hop) {
            const Channel channel = flow.channels[static_cast<std::size_t>(flow.firstCable + hop)];
            const std::size_t key = channel * kPriorities + static_cast<std::size_t>(classOn(flow, hop));
            const double capacity = m_capacity[channel];
            if (counted[key] || capacity <= 0)
                continue;
            counted[key] = true;
            const PortId from = sender(flow, hop), to = receiver(flow, hop);
            const double paused = flow.lossyHop >= 0
                ? flow.dropRatio
                : std::max(0.0, std::min(capacity, wanted[channel]) - m_load[channel]) / capacity;
            const Port& sending = m_fabric.port(from);
            const double bits = laneBitsPerSecond(sending.speed) * sending.lanes;
            if (m_fabric.layer() == LinkLayer::InfiniBand) {
                portRate(from, PortCounter::XmitWait) += paused * bits
                    / 32; // a tick: the time of one 4-byte word
                continue;
            }
            const int priority = priorityAt(flow, to);
            if ((m_fabric.port(to).qos.pfc >> priority & 1) == 0)
                continue; // nobody even asks
            const double through = std::min(m_load[channel], capacity);
            const double swings = flow.lossyHop >= 0
                ? 0
                : through * (capacity - through) / (capacity * kPauseSwingBytes);
            const double frames = 2 * swings + paused * bits / kPauseBits;
            priorityRate(to, priority, PriorityCounter::TxPause) += frames;
            priorityRate(to, priority, PriorityCounter::TxPauseMicroseconds) += paused * 1e6;
            if ((sending.qos.pfc >> priority & 1) == 0)
                continue; // asked in vain
            priorityRate(from, priority, PriorityCounter::RxPause) += frames;
            priorityRate(from, priority, PriorityCounter::RxPauseMicroseconds) += paused * 1e6;
            priorityRate(from, priority, PriorityCounter::RxPauseTransition) += swings;
        }
    }
}

void Fabric::Solver::countErrors()
{
    for (const Cable& cable : m_fabric.cables()) {
        const CableCondition& c = cable.condition;
        if (!cable.trained
            || (c.symbolErrorsPerSecond <= 0 && c.bitErrorRatio <= 0 && c.recoveriesPerSecond <= 0))
            continue;
        for (const PortId end : {cable.a, cable.b}) {
            const Port& port = m_fabric.port(end);
            portRate(end, PortCounter::SymbolError) += c.symbolErrorsPerSecond
                + c.bitErrorRatio * laneBitsPerSecond(port.speed) * port.lanes;
            portRate(end, PortCounter::LinkErrorRecovery) += c.recoveriesPerSecond;
        }
    }
}

void Fabric::Solver::publish()
{
    for (Flow& flow : m_flows) {
        double clean = 1;
        for (int hop = 0; hop < flow.hops; ++hop) {
            const Channel channel = flow.channels[static_cast<std::size_t>(flow.firstCable + hop)];
            const CableCondition& c = m_fabric.cables()[channel / 2].condition;
            const Port& port = m_fabric.port(receiver(flow, hop));
            const double errors = c.symbolErrorsPerSecond
                + c.bitErrorRatio * laneBitsPerSecond(port.speed) * port.lanes;
            if (errors > 0 && m_capacity[channel] > 0)
                clean *= 1 - std::min(1.0, errors * flow.mtu / m_capacity[channel]);
        }
        flow.errorRatio = 1 - clean;
        Transfer& transfer = *flow.transfer;
        transfer.lossRatio = 1 - (1 - flow.dropRatio) * clean;
        transfer.sentBytesPerSecond = flow.rate;
        transfer.bytesPerSecond = flow.rate * goodputShare(flow, transfer.lossRatio);
        countHops(flow);
        countEnds(flow, transfer.bytesPerSecond);
    }
    countPauses();
    countErrors();
    std::copy(m_load.begin(), m_load.begin() + m_deviceChannels, m_fabric.m_channelLoad.edit().begin());
    for (auto& [id, transfer] : m_fabric.m_transfers.edit()) {
        if (transfer.state == TransferState::Failed)
            continue;
        const bool moves = transfer.bytesPerSecond > 0;
        if (!moves && transfer.state == TransferState::Moving)
            transfer.stalledSince = m_fabric.m_now;
        transfer.state = moves ? TransferState::Moving : TransferState::Stalled;
        if (const auto wait = acknowledgeTimeout(transfer.request.pair); !moves && wait)
            deviceRate(transfer.request.from, DeviceCounter::LocalAckTimeoutErr) += 1 / toSeconds(*wait);
    }
}

} // namespace sim::net::rdma
