// TCP connections as the state of both ends, moved on by what gets through.
#include "sim/net/connection.h"

#include "sim/net/network.h"
#include "sim/net/walk.h"

#include <algorithm>

namespace sim::net {

namespace {

// net.ipv4.ip_local_port_range of Linux.
constexpr std::int64_t kFirstEphemeral = 32768;
constexpr std::int64_t kEphemerals = 28232;
/// Bytes of a SYN with Linux' options, of a bare ACK or FIN with timestamps, and of headers above data.
constexpr std::int64_t kSynBytes = 60;
constexpr std::int64_t kAckBytes = 52;
/// Segments of one transfer that the wire log spells out; the counters know all.
constexpr std::int64_t kSegmentsShown = 4;
constexpr Duration kKeepAliveInterval = 75s; // tcp_keepalive_intvl
constexpr std::int64_t kKeepAliveProbes = 9; // tcp_keepalive_probes

std::uint64_t mixed(std::uint64_t a, std::uint64_t b)
{
    Fingerprint f;
    f.add(a);
    f.add(b);
    return f.value();
}

Duration backedOff(Duration first, std::int64_t tries)
{
    for (std::int64_t i = 0; i < tries && first < kMostRetransmit; ++i)
        first *= 2;
    return std::min(first, kMostRetransmit);
}

bool sendsFin(TcpState state)
{
    return state == TcpState::FinWait1 || state == TcpState::LastAck || state == TcpState::Closing;
}

} // namespace

const char* stateName(TcpState state)
{
    switch (state) {
    case TcpState::Closed: return "CLOSED";
    case TcpState::SynSent: return "SYN-SENT";
    case TcpState::SynReceived: return "SYN-RECV";
    case TcpState::Established: return "ESTAB";
    case TcpState::FinWait1: return "FIN-WAIT-1";
    case TcpState::FinWait2: return "FIN-WAIT-2";
    case TcpState::CloseWait: return "CLOSE-WAIT";
    case TcpState::LastAck: return "LAST-ACK";
    case TcpState::TimeWait: return "TIME-WAIT";
    case TcpState::Closing: return "CLOSING";
    }
    return "";
}

const char* kernelStateName(TcpState state)
{
    switch (state) {
    case TcpState::Closed: return "CLOSE";
    case TcpState::SynSent: return "SYN_SENT";
    case TcpState::SynReceived: return "SYN_RECV";
    case TcpState::Established: return "ESTABLISHED";
    case TcpState::FinWait1: return "FIN_WAIT1";
    case TcpState::FinWait2: return "FIN_WAIT2";
    case TcpState::CloseWait: return "CLOSE_WAIT";
    case TcpState::LastAck: return "LAST_ACK";
    case TcpState::TimeWait: return "TIME_WAIT";
    case TcpState::Closing: return "CLOSING";
    }
    return "";
}

bool statesFit(TcpState client, TcpState server)
{
    using S = TcpState;
    // Whether an end in `a` allows the other to be in `b`; each pair is looked at from both sides.
    const auto allows = [](S a, S b) {
        switch (a) {
        case S::Closed: return true; // a socket that is gone says nothing about its peer
        case S::SynSent: return b == S::Closed || b == S::SynReceived;
        case S::SynReceived: return b == S::SynSent || b == S::Closed;
        case S::Established: return b == S::Established || b == S::FinWait1 || b == S::Closed;
        case S::FinWait1: return b == S::Established || b == S::FinWait1 || b == S::Closing || b == S::FinWait2 || b == S::CloseWait || b == S::Closed;
        case S::FinWait2: return b == S::CloseWait || b == S::LastAck || b == S::Closing || b == S::FinWait1 || b == S::Closed;
        case S::CloseWait: return b == S::FinWait2 || b == S::FinWait1 || b == S::Closed;
        case S::LastAck: return b == S::FinWait2 || b == S::FinWait1 || b == S::TimeWait || b == S::Closed;
        case S::TimeWait: return b == S::Closed || b == S::LastAck || b == S::Closing || b == S::TimeWait;
        case S::Closing: return b == S::FinWait1 || b == S::FinWait2 || b == S::Closing || b == S::TimeWait || b == S::Closed;
        }
        return false;
    };
    return allows(client, server) && allows(server, client);
}

/// One step of a connection: what its ends send now, and what that does.
class Conversation {
public:
    Conversation(Network& network, Engine& engine, Connection& connection)
        : m_network(network)
        , m_engine(engine)
        , m_connection(connection)
    {
    }

