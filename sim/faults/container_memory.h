#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// Puts onto docker-1 what takes its memory, as it was some days ago; null for causes that need nothing of the kind.
Result<nlohmann::json> prepareContainerMemory(Context& context, const nlohmann::json& parameters);
/// container-memory: docker-1's memory has gone, up to where programs wait for it. Parameters: cause, variant. Chosen: machine,
/// container, image.
Result<nlohmann::json> injectContainerMemory(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
