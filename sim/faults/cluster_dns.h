#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// cluster-dns: the shop's pods stop finding each other by name.
/// Parameters: "cause" (required), "variant" and "node" (chosen by the seed when left out).
Result<nlohmann::json> injectClusterDns(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
