#pragma once

#include "sim/world/world.h"

#include <map>
#include <string>

namespace core::shell::fabric {

/// What RDMA drivers show of a machine's devices at and around a path, by path: /sys/class/infiniband/*, /dev/infiniband/*.
/// Empty when the path has nothing to do with them.
std::map<std::string, std::string> deviceFiles(const sim::World& world, sim::HostId host, const std::string& path);

} // namespace core::shell::fabric
