#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

/// `rdma link show`; `link`: "mlx5_0/1" or empty.
Text rdmaLinkText(const rdma::Fabric& fabric, sim::HostId host, const std::string& link = {});
/// `rdma dev show`
Text rdmaDevText(const rdma::Fabric& fabric, sim::HostId host, const std::string& device = {});
/// `rdma statistic show`
Text rdmaStatisticText(const rdma::Fabric& fabric, sim::HostId host, const std::string& link = {});

/// Names and values of a device's hw_counters, in the driver's order.
std::vector<std::pair<std::string, std::uint64_t>> hardwareCounters(const rdma::Fabric& fabric,
                                                                    rdma::DeviceId device);

} // namespace core::shell::fabric
