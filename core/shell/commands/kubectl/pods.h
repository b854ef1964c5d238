#pragma once

#include "core/shell/commands/kubectl/resources.h"
#include "sim/kube/api/core_v1.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::container {
struct Container;
}

namespace core::shell::kubectl {

/// The selector of a workload or Service as text for a list query; empty when it has none.
std::string podSelectorOf(const Json& object);
/// The pods of a workload, the one to be used for logs or exec first: running before ready before young.
std::vector<sim::kube::Pod> podsOf(Call& call, const Json& workload);
/// The pod that "web", "pod/web" or "deploy/web" stands for. Complains and returns nothing when there is none.
/// The words for a missing pod differ between logs and exec.
std::optional<sim::kube::Pod> podFor(Call& call, const std::string& word, bool forLogs);

/// The container asked for with -c, else the default one; says on standard error when it chose among several.
/// Complains and returns nothing when there is no such container.
std::optional<std::string> containerFor(Call& call, const sim::kube::Pod& pod, const std::string& asked);

/// Nobody may enter a pod that has ended: complains ("cannot exec into a container in a completed pod") and returns true.
bool refusesCompleted(Call& call, const sim::kube::Pod& pod, std::string_view act);

/// A container of the pod by name, whichever list it stands in; null when there is none.
const sim::kube::Container* containerNamed(const sim::kube::Pod& pod, const std::string& name);

/// Where a program in the container runs, for exec and cp. Complains and returns nothing when it cannot be started there.
std::optional<Place> execPlace(Call& call, const sim::kube::Pod& pod, const std::string& container, const std::string& program);

/// Why the API server cannot reach the kubelet of the pod's node: "dial tcp 10.0.0.11:10250: connect:
/// connection refused"; empty when it can. Spends the time of a dial.
std::string kubeletProblem(Call& call, const sim::kube::Pod& pod);

} // namespace core::shell::kubectl
