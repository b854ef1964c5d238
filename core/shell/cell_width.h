#pragma once

#include <string>
#include <string_view>

namespace core::shell {

/// The code point at text[i] and its length in bytes; a stray byte counts as itself.
char32_t decodeUtf8(std::string_view text, std::size_t i, std::size_t& length);
/// Terminal cells of a code point: 0 (combining), 1 or 2 (CJK, emoji).
int cellWidth(char32_t codePoint);
/// Cells of a text without control sequences.
int cellWidth(std::string_view text);

} // namespace core::shell
