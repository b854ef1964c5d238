#include "sim/net/walk.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::net {

namespace {

/// Linux' default time to live.
constexpr int kTimeToLive = 64;
/// One way through a kernel's send or receive path. With a 5 µs cable and two switches this gives the
/// 0.15-0.25 ms that ping shows between two machines of one rack.
constexpr Duration kStackDelay = 25us;
/// One way over a veth pair or through the loopback device: ping shows 0.03-0.06 ms.
constexpr Duration kVirtualHopDelay = 8us;
/// VXLAN or IPIP encapsulation and decapsulation, one way.
constexpr Duration kTunnelDelay = 6us;
/// The first of Linux' ephemeral ports (net.ipv4.ip_local_port_range).
constexpr std::int64_t kEphemeralPort = 32768;
/// Of a SYN: the sender fills in what its route allows.
constexpr std::int64_t kOwnMss = -1;
/// IP and TCP headers without options.
constexpr std::int64_t kHeaders = 40;
/// What VXLAN adds to a packet: outer IP, UDP and VXLAN headers and the inner Ethernet header; IPIP an IP header.
constexpr std::int64_t kVxlanBytes = 50;
constexpr std::int64_t kIpipBytes = 20;
/// IANA's port for VXLAN.
constexpr std::int64_t kVxlanPort = 4789;

/// Three ARP requests a second apart (mcast_solicit, retrans_time_ms) before the kernel gives up.
constexpr Duration kArpTimeout = 3060ms;

constexpr const char* kHostUnreachable = "Destination Host Unreachable";

bool isTunnel(std::string_view device)
{
    return device.substr(0, 5) == "vxlan" || device.substr(0, 4) == "tunl"
        || device.substr(0, 7) == "flannel";
}

struct RejectAnswer {
    Verdict verdict;
    const char* icmp;
};

/// What the sender's socket gets for each of REJECT's answers (the kernel's icmp_err_convert table), and
/// what ping prints.
RejectAnswer rejectAnswer(const std::string& options, Protocol protocol)
{
    const auto has = [&](const char* what) {
        return options.find(what) != std::string::npos;
    };
    const bool ping = protocol == Protocol::Icmp || protocol == Protocol::Any;
    if (has("tcp-reset"))
        return {Verdict::Refused, ""};
    if (has("admin-prohib"))
        return {Verdict::Prohibited, "Packet filtered"};
    if (has("host-prohib"))
        return {Verdict::Prohibited, "Destination Host Prohibited"};
    if (has("net-prohib"))
        return {Verdict::Prohibited, "Destination Net Prohibited"};
    if (has("host-unreach"))
        return {Verdict::HostUnreachable, kHostUnreachable};
    if (has("net-unreach"))
        return {Verdict::NetworkUnreachable, "Destination Net Unreachable"};
    if (has("proto-unreach"))
        return {Verdict::Prohibited, "Destination Protocol Unreachable"};
    return {ping ? Verdict::Prohibited : Verdict::Refused, "Destination Port Unreachable"};
}

Packet answerTo(const Packet& request)
{
    Packet p = request;
    std::swap(p.source, p.destination);
    std::swap(p.sourcePort, p.destinationPort);
    p.established = true;
    p.asksNat = false;
    p.untracked = false;
    p.ttl = kTimeToLive;
    if (p.protocol == Protocol::Icmp)
        p.icmpType = 0; // echo reply
    p.mss = request.mss == 0 ? 0 : kOwnMss;
    return p;
}

HookStep::Hook hookOf(const std::string& chain)
{
    return chain == "PREROUTING" ? HookStep::Hook::Prerouting
        : chain == "INPUT"       ? HookStep::Hook::Input
        : chain == "FORWARD"     ? HookStep::Hook::Forward
        : chain == "OUTPUT"      ? HookStep::Hook::Output
                                 : HookStep::Hook::Postrouting;
}

std::string verdictText(const ChainVerdict& verdict)
{
    using Action = ChainVerdict::Action;
    switch (verdict.action) {
    case Action::Accept: return "accept";
    case Action::Drop: return "drop";
    case Action::Reject: return "reject";
    case Action::DestinationNat: return "dnat";
    case Action::SourceNat: return "snat";
    case Action::Masquerade: return "masquerade";
    }
    return {};
}

} // namespace

const char* hookName(HookStep::Hook hook)
{
    switch (hook) {
    case HookStep::Hook::Prerouting: return "prerouting";
    case HookStep::Hook::Input: return "input";
    case HookStep::Hook::Forward: return "forward";
    case HookStep::Hook::Output: return "output";
    case HookStep::Hook::Postrouting: return "postrouting";
    }
    return "";
}

