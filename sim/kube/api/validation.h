#pragma once

#include "sim/kube/api/field_errors.h"
#include "sim/kube/api/kinds.h"

namespace sim::kube {

/// What is wrong with an object that is about to be stored, in the order and the words of the server's own
/// checks (k8s.io/kubernetes/pkg/apis/*/validation).
template <ApiObject T>
FieldErrors validate(const T& object);
/// What of it may not change.
template <ApiObject T>
FieldErrors validateUpdate(const T& object, const T& old);

/// What only a pod that is made may not have.
FieldErrors validateNewPod(const Pod& pod);
/// The change of a pod by its ephemeralcontainers subresource.
FieldErrors validateEphemeralContainers(const Pod& pod, const Pod& old);

/// Kinds whose update must name the version it replaces (AllowUnconditionalUpdate is false).
bool needsResourceVersion(KindId kind);

} // namespace sim::kube
