#pragma once

#include "sim/world/command.h"

#include <string>

namespace sim {

/// Makes a change in rules, a machine's own or a copy to try it on: what the kernel says, empty when it takes the change.
std::string applyFirewall(net::Stack& stack, const command::FirewallChange& change);

} // namespace sim