ChainVerdict Walker::run(const Stack& stack, StackId id, const std::string& table, const std::string& chain, Packet& packet,
                         const std::string& in, const std::string& out)
{
    std::vector<RuleHit> hits;
    ChainVerdict verdict = runChain(stack, table, chain, packet, in, out, m_keep == Keep::Hits ? &hits : nullptr);
    for (RuleHit& hit : hits)
        m_matched.push_back({id, std::move(hit)});
    if (m_keep == Keep::Steps)
        noteHook(id, chain, table, verdictText(verdict), verdict.where, packet, verdict.comment,
                 verdict.action == ChainVerdict::Action::Drop || verdict.action == ChainVerdict::Action::Reject);
    return verdict;
}

void Walker::noteHook(StackId at, const std::string& chain, const std::string& table, std::string verdict, std::string rule,
                      const Packet& packet, const std::string& comment, bool stopped)
{
    if (m_keep == Keep::Steps && !m_insideTunnel && !packet.established)
        m_hooks.push_back({at, hookOf(chain), table, std::move(verdict), std::move(rule), comment, packet.source,
                           packet.destination, packet.destinationPort, stopped});
}

void Walker::cross(StackId stack, const std::string& device, bool outwards, const Packet& packet)
{
    if (m_keep == Keep::Hits)
        m_crossings.push_back({stack, device, outwards, packet});
}

void Walker::note(PathStep::Kind kind, StackId at, const std::string& device, const std::string& detail, const Packet& packet,
                  const std::string& comment)
{
    if (m_keep == Keep::Steps && !m_insideTunnel && !packet.established)
        m_steps.push_back({kind, at, device, detail, comment, packet.source, packet.destination, packet.destinationPort});
}

std::optional<Walker::Stop> Walker::filter(const Stack& stack, StackId id, const std::string& chain,
                                           Packet& packet, const std::string& in, const std::string& out)
{
    const ChainVerdict verdict = run(stack, id, "filter", chain, packet, in, out);
    if (verdict.action == ChainVerdict::Action::Drop || verdict.action == ChainVerdict::Action::Reject)
        note(PathStep::Kind::Stopped, id, out.empty() ? in : out, verdict.where, packet, verdict.comment);
    const std::string where = stack.name + " " + verdict.where;
    if (verdict.action == ChainVerdict::Action::Drop)
        return Stop{chain == "OUTPUT" && !packet.established && packet.protocol == Protocol::Icmp
                        ? Verdict::NotPermitted
                        : Verdict::TimedOut,
                    where,
                    {},
                    {}};
    if (verdict.action == ChainVerdict::Action::Reject) {
        const RejectAnswer answer = rejectAnswer(verdict.options, packet.protocol);
        const Ipv4 from = stack.isLocal(packet.destination) ? packet.destination
                                                            : stack.primaryAddress().value_or(Ipv4{});
        return Stop{answer.verdict, where, from, answer.icmp};
    }
    return std::nullopt;
}

void Walker::translate(const Stack& stack, StackId id, const std::string& chain, Packet& packet,
                       const std::string& in, const std::string& out, Ipv4 outAddress)
{
    if (!packet.asksNat || stack.nat.empty())
        return;
    const ChainVerdict verdict = run(stack, id, "nat", chain, packet, in, out);
    const Packet before = packet;
    const NatTarget target = parseNatTarget(verdict.options);
    switch (verdict.action) {
    case ChainVerdict::Action::DestinationNat:
        if (target.address)
            packet.destination = *target.address;
        if (target.port)
            packet.destinationPort = *target.port;
        packet.translated = true;
        break;
    case ChainVerdict::Action::SourceNat:
        if (target.address)
            packet.source = *target.address;
        break;
    case ChainVerdict::Action::Masquerade: packet.source = outAddress; break;
    default: return;
    }
    m_translations.push_back({id, before, packet});
    note(verdict.action == ChainVerdict::Action::DestinationNat ? PathStep::Kind::DestinationNat : PathStep::Kind::SourceNat, id,
         out.empty() ? in : out, verdict.where, packet, verdict.comment);
}

void Walker::untranslate(StackId id, Packet& packet) const
{
    if (packet.asksNat)
        return;
    if (m_errorMessage) { // conntrack looks at the packet inside: its sender before translation gets the message
        for (auto t = m_translations.rbegin(); t != m_translations.rend(); ++t)
            if (t->at == id && t->before.source != t->after.source && packet.destination == t->after.source)
                packet.destination = t->before.source;
            else if (t->at == id && t->before.destination != t->after.destination && packet.destination == t->before.destination)
                packet.destination = t->after.destination;
        return;
    }
    for (auto t = m_translations.rbegin(); t != m_translations.rend(); ++t)
        if (t->at == id && packet.source == t->after.destination && packet.destination == t->after.source
            && packet.sourcePort == t->after.destinationPort)
            packet = answerTo(t->before);
}

