#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced backlog of no-fault is worked off after so long.
inline constexpr Duration kPreemptionStormProceedsAfter = 12min;
/// Answers stand still in the middle: sequences throw each other out of the cache.
Result<nlohmann::json> injectPreemptionStorm(Context& context, const nlohmann::json& parameters);
void proceedPreemptionStorm(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
