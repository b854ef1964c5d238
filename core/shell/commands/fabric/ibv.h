#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

struct IbvDevinfoOptions {
    std::string device;   ///< -d; all when empty
    int port = 0;         ///< -i; 0: all
    bool list = false;    ///< -l
    bool verbose = false; ///< -v: of the port; what the adapter is capable of is left out
};

Text ibvDevicesText(const rdma::Fabric& fabric, sim::HostId host);
Text ibvDevinfoText(const rdma::Fabric& fabric, sim::HostId host, const IbvDevinfoOptions& options = {});
/// MLNX_OFED's script; `device` empty: all.
Text showGidsText(const rdma::Fabric& fabric, sim::HostId host, const std::string& device = {});

} // namespace core::shell::fabric
