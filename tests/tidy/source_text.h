#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidy {

/// The C++ text with comments and what stands in quotes blanked out; every line keeps its number and length.
std::string codeOnly(std::string_view text);

std::vector<std::string_view> linesOf(std::string_view text);

/// Whether `word` stands in the line with no letter, digit or underscore next to those of its ends that are
/// such characters themselves.
bool hasWord(std::string_view line, std::string_view word);

} // namespace tidy
