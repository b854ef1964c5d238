#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// crash-loop: a release of shop/checkout whose containers do not stay up.
/// Parameters: "cause" (required) and "variant" (chosen by the seed when left out).
Result<nlohmann::json> injectCrashLoop(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
