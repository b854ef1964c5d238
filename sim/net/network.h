#pragma once

#include "sim/engine/engine.h"
#include "sim/net/connection.h"
#include "sim/net/fabric.h"
#include "sim/net/stack.h"

#include <deque>
#include <set>
#include <string>
#include <vector>

namespace sim::net {

class Walker;
struct MatchedRule;
struct TrackedTuple;

/// What a packet met. The words a tool prints follow from it.
enum class Verdict : std::uint8_t {
    Delivered,          ///< and for TCP: somebody listens
    Refused,            ///< ECONNREFUSED: nobody listens, or a REJECT with tcp-reset or icmp-port-unreachable
    TimedOut,           ///< dropped on the way, or the machine is off (no answer to ARP is HostUnreachable)
    NetworkUnreachable, ///< no route on the sender: ENETUNREACH
    HostUnreachable,    ///< no ARP answer or an ICMP host-unreachable: EHOSTUNREACH
    Prohibited,         ///< another ICMP answer of REJECT: a ping meets it, or icmp-admin-prohibited
    InvalidArgument,    ///< a blackhole route on the sender: EINVAL
    PermissionDenied,   ///< a prohibit route on the sender: EACCES
    NotPermitted,       ///< the sender's own OUTPUT chain drops it: sendmsg says EPERM, connect() times out
    MessageTooLong,     ///< larger than an MTU and not to be fragmented: EMSGSIZE, or ICMP fragmentation-needed
};

/// strerror(3) of what a sender learns; empty when Delivered.
const char* errnoText(Verdict verdict);
/// The same for connect(2), which does not learn that the machine's own OUTPUT chain drops it.
const char* connectText(Verdict verdict);

/// What a packet is, beside where it goes.
struct Probe {
    Protocol protocol = Protocol::Tcp;
    std::int64_t port = 0;
    std::int64_t bytes = 60;   ///< of the IP packet
    bool dontFragment = false;
    std::uint64_t chance = 0;
    Ipv4 source{};                 ///< ping -I; 0.0.0.0: as the route says
    std::int64_t sourcePort = 0;   ///< of a ping: its id; 0: the first ephemeral port
    std::int64_t sequence = 0;     ///< of a ping
};

struct Hop {
    Ipv4 address;     ///< 0.0.0.0 for a switch, which no traceroute shows
    std::string name; ///< machine or switch
    Duration rtt{};
};

/// One thing that happened to a packet on its way there, in order. Kept only when somebody asks for it
/// (Network::explain).
struct PathStep {
    enum class Kind : std::uint8_t {
        Sent,            ///< made in `at`; `device`: where it leaves
        Received,        ///< came into `at` by `device`
        DestinationNat,  ///< a rule of `at`'s nat table gave it the destination that stands here
        SourceNat,       ///< the same with the source
        Routed,          ///< `at`'s routing table sends it out of `device`
        Encapsulated,    ///< put into a packet between machines
        Switched,        ///< passed a switch: `detail` is its name, `at` none
        Delivered,       ///< reached a socket of `at`, or would have
        Stopped,         ///< got no further; `detail` says by what
    };
    Kind kind = Kind::Sent;
    StackId at;
    std::string device;
    std::string detail;  ///< the rule ("KUBE-SEP-ABC rule 2"), the route, the switch or the reason
    std::string comment; ///< of that rule
    Ipv4 source;         ///< as the packet stands after this step
    Ipv4 destination;
    std::int64_t destinationPort = 0;
};

/// One station of a packet's walk through a kernel's hooks, in the kernel's order: a table of iptables, connection
/// tracking, the routing decision or the device.
struct HookStep {
    enum class Hook : std::uint8_t { Prerouting, Input, Forward, Output, Postrouting };
    StackId at;
    Hook hook = Hook::Prerouting;
    std::string table;   ///< "raw", "conntrack", "mangle", "nat", "filter", "routing", "device"
    std::string verdict; ///< "accept", "drop", "reject", "dnat", "snat", "new", "established", "10.0.0.0/24", "eth0"
    std::string rule;    ///< "INPUT rule 3", "INPUT policy"; empty where no rule decided
    std::string comment; ///< of that rule
    Ipv4 source;         ///< as the packet stands after it
    Ipv4 destination;
    std::int64_t destinationPort = 0;
    bool stopped = false; ///< the packet got no further
};
const char* hookName(HookStep::Hook hook); ///< "prerouting"

struct PathResult {
    Verdict verdict = Verdict::TimedOut;
    StackId target; ///< who answered, when Delivered or Refused
    Duration rtt{}; ///< without queueing
    std::vector<Hop> hops;
    std::vector<LinkId> links;
    double lossRatio = 0; ///< of one packet on the way there and back
    /// For the picture and the debrief, never printed by a tool: "worker-2 OUTPUT rule 1", "no route".
    std::string stoppedBy;
    Ipv4 source;     ///< the address the packet left with
    Ipv4 answeredBy; ///< who sent the ICMP error, when one came back from a machine
    Duration
        errorAfter{}; ///< until the sender learns of an ICMP or local error; 3 s when ARP is not answered
    std::string icmpError; ///< as ping prints it: "Destination Host Unreachable", "Packet filtered"
    Ipv4 reached;          ///< the destination as it stood at the end, address translations applied
    std::int64_t reachedPort = 0;
    std::vector<PathStep> steps; ///< empty unless explained
    std::vector<HookStep> hooks; ///< the same way as each kernel sees it; empty unless explained

