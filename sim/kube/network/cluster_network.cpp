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

/// The programs that run in some container of each machine now.
std::set<std::pair<HostId, std::string>> runningAgents(const Context& context)
{
    std::set<std::pair<HostId, std::string>> agents;
    for (const auto& [id, container] : context.runtimes.containers())
        if (!container.sandbox && container.serving(context.engine.now())
            && (container.program.name == kProxyProgram || container.program.name == kPolicyProgram))
            agents.emplace(container.host, container.program.name);
    return agents;
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

void ClusterNetwork::addTo(Fingerprint& f) const
{
    for (const NodeRules& node : m_nodes) {
        f.add(std::uint64_t{node.servicesOwed} * 2 + std::uint64_t{node.policiesOwed});
        sim::addTo(f, node.servicesWritten);
    }
    f.add(std::uint64_t{m_servicesChanged} * 4 + std::uint64_t{m_policiesChanged} * 2 + std::uint64_t{m_hasPolicies});
    m_coreDns.addTo(f);
}

} // namespace sim::kube
