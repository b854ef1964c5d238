#pragma once

#include <string>
#include <string_view>

namespace core::shell {

/// Shell patterns: * ? [a-z] [!...] [[:digit:]] and \x. Linear space, at worst quadratic time.
bool matchPattern(std::string_view pattern, std::string_view text);
/// Whether the pattern has an unescaped * ? or [.
bool hasPattern(std::string_view pattern);
/// Escapes the characters that mean something in a pattern.
std::string escapePattern(std::string_view text);
/// Whether a byte is in a class such as "alpha"; false for unknown names.
bool inCharacterClass(std::string_view name, unsigned char c);

} // namespace core::shell
