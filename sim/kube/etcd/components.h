#pragma once

#include "sim/kube/client/context.h"

#include <string_view>

namespace sim::kube {

inline constexpr const char* kComponentNamespace = "kube-system";

/// The container of a static pod ("kube-apiserver", "etcd", ...) that runs on that machine; null when there is none.
const container::Container* componentContainer(const Context& context, HostId machine, std::string_view component);

} // namespace sim::kube