    void synchronise()
    {
        TcpEnd& client = m_connection.client;
        Walker walker(m_network, Walker::Keep::Hits);
        const PathResult path = walker.reach(client.stack, client.peer,
                                             {.port = client.peerPort, .bytes = kSynBytes, .chance = m_connection.chance, .sourcePort = client.port});
        m_network.count(walker, 1, kSynBytes);
        m_network.countFullTable(walker, path);
        NetStatistics& own = m_network.stack(client.stack).statistics;
        ++own.outSegments;
        ++own.outRequests;
        client.address = path.source;
        m_connection.machines = walker.machines();
        m_network.record(walker, false, m_engine.now(), about("S", 0, 0, 0));
        switch (path.verdict) {
        case Verdict::Delivered: answered(walker, path); return;
        case Verdict::TimedOut:
        case Verdict::NotPermitted:
            client.state = TcpState::SynSent;
            client.sendQueue = 1;
            if (path.arrived)
                halfOpen(walker, path);
            break;
        case Verdict::HostUnreachable:
            if (path.errorAfter >= 1s && client.retransmits == 0) { // ARP has not given up yet
                client.state = TcpState::SynSent;
                client.sendQueue = 1;
                break;
            }
            [[fallthrough]];
        default:
            m_network.record(walker, true, m_engine.now() + path.rtt, about("R.", 0, 1, 0));
            ++own.attemptFails;
            if (path.verdict == Verdict::Refused && path.target.valid() && path.answeredBy == Ipv4{})
                ++m_network.stack(path.target).statistics.outResets;
            fail(client, connectText(path.verdict));
            return;
        }
        client.timer = m_engine.now() + backedOff(kFirstRetransmit, client.retransmits);
    }

    /// Whatever the ends have to say: a FIN, or data that waits in a queue.
    void push(TcpEnd& from, TcpEnd& to, Duration firstWait = kLeastRetransmit)
    {
        const bool server = &from == &m_connection.server;
        const bool fin = sendsFin(from.state);
        const std::int64_t data = from.sendQueue - (fin ? 1 : 0);
        const std::int64_t mss = std::max<std::int64_t>(server ? m_connection.answerMss : m_connection.mss, 1);
        Walker walker(m_network, Walker::Keep::Hits);
        const Walker::Talk talk = walker.talk(m_connection, m_connection.chance);
        const std::int64_t segments = std::max<std::int64_t>(1, (data + mss - 1) / mss + (fin && data > 0 ? 1 : 0));
        if (m_network.hasStack(from.stack))
            m_network.stack(from.stack).statistics.outSegments += segments;
        const bool large = data > mss;
        const bool passes = talk.there && talk.back && (!large || (server ? talk.largeBack : talk.largeThere));
        m_network.count(walker, segments, data + segments * kAckBytes);
        for (std::int64_t i = 0, left = data; i < std::min(segments, kSegmentsShown); ++i) {
            const std::int64_t piece = std::min(left, mss);
            left -= piece;
            WirePacket packet = about(piece == 0 ? "F." : left == 0 ? "P." : ".", piece, from.sentBytes + 1 + i * mss, 1);
            m_network.record(walker, server, m_engine.now(), packet);
        }
        if (!passes) {
            if (large) {
                m_network.countMessages(walker, 1);
                m_network.recordMessages(walker, m_engine.now() + talk.rtt / 2);
            }
            from.timer = m_engine.now() + backedOff(firstWait, from.retransmits);
            return;
        }
        m_network.record(walker, !server, m_engine.now() + talk.rtt, about(".", 0, 1, from.sentBytes + data + 1));
        if (to.state == TcpState::Closed && m_network.hasStack(to.stack) && from.state != TcpState::TimeWait) {
            reset(from, to);
            return;
        }
        NetStatistics& theirs = m_network.stack(to.stack).statistics;
        theirs.inSegments += segments;
        theirs.inReceives += segments;
        if (data > 0) {
            from.sentBytes += data;
            if (!server && !m_connection.accepted)
                to.receiveQueue += data;
        }
        from.sendQueue = 0;
        from.retransmits = 0;
        from.timer = {};
        if (fin)
            finArrived(from, to);
    }

