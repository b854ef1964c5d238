#pragma once

#include "sim/kube/client/context.h"
#include "sim/kube/network/coredns.h"
#include "sim/kube/network/dns_exchange.h"

#include <optional>
#include <vector>

namespace sim::kube {

/// The programs that make the cluster's network, each only while its pod runs: kube-proxy and calico-node on every
/// node, and the CoreDNS processes. A node whose kube-proxy is dead keeps the rules that it has; one whose calico-node is
/// dead keeps its routes, and its neighbours take theirs to it away once BGP's graceful restart is over.
class ClusterNetwork {
public:
    static constexpr Duration kPeriod = 1s; ///< kube-proxy's minSyncPeriod; the other programs are no faster

    /// What changed in the store since the last call; null: everything may have. Only while the API answers.
    void observe(const std::vector<const WatchEvent*>* changes);
    /// EventType::NetworkTick.
    void tick(Context& context, const Store& store, const ClusterSettings& settings, bool apiUp);

    DnsView view(const net::Network& network, const host::Hosts& hosts, const container::Runtimes& runtimes, const Store& store,
                 Instant now) const
    {
        return {network, hosts, runtimes, store, m_coreDns, now};
    }

    bool operator==(const ClusterNetwork&) const = default;
    void addTo(Fingerprint& f) const;

private:
    /// What one node's agents have yet to write.
    struct NodeRules {
        bool servicesOwed = true;
        bool policiesOwed = true;
        Instant servicesWritten{};
        std::optional<Instant> speaker; ///< when its calico-node was last seen to run
        bool routed = true;             ///< the other nodes have a route to its pods
        bool operator==(const NodeRules&) const = default;
    };
    static void announceRoutes(Context& context, const Store& store, const ClusterSettings& settings, std::size_t node, NodeRules& owed, bool speaks);

    std::vector<NodeRules> m_nodes; ///< in the order of the settings' nodes
    bool m_servicesChanged = true;
    bool m_policiesChanged = true;
    bool m_hasPolicies = false;
    CoreDnsProcesses m_coreDns;
};

} // namespace sim::kube
