#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// stuck-terminating: the namespace preview-42 is deleted and does not go.
/// Parameters: "cause" (required), "variant" and "node" (chosen by the seed when left out).
Result<nlohmann::json> injectStuckTerminating(Context& context, const nlohmann::json& parameters);
/// The preview environment, and what it leans on.
Result<nlohmann::json> prepareStuckTerminating(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
