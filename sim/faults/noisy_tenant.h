#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced bulk work of no-fault is over after so long.
inline constexpr Duration kNoisyTenantProceedsAfter = 12min;
/// One of the programs that share a model takes what the others need.
Result<nlohmann::json> injectNoisyTenant(Context& context, const nlohmann::json& parameters);
void proceedNoisyTenant(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
