#include "sim/net/network.h"

#include "sim/net/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::net {

namespace {

/// The address Calico gives every pod as its gateway; the machine's veth end answers ARP for it.
constexpr Ipv4 kPodGateway{0xa9fe0101}; // 169.254.1.1

bool hasRouteTo(const Stack& stack, const Prefix& destination)
{
    return std::any_of(stack.routes.begin(), stack.routes.end(),
                       [&](const Route& r) { return r.destination == destination; });
}

Route makeRoute(Prefix destination, std::optional<Ipv4> via, std::string device, std::optional<Ipv4> source,
                std::string protocol, std::string scope)
{
    return {destination,         Route::Type::Unicast, via, std::move(device), source,
            std::move(protocol), std::move(scope),     0};
}

/// Calico names the machine's end "cali" and 11 hex digits of a hash of the pod.
std::string vethName(const Stack& pod, StackId id)
{
    Fingerprint f;
    f.add(pod.name);
    f.add(std::uint64_t{id.value});
    return fmt::format("cali{:011x}", f.value() & 0xfffffffffffULL);
}

} // namespace

const char* errnoText(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Delivered: return "";
    case Verdict::Refused: return "Connection refused";
    case Verdict::TimedOut: return "Connection timed out";
    case Verdict::NetworkUnreachable: return "Network is unreachable";
    case Verdict::HostUnreachable:
    case Verdict::Prohibited: return "No route to host";
    case Verdict::InvalidArgument: return "Invalid argument";
    case Verdict::PermissionDenied: return "Permission denied";
    case Verdict::NotPermitted: return "Operation not permitted";
    case Verdict::MessageTooLong: return "Message too long";
    }
    return "";
}

const char* connectText(Verdict verdict)
{
    return errnoText(verdict == Verdict::NotPermitted ? Verdict::TimedOut : verdict);
}

SwitchId Network::addSwitch(Switch s)
{
    return m_fabric.add(std::move(s));
}

LinkId Network::addLink(Link l)
{
    return m_fabric.add(std::move(l));
}

StackId Network::addStack(Stack s)
{
    const StackId id{m_nextStack++};
    if (s.interface("lo") == nullptr)
        s.interfaces.insert(s.interfaces.begin(),
                            {"lo", "00:00:00:00:00:00", {Prefix{Ipv4{0x7f000001}, 8}}, 65536, true});
    if (s.node.valid() && s.routes.empty()) {
        const auto device = std::find_if(s.interfaces.begin(), s.interfaces.end(),
                                         [](const Interface& i) { return i.name != "lo"; });
        if (device != s.interfaces.end()) {
            s.routes.push_back(
                makeRoute({Ipv4{}, 0}, kPodGateway, device->name, std::nullopt, "boot", "global"));
            s.routes.push_back(
                makeRoute({kPodGateway, 32}, std::nullopt, device->name, std::nullopt, "boot", "link"));
        }
    }
    for (const Interface& i : s.interfaces)
        for (const Prefix& own : i.addresses)
            if (i.name != "lo" && own.length < 32 && !hasRouteTo(s, {own.network(), own.length}))
                s.routes.push_back(
                    makeRoute({own.network(), own.length}, std::nullopt, i.name, own.base, "kernel", "link"));

    const auto address = s.primaryAddress();
    const bool onBridge = std::any_of(s.interfaces.begin(), s.interfaces.end(), [](const Interface& i) { return !i.bridge.empty(); });
    if (const auto node = m_stacks.find(s.node);
        node != m_stacks.end() && address && !onBridge && !hasRouteTo(node->second, {*address, 32})) {
        const std::string device = vethName(s, id);
        node->second.interfaces.push_back(
            {device, "ee:ee:ee:ee:ee:ee", {}, 1450, true}); // Calico's fixed MAC
        node->second.routes.push_back(
            makeRoute({*address, 32}, std::nullopt, device, std::nullopt, "boot", "link"));
    }
    m_stacks.emplace(id, std::move(s));
    index(id);
    return id;
}

void Network::removeStack(Engine& engine, StackId id)
{
    const auto found = m_stacks.find(id);
    if (found == m_stacks.end())
        return;
    if (const auto node = m_stacks.find(found->second.node); node != m_stacks.end()) {
        const std::string device = vethName(found->second, id);
        std::erase_if(node->second.routes, [&](const Route& r) { return r.device == device; });
        std::erase_if(node->second.interfaces, [&](const Interface& i) { return i.name == device; });
    }
    unindex(id);
    m_stacks.erase(found);
    std::set<FlowId> touched;
    for (auto& [flowId, flow] : m_flows) {
        if (flow.from != id && flow.to != id)
            continue;
        for (const Channel channel : flow.channels)
            for (const FlowId other : m_onChannel[channel])
                touched.insert(other);
        touched.insert(flowId);
    }
    for (const FlowId flow : touched) {
        Flow& f = m_flows.at(flow);
        if (f.from == id || f.to == id)
            route(engine, f);
    }
    share(engine, touched);
}

