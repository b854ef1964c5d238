#pragma once

#include "sim/engine/ids.h"
#include "sim/net/address.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::net {

enum class Protocol : std::uint8_t { Tcp, Udp, Icmp, Any };

struct Interface {
    std::string name; ///< "eth0", "lo", "vxlan.calico", "cali1a2b..."
    std::string mac;
    std::vector<Prefix> addresses; ///< address with its prefix length, base not masked
    std::int64_t mtu = 1500;
    bool adminUp = true; ///< ip link set up/down
    bool operator==(const Interface&) const = default;
};
BOOST_DESCRIBE_STRUCT(Interface, (), (name, mac, addresses, mtu, adminUp))

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
    bool operator==(const Route&) const = default;
};
BOOST_DESCRIBE_STRUCT(Route, (), (destination, type, via, device, source, protocol, scope, metric))

/// One rule of iptables' filter or nat table.
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
    /// "statistic 0.50000000000"; empty for none. A rule with any other match (limit, recent) matches no packet.
    std::string match;
    std::string target;        ///< ACCEPT, DROP, REJECT, RETURN, DNAT, MASQUERADE, MARK or a chain's name
    /// "--reject-with icmp-port-unreachable", "to:10.244.1.7:8080", "--set-xmark 0x4000/0x4000", "--random-fully"
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
    bool operator==(const Chain&) const = default;
};
BOOST_DESCRIBE_STRUCT(Chain, (), (policy, rules))

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
    bool operator==(const Listener&) const = default;
};
BOOST_DESCRIBE_STRUCT(Listener, (), (protocol, address, port, pid, program))

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
    bool operator==(const Stack&) const = default;
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
};
BOOST_DESCRIBE_STRUCT(Stack, (),
                      (name, host, node, up, forwarding, interfaces, routes, filter, nat, ipsets, listeners))

} // namespace sim::net
