#pragma once

#include "sim/engine/ids.h"
#include "sim/engine/time.h"
#include "sim/net/address.h"
#include "sim/net/firewalld.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::net {

enum class Protocol : std::uint8_t { Tcp, Udp, Icmp, Any };

/// What went over an interface since it was made; `ip -s link`. Fractions, because the load is a rate.
struct InterfaceCounters {
    double rxBytes = 0, rxPackets = 0, rxDropped = 0;
    double rxErrors = 0; ///< frames above the MTU
    double txBytes = 0, txPackets = 0, txDropped = 0;
    bool operator==(const InterfaceCounters&) const = default;
};
BOOST_DESCRIBE_STRUCT(InterfaceCounters, (), (rxBytes, rxPackets, rxDropped, rxErrors, txBytes, txPackets, txDropped))

struct Interface {
    std::string name; ///< "eth0", "lo", "vxlan.calico", "cali1a2b..."
    std::string mac;
    std::vector<Prefix> addresses; ///< address with its prefix length, base not masked
    std::int64_t mtu = 1500; ///< bytes of the largest IP packet that it sends or takes
    bool adminUp = true;     ///< ip link set up/down
    InterfaceCounters counters;
    /// The machine's bridge that this veth end hangs on, or in a namespace that its peer does ("docker0"); empty: none.
    std::string bridge{};
    bool operator==(const Interface&) const = default;
};
BOOST_DESCRIBE_STRUCT(Interface, (), (name, mac, addresses, mtu, adminUp, counters, bridge))

struct Route {
    enum class Type : std::uint8_t { Unicast, Blackhole, Unreachable, Prohibit };
    Prefix destination; ///< 0.0.0.0/0 is "default"
    Type type = Type::Unicast;
    std::optional<Ipv4> via;
    std::string device;
    std::optional<Ipv4> source;
    std::string protocol; ///< "kernel", "static", "boot", "bird"
    std::string scope;    ///< "link", "global"
    std::int64_t metric = 0;
    std::int64_t mtu = 0; ///< `ip route ... mtu`: packets by this route are no larger; 0: the device's counts
    bool operator==(const Route&) const = default;
};
BOOST_DESCRIBE_STRUCT(Route, (), (destination, type, via, device, source, protocol, scope, metric, mtu))

