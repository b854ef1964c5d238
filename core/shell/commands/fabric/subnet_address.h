#pragma once

#include "core/shell/commands/fabric/tool.h"

namespace core::shell::fabric {

/// What a tool says that may not open its port's umad device, or finds none: -C names a device of another machine, say.
/// Nothing when it may.
std::optional<Text> cannotManage(Invocation& inv, const ParsedOptions& parsed, std::string_view tool);
/// The device through which the tool talks: -C, else the first with a link.
rdma::DeviceId localDevice(Invocation& inv, const ParsedOptions& parsed);
/// "12", "0xc", or with `guid` the GUID of a node or a port; nothing when it is no LID, or nobody has the GUID.
std::optional<int> lidOf(const rdma::Fabric& fabric, const std::string& text, bool guid);
/// Nobody: both ids are invalid.
Node nodeAtLid(const rdma::Fabric& fabric, int lid);
Text cannotResolve(std::string_view tool, const std::string& destination);

} // namespace core::shell::fabric
