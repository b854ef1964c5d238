#include "sim/world/sockets.h"

#include "sim/container/machine_names.h"
#include "sim/kube/client/objects.h"
#include "sim/net/walk.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sim {

namespace {

using container::Container;
using net::Ipv4;

// net.ipv4.ip_local_port_range of Linux.
constexpr std::uint64_t kFirstClientPort = 32768;
constexpr std::uint64_t kClientPorts = 28232;
/// Every so many answers fill more than one segment (sim/world/user_load: kLargeShare).
constexpr std::int64_t kLargeEvery = 5;
constexpr std::int64_t kHeaderBytes = 52; // IP and TCP with timestamps

std::uint64_t drawOf(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0)
{
    Fingerprint f;
    f.add(a);
    f.add(b);
    f.add(c);
    return f.value();
}

std::int64_t clientPort(std::uint64_t a, std::uint64_t b)
{
    return static_cast<std::int64_t>(kFirstClientPort + drawOf(a, b) % kClientPorts);
}

/// One side of a connection that a program keeps.
struct KeptEnd {
    StackId stack;
    Ipv4 address;
    std::int64_t port = 0;
    host::Pid pid = 0;
    std::string program;
};

/// A connection that follows from what runs. `dialled` is what the client connects to, `server` who answers there.
struct Kept {
    KeptEnd client;
    Ipv4 dialled;
    std::int64_t dialledPort = 0;
    KeptEnd server; ///< no stack while nobody has answered
    double requestsPerSecond = 0;
    Duration serviceTime{};
    net::PathResult path;
    bool open() const { return server.stack.valid(); }
};

class KeptConnections {
public:
    explicit KeptConnections(const World& world) : m_world(world)
    {
        pulls();
        userLoad();
        users();
        hostServices();
        control();
        scrapes();
    }
    std::vector<Kept> list;

private:
    /// Adds it when it is open or still knocking. A bulk transfer under way need not be connected anew.
    void add(KeptEnd client, Ipv4 address, std::int64_t port, double rate, Duration serviceTime, std::uint64_t salt, bool onlyKnocking = false)
    {
        if (!m_world.network().hasStack(client.stack) || port <= 0)
            return;
        Kept kept;
        kept.path = m_world.reach(client.stack, address, net::Protocol::Tcp, port);
        const bool delivered = kept.path.verdict == net::Verdict::Delivered;
        if (!delivered && kept.path.verdict != net::Verdict::TimedOut)
            return; // refused and unreachable end at once
        if (delivered && onlyKnocking)
            return;
        client.address = kept.path.source;
        client.port = clientPort(client.stack.value * 65536ULL + static_cast<std::uint64_t>(port), salt);
        if (delivered) {
            kept.server.stack = kept.path.target;
            kept.server.address = kept.path.reached;
            kept.server.port = kept.path.reachedPort;
            if (const auto* l = m_world.network().stack(kept.path.target).listener(net::Protocol::Tcp, kept.path.reached, kept.path.reachedPort)) {
                kept.server.pid = l->pid;
                kept.server.program = l->program;
            }
        }
        kept.client = std::move(client);
        kept.dialled = address;
        kept.dialledPort = port;
        kept.requestsPerSecond = rate;
        kept.serviceTime = serviceTime;
        list.push_back(std::move(kept));
    }

    const host::Unit* active(const host::Machine& machine, const char* unit) const
    {
        const auto found = machine.units.find(unit);
        return found != machine.units.end() && found->second.state == host::Unit::State::Active ? &found->second : nullptr;
    }

    void pulls()
    {
        using Phase = container::Pull::Phase;
        for (const auto& [id, pull] : m_world.runtimes().pulls()) {
            if (pull.phase != Phase::Downloading && pull.phase != Phase::Resolving)
                continue;
            const host::Machine& machine = m_world.hosts().at(pull.host);
            const auto colon = pull.reference.registry.find(':');
            const NameAnswer name = m_world.resolve(machine.stack, pull.reference.registry.substr(0, colon));
            if (name.addresses.empty())
                continue;
            std::int64_t port = 443;
            if (colon != std::string::npos)
                std::from_chars(pull.reference.registry.data() + colon + 1, pull.reference.registry.data() + pull.reference.registry.size(), port);
            const auto unit = machine.units.find("containerd.service");
            add({machine.stack, {}, 0, unit == machine.units.end() ? 0 : unit->second.mainPid, "containerd"}, name.addresses.front(), port, 0, {},
                pull.id.value, pull.phase == Phase::Resolving); // an answer comes within a round trip
        }
    }

