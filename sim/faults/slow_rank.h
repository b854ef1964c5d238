#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// One GPU, or what it is fed by, is slower than the others, and all wait for it. Parameters: cause, variant, machine, gpu. Chosen:
/// machine, gpu, device (of the compute network, its rail).
Result<nlohmann::json> injectSlowRank(Context& context, const nlohmann::json& parameters);
/// The measurement of "no-fault" is over.
void proceedSlowRank(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kSlowRankProceedsAfter = std::chrono::minutes(16);

} // namespace sim::faults
