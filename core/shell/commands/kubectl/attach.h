#pragma once

#include "core/shell/commands/kubectl/call.h"
#include "sim/kube/api/core_v1.h"

#include <string>

namespace core::shell::kubectl {

/// Joins the streams of the container's process, as the call's --stdin, --tty and --quiet say, until it ends or Ctrl-C.
/// A shell that waits for input is typed to, and ends with the session. Returns the exit status.
int attachTo(Call& call, const sim::kube::Pod& pod, const std::string& container);

} // namespace core::shell::kubectl
