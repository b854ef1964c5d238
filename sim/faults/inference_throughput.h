#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced campaign of no-fault is over after so long.
inline constexpr Duration kInferenceThroughputProceedsAfter = 12min;
/// The chat model gets fewer answers done than are asked for: requests wait in line.
Result<nlohmann::json> injectInferenceThroughput(Context& context, const nlohmann::json& parameters);
void proceedInferenceThroughput(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