    std::int64_t mtu = 0;     ///< of MessageTooLong: what still passes
    std::int64_t pathMtu = 0; ///< of Delivered: the smallest MTU on the way there
    bool arrived = false;     ///< it reached the target; when the verdict is TimedOut all the same, the answer was lost
    Ipv4 reachedFrom;         ///< its source as the target sees it
    // Of a TCP connection that was delivered: the largest segments that the ends send to each other, and whether these get
    // through or vanish without a word (a black hole), so that only small ones do.
    std::int64_t mss = 0;
    std::int64_t answerMss = 0;
    bool largePasses = true;
    bool largeAnswerPasses = true;
    std::string largeStoppedBy; ///< "worker-1 eth0 mtu 1400, fragmentation-needed lost at worker-1 OUTPUT rule 1"
};

/// A bulk transfer in progress. Rates are max-min fair over the links' capacity.
struct Flow {
    FlowId id;
    StackId from;
    StackId to;
    std::vector<LinkId> links;
    std::vector<Channel> channels; ///< the same links, with their direction
    std::int64_t serverPort = 0;   ///< TCP port on `from`'s side, for firewalls; 0: unknown
    double bytesLeft = 0;
    double bytesPerSecond = 0;        ///< present share
    double capBytesPerSecond = 0;     ///< of the endpoints (disk, registry worker); 0: none
    double lossCapBytesPerSecond = 0; ///< what TCP reaches at the path's loss and round trip; 0: none
    bool stalled = false;             ///< its path is gone; TCP retransmits until it gives up
    Instant updated{};
    std::uint32_t generation = 0; ///< of its completion event
    std::uint64_t tag = 0;        ///< the owner's: container::Runtimes stores the PullId
    bool operator==(const Flow&) const = default;
};
BOOST_DESCRIBE_STRUCT(Flow, (),
                      (id, from, to, links, channels, serverPort, bytesLeft, bytesPerSecond,
                       capBytesPerSecond, lossCapBytesPerSecond, stalled, updated, generation, tag))

struct FlowEnded {
    FlowId id;
    std::uint64_t tag = 0;
    bool completed = true; ///< false: the path broke
    bool operator==(const FlowEnded&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowEnded, (), (id, tag, completed))

/// Kinds of Part::Net events. Target is the flow or connection, argument its generation.
enum class NetEvent : std::uint16_t { FlowDone, FlowGivesUp, ConnectionTimer };

/// Who opens a connection, and what is at its other end.
struct Opening {
    std::int64_t pid = 0;
    std::string program;
    bool keepAlive = false;
    bool accepts = true;      ///< the server's program calls accept(2); a stopped one does not
    bool serverCloses = true; ///< the server's program closes when the client has
    std::uint64_t chance = 0;
};

/// Stacks, switches, links and flows. Names and addresses are resolved by others (host files, DNS
/// servers); this part moves packets.
class Network {
public:
    SwitchId addSwitch(Switch s);
    LinkId addLink(Link l);
    /// Adds what the kernel adds by itself: a `scope link` route for each address with a shorter prefix. For
    /// a pod (node is valid) also what its CNI plugin does: the pod's `lo`, its default route through
    /// 169.254.1.1, and on the machine a veth end "cali..." with a host route to the pod.
    StackId addStack(Stack s);
    /// A pod's namespace goes away; its flows break.
    void removeStack(Engine& engine, StackId id);

