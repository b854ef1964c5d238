#include "core/shell/quoting.h"

#include <string_view>

namespace core::shell {

std::string singleQuoted(const std::string& word)
{
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::string shellQuoted(const std::string& word)
{
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    return !word.empty() && word.find_first_not_of(kPlain) == std::string::npos ? word : singleQuoted(word);
}

} // namespace core::shell
