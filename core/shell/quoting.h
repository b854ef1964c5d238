#pragma once

#include <string>

namespace core::shell {

/// The word in single quotes, as a shell reads it back.
std::string singleQuoted(const std::string& word);
/// The same, and bare when it needs no quotes.
std::string shellQuoted(const std::string& word);

} // namespace core::shell