std::optional<Walker::Stop> Walker::mangle(const Stack& stack, StackId id, const std::string& chain, Packet& packet,
                                           const std::string& in, const std::string& out)
{
    if (stack.mangle.empty()) {
        noteHook(id, chain, "mangle", "accept", {}, packet);
        return std::nullopt;
    }
    const ChainVerdict verdict = run(stack, id, "mangle", chain, packet, in, out);
    if (verdict.action != ChainVerdict::Action::Drop)
        return std::nullopt;
    note(PathStep::Kind::Stopped, id, out.empty() ? in : out, "mangle " + verdict.where, packet, verdict.comment);
    return Stop{Verdict::TimedOut, stack.name + " mangle " + verdict.where, {}, {}};
}

/// The raw table, then connection tracking: a packet that begins a connection needs a free entry.
std::optional<Walker::Stop> Walker::track(const Stack& stack, StackId id, HookStep::Hook hook, Packet& packet)
{
    const std::string chain = hook == HookStep::Hook::Output ? "OUTPUT" : "PREROUTING";
    if (!stack.raw.empty()) {
        const ChainVerdict verdict = run(stack, id, "raw", chain, packet, {}, {});
        if (verdict.action == ChainVerdict::Action::Drop) {
            note(PathStep::Kind::Stopped, id, {}, "raw " + verdict.where, packet, verdict.comment);
            return Stop{Verdict::TimedOut, stack.name + " raw " + verdict.where, {}, {}};
        }
    } else {
        noteHook(id, chain, "raw", "accept", {}, packet);
    }
    const bool full = !packet.established && !packet.untracked && stack.conntrack.full() && stack.tracksConnections();
    if (m_keep == Keep::Steps)
        noteHook(id, chain, "conntrack",
                 full                     ? "drop"
                     : packet.untracked   ? "untracked"
                     : packet.established ? "established"
                                          : "new",
                 full ? "table full" : "", packet, {}, full);
    if (!full)
        return std::nullopt;
    note(PathStep::Kind::Stopped, id, {}, "nf_conntrack: table full", packet);
    return Stop{Verdict::TimedOut, stack.name + " nf_conntrack: table full, dropping packet", {}, {}};
}

