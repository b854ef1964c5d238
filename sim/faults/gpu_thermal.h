#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// GPUs that train get so hot that they slow down. Parameters: cause, variant, machine, gpu. Chosen: machine, gpu, unit (of the
/// room's cooling), left (of "sustained-load": where its worker was before).
Result<nlohmann::json> injectGpuThermal(Context& context, const nlohmann::json& parameters);
/// The planned work of "no-fault" on a cooling unit is done.
void proceedGpuThermal(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kGpuThermalProceedsAfter = std::chrono::minutes(16);

} // namespace sim::faults
