#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced look at the dead engine of no-fault is over after so long.
inline constexpr Duration kEngineDeadProceedsAfter = 10min;
/// A model server's engine is gone, and its API server answers on.
Result<nlohmann::json> injectEngineDead(Context& context, const nlohmann::json& parameters);
void proceedEngineDead(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
