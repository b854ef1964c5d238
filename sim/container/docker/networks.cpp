// libnetwork: bridges, addresses in order, network namespaces and their veth pairs, names.
#include "sim/container/docker/daemon.h"
#include "sim/container/machine_names.h"
#include "sim/net/changes.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::container::docker {

namespace {

Outcome denied(int status, std::string error)
{
    Outcome outcome;
    outcome.status = status;
    outcome.error = std::move(error);
    return outcome;
}

bool overlap(const net::Prefix& a, const net::Prefix& b)
{
    return a.contains(b.network()) || b.contains(a.network());
}

/// libnetwork made addresses' hardware addresses from them up to 27.
std::string macOf(net::Ipv4 address)
{
    return fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", address.value >> 24, address.value >> 16 & 255, address.value >> 8 & 255,
                       address.value & 255);
}

net::Ipv4 after(net::Ipv4 address, std::uint32_t n)
{
    return net::Ipv4{address.value + n};
}

} // namespace

Network* Daemon::findNetwork(const std::string& nameOrId)
{
    const std::string wanted = nameOrId == "default" ? "bridge" : nameOrId;
    for (auto& [id, network] : docker.networks)
        if (network.name == wanted || id == wanted)
            return &network;
    Network* found = nullptr;
    for (auto& [id, network] : docker.networks)
        if (!wanted.empty() && id.rfind(wanted, 0) == 0) {
            if (found != nullptr)
                return nullptr;
            found = &network;
        }
    return found;
}

Network& Daemon::addNetwork(const std::string& name, const std::string& driver, net::Prefix subnet, net::Ipv4 gateway, bool internal)
{
    Network network;
    network.id = hexId();
    network.name = name;
    network.driver = driver;
    network.subnet = subnet;
    network.gateway = gateway;
    network.internal = internal;
    network.created = context.now();
    if (driver == "bridge")
        network.bridge = name == "bridge" ? "docker0" : "br-" + shortId(network.id);
    return docker.networks.emplace(network.id, std::move(network)).first->second;
}

void Daemon::setUpBridge(Network& network)
{
    net::Stack& stack = context.network().stack(machine().stack);
    if (stack.interface(network.bridge) == nullptr) {
        net::Interface bridge;
        bridge.name = network.bridge;
        const std::uint64_t random = context.engine().random("docker/mac").next();
        bridge.mac = fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", random & 255, random >> 8 & 255, random >> 16 & 255, random >> 24 & 255);
        stack.interfaces.push_back(std::move(bridge));
        net::addAddress(stack, network.bridge, {network.gateway, network.subnet.length});
    }
    allowBridge(network, true);
    context.network().changed(context.engine());
}

void Daemon::tearDownBridge(const Network& network)
{
    net::Stack& stack = context.network().stack(machine().stack);
    allowBridge(network, false);
    net::removeAddress(stack, network.bridge, {network.gateway, network.subnet.length});
    std::erase_if(stack.interfaces, [&](const net::Interface& i) { return i.name == network.bridge; });
    std::erase_if(stack.routes, [&](const net::Route& r) { return r.device == network.bridge; });
    context.network().changed(context.engine());
}

std::optional<net::Ipv4> Daemon::freeAddress(const Network& network) const
{
    const std::uint32_t size = network.subnet.length >= 31 ? 2 : 1U << (32 - network.subnet.length);
    std::set<net::Ipv4> taken{network.gateway};
    for (const auto& [id, container] : docker.containers)
        for (const Endpoint& endpoint : container.endpoints)
            if (endpoint.networkId == network.id) {
                if (endpoint.address)
                    taken.insert(*endpoint.address);
                if (endpoint.fixedAddress && container.runs())
                    taken.insert(*endpoint.fixedAddress);
            }
    for (std::uint32_t n = 1; n + 1 < size; ++n)
        if (const net::Ipv4 address = after(network.subnet.network(), n); taken.count(address) == 0)
            return address;
    return std::nullopt;
}

