#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

/// ethtool INTERFACE, of a device's network interface. Nothing is printed for an interface that is no
/// device's.
Text ethtoolSettingsText(const rdma::Fabric& fabric, sim::HostId host, const std::string& interface);
/// ethtool -S: the counters that follow from the fabric, with the driver's names and in its order.
Text ethtoolStatisticsText(const rdma::Fabric& fabric, sim::HostId host, const std::string& interface);
/// ethtool -i
Text ethtoolDriverText(const rdma::Fabric& fabric, sim::HostId host, const std::string& interface,
                       const std::string& kernel);
/// ethtool -m: what the cable's memory tells (CMIS)
Text ethtoolModuleText(const rdma::Fabric& fabric, sim::HostId host, const std::string& interface);

} // namespace core::shell::fabric
