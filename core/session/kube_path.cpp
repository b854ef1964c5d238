#include "core/session/kube_detail.h"

#include "core/session/verdict_word.h"
#include "sim/world/world.h"

#include <charconv>

namespace core::session {

namespace {

constexpr std::int64_t kDefaultPort = 80;

std::string wordOf(sim::kube::PathHop::Kind kind)
{
    using Kind = sim::kube::PathHop::Kind;
    switch (kind) {
    case Kind::Pod: return "pod";
    case Kind::Machine: return "machine";
    case Kind::Service: return "service";
    case Kind::Masquerade: return "masquerade";
    case Kind::Overlay: return "overlay";
    case Kind::Switch: return "switch";
    case Kind::Policy: return "policy";
    case Kind::Firewall: return "firewall";
    case Kind::Stop: return "stop";
    }
    return {};
}

PathLeg legOf(const sim::kube::PacketPath& path, const std::string& asked)
{
    PathLeg leg;
    leg.asked = asked;
    leg.verdict = verdictWord(path.verdict);
    leg.delivered = path.delivered();
    leg.stoppedBy = path.stoppedBy;
    for (const sim::kube::PathHop& hop : path.hops)
        leg.stations.push_back({wordOf(hop.kind), hop.name, hop.device, hop.detail, hop.about, hop.source.text(),
                                hop.destination.text() + ":" + std::to_string(hop.destinationPort)});
    leg.rttMilliseconds = sim::toSeconds(path.rtt) * 1000;
    leg.lossRatio = path.lossRatio;
    return leg;
}

/// The network namespace of a pod ("namespace/name") or a machine.
std::optional<sim::StackId> stackNamed(const sim::World& world, const std::string& name)
{
    const auto slash = name.find('/');
    if (slash == std::string::npos) {
        const sim::host::Machine* machine = world.machine(name);
        return machine != nullptr && world.network().hasStack(machine->stack) ? std::optional(machine->stack) : std::nullopt;
    }
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.sandbox && container.state == sim::container::Container::State::Running
            && container.podNamespace == name.substr(0, slash) && container.podName == name.substr(slash + 1)
            && world.network().hasStack(container.stack))
            return container.stack;
    return std::nullopt;
}

/// Where to: host, port and what the port would be without one.
struct Target {
    std::string host;
    std::int64_t port = 0; ///< 0: none was given
};

Target targetIn(const std::string& text)
{
    Target target{text, 0};
    const auto colon = text.rfind(':');
    if (colon == std::string::npos)
        return target;
    const char* begin = text.data() + colon + 1;
    const char* end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(begin, end, target.port); error == std::errc() && at == end)
        target.host = text.substr(0, colon);
    return target;
}

/// The first port of the Service that a name means: "checkout.shop", "checkout" asked in its own namespace.
std::int64_t servicePort(const sim::World& world, const std::string& name, const std::string& from)
{
    const auto dot = name.find('.');
    const std::string own = from.substr(0, from.find('/'));
    const std::string space = dot == std::string::npos ? own : name.substr(dot + 1, name.find('.', dot + 1) - dot - 1);
    const auto service = world.cluster().store().get<sim::kube::Service>({space, name.substr(0, dot)});
    return service && !service->spec.ports.empty() ? service->spec.ports.front().port.value : kDefaultPort;
}

} // namespace

PathDetail pathOf(const sim::World& world, const KubeInterest& interest)
{
    PathDetail detail;
    for (const auto& [key, service] : world.cluster().store().all<sim::kube::Service>())
        for (const auto& port : service->spec.ports)
            detail.destinations.push_back(key.name + "." + key.namespace_ + ":" + std::to_string(port.port.value));
    if (interest.pathFrom.empty() || interest.pathTo.empty())
        return detail;
    const auto from = stackNamed(world, interest.pathFrom);
    if (!from) {
        detail.problem = PathDetail::kNoSource;
        return detail;
    }
    const auto protocol = interest.pathUdp ? sim::net::Protocol::Udp : sim::net::Protocol::Tcp;
    const std::string suffix = interest.pathUdp ? "/udp" : "/tcp";
    Target target = targetIn(interest.pathTo);
    std::optional<sim::net::Ipv4> address = sim::net::Ipv4::parse(target.host);
    if (const auto slash = target.host.find('/'); !address && slash != std::string::npos) {
        const auto pod = world.cluster().store().get<sim::kube::Pod>({target.host.substr(0, slash), target.host.substr(slash + 1)});
        address = pod ? sim::net::Ipv4::parse(pod->status.podIP) : std::nullopt;
        if (!address) {
            detail.problem = PathDetail::kNoDestination;
            return detail;
        }
        if (target.port == 0)
            for (const auto& container : pod->spec.containers)
                if (!container.ports.empty() && target.port == 0)
                    target.port = container.ports.front().containerPort.value;
    }
    if (address) {
        const std::int64_t port = target.port != 0 ? target.port : kDefaultPort;
        detail.connection = legOf(world.packetPath(*from, *address, protocol, port), address->text() + ":" + std::to_string(port) + suffix);
        return detail;
    }
    const std::int64_t port = target.port != 0 ? target.port : servicePort(world, target.host, interest.pathFrom);
    const std::string asked = ":" + std::to_string(port) + suffix;
    if (!world.network().stack(*from).node.valid()) { // a machine asks by its own files, without a question to CoreDNS
        const sim::NameAnswer answer = world.resolve(*from, target.host);
        if (answer.status != sim::NameAnswer::Status::Found || answer.addresses.empty()) {
            detail.problem = PathDetail::kNoName;
            return detail;
        }
        detail.resolved = answer.canonicalName + " → " + answer.addresses.front().text();
        detail.connection = legOf(world.packetPath(*from, answer.addresses.front(), protocol, port), answer.addresses.front().text() + asked);
        return detail;
    }
    const sim::kube::NamedPath named = world.packetPath(*from, target.host, protocol, port);
    if (!named.question.hops.empty())
        detail.question = legOf(named.question, named.resolution.server.text() + ":53/udp");
    if (!named.connection) {
        detail.problem = PathDetail::kNoName;
        return detail;
    }
    const std::string found = named.resolution.addresses.empty() ? std::string() : named.resolution.addresses.front().text();
    detail.resolved = named.resolution.canonicalName + " → " + found;
    detail.connection = legOf(*named.connection, found + asked);
    return detail;
}

} // namespace core::session
