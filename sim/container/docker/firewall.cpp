// What dockerd 27 asks of iptables: its chains, the rules of a bridge, those of a published port; and docker-proxy.
// Rules are added and taken away one by one, so that what others did to the tables stays done.
#include "sim/container/docker/daemon.h"
#include "sim/net/changes.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::container::docker {

namespace {

constexpr const char* kStage1 = "DOCKER-ISOLATION-STAGE-1";
constexpr const char* kStage2 = "DOCKER-ISOLATION-STAGE-2";
constexpr const char* kUser = "DOCKER-USER";
constexpr const char* kDocker = "DOCKER";
// portallocator: the kernel's ephemeral range
constexpr std::int64_t kFirstPort = 32768;
constexpr std::int64_t kLastPort = 60999;
constexpr std::int64_t kProxyBytes = 3 << 20;

net::FirewallRule jump(std::string target)
{
    net::FirewallRule rule;
    rule.target = std::move(target);
    return rule;
}

bool same(net::FirewallRule a, net::FirewallRule b)
{
    a.packets = a.bytes = b.packets = b.bytes = 0;
    return a == b;
}

bool hasRule(const net::Stack& stack, const std::string& table, const std::string& chain, const net::FirewallRule& rule)
{
    const auto& chains = table == "nat" ? stack.nat : stack.filter;
    const auto found = chains.find(chain);
    return found != chains.end()
        && std::any_of(found->second.rules.begin(), found->second.rules.end(), [&](const net::FirewallRule& r) { return same(r, rule); });
}

struct PlacedRule {
    std::string table;
    std::string chain;
    std::int64_t at = 0; ///< 1-based; 0: at the end
    net::FirewallRule rule;
};

void set(net::Stack& stack, const PlacedRule& placed, bool there)
{
    const bool has = hasRule(stack, placed.table, placed.chain, placed.rule);
    if (there && !has) {
        if (placed.at == 0)
            net::appendRule(stack, placed.table, placed.chain, placed.rule);
        else
            net::insertRule(stack, placed.table, placed.chain, placed.at, placed.rule);
    } else if (!there && has) {
        net::deleteRule(stack, placed.table, placed.chain, placed.rule);
    }
}

std::vector<PlacedRule> rulesOf(const Binding& binding, const std::string& bridge)
{
    const net::Protocol protocol = binding.wanted.udp ? net::Protocol::Udp : net::Protocol::Tcp;
    net::FirewallRule translate = jump("DNAT");
    translate.protocol = protocol;
    translate.inInterface = "!" + bridge;
    translate.destinationPort = binding.hostPort;
    if (binding.wanted.address)
        translate.destination = net::Prefix{*binding.wanted.address, 32};
    translate.targetOptions = fmt::format("to:{}:{}", binding.target.text(), binding.wanted.containerPort);
    net::FirewallRule accept = jump("ACCEPT");
    accept.protocol = protocol;
    accept.destination = net::Prefix{binding.target, 32};
    accept.inInterface = "!" + bridge;
    accept.outInterface = bridge;
    accept.destinationPort = binding.wanted.containerPort;
    net::FirewallRule hairpin = jump("MASQUERADE");
    hairpin.protocol = protocol;
    hairpin.source = hairpin.destination = net::Prefix{binding.target, 32};
    hairpin.destinationPort = binding.wanted.containerPort;
    return {{"nat", kDocker, 0, translate}, {"filter", kDocker, 0, accept}, {"nat", "POSTROUTING", 0, hairpin}};
}

/// Whether two publications cannot both be had.
bool clash(const Publish& a, std::int64_t portA, const Publish& b, std::int64_t portB)
{
    return portA == portB && a.udp == b.udp && (!a.address || !b.address || *a.address == *b.address);
}

} // namespace

