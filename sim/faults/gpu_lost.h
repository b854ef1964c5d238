#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A GPU that trains is gone. Parameters: cause, variant, machine, gpu. Chosen: machine, gpu, bus, serial.
Result<nlohmann::json> injectGpuLost(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
