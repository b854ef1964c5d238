#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The load average of app-1 is a multiple of its processors. Parameters: cause, variant. Chosen: machine, unit, pid, program,
/// path (the setting that makes it so, when there is one).
Result<nlohmann::json> injectHighLoad(Context& context, const nlohmann::json& parameters);
/// The nightly job of "no-fault" is done.
void proceedHighLoad(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kHighLoadProceedsAfter = std::chrono::minutes(9);

} // namespace sim::faults
