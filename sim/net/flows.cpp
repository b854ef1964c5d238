// Bulk transfers: which channels they use, how they share them, when they end.
#include "sim/net/network.h"
#include "sim/net/sharing.h"
#include "sim/net/walk.h"

#include <algorithm>
#include <cmath>

namespace sim::net {

namespace {

/// How long a transfer waits for its path to come back. Linux itself retransmits for about 15 minutes
/// (net.ipv4.tcp_retries2); the clients that fetch images and answer users give up far earlier.
constexpr Duration kGiveUp = 15s;
/// TCP payload of a 1500-byte packet, timestamps on.
constexpr double kSegmentBytes = 1448;
/// Share of an Ethernet link's rate that is TCP payload at 1500-byte packets: 1448 of 1538 bytes on the wire.
constexpr double kGoodput = 1448.0 / 1538.0;

/// Linux' smallest retransmission time-out, which is what a round trip of a data centre gets.
constexpr double kRetransmitSeconds = 0.2;

/// Padhye, Firoiu, Towsley, Kurose, "Modeling TCP Throughput" (SIGCOMM 1998), equation 30 with an ACK for
/// every segment. Its time-out term matters here: at 0.1 ms of round trip the window is small and time-outs
/// rule.
double lossCap(double lossRatio, Duration rtt)
{
    if (lossRatio <= 0)
        return 0;
    const double p = std::min(lossRatio, 1.0);
    const double recovery = toSeconds(rtt) * std::sqrt(2 * p / 3);
    const double timeOuts = kRetransmitSeconds * std::min(1.0, 3 * std::sqrt(3 * p / 8)) * p
        * (1 + 32 * p * p);
    return kSegmentBytes / (recovery + timeOuts);
}

Event eventFor(NetEvent type, const Flow& flow)
{
    return {Part::Net, static_cast<std::uint16_t>(type), flow.id.value, flow.generation};
}

} // namespace

double Network::bytesPerSecond(Channel channel) const
{
    double sum = 0;
    if (const auto found = m_onChannel.find(channel); found != m_onChannel.end())
        for (const FlowId id : found->second)
            sum += m_flows.at(id).bytesPerSecond;
    return sum;
}

double Network::load(LinkId id) const
{
    if (id.value >= links().size() || links()[id.value].bitsPerSecond <= 0)
        return 0;
    const double busier = std::max(bytesPerSecond(id.value * 2), bytesPerSecond(id.value * 2 + 1));
    return std::min(1.0, busier * 8 / (links()[id.value].bitsPerSecond * kGoodput));
}

void Network::advance(Flow& flow, Instant now) const
{
    flow.bytesLeft = std::max(0.0, flow.bytesLeft - flow.bytesPerSecond * toSeconds(now - flow.updated));
    flow.updated = now;
}

/// Looks for the flow's path as things are now. Its channels lose and gain it; rates are the caller's.
void Network::route(Engine& engine, Flow& flow)
{
    advance(flow, engine.now());
    Walker::FlowPath path = Walker(*this).flowPath(flow.from, flow.to, flow.serverPort);
    for (const Channel channel : flow.channels) {
        const auto on = m_onChannel.find(channel);
        on->second.erase(flow.id);
        if (on->second.empty())
            m_onChannel.erase(on);
    }
    flow.channels = std::move(path.channels);
    flow.links.clear();
    for (const Channel channel : flow.channels) {
        m_onChannel[channel].insert(flow.id);
        flow.links.push_back(linkOf(channel));
    }
    flow.lossCapBytesPerSecond = lossCap(path.lossRatio, path.rtt);
    // With everything lost the handshake's path is open by the tables, but nothing arrives.
    const bool open = path.open && path.lossRatio < 1 && path.largePasses;
    if (!open && !flow.stalled) {
        flow.stalled = true;
        flow.bytesPerSecond = 0;
        ++flow.generation;
        engine.after(kGiveUp, eventFor(NetEvent::FlowGivesUp, flow));
    } else if (open) {
        flow.stalled = false;
    }
}

void Network::share(Engine& engine, const std::set<FlowId>& seeds)
{
    // The flows whose rates can move: those connected with the seeds by shared channels.
    std::set<FlowId> group;
    std::vector<FlowId> queue(seeds.begin(), seeds.end());
    std::map<Channel, double> capacity;
    while (!queue.empty()) {
        const auto found = m_flows.find(queue.back());
        queue.pop_back();
        if (found == m_flows.end() || !group.insert(found->first).second)
            continue;
        for (const Channel channel : found->second.channels)
            if (capacity.emplace(channel, links()[linkOf(channel).value].bitsPerSecond / 8 * kGoodput).second)
                for (const FlowId other : m_onChannel[channel])
                    queue.push_back(other);
    }
    std::vector<Flow*> flows;
    std::vector<Demand> demands;
    for (const FlowId id : group) {
        Flow& flow = m_flows.at(id);
        if (flow.stalled)
            continue;
        double cap = flow.capBytesPerSecond;
        if (flow.lossCapBytesPerSecond > 0)
            cap = cap > 0 ? std::min(cap, flow.lossCapBytesPerSecond) : flow.lossCapBytesPerSecond;
        demands.push_back({flow.channels, cap});
        flows.push_back(&flow);
    }
    const std::vector<double> rates = maxMinShares(demands, capacity);
    for (std::size_t i = 0; i < flows.size(); ++i) {
        Flow& flow = *flows[i];
        if (rates[i] == flow.bytesPerSecond && flow.bytesPerSecond > 0)
            continue; // its completion event stands
        advance(flow, engine.now());
        flow.bytesPerSecond = rates[i];
        ++flow.generation;
        if (flow.bytesPerSecond > 0)
            engine.after(
                std::max(Duration{0}, fromSeconds(std::min(flow.bytesLeft / flow.bytesPerSecond, 1e9))),
                eventFor(NetEvent::FlowDone, flow));
    }
}

void Network::changed(Engine& engine)
{
    m_byAddress.clear();
    for (const auto& [id, s] : m_stacks)
        index(id);
    std::set<FlowId> all;
    for (auto& [id, flow] : m_flows) {
        route(engine, flow);
        all.insert(id);
    }
    share(engine, all);
}

FlowId Network::startFlow(Engine& engine, StackId from, StackId to, double bytes, double capBytesPerSecond,
                          std::uint64_t tag, std::int64_t serverPort)
{
    Flow flow;
    flow.id = FlowId{m_nextFlow++};
    flow.from = from;
    flow.to = to;
    flow.bytesLeft = std::max(bytes, 0.0);
    flow.capBytesPerSecond = capBytesPerSecond;
    flow.serverPort = serverPort;
    flow.updated = engine.now();
    flow.tag = tag;
    const FlowId id = flow.id;
    Flow& stored = m_flows.emplace(id, std::move(flow)).first->second;
    route(engine, stored);
    share(engine, {id});
    return id;
}

void Network::forget(FlowId id)
{
    const auto found = m_flows.find(id);
    if (found == m_flows.end())
        return;
    for (const Channel channel : found->second.channels) {
        const auto on = m_onChannel.find(channel);
        on->second.erase(id);
        if (on->second.empty())
            m_onChannel.erase(on);
    }
    m_flows.erase(found);
}

void Network::cancelFlow(Engine& engine, FlowId id)
{
    const auto found = m_flows.find(id);
    if (found == m_flows.end())
        return;
    std::set<FlowId> others;
    for (const Channel channel : found->second.channels)
        others.insert(m_onChannel[channel].begin(), m_onChannel[channel].end());
    forget(id);
    others.erase(id);
    share(engine, others);
}

void Network::handle(Engine& engine, const Event& event)
{
    if (static_cast<NetEvent>(event.type) == NetEvent::ConnectionTimer) {
        handleConnectionTimer(engine, ConnectionId{event.target}, event.argument);
        return;
    }
    const auto found = m_flows.find(FlowId{event.target});
    if (found == m_flows.end() || found->second.generation != event.argument)
        return;
    const bool completed = static_cast<NetEvent>(event.type) == NetEvent::FlowDone;
    if (!completed && !found->second.stalled)
        return;
    m_ended.push_back({found->first, found->second.tag, completed});
    cancelFlow(engine, found->first);
}

std::vector<FlowEnded> Network::takeEnded()
{
    return std::exchange(m_ended, {});
}

} // namespace sim::net
