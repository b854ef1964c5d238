#pragma once

#include "sim/world/world.h"

#include <map>
#include <string>

namespace core::shell::node {

/// What the kernel shows of a machine's interfaces at and around a path, by path: /sys/class/net/*/speed, mtu, address, operstate, carrier.
/// Empty when the path has nothing to do with them.
std::map<std::string, std::string> netFiles(const sim::World& world, sim::HostId host, const std::string& path);

} // namespace core::shell::node
