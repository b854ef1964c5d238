#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::serving {

/// What the lab's prompt-gateway, a program of the lab's own that stands between users and a model, makes of their questions.
///   --template=FILE            what a prompt is put together from; {{now}} and {{request_id}} differ with every request
///   --max-context-tokens=N     older turns of a conversation are dropped beyond it
///   --max-tokens=N             an answer ends at it
///   --documents=N              so many passages are put into each prompt
///   --priority=N               that requests carry; lower goes first
///   --requests-per-minute=N    each replica lets no more through; the rest waits with who sends
struct GatewaySettings {
    bool ownBeginnings = false;  ///< something that differs with every request stands before {{tools}}, which all share
    std::uint32_t contextTokens = 0; ///< 0: not set
    std::uint32_t answerTokens = 0;  ///< 0: not set
    std::uint32_t documents = 0;
    std::optional<std::int32_t> priority;
    double requestsPerSecond = 0;    ///< of all replicas; 0: no limit
    bool operator==(const GatewaySettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(GatewaySettings, (), (ownBeginnings, contextTokens, answerTokens, documents, priority, requestsPerSecond))

/// `files`: of its container, by path. `replicas`: of it, at least 1.
GatewaySettings gatewaySettings(const std::vector<std::string>& command, const std::map<std::string, std::string>& files, std::uint32_t replicas);

} // namespace sim::serving
