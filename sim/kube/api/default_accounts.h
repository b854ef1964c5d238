#pragma once

#include "sim/kube/api/store.h"

namespace sim::kube {

/// Stands for the cluster's authority wherever it is published; nobody can verify anything with it.
inline constexpr const char* kRootCa = "-----BEGIN CERTIFICATE-----\nRmF1bHRsaW5lIGxhYiBDQQ==\n-----END CERTIFICATE-----\n";

/// kube-system's service accounts of the controllers and what the API server tells its extensions there. With
/// `kubeadm` also what only such a cluster has. Requires: the namespace is there, and none of these.
void createSystemAccounts(Store& store, Instant now, RandomStream& random, bool kubeadm);

} // namespace sim::kube
