#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// container-exits: a release of the shop's web on docker-1 does not stay up. Parameters: cause, variant. Chosen: machine,
/// container, image.
Result<nlohmann::json> injectContainerExits(Context& context, const nlohmann::json& parameters);
/// The release of "host-process" is run once the other program has the port.
void proceedContainerExits(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kContainerExitsProceedsAfter = std::chrono::seconds(2);

} // namespace sim::faults
