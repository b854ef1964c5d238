#pragma once

#include "sim/engine/ids.h"
#include "sim/engine/time.h"
#include "sim/net/address.h"
#include "sim/net/stack.h"

#include <string>
#include <vector>

namespace sim::net {

/// A socket's state as ss(8) prints it; Closed: the socket is gone.
enum class TcpState : std::uint8_t {
    Closed,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    LastAck,
    TimeWait,
    Closing
};
const char* stateName(TcpState state);        ///< "ESTAB", "TIME-WAIT" as ss prints it
const char* kernelStateName(TcpState state);  ///< "ESTABLISHED", "TIME_WAIT" as netstat and conntrack print it

/// Linux' timers (include/net/tcp.h).
constexpr Duration kFirstRetransmit = 1s;      ///< TCP_TIMEOUT_INIT, of a SYN
constexpr Duration kLeastRetransmit = 200ms;   ///< TCP_RTO_MIN, of data
constexpr Duration kMostRetransmit = 120s;     ///< TCP_RTO_MAX
constexpr Duration kTimeWait = 60s;            ///< TCP_TIMEWAIT_LEN; FIN-WAIT-2 without an owner as well (tcp_fin_timeout)
constexpr Duration kKeepAlive = 7200s;         ///< tcp_keepalive_time
constexpr std::int64_t kSynAckRetries = 5;     ///< tcp_synack_retries
constexpr std::int64_t kOrphanRetries = 8;     ///< tcp_orphan_retries at its default, 0

/// One side's socket.
struct TcpEnd {
    StackId stack;
    Ipv4 address; ///< its own, as it stands in its socket
    std::int64_t port = 0;
    Ipv4 peer; ///< whom it thinks to talk to
    std::int64_t peerPort = 0;
    std::int64_t pid = 0; ///< 0: closed by its program, the kernel goes on alone
    std::string program;
    TcpState state = TcpState::Closed;
    std::int64_t receiveQueue = 0; ///< bytes that the program has not read
    std::int64_t sendQueue = 0;    ///< bytes and flags that the peer has not acknowledged
    std::int64_t sentBytes = 0;    ///< acknowledged
    std::int64_t retransmits = 0;  ///< in a row
    std::int64_t allRetransmits = 0;
    Instant timer{}; ///< of the retransmission, keepalive or TIME-WAIT; the epoch: none
    bool keepAlive = false;
    bool closing = false;          ///< its program has closed it or will when the peer does
    bool operator==(const TcpEnd&) const = default;
};
BOOST_DESCRIBE_STRUCT(TcpEnd, (),
                      (stack, address, port, peer, peerPort, pid, program, state, receiveQueue, sendQueue, sentBytes, retransmits,
                       allRetransmits, timer, keepAlive, closing))

using ConnectionId = Id<struct ConnectionTag>;

/// A TCP connection that somebody opened by a command. It is kept until neither end nor a connection tracking table knows
/// it any more.
struct Connection {
    ConnectionId id;
    TcpEnd client;
    TcpEnd server; ///< without a stack while no SYN has arrived
    Instant opened{};
    Instant changed{};             ///< of either state
    bool accepted = false;         ///< by the server's program
    bool serverCloses = true;      ///< it closes when the client does; false leaves CLOSE-WAIT
    std::string failure;           ///< of connect(2) or of a later read: "Connection refused"; empty: none
    std::vector<StackId> machines; ///< whose connection tracking it passed
    std::int64_t mss = 1460;       ///< bytes of a segment towards the server
    std::int64_t answerMss = 1460; ///< and towards the client
    std::uint64_t chance = 0;      ///< of its first packet: a Service's endpoint stays the same
    std::uint32_t generation = 0;  ///< of the pending timer event
    bool operator==(const Connection&) const = default;
};
BOOST_DESCRIBE_STRUCT(Connection, (),
                      (id, client, server, opened, changed, accepted, serverCloses, failure, machines, mss, answerMss, chance, generation))

/// Whether two ends' states can be seen at one instant when nothing was lost on the way or everything is.
bool statesFit(TcpState client, TcpState server);

/// Connections or datagrams that somebody makes at a steady rate, each on its own and at once over: a load's name
/// look-ups, a scan, a client without keep-alive. None of them is stored; which there are follows from the rate.
struct Stream {
    StackId from;
    Ipv4 source;
    Ipv4 destination;
    std::int64_t port = 0;
    Protocol protocol = Protocol::Tcp;
    double perSecond = 0;
    Instant since{};
    Instant until{}; ///< the epoch: still going on
    std::vector<StackId> machines; ///< whose connection tracking they pass
    bool answered = true;
    std::uint64_t tag = 0; ///< the owner's
    bool operator==(const Stream&) const = default;
};
BOOST_DESCRIBE_STRUCT(Stream, (), (from, source, destination, port, protocol, perSecond, since, until, machines, answered, tag))

/// Datagrams between two sockets, or the echoes of one ping.
struct Datagrams {
    Protocol protocol = Protocol::Udp;
    Ipv4 source;
    Ipv4 destination;
    Ipv4 answeringFrom; ///< after address translation
    Ipv4 answersTo;
    std::int64_t sourcePort = 0; ///< of a ping: its id
    std::int64_t destinationPort = 0;
    std::int64_t answeringPort = 0;
    std::int64_t packets = 0;
    std::int64_t bytes = 0;
    bool answered = false;
    Instant last{};
    std::vector<StackId> machines;
    bool operator==(const Datagrams&) const = default;
};
BOOST_DESCRIBE_STRUCT(Datagrams, (),
                      (protocol, source, destination, answeringFrom, answersTo, sourcePort, destinationPort, answeringPort, packets,
                       bytes, answered, last, machines))

/// A packet at an interface, as tcpdump sees it.
struct WirePacket {
    Instant at{};
    StackId stack;
    std::string device;
    bool outwards = false;
    Protocol protocol = Protocol::Tcp;
    Ipv4 source;
    Ipv4 destination;
    std::int64_t sourcePort = 0;
    std::int64_t destinationPort = 0;
    std::int64_t bytes = 0;      ///< of the IP packet
    std::int64_t ttl = 64;
    std::string flags;           ///< of TCP, in tcpdump's letters: "S", "S.", ".", "P.", "F.", "R."
    std::uint32_t sequence = 0, acknowledged = 0;
    std::int64_t payload = 0;
    std::int64_t mss = 0;        ///< option of a SYN
    std::int64_t icmpType = 0, icmpCode = 0, icmpId = 0, icmpSequence = 0;
    std::int64_t icmpMtu = 0;    ///< of fragmentation-needed
    Ipv4 icmpAbout;              ///< of an ICMP error: where the packet that it is about was going
    std::uint64_t number = 0;    ///< of the packet: the same at each interface that it passes
    bool operator==(const WirePacket&) const = default;
};
BOOST_DESCRIBE_STRUCT(WirePacket, (),
                      (at, stack, device, outwards, protocol, source, destination, sourcePort, destinationPort, bytes, ttl, flags,
                       sequence, acknowledged, payload, mss, icmpType, icmpCode, icmpId, icmpSequence, icmpMtu, icmpAbout, number))

} // namespace sim::net
