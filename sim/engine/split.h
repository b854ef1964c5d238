#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// "a,,b" -> "a", "", "b"; an empty text is one empty part.
inline std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

/// The lines of a text. An `end` at its very end begins no further line, and an empty text has none.
inline std::vector<std::string> linesOf(std::string_view text, char end = '\n')
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find(end), text.size());
        lines.emplace_back(text.substr(0, length));
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return lines;
}

} // namespace sim