    struct Pod {
        const Container* container = nullptr;
        Ipv4 address;
        std::int64_t port = 0;
    };
    std::vector<Pod> podsBehind(const std::string& service) const
    {
        std::vector<Pod> pods;
        const auto slash = service.find('/');
        for (const auto& slice : m_world.cluster().store().inNamespace<kube::EndpointSlice>(service.substr(0, slash))) {
            const auto label = slice->metadata.labels.find(kube::kServiceNameLabel);
            if (label == slice->metadata.labels.end() || label->second != service.substr(slash + 1) || slice->ports.empty())
                continue;
            for (const auto& endpoint : slice->endpoints) {
                const auto address = endpoint.addresses.empty() ? std::nullopt : Ipv4::parse(endpoint.addresses.front());
                if (!address || !endpoint.conditions.ready.value_or(true) || !endpoint.targetRef)
                    continue;
                for (const auto& [id, one] : m_world.runtimes().containers())
                    if (one.podName == endpoint.targetRef->name && one.podNamespace == slice->metadata.namespace_ && !one.sandbox
                        && one.serving(m_world.now()))
                        pods.push_back({&one, *address, slice->ports.front().port});
            }
        }
        return pods;
    }

    /// Each caller keeps one connection to each pod behind the Service that it calls.
    void userLoad()
    {
        std::vector<Pod> callers;
        for (const std::string& service : m_world.userLoad().profile().chain) {
            const std::vector<Pod> backends = podsBehind(service);
            for (const Pod& caller : callers)
                for (const Pod& backend : backends)
                    if (backend.container->requestRate > 0 || backend.container->serving(m_world.now()))
                        add({caller.container->stack, {}, 0, caller.container->pid, caller.container->program.name}, backend.address, backend.port,
                            backend.container->requestRate / static_cast<double>(callers.size()), backend.container->program.serviceTime,
                            backend.container->stack.value);
            callers = backends;
        }
    }

    /// The users of a shop on plain machines keep some connections to its first service.
    void users()
    {
        constexpr std::uint64_t kEach = 4;
        const LoadProfile& profile = m_world.userLoad().profile();
        if (!profile.chain.empty() || profile.hostChain.empty() || !profile.users.valid())
            return;
        const HostService& first = m_world.userLoad().services().at(profile.hostChain.front());
        const double rate = m_world.userLoad().last().rate / static_cast<double>(first.machines.size() * kEach);
        for (const HostId machine : first.machines)
            if (const auto address = m_world.network().stack(m_world.hosts().at(machine).stack).primaryAddress())
                for (std::uint64_t one = 0; one < kEach; ++one)
                    add({profile.users, {}, 0, 0, "browser"}, *address, first.port, rate, first.serviceTime, machine.value * kEach + one);
    }

    /// Programs on plain machines and in docker's containers call whom the settings name that they have read.
    void hostServices()
    {
        const ServerSettings& read = m_world.userLoad().settings();
        for (const auto& [name, service] : m_world.userLoad().services())
            for (const HostId id : service.machines)
                if (const auto own = serving(id, service.port))
                    if (const auto settings = read.find({id, own->pid}); settings != read.end())
                        calls(*own, service, settings->second);
    }

    /// One program's calls, to each tier that it needs.
    void calls(const KeptEnd& own, const HostService& service, const std::string& settings)
    {
        const double rate = m_world.userLoad().last().rate / static_cast<double>(std::max<std::size_t>(1, service.machines.size()));
        const auto dial = [&](const std::string& key, double share) {
            const std::vector<Upstream> upstreams = key.empty() ? std::vector<Upstream>{} : upstreamsIn(settings, key);
            for (const Upstream& upstream : upstreams)
                if (const auto address = addressOf(own, upstream.host))
                    add(own, *address, upstream.port, rate * share / static_cast<double>(upstreams.size()), service.serviceTime, own.stack.value);
        };
        dial(service.upstreamKey, 1);
        dial(service.outsideKey, service.outsideShare);
    }