std::optional<Walker::Stop> Walker::carry(StackId from, Packet& packet, Trace& trace)
{
    trace.at = from;
    trace.inInterface.clear();
    trace.frame = packet.bytes;
    for (int hop = 0; hop < kTimeToLive; ++hop) {
        const bool made = hop == 0; // on this machine
        if (!m_network.hasStack(trace.at))
            return Stop{Verdict::TimedOut, "no such network namespace", {}, {}};
        const Stack& stack = m_network.stack(trace.at);
        if (!stack.up)
            return Stop{Verdict::TimedOut, stack.name + " is off", {}, {}};

        const std::string in = trace.inInterface;
        packet.mark = 0;
        packet.translated = false;
        packet.untracked = false;
        if (!packet.established && !stack.node.valid() && m_keep == Keep::Hits)
            m_machines.push_back(trace.at);
        if (!made) {
            note(PathStep::Kind::Received, trace.at, in, {}, packet);
            cross(trace.at, in, false, packet);
        } else if (!stack.mangle.empty() && packet.mss == kOwnMss) {
            if (const Route* route = stack.lookup(packet.destination); route != nullptr)
                packet.mss = stack.mtuOf(*route) - kHeaders;
        }
        untranslate(trace.at, packet);
        const std::string first = made ? "OUTPUT" : "PREROUTING";
        if (auto stop = track(stack, trace.at, hookOf(first), packet))
            return stop;
        if (auto stop = mangle(stack, trace.at, first, packet, in, {}))
            return stop;
        translate(stack, trace.at, first, packet, in, {}, {});

        if (stack.isLocal(packet.destination)) {
            if (made) {
                const Interface* loopback = stack.interface("lo");
                if (loopback != nullptr && !loopback->adminUp)
                    return Stop{packet.destination.value >> 24 == 127 ? Verdict::NetworkUnreachable
                                                                      : Verdict::TimedOut,
                                stack.name + " lo is down",
                                {},
                                {}};
                if (packet.source == Ipv4{})
                    packet.source = packet.destination;
                if (packet.mss == kOwnMss && loopback != nullptr)
                    packet.mss = loopback->mtu - kHeaders;
                if (auto stop = filter(stack, trace.at, "OUTPUT", packet, {}, "lo"))
                    return stop;
                cross(trace.at, "lo", true, packet);
                trace.delay += kVirtualHopDelay;
            } else {
                trace.delay += kStackDelay;
            }
            noteHook(trace.at, "INPUT", "routing", "local", {}, packet);
            if (auto stop = mangle(stack, trace.at, "INPUT", packet, made ? "lo" : in, {}))
                return stop;
            auto stop = filter(stack, trace.at, "INPUT", packet, made ? "lo" : in, {});
            if (!stop)
                note(PathStep::Kind::Delivered, trace.at, made ? "lo" : in, {}, packet);
            return stop;
        }

        if (!made && !stack.forwarding) {
            noteHook(trace.at, "FORWARD", "routing", "drop", "net.ipv4.ip_forward = 0", packet, {}, true);
            return Stop{Verdict::TimedOut, stack.name + " does not forward", {}, {}};
        }
        const Ipv4 own = stack.primaryAddress().value_or(Ipv4{});
        const Route* route = stack.lookup(packet.destination);
        const std::string after = made ? "OUTPUT" : "FORWARD";
        if (route == nullptr) {
            noteHook(trace.at, after, "routing", "unreachable", {}, packet, {}, true);
            return Stop{Verdict::NetworkUnreachable, stack.name + " has no route", made ? Ipv4{} : own,
                        made ? "" : "Destination Net Unreachable"};
        }
        const std::string text = fmt::format("{} route {}", stack.name, route->destination.text());
        if (m_keep == Keep::Steps)
            noteHook(trace.at, after, "routing",
                     route->destination.length == 0 ? "default" : route->destination.text(), {}, packet, {},
                     route->type != Route::Type::Unicast);
        switch (route->type) {
        case Route::Type::Unicast: break;
        case Route::Type::Blackhole:
            return Stop{made ? Verdict::InvalidArgument : Verdict::TimedOut, text + " blackhole", {}, {}};
        case Route::Type::Unreachable:
            return Stop{Verdict::HostUnreachable, text + " unreachable", own, made ? "" : kHostUnreachable};
        case Route::Type::Prohibit:
            return Stop{made ? Verdict::PermissionDenied : Verdict::Prohibited, text + " prohibit", own,
                        made ? "" : "Packet filtered"};
        }
        const std::string out = stack.deviceOf(*route);
        const std::int64_t mtu = stack.mtuOf(*route);
        if (made && packet.source == Ipv4{})
            packet.source = stack.sourceFor(*route);
        if (made && packet.mss == kOwnMss)
            packet.mss = mtu - kHeaders;
        note(made ? PathStep::Kind::Sent : PathStep::Kind::Routed, trace.at, out, text, packet);
        if (!stack.mangle.empty()) {
            const Route* reverse = stack.lookup(packet.source);
            packet.routeMtu = std::min(mtu, reverse == nullptr ? mtu : stack.mtuOf(*reverse));
        }
        if (made) {
            if (auto stop = filter(stack, trace.at, "OUTPUT", packet, {}, out))
                return stop;
            trace.delay += kStackDelay;
        } else {
            const Interface* through = stack.interface(in);
            const Ipv4 shown = through != nullptr && !through->addresses.empty()
                ? through->addresses.front().base
                : own;
            trace.hops.push_back({shown, stack.name, 2 * trace.delay});
            --packet.ttl;
            // The kernel looks at the size before its FORWARD hook (ip_forward).
            if (auto stop = fit(stack, out, mtu, false, true, packet, trace))
                return stop;
            if (auto stop = mangle(stack, trace.at, "FORWARD", packet, in, out))
                return stop;
            if (auto stop = filter(stack, trace.at, "FORWARD", packet, in, out))
                return stop;
        }
        if (auto stop = mangle(stack, trace.at, "POSTROUTING", packet, {}, out))
            return stop;
        translate(stack, trace.at, "POSTROUTING", packet, {}, out, stack.sourceFor(*route));
        if (made)
            if (auto stop = fit(stack, out, mtu, false, false, packet, trace))
                return stop;
        noteHook(trace.at, "POSTROUTING", "device", out, {}, packet);
        cross(trace.at, out, true, packet);
        if (auto stop = transmit(stack, *route, packet, trace)) {
            if (!made && stop->verdict == Verdict::HostUnreachable && stop->icmpFrom == Ipv4{}) {
                stop->icmpFrom = own;
                stop->icmp = kHostUnreachable;
            }
            return stop;
        }
        if (auto stop = take(packet, trace))
            return stop;
    }
    return Stop{Verdict::TimedOut, "routing loop", {}, {}};
}

