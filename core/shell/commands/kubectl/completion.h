#pragma once

#include "core/shell/command_table.h"

namespace core::shell::kubectl {

/// Verbs, subverbs, flags and their values, resource types and names of live objects. Reads the simulated
/// cluster directly: Tab costs no virtual time.
std::vector<Completion> completeKubectl(const CompletionRequest& request, Door& door, System& system);

} // namespace core::shell::kubectl
