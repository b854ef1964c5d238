#pragma once

#include "sim/net/stack.h"

#include <string>
#include <vector>

namespace sim::net {

/// The header fields that rules and routes look at.
struct Packet {
    Ipv4 source;
    Ipv4 destination;
    Protocol protocol = Protocol::Tcp;
    std::int64_t sourcePort = 0;
    std::int64_t destinationPort = 0;
    bool established = false; ///< conntrack has seen both directions
    bool asksNat = true;      ///< the nat table sees only the first packet of a connection
    bool translated = false;  ///< a destination was rewritten on this machine: conntrack's state DNAT
    std::uint32_t mark = 0;   ///< of the kernel's packet on this machine; not on the wire
    std::uint64_t chance = 0; ///< state of the draws that `statistic` rules make
    std::int64_t bytes = 60;  ///< of the IP packet
    bool dontFragment = false;
    bool related = false;       ///< an ICMP error about a connection that conntrack knows
    bool untracked = false;     ///< a raw table said NOTRACK on this machine
    std::int64_t icmpType = 8;  ///< of Protocol::Icmp: echo request
    std::int64_t icmpCode = 0;
    std::int64_t mss = 0;       ///< of a SYN or SYN-ACK; TCPMSS rules lower it
    std::int64_t routeMtu = 0;  ///< smaller one of the routes there and back on this machine, for --clamp-mss-to-pmtu
    int ttl = 64;
    std::int64_t nextMtu = 0; ///< of an ICMP fragmentation-needed: what fits
    Ipv4 about{};             ///< of an ICMP error: where the packet that it is about was going
    bool operator==(const Packet&) const = default;
};

/// A rule that a packet matched, to bump its counters.
struct RuleHit {
    std::string table;
    std::string chain;
    std::size_t index = 0; ///< 0-based; kPolicy: the chain's policy
    static constexpr std::size_t kPolicy = static_cast<std::size_t>(-1);
};

struct ChainVerdict {
    enum class Action : std::uint8_t { Accept, Drop, Reject, DestinationNat, SourceNat, Masquerade };
    Action action = Action::Accept;
    std::string options; ///< of REJECT ("--reject-with ...") and the NAT targets ("to:10.0.0.1:80")
    std::string where;   ///< "OUTPUT rule 1", "INPUT policy"
    std::string comment; ///< of the rule that decided, or of the nearest jump that has one
};

/// Runs a packet through a built-in chain and the chains it jumps to; its mark and its draws change on the way. An
/// absent chain accepts. `hits` may be null: nobody counts.
ChainVerdict runChain(const Stack& stack, const std::string& table, const std::string& chain,
                      Packet& packet, const std::string& inInterface, const std::string& outInterface,
                      std::vector<RuleHit>* hits);

/// "to:10.244.1.7:8080", "--to-destination 10.0.0.1", ":3128": address and port where given.
struct NatTarget {
    std::optional<Ipv4> address;
    std::optional<std::int64_t> port;
};
NatTarget parseNatTarget(std::string_view options);

} // namespace sim::net
