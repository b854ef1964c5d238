#include "sim/kube/network/cluster_network.h"

#include "sim/kube/network/kube_proxy.h"
#include "sim/kube/network/policy_rules.h"

#include <algorithm>
#include <set>

namespace sim::kube {

namespace {

constexpr const char* kProxyProgram = "kube-proxy";
constexpr const char* kPolicyProgram = "calico-node";
/// kube-proxy's syncPeriod: what somebody flushed comes back by then.
constexpr Duration kFullSync = 30s;
/// BIRD's graceful restart time: until then neighbours keep the routes of a speaker that is gone.
constexpr Duration kGracefulRestart = 120s;

/// The programs that run in some container of each machine now.
std::set<std::pair<HostId, std::string>> runningAgents(const Context& context)
{
    std::set<std::pair<HostId, std::string>> agents;
    const auto runs = [&](const container::Container& container) {
        const auto& processes = context.hosts.at(container.host).processes;
        const auto process = processes.find(container.pid);
        return process != processes.end() && process->second.runs();
    };
    for (const auto& [id, container] : context.runtimes.containers())
        if (!container.sandbox && container.serving(context.engine.now()) && runs(container)
            && (container.program.name == kProxyProgram || container.program.name == kPolicyProgram))
            agents.emplace(container.host, container.program.name);
    return agents;
}

/// The prefix that a node's pods get their addresses from.
std::optional<net::Prefix> podRange(const Store& store, const std::string& node)
{
    const auto known = store.get<Node>({"", node});
    return known ? net::Prefix::parse(known->spec.podCIDR) : std::nullopt;
}

bool isRouteTo(const net::Route& route, const net::Prefix& range)
{
    return route.protocol == "bird" && route.destination.length == range.length && route.destination.network() == range.network();
}

} // namespace

void ClusterNetwork::observe(const std::vector<const WatchEvent*>* changes)
{
    if (changes == nullptr) {
        m_servicesChanged = m_policiesChanged = true;
        return;
    }
    for (const WatchEvent* change : *changes) {
        m_servicesChanged = m_servicesChanged || change->kind == kindIdOf<Service> || change->kind == kindIdOf<EndpointSlice>;
        m_policiesChanged = m_policiesChanged || change->kind == kindIdOf<NetworkPolicy>
            || (m_hasPolicies && (change->kind == kindIdOf<Pod> || change->kind == kindIdOf<Namespace>));
    }
}

void ClusterNetwork::tick(Context& context, const Store& store, const ClusterSettings& settings, bool apiUp)
{
    m_coreDns.tick(context);
    m_nodes.resize(settings.nodes.size());
    m_hasPolicies = !store.all<NetworkPolicy>().empty();
    const Instant now = context.engine.now();
    const auto agents = runningAgents(context);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        NodeRules& owed = m_nodes[i];
        owed.servicesOwed = owed.servicesOwed || m_servicesChanged || now - owed.servicesWritten >= kFullSync;
        owed.policiesOwed = owed.policiesOwed || m_policiesChanged;
        const host::Machine& machine = context.hosts.at(settings.nodes[i]);
        announceRoutes(context, store, settings, i, owed, agents.count({machine.id, kPolicyProgram}) > 0);
        if (!apiUp || !context.network.hasStack(machine.stack))
            continue;
        if (owed.servicesOwed && agents.count({machine.id, kProxyProgram}) > 0) {
            writeServiceRules(context.network.stack(machine.stack), store, machine.name, settings.podNetwork);
            owed.servicesOwed = false;
            owed.servicesWritten = now;
        }
        if (owed.policiesOwed && agents.count({machine.id, kPolicyProgram}) > 0) {
            writePolicyRules(context.network, machine.stack, store, machine.name);
            owed.policiesOwed = false;
        }
    }
    m_servicesChanged = m_policiesChanged = false;
}

void ClusterNetwork::announceRoutes(Context& context, const Store& store, const ClusterSettings& settings, std::size_t node, NodeRules& owed,
                                    bool speaks)
{
    const Instant now = context.engine.now();
    if (speaks || !owed.speaker)
        owed.speaker = now;
    const bool routed = now - *owed.speaker < kGracefulRestart;
    if (routed == owed.routed)
        return;
    const host::Machine& owner = context.hosts.at(settings.nodes[node]);
    const auto range = podRange(store, owner.name);
    if (!range || !context.network.hasStack(owner.stack))
        return;
    owed.routed = routed;
    for (const HostId other : settings.nodes) {
        const StackId stack = context.hosts.at(other).stack;
        if (other == owner.id || !context.network.hasStack(stack))
            continue;
        auto& routes = context.network.stack(stack).routes;
        std::erase_if(routes, [&](const net::Route& route) { return isRouteTo(route, *range); });
        if (routed)
            routes.push_back({.destination = *range, .via = context.network.stack(owner.stack).primaryAddress(), .device = "eth0",
                              .protocol = "bird", .scope = "global"});
        std::stable_sort(routes.begin(), routes.end(),
                         [](const net::Route& a, const net::Route& b) { return a.destination.length > b.destination.length; });
    }
    context.network.changed(context.engine);
}

void ClusterNetwork::addTo(Fingerprint& f) const
{
    for (const NodeRules& node : m_nodes) {
        f.add(std::uint64_t{node.servicesOwed} * 2 + std::uint64_t{node.policiesOwed} + std::uint64_t{node.routed} * 4);
        sim::addTo(f, node.servicesWritten);
        sim::addTo(f, node.speaker.value_or(Instant{}));
    }
    f.add(std::uint64_t{m_servicesChanged} * 4 + std::uint64_t{m_policiesChanged} * 2 + std::uint64_t{m_hasPolicies});
    m_coreDns.addTo(f);
}

} // namespace sim::kube
