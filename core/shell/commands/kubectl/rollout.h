#pragma once

#include "core/shell/commands/kubectl/call.h"
#include "core/shell/commands/kubectl/manifests.h"
#include "sim/kube/api/apps_v1.h"

#include <cstdint>
#include <map>
#include <string>

namespace core::shell::kubectl {

// The subverbs of `kubectl rollout`.
Verb rolloutStatusVerb();
Verb rolloutHistoryVerb();
Verb rolloutUndoVerb();
Verb rolloutRestartVerb();
Verb rolloutPauseVerb();
Verb rolloutResumeVerb();

/// The number a Deployment or ReplicaSet carries in its annotations; 0 without one.
std::int64_t revisionOf(const sim::kube::ObjectMeta& metadata);
/// The ReplicaSets of a Deployment by revision.
std::map<std::int64_t, sim::kube::ReplicaSet> replicaSetsOf(Call& call, const sim::kube::Deployment& deployment);
/// The ControllerRevisions of a DaemonSet or StatefulSet by revision.
std::map<std::int64_t, sim::kube::ControllerRevision> revisionsOf(Call& call, const Manifest& target);
/// The pod template that a ControllerRevision keeps.
sim::kube::PodTemplateSpec templateOf(const sim::kube::ControllerRevision& revision);
/// "Pod Template:" and its lines, with the tabs left in as the real tool leaves them.
std::string templateText(const sim::kube::PodTemplateSpec& podTemplate);
/// "ReplicaSet.apps", "Pod"
std::string groupKind(const ResourceKind& kind);

/// What every subverb says when it is not told which object.
inline constexpr const char* kNoResource = "required resource not specified";
bool namesResources(const Call& call);

} // namespace core::shell::kubectl
