#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

/// A run of ibdiagnet on a host. Counters are compared over the run: `before` is the fabric as it was at its
/// start (a copy is cheap), `after` at its end.
Text ibdiagnetText(const rdma::Fabric& before, const rdma::Fabric& after, sim::HostId host);

} // namespace core::shell::fabric
