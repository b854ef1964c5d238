#pragma once

#include "sim/kube/api/store.h"
#include "sim/net/network.h"

#include <string>
#include <vector>

namespace sim::kube {

// NetworkPolicy, enforced where a pod's veth meets its node, as Calico's felix writes it: chains
// cali-fw-IFACE (from the pod) and cali-tw-IFACE (to it), one cali-po-/cali-pi- chain for each policy and direction, and
// ipsets for the peers.

/// Policies of the pod's namespace that select it and speak about this direction, by name.
std::vector<std::shared_ptr<const NetworkPolicy>> policiesOf(const Store& store, const Pod& pod, bool ingress);

/// Brings the node's cali-* chains and ipsets in line with the store. Pods that no policy selects get no chains and are
/// free. `machine` is the node's stack, `node` its name.
void writePolicyRules(net::Network& network, StackId machine, const Store& store, const std::string& node);

/// "cali-tw-cali1a2b3c4d5e6": what a rule's place says of the pod and the direction it guards.
struct PolicyChain {
    std::string device;
    bool ingress = false;
};
std::optional<PolicyChain> policyChainIn(const std::string& place);

} // namespace sim::kube
