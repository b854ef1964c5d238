#pragma once

#include "sim/serving/engine.h"

#include <string>
#include <vector>

// Questions to a model server that does not run: what would fit, and how fast it would be.
namespace core::session {

/// A server and the load on it: so many clients that each ask again as soon as they are answered.
struct WhatIf {
    sim::serving::EngineSettings settings;
    std::uint32_t clients = 16;
    std::uint32_t promptTokens = 1024;
    std::uint32_t answerTokens = 256;
    bool operator==(const WhatIf&) const = default;
};

struct WhatIfAnswer {
    sim::serving::MemoryPlan memory;
    std::string error;          ///< why it does not start, as vLLM prints it; empty: it does
    std::uint64_t cacheTokens = 0;
    double longestAtOnce = 0;   ///< sequences of the longest kind that the cache holds
    double typicalAtOnce = 0;   ///< of promptTokens and answerTokens
    std::uint32_t longest = 0;  ///< sequence that fits, tokens
    // Of a run of the very engine under that load, once every client is at its second request. Seconds; 0: it does not start.
    double ttft = 0;
    double tpot = 0;
    double tokensPerSecond = 0; ///< generated
    double requestsPerSecond = 0;
    double running = 0;         ///< mean, in a step
    double preemptionsPerRequest = 0;
    sim::serving::StepCost step; ///< of one step that only decodes, all running sequences halfway through
    double hostSeconds = 0;      ///< that the device waits for the host in it
    bool refused = false;        ///< a request of these lengths is not taken
};
WhatIfAnswer whatIf(const WhatIf& question);

/// `to`, which was `from` until something in it was changed, with its pool: SGLang and TensorRT-LLM size theirs by rules of their own, and
/// as before take no more than they were told to.
sim::serving::EngineSettings sizedAnew(sim::serving::EngineSettings to, const sim::serving::EngineSettings& from);

/// The server's arguments with every flag set that `to` needs and `from` does not have, by the names that its kind gives them; others stay
/// as they are. `model`: the word in the arguments that names the model.
std::vector<std::string> argumentsFor(std::vector<std::string> arguments, const std::string& model, const sim::serving::EngineSettings& from,
                                      const sim::serving::EngineSettings& to);
/// The command that gives them to a Deployment, for a shell; the GPUs of a pod as well where tensor parallelism changes.
std::string patchCommand(const std::string& nameSpace, const std::string& deployment, const std::string& container, const std::vector<std::string>& arguments,
                         std::int64_t gpusBefore, std::int64_t gpus);

} // namespace core::session
