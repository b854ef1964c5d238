#pragma once

#include "core/shell/commands/kubectl/manifests.h"

#include <optional>

namespace core::shell::kubectl {

/// Deletes the object and waits until it is gone, at most `timeout` of virtual time. `graceSeconds` nothing:
/// its own. The server's refusal, or a Response of code 0 at the timeout; nothing when it is gone. An object
/// that is not there counts as gone.
std::optional<sim::kube::Response> removeAndWait(Call& call, const Manifest& target, sim::Duration timeout,
                                                 std::optional<std::int64_t> graceSeconds = std::nullopt);

} // namespace core::shell::kubectl
