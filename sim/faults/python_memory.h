#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A Python job's memory has risen until the machine that it shares with the catalogue has none left. Parameters:
/// cause, variant. Chosen: machine, good (the release before), setting and value (what a setting was), unit, pid.
/// Brings the release or the setting and starts the job with it. inject() then lets it have run for long.
Result<nlohmann::json> preparePythonMemory(Context& context, const nlohmann::json& parameters);
Result<nlohmann::json> injectPythonMemory(Context& context, const nlohmann::json& parameters);
/// The report of "no-fault" is done.
void proceedPythonMemory(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kPythonMemoryProceedsAfter = std::chrono::minutes(6);

} // namespace sim::faults
