#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A training job makes no steps any more, and says nothing. Parameters: cause, variant, machine, gpu. Chosen: machine, gpu,
/// device (of the compute network).
Result<nlohmann::json> injectTrainingHang(Context& context, const nlohmann::json& parameters);
/// The maintenance of "no-fault" is over.
void proceedTrainingHang(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kTrainingHangProceedsAfter = std::chrono::minutes(13);

} // namespace sim::faults
