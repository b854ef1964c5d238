#pragma once

#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <string>

namespace sim::serving {

/// The first document of a mounted file, as JSON; an empty one is null. Errors: no YAML, more than 256 KiB, or more than 20,000 values
/// (aliases unfolded).
Result<nlohmann::json> readYamlFile(const std::string& text);

/// A value of such a file as a word of a command line: a text as it is, all else as JSON. What is no UTF-8 in it is replaced.
std::string wordOf(const nlohmann::json& value);

} // namespace sim::serving
