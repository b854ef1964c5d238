#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The database's server was restarted in its maintenance window and does not serve any more. Parameters: cause, variant.
/// Chosen: uuid (the one that no device has, "-" without), kernel (the newest version).
Result<nlohmann::json> injectBootFailure(Context& context, const nlohmann::json& parameters);
/// What PostgreSQL says when it gets up after a power cut.
void proceedBootFailure(Context& context, const nlohmann::json& parameters);
constexpr Duration kBootFailureProceedsAfter = std::chrono::seconds(60); ///< the machine is up again by then

} // namespace sim::faults