std::optional<Walker::Stop> Walker::fit(const Stack& stack, const std::string& device, std::int64_t mtu, bool silent,
                                        bool forwards, const Packet& packet, Trace& trace)
{
    if (trace.narrows(mtu))
        trace.limits.push_back({trace.at, device, mtu, silent, forwards, stack.name, packet, m_translations.size()});
    if (trace.frame <= mtu)
        return std::nullopt;
    if (!packet.dontFragment && !silent) {
        trace.frame = mtu; // in fragments from here on
        return std::nullopt;
    }
    const std::string by = fmt::format("{} {} mtu {}", stack.name, device, mtu);
    note(PathStep::Kind::Stopped, trace.at, device, fmt::format("packet of {} bytes, mtu {}", trace.frame, mtu), packet);
    noteHook(trace.at, forwards ? "FORWARD" : "POSTROUTING", "device", "too big", by, packet, {}, true);
    if (silent || m_insideTunnel)
        return Stop{Verdict::TimedOut, by, {}, {}};
    Stop stop{Verdict::MessageTooLong, by, {}, {}};
    stop.mtu = mtu;
    if (forwards) {
        stop.icmpFrom = stack.primaryAddress().value_or(Ipv4{});
        if (const Route* back = stack.lookup(packet.source); back != nullptr && stack.sourceFor(*back) != Ipv4{})
            stop.icmpFrom = stack.sourceFor(*back);
        stop.icmp = fmt::format("Frag needed and DF set (mtu = {})", mtu);
    }
    return stop;
}

std::optional<Walker::Stop> Walker::fitSwitch(const Switch& on, const Packet& packet, Trace& trace)
{
    if (trace.narrows(on.mtu))
        trace.limits.push_back({{}, "port", on.mtu, true, true, on.name, packet, m_translations.size()});
    if (trace.frame <= on.mtu)
        return std::nullopt;
    const std::string by = fmt::format("{} port mtu {}", on.name, on.mtu);
    note(PathStep::Kind::Stopped, {}, {}, fmt::format("{}: packet of {} bytes, mtu {}", on.name, trace.frame, on.mtu), packet);
    return Stop{Verdict::TimedOut, by, {}, {}};
}

std::optional<Walker::Stop> Walker::take(const Packet& packet, Trace& trace)
{
    if (!m_network.hasStack(trace.at))
        return std::nullopt;
    const Stack& stack = m_network.stack(trace.at);
    const Interface* end = stack.interface(trace.inInterface);
    return end == nullptr || isTunnel(end->name) ? std::nullopt : fit(stack, end->name, end->mtu, true, false, packet, trace);
}

std::string Walker::tooBigLost(StackId sender, const Limit& limit)
{
    const Stack& router = m_network.stack(limit.at);
    Packet message{router.primaryAddress().value_or(Ipv4{}), limit.packet.source, Protocol::Icmp, 0, 0, true, false};
    message.related = true;
    message.icmpType = 3;
    message.icmpCode = 4;
    message.bytes = kErrorBytes;
    message.nextMtu = limit.mtu;
    message.about = limit.packet.destination;
    Trace back;
    // What the message meets is kept apart from what the packets of the connection meet.
    m_matched.swap(m_messageRules);
    m_crossings.swap(m_messageCrossings);
    m_errorMessage = true;
    const auto stop = carry(limit.at, message, back);
    m_errorMessage = false;
    m_matched.swap(m_messageRules);
    m_crossings.swap(m_messageCrossings);
    return stop ? stop->by : back.at != sender ? std::string("the wrong namespace") : std::string();
}

Walker::LargePath Walker::largePath(StackId sender, std::int64_t bytes, const Trace& way)
{
    LargePath path;
    path.bytes = bytes;
    for (const Limit& limit : way.limits) {
        if (limit.mtu >= path.bytes)
            continue;
        if (!limit.silent && !limit.forwards && limit.at == sender) {
            path.bytes = limit.mtu; // its own device: it makes no larger packets
            continue;
        }
        std::string lost = limit.silent ? std::string("no message") : tooBigLost(sender, limit);
        if (lost.empty()) {
            path.bytes = limit.mtu;
            continue;
        }
        path.passes = false;
        path.stoppedBy = limit.silent ? fmt::format("{} {} mtu {}", limit.name, limit.device, limit.mtu)
                                      : fmt::format("{} {} mtu {}, fragmentation-needed lost at {}", limit.name, limit.device,
                                                    limit.mtu, lost);
        return path;
    }
    return path;
}

