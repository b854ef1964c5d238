#pragma once

#include "sim/serving/openai/answers.h"
#include "sim/serving/openai/errors.h"
#include "sim/serving/request.h"

#include <optional>

namespace sim::serving::openai {

/// One answer of a generation: what the engine is asked, and what its tokens mean.
struct Choice {
    serving::Request request;
    AnswerId answer = 0;
    std::uint32_t textTokens = 0;  ///< of request.answerTokens; the token that ends an answer has no text
    std::uint32_t textBytes = 0;   ///< a stop string may cut within a token
    bool stops = false;            ///< finish_reason "stop"; "length" otherwise
    std::string stopString;        ///< that ended it; empty: none
    std::string echo;              ///< the prompt, which completions may ask back
    bool operator==(const Choice&) const = default;
};
BOOST_DESCRIBE_STRUCT(Choice, (), (request, answer, textTokens, textBytes, stops, stopString, echo))

/// A request for text that is well formed: its choices go to the engine, its pages come from what the engine has delivered.
struct Generation {
    bool chat = false;
    bool stream = false;
    bool includeUsage = false;    ///< a last chunk with the usage
    bool continuousUsage = false; ///< usage in every chunk
    bool cacheReport = false;
    std::string id;               ///< "chatcmpl-...", "cmpl-..."
    std::string model;
    std::int64_t created = 0;     ///< unix seconds
    std::uint32_t promptTokens = 0;
    std::vector<Choice> choices;
    bool operator==(const Generation&) const = default;
};
BOOST_DESCRIBE_STRUCT(Generation, (),
                      (chat, stream, includeUsage, continuousUsage, cacheReport, id, model, created, promptTokens, choices))

using Reply = std::variant<Page, Generation>;

/// POST /v1/chat/completions and /v1/completions: the generation that is asked for, or why it is refused.
/// `serial`: numbers the server's requests, for ids.
Reply chatGeneration(const ServerArguments& arguments, const Question& question, std::uint64_t serial);
Reply completionGeneration(const ServerArguments& arguments, const Question& question, std::uint64_t serial);

/// POST /tokenize and /detokenize.
Page tokenizePage(const ServerArguments& arguments, const Question& question);
Page detokenizePage(const ServerArguments& arguments, const Question& question);

/// The body as an object, or FastAPI's page about it.
std::variant<Json, Page> bodyObject(const ServerArguments& arguments, const Question& question);
/// What the engine's own refusal looks like to the client.
Page refusalPage(const ServerArguments& arguments, const Generation& generation, Refusal refusal);
/// The engine process has ended while the server lives on.
Page deadEnginePage(const ServerArguments& arguments);

/// What the engine has given one choice so far.
struct Delivered {
    std::uint32_t tokens = 0;
    bool finished = false;
    std::uint32_t cachedTokens = 0; ///< of the prompt; known once it has been admitted
    bool operator==(const Delivered&) const = default;
};
BOOST_DESCRIBE_STRUCT(Delivered, (), (tokens, finished, cachedTokens))

/// The whole answer, when all choices have finished. Requires: delivered.size() == choices.size().
Page wholePage(const ServerArguments& arguments, const Generation& generation, const std::vector<Delivered>& delivered);
/// A stream's events between two moments: "data: {...}\n\n" each, and "data: [DONE]" behind the last. Before the first one `before` is empty.
std::string streamEvents(const Generation& generation, const std::vector<Delivered>& before, const std::vector<Delivered>& now);
/// Headers of a stream: text/event-stream.
Page streamHead();

} // namespace sim::serving::openai
