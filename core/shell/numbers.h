#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace core::shell {

/// Numbers as C's printf and strtod write and read them in the C locale, whatever locale the program has
/// (Qt sets the user's).

/// A whole number in decimal, with nothing before or behind it; nothing for other text.
std::optional<std::int64_t> parseNumber(std::string_view text);
/// The number at the start of the text, after blanks; `used` is how many bytes it took, 0 for none.
double parseDouble(std::string_view text, std::size_t& used);
/// One conversion of e, f, g (or E, F, G); precision -1 is the default 6.
std::string formatDouble(double value, char conversion, std::string_view flags, int width, int precision);
/// "1.5K" as ls -h, du -h and sort -h mean it: rounded up, one decimal below ten.
std::string humanSize(double bytes);

} // namespace core::shell
