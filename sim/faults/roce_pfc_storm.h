#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The training job crosses a RoCE network where it shares ports with a cache's bulk transfers, and something of what keeps them apart
/// is gone. Parameters: cause, variant, machine, gpu. Chosen: machine (sends), next (it sends to), worker, device, netdev, leaf, port
/// ("Ethernet16", where the machine hangs on the leaf), nextPort, spare (its adapter pauses in pausing-nic) and sparePort.
Result<nlohmann::json> injectRocePfcStorm(Context& context, const nlohmann::json& parameters);
/// The acceptance test of "no-fault" is over.
void proceedRocePfcStorm(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kRocePfcStormProceedsAfter = std::chrono::minutes(16);

} // namespace sim::faults
