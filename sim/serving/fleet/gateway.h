#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sim::serving {

/// What the lab's prompt-gateway, a program of the lab's own that stands between users and a model, makes of their questions.
///   --template=FILE            what a prompt is put together from; {{now}} and {{request_id}} differ with every request
///   --max-context-tokens=N     older turns of a conversation are dropped beyond it
struct GatewaySettings {
    bool ownBeginnings = false;  ///< something that differs with every request stands before {{tools}}, which all share
    std::uint32_t maxTokens = 0; ///< 0: not set
};
/// `files`: of its container, by path.
GatewaySettings gatewaySettings(const std::vector<std::string>& command, const std::map<std::string, std::string>& files);

} // namespace sim::serving