std::string Daemon::connect(Container& container)
{
    container::Container* task = context.runtimes.find(container.task);
    const std::string& mode = container.settings.network;
    if (mode.rfind("container:", 0) == 0) {
        Outcome outcome;
        const Container* other = find(mode.substr(10), outcome);
        if (other == nullptr)
            return outcome.error;
        if (!other->runs())
            return fmt::format("cannot join network of a non running container: {}", other->id);
        task->stack = context.runtimes.find(other->task)->stack;
        return {};
    }
    if (const Network* network = findNetwork(mode); network != nullptr && network->driver == "host") {
        task->stack = machine().stack;
        return {};
    }
    net::Stack stack;
    stack.name = shortId(container.id);
    stack.host = docker.host;
    stack.node = machine().stack;
    stack.forwarding = false;
    stack.interfaces.push_back({.name = "lo", .mac = "00:00:00:00:00:00", .addresses = {{{0x7f000001}, 8}}, .mtu = 65536});
    for (const char* chain : {"INPUT", "FORWARD", "OUTPUT"})
        stack.filter[chain].policy = "ACCEPT";
    std::optional<net::Ipv4> way;
    std::string device;
    for (std::size_t i = 0; i < container.endpoints.size(); ++i) {
        Endpoint& endpoint = container.endpoints[i];
        const auto found = docker.networks.find(endpoint.networkId);
        if (found == docker.networks.end())
            return fmt::format("failed to set up container networking: network {} not found", endpoint.networkId);
        const Network& network = found->second;
        if (context.network().stack(machine().stack).interface(network.bridge) == nullptr)
            return fmt::format("failed to create endpoint {} on network {}: adding interface veth{} to bridge {} failed: could not find bridge {}: "
                               "route ip+net: no such network interface", container.name, network.name, hexId().substr(0, 7), network.bridge,
                               network.bridge);
        const auto address = endpoint.fixedAddress ? endpoint.fixedAddress : freeAddress(network);
        if (!address)
            return "no available IPv4 addresses on this network's address pools: " + fmt::format("{} ({})", network.name, network.id);
        if (endpoint.fixedAddress)
            for (const auto& [id, other] : docker.containers)
                for (const Endpoint& theirs : other.endpoints)
                    if (id != container.id && theirs.networkId == network.id && theirs.address == endpoint.fixedAddress)
                        return "Address already in use";
        endpoint.address = *address;
        endpoint.endpointId = hexId();
        endpoint.mac = macOf(*address);
        endpoint.veth = "veth" + hexId().substr(0, 7);
        net::Interface own;
        own.name = fmt::format("eth{}", i);
        own.mac = endpoint.mac;
        own.addresses = {{*address, network.subnet.length}};
        own.bridge = network.bridge;
        if (!way && !network.internal) {
            way = network.gateway;
            device = own.name;
        }
        stack.interfaces.push_back(std::move(own));
        net::Interface peer;
        peer.name = endpoint.veth;
        peer.mac = "9e:" + endpoint.mac.substr(3);
        peer.bridge = network.bridge;
        context.network().stack(machine().stack).interfaces.push_back(std::move(peer));
        happen("network", "connect", network.id, {{"container", container.id}, {"name", network.name}, {"type", network.driver}});
    }
    // The kernel makes the routes of the connected networks; docker only the way out.
    for (const net::Interface& i : stack.interfaces)
        if (i.name != "lo")
            stack.routes.push_back({.destination = {i.addresses.front().network(), i.addresses.front().length}, .device = i.name,
                                    .source = i.addresses.front().base, .protocol = "kernel", .scope = "link"});
    if (way)
        stack.routes.push_back({.destination = {{0}, 0}, .via = *way, .device = device, .protocol = "boot", .scope = "global"});
    if (stack.routes.empty())
        stack.routes.push_back({.destination = {{0x7f000000}, 8}, .device = "lo", .protocol = "kernel", .scope = "link"});
    task->stack = context.network().addStack(std::move(stack));
    context.network().changed(context.engine());
    return {};
}

