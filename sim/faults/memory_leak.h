#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// app-3 runs out of free memory: a native program or a Java heap that grows since its last release, kernel memory, or only
/// the page cache. Parameters: cause, variant. Chosen: machine, unit, pid, program, release, previous, path, cache.
Result<nlohmann::json> injectMemoryLeak(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
