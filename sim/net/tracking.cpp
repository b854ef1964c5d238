// What is remembered of traffic: datagrams, streams, the wire, interfaces' counters, and how full connection tracking is.
#include "sim/net/conntrack.h"
#include "sim/net/walk.h"

#include <algorithm>
#include <cmath>

namespace sim::net {

namespace {

constexpr std::size_t kWirePackets = 4000;
/// Until nobody can ask for a closed connection or an ended stream any more.
constexpr Duration kForgottenAfter = 120s;

bool passes(const std::vector<StackId>& machines, StackId machine)
{
    return std::find(machines.begin(), machines.end(), machine) != machines.end();
}

std::int64_t opened(const Stream& stream, Instant at)
{
    return at < stream.since ? 0 : static_cast<std::int64_t>(std::floor(toSeconds(at - stream.since) * stream.perSecond)) + 1;
}

Duration lifetimeOf(const Stream& stream)
{
    return stream.protocol == Protocol::Tcp ? (stream.answered ? kTrackTimeWait : kTrackSyn)
        : stream.protocol == Protocol::Icmp ? kTrackIcmp : kTrackUdp;
}

/// After what the state of a connection is forgotten by the table.
Duration lifetimeOf(const Connection& c)
{
    const TcpState client = c.client.state, server = c.server.state;
    const auto either = [&](TcpState s) { return client == s || server == s; };
    if (either(TcpState::SynReceived))
        return kTrackSynReceived;
    if (either(TcpState::SynSent))
        return kTrackSyn;
    if (either(TcpState::TimeWait))
        return kTrackTimeWait;
    if (either(TcpState::LastAck))
        return kTrackLastAck;
    if (either(TcpState::CloseWait))
        return kTrackCloseWait;
    if (either(TcpState::FinWait1) || either(TcpState::FinWait2) || either(TcpState::Closing))
        return kTrackFinWait;
    if (either(TcpState::Established))
        return c.client.sendQueue + c.server.sendQueue > 0 ? kTrackUnacknowledged : kTrackEstablished;
    return c.failure.empty() ? kTrackTimeWait : kTrackClose;
}

const char* stateOf(const Connection& c)
{
    const TcpState client = c.client.state, server = c.server.state;
    const auto either = [&](TcpState s) { return client == s || server == s; };
    for (const auto& [state, name] : {std::pair{TcpState::SynReceived, "SYN_RECV"}, {TcpState::SynSent, "SYN_SENT"},
                                      {TcpState::TimeWait, "TIME_WAIT"}, {TcpState::LastAck, "LAST_ACK"}, {TcpState::CloseWait, "CLOSE_WAIT"},
                                      {TcpState::FinWait1, "FIN_WAIT"}, {TcpState::FinWait2, "FIN_WAIT"}, {TcpState::Closing, "CLOSE_WAIT"},
                                      {TcpState::Established, "ESTABLISHED"}})
        if (either(state))
            return name;
    return c.failure.empty() ? "TIME_WAIT" : "CLOSE";
}

bool tracked(const Connection& c, StackId machine, Instant now, Instant flushed)
{
    return passes(c.machines, machine) && c.changed + lifetimeOf(c) > now && (c.changed >= flushed || c.client.state != TcpState::Closed);
}

bool tracked(const Datagrams& d, StackId machine, Instant now, Instant flushed)
{
    return passes(d.machines, machine) && d.last + (d.protocol == Protocol::Icmp ? kTrackIcmp : kTrackUdp) > now && d.last >= flushed;
}

} // namespace

std::int64_t streamCount(const Stream& stream, Instant now, Duration lifetime)
{
    const Instant end = stream.until == Instant{} ? now : std::min(now, stream.until);
    return std::max<std::int64_t>(0, opened(stream, end) - opened(stream, now - lifetime));
}

std::int64_t trackedCount(const Network& network, StackId machine, Instant now)
{
    if (!network.hasStack(machine))
        return 0;
    const Conntrack& table = network.stack(machine).conntrack;
    std::int64_t count = table.standing;
    for (const auto& [id, c] : network.connections())
        count += tracked(c, machine, now, table.flushed) ? 1 : 0;
    for (const Datagrams& d : network.datagrams())
        count += tracked(d, machine, now, table.flushed) ? 1 : 0;
    for (const Stream& stream : network.streams())
        if (passes(stream.machines, machine))
            count += streamCount(stream, now, std::min(lifetimeOf(stream), now - table.flushed));
    return count;
}

bool Network::forgetTracked(StackId machine, const TrackedTuple& original)
{
    bool any = false;
    for (auto& [id, c] : m_connections) {
        if (TrackedTuple{c.client.address, c.client.peer, c.client.port, c.client.peerPort} != original || !passes(c.machines, machine))
            continue;
        any = true;
        if (c.client.state == TcpState::Closed || c.client.state == TcpState::TimeWait)
            std::erase(c.machines, machine);
    }
    for (Datagrams& d : m_datagrams)
        if (TrackedTuple{d.source, d.destination, d.sourcePort, d.destinationPort} == original && std::erase(d.machines, machine) > 0)
            any = true;
    return any;
}

std::vector<TrackedConnection> trackedConnections(const Network& network, StackId machine, Instant now, std::size_t most)
{
    std::vector<TrackedConnection> entries;
    if (!network.hasStack(machine))
        return entries;
    const Instant flushed = network.stack(machine).conntrack.flushed;
    for (const auto& [id, c] : network.connections()) {
        if (!tracked(c, machine, now, flushed))
            continue;
        TrackedConnection e;
        e.timeout = c.changed + lifetimeOf(c) - now;
        e.state = stateOf(c);
        e.original = {c.client.address, c.client.peer, c.client.port, c.client.peerPort};
        e.answered = c.server.stack.valid();
        e.assured = e.answered && c.server.state != TcpState::SynReceived;
        e.reply = e.answered ? TrackedTuple{c.server.address, c.server.peer, c.server.port, c.server.peerPort}
                             : TrackedTuple{c.client.peer, c.client.address, c.client.peerPort, c.client.port};
        entries.push_back(std::move(e));
    }
    for (const Datagrams& d : network.datagrams()) {
        if (!tracked(d, machine, now, flushed))
            continue;
        TrackedConnection e;
        e.protocol = d.protocol;
        e.timeout = d.last + (d.protocol == Protocol::Icmp ? kTrackIcmp : kTrackUdp) - now;
        e.original = {d.source, d.destination, d.sourcePort, d.destinationPort};
        e.reply = d.answered ? TrackedTuple{d.answeringFrom, d.answersTo, d.answeringPort, d.sourcePort}
                             : TrackedTuple{d.destination, d.source, d.destinationPort, d.sourcePort};
        e.icmpId = d.sourcePort;
        e.answered = d.answered;
        e.assured = false;
        entries.push_back(std::move(e));
    }
    for (const Stream& stream : network.streams()) {
        if (!passes(stream.machines, machine))
            continue;
        const Duration life = lifetimeOf(stream);
        const Instant end = stream.until == Instant{} ? now : std::min(now, stream.until);
        const std::int64_t last = opened(stream, end);
        for (std::int64_t i = last - streamCount(stream, now, std::min(life, now - flushed)); i < last && entries.size() < most; ++i) {
            Fingerprint f;
            f.add(std::uint64_t{stream.source.value});
            f.add(static_cast<std::uint64_t>(i));
            TrackedConnection e;
            e.protocol = stream.protocol;
            e.timeout = stream.since + fromSeconds(static_cast<double>(i) / stream.perSecond) + life - now;
            e.state = stream.protocol != Protocol::Tcp ? "" : stream.answered ? "TIME_WAIT" : "SYN_SENT";
            const auto port = static_cast<std::int64_t>(32768 + f.value() % 28232);
            e.original = {stream.source, stream.destination, port, stream.port};
            e.reply = {stream.destination, stream.source, stream.port, port};
            e.answered = stream.answered;
            e.assured = stream.answered && stream.protocol == Protocol::Tcp;
            entries.push_back(std::move(e));
        }
    }
    return entries;
}

void Network::record(const Walker& walker, bool answer, Instant at, WirePacket about)
{
    const auto& crossings = walker.crossings();
    const std::size_t first = answer ? walker.requestCrossings() : 0;
    const std::size_t last = answer ? crossings.size() : walker.requestCrossings();
    about.number = m_nextPacket++;
    for (std::size_t i = first; i < last; ++i) {
        const Walker::Crossing& crossing = crossings[i];
        WirePacket packet = about;
        packet.at = at + Duration(8us) * static_cast<std::int64_t>(i - first);
        place(packet, crossing);
        packet.sourcePort = crossing.packet.sourcePort;
        packet.destinationPort = crossing.packet.destinationPort;
        if (packet.flags.rfind("S", 0) == 0)
            packet.mss = crossing.packet.mss;
        if (Interface* device = stack(crossing.stack).interface(crossing.device)) {
            (crossing.outwards ? device->counters.txPackets : device->counters.rxPackets) += 1;
            (crossing.outwards ? device->counters.txBytes : device->counters.rxBytes) += static_cast<double>(packet.bytes + 14);
        }
        m_wire.push_back(std::move(packet));
    }
    while (m_wire.size() > kWirePackets)
        m_wire.pop_front();
}

void Network::recordMessages(const Walker& walker, Instant at)
{
    const std::uint64_t number = m_nextPacket++;
    for (const Walker::Crossing& crossing : walker.messageCrossings()) {
        WirePacket packet = messageAt(crossing, at);
        packet.number = number;
        m_wire.push_back(packet);
    }
    while (m_wire.size() > kWirePackets)
        m_wire.pop_front();
}

void Network::countFullTable(const Walker& walker, const PathResult& path)
{
    if (path.verdict != Verdict::TimedOut || walker.machines().empty() || !hasStack(walker.machines().back()))
        return;
    Stack& last = stack(walker.machines().back());
    if (last.conntrack.full() && path.stoppedBy.find("nf_conntrack") != std::string::npos)
        last.conntrack.drops += 1;
}

PathResult Network::sendDatagram(Engine& engine, StackId from, Ipv4 destination, const Probe& probe)
{
    Walker walker(*this, Walker::Keep::Hits);
    PathResult path = walker.reach(from, destination, probe);
    count(walker, 1, probe.bytes);
    countFullTable(walker, path);
    const bool answered = path.verdict == Verdict::Delivered;
    const bool echo = probe.protocol == Protocol::Icmp;
    WirePacket about;
    about.bytes = probe.bytes;
    about.payload = probe.bytes - 28;
    about.icmpType = 8;
    about.icmpId = probe.sourcePort;
    about.icmpSequence = probe.sequence;
    record(walker, false, engine.now(), about);
    about.icmpType = 0;
    if (answered)
        record(walker, true, engine.now() + path.rtt / 2, about);
    NetStatistics& own = stack(from).statistics;
    ++own.outRequests;
    if (echo) {
        ++own.icmpOut;
        ++own.icmpOutEchos;
        own.icmpIn += answered ? 1 : 0;
        own.icmpInEchoReplies += answered ? 1 : 0;
        if (answered && path.target.valid()) {
            NetStatistics& theirs = stack(path.target).statistics;
            ++theirs.icmpIn;
            ++theirs.icmpInEchos;
            ++theirs.icmpOut;
            ++theirs.icmpOutEchoReplies;
        }
    } else {
        ++own.udpOut;
        if (path.target.valid() && path.verdict == Verdict::Refused && path.answeredBy == Ipv4{})
            ++stack(path.target).statistics.udpNoPorts;
        else if (answered)
            ++stack(path.target).statistics.udpIn;
    }
    if (!walker.messageCrossings().empty()) {
        countMessages(walker, 1);
        recordMessages(walker, engine.now() + path.errorAfter);
    }
    if (!answered && path.answeredBy != Ipv4{} && path.errorAfter < 1s) {
        ++own.icmpIn;
        ++own.icmpInUnreachable;
        // The sender's interface takes the message from whoever refused the packet.
        if (!walker.crossings().empty() && path.verdict != Verdict::MessageTooLong) {
            const Walker::Crossing& out = walker.crossings().front();
            WirePacket error;
            error.at = engine.now() + path.errorAfter;
            error.stack = from;
            error.device = out.device;
            error.protocol = Protocol::Icmp;
            error.source = path.answeredBy;
            error.destination = path.source;
            error.bytes = std::min<std::int64_t>(probe.bytes + 28, 576);
            error.icmpType = 3;
            error.icmpCode = path.verdict == Verdict::HostUnreachable ? 1 : 3;
            error.icmpAbout = destination;
            error.sourcePort = probe.port;
            error.number = m_nextPacket++;
            m_wire.push_back(error);
        }
    }
    const auto known = std::find_if(m_datagrams.begin(), m_datagrams.end(), [&](const Datagrams& d) {
        return d.protocol == probe.protocol && d.source == path.source && d.destination == destination && d.sourcePort == probe.sourcePort
            && d.destinationPort == probe.port;
    });
    Datagrams& entry = known != m_datagrams.end() ? *known : m_datagrams.emplace_back();
    entry.protocol = probe.protocol;
    entry.source = path.source;
    entry.destination = destination;
    entry.answeringFrom = path.reached;
    entry.answersTo = path.reachedFrom;
    entry.sourcePort = probe.sourcePort;
    entry.destinationPort = probe.port;
    entry.answeringPort = path.reachedPort;
    entry.answered = answered;
    entry.last = engine.now();
    entry.machines = walker.machines();
    ++entry.packets;
    entry.bytes += probe.bytes;
    return path;
}

void Network::setStreams(Engine& engine, std::uint64_t tag, std::vector<Stream> streams)
{
    const auto same = [](const Stream& a, const Stream& b) {
        return a.from == b.from && a.destination == b.destination && a.port == b.port && a.protocol == b.protocol
            && a.perSecond == b.perSecond;
    };
    for (Stream& known : m_streams) {
        if (known.tag != tag || known.until != Instant{})
            continue;
        const auto goesOn = std::find_if(streams.begin(), streams.end(), [&](const Stream& s) { return same(s, known); });
        if (goesOn == streams.end())
            known.until = engine.now();
        else
            streams.erase(goesOn);
    }
    for (Stream& fresh : streams) {
        fresh.tag = tag;
        fresh.since = engine.now();
        fresh.until = {};
        Walker walker(*this, Walker::Keep::Hits);
        const PathResult path = walker.reach(fresh.from, fresh.destination, {.protocol = fresh.protocol, .port = fresh.port});
        fresh.source = path.source;
        fresh.answered = path.verdict == Verdict::Delivered;
        fresh.machines = walker.machines();
        m_streams.push_back(std::move(fresh));
    }
}

void Network::tick(Engine& engine)
{
    const Instant now = engine.now();
    const double seconds = m_ticked == Instant{} ? 0 : toSeconds(now - m_ticked);
    m_ticked = now;
    for (const auto& [channel, flows] : m_onChannel) {
        const Link& cable = m_fabric.links()[linkOf(channel).value];
        if (!cable.machine.valid() || !hasStack(cable.machine))
            continue;
        if (Interface* device = stack(cable.machine).interface(cable.interface)) {
            const double bytes = bytesPerSecond(channel) * seconds;
            const bool in = channel % 2 == 1; // away from the switch
            (in ? device->counters.rxBytes : device->counters.txBytes) += bytes;
            (in ? device->counters.rxPackets : device->counters.txPackets) += bytes / kSegmentPayload;
        }
    }
    std::erase_if(m_connections, [&](const auto& entry) {
        const Connection& c = entry.second;
        return c.client.state == TcpState::Closed && c.server.state == TcpState::Closed && c.changed + kForgottenAfter < now;
    });
    std::erase_if(m_datagrams, [&](const Datagrams& d) { return d.last + kForgottenAfter < now; });
    std::erase_if(m_streams, [&](const Stream& s) { return s.until != Instant{} && s.until + kForgottenAfter < now; });
    while (!m_wire.empty() && m_wire.front().at + kWireKept < now)
        m_wire.pop_front();
    for (auto& [id, s] : m_stacks) {
        if (s.node.valid())
            continue;
        s.conntrack.count = trackedCount(*this, id, now);
        if (s.conntrack.max <= 0 || s.conntrack.count < s.conntrack.max || !s.tracksConnections())
            continue;
        for (const Stream& stream : m_streams)
            if (stream.until == Instant{} && passes(stream.machines, id))
                s.conntrack.drops += stream.perSecond * seconds;
        s.conntrack.count = std::max(s.conntrack.max, s.conntrack.standing);
    }
}

} // namespace sim::net
