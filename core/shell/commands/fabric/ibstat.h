#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

struct IbstatOptions {
    std::string device;    ///< all when empty
    int port = -1;         ///< of that device; -1: all
    bool list = false;     ///< -l
    bool brief = false;    ///< -s: no ports
    bool portList = false; ///< -p: port GUIDs
    int pid = 1;           ///< what error messages show
};

Text ibstatText(const rdma::Fabric& fabric, sim::HostId host, const IbstatOptions& options = {});
/// `device`: "mlx5_0" or "mlx5_0:1"; empty: all.
Text ibstatusText(const rdma::Fabric& fabric, sim::HostId host, const std::string& device = {});
/// MLNX_OFED's script.
Text ibdev2netdevText(const rdma::Fabric& fabric, sim::HostId host);

} // namespace core::shell::fabric
