#include "sim/container/machine_names.h"
#include "sim/world/world.h"

// How a program in a network namespace finds others: names by its own resolver's files, packets by the rules on the way.
namespace sim {

namespace {

// What a client sees of a name that is in a file, and of one that the site's name server knows.
constexpr Duration kFileLookup = 200us;
constexpr Duration kSiteLookup = 1ms;
// glibc: two attempts of five seconds.
constexpr Duration kNoNameServer = 10s;
constexpr std::int64_t kNameServerPort = 53;
// Of every docker network but the default one, inside the containers.
constexpr net::Ipv4 kDockerNameServer{0x7f00000b};

std::string textOf(const std::map<std::string, std::string>& files, const std::string& path)
{
    const auto found = files.find(path);
    return found == files.end() ? std::string() : found->second;
}

NameAnswer machineAnswer(const container::MachineName& found)
{
    using Status = container::MachineName::Status;
    NameAnswer answer;
    answer.server = found.server;
    answer.status = found.status == Status::Found ? NameAnswer::Status::Found
        : found.status == Status::NotFound        ? NameAnswer::Status::NotFound
                                                  : NameAnswer::Status::NoServer;
    if (found.status == Status::Found)
        answer.addresses = found.addresses;
    answer.took = found.status == Status::NoAnswer                       ? kNoNameServer
        : found.server == "/etc/hosts" || found.server.empty() ? kFileLookup
                                                               : kSiteLookup;
    return answer;
}

} // namespace

kube::DnsView World::dnsView() const
{
    return m_cluster.dnsView(m_network, m_hosts, m_runtimes, now());
}

std::uint64_t World::chanceOf(StackId from, net::Ipv4 destination, std::int64_t port) const
{
    // One client meets one endpoint within a second, so that what it asks about an answer fits the answer.
    Fingerprint f;
    f.add(static_cast<std::uint64_t>(now().time_since_epoch() / Duration(1s)));
    f.add(std::uint64_t{from.value});
    f.add(std::uint64_t{destination.value});
    f.add(static_cast<std::uint64_t>(port));
    return f.value();
}

std::string World::resolvConfOf(StackId from) const
{
    const net::Stack& stack = m_network.stack(from);
    if (!stack.node.valid()) {
        const auto file = m_hosts.read(stack.host, "/etc/resolv.conf", now());
        return file ? file->content : std::string();
    }
    // The containers of a pod share one file; what was written in one of them counts.
    std::string text;
    for (const auto& [id, container] : m_runtimes.containers())
        if (container.stack == from)
            text = textOf(container.files, "/etc/resolv.conf");
    return text;
}

NameAnswer World::resolve(StackId from, const std::string& name) const
{
    NameAnswer answer;
    answer.canonicalName = name;
    if (!m_network.hasStack(from))
        return answer;
    const net::Stack& stack = m_network.stack(from);
    if (!stack.node.valid()) {
        answer = machineAnswer(container::resolveOnMachine(m_hosts, m_network, stack.host, name));
        answer.canonicalName = name;
        return answer;
    }
    if (const auto literal = net::Ipv4::parse(name)) {
        answer.status = NameAnswer::Status::Found;
        answer.addresses = {*literal};
        return answer;
    }
    for (const auto& [id, container] : m_runtimes.containers())
        if (container.stack == from)
            if (auto known = container::addressesInHosts(textOf(container.files, "/etc/hosts"), name); !known.empty()) {
                answer.status = NameAnswer::Status::Found;
                answer.addresses = std::move(known);
                answer.server = "/etc/hosts";
                answer.took = kFileLookup;
                return answer;
            }
    const kube::ResolverConfig config = kube::resolverConfigOf(resolvConfOf(from));
    const net::Ipv4 first = config.servers.empty() ? net::Ipv4{} : config.servers.front();
    if (first == kDockerNameServer) {
        answer.addresses = m_dockers.lookUp(m_runtimes, from, name);
        if (answer.addresses.empty()) // it asks the machine's servers
            answer = machineAnswer(container::resolveOnMachine(m_hosts, m_network, stack.host, name));
        else
            answer.status = NameAnswer::Status::Found;
        answer.canonicalName = name;
        answer.server = first.text();
        answer.took = std::max(answer.took, kFileLookup);
        return answer;
    }
    const kube::Resolution found = kube::resolveByDns(dnsView(), from, config, name, chanceOf(from, first, kNameServerPort));
    answer.status = found.status == kube::Resolution::Status::Found  ? NameAnswer::Status::Found
        : found.status == kube::Resolution::Status::NotFound ? NameAnswer::Status::NotFound
                                                             : NameAnswer::Status::NoServer;
    answer.addresses = found.addresses;
    answer.server = found.server.text();
    answer.took = found.took;
    if (!found.canonicalName.empty())
        answer.canonicalName = found.canonicalName;
    return answer;
}

kube::DnsExchange World::askDns(StackId from, net::Ipv4 server, const kube::DnsQuestion& question) const
{
    return kube::askDns(dnsView(), from, server, kNameServerPort, question, chanceOf(from, server, kNameServerPort));
}

net::PathResult World::reach(StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port) const
{
    return m_network.reach(from, destination, protocol, port, chanceOf(from, destination, port));
}

bool World::wayIsFree(StackId from, net::Ipv4 destination, StackId to, std::int64_t port) const
{
    const net::PathResult path = reach(from, destination, net::Protocol::Tcp, port); // refused by whom it was meant for, it has arrived
    return path.target == to && (path.verdict == net::Verdict::Delivered || path.verdict == net::Verdict::Refused);
}

net::PathResult World::reach(StackId from, net::Ipv4 destination, net::Probe probe) const
{
    probe.chance = chanceOf(from, destination, probe.port);
    return m_network.reach(from, destination, probe);
}

net::PathResult World::explain(StackId from, net::Ipv4 destination, net::Probe probe) const
{
    probe.chance = chanceOf(from, destination, probe.port);
    return m_network.explain(from, destination, probe);
}

kube::PacketPath World::packetPath(StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port) const
{
    return kube::packetPath(dnsView(), from, destination, protocol, port, chanceOf(from, destination, port));
}

kube::NamedPath World::packetPath(StackId from, const std::string& name, net::Protocol protocol, std::int64_t port) const
{
    return packetPath(from, kube::resolverConfigOf(resolvConfOf(from)), name, protocol, port);
}

kube::NamedPath World::packetPath(ContainerId from, const std::string& name, net::Protocol protocol, std::int64_t port) const
{
    const container::Container& container = *m_runtimes.find(from);
    return packetPath(container.stack, kube::resolverConfigOf(textOf(container.files, "/etc/resolv.conf")), name, protocol, port);
}

kube::NamedPath World::packetPath(StackId from, const kube::ResolverConfig& resolver, const std::string& name, net::Protocol protocol, std::int64_t port) const
{
    const net::Ipv4 first = resolver.servers.empty() ? net::Ipv4{} : resolver.servers.front();
    return kube::namedPath(dnsView(), from, resolver, name, protocol, port, chanceOf(from, first, kNameServerPort));
}

} // namespace sim
