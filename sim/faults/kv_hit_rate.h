#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced evaluation of no-fault is over after so long.
inline constexpr Duration kKvHitRateProceedsAfter = 8min;
/// The agents' prompts are computed anew although most of each was there before.
Result<nlohmann::json> injectKvHitRate(Context& context, const nlohmann::json& parameters);
void proceedKvHitRate(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
