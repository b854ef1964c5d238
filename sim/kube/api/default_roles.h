#pragma once

#include "sim/kube/api/store.h"

namespace sim::kube {

/// The cluster roles and bindings that an API server makes when it first starts: for people, for the components of
/// the control plane, kubelets, kube-proxy and each controller (rbac/bootstrappolicy); with `kubeadm` also that one's
/// for its administrators. Requires: none of them is there.
void createDefaultRoles(Store& store, Instant now, RandomStream& random, bool kubeadm = true);

} // namespace sim::kube
