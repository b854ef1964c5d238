#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A release brings a new start script for the orders service, and no server gets up with it. Parameters: cause, variant.
/// Chosen: script, path (what it may not touch).
Result<nlohmann::json> injectScriptPermission(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