    void retransmit(TcpEnd& end, TcpEnd& peer)
    {
        end.timer = {};
        if (!m_network.hasStack(end.stack)) {
            end.state = TcpState::Closed;
            return;
        }
        const Stack& stack = m_network.stack(end.stack);
        NetStatistics& counters = m_network.stack(end.stack).statistics;
        switch (end.state) {
        case TcpState::TimeWait: end.state = TcpState::Closed; return;
        case TcpState::FinWait2: end.state = TcpState::Closed; return; // nobody waits for the peer's FIN any more
        case TcpState::SynSent:
            ++counters.timeouts;
            if (++end.retransmits > stack.synRetries) {
                ++counters.attemptFails;
                ++counters.abortsOnTimeout;
                fail(end, "Connection timed out");
                return;
            }
            ++counters.synRetransmits;
            ++counters.retransmitted;
            ++end.allRetransmits;
            synchronise();
            return;
        case TcpState::SynReceived:
            if (++end.retransmits > kSynAckRetries) {
                end.state = TcpState::Closed;
                return;
            }
            ++counters.retransmitted;
            end.timer = m_engine.now() + backedOff(kFirstRetransmit, end.retransmits);
            return;
        case TcpState::Closed: return;
        default: break;
        }
        if (end.sendQueue == 0) {
            probe(end, peer);
            return;
        }
        const bool orphan = end.pid == 0 && sendsFin(end.state);
        ++counters.timeouts;
        if (++end.retransmits > (orphan ? std::min(kOrphanRetries, stack.dataRetries) : stack.dataRetries)) {
            ++counters.abortsOnTimeout;
            fail(end, "Connection timed out");
            return;
        }
        ++counters.retransmitted;
        ++end.allRetransmits;
        push(end, peer);
    }

    void closeEnd(TcpEnd& end, TcpEnd& peer)
    {
        end.closing = true;
        end.pid = 0;
        if (end.state == TcpState::SynSent || end.state == TcpState::SynReceived) {
            end.state = TcpState::Closed;
            end.timer = {};
            return;
        }
        if (end.state != TcpState::Established && end.state != TcpState::CloseWait)
            return;
        end.state = end.state == TcpState::Established ? TcpState::FinWait1 : TcpState::LastAck;
        end.sendQueue += 1; // the FIN takes a number
        push(end, peer);
    }

    void settled()
    {
        m_connection.changed = m_engine.now();
        const auto due = [](const TcpEnd& end) { return end.timer == Instant{} ? Instant::max() : end.timer; };
        const Instant next = std::min(due(m_connection.client), due(m_connection.server));
        ++m_connection.generation;
        if (next != Instant::max())
            m_engine.at(std::max(next, m_engine.now()),
                        {Part::Net, static_cast<std::uint16_t>(NetEvent::ConnectionTimer), m_connection.id.value, m_connection.generation});
    }

private:
    WirePacket about(std::string flags, std::int64_t payload, std::int64_t sequence, std::int64_t acknowledged) const
    {
        WirePacket packet;
        packet.flags = std::move(flags);
        packet.payload = payload;
        packet.bytes = packet.flags[0] == 'S' ? kSynBytes : packet.flags[0] == 'R' ? 40 : kAckBytes + payload;
        // What a SYN shows is the real number; the others are told from there.
        packet.sequence = packet.flags == "S" ? static_cast<std::uint32_t>(mixed(m_connection.id.value, 1))
            : packet.flags == "S." ? static_cast<std::uint32_t>(mixed(m_connection.id.value, 2)) : static_cast<std::uint32_t>(sequence);
        packet.acknowledged = packet.flags == "S." ? static_cast<std::uint32_t>(mixed(m_connection.id.value, 1)) + 1
                                                   : static_cast<std::uint32_t>(acknowledged);
        return packet;
    }

    void meet(TcpEnd& server, const Walker& walker, const PathResult& path)
    {
        server.stack = path.target;
        server.address = walker.arrived().destination;
        server.port = walker.arrived().destinationPort;
        server.peer = walker.arrived().source;
        server.peerPort = walker.arrived().sourcePort;
    }