std::optional<Walker::Stop> Walker::transmit(const Stack& stack, const Route& route, const Packet& packet,
                                             Trace& trace)
{
    const std::string device = stack.deviceOf(route);
    const Ipv4 nextHop = route.via.value_or(packet.destination);
    const StackId here = trace.at;

    if (stack.node.valid()) { // out of a pod: its only cable is the veth pair to its machine
        trace.delay += kVirtualHopDelay;
        trace.at = stack.node;
        trace.inInterface = "cali+";
        const auto address = stack.primaryAddress();
        if (address && m_network.hasStack(stack.node))
            for (const Route& back : m_network.stack(stack.node).routes)
                if (back.destination == Prefix{*address, 32})
                    trace.inInterface = back.device;
        if (const Interface* own = stack.interface(device); own != nullptr && !own->bridge.empty())
            trace.inInterface = own->bridge; // with br_netfilter, also between two ports of one bridge
        return std::nullopt;
    }
    if (isTunnel(device))
        return throughTunnel(stack, device, nextHop, trace);
    if (const LinkId link = m_network.fabric().linkOf(here, device); link.valid())
        return overFabric(stack, link, nextHop, packet, trace);

    for (const StackId candidate :
         m_network.allByAddress(nextHop)) { // a veth or a bridge: a pod of this machine
        const Stack& pod = m_network.stack(candidate);
        if (pod.node != here)
            continue;
        for (const Interface& i : pod.interfaces)
            for (const Prefix& own : i.addresses)
                if (own.base == nextHop && i.adminUp) {
                    trace.delay += kVirtualHopDelay;
                    trace.at = candidate;
                    trace.inInterface = i.name;
                    return std::nullopt;
                }
    }
    return Stop{Verdict::HostUnreachable,
                fmt::format("{} {}: nobody has {}", stack.name, device, nextHop.text()),
                {},
                {},
                kArpTimeout};
}

std::optional<Walker::Stop> Walker::overFabric(const Stack& stack, LinkId link, Ipv4 nextHop, const Packet& packet,
                                               Trace& trace)
{
    const Fabric& fabric = m_network.fabric();
    const std::string noAnswer = fmt::format("{}: no ARP answer from {}", stack.name, nextHop.text());
    if (!fabric.carrier(link))
        return Stop{Verdict::HostUnreachable,
                    stack.name + " " + fabric.links()[link.value].interface + " has no carrier",
                    {},
                    {},
                    kArpTimeout};
    for (const StackId candidate : m_network.allByAddress(nextHop)) {
        const Stack& peer = m_network.stack(candidate);
        if (!peer.up || candidate == trace.at)
            continue;
        for (const Interface& i : peer.interfaces) {
            const bool own = std::any_of(i.addresses.begin(), i.addresses.end(),
                                         [&](const Prefix& p) { return p.base == nextHop; });
            if (!own || !i.adminUp)
                continue;
            const auto path = fabric.path(link, fabric.linkOf(candidate, i.name));
            if (!path)
                continue;
            for (std::size_t n = 0; n < path->channels.size(); ++n) {
                const Link& l = fabric.links()[linkOf(path->channels[n]).value];
                trace.delay += l.latency;
                trace.passed *= 1 - std::clamp(l.lossRatio, 0.0, 1.0);
                if (n >= path->switches.size())
                    continue;
                const Switch& passed = fabric.switches()[path->switches[n].value];
                trace.hops.push_back({{}, passed.name, 2 * trace.delay});
                note(PathStep::Kind::Switched, {}, {}, passed.name, packet);
                if (auto stop = fitSwitch(passed, packet, trace))
                    return stop;
            }
            trace.channels.insert(trace.channels.end(), path->channels.begin(), path->channels.end());
            trace.at = candidate;
            trace.inInterface = i.name;
            return std::nullopt;
        }
    }
    return Stop{Verdict::HostUnreachable, noAnswer, {}, {}, kArpTimeout};
}

