#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced work of no-fault is over after so long.
inline constexpr Duration kInferenceOomProceedsAfter = 8min;
/// The document model does not start any more: its GPUs have no room for what it was told to hold.
Result<nlohmann::json> injectInferenceOom(Context& context, const nlohmann::json& parameters);
void proceedInferenceOom(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