void Daemon::setUpChains()
{
    net::Stack& stack = context.network().stack(machine().stack);
    for (const char* chain : {kDocker, kStage1, kStage2, kUser})
        if (stack.filter.count(chain) == 0)
            net::newChain(stack, "filter", chain);
    if (stack.nat.count(kDocker) == 0)
        net::newChain(stack, "nat", kDocker);
    for (const char* chain : {kUser, kStage1, kStage2})
        set(stack, {"filter", chain, 0, jump("RETURN")}, true);
    set(stack, {"filter", "FORWARD", 1, jump(kStage1)}, true);
    set(stack, {"filter", "FORWARD", 1, jump(kUser)}, true);
    net::setPolicy(stack, "filter", "FORWARD", "DROP");
    net::FirewallRule local = jump(kDocker);
    local.match = "addrtype --dst-type LOCAL";
    set(stack, {"nat", "PREROUTING", 0, local}, true);
    local.destination = net::Prefix{net::Ipv4{0x7f000000}, 8};
    local.notDestination = true;
    set(stack, {"nat", "OUTPUT", 0, local}, true);
}

void Daemon::allowBridge(const Network& network, bool allow)
{
    net::Stack& stack = context.network().stack(machine().stack);
    const std::string& bridge = network.bridge;
    const auto rule = [&](const char* target, std::string in, std::string out, std::string match = {}) {
        net::FirewallRule made = jump(target);
        made.inInterface = std::move(in);
        made.outInterface = std::move(out);
        made.match = std::move(match);
        return made;
    };
    net::FirewallRule masquerade = rule("MASQUERADE", "", "!" + bridge);
    masquerade.source = net::Prefix{network.subnet.network(), network.subnet.length};
    std::vector<PlacedRule> rules;
    if (!network.internal)
        rules.push_back({"nat", "POSTROUTING", 1, masquerade});
    rules.push_back({"nat", kDocker, 1, rule("RETURN", bridge, "")});
    // Below the two jumps; inserted one above the other, so the last comes first.
    constexpr std::int64_t kBelowJumps = 3;
    rules.push_back({"filter", "FORWARD", kBelowJumps, rule("ACCEPT", bridge, bridge)});
    if (!network.internal)
        rules.push_back({"filter", "FORWARD", kBelowJumps, rule("ACCEPT", bridge, "!" + bridge)});
    rules.push_back({"filter", "FORWARD", kBelowJumps, rule(kDocker, "", bridge)});
    rules.push_back({"filter", "FORWARD", kBelowJumps, rule("ACCEPT", "", bridge, "ctstate RELATED,ESTABLISHED")});
    rules.push_back({"filter", kStage1, 1, rule(kStage2, bridge, "!" + bridge)});
    rules.push_back({"filter", kStage2, 1, rule("DROP", "", bridge)});
    for (const PlacedRule& placed : rules)
        set(stack, placed, allow);
}

void Daemon::startProxy(Binding& binding)
{
    const net::Ipv4 address = binding.wanted.address.value_or(net::Ipv4{});
    host::Process proxy;
    proxy.name = "docker-proxy";
    const auto unit = machine().units.find(kUnit);
    proxy.parent = unit == machine().units.end() || unit->second.mainPid == 0 ? 1 : unit->second.mainPid;
    proxy.command = {"/usr/bin/docker-proxy", "-proto", binding.wanted.udp ? "udp" : "tcp", "-host-ip", address.text(), "-host-port",
                     std::to_string(binding.hostPort), "-container-ip", binding.target.text(), "-container-port",
                     std::to_string(binding.wanted.containerPort)};
    proxy.residentBytes = kProxyBytes;
    proxy.cgroup = "/system.slice/docker.service";
    binding.proxy = context.hosts().spawn(context.engine(), docker.host, std::move(proxy));
    context.network().stack(machine().stack).listeners.push_back({.protocol = binding.wanted.udp ? net::Protocol::Udp : net::Protocol::Tcp,
        .address = binding.wanted.address, .port = binding.hostPort, .pid = binding.proxy, .program = "docker-proxy"});
}

