#pragma once

#include <string_view>

namespace sim::serving::openai {

// What gets a token of its own beside letters by threes: sorted by their bytes, with a space between.

/// English words and pieces of words, lower case, four letters and more.
std::string_view frequentWords();
/// Chinese words of two characters.
std::string_view frequentPairs();

} // namespace sim::serving::openai
