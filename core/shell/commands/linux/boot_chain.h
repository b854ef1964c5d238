#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace core::shell::node {

/// Bars of a boot that are units, in the order in which they began.
std::vector<sim::host::BootStep> unitSteps(const sim::host::Boot& boot);
/// The units that were up last before each other, from `name` (empty: the boot's target) backwards: systemd-analyze critical-chain.
std::vector<std::string> criticalChainOf(const sim::host::Machine& machine, std::string name = {});

} // namespace core::shell::node