    void halfOpen(const Walker& walker, const PathResult& path)
    {
        Stack& stack = m_network.stack(path.target);
        const Listener* listener = stack.listener(Protocol::Tcp, path.reached, path.reachedPort);
        if (listener == nullptr)
            return;
        meet(m_connection.server, walker, path);
        if (m_connection.server.state == TcpState::Closed)
            m_connection.server.retransmits = 0;
        m_connection.server.state = TcpState::SynReceived;
        m_connection.server.timer = m_engine.now() + kFirstRetransmit;
        m_network.record(walker, true, m_engine.now(), about("S.", 0, 0, 0));
    }

    void answered(const Walker& walker, const PathResult& path)
    {
        TcpEnd& client = m_connection.client;
        TcpEnd& server = m_connection.server;
        Stack& stack = m_network.stack(path.target);
        Listener* listener = stack.listener(Protocol::Tcp, path.reached, path.reachedPort);
        if (listener != nullptr && listener->waiting > std::min(listener->backlog, stack.somaxconn)) {
            // The accept queue is full: the kernel forgets the SYN, and the client asks again.
            ++stack.statistics.listenOverflows;
            ++stack.statistics.listenDrops;
            client.state = TcpState::SynSent;
            client.sendQueue = 1;
            client.timer = m_engine.now() + backedOff(kFirstRetransmit, client.retransmits);
            return;
        }
        meet(server, walker, path);
        server.pid = listener == nullptr ? 0 : listener->pid;
        server.program = listener == nullptr ? std::string() : listener->program;
        client.state = server.state = TcpState::Established;
        client.sendQueue = 0;
        client.retransmits = server.retransmits = 0;
        client.timer = client.keepAlive ? m_engine.now() + kKeepAlive : Instant{};
        server.timer = {};
        m_connection.mss = path.mss;
        m_connection.answerMss = path.answerMss;
        if (!m_connection.accepted && listener != nullptr)
            ++listener->waiting;
        ++stack.statistics.passiveOpens;
        stack.statistics.inSegments += 2;
        stack.statistics.outSegments += 1;
        m_network.record(walker, true, m_engine.now() + path.rtt / 2, about("S.", 0, 0, 0));
        m_network.record(walker, false, m_engine.now() + path.rtt, about(".", 0, 1, 1));
    }

    void finArrived(TcpEnd& from, TcpEnd& to)
    {
        switch (to.state) {
        case TcpState::Established: to.state = TcpState::CloseWait; break;
        case TcpState::FinWait1: to.state = TcpState::Closing; break;
        case TcpState::FinWait2:
            to.state = TcpState::TimeWait;
            to.timer = m_engine.now() + kTimeWait;
            ++m_network.stack(to.stack).statistics.timeWaits;
            break;
        default: break;
        }
        switch (from.state) { // the peer's ACK of it
        case TcpState::FinWait1:
            from.state = TcpState::FinWait2;
            from.timer = m_engine.now() + kTimeWait;
            break;
        case TcpState::Closing:
            from.state = TcpState::TimeWait;
            from.timer = m_engine.now() + kTimeWait;
            ++m_network.stack(from.stack).statistics.timeWaits;
            break;
        case TcpState::LastAck: from.state = TcpState::Closed; break;
        default: break;
        }
        const bool answers = to.state == TcpState::CloseWait
            && (to.closing || (&to == &m_connection.server ? m_connection.serverCloses && m_connection.accepted : true));
        if (answers)
            closeEnd(to, from);
    }

    void reset(TcpEnd& from, TcpEnd& to)
    {
        ++m_network.stack(to.stack).statistics.outResets;
        ++m_network.stack(from.stack).statistics.establishedResets;
        fail(from, "Connection reset by peer");
    }

    /// A keepalive segment.
    void probe(TcpEnd& end, TcpEnd& peer)
    {
        if (!end.keepAlive || end.state != TcpState::Established)
            return;
        ++m_network.stack(end.stack).statistics.keepAlives;
        const Walker::Talk talk = Walker(m_network).talk(m_connection, m_connection.chance);
        if (talk.there && talk.back) {
            end.retransmits = 0;
            if (peer.state == TcpState::Closed)
                reset(end, peer);
            else
                end.timer = m_engine.now() + kKeepAlive;
        } else if (++end.retransmits >= kKeepAliveProbes) {
            fail(end, "Connection timed out");
        } else {
            end.timer = m_engine.now() + kKeepAliveInterval;
        }
    }

