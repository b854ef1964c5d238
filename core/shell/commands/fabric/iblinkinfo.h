#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

struct IblinkinfoOptions {
    bool switchesOnly = false; ///< --switches-only
    bool devicesOnly = false;  ///< --cas-only
    bool down = false;         ///< -d: only ports without a link
    bool line = false;         ///< -l: one line for each link
    int pid = 1;
};

/// All links of the subnet that the host's first active port sees.
Text iblinkinfoText(const rdma::Fabric& fabric, sim::HostId host, const IblinkinfoOptions& options = {});

/// "( 4X        106.25 Gbps Active/  LinkUp)"
std::string linkStateText(const rdma::Port& port);
/// The other end with what the link could be, and the line end; before it, when wanted, the other port's
/// GUID.
std::string linkPeerText(const rdma::Fabric& fabric, rdma::PortId port, bool withGuid);

} // namespace core::shell::fabric
