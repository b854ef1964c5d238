#pragma once

#include "sim/net/firewall.h"
#include "sim/net/network.h"

#include <optional>
#include <vector>

namespace sim::net {

/// An ICMP error as Linux sends it: at most 576 bytes of it all (RFC 1812, 4.3.2.3).
constexpr std::int64_t kErrorBytes = 576;

/// TCP payload of a full segment: MTU 1500 less IP and TCP headers with timestamps.
constexpr double kSegmentPayload = 1448;

/// A rule that a packet matched, and whose.
struct MatchedRule {
    StackId stack;
    RuleHit hit;
};

/// Carries one packet after another through the network as it is now: the request, then its answer, with the
/// address translations that the request left behind in the machines' connection tracking.
class Walker {
public:
    /// What to remember beside the outcome; most callers want nothing, and it costs.
    enum class Keep : std::uint8_t { Outcome, Hits, Steps };
    explicit Walker(const Network& network, Keep keep = Keep::Outcome) : m_network(network), m_keep(keep) { }

    PathResult reach(StackId from, Ipv4 destination, const Probe& probe);

    struct FlowPath {
        bool open = false;
        std::vector<Channel> channels; ///< from the sender of the data to its receiver
        Duration rtt{};
        double lossRatio = 0;
        bool largePasses = true; ///< full-size segments do
    };
    /// Whether segments of an established connection pass from `from` to `to` and their ACKs back.
    FlowPath flowPath(StackId from, StackId to, std::int64_t serverPort);

    /// Segments of an open connection: whether they reach the server, whether the server's reach the client, and
    /// whether full-size ones do.
    struct Talk {
        bool there = false, back = false;
        bool largeThere = true, largeBack = true;
        Duration rtt{};
        StackId stoppedAt;
    };
    Talk talk(const Connection& connection, std::uint64_t chance);

    /// Of Keep::Hits.
    const std::vector<MatchedRule>& matchedRules() const { return m_matched; }
    /// Of Keep::Hits: a packet at an interface that it came in or left by.
    struct Crossing {
        StackId stack;
        std::string device;
        bool outwards = false;
        Packet packet;
    };
    const std::vector<Crossing>& crossings() const { return m_crossings; }
    /// The same of the ICMP messages that large packets between these ends bring about, whether or not they get to the sender.
    const std::vector<MatchedRule>& messageRules() const { return m_messageRules; }
    const std::vector<Crossing>& messageCrossings() const { return m_messageCrossings; }
    /// How many of crossings() are the request's; the answer's follow.
    std::size_t requestCrossings() const { return m_requestCrossings; }
    /// Machines (not pods) whose kernel the request met, in order.
    const std::vector<StackId>& machines() const { return m_machines; }
    /// The request as it arrived.
    const Packet& arrived() const { return m_arrived; }

private:
    struct Stop {
        Verdict verdict = Verdict::TimedOut;
        std::string by;
        Ipv4 icmpFrom;
        std::string icmp;
        Duration after{};
        std::int64_t mtu = 0;
    };
    /// A place that lets no larger packets through.
    struct Limit {
        StackId at;
        std::string device;
        std::int64_t mtu = 0;
        bool silent = false; ///< drops larger ones without an ICMP message
        bool forwards = false;
        std::string name;
        Packet packet;       ///< as it stood there
        std::size_t translations = 0; ///< that had been made by then
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
        std::int64_t frame = 0;       ///< bytes of the packet, or of its largest fragment
        std::int64_t smallestMtu = 0; ///< so far; 0: none met
        std::vector<Limit> limits;    ///< each smaller than the one before
        Packet arrived;               ///< of an answer
        /// Whether a place is narrower than all before it, which it then is for those to come.
        bool narrows(std::int64_t mtu)
        {
            if (smallestMtu != 0 && mtu >= smallestMtu)
                return false;
            smallestMtu = mtu;
            return true;
        }
    };
    /// Whether an end learns of a limit below its segments, or they vanish.
    struct LargePath {
        std::int64_t bytes = 0; ///< of the packets that are sent in the end
        bool passes = true;
        std::string stoppedBy;
    };

    std::optional<Stop> carry(StackId from, Packet& packet, Trace& trace);
    std::optional<Stop> transmit(const Stack& stack, const Route& route, const Packet& packet, Trace& trace);
    std::optional<Stop> fit(const Stack& stack, const std::string& device, std::int64_t mtu, bool silent, bool forwards,
                            const Packet& packet, Trace& trace);
    /// The same on the ports of a switch.
    std::optional<Stop> fitSwitch(const Switch& on, const Packet& packet, Trace& trace);
    /// The same at the far end of a cable or veth pair, which takes no larger frames than its own MTU.
    std::optional<Stop> take(const Packet& packet, Trace& trace);
    LargePath largePath(StackId sender, std::int64_t bytes, const Trace& way);
    /// Empty when the ICMP message about a packet that did not fit gets back to its sender; otherwise where it was lost.
    std::string tooBigLost(StackId sender, const Limit& limit);
    std::optional<Stop> track(const Stack& stack, StackId id, HookStep::Hook hook, Packet& packet);
    std::optional<Stop> mangle(const Stack& stack, StackId id, const std::string& chain, Packet& packet, const std::string& in,
                               const std::string& out);
    void cross(StackId stack, const std::string& device, bool outwards, const Packet& packet);
    void noteHook(StackId at, const std::string& chain, const std::string& table, std::string verdict, std::string rule,
                  const Packet& packet, const std::string& comment = {}, bool stopped = false);
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
    std::vector<HookStep> m_hooks;
    std::vector<Crossing> m_crossings;
    std::size_t m_requestCrossings = 0;
    std::vector<MatchedRule> m_messageRules;
    std::vector<Crossing> m_messageCrossings;
    std::vector<StackId> m_machines;
    Packet m_arrived;
    bool m_insideTunnel = false;
    bool m_errorMessage = false; ///< an ICMP error is on its way: it causes no other
};

/// Notes where a packet was seen, and what of it the walker knows.
void place(WirePacket& packet, const Walker::Crossing& crossing);
/// The ICMP message about a packet that did not fit, as tcpdump sees it at an interface.
WirePacket messageAt(const Walker::Crossing& crossing, Instant at);

} // namespace sim::net
