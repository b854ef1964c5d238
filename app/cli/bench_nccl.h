#pragma once

#include "app/cli/commands.h"

namespace app::cli {

/// `faultctl bench nccl`: all-reduces over the three networks that the peer, ASTRA-sim, was measured on: simulated
/// time, bus bandwidth and what the simulation itself takes; beside it the peer's, run now, where `peer` (else the
/// variable FAULTLINE_ASTRA_SIM) names its built tree.
int benchNccl(Environment& environment, const std::string& peer);

} // namespace app::cli
