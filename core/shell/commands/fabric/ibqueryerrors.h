#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

struct IbqueryerrorsOptions {
    std::vector<std::string> suppressed; ///< -s: counters that do not count
    bool links = false;                  ///< -r: the link of each port with errors
    int pid = 1;
};

/// All ports of the subnet with errors, thresholds being zero as in the file that comes with the package.
Text ibqueryerrorsText(const rdma::Fabric& fabric, sim::HostId host,
                       const IbqueryerrorsOptions& options = {});

} // namespace core::shell::fabric