    /// Who answers on a machine's port: a process of its own, or of a container that has published it.
    std::optional<KeptEnd> serving(HostId host, std::int64_t port) const
    {
        const StackId machine = m_world.hosts().at(host).stack;
        const auto address = m_world.network().hasStack(machine) ? m_world.network().stack(machine).primaryAddress() : std::nullopt;
        if (!address)
            return std::nullopt;
        const net::PathResult path = m_world.reach(machine, *address, net::Protocol::Tcp, port);
        if (path.verdict != net::Verdict::Delivered)
            return std::nullopt;
        const net::Listener* listener = m_world.network().stack(path.target).listener(net::Protocol::Tcp, path.reached, path.reachedPort);
        return listener == nullptr ? std::nullopt : std::optional(KeptEnd{path.target, {}, 0, listener->pid, listener->program});
    }

    std::optional<Ipv4> addressOf(const KeptEnd& own, const std::string& name) const
    {
        const host::Machine& machine = m_world.hosts().at(m_world.network().stack(own.stack).host);
        const auto process = machine.processes.find(own.pid);
        const bool inside = process != machine.processes.end() && process->second.container;
        const container::MachineName found = inside
            ? m_world.dockers().resolve(m_world.hosts(), m_world.network(), m_world.runtimes(), *process->second.container, name)
            : container::resolveOnMachine(m_world.hosts(), m_world.network(), machine.id, name);
        return found.addresses.empty() ? std::nullopt : std::optional(found.addresses.front());
    }

    /// Kubelets watch the API server, API servers their etcd, etcd members each other.
    void control()
    {
        constexpr std::int64_t kApi = 6443, kEtcdClients = 2379, kEtcdPeers = 2380;
        std::vector<std::pair<const host::Machine*, const net::Listener*>> members;
        for (const host::Machine& machine : m_world.hosts().all()) {
            if (!m_world.network().hasStack(machine.stack))
                continue;
            const net::Stack& stack = m_world.network().stack(machine.stack);
            if (const host::Unit* kubelet = active(machine, "kubelet.service")) {
                const NameAnswer api = m_world.resolve(machine.stack, "api.lab");
                if (!api.addresses.empty())
                    add({machine.stack, {}, 0, kubelet->mainPid, "kubelet"}, api.addresses.front(), kApi, 0.1, {}, 1);
            }
            const auto address = stack.primaryAddress().value_or(Ipv4{});
            const auto* api = stack.listener(net::Protocol::Tcp, address, kApi);
            if (api != nullptr && stack.listener(net::Protocol::Tcp, Ipv4{0x7f000001}, kEtcdClients) != nullptr)
                add({machine.stack, {}, 0, api->pid, api->program}, Ipv4{0x7f000001}, kEtcdClients, 10, 1ms, 2);
            if (const auto* etcd = stack.listener(net::Protocol::Tcp, address, kEtcdPeers))
                members.emplace_back(&machine, etcd);
        }
        for (const auto& [from, etcd] : members)
            for (const auto& [to, other] : members)
                if (from != to)
                    add({from->stack, {}, 0, etcd->pid, etcd->program}, m_world.network().stack(to->stack).primaryAddress().value_or(Ipv4{}), kEtcdPeers, 10,
                        1ms, to->id.value);
    }

    void scrapes()
    {
        constexpr std::int64_t kNodeExporter = 9100;
        constexpr double kScrapesPerSecond = 1.0 / 15; // scrape_interval
        for (const host::Machine& machine : m_world.hosts().all()) {
            const host::Unit* prometheus = active(machine, "prometheus.service");
            if (prometheus == nullptr)
                continue;
            for (const host::Machine& other : m_world.hosts().all())
                if (m_world.network().hasStack(other.stack) && active(other, "prometheus-node-exporter.service") != nullptr)
                    add({machine.stack, {}, 0, prometheus->mainPid, "prometheus"}, m_world.network().stack(other.stack).primaryAddress().value_or(Ipv4{}),
                        kNodeExporter, kScrapesPerSecond, 20ms, other.id.value);
        }
    }

