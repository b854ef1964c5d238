#pragma once

#include "sim/net/firewall.h"
#include "sim/net/network.h"

#include <optional>
#include <vector>

namespace sim::net {

/// Carries one packet after another through the network as it is now: the request, then its answer, with the
/// address translations that the request left behind in the machines' connection tracking.
class Walker {
public:
    /// What to remember beside the outcome; most callers want nothing, and it costs.
    enum class Keep : std::uint8_t { Outcome, Hits, Steps };
    explicit Walker(const Network& network, Keep keep = Keep::Outcome) : m_network(network), m_keep(keep) { }

    PathResult reach(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port, std::uint64_t chance = 0);

    struct FlowPath {
        bool open = false;
        std::vector<Channel> channels; ///< from the sender of the data to its receiver
        Duration rtt{};
        double lossRatio = 0;
    };
    /// Whether segments of an established connection pass from `from` to `to` and their ACKs back.
    FlowPath flowPath(StackId from, StackId to, std::int64_t serverPort);

    /// Of Keep::Hits.
    struct MatchedRule {
        StackId stack;
        RuleHit hit;
    };
    const std::vector<MatchedRule>& matchedRules() const { return m_matched; }

private:
    struct Stop {
        Verdict verdict = Verdict::TimedOut;
        std::string by;
        Ipv4 icmpFrom;
        std::string icmp;
        Duration after{};
    };
    struct Translation {
        StackId at;
        Packet before;
        Packet after;
    };
    /// What one direction collects.
    struct Trace {
        StackId at;              ///< where the packet is
        std::string inInterface; ///< through which it came; empty when it was made here
        Duration delay{};
        double passed = 1; ///< probability that no packet loss struck
        std::vector<Hop> hops;
        std::vector<Channel> channels;
    };

    std::optional<Stop> carry(StackId from, Packet& packet, Trace& trace);
    std::optional<Stop> transmit(const Stack& stack, const Route& route, const Packet& packet, Trace& trace);
    std::optional<Stop> overFabric(const Stack& stack, LinkId link, Ipv4 nextHop, const Packet& packet, Trace& trace);
    std::optional<Stop> throughTunnel(const Stack& stack, const std::string& device, Ipv4 nextHop,
                                      Trace& trace);
    std::optional<Stop> filter(const Stack& stack, StackId id, const std::string& chain, Packet& packet,
                               const std::string& in, const std::string& out);
    void translate(const Stack& stack, StackId id, const std::string& chain, Packet& packet,
                   const std::string& in, const std::string& out, Ipv4 outAddress);
    void untranslate(StackId id, Packet& packet) const;
    std::optional<Stop> answer(const Packet& request, const Trace& there, Trace& back);

    ChainVerdict run(const Stack& stack, StackId id, const std::string& table, const std::string& chain, Packet& packet,
                     const std::string& in, const std::string& out);
    void note(PathStep::Kind kind, StackId at, const std::string& device, const std::string& detail, const Packet& packet,
              const std::string& comment = {});

    const Network& m_network;
    Keep m_keep;
    std::vector<Translation> m_translations;
    std::vector<MatchedRule> m_matched;
    std::vector<PathStep> m_steps; ///< of the request
    bool m_insideTunnel = false;
};

} // namespace sim::net
