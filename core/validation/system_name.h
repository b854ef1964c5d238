#pragma once

#include "sim/engine/result.h"
#include "sim/training/collectives/system.h"

#include <string_view>

namespace core::validation {

/// The machines that a published row names, as people write them: "Azure ND H100 v5", "DGX A100", "h100",
/// "2x8 H20", "A100 SXM4 40G, 4xHDR200 per node", "H100 PCIe NVLink pair". Case and punctuation do not matter.
/// What a name says of ports (count, rate, sockets, EFA) overrides the standard of its GPU. An error says what is
/// known.
sim::Result<sim::training::collectives::System> systemNamed(std::string_view name, int nodes, int gpusPerNode);

} // namespace core::validation
