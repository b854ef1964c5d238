#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace core::golden {

/// A command line's words as a POSIX shell splits them: blanks, quotes, backslashes. Recorded commands have no
/// expansions, pipes or redirections.
std::vector<std::string> commandWords(std::string_view line);

} // namespace core::golden
