#pragma once

#include "core/shell/commands/fabric/text.h"

#include <map>

namespace core::shell::fabric {

/// The files of a host below /sys/class/infiniband with their texts: "mlx5_0/ports/1/state" -> "4: ACTIVE\n".
std::map<std::string, std::string> infinibandFiles(const rdma::Fabric& fabric, sim::HostId host);
/// The files of one device, relative to its folder.
std::map<std::string, std::string> infinibandFiles(const rdma::Fabric& fabric, rdma::DeviceId device);

} // namespace core::shell::fabric
