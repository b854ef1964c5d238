#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// container-network: one of the shop's containers cannot reach another. On docker-1, and in the cluster where the variant is
/// one of that (node-rules, and all of cni-down). Parameters: cause, variant. Chosen: machine or node, and what the references
/// name: address, bridge, pod.
Result<nlohmann::json> injectContainerNetwork(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