void Daemon::disconnect(Container& container)
{
    container::Container* task = context.runtimes.find(container.task);
    const bool shared = container.settings.network.rfind("container:", 0) == 0;
    net::Stack& stack = context.network().stack(machine().stack);
    for (Endpoint& endpoint : container.endpoints) {
        if (endpoint.veth.empty())
            continue;
        std::erase_if(stack.interfaces, [&](const net::Interface& i) { return i.name == endpoint.veth; });
        endpoint.veth.clear();
        endpoint.address.reset();
        if (const auto network = docker.networks.find(endpoint.networkId); network != docker.networks.end())
            happen("network", "disconnect", network->first,
                   {{"container", container.id}, {"name", network->second.name}, {"type", network->second.driver}});
    }
    if (task != nullptr && !shared && context.network().hasStack(task->stack) && context.network().stack(task->stack).node.valid())
        context.network().removeStack(context.engine(), task->stack);
    if (task != nullptr)
        task->stack = machine().stack;
    context.network().changed(context.engine());
}

void Daemon::writeNameFiles(Container& container)
{
    container::Container* task = context.runtimes.find(container.task);
    const auto resolver = context.hosts().read(docker.host, "/etc/resolv.conf", context.now());
    const std::string machineResolver = resolver ? resolver->content : std::string();
    const auto hostsFile = context.hosts().read(docker.host, "/etc/hosts", context.now());
    if (task->stack == machine().stack) {
        task->files["/etc/hosts"] = hostsFile ? hostsFile->content : std::string();
        task->files["/etc/resolv.conf"] = machineResolver;
        task->files["/etc/hostname"] = machine().name + "\n";
        return;
    }
    std::string hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\n"
                        "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
    for (const std::string& extra : container.settings.extraHosts)
        if (const auto colon = extra.find_first_of(":="); colon != std::string::npos) {
            std::string address = extra.substr(colon + 1);
            if (address == "host-gateway")
                address = "172.17.0.1";
            hosts += address + "\t" + extra.substr(0, colon) + "\n";
        }
    bool namesKnown = false;
    for (const Endpoint& endpoint : container.endpoints) {
        if (endpoint.address)
            hosts += fmt::format("{}\t{}\n", endpoint.address->text(), container.settings.hostname);
        const auto network = docker.networks.find(endpoint.networkId);
        namesKnown = namesKnown || (network != docker.networks.end() && network->second.hasNameServer());
    }
    task->files["/etc/hosts"] = std::move(hosts);
    task->files["/etc/hostname"] = container.settings.hostname + "\n";
    std::string search;
    if (const auto at = machineResolver.find("search "); at != std::string::npos)
        search = machineResolver.substr(at, machineResolver.find('\n', at) - at) + "\n";
    std::string servers;
    std::string external;
    for (const net::Ipv4 server : nameserversIn(machineResolver)) {
        servers += "nameserver " + server.text() + "\n";
        external += (external.empty() ? "" : " ") + fmt::format("host({})", server.text());
    }
    std::string text = "# Generated by Docker Engine.\n# This file can be edited; Docker Engine will not make further changes once it\n"
                       "# has been modified.\n\n";
    if (namesKnown)
        text += "nameserver 127.0.0.11\n" + search + "options ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)\n"
            + fmt::format("# ExtServers: [{}]\n# Overrides: []\n# Option ndots from: internal\n", external);
    else
        text += servers + search + "\n# Based on host file: '/etc/resolv.conf' (legacy)\n# Overrides: []\n";
    task->files["/etc/resolv.conf"] = std::move(text);
}