/// One rule of a table of iptables.
struct FirewallRule {
    Protocol protocol = Protocol::Any;
    std::optional<Prefix> source;
    std::optional<Prefix> destination;
    bool notSource = false;
    bool notDestination = false;
    std::optional<std::int64_t> sourcePort;
    std::optional<std::int64_t> destinationPort;
    std::int64_t destinationPortLast = 0; ///< of a range; 0: one port
    std::string inInterface;
    std::string outInterface;
    /// "ctstate RELATED,ESTABLISHED", "ctstate !DNAT", "state NEW", "addrtype --dst-type LOCAL",
    /// "multiport dports 80,443", "mark 0x4000/0x4000", "mark !0x4000/0x4000", "set NAME dst",
    /// "statistic 0.50000000000", "tcp-flags SYN,RST/SYN", "icmp-type 3/4", "limit 3/min:5"; several follow one another.
    /// Empty for none. A rule with any other match (recent) matches no packet.
    std::string match;
    /// ACCEPT, DROP, REJECT, RETURN, DNAT, SNAT, REDIRECT, MASQUERADE, MARK, TCPMSS, NOTRACK, LOG or a chain's name
    std::string target;
    /// "--reject-with icmp-port-unreachable", "to:10.244.1.7:8080", "--set-xmark 0x4000/0x4000", "--random-fully",
    /// "--clamp-mss-to-pmtu", "--set-mss 1360"
    std::string targetOptions;
    std::string comment;
    std::int64_t packets = 0;
    std::int64_t bytes = 0;
    bool operator==(const FirewallRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(FirewallRule, (),
                      (protocol, source, destination, notSource, notDestination, sourcePort, destinationPort,
                       destinationPortLast, inInterface, outInterface, match, target, targetOptions, comment,
                       packets, bytes))

struct Chain {
    std::string policy; ///< ACCEPT, DROP for built-in chains; empty for user chains
    std::vector<FirewallRule> rules;
    std::int64_t packets = 0; ///< that met the policy
    std::int64_t bytes = 0;
    bool operator==(const Chain&) const = default;
};
BOOST_DESCRIBE_STRUCT(Chain, (), (policy, rules, packets, bytes))

/// An ipset(8): the addresses that a rule's "set NAME src" looks up.
struct IpSet {
    struct Member {
        Prefix prefix;
        Protocol protocol = Protocol::Any; ///< of a hash:ip,port set
        std::int64_t port = 0;             ///< 0: any
        bool operator==(const Member&) const = default;
    };
    std::vector<Member> members;
    std::vector<Prefix> except; ///< "nomatch" entries
    bool operator==(const IpSet&) const = default;
    bool contains(Ipv4 address, Protocol protocol, std::int64_t port) const;
};
BOOST_DESCRIBE_STRUCT(IpSet::Member, (), (prefix, protocol, port))
BOOST_DESCRIBE_STRUCT(IpSet, (), (members, except))

struct Listener {
    Protocol protocol = Protocol::Tcp;
    std::optional<Ipv4> address; ///< nothing: 0.0.0.0
    std::int64_t port = 0;
    std::int64_t pid = 0; ///< of the owning process on the stack's host
    std::string program;
    std::int64_t backlog = 4096; ///< of listen(2); Go's net and most servers take net.core.somaxconn, which is 4096
    std::int64_t waiting = 0;    ///< connections that the kernel has opened and the program has not accepted: Recv-Q
    bool operator==(const Listener&) const = default;
};
BOOST_DESCRIBE_STRUCT(Listener, (), (protocol, address, port, pid, program, backlog, waiting))

/// The kernel's counters of one namespace, by the names of /proc/net/snmp and /proc/net/netstat.
struct NetStatistics {
    std::int64_t inReceives = 0, outRequests = 0, forwarded = 0, outNoRoutes = 0, fragmentFails = 0; ///< Ip
    std::int64_t icmpIn = 0, icmpOut = 0, icmpInUnreachable = 0, icmpOutUnreachable = 0;             ///< IcmpInMsgs ...
    std::int64_t icmpInEchos = 0, icmpInEchoReplies = 0, icmpOutEchos = 0, icmpOutEchoReplies = 0;
    std::int64_t activeOpens = 0, passiveOpens = 0, attemptFails = 0, establishedResets = 0;         ///< Tcp
    std::int64_t inSegments = 0, outSegments = 0, retransmitted = 0, outResets = 0;
    std::int64_t udpIn = 0, udpNoPorts = 0, udpOut = 0;
    std::int64_t listenOverflows = 0, listenDrops = 0, timeouts = 0, synRetransmits = 0, timeWaits = 0; ///< TcpExt
    std::int64_t keepAlives = 0, abortsOnTimeout = 0;
    bool operator==(const NetStatistics&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetStatistics, (),
                      (inReceives, outRequests, forwarded, outNoRoutes, fragmentFails, icmpIn, icmpOut, icmpInUnreachable,
                       icmpOutUnreachable, icmpInEchos, icmpInEchoReplies, icmpOutEchos, icmpOutEchoReplies, activeOpens,
                       passiveOpens, attemptFails, establishedResets, inSegments, outSegments, retransmitted, outResets,
                       udpIn, udpNoPorts, udpOut, listenOverflows, listenDrops, timeouts, synRetransmits, timeWaits,
                       keepAlives, abortsOnTimeout))

/// A machine's connection tracking: its limit and what `conntrack -S` counts. The entries follow from connections,
/// datagrams and streams (sim/net/conntrack.h).
struct Conntrack {
    std::int64_t max = 262144;    ///< net.netfilter.nf_conntrack_max; Linux' default on a machine with more than 4 GiB
    std::int64_t count = 0;       ///< entries when the network last ticked
    std::int64_t standing = 0;    ///< of these: of programs that keep their connections, as the world last counted
    Instant flushed{};            ///< conntrack -F: what was closed before is forgotten
    double drops = 0;             ///< packets that found the table full
    double reported = 0;          ///< of these: told in the kernel's log
    std::int64_t deleted = 0;
    bool operator==(const Conntrack&) const = default;
    bool full() const { return max > 0 && count >= max; }
};
BOOST_DESCRIBE_STRUCT(Conntrack, (), (max, count, standing, flushed, drops, reported, deleted))

/// One network namespace: a machine's own, or a pod's (then `node` is the machine's stack).
struct Stack {
    std::string name; ///< host name or pod sandbox id
    HostId host;
    StackId node;           ///< of a pod: its machine's stack; none for machines
    bool up = true;         ///< false: the machine is off
    bool forwarding = true; ///< net.ipv4.ip_forward: whether it passes on packets that are not its own
    std::vector<Interface> interfaces;
    std::vector<Route> routes;           ///< longest prefix first, then metric
    std::map<std::string, Chain> filter; ///< INPUT, OUTPUT, FORWARD and user chains
    std::map<std::string, Chain> nat;
    std::map<std::string, IpSet> ipsets;
    std::vector<Listener> listeners;
    std::map<std::string, Chain> mangle;
    std::map<std::string, Chain> raw;
    Firewalld firewalld;
    NetStatistics statistics;
    Conntrack conntrack;
    std::int64_t somaxconn = 4096; ///< net.core.somaxconn: caps every backlog
    std::int64_t synRetries = 6;   ///< net.ipv4.tcp_syn_retries
    std::int64_t dataRetries = 15; ///< net.ipv4.tcp_retries2
    bool operator==(const Stack&) const = default;
    /// "filter", "nat", "mangle" or "raw"; any other name gives the filter table.
    const std::map<std::string, Chain>& table(std::string_view which) const;
    std::map<std::string, Chain>& table(std::string_view which);
    /// The largest packet that leaves by a route: its own limit, or its device's MTU.
    std::int64_t mtuOf(const Route& route) const;
    /// Linux tracks connections from the first rule on that asks for it: any of nat, or a match on states.
    bool tracksConnections() const;
    std::optional<Ipv4> primaryAddress() const;                ///< of the first interface that is not lo
    const Interface* interface(std::string_view device) const; ///< null when there is none
    Interface* interface(std::string_view device);
    /// One of its own addresses, or 127.0.0.0/8. An address stays local while its interface is down.
    bool isLocal(Ipv4 address) const;
    /// A route of an interface that is up; the kernel takes the others out of its table.
    bool usable(const Route& route) const;
    /// The device of a route, worked out from `via` when it names none. Empty when there is none.
    std::string deviceOf(const Route& route) const;
    /// Longest prefix among the usable routes, then the lowest metric, then the first; null for none.
    const Route* lookup(Ipv4 destination) const;
    /// What a packet to `destination` carries as its source: the route's hint, else the device's address.
    Ipv4 sourceFor(const Route& route) const;
    /// Who listens on that address and port; null for nobody.
    const Listener* listener(Protocol protocol, Ipv4 address, std::int64_t port) const;
    Listener* listener(Protocol protocol, Ipv4 address, std::int64_t port);
};
BOOST_DESCRIBE_STRUCT(Stack, (),
                      (name, host, node, up, forwarding, interfaces, routes, filter, nat, ipsets, listeners, mangle, raw,
                       firewalld, statistics, conntrack, somaxconn, synRetries, dataRetries))

} // namespace sim::net