    const World& m_world;
};

/// The retransmission timer of a client that got no answer to its SYN: it has been asking for some time.
Duration synTimer(Instant now, std::uint64_t salt)
{
    return Duration(1s) * static_cast<std::int64_t>(1 + (drawOf(salt, static_cast<std::uint64_t>(unixSeconds(now))) % 15));
}

Socket socketOf(const Kept& kept, bool client, Instant now)
{
    Socket s;
    s.client = client;
    s.requestsPerSecond = kept.requestsPerSecond;
    const KeptEnd& own = client ? kept.client : kept.server;
    s.local = own.address;
    s.localPort = own.port;
    s.pid = own.pid;
    s.program = own.program;
    s.peer = client ? kept.dialled : kept.path.reachedFrom;
    s.peerPort = client ? kept.dialledPort : kept.client.port;
    if (!kept.open()) {
        s.state = net::TcpState::SynSent;
        s.sendQueue = 1;
        s.timer = Socket::Timer::On;
        s.expires = synTimer(now, kept.client.stack.value);
        s.retransmits = s.allRetransmits = 3;
        s.mss = 524; // until the peer has told its own
        return s;
    }
    s.rtt = kept.path.rtt;
    s.mss = (client ? kept.path.mss : kept.path.answerMss) - 12;
    s.timer = Socket::Timer::KeepAlive; // Go's net dials and listens with it: 15 s
    s.expires = Duration(1s) * static_cast<std::int64_t>(1 + drawOf(own.port, static_cast<std::uint64_t>(unixSeconds(now))) % 15);
    const bool stuck = client ? !kept.path.largePasses : !kept.path.largeAnswerPasses;
    if (stuck && kept.requestsPerSecond > 0) {
        // Full-size segments vanish on the way: they wait in the queue and are sent again and again.
        s.sendQueue = s.mss * 4;
        s.timer = Socket::Timer::On;
        s.expires = synTimer(now, own.port);
        s.retransmits = 5;
        s.allRetransmits = 9;
    }
    return s;
}

Socket socketOf(const net::TcpEnd& end, const net::Connection& c, bool client, Instant now)
{
    Socket s;
    s.client = client;
    s.state = end.state;
    s.local = end.address;
    s.localPort = end.port;
    s.peer = end.peer;
    s.peerPort = end.peerPort;
    s.pid = end.pid;
    s.program = end.program;
    s.receiveQueue = end.receiveQueue;
    s.sendQueue = end.sendQueue;
    s.retransmits = end.retransmits;
    s.allRetransmits = end.allRetransmits;
    s.mss = (client ? c.mss : c.answerMss) - 12;
    s.sentBytes = end.sentBytes;
    if (end.timer != Instant{}) {
        s.timer = end.state == net::TcpState::TimeWait || end.state == net::TcpState::FinWait2 ? Socket::Timer::TimeWait
            : end.sendQueue > 0 || end.state == net::TcpState::SynReceived                   ? Socket::Timer::On
                                                                                             : Socket::Timer::KeepAlive;
        s.expires = std::max(Duration{0}, end.timer - now);
    }
    return s;
}

} // namespace

std::vector<Socket> socketsOf(const World& world, StackId here)
{
    std::vector<Socket> sockets;
    const Instant now = world.now();
    for (const Kept& kept : KeptConnections(world).list) {
        if (kept.client.stack == here)
            sockets.push_back(socketOf(kept, true, now));
        if (kept.open() && kept.server.stack == here)
            sockets.push_back(socketOf(kept, false, now));
    }
    for (const auto& [id, c] : world.network().connections()) {
        if (c.client.stack == here && c.client.state != net::TcpState::Closed)
            sockets.push_back(socketOf(c.client, c, true, now));
        if (c.server.stack == here && c.server.state != net::TcpState::Closed)
            sockets.push_back(socketOf(c.server, c, false, now));
    }
    return sockets;
}

