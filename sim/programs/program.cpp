#include "sim/programs/program.h"

namespace sim::programs {

std::optional<std::string> flagOf(const std::vector<std::string>& words, std::string_view name)
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with(name))
            continue;
        if (words[i].size() > name.size() && words[i][name.size()] == '=')
            return words[i].substr(name.size() + 1);
        if (words[i].size() == name.size() && i + 1 < words.size())
            return words[i + 1];
    }
    return std::nullopt;
}

} // namespace sim::programs