    const Stack& stack(StackId id) const;
    /// For changes that cannot move flows (listeners, counters).
    Stack& stack(StackId id);
    bool hasStack(StackId id) const;
    const std::map<StackId, Stack>& stacks() const { return m_stacks; }
    const Fabric& fabric() const { return m_fabric; }
    const std::vector<Switch>& switches() const { return m_fabric.switches(); }
    const std::vector<Link>& links() const { return m_fabric.links(); }
    const std::map<FlowId, Flow>& flows() const { return m_flows; }
    double load(LinkId id) const;                 ///< 0..1, of the busier direction
    double bytesPerSecond(Channel channel) const; ///< all flows together

    /// Call after changing routes, interfaces, firewalls, links or power through the accessors below:
    /// re-routes flows, breaks those whose path is gone after a TCP time-out, and shares bandwidth anew.
    void changed(Engine& engine);
    Link& link(LinkId id);
    Switch& switchAt(SwitchId id);

    StackId findByAddress(Ipv4 address) const; ///< none when nobody has it; of several the first created
    std::vector<StackId> allByAddress(Ipv4 address) const; ///< more than one when an address is used twice
    StackId findByName(std::string_view name) const;

    /// Walks a first packet from `from`: OUTPUT chain, routing table, links, FORWARD and INPUT chains,
    /// listener; and the answer back. Services' addresses are translated by the nat rules that kube-proxy wrote
    /// on the nodes; `chance` seeds the draws of their `statistic` matches, so equal ones take the same way.
    PathResult reach(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port, std::uint64_t chance = 0) const;
    PathResult reach(StackId from, Ipv4 destination, const Probe& probe) const;
    /// The same, with every step of the way there, and each kernel's hooks.
    PathResult explain(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port, std::uint64_t chance = 0) const;
    PathResult explain(StackId from, Ipv4 destination, const Probe& probe) const;

    /// The same, and bumps the counters of the rules it matches (`packets` packets of `bytes` in all).
    PathResult send(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port,
                    std::int64_t packets = 1, std::int64_t bytes = 60);
    /// Bumps the counters of the rules that a walker's packets matched (a Walker with Keep::Hits).
    void count(const Walker& walker, std::int64_t packets, std::int64_t bytes);
    /// The same of the ICMP messages about its packets that did not fit.
    void countMessages(const Walker& walker, std::int64_t messages);
    /// Bumps the counters of the interfaces that its packets crossed: `requests` of so many bytes there, answers back.
    void countTraffic(const Walker& walker, double requests, std::int64_t requestBytes, std::int64_t answerBytes);
    /// A datagram or echo that a program sends now: as `send`, and the interfaces that it passes, connection tracking and
    /// the kernels' counters know of it.
    PathResult sendDatagram(Engine& engine, StackId from, Ipv4 destination, const Probe& probe);