std::vector<net::TrackedConnection> trackedOn(const World& world, StackId machine)
{
    std::vector<net::TrackedConnection> entries;
    if (!world.network().hasStack(machine) || !world.network().stack(machine).tracksConnections())
        return entries;
    for (const Kept& kept : KeptConnections(world).list) {
        const auto way = world.network().explain(kept.client.stack, kept.dialled, net::Protocol::Tcp, kept.dialledPort);
        if (std::none_of(way.hooks.begin(), way.hooks.end(), [&](const net::HookStep& step) { return step.at == machine && step.table == "conntrack"; }))
            continue;
        net::TrackedConnection e;
        e.state = kept.open() ? "ESTABLISHED" : "SYN_SENT";
        e.answered = e.assured = kept.open();
        e.timeout = kept.open() ? net::kTrackEstablished - Duration(1s) * static_cast<std::int64_t>(drawOf(kept.client.port, 3) % 60) : net::kTrackSyn;
        e.original = {kept.client.address, kept.dialled, kept.client.port, kept.dialledPort};
        e.reply = kept.open() ? net::TrackedTuple{kept.server.address, kept.path.reachedFrom, kept.server.port, kept.client.port}
                              : net::TrackedTuple{kept.dialled, kept.client.address, kept.dialledPort, kept.client.port};
        entries.push_back(std::move(e));
    }
    auto others = net::trackedConnections(world.network(), machine, world.now());
    entries.insert(entries.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
    return entries;
}

std::map<StackId, std::int64_t> standingConnections(const World& world)
{
    std::map<StackId, std::int64_t> counts;
    for (const auto& [id, stack] : world.network().stacks())
        if (!stack.node.valid())
            counts[id] = 0;
    for (const Kept& kept : KeptConnections(world).list) {
        const auto way = world.network().explain(kept.client.stack, kept.dialled, net::Protocol::Tcp, kept.dialledPort);
        for (const net::HookStep& step : way.hooks)
            if (const auto machine = counts.find(step.at); step.table == "conntrack" && machine != counts.end()
                && world.network().stack(step.at).tracksConnections())
                ++machine->second;
    }
    return counts;
}

namespace {

/// What routers tell about a connection's large segments in vain: once for each time that they are sent again.
std::vector<net::WirePacket> tooBigMessages(const World& world, const Kept& kept, Instant from, Instant to)
{
    std::vector<net::WirePacket> packets;
    if (!kept.open() || kept.requestsPerSecond <= 0 || (kept.path.largePasses && kept.path.largeAnswerPasses))
        return packets;
    net::Walker walker(world.network(), net::Walker::Keep::Hits);
    walker.reach(kept.client.stack, kept.dialled, {.protocol = net::Protocol::Tcp, .port = kept.dialledPort});
    for (std::int64_t second = unixSeconds(from); second <= unixSeconds(to); ++second) {
        const auto draw = drawOf(static_cast<std::uint64_t>(kept.client.port), static_cast<std::uint64_t>(second), 9);
        for (const net::Walker::Crossing& crossing : walker.messageCrossings())
            packets.push_back(net::messageAt(crossing, Instant{} + Duration(1s) * second + Duration(1ms) * static_cast<std::int64_t>(draw % 1000)));
    }
    return packets;
}

} // namespace

std::vector<net::WirePacket> packetsAt(const World& world, StackId stack, const std::string& device, Instant from, Instant to)
{
    std::vector<net::WirePacket> packets;
    const auto wanted = [&](const net::WirePacket& p) {
        return p.stack == stack && (device == "any" || p.device == device) && p.at >= from && p.at < to;
    };
    for (const net::WirePacket& p : world.network().wire())
        if (wanted(p))
            packets.push_back(p);
    const std::vector<Kept> known = KeptConnections(world).list;
    for (const Kept& kept : known) {
        if (!kept.open() || kept.requestsPerSecond <= 0)
            continue;
        const auto way = world.network().explain(kept.client.stack, kept.dialled, net::Protocol::Tcp, kept.dialledPort);
        for (const net::PathStep& step : way.steps) {
            const bool in = step.kind == net::PathStep::Kind::Received;
            const bool out = step.kind == net::PathStep::Kind::Sent || step.kind == net::PathStep::Kind::Routed;
            if ((!in && !out) || step.at != stack || (device != "any" && step.device != device))
                continue;
            for (std::int64_t second = unixSeconds(from); second <= unixSeconds(to); ++second) {
                const auto salt = static_cast<std::uint64_t>(second);
                const auto port = static_cast<std::uint64_t>(kept.client.port);
                const double share = kept.requestsPerSecond - std::floor(kept.requestsPerSecond);
                const auto more = static_cast<double>(drawOf(port, salt, 1) % 1000) < share * 1000 ? 1 : 0;
                const auto requests = static_cast<std::int64_t>(std::floor(kept.requestsPerSecond)) + more;
                for (std::int64_t i = 0; i < requests; ++i) {
                    const auto which = static_cast<std::uint64_t>(i);
                    const double place = (static_cast<double>(i) + static_cast<double>(drawOf(port, salt, which + 2) % 1000) / 1000) / static_cast<double>(requests);
                    net::WirePacket request;
                    request.at = Instant{} + Duration(1s) * second + fromSeconds(place);
                    request.stack = stack;
                    request.device = step.device;
                    request.outwards = out;
                    request.source = step.source;
                    request.destination = step.destination;
                    request.sourcePort = kept.client.port;
                    request.destinationPort = step.destinationPort;
                    request.flags = "P.";
                    request.payload = kRequestBytes + static_cast<std::int64_t>(drawOf(port, salt, which + 5) % 60);
                    request.bytes = request.payload + kHeaderBytes;
                    request.sequence = static_cast<std::uint32_t>(1 + (salt % 3600) * 9000 + which * 300);
                    request.acknowledged = static_cast<std::uint32_t>(1 + (salt % 3600) * 20000 + which * 700);
                    net::WirePacket answer = request;
                    std::swap(answer.source, answer.destination);
                    std::swap(answer.sourcePort, answer.destinationPort);
                    answer.outwards = !out;
                    answer.at = request.at + kept.path.rtt + kept.serviceTime;
                    answer.payload = kAnswerBytes + static_cast<std::int64_t>(drawOf(port, salt, which + 6) % 200);
                    answer.bytes = answer.payload + kHeaderBytes;
                    std::swap(answer.sequence, answer.acknowledged);
                    net::WirePacket full = answer;
                    const bool large = i % kLargeEvery == 0;
                    // Full-size segments of a black hole are seen where they are sent, and nowhere behind it.
                    const bool seen = kept.path.largeAnswerPasses || stack == kept.server.stack || stack == world.network().stack(kept.server.stack).node;
                    if (large) {
                        full.payload = kept.path.answerMss - 12;
                        full.bytes = full.payload + kHeaderBytes;
                        full.flags = ".";
                        full.acknowledged = request.sequence + static_cast<std::uint32_t>(request.payload);
                        answer.sequence += static_cast<std::uint32_t>(full.payload);
                        answer.at += 4us;
                        if (seen && wanted(full))
                            packets.push_back(full);
                        if (!kept.path.largeAnswerPasses) {
                            if (wanted(request))
                                packets.push_back(request);
                            continue;
                        }
                    }
                    answer.acknowledged = request.sequence + static_cast<std::uint32_t>(request.payload);
                    net::WirePacket acknowledgement = request;
                    acknowledgement.at = answer.at + kept.path.rtt;
                    acknowledgement.flags = ".";
                    acknowledgement.payload = 0;
                    acknowledgement.bytes = kHeaderBytes;
                    acknowledgement.sequence = answer.acknowledged;
                    acknowledgement.acknowledged = answer.sequence + static_cast<std::uint32_t>(answer.payload);
                    for (const net::WirePacket& p : {request, answer, acknowledgement})
                        if (wanted(p))
                            packets.push_back(p);
                }
            }
        }
    }
    for (const Kept& kept : known)
        for (const net::WirePacket& p : tooBigMessages(world, kept, from, to))
            if (wanted(p))
                packets.push_back(p);
    std::stable_sort(packets.begin(), packets.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return packets;
}

} // namespace sim
