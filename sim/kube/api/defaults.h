#pragma once

#include "sim/kube/api/store.h"

namespace sim::kube {

/// Fills in what the API server fills in on create and update (pkg/apis/*/v1/defaults.go), and what its
/// built-in admission adds to new objects. `random` is for generated names and addresses.
template <ApiObject T>
void applyDefaults(T& object);
/// Only on create: service account, token volume, tolerations, priority (pods); cluster address (Services);
/// finalizer and phase (namespaces).
template <ApiObject T>
void admitNew(T& object, const Store& store, RandomStream& random);

/// Guaranteed, Burstable or BestEffort from requests and limits of cpu and memory.
std::string qosClassOf(const PodSpec& spec);

} // namespace sim::kube
