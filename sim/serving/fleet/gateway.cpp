#include "sim/serving/fleet/gateway.h"

#include "sim/programs/program.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace sim::serving {

namespace {

constexpr int kMost = 1'000'000; ///< of any of its numbers

std::uint32_t number(const std::vector<std::string>& command, std::string_view flag)
{
    return static_cast<std::uint32_t>(std::clamp(std::atoi(programs::flagOf(command, flag).value_or("").c_str()), 0, kMost));
}

} // namespace

GatewaySettings gatewaySettings(const std::vector<std::string>& command, const std::map<std::string, std::string>& files, std::uint32_t replicas)
{
    GatewaySettings settings;
    settings.contextTokens = number(command, "--max-context-tokens");
    settings.answerTokens = number(command, "--max-tokens");
    settings.documents = number(command, "--documents");
    settings.requestsPerSecond = number(command, "--requests-per-minute") / 60.0 * replicas;
    if (const auto priority = programs::flagOf(command, "--priority"))
        settings.priority = std::clamp(std::atoi(priority->c_str()), -kMost, kMost);
    if (const auto file = files.find(programs::flagOf(command, "--template").value_or("")); file != files.end()) {
        const std::string_view text = file->second;
        const std::string_view before = text.substr(0, text.find("{{tools}}"));
        settings.ownBeginnings = before.find("{{now}}") != std::string_view::npos || before.find("{{request_id}}") != std::string_view::npos;
    }
    return settings;
}

} // namespace sim::serving
