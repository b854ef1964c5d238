#include "sim/net/changes.h"

#include <algorithm>

namespace sim::net {

namespace {

constexpr const char* kNoDevice = "Cannot find device ";
/// iptables 1.8.9 (nf_tables), Debian 12's.
constexpr const char* kNoChain = "iptables: No chain/target/match by that name.";
constexpr const char* kNoRule = "iptables: Bad rule (does a matching rule exist in that chain?).";

std::string complete(const Stack& stack, Route& route)
{
    route.destination.base = route.destination.network();
    if (route.mtu < 0)
        return "RTNETLINK answers: Invalid argument";
    if (route.protocol.empty())
        route.protocol = "boot";
    if (route.type != Route::Type::Unicast) {
        route.device.clear();
        return {};
    }
    if (!route.device.empty()) {
        const Interface* device = stack.interface(route.device);
        if (device == nullptr)
            return kNoDevice + ("\"" + route.device + "\"");
        if (!device->adminUp)
            return "RTNETLINK answers: Network is down";
    }
    if (route.via) {
        if (stack.isLocal(*route.via))
            return "Error: Nexthop has invalid gateway.";
        const std::string named = std::exchange(route.device, {});
        const std::string found = stack.deviceOf(route);
        route.device = named.empty() ? found : named;
        // A gateway must be on a connected network, unless a host route to it says so (Calico's 169.254.1.1).
        const Route* towards = stack.lookup(*route.via);
        const bool connected = !found.empty()
            || (towards != nullptr && !towards->via && towards->device == route.device);
        if (!connected || route.device.empty())
            return "Error: Nexthop has invalid gateway.";
        if (const Interface* device = stack.interface(route.device); device != nullptr && !device->adminUp)
            return "RTNETLINK answers: Network is unreachable";
    } else if (route.device.empty()) {
        return "RTNETLINK answers: No such device";
    }
    if (route.scope.empty())
        route.scope = route.via ? "global" : "link";
    return {};
}

bool sameKey(const Route& a, const Route& b)
{
    return a.destination == b.destination && a.metric == b.metric;
}

/// Longest prefix first, then metric: the order the header promises.
void insertSorted(std::vector<Route>& routes, Route route)
{
    const auto at = std::find_if(routes.begin(), routes.end(), [&](const Route& r) {
        return r.destination.length < route.destination.length
            || (r.destination.length == route.destination.length && r.metric > route.metric);
    });
    routes.insert(at, std::move(route));
}

std::map<std::string, Chain>& tableOf(Stack& stack, const std::string& table)
{
    return stack.table(table);
}

/// Null when there is no such chain; built-in ones appear on first use.
Chain* findChain(Stack& stack, const std::string& table, const std::string& chain)
{
    auto& chains = tableOf(stack, table);
    const auto& builtIn = builtInChains(table);
    if (const auto found = chains.find(chain); found != chains.end())
        return &found->second;
    if (std::find(builtIn.begin(), builtIn.end(), chain) == builtIn.end())
        return nullptr;
    return &chains.emplace(chain, Chain{"ACCEPT", {}}).first->second;
}

bool knownTarget(Stack& stack, const std::string& table, const std::string& target)
{
    static constexpr const char* kTargets[] = {"",     "ACCEPT",     "DROP",     "REJECT", "RETURN", "LOG",     "DNAT",
                                               "SNAT", "MASQUERADE", "REDIRECT", "MARK",   "TCPMSS", "NOTRACK", "CT"};
    return std::any_of(std::begin(kTargets), std::end(kTargets), [&](const char* t) { return target == t; })
        || tableOf(stack, table).count(target) > 0;
}

/// Counters and comments do not make two rules different.
bool sameRule(FirewallRule a, FirewallRule b)
{
    a.packets = b.packets = a.bytes = b.bytes = 0;
    return a == b;
}

} // namespace

std::string addRoute(Stack& stack, Route route)
{
    if (std::string error = complete(stack, route); !error.empty())
        return error;
    if (std::any_of(stack.routes.begin(), stack.routes.end(),
                    [&](const Route& r) { return sameKey(r, route); }))
        return "RTNETLINK answers: File exists";
    insertSorted(stack.routes, std::move(route));
    return {};
}

std::string replaceRoute(Stack& stack, Route route)
{
    if (std::string error = complete(stack, route); !error.empty())
        return error;
    std::erase_if(stack.routes, [&](const Route& r) { return sameKey(r, route); });
    insertSorted(stack.routes, std::move(route));
    return {};
}

std::string deleteRoute(Stack& stack, const Route& route)
{
    if (!route.device.empty() && stack.interface(route.device) == nullptr)
        return kNoDevice + ("\"" + route.device + "\"");
    const Prefix destination{route.destination.network(), route.destination.length};
    const auto found = std::find_if(stack.routes.begin(), stack.routes.end(), [&](const Route& r) {
        return r.destination == destination && (!route.via || r.via == route.via)
            && (route.device.empty() || r.device == route.device)
            && (route.metric == 0 || r.metric == route.metric)
            && (route.type == Route::Type::Unicast || r.type == route.type);
    });
    if (found == stack.routes.end())
        return "RTNETLINK answers: No such process";
    stack.routes.erase(found);
    return {};
}

std::string setInterfaceUp(Stack& stack, const std::string& device, bool up)
{
    Interface* i = stack.interface(device);
    if (i == nullptr)
        return kNoDevice + ("\"" + device + "\"");
    i->adminUp = up;
    return {};
}

std::string setMtu(Stack& stack, const std::string& device, std::int64_t mtu)
{
    Interface* i = stack.interface(device);
    if (i == nullptr)
        return kNoDevice + ("\"" + device + "\"");
    if (mtu < 68) // RFC 791's smallest
        return "Error: mtu less than device minimum.";
    if (mtu > 65536)
        return "Error: mtu greater than device maximum.";
    i->mtu = mtu;
    return {};
}

std::string addAddress(Stack& stack, const std::string& device, Prefix address)
{
    Interface* i = stack.interface(device);
    if (i == nullptr)
        return kNoDevice + ("\"" + device + "\"");
    for (const Prefix& own : i->addresses)
        if (own == address)
            return "RTNETLINK answers: File exists";
    i->addresses.push_back(address);
    const Prefix connected{address.network(), address.length};
    const bool there = std::any_of(stack.routes.begin(), stack.routes.end(), [&](const Route& r) {
        return r.destination == connected && r.metric == 0;
    });
    if (address.length < 32 && device != "lo" && !there)
        insertSorted(
            stack.routes,
            {connected, Route::Type::Unicast, std::nullopt, device, address.base, "kernel", "link", 0});
    return {};
}

std::string removeAddress(Stack& stack, const std::string& device, Prefix address)
{
    Interface* i = stack.interface(device);
    if (i == nullptr)
        return kNoDevice + ("\"" + device + "\"");
    const auto own = std::find(i->addresses.begin(), i->addresses.end(), address);
    if (own == i->addresses.end())
        return "RTNETLINK answers: Cannot assign requested address";
    i->addresses.erase(own);
    std::erase_if(stack.routes,
                  [&](const Route& r) { return r.device == device && r.source == address.base; });
    // Without an address on the gateway's network the kernel drops the routes through it.
    std::erase_if(stack.routes, [&](const Route& r) {
        return r.device == device && r.via && address.length < 32 && address.contains(*r.via)
            && std::none_of(i->addresses.begin(), i->addresses.end(),
                            [&](const Prefix& p) { return p.contains(*r.via); });
    });
    return {};
}

const std::vector<std::string>& builtInChains(const std::string& table)
{
    static const std::vector<std::string> filter{"INPUT", "FORWARD", "OUTPUT"};
    static const std::vector<std::string> nat{"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"};
    static const std::vector<std::string> mangle{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
    static const std::vector<std::string> raw{"PREROUTING", "OUTPUT"};
    return table == "nat" ? nat : table == "mangle" ? mangle : table == "raw" ? raw : filter;
}

std::string appendRule(Stack& stack, const std::string& table, const std::string& chain, FirewallRule rule)
{
    Chain* c = findChain(stack, table, chain);
    if (c == nullptr || !knownTarget(stack, table, rule.target))
        return kNoChain;
    c->rules.push_back(std::move(rule));
    return {};
}

std::string insertRule(Stack& stack, const std::string& table, const std::string& chain, std::int64_t index,
                       FirewallRule rule)
{
    Chain* c = findChain(stack, table, chain);
    if (c == nullptr || !knownTarget(stack, table, rule.target))
        return kNoChain;
    if (index < 1 || index > static_cast<std::int64_t>(c->rules.size()) + 1)
        return "iptables: Index of insertion too big.";
    c->rules.insert(c->rules.begin() + (index - 1), std::move(rule));
    return {};
}

std::string deleteRule(Stack& stack, const std::string& table, const std::string& chain,
                       const FirewallRule& rule)
{
    Chain* c = findChain(stack, table, chain);
    if (c == nullptr)
        return kNoChain;
    const auto found = std::find_if(c->rules.begin(), c->rules.end(),
                                    [&](const FirewallRule& r) { return sameRule(r, rule); });
    if (found == c->rules.end())
        return kNoRule;
    c->rules.erase(found);
    return {};
}

std::string deleteRuleAt(Stack& stack, const std::string& table, const std::string& chain, std::int64_t index)
{
    Chain* c = findChain(stack, table, chain);
    if (c == nullptr)
        return kNoChain;
    if (index < 1 || index > static_cast<std::int64_t>(c->rules.size()))
        return "iptables: Index of deletion too big.";
    c->rules.erase(c->rules.begin() + (index - 1));
    return {};
}

std::string flushChain(Stack& stack, const std::string& table, const std::string& chain)
{
    if (chain.empty()) {
        for (auto& [name, c] : tableOf(stack, table))
            c.rules.clear();
        return {};
    }
    Chain* c = findChain(stack, table, chain);
    if (c == nullptr)
        return kNoChain;
    c->rules.clear();
    return {};
}

std::string setPolicy(Stack& stack, const std::string& table, const std::string& chain,
                      const std::string& policy)
{
    const auto& builtIn = builtInChains(table);
    if (std::find(builtIn.begin(), builtIn.end(), chain) == builtIn.end())
        return "iptables: Bad built-in chain name.";
    if (policy != "ACCEPT" && policy != "DROP")
        return "iptables: Bad policy name. Run `dmesg' for more information.";
    findChain(stack, table, chain)->policy = policy;
    return {};
}

std::string zeroChain(Stack& stack, const std::string& table, const std::string& chain)
{
    if (!chain.empty() && findChain(stack, table, chain) == nullptr)
        return kNoChain;
    for (auto& [name, c] : tableOf(stack, table)) {
        if (!chain.empty() && name != chain)
            continue;
        c.packets = c.bytes = 0;
        for (FirewallRule& rule : c.rules)
            rule.packets = rule.bytes = 0;
    }
    return {};
}

std::string renameChain(Stack& stack, const std::string& table, const std::string& chain, const std::string& name)
{
    auto& chains = tableOf(stack, table);
    const auto found = chains.find(chain);
    if (found == chains.end() || !found->second.policy.empty())
        return kNoChain;
    if (chains.count(name) > 0)
        return "iptables: File exists.";
    auto node = chains.extract(found);
    node.key() = name;
    chains.insert(std::move(node));
    for (auto& [other, c] : chains)
        for (FirewallRule& rule : c.rules)
            if (rule.target == chain)
                rule.target = name;
    return {};
}

std::string newChain(Stack& stack, const std::string& table, const std::string& chain)
{
    if (findChain(stack, table, chain) != nullptr)
        return "iptables: Chain already exists.";
    tableOf(stack, table).emplace(chain, Chain{});
    return {};
}

std::string deleteChain(Stack& stack, const std::string& table, const std::string& chain)
{
    auto& chains = tableOf(stack, table);
    const auto found = chains.find(chain);
    if (found == chains.end())
        return kNoChain;
    if (!found->second.policy.empty())
        return "iptables: Bad built-in chain name.";
    if (!found->second.rules.empty())
        return "iptables: Directory not empty.";
    for (const auto& [name, c] : chains)
        if (std::any_of(c.rules.begin(), c.rules.end(),
                        [&](const FirewallRule& r) { return r.target == chain; }))
            return "iptables: Too many links.";
    chains.erase(found);
    return {};
}

} // namespace sim::net