Outcome Daemon::operator()(const CreateNetwork& request)
{
    for (const auto& [id, network] : docker.networks)
        if (network.name == request.name)
            return denied(409, fmt::format("network with name {} already exists", request.name));
    if (request.driver != "bridge")
        return denied(404, fmt::format("could not find plugin {0} in v1 plugin registry: plugin \"{0}\" not found", request.driver));
    std::optional<net::Prefix> subnet = request.subnet;
    const net::Stack& stack = context.network().stack(machine().stack);
    const auto used = [&](const net::Prefix& pool) {
        return std::any_of(docker.networks.begin(), docker.networks.end(), [&](const auto& entry) {
                   return entry.second.driver == "bridge" && overlap(pool, entry.second.subnet);
               })
            || (!request.subnet && std::any_of(stack.routes.begin(), stack.routes.end(), [&](const net::Route& route) {
                    return route.destination.length > 0 && overlap(pool, route.destination);
                }));
    };
    if (subnet && used(*subnet))
        return denied(403, "invalid pool request: Pool overlaps with other one on this address space");
    // default-address-pools: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 by /20
    for (std::uint32_t second = 17; second < 32 && !subnet; ++second)
        if (const net::Prefix pool{{172U << 24 | second << 16}, 16}; !used(pool))
            subnet = pool;
    for (std::uint32_t third = 0; third < 256 && !subnet; third += 16)
        if (const net::Prefix pool{{192U << 24 | 168U << 16 | third << 8}, 20}; !used(pool))
            subnet = pool;
    if (!subnet)
        return denied(500, "all predefined address pools have been fully subnetted");
    const net::Ipv4 gateway = request.gateway.value_or(after(subnet->network(), 1));
    Network& network = addNetwork(request.name, "bridge", {subnet->network(), subnet->length}, gateway, request.internal);
    network.labels = request.labels;
    setUpBridge(network);
    happen("network", "create", network.id, {{"name", network.name}, {"type", "bridge"}});
    Outcome outcome;
    outcome.id = network.id;
    return outcome;
}

Outcome Daemon::operator()(const RemoveNetwork& request)
{
    Network* network = findNetwork(request.network);
    if (network == nullptr)
        return denied(404, fmt::format("network {} not found", request.network));
    if (network->predefined())
        return denied(403, fmt::format("{} is a pre-defined network and cannot be removed", network->name));
    for (const auto& [id, container] : docker.containers)
        for (const Endpoint& endpoint : container.endpoints)
            if (endpoint.networkId == network->id && container.runs())
                return denied(403, fmt::format("error while removing network: network {} has active endpoints (name:\"{}\" id:\"{}\")", network->name,
                                               container.name, shortId(endpoint.endpointId)));
    tearDownBridge(*network);
    happen("network", "destroy", network->id, {{"name", network->name}, {"type", network->driver}});
    Outcome outcome;
    outcome.removed.push_back(network->name);
    docker.networks.erase(network->id);
    return outcome;
}

Outcome Daemon::operator()(const ConnectNetwork& request)
{
    Outcome outcome;
    Network* network = findNetwork(request.network);
    if (network == nullptr)
        return denied(404, fmt::format("network {} not found", request.network));
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    const auto there = std::find_if(container->endpoints.begin(), container->endpoints.end(),
                                    [&](const Endpoint& e) { return e.networkId == network->id; });
    container::Container* task = context.runtimes.find(container->task);
    net::Stack& machineStack = context.network().stack(machine().stack);
    if (!request.connect) {
        if (there == container->endpoints.end())
            return denied(403, fmt::format("container {} is not connected to network {}", container->id, network->name));
        if (container->runs()) {
            net::Stack& stack = context.network().stack(task->stack);
            for (const net::Interface& i : stack.interfaces)
                if (i.bridge == network->bridge && i.addresses.front().base == *there->address)
                    std::erase_if(stack.routes, [&](const net::Route& r) { return r.device == i.name; });
            std::erase_if(stack.interfaces, [&](const net::Interface& i) { return i.bridge == network->bridge; });
            std::erase_if(machineStack.interfaces, [&](const net::Interface& i) { return i.name == there->veth; });
        }
        container->endpoints.erase(there);
        happen("network", "disconnect", network->id, {{"container", container->id}, {"name", network->name}, {"type", network->driver}});
    } else {
        if (there != container->endpoints.end())
            return denied(403, fmt::format("endpoint with name {} already exists in network {}", container->name, network->name));
        if (network->driver != "bridge" || (container->runs() && task->stack == machine().stack))
            return denied(403, "container cannot be connected to host network or to another network while it uses it");
        if (request.address && !network->hasNameServer())
            return denied(400, "user specified IP address is supported on user defined networks only");
        Endpoint endpoint{.networkId = network->id, .fixedAddress = request.address, .aliases = request.aliases};
        if (container->runs()) {
            const auto address = request.address ? request.address : freeAddress(*network);
            if (!address)
                return denied(500, "no available IPv4 addresses on this network's address pools: " + network->name);
            endpoint.address = *address;
            endpoint.endpointId = hexId();
            endpoint.mac = macOf(*address);
            endpoint.veth = "veth" + hexId().substr(0, 7);
            net::Stack& stack = context.network().stack(task->stack);
            net::Interface own;
            own.name = fmt::format("eth{}", stack.interfaces.size() - 1);
            own.mac = endpoint.mac;
            own.bridge = network->bridge;
            const std::string name = own.name;
            stack.interfaces.push_back(std::move(own));
            net::addAddress(stack, name, {*address, network->subnet.length});
            if (stack.lookup(net::Ipv4{1}) == nullptr && !network->internal)
                stack.routes.push_back({.destination = {{0}, 0}, .via = network->gateway, .device = name, .protocol = "boot", .scope = "global"});
            net::Interface peer;
            peer.name = endpoint.veth;
            peer.mac = "9e:" + endpoint.mac.substr(3);
            peer.bridge = network->bridge;
            machineStack.interfaces.push_back(std::move(peer));
        }
        container->endpoints.push_back(std::move(endpoint));
        happen("network", "connect", network->id, {{"container", container->id}, {"name", network->name}, {"type", network->driver}});
    }
    if (container->runs())
        writeNameFiles(*container);
    context.network().changed(context.engine());
    return outcome;
}

