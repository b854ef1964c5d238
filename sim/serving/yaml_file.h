#pragma once

#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sim::serving {

/// The first document of a mounted file, as JSON; an empty one is null. Errors: no YAML, more than 256 KiB, or more than 20,000 values
/// (aliases unfolded).
Result<nlohmann::json> readYamlFile(const std::string& text);

} // namespace sim::serving
