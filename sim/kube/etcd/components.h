#pragma once

#include "sim/kube/client/context.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::kube {

inline constexpr const char* kComponentNamespace = "kube-system";

/// The container of a static pod ("kube-apiserver", "etcd", ...) that runs on that machine; null when there is none.
const container::Container* componentContainer(const Context& context, HostId machine, std::string_view component);
/// The value of "--name=value" among a program's words.
std::optional<std::string> flagOf(const std::vector<std::string>& command, const std::string& name);

} // namespace sim::kube
