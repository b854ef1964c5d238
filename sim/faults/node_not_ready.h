#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// node-not-ready: one worker stops being of use to the cluster, by its kubelet, its runtime or its resources.
/// Parameters: "cause" (required), "variant" and "node" (chosen by the seed when left out).
Result<nlohmann::json> injectNodeNotReady(Context& context, const nlohmann::json& parameters);

/// What has been so for long when it breaks: a kubelet that does not rotate its certificate, a daemon that will leak.
Result<nlohmann::json> prepareNodeNotReady(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
