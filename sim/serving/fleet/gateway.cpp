#include "sim/serving/fleet/gateway.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace sim::serving {

GatewaySettings gatewaySettings(const std::vector<std::string>& command, const std::map<std::string, std::string>& files)
{
    GatewaySettings settings;
    const auto valueOf = [](std::string_view word, std::string_view flag) { return word.starts_with(flag) ? word.substr(flag.size()) : std::string_view(); };
    for (const std::string& word : command) {
        if (const auto tokens = valueOf(word, "--max-context-tokens="); !tokens.empty())
            settings.maxTokens = static_cast<std::uint32_t>(std::clamp(std::atoi(std::string(tokens).c_str()), 0, 1'000'000));
        const auto file = files.find(std::string(valueOf(word, "--template=")));
        if (file == files.end())
            continue;
        const std::string_view text = file->second;
        const std::string_view before = text.substr(0, text.find("{{tools}}"));
        settings.ownBeginnings = before.find("{{now}}") != std::string_view::npos || before.find("{{request_id}}") != std::string_view::npos;
    }
    return settings;
}

} // namespace sim::serving
