#include "core/shell/commands/linux/open_connections.h"

#include "core/shell/commands/linux/connection.h"

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::container::Container;
using sim::net::Ipv4;

// net.ipv4.ip_local_port_range of Linux
constexpr std::uint64_t kFirstPort = 32768;
constexpr std::uint64_t kPorts = 28232;

std::int64_t clientPort(std::uint64_t a, std::uint64_t b)
{
    sim::Fingerprint f;
    f.add(a);
    f.add(b);
    return static_cast<std::int64_t>(kFirstPort + f.value() % kPorts);
}

/// A pod behind one tier of the users' load.
struct Peer {
    const Container* container = nullptr;
    Ipv4 address;
    std::int64_t port = 0;
};

std::vector<Peer> peersOf(const sim::World& world, const std::string& service)
{
    std::vector<Peer> peers;
    const auto slash = service.find('/');
    for (const auto& slice : world.cluster().store().inNamespace<sim::kube::EndpointSlice>(service.substr(0, slash))) {
        const auto label = slice->metadata.labels.find("kubernetes.io/service-name");
        if (label == slice->metadata.labels.end() || label->second != service.substr(slash + 1) || slice->ports.empty())
            continue;
        for (const auto& endpoint : slice->endpoints) {
            const auto address = endpoint.addresses.empty() ? std::nullopt : Ipv4::parse(endpoint.addresses.front());
            if (!address || !endpoint.conditions.ready.value_or(true) || !endpoint.targetRef)
                continue;
            for (const auto& [id, container] : world.runtimes().containers())
                if (container.podName == endpoint.targetRef->name && container.podNamespace == slice->metadata.namespace_
                    && !container.sandbox && container.serving(world.now()))
                    peers.push_back({&container, *address, slice->ports.front().port});
        }
    }
    return peers;
}

/// Each caller keeps one connection to each pod behind the Service that it calls.
void addUserLoad(std::vector<OpenConnection>& list, const sim::World& world, sim::StackId here)
{
    std::vector<Peer> callers;
    for (const std::string& service : world.userLoad().profile().chain) {
        const std::vector<Peer> backends = peersOf(world, service);
        for (const Peer& caller : callers)
            for (const Peer& backend : backends) {
                const auto& client = *caller.container;
                const auto& server = *backend.container;
                if (server.requestRate <= 0 || (client.stack != here && server.stack != here)
                    || world.reach(client.stack, backend.address, sim::net::Protocol::Tcp, backend.port).verdict
                        != sim::net::Verdict::Delivered)
                    continue;
                const std::int64_t port = clientPort(client.stack.value, server.stack.value);
                if (client.stack == here)
                    list.push_back({"ESTAB", caller.address, port, backend.address, backend.port, client.pid, client.program.name});
                else
                    list.push_back({"ESTAB", backend.address, backend.port, caller.address, port, server.pid, server.program.name});
            }
        callers = backends;
    }
}

/// Image pulls: under way (both ends), or still knocking.
void addPulls(std::vector<OpenConnection>& list, const sim::World& world, sim::StackId here)
{
    using Phase = sim::container::Pull::Phase;
    for (const auto& [id, pull] : world.runtimes().pulls()) {
        const sim::host::Machine& machine = world.hosts().at(pull.host);
        const auto colon = pull.reference.registry.find(':');
        const sim::NameAnswer name = world.resolve(machine.stack, pull.reference.registry.substr(0, colon));
        const auto own = world.network().stack(machine.stack).primaryAddress();
        if ((pull.phase != Phase::Downloading && pull.phase != Phase::Resolving) || name.addresses.empty() || !own)
            continue;
        const Ipv4 server = name.addresses.front();
        const std::int64_t port = colon == std::string::npos ? 443 : parseNumber(pull.reference.registry.substr(colon + 1)).value_or(443);
        const std::int64_t local = clientPort(machine.stack.value, pull.id.value);
        const bool open = pull.phase == Phase::Downloading;
        if (!open && world.reach(machine.stack, server, sim::net::Protocol::Tcp, port).verdict == sim::net::Verdict::Delivered)
            continue; // answered within a round trip
        if (machine.stack == here) {
            const auto unit = machine.units.find("containerd.service");
            list.push_back({open ? "ESTAB" : "SYN-SENT", *own, local, server, port, unit == machine.units.end() ? 0 : unit->second.mainPid,
                            "containerd"});
        } else if (open && world.network().flows().count(pull.flow) > 0 && world.network().flows().at(pull.flow).from == here) {
            const auto* listener = world.network().stack(here).listener(sim::net::Protocol::Tcp, server, port);
            list.push_back({"ESTAB", server, port, *own, local, listener == nullptr ? 0 : listener->pid,
                            listener == nullptr ? "" : listener->program});
        }
    }
}

} // namespace

std::vector<OpenConnection> openConnections(const sim::World& world, sim::StackId here)
{
    std::vector<OpenConnection> list;
    addPulls(list, world, here);
    addUserLoad(list, world, here);
    return list;
}

} // namespace core::shell::node
