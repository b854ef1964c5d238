#pragma once

#include "sim/engine/result.h"

#include <optional>
#include <string>
#include <string_view>

// What the readers of measured rows share: their files come from elsewhere, and an error says file, line, field and remedy.
namespace core::validation {

std::string trimmed(std::string_view text);
/// A finite number and nothing else, blanks around it apart.
std::optional<double> numberIn(std::string_view text);
sim::Error problem(const std::string& where, const std::string& field, std::string message);
/// A whole number from `least` to `most`. `where` ("rows.csv:12") and `field` are for the error.
sim::Result<int> countIn(std::string_view text, int least, int most, const std::string& where, const std::string& field);

} // namespace core::validation
