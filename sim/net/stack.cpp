#include "sim/net/stack.h"

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

const Listener* Stack::listener(Protocol protocol, Ipv4 address, std::int64_t port) const
{
    for (const Listener& l : listeners)
        if (l.protocol == protocol && l.port == port && (!l.address || *l.address == address))
            return &l;
    return nullptr;
}

} // namespace sim::net