std::optional<Walker::Stop> Walker::throughTunnel(const Stack& stack, const std::string& device, Ipv4 nextHop,
                                                  Trace& trace)
{
    const StackId peerId = m_network.findByAddress(nextHop);
    if (!peerId.valid() || m_insideTunnel)
        return Stop{Verdict::HostUnreachable,
                    fmt::format("{} {}: no tunnel to {}", stack.name, device, nextHop.text()),
                    {},
                    {}};
    const auto underlay = m_network.stack(peerId).primaryAddress();
    if (!underlay)
        return Stop{Verdict::TimedOut, m_network.stack(peerId).name + " has no address", {}, {}};
    const bool vxlan = device.substr(0, 4) != "tunl"; // otherwise IPIP, which no rule here names
    Packet outer{
        {}, *underlay, vxlan ? Protocol::Udp : Protocol::Any, kEphemeralPort, vxlan ? kVxlanPort : 0, false};
    // Tunnel ends do not fragment (RFC 7348, 4.3), and an error about the outer packet does not reach the inner one's sender.
    const std::int64_t added = vxlan ? kVxlanBytes : kIpipBytes;
    outer.bytes = trace.frame + added;
    outer.dontFragment = true;
    Trace tunnel;
    m_insideTunnel = true;
    const auto stop = carry(trace.at, outer, tunnel);
    m_insideTunnel = false;
    for (Limit limit : tunnel.limits) {
        limit.mtu -= added;
        limit.silent = true;
        if (trace.narrows(limit.mtu))
            trace.limits.push_back(std::move(limit));
    }
    trace.delay += tunnel.delay + kTunnelDelay;
    trace.passed *= tunnel.passed;
    for (Hop& hop : tunnel.hops)
        if (hop.address == Ipv4{})
            trace.hops.push_back(std::move(hop));
    trace.channels.insert(trace.channels.end(), tunnel.channels.begin(), tunnel.channels.end());
    note(PathStep::Kind::Encapsulated, trace.at, device, "to " + underlay->text(), outer);
    if (stop) // the inner packet vanishes: errors for the outer one go to the machine, not to the pod
        return Stop{Verdict::TimedOut, stop->by, {}, {}};
    const Interface* end = m_network.stack(tunnel.at).interface(device);
    if (end == nullptr || !end->adminUp)
        return Stop{Verdict::TimedOut, m_network.stack(tunnel.at).name + " has no " + device, {}, {}};
    trace.at = tunnel.at;
    trace.inInterface = device;
    return std::nullopt;
}

std::optional<Walker::Stop> Walker::answer(const Packet& request, const Trace& there, Trace& back)
{
    Packet packet = answerTo(request);
    if (request.protocol != Protocol::Icmp) { // an echo comes back as large as it was
        packet.bytes = std::min(packet.bytes, Probe{}.bytes);
        packet.dontFragment = false;
    }
    auto stop = carry(there.at, packet, back);
    back.arrived = packet;
    if (stop)
        return Stop{Verdict::TimedOut, stop->by + " (answer)", {}, {}};
    return std::nullopt;
}

PathResult Walker::reach(StackId from, Ipv4 destination, const Probe& probe)
{
    const Protocol protocol = probe.protocol;
    PathResult result;
    Packet packet{probe.source, destination, protocol,
                  probe.sourcePort != 0                ? probe.sourcePort
                      : protocol == Protocol::Icmp ? 0 : kEphemeralPort,
                  probe.port, false};
    packet.chance = probe.chance;
    packet.bytes = probe.bytes;
    packet.dontFragment = probe.dontFragment;
    packet.mss = protocol == Protocol::Tcp ? kOwnMss : 0;
    Trace there;
    auto stop = carry(from, packet, there);
    m_arrived = packet;
    m_requestCrossings = m_crossings.size();
    if (stop && stop->verdict == Verdict::MessageTooLong && stop->icmpFrom != Ipv4{} && !there.limits.empty())
        if (const std::string lost = tooBigLost(from, there.limits.back()); !lost.empty())
            stop = Stop{Verdict::TimedOut, stop->by + ", fragmentation-needed lost at " + lost, {}, {}};
    if (stop && (m_steps.empty() || m_steps.back().kind != PathStep::Kind::Stopped))
        note(PathStep::Kind::Stopped, there.at, {}, stop->by, packet);
    result.steps = std::move(m_steps);
    result.hooks = std::move(m_hooks);
    result.reached = packet.destination;
    result.reachedPort = packet.destinationPort;
    result.source = packet.source;
    result.hops = there.hops;
    for (const Channel channel : there.channels)
        result.links.push_back(linkOf(channel));
    result.lossRatio = 1 - there.passed;
    result.rtt = 2 * there.delay;
    if (stop) {
        result.verdict = stop->verdict;
        result.stoppedBy = stop->by;
        result.answeredBy = stop->icmpFrom;
        result.icmpError = stop->icmp;
        result.errorAfter = stop->after + 2 * there.delay;
        result.mtu = stop->mtu;
        if (stop->verdict == Verdict::Refused)
            result.target = there.at;
        return result;
    }

    result.arrived = true;
    result.reachedFrom = packet.source;
    result.pathMtu = there.smallestMtu;
    const Stack& target = m_network.stack(there.at);
    const bool answers = protocol == Protocol::Icmp || protocol == Protocol::Any
        || target.listener(protocol, packet.destination, packet.destinationPort) != nullptr;
    Trace back;
    if (const auto lost = answer(packet, there, back)) {
        result.verdict = Verdict::TimedOut;
        result.target = there.at;
        result.stoppedBy = lost->by;
        if (m_keep == Keep::Steps)
            result.steps.push_back({PathStep::Kind::Stopped, back.at, {}, lost->by, {}, packet.source, packet.destination,
                                    packet.destinationPort});
        return result;
    }
    result.hops.push_back({destination, target.name, there.delay + back.delay});
    result.verdict = answers ? Verdict::Delivered : Verdict::Refused;
    result.target = there.at;
    result.rtt = there.delay + back.delay;
    result.lossRatio = 1 - there.passed * back.passed;
    if (answers && protocol == Protocol::Tcp) {
        const LargePath towards = largePath(from, back.arrived.mss + kHeaders, there);
        const LargePath backwards = largePath(there.at, packet.mss + kHeaders, back);
        result.mss = towards.bytes - kHeaders;
        result.answerMss = backwards.bytes - kHeaders;
        result.largePasses = towards.passes;
        result.largeAnswerPasses = backwards.passes;
        result.largeStoppedBy = towards.passes ? backwards.stoppedBy : towards.stoppedBy;
    }
    if (!answers)
        result.stoppedBy = fmt::format("{}: nobody listens on port {}", target.name, packet.destinationPort);
    if (!answers && !result.steps.empty()) {
        result.steps.back().kind = PathStep::Kind::Stopped;
        result.steps.back().detail = result.stoppedBy;
    }
    return result;
}