Outcome Daemon::operator()(const PruneNetworks&)
{
    Outcome outcome;
    std::vector<std::string> unused;
    for (const auto& [id, network] : docker.networks)
        if (!network.predefined() && std::none_of(docker.containers.begin(), docker.containers.end(), [&](const auto& entry) {
                return std::any_of(entry.second.endpoints.begin(), entry.second.endpoints.end(),
                                   [&](const Endpoint& e) { return e.networkId == id; });
            }))
            unused.push_back(id);
    for (const std::string& id : unused) {
        outcome.removed.push_back(docker.networks.at(id).name);
        (*this)(RemoveNetwork{id});
    }
    return outcome;
}

std::vector<net::Ipv4> Daemons::lookUp(const Runtimes& runtimes, StackId from, const std::string& name) const
{
    std::vector<net::Ipv4> found;
    for (const auto& [host, docker] : m_dockers) {
        std::set<std::string> networks;
        for (const auto& [id, container] : docker.containers)
            if (const container::Container* task = runtimes.find(container.task); task != nullptr && task->stack == from && container.runs())
                for (const Endpoint& endpoint : container.endpoints)
                    if (const auto network = docker.networks.find(endpoint.networkId);
                        network != docker.networks.end() && network->second.hasNameServer())
                        networks.insert(endpoint.networkId);
        for (const auto& [id, container] : docker.containers)
            for (const Endpoint& endpoint : container.endpoints)
                if (endpoint.address && networks.count(endpoint.networkId) > 0
                    && (container.name == name || shortId(id) == name
                        || std::find(endpoint.aliases.begin(), endpoint.aliases.end(), name) != endpoint.aliases.end()))
                    found.push_back(*endpoint.address);
    }
    std::sort(found.begin(), found.end());
    return found;
}

MachineName Daemons::resolve(const host::Hosts& hosts, const net::Network& network, const Runtimes& runtimes, ContainerId task,
                             const std::string& name) const
{
    MachineName answer;
    const container::Container* known = runtimes.find(task);
    if (known == nullptr)
        return answer;
    if (const auto file = known->files.find("/etc/hosts"); file != known->files.end() && !net::Ipv4::parse(name))
        answer.addresses = addressesInHosts(file->second, name);
    answer.server = "/etc/hosts";
    if (answer.addresses.empty()) {
        answer.addresses = lookUp(runtimes, known->stack, name);
        answer.server = "127.0.0.11";
    }
    if (answer.addresses.empty())
        return resolveOnMachine(hosts, network, known->host, name);
    answer.status = MachineName::Status::Found;
    return answer;
}

} // namespace sim::container::docker
