#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// The kinds that apply --prune looks at: --prune-allowlist, else the usual ones. Complains and returns nothing when an
/// entry makes no sense.
std::optional<std::vector<const ResourceKind*>> kindsToPrune(Call& call);

/// What has been applied in this run.
struct Applied {
    std::set<std::string> uids;
    std::set<std::string> namespaces;
};

/// Deletes what an earlier apply made, --selector chooses and this run did not apply; tells each. What the server refused
/// ends it; nothing when all went well.
std::optional<sim::kube::Response> prune(Call& call, const std::vector<const ResourceKind*>& kinds, const Applied& applied,
                                         const std::function<void(const ResourceKind&, const Json&)>& pruned);

} // namespace core::shell::kubectl
