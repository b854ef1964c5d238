#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// pod-pending: a release of shop/checkout whose pods get no node, or are not created at all.
/// Parameters: "cause" (required) and "variant" (chosen by the seed when left out).
Result<nlohmann::json> injectPodPending(Context& context, const nlohmann::json& parameters);
/// What has to run before: workloads that fill the cluster, volumes.
Result<nlohmann::json> preparePodPending(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
