#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The application servers do not get through to the payment provider outside. Parameters: cause, variant. Chosen: address,
/// port, and, where one machine is at fault, machine.
Result<nlohmann::json> injectNetworkTimeout(Context& context, const nlohmann::json& parameters);
/// The provider of "no-fault" is back.
void proceedNetworkTimeout(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kNetworkTimeoutProceedsAfter = std::chrono::minutes(7);

} // namespace sim::faults
