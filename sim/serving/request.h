#pragma once

#include "sim/engine/time.h"
#include "sim/serving/content.h"
#include "sim/serving/metrics.h"

#include <string>

namespace sim::serving {

/// Numbers requests in the order in which one engine got them.
using RequestId = std::uint64_t;

/// What a client asks. How long the answer will be is known to the simulation, not to the engine's rules.
struct Request {
    Instant arrival{};
    Prompt prompt;
    std::uint32_t answerTokens = 1; ///< that will be generated
    std::uint32_t maxTokens = 0;    ///< that it asks for at most; 0: answerTokens. The answer ends by a stop token before it
    std::uint64_t answerText = 0;   ///< names the answer, for a later turn that begins with it; 0: nobody will
    std::uint64_t salt = 0;         ///< cache_salt; 0: none
    std::uint64_t session = 0;      ///< for routers
    std::int32_t priority = 0;      ///< lower goes first, under SchedulingPolicy::Priority
    std::uint32_t tenant = 0;
    bool operator==(const Request&) const = default;

    /// By a stop token; otherwise its answer is cut at the length asked for.
    bool stops() const { return maxTokens > answerTokens; }
    std::uint32_t promptTokens() const;
    std::uint32_t mostTokens() const { return promptTokens() + (maxTokens > 0 ? maxTokens : answerTokens); }
};
BOOST_DESCRIBE_STRUCT(Request, (),
                      (arrival, prompt, answerTokens, maxTokens, answerText, salt, session, priority, tenant))

/// Why a request is not taken at all.
enum class Refusal : std::uint8_t { None, TooLong, LargerThanCache, QueueFull, Empty };

/// A request that has ended, with the instants vLLM's statistics are made of.
struct Completion {
    RequestId id = 0;
    Instant arrival{};
    Instant queued{};    ///< the engine took it in
    Instant scheduled{}; ///< first step that it was part of was put together
    Instant firstToken{};
    Instant lastToken{};
    std::uint32_t promptTokens = 0;
    std::uint32_t answerTokens = 0; ///< that were given
    std::uint32_t cachedTokens = 0; ///< of the prompt, found at the first admission
    std::uint32_t preemptions = 0;
    float longestPause = 0; ///< seconds between two tokens; 0 for one token
    std::uint32_t tenant = 0;
    FinishReason reason = FinishReason::Length;
    bool operator==(const Completion&) const = default;

    Duration timeToFirstToken() const { return firstToken - arrival; }
    Duration latency() const { return lastToken - arrival; }
    /// Mean time between two tokens, seconds; 0 for one token.
    double timePerOutputToken() const
    {
        return answerTokens > 1 ? toSeconds(lastToken - firstToken) / (answerTokens - 1) : 0;
    }
};
BOOST_DESCRIBE_STRUCT(Completion, (),
                      (id, arrival, queued, scheduled, firstToken, lastToken, promptTokens, answerTokens, cachedTokens, preemptions, longestPause, tenant, reason))

} // namespace sim::serving
