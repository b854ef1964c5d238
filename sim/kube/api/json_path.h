#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace sim::kube {

/// What a printer column's path finds, as text: `.spec.size`, `.status.conditions[?(@.type=="Ready")].status`,
/// `.spec.ports[*].port`, `.metadata.annotations.a\.b/c`. Several are joined by commas; nothing found: empty.
std::string jsonPathText(const nlohmann::json& object, std::string_view path);

} // namespace sim::kube
