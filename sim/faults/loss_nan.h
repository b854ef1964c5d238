#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A training job's loss is no number any more. Parameters: cause, variant, machine. Chosen: machine, shard ("web-00"), iteration
/// (of the checkpoint that was loaded last).
Result<nlohmann::json> injectLossNan(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
