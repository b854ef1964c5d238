#pragma once

#include "core/shell/commands/kubectl/manifests.h"
#include "sim/kube/api/core_v1.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// The nodes that `cordon NODE...` and its like name by words or --selector. Complains and returns nothing when
/// the words make no sense or one of them is no node.
std::optional<std::vector<Manifest>> nodesOf(Call& call);

/// Makes the nodes unschedulable or schedulable again and says so. False after a refusal.
bool setUnschedulable(Call& call, const std::vector<Manifest>& nodes, bool unschedulable);

/// What drain would do with a pod.
struct PodRemoval {
    enum class Reason : std::uint8_t { Okay, Skip, Warning, Error };
    sim::kube::Pod pod;
    Reason reason = Reason::Okay;
    bool remove = true;
    std::string message;
};
/// Every pod on the node, judged by the call's --ignore-daemonsets, --delete-emptydir-data and --force.
std::vector<PodRemoval> podsToRemove(Call& call, const std::string& node);
/// "cannot delete WHY: ns/a, ns/b", one a reason; empty when nothing stands in the way.
std::vector<std::string> obstacles(const std::vector<PodRemoval>& pods);
/// "ignoring DaemonSet-managed Pods: ns/a, ns/b; ..."
std::string warningsOf(const std::vector<PodRemoval>& pods);

} // namespace core::shell::kubectl
