#pragma once

#include "sim/net/conntrack.h"
#include "sim/world/world.h"

#include <map>
#include <string>
#include <vector>

namespace sim {

/// A TCP socket that is no listener.
struct Socket {
    enum class Timer : std::uint8_t { None, On, KeepAlive, TimeWait };
    net::TcpState state = net::TcpState::Established;
    net::Ipv4 local;
    std::int64_t localPort = 0;
    net::Ipv4 peer;
    std::int64_t peerPort = 0;
    host::Pid pid = 0; ///< 0: no process owns it any more
    std::string program;
    std::int64_t receiveQueue = 0;
    std::int64_t sendQueue = 0;
    Timer timer = Timer::None;
    Duration expires{};           ///< of the timer
    std::int64_t retransmits = 0; ///< in a row
    std::int64_t allRetransmits = 0;
    std::int64_t mss = 1448;
    std::int64_t sentBytes = 0;
    Duration rtt{};               ///< zero: no segment was acknowledged
    double requestsPerSecond = 0; ///< that pass over it
    bool client = true;           ///< this end opened it
    bool operator==(const Socket&) const = default;
};

/// The connections of a network namespace: those that commands opened, and those that follow from what runs (image pulls,
/// the tiers of the users' load, kubelets and their API server, the monitoring's scrapes). Two looks at one instant agree,
/// and so do both ends.
std::vector<Socket> socketsOf(const World& world, StackId here);

/// A machine's connection tracking table, as `conntrack -L` lists it.
std::vector<net::TrackedConnection> trackedOn(const World& world, StackId machine);

/// How many of the connections that follow from what runs each machine's connection tracking holds.
std::map<StackId, std::int64_t> standingConnections(const World& world);

/// Packets at an interface in [from, to), oldest first: what commands sent, and what the users' load keeps sending, spread
/// over each second in a way that is always the same.
std::vector<net::WirePacket> packetsAt(const World& world, StackId stack, const std::string& device, Instant from, Instant to);

} // namespace sim
