#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// Full-size packets vanish on the way while small ones pass: to the customers, or between the servers. Parameters: cause,
/// variant. Chosen: machine, the one at fault; mtu, what the narrow place takes.
Result<nlohmann::json> injectMtuBlackhole(Context& context, const nlohmann::json& parameters);
/// The carrier's works of "no-fault" are over.
void proceedMtuBlackhole(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kMtuBlackholeProceedsAfter = std::chrono::minutes(9);

} // namespace sim::faults
