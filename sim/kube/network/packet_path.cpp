#include "sim/kube/network/packet_path.h"

#include "sim/kube/network/policy_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using net::PathStep;

constexpr std::int64_t kQuestionPort = 53;

class PathNames {
public:
    explicit PathNames(const DnsView& view) : m_view(view) { }

    bool isPod(StackId id) const { return m_view.network.hasStack(id) && m_view.network.stack(id).node.valid(); }

    /// "shop/checkout-7d4b9-x2x7k" of a pod's namespace, the host name of a machine's.
    std::string of(StackId id) const
    {
        if (!m_view.network.hasStack(id))
            return {};
        const net::Stack& stack = m_view.network.stack(id);
        if (!stack.node.valid())
            return stack.name;
        for (const auto& [containerId, container] : m_view.runtimes.containers())
            if (container.sandbox && container.stack == id)
                return container.podNamespace + "/" + container.podName;
        return stack.name;
    }

    /// The policies that guard the pod behind a chain of the machine: "shop/deny-egress, shop/web".
    std::string policies(StackId machine, const PolicyChain& chain) const
    {
        std::string names;
        for (const net::Route& route : m_view.network.stack(machine).routes) {
            if (route.device != chain.device || route.destination.length != 32)
                continue;
            const std::string address = route.destination.base.text();
            for (const auto& [key, pod] : m_view.store.all<Pod>())
                if (pod->status.podIP == address && !pod->spec.hostNetwork)
                    for (const auto& policy : policiesOf(m_view.store, *pod, chain.ingress))
                        names += (names.empty() ? "" : ", ") + policy->metadata.namespace_ + "/" + policy->metadata.name;
        }
        return names;
    }

private:
    const DnsView& m_view;
};

PathHop hopOf(const PathNames& names, const PathStep& step)
{
    PathHop hop;
    hop.name = names.of(step.at);
    hop.device = step.device;
    hop.detail = step.detail;
    hop.source = step.source;
    hop.destination = step.destination;
    hop.destinationPort = step.destinationPort;
    const bool pod = names.isPod(step.at);
    switch (step.kind) {
    case PathStep::Kind::Sent:
    case PathStep::Kind::Received:
    case PathStep::Kind::Delivered:
    case PathStep::Kind::Routed: hop.kind = pod ? PathHop::Kind::Pod : PathHop::Kind::Machine; break;
    case PathStep::Kind::DestinationNat:
        hop.kind = PathHop::Kind::Service;
        hop.about = step.comment;
        break;
    case PathStep::Kind::SourceNat: hop.kind = PathHop::Kind::Masquerade; break;
    case PathStep::Kind::Encapsulated: hop.kind = PathHop::Kind::Overlay; break;
    case PathStep::Kind::Switched:
        hop.kind = PathHop::Kind::Switch;
        hop.name = step.detail;
        hop.detail.clear();
        break;
    case PathStep::Kind::Stopped:
        if (const auto chain = policyChainIn(step.detail)) {
            hop.kind = PathHop::Kind::Policy;
            hop.about = names.policies(step.at, *chain);
        } else if (step.detail.find(" rule ") != std::string::npos || step.detail.find(" policy") != std::string::npos) {
            hop.kind = PathHop::Kind::Firewall;
            hop.about = step.comment;
        } else {
            hop.kind = PathHop::Kind::Stop;
        }
        break;
    }
    return hop;
}

} // namespace

PacketPath packetPath(const DnsView& view, StackId from, net::Ipv4 destination, net::Protocol protocol, std::int64_t port,
                      std::uint64_t chance)
{
    PacketPath path;
    if (!view.network.hasStack(from))
        return path;
    const net::PathResult walked = view.network.explain(from, destination, protocol, port, chance);
    path.verdict = walked.verdict;
    path.stoppedBy = walked.stoppedBy;
    path.rtt = walked.rtt;
    path.lossRatio = walked.lossRatio;
    const PathNames names(view);
    for (const PathStep& step : walked.steps) {
        // A machine that only passes a packet on is one hop: what came in is told by where it goes out.
        if (step.kind == PathStep::Kind::Received)
            continue;
        path.hops.push_back(hopOf(names, step));
    }
    return path;
}

NamedPath namedPath(const DnsView& view, StackId from, const ResolverConfig& resolver, const std::string& name, net::Protocol protocol,
                    std::int64_t port, std::uint64_t chance)
{
    NamedPath path;
    path.resolution = resolveByDns(view, from, resolver, name, chance);
    path.question = packetPath(view, from, path.resolution.server, net::Protocol::Udp, kQuestionPort, chance);
    if (path.resolution.status == Resolution::Status::Found)
        path.connection = packetPath(view, from, path.resolution.addresses.front(), protocol, port, chance);
    return path;
}

} // namespace sim::kube
