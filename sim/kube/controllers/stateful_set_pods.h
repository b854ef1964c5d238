#pragma once

#include "sim/kube/controllers/controller.h"

#include <optional>

// Identity of a StatefulSet's pods: names, labels and claims (pkg/controller/statefulset/stateful_set_utils.go).
namespace sim::kube {

inline constexpr const char* kStatefulSetPodName = "statefulset.kubernetes.io/pod-name";
inline constexpr const char* kPodIndexLabel = "apps.kubernetes.io/pod-index";

/// The ordinal in "db-3" when the pod belongs to the set by name.
std::optional<std::int64_t> ordinalOf(const StatefulSet& set, const std::string& podName);
/// The name of the revision that a pod was made from; empty when it says none.
std::string revisionOf(const Pod& pod);
std::int64_t firstOrdinal(const StatefulSet& set);
std::string claimName(const PersistentVolumeClaim& claimTemplate, const StatefulSet& set, std::int64_t ordinal);

/// The pod of an ordinal, as that template makes it.
Pod statefulPod(const StatefulSet& set, const PodTemplateSpec& template_, const std::string& revision, std::int64_t ordinal);
/// The claim of an ordinal for one of the set's templates.
PersistentVolumeClaim statefulClaim(const StatefulSet& set, const PersistentVolumeClaim& claimTemplate, std::int64_t ordinal);
/// Name, namespace and identity labels are as they ought to be, and the volumes name its claims.
bool hasIdentity(const StatefulSet& set, const Pod& pod);
void giveIdentity(const StatefulSet& set, Pod& pod);

} // namespace sim::kube
