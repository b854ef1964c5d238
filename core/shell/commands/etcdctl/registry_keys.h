#pragma once

#include "sim/kube/api/store.h"

#include <string>
#include <vector>

namespace core::shell::etcd {

/// One key of the API server's in etcd and the object behind it.
struct RegistryKey {
    std::string key; ///< "/registry/pods/shop/checkout-7d4b9-x2x7k"
    sim::kube::KindId kind = 0;
    std::shared_ptr<const void> object;
};

/// The keys that begin so, sorted. Resources lie where the API server's storage puts them ("minions" for nodes).
std::vector<RegistryKey> registryKeys(const sim::kube::Store& store, const std::string& prefix);

} // namespace core::shell::etcd
