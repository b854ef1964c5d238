#include "sim/net/stack.h"

#include <algorithm>

namespace sim::net {

namespace {

constexpr Prefix kLoopback{Ipv4{0x7f000000}, 8};

} // namespace

bool IpSet::contains(Ipv4 address, Protocol protocol, std::int64_t port) const
{
    for (const Prefix& excluded : except)
        if (excluded.contains(address))
            return false;
    for (const Member& member : members)
        if (member.prefix.contains(address) && (member.protocol == Protocol::Any || member.protocol == protocol)
            && (member.port == 0 || member.port == port))
            return true;
    return false;
}

std::optional<Ipv4> Stack::primaryAddress() const
{
    for (const Interface& i : interfaces)
        if (i.name != "lo" && !i.addresses.empty())
            return i.addresses.front().base;
    return std::nullopt;
}

const Interface* Stack::interface(std::string_view device) const
{
    for (const Interface& i : interfaces)
        if (i.name == device)
            return &i;
    return nullptr;
}

Interface* Stack::interface(std::string_view device)
{
    return const_cast<Interface*>(static_cast<const Stack*>(this)->interface(device));
}

bool Stack::isLocal(Ipv4 address) const
{
    if (kLoopback.contains(address))
        return true;
    for (const Interface& i : interfaces)
        for (const Prefix& own : i.addresses)
            if (own.base == address)
                return true;
    return false;
}

std::string Stack::deviceOf(const Route& route) const
{
    if (!route.device.empty() || !route.via)
        return route.device;
    for (const Interface& i : interfaces)
        for (const Prefix& own : i.addresses)
            if (own.length < 32 && own.contains(*route.via))
                return i.name;
    return {};
}

bool Stack::usable(const Route& route) const
{
    if (route.type != Route::Type::Unicast)
        return true;
    const Interface* i = interface(deviceOf(route));
    return i != nullptr && i->adminUp;
}

const Route* Stack::lookup(Ipv4 destination) const
{
    const Route* best = nullptr;
    for (const Route& route : routes) {
        if (!route.destination.contains(destination) || !usable(route))
            continue;
        if (best == nullptr || route.destination.length > best->destination.length
            || (route.destination.length == best->destination.length && route.metric < best->metric))
            best = &route;
    }
    return best;
}

Ipv4 Stack::sourceFor(const Route& route) const
{
    if (route.source)
        return *route.source;
    if (const Interface* i = interface(deviceOf(route)); i != nullptr && !i->addresses.empty())
        return i->addresses.front().base;
    return primaryAddress().value_or(Ipv4{});
}

std::int64_t Stack::mtuOf(const Route& route) const
{
    const Interface* i = interface(deviceOf(route));
    const std::int64_t own = i == nullptr ? 1500 : i->mtu;
    return route.mtu > 0 ? std::min(route.mtu, own) : own;
}

const std::map<std::string, Chain>& Stack::table(std::string_view which) const
{
    return which == "nat" ? nat : which == "mangle" ? mangle : which == "raw" ? raw : filter;
}

std::map<std::string, Chain>& Stack::table(std::string_view which)
{
    return const_cast<std::map<std::string, Chain>&>(static_cast<const Stack*>(this)->table(which));
}

bool Stack::tracksConnections() const
{
    const auto asks = [](const std::map<std::string, Chain>& chains, bool anyRule) {
        for (const auto& [chainName, chain] : chains)
            for (const FirewallRule& rule : chain.rules)
                if (anyRule || rule.match.find("state ") != std::string::npos)
                    return true;
        return false;
    };
    return asks(nat, true) || asks(filter, false) || asks(mangle, false);
}

Listener* Stack::listener(Protocol protocol, Ipv4 address, std::int64_t port)
{
    return const_cast<Listener*>(static_cast<const Stack*>(this)->listener(protocol, address, port));
}

const Listener* Stack::listener(Protocol protocol, Ipv4 address, std::int64_t port) const
{
    for (const Listener& l : listeners)
        if (l.protocol == protocol && l.port == port && (!l.address || *l.address == address))
            return &l;
    return nullptr;
}

} // namespace sim::net
