#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// stuck-rollout: a release of shop/checkout that never completes. It goes out without taking an old pod away first, so
/// customers do not notice.
/// Parameters: "cause" (required) and "variant" (chosen by the seed when left out).
Result<nlohmann::json> injectStuckRollout(Context& context, const nlohmann::json& parameters);
/// What has to run before: workloads that fill the cluster.
Result<nlohmann::json> prepareStuckRollout(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
