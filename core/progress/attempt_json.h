#pragma once

#include "core/progress/attempt.h"

#include <nlohmann/json.hpp>

namespace core::progress {

// The JSON of an attempt is one and the same in the store's columns and in the JSON report.

nlohmann::json partsJson(const std::vector<AttemptPart>& parts);
/// A clock that was never reached is null.
nlohmann::json clocksJson(const std::map<std::string, std::optional<double>>& clocks);
/// All fields; the fingerprint as 16 hexadecimal digits, as faultctl prints it. The replay only when it is
/// there.
nlohmann::json attemptJson(const Attempt& attempt);

/// These throw nlohmann::json::exception when the shape is wrong.
std::vector<AttemptPart> partsFromJson(const nlohmann::json& value);
std::map<std::string, std::optional<double>> clocksFromJson(const nlohmann::json& value);

/// Compact text; bytes that are not UTF-8 become U+FFFD rather than failing.
std::string dumped(const nlohmann::json& value);

const char* languageName(content::Language language); ///< "en", "zh"
const char* modeName(Mode mode);                      ///< "study", "exam"

} // namespace core::progress
