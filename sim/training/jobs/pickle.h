#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace sim::training {

/// Python's pickle, protocol 2, of what JSON can say: as torch writes the flight recorder's dumps, and Python reads them.
std::string pickled(const nlohmann::json& value);
/// Nothing: not a pickle of such things.
std::optional<nlohmann::json> unpickled(const std::string& bytes);

} // namespace sim::training
