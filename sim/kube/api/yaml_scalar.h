#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace sim::kube {

/// What a plain (unquoted) YAML scalar means to kubectl's reader.
nlohmann::json plainScalar(const std::string& text);

} // namespace sim::kube
