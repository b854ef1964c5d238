#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced campaign of no-fault is over after so long.
inline constexpr Duration kInferenceLatencyProceedsAfter = 12min;
/// Answers of the chat model come too late, or their tokens too slowly.
Result<nlohmann::json> injectInferenceLatency(Context& context, const nlohmann::json& parameters);
void proceedInferenceLatency(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
