#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace sim::kube {

/// Deeper values are refused where they come in: copying one takes stack for each level.
inline constexpr std::size_t kMaxJsonDepth = 1000;

/// A text deeper than that is none, as beyond Go's own 10,000 levels. Nothing: not JSON.
std::optional<nlohmann::json> parseJson(std::string_view text);
/// Needs no stack itself.
bool isTooDeep(const nlohmann::json& value);

} // namespace sim::kube
