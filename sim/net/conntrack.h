#pragma once

#include "sim/net/network.h"

namespace sim::net {

/// nf_conntrack's time-outs (net/netfilter/nf_conntrack_proto_{tcp,udp,icmp}.c, Linux 6.1).
constexpr Duration kTrackEstablished = 432'000s; ///< five days
constexpr Duration kTrackSyn = 120s;             ///< SYN_SENT; SYN_RECV is half of it
constexpr Duration kTrackSynReceived = 60s;
constexpr Duration kTrackFinWait = 120s;
constexpr Duration kTrackCloseWait = 60s;
constexpr Duration kTrackLastAck = 30s;
constexpr Duration kTrackTimeWait = 120s;
constexpr Duration kTrackClose = 10s;
constexpr Duration kTrackUnacknowledged = 300s;
constexpr Duration kTrackUdp = 30s;              ///< one direction, or one question and its answer
constexpr Duration kTrackUdpStream = 120s;
constexpr Duration kTrackIcmp = 30s;

struct TrackedTuple {
    Ipv4 source;
    Ipv4 destination;
    std::int64_t sourcePort = 0; ///< of a ping: type 8 or 0, code and id stand in the entry
    std::int64_t destinationPort = 0;
    bool operator==(const TrackedTuple&) const = default;
};

struct TrackedConnection {
    Protocol protocol = Protocol::Tcp;
    Duration timeout{};
    std::string state; ///< of TCP: "ESTABLISHED"; empty otherwise
    TrackedTuple original;
    TrackedTuple reply;
    bool answered = true; ///< false: [UNREPLIED]
    bool assured = true;
    std::int64_t icmpId = 0;
    bool operator==(const TrackedConnection&) const = default;
};

/// What a machine's table holds of connections, datagrams and streams; those that programs keep open (Conntrack::standing)
/// are the world's to add. At most `most` of the streams' entries are spelled out.
std::vector<TrackedConnection> trackedConnections(const Network& network, StackId machine, Instant now,
                                                  std::size_t most = 100'000);
/// How many there are, without spelling them out.
std::int64_t trackedCount(const Network& network, StackId machine, Instant now);

/// How many of a stream's connections are younger than `lifetime` at `now`, and when the i-th of them was opened.
std::int64_t streamCount(const Stream& stream, Instant now, Duration lifetime);

} // namespace sim::net
