#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

struct IbnetdiscoverOptions {
    bool list = false;     ///< -l: of all nodes
    bool hcas = false;     ///< -H
    bool switches = false; ///< -S
    std::string date;      ///< as ctime(3) writes it, without the line end
    int pid = 1;
};

Text ibnetdiscoverText(const rdma::Fabric& fabric, sim::HostId host, const IbnetdiscoverOptions& options);
Text ibhostsText(const rdma::Fabric& fabric, sim::HostId host, int pid = 1);
Text ibswitchesText(const rdma::Fabric& fabric, sim::HostId host, int pid = 1);
/// Asks the subnet manager at `lid`; 0: the one that the port knows.
Text sminfoText(const rdma::Fabric& fabric, sim::HostId host, int lid = 0, int pid = 1);

} // namespace core::shell::fabric
