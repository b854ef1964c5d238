#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The catalogue's Go service takes all of its machine's processors and serves too little. Parameters: cause, variant.
/// Chosen: machine, good (the release before), setting and value (what a setting was).
Result<nlohmann::json> injectGoCpu(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
