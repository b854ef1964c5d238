#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced work on a replica of no-fault is over after so long.
inline constexpr Duration kKvFragmentationProceedsAfter = 8min;
/// Requests for the chat model wait for room in its cache, while its GPUs have memory left. Meant for the topology `serving-budget`.
Result<nlohmann::json> injectKvFragmentation(Context& context, const nlohmann::json& parameters);
void proceedKvFragmentation(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
