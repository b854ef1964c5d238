#pragma once

#include "sim/kube/network/dns_exchange.h"

#include <string>
#include <vector>

namespace sim::kube {

/// One station of a packet's way through the cluster, with the names that people use for it. Everything that shows or
/// uses a path (traceroute, curl, the users' load, the window's picture) follows the same rules and routes of the same
/// stacks, so none can disagree with another.
struct PathHop {
    enum class Kind : std::uint8_t {
        Pod,          ///< the packet starts or ends in a pod's network namespace
        Machine,      ///< it starts or ends on a machine, or passes its routing table
        Service,      ///< kube-proxy's rule on `name` gave it an endpoint's address
        Masquerade,   ///< a rule on `name` gave it the machine's address as its source
        Overlay,      ///< it went into a packet between machines
        Switch,       ///< it passed a switch
        Policy,       ///< a NetworkPolicy stopped it
        Firewall,     ///< another rule stopped it
        Stop,         ///< anything else stopped it: no route, no ARP answer, a machine that is off, nobody listens
    };
    Kind kind = Kind::Machine;
    std::string name;     ///< "shop/checkout-7d4b9-x2x7k", "worker-2", "leaf-1"
    std::string device;   ///< by which it came or leaves: "eth0", "cali1a2b..."
    std::string detail;   ///< the rule, route or reason: "KUBE-SEP-ABC rule 2", "10.244.3.0/24 via 10.0.0.21"
    std::string about;    ///< "kube-system/kube-dns:dns" of a Service, "shop/deny-egress" of a policy; else empty
    net::Ipv4 source;     ///< the packet's addresses after this hop
    net::Ipv4 destination;
    std::int64_t destinationPort = 0;
    bool operator==(const PathHop&) const = default;
};

struct PacketPath {
    net::Verdict verdict = net::Verdict::TimedOut;
    std::vector<PathHop> hops;  ///< in order; the last one says how it ended
    std::string stoppedBy;      ///< one line, empty when delivered
    Duration rtt{};             ///< there and back without queueing; zero when nothing came back
    double lossRatio = 0;       ///< 0..1, of a packet there and back
    bool delivered() const { return verdict == net::Verdict::Delivered; }
};

/// The way of a first packet from a network namespace to an address and port, as things are now. `chance` decides among
/// a Service's endpoints: equal ones take the same way.
PacketPath packetPath(const DnsView& view, StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port,
                      std::uint64_t chance = 0);

/// The same to a name: how the name was looked up (one path for the question that decided), and then the connection.
struct NamedPath {
    Resolution resolution;
    PacketPath question;                  ///< to the name server
    std::optional<PacketPath> connection; ///< nothing: the name did not resolve
};
NamedPath namedPath(const DnsView& view, StackId from, const ResolverConfig& resolver, const std::string& name, net::Protocol protocol,
                    std::int64_t port, std::uint64_t chance = 0);

} // namespace sim::kube
