#pragma once

#include "core/shell/commands/fabric/text.h"

namespace core::shell::fabric {

/// "# Port info: Lid 3 port 1" and PortInfo's fields. `lid` of the node, as the tool was told.
std::string portInfoText(const rdma::Fabric& fabric, rdma::PortId port, int lid);

} // namespace core::shell::fabric