std::string Daemon::publish(Container& container)
{
    container.bindings.clear();
    const Endpoint* endpoint = nullptr;
    for (const Endpoint& one : container.endpoints)
        if (endpoint == nullptr && one.address)
            endpoint = &one;
    if (endpoint == nullptr)
        return {}; // the machine's own namespace, or none: -p is discarded
    const Network& network = docker.networks.at(endpoint->networkId);
    std::vector<Publish> wanted = container.settings.ports;
    if (container.settings.publishAll)
        for (const std::string& port : container.settings.exposed)
            wanted.push_back({.containerPort = std::atoll(port.c_str()), .udp = port.find("/udp") != std::string::npos});
    const auto taken = [&](const Publish& one, std::int64_t port) {
        for (const auto& [id, other] : docker.containers)
            for (const Binding& binding : other.bindings)
                if (clash(one, port, binding.wanted, binding.hostPort))
                    return true;
        return false;
    };
    const std::string failed = fmt::format("driver failed programming external connectivity on endpoint {} ({}): ", container.name,
                                           endpoint->endpointId);
    for (const Publish& one : wanted) {
        net::Stack& stack = context.network().stack(machine().stack);
        const net::Protocol protocol = one.udp ? net::Protocol::Udp : net::Protocol::Tcp;
        const net::Ipv4 address = one.address.value_or(net::Ipv4{});
        Binding binding{.wanted = one, .hostPort = one.hostPort, .target = *endpoint->address};
        const auto heard = [&](std::int64_t port) {
            return std::any_of(stack.listeners.begin(), stack.listeners.end(), [&](const net::Listener& l) {
                return l.protocol == protocol && l.port == port && (!one.address || !l.address || *l.address == *one.address);
            });
        };
        if (one.hostPort == 0) {
            binding.hostPort = kFirstPort;
            while (binding.hostPort <= kLastPort && (taken(one, binding.hostPort) || heard(binding.hostPort)))
                ++binding.hostPort;
        } else if (taken(one, one.hostPort)) {
            return failed + fmt::format("Bind for {}:{} failed: port is already allocated", address.text(), one.hostPort);
        } else if (heard(one.hostPort)) {
            return failed + fmt::format("failed to bind port {0}:{1}/{2}: Error starting userland proxy: listen {2}4 {0}:{1}: bind: address already in "
                                        "use", address.text(), one.hostPort, one.udp ? "udp" : "tcp");
        } else if (one.address && !stack.isLocal(*one.address)) {
            return failed + fmt::format("failed to bind port {0}:{1}/{2}: Error starting userland proxy: listen {2}4 {0}:{1}: bind: cannot assign "
                                        "requested address", address.text(), one.hostPort, one.udp ? "udp" : "tcp");
        }
        startProxy(binding);
        container.bindings.push_back(binding);
        for (const PlacedRule& placed : rulesOf(binding, network.bridge))
            set(context.network().stack(machine().stack), placed, true);
    }
    return {};
}

void Daemon::unpublish(Container& container)
{
    std::string bridge;
    for (const Endpoint& endpoint : container.endpoints)
        if (const auto network = docker.networks.find(endpoint.networkId); bridge.empty() && network != docker.networks.end())
            bridge = network->second.bridge;
    for (const Binding& binding : container.bindings) {
        for (const PlacedRule& placed : rulesOf(binding, bridge))
            set(context.network().stack(machine().stack), placed, false);
        if (binding.proxy != 0)
            context.hosts().exit(context.engine(), context.network(), docker.host, binding.proxy, 0);
        std::erase_if(context.network().stack(machine().stack).listeners,
                      [&](const net::Listener& l) { return binding.proxy != 0 && l.pid == binding.proxy; });
    }
    container.bindings.clear();
}

} // namespace sim::container::docker
