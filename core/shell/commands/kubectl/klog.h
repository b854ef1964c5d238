#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <string>
#include <string_view>

namespace core::shell::kubectl {

/// A line as klog, Kubernetes' logging library, writes it: "W0302 09:00:00.000000    1234 prune.go:71] TEXT".
std::string klogLine(const Call& call, char severity, const char* source, std::string_view text);

} // namespace core::shell::kubectl
