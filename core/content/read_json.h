#pragma once

#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace core::content {

/// A file's bytes. Error: unreadable, no regular file, or above 16 MiB.
sim::Result<std::string> readBytes(const std::string& path);

/// A JSON document that anybody may have written: errors name file and line. Beyond JSON's own rules it must
/// not repeat a key in one object (the parser would silently keep the last) nor nest deeper than 64.
sim::Result<nlohmann::json> parseJson(const std::string& bytes, const std::string& path);

/// The 1-based line on which the value of a JSON pointer ("/causes/0/id") starts; that of its nearest
/// parent when there is no such value. Requires: parseJson() accepted the bytes.
int lineOf(std::string_view bytes, const nlohmann::json::json_pointer& pointer);

/// "FILE:LINE /causes/0/id"
std::string placeOf(const std::string& path, std::string_view bytes, const nlohmann::json::json_pointer& pointer);

} // namespace core::content
