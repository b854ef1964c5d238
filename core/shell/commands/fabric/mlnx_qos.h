#pragma once

#include "core/shell/commands/fabric/text.h"

#include <optional>

namespace core::shell::fabric {

struct MlnxQosOptions {
    std::string interface; ///< -i
    std::string trust;     ///< --trust: "pcp" or "dscp"; empty: as it is
    std::string pfc;       ///< --pfc: "0,0,0,1,0,0,0,0"; empty: as it is
};

/// The settings of an interface, as they are after the changes of mlnxQosChange.
Text mlnxQosText(const rdma::Fabric& fabric, sim::HostId host, const MlnxQosOptions& options);
/// What --trust and --pfc ask for: for the caller to apply. Nothing when they ask for nothing or make no
/// sense.
std::optional<std::pair<rdma::PortId, rdma::Qos>> mlnxQosChange(const rdma::Fabric& fabric, sim::HostId host,
                                                                const MlnxQosOptions& options);

} // namespace core::shell::fabric