    void fail(TcpEnd& end, const char* why)
    {
        end.state = TcpState::Closed;
        end.timer = {};
        end.sendQueue = 0;
        if (m_connection.failure.empty())
            m_connection.failure = why;
    }

    Network& m_network;
    Engine& m_engine;
    Connection& m_connection;
};

ConnectionId Network::open(Engine& engine, StackId from, Ipv4 destination, std::int64_t port, const Opening& opening)
{
    Connection c;
    c.id = ConnectionId{m_nextConnection++};
    c.opened = engine.now();
    c.accepted = opening.accepts;
    c.serverCloses = opening.serverCloses;
    c.chance = opening.chance;
    c.client.stack = from;
    c.client.peer = destination;
    c.client.peerPort = port;
    c.client.pid = opening.pid;
    c.client.program = opening.program;
    c.client.keepAlive = opening.keepAlive;
    const auto taken = [&](std::int64_t candidate) {
        return std::any_of(m_connections.begin(), m_connections.end(), [&](const auto& entry) {
            return entry.second.client.stack == from && entry.second.client.port == candidate;
        });
    };
    // Linux draws even ports for connect(2) first (inet_hash_connect).
    for (std::uint64_t draw = 0; c.client.port == 0 || (taken(c.client.port) && draw < 1000); ++draw)
        c.client.port = kFirstEphemeral + static_cast<std::int64_t>(mixed(c.id.value, draw) % (kEphemerals / 2)) * 2;
    ++stack(from).statistics.activeOpens;
    const ConnectionId id = c.id;
    Connection& stored = m_connections.emplace(id, std::move(c)).first->second;
    Conversation conversation(*this, engine, stored);
    conversation.synchronise();
    conversation.settled();
    return id;
}

void Network::transfer(Engine& engine, ConnectionId id, bool fromServer, std::int64_t bytes)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end() || bytes <= 0)
        return;
    TcpEnd& from = fromServer ? found->second.server : found->second.client;
    TcpEnd& to = fromServer ? found->second.client : found->second.server;
    if (from.state != TcpState::Established && from.state != TcpState::CloseWait)
        return;
    const bool waits = from.sendQueue > 0; // behind what has not got through yet
    from.sendQueue += bytes;
    Conversation conversation(*this, engine, found->second);
    if (!waits)
        conversation.push(from, to);
    conversation.settled();
}

void Network::close(Engine& engine, ConnectionId id, bool byServer)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end())
        return;
    Connection& c = found->second;
    Conversation conversation(*this, engine, c);
    conversation.closeEnd(byServer ? c.server : c.client, byServer ? c.client : c.server);
    conversation.settled();
}

void Network::closeOf(Engine& engine, HostId host, std::int64_t pid)
{
    std::vector<std::pair<ConnectionId, bool>> own;
    for (const auto& [id, c] : m_connections) {
        const auto of = [&, host = host](const TcpEnd& end) {
            return end.pid == pid && pid != 0 && hasStack(end.stack) && stack(end.stack).host == host;
        };
        if (of(c.client))
            own.emplace_back(id, false);
        if (of(c.server))
            own.emplace_back(id, true);
    }
    for (const auto& [id, server] : own)
        close(engine, id, server);
}

void Network::accept(ConnectionId id)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end() || found->second.accepted)
        return;
    Connection& c = found->second;
    c.accepted = true;
    c.server.receiveQueue = 0;
    if (hasStack(c.server.stack))
        if (Listener* listener = stack(c.server.stack).listener(Protocol::Tcp, c.server.address, c.server.port))
            listener->waiting = std::max<std::int64_t>(0, listener->waiting - 1);
}

void Network::handleConnectionTimer(Engine& engine, ConnectionId id, std::uint64_t generation)
{
    const auto found = m_connections.find(id);
    if (found == m_connections.end() || found->second.generation != generation)
        return;
    Connection& c = found->second;
    Conversation conversation(*this, engine, c);
    for (const bool server : {false, true}) {
        TcpEnd& end = server ? c.server : c.client;
        if (end.timer != Instant{} && end.timer <= engine.now())
            conversation.retransmit(end, server ? c.client : c.server);
    }
    conversation.settled();
}

} // namespace sim::net
