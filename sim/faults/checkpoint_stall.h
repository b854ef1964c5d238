#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The training job loses its time at its checkpoints: it stands in them, fails in them, or makes too many.
Result<nlohmann::json> injectCheckpointStall(Context& context, const nlohmann::json& parameters);
void proceedCheckpointStall(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kCheckpointStallProceedsAfter = std::chrono::minutes(8);

} // namespace sim::faults
