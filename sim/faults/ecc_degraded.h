#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A rank of the training job ends with a CUDA error, for most causes one of the card's memory. Parameters: cause, variant, machine,
/// gpu. Chosen: what gpu_site.h's described() tells.
Result<nlohmann::json> injectEccDegraded(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