const Stack& Network::stack(StackId id) const
{
    const auto found = m_stacks.find(id);
    FL_ASSERT(found != m_stacks.end());
    return found->second;
}

Stack& Network::stack(StackId id)
{
    const auto found = m_stacks.find(id);
    FL_ASSERT(found != m_stacks.end());
    return found->second;
}

bool Network::hasStack(StackId id) const
{
    return m_stacks.find(id) != m_stacks.end();
}

Link& Network::link(LinkId id)
{
    return m_fabric.at(id);
}

Switch& Network::switchAt(SwitchId id)
{
    return m_fabric.at(id);
}

void Network::index(StackId id)
{
    for (const Interface& i : stack(id).interfaces)
        if (i.name != "lo")
            for (const Prefix& own : i.addresses)
                m_byAddress.emplace(own.base, id);
}

void Network::unindex(StackId id)
{
    for (const Interface& i : stack(id).interfaces)
        for (const Prefix& own : i.addresses)
            m_byAddress.erase({own.base, id});
}

std::vector<StackId> Network::allByAddress(Ipv4 address) const
{
    std::vector<StackId> found;
    for (auto i = m_byAddress.lower_bound({address, StackId{std::uint32_t{0}}});
         i != m_byAddress.end() && i->first == address; ++i)
        found.push_back(i->second);
    return found;
}

StackId Network::findByAddress(Ipv4 address) const
{
    const auto i = m_byAddress.lower_bound({address, StackId{std::uint32_t{0}}});
    return i != m_byAddress.end() && i->first == address ? i->second : StackId{};
}

StackId Network::findByName(std::string_view name) const
{
    for (const auto& [id, s] : m_stacks)
        if (s.name == name)
            return id;
    return {};
}

PathResult Network::reach(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port, std::uint64_t chance) const
{
    return Walker(*this).reach(from, destination, {.protocol = protocol, .port = port, .chance = chance});
}

PathResult Network::reach(StackId from, Ipv4 destination, const Probe& probe) const
{
    return Walker(*this).reach(from, destination, probe);
}

PathResult Network::explain(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port, std::uint64_t chance) const
{
    return explain(from, destination, {.protocol = protocol, .port = port, .chance = chance});
}

PathResult Network::explain(StackId from, Ipv4 destination, const Probe& probe) const
{
    return Walker(*this, Walker::Keep::Steps).reach(from, destination, probe);
}

PathResult Network::send(StackId from, Ipv4 destination, Protocol protocol, std::int64_t port,
                         std::int64_t packets, std::int64_t bytes)
{
    Walker walker(*this, Walker::Keep::Hits);
    PathResult result = walker.reach(from, destination, {.protocol = protocol, .port = port});
    count(walker, packets, bytes);
    return result;
}

void Network::count(const Walker& walker, std::int64_t packets, std::int64_t bytes)
{
    for (const MatchedRule& rule : walker.matchedRules())
        count(rule, packets, bytes);
}

void Network::countMessages(const Walker& walker, std::int64_t messages)
{
    for (const MatchedRule& rule : walker.messageRules())
        count(rule, messages, messages * kErrorBytes);
}

void Network::countTraffic(const Walker& walker, double requests, std::int64_t requestBytes, std::int64_t answerBytes)
{
    constexpr double kHeadBytes = 66; // Ethernet, IP and TCP with timestamps
    for (std::size_t i = 0; i < walker.crossings().size(); ++i) {
        const Walker::Crossing& at = walker.crossings()[i];
        Interface* device = stack(at.stack).interface(at.device);
        if (device == nullptr)
            continue;
        const double payload = static_cast<double>(i < walker.requestCrossings() ? requestBytes : answerBytes);
        const double packets = requests * std::max(1.0, std::ceil(payload / kSegmentPayload));
        (at.outwards ? device->counters.txPackets : device->counters.rxPackets) += packets;
        (at.outwards ? device->counters.txBytes : device->counters.rxBytes) += requests * payload + packets * kHeadBytes;
    }
}

void Network::count(const MatchedRule& rule, std::int64_t packets, std::int64_t bytes)
{
    const auto chain = stack(rule.stack).table(rule.hit.table).find(rule.hit.chain);
    if (rule.hit.index == RuleHit::kPolicy) {
        chain->second.packets += packets;
        chain->second.bytes += bytes;
    } else {
        FirewallRule& matched = chain->second.rules.at(rule.hit.index);
        matched.packets += packets;
        matched.bytes += bytes;
    }
}

void Network::addTo(Fingerprint& f) const
{
    m_fabric.addTo(f);
    sim::addTo(f, m_stacks);
    sim::addTo(f, m_flows);
    sim::addTo(f, m_ended);
    sim::addTo(f, m_connections);
    sim::addTo(f, m_datagrams);
    sim::addTo(f, m_streams);
    sim::addTo(f, m_wire);
    sim::addTo(f, m_ticked);
    f.add(std::uint64_t{m_nextStack});
    f.add(std::uint64_t{m_nextFlow});
    f.add(std::uint64_t{m_nextConnection});
    f.add(m_nextPacket);
}

} // namespace sim::net