Walker::FlowPath Walker::flowPath(StackId from, StackId to, std::int64_t serverPort)
{
    FlowPath result;
    if (!m_network.hasStack(from) || !m_network.hasStack(to))
        return result;
    if (from == to) {
        result.open = m_network.stack(from).up;
        result.rtt = 2 * kVirtualHopDelay;
        return result;
    }
    // The receiver opened the connection: walk its side first, so that its address translation is known.
    const auto server = m_network.stack(from).primaryAddress();
    if (!server)
        return result;
    Packet request{{}, *server, Protocol::Tcp, kEphemeralPort, serverPort, true};
    request.mss = kOwnMss;
    Trace towards;
    if (carry(to, request, towards))
        return result;
    Trace data;
    if (answer(request, towards, data) || data.at != to)
        return result;
    result.open = true;
    result.channels = data.channels;
    result.rtt = towards.delay + data.delay;
    result.lossRatio = 1 - data.passed;
    result.largePasses = largePath(from, request.mss + kHeaders, data).passes;
    return result;
}

Walker::Talk Walker::talk(const Connection& c, std::uint64_t chance)
{
    Talk talk;
    if (!m_network.hasStack(c.client.stack) || !m_network.hasStack(c.server.stack))
        return talk;
    Packet request{c.client.address, c.client.peer, Protocol::Tcp, c.client.port, c.client.peerPort, true};
    request.chance = chance;
    request.mss = kOwnMss;
    Trace towards;
    talk.there = !carry(c.client.stack, request, towards) && towards.at == c.server.stack;
    m_requestCrossings = m_crossings.size();
    if (!talk.there) {
        talk.stoppedAt = towards.at;
        return talk;
    }
    Trace back;
    talk.back = !answer(request, towards, back) && back.at == c.client.stack;
    talk.largeThere = largePath(c.client.stack, back.arrived.mss + kHeaders, towards).passes;
    talk.largeBack = largePath(c.server.stack, request.mss + kHeaders, back).passes;
    talk.rtt = towards.delay + back.delay;
    return talk;
}

void place(WirePacket& packet, const Walker::Crossing& crossing)
{
    packet.stack = crossing.stack;
    packet.device = crossing.device;
    packet.outwards = crossing.outwards;
    packet.protocol = crossing.packet.protocol;
    packet.source = crossing.packet.source;
    packet.destination = crossing.packet.destination;
    packet.ttl = crossing.packet.ttl;
}

WirePacket messageAt(const Walker::Crossing& crossing, Instant at)
{
    constexpr std::int64_t kUnreachable = 3, kFragmentationNeeded = 4;
    WirePacket packet;
    packet.at = at;
    place(packet, crossing);
    packet.bytes = crossing.packet.bytes;
    packet.icmpType = kUnreachable;
    packet.icmpCode = kFragmentationNeeded;
    packet.icmpMtu = crossing.packet.nextMtu;
    packet.icmpAbout = crossing.packet.about;
    return packet;
}

} // namespace sim::net
