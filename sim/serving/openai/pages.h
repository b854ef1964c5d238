#pragma once

#include "sim/serving/openai/generation.h"
#include "sim/serving/openai/metrics_page.h"

namespace sim::serving::openai {

/// The world is to call LlmEngine::resetPrefixCache() and to answer 200 without a body.
struct ResetPrefixCache { };

/// A model server as its clients see it, at one moment.
struct Server {
    const ServerArguments& arguments;
    const LlmEngine& engine;
    const ServerProcess& process;
    bool engineDead = false; ///< the engine's process has ended, the server's has not
};

using Served = std::variant<Page, Generation, ResetPrefixCache>;

/// Answers whatever a client sends: a page at once, or what is to be generated first. `serial`: numbers the server's requests, for ids.
Served serve(const Server& server, const Question& question, std::uint64_t serial);

} // namespace sim::serving::openai
