#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A training job makes no steps any more, and says nothing. Parameters: cause, variant, machine, gpu. Chosen: machine, gpu,
/// device (of the compute network).
Result<nlohmann::json> injectTrainingHang(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
