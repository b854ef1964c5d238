#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// Saves of the training job take many times as long as usual, and the storage cluster complains.
Result<nlohmann::json> injectCephSlow(Context& context, const nlohmann::json& parameters);
void proceedCephSlow(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kCephSlowProceedsAfter = std::chrono::minutes(9);

} // namespace sim::faults