    /// connect(2). The connection's state says how far it got; a SYN without an answer is sent again on the kernel's timer,
    /// over the rules and routes of then. `failure` of a refused or unroutable one is set at once.
    ConnectionId open(Engine& engine, StackId from, Ipv4 destination, std::int64_t port, const Opening& opening);
    /// `bytes` of a program's go to the other end. What does not get through stays in the sender's queue and is sent again
    /// until the kernel gives up.
    void transfer(Engine& engine, ConnectionId id, bool fromServer, std::int64_t bytes);
    /// One end's program closes its socket. Nothing happens when it is closed already.
    void close(Engine& engine, ConnectionId id, bool byServer = false);
    /// Every socket of a process that ended is closed by the kernel.
    void closeOf(Engine& engine, HostId host, std::int64_t pid);
    /// The server's program takes the connection from its accept queue.
    void accept(ConnectionId id);
    const std::map<ConnectionId, Connection>& connections() const { return m_connections; }
    const std::vector<Datagrams>& datagrams() const { return m_datagrams; }
    /// A machine's connection tracking forgets a connection or datagram by its first direction. One whose ends still
    /// send comes back with the next packet, so only what is over goes. Whether there was such an entry.
    bool forgetTracked(StackId machine, const TrackedTuple& original);
    /// Packets of connections and datagrams of the last seconds (kWireKept), oldest first.
    const std::deque<WirePacket>& wire() const { return m_wire; }
    static constexpr Duration kWireKept = 5s;

    /// Replaces an owner's streams. One whose ends and rate stay goes on; the others end or begin now.
    void setStreams(Engine& engine, std::uint64_t tag, std::vector<Stream> streams);
    const std::vector<Stream>& streams() const { return m_streams; }

    /// Once a second: counters of interfaces, fill of the connection tracking tables, what is too old to know.
    void tick(Engine& engine);

    /// A transfer of `bytes` over an established connection. Completion comes as a FlowEnded from
    /// takeEnded(). If the path is gone now or later, the flow stalls, and ends as not completed when it
    /// stays gone.
    FlowId startFlow(Engine& engine, StackId from, StackId to, double bytes, double capBytesPerSecond,
                     std::uint64_t tag, std::int64_t serverPort = 0);
    void cancelFlow(Engine& engine, FlowId id);

    void handle(Engine& engine, const Event& event); ///< events of Part::Net
    std::vector<FlowEnded> takeEnded();

    bool operator==(const Network&) const = default;
    void addTo(Fingerprint& f) const;

private:
    friend class Walker;
    friend class Conversation;
    /// A packet that began a connection found a machine's table full.
    void countFullTable(const Walker& walker, const PathResult& path);
    void count(const MatchedRule& rule, std::int64_t packets, std::int64_t bytes);
    /// Writes a packet down at the interfaces that it passed; `about` tells what the walker does not know.
    void record(const Walker& walker, bool answer, Instant at, WirePacket about);
    /// The same of the ICMP message about a packet that did not fit.
    void recordMessages(const Walker& walker, Instant at);
    void handleConnectionTimer(Engine& engine, ConnectionId id, std::uint64_t generation);
    void index(StackId id);
    void unindex(StackId id);
    void route(Engine& engine, Flow& flow);
    void forget(FlowId id);
    void advance(Flow& flow, Instant now) const;
    /// Shares bandwidth anew among the flows that share channels, directly or not, with `seeds`.
    void share(Engine& engine, const std::set<FlowId>& seeds);

    Fabric m_fabric;
    std::map<StackId, Stack> m_stacks;
    std::set<std::pair<Ipv4, StackId>> m_byAddress;
    std::map<FlowId, Flow> m_flows;
    std::map<Channel, std::set<FlowId>> m_onChannel;
    std::vector<FlowEnded> m_ended; ///< empty between events
    std::map<ConnectionId, Connection> m_connections;
    std::vector<Datagrams> m_datagrams;
    std::vector<Stream> m_streams;
    std::deque<WirePacket> m_wire;
    Instant m_ticked{};
    std::uint32_t m_nextStack = 0;
    std::uint32_t m_nextFlow = 0;
    std::uint32_t m_nextConnection = 0;
    std::uint64_t m_nextPacket = 0;
};

} // namespace sim::net
