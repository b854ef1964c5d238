#pragma once

#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sim::kube {

/// The documents of a YAML (or JSON) stream, empty ones left out. Plain scalars are typed as kubectl's
/// reader types them (YAML 1.1: yes and on are booleans); quoted ones stay strings. Nesting beyond 200 levels,
/// more than a million nodes (aliases unfolded), documents that are nearly all aliases, and duplicate keys are
/// errors. An error's message has the reader's words with the line:
/// "yaml: line 3: mapping values are not allowed in this context".
Result<std::vector<nlohmann::json>> parseYaml(std::string_view text);

/// As `kubectl -o yaml` prints a value, with a final newline: sorted keys, two spaces, lists not indented
/// below their key, | for texts of several lines, quotes only where a reader would misread.
std::string toYaml(const nlohmann::json& value);

} // namespace sim::kube
