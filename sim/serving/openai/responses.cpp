#include "sim/serving/openai/generation.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::serving::openai {

namespace {

/// Of a choice's first `tokens` tokens.
AnswerText textOf(const Choice& choice, std::uint32_t tokens) { return answerText(choice.answer, std::min(tokens, choice.textTokens)); }

/// The bytes of the tokens from `begin` to `end`, the echo before the first. `text`: of at least `end` tokens.
std::string textBetween(const Choice& choice, const AnswerText& text, std::uint32_t begin, std::uint32_t end)
{
    const std::uint32_t last = std::min(end, choice.textTokens);
    std::string out = begin == 0 && end > 0 ? choice.echo : "";
    if (begin >= last)
        return out;
    const std::uint32_t from = std::min(begin > 0 ? text.ends[begin - 1] : 0, choice.textBytes);
    const std::uint32_t to = std::min(text.ends[last - 1], choice.textBytes);
    return out + text.bytes.substr(from, to - from);
}

/// Whether it got all that was planned; otherwise it was aborted.
bool isWhole(const Choice& choice, const Delivered& delivered) { return delivered.tokens >= choice.request.answerTokens; }

std::string reasonOf(const Choice& choice, const Delivered& delivered)
{
    return !isWhole(choice, delivered) ? "abort" : choice.stops ? "stop" : "length";
}

Json stopReason(const Choice& choice) { return choice.stopString.empty() ? Json() : Json(choice.stopString); }

Json usageOf(const Generation& generation, const std::vector<Delivered>& delivered, bool details)
{
    std::uint64_t completion = 0;
    std::uint64_t cached = 0;
    for (const Delivered& one : delivered) {
        completion += one.tokens;
        cached = std::max<std::uint64_t>(cached, one.cachedTokens);
    }
    Json usage = {{"prompt_tokens", generation.promptTokens}, {"total_tokens", generation.promptTokens + completion}, {"completion_tokens", completion}};
    if (generation.cacheReport)
        usage["prompt_tokens_details"] = {{"cached_tokens", cached}};
    else if (details)
        usage["prompt_tokens_details"] = nullptr;
    return usage;
}

std::string event(const Json& content) { return "data: " + content.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n"; }

Json chunkHead(const Generation& generation)
{
    return {{"id", generation.id},
            {"object", generation.chat ? "chat.completion.chunk" : "text_completion"},
            {"created", generation.created},
            {"model", generation.model}};
}

Json chatChoice(std::size_t index, const Json& delta)
{
    return {{"index", index}, {"delta", delta}, {"logprobs", nullptr}, {"finish_reason", nullptr}};
}

} // namespace

Page wholePage(const ServerArguments& arguments, const Generation& generation, const std::vector<Delivered>& delivered)
{
    FL_ASSERT(delivered.size() == generation.choices.size());
    Json choices = Json::array();
    for (std::size_t i = 0; i < delivered.size(); ++i) {
        const Choice& choice = generation.choices[i];
        const std::string text = textBetween(choice, textOf(choice, delivered[i].tokens), 0, delivered[i].tokens);
        const Json stop = stopReason(choice);
        if (generation.chat) {
            Json message = {{"role", "assistant"}, {"content", text}, {"refusal", nullptr}, {"annotations", nullptr}, {"audio", nullptr},
                            {"function_call", nullptr}, {"tool_calls", Json::array()}, {"reasoning_content", nullptr}};
            choices.push_back({{"index", i}, {"message", message}, {"logprobs", nullptr}, {"finish_reason", reasonOf(choice, delivered[i])}, {"stop_reason", stop}});
        } else {
            choices.push_back({{"index", i}, {"text", text}, {"logprobs", nullptr}, {"finish_reason", reasonOf(choice, delivered[i])}, {"stop_reason", stop},
                               {"prompt_logprobs", nullptr}});
        }
    }
    Json body = {{"id", generation.id},
                 {"object", generation.chat ? "chat.completion" : "text_completion"},
                 {"created", generation.created},
                 {"model", generation.model},
                 {"choices", choices}};
    constexpr int kMoreMembers = 10;
    if (minorVersion(arguments) >= kMoreMembers) {
        body["service_tier"] = nullptr;
        body["system_fingerprint"] = nullptr;
    }
    body["usage"] = usageOf(generation, delivered, true);
    if (generation.chat)
        body["prompt_logprobs"] = nullptr;
    if (minorVersion(arguments) >= kMoreMembers)
        body["kv_transfer_params"] = nullptr;
    return jsonPage(body);
}

std::string streamEvents(const Generation& generation, const std::vector<Delivered>& before, const std::vector<Delivered>& now)
{
    FL_ASSERT(now.size() == generation.choices.size() && (before.empty() || before.size() == now.size()));
    std::string out;
    const auto send = [&](Json choice) {
        Json chunk = chunkHead(generation);
        chunk["choices"] = Json::array({std::move(choice)});
        if (generation.continuousUsage)
            chunk["usage"] = usageOf(generation, now, false);
        out += event(chunk);
    };
    const auto isDone = [](const std::vector<Delivered>& all) {
        return !all.empty() && std::all_of(all.begin(), all.end(), [](const Delivered& one) { return one.finished; });
    };
    const auto anyTokens = [](const std::vector<Delivered>& all) {
        return std::any_of(all.begin(), all.end(), [](const Delivered& one) { return one.tokens > 0 || one.finished; });
    };
    // The roles of all choices come with the first token of any.
    if (generation.chat && anyTokens(now) && !anyTokens(before))
        for (std::size_t i = 0; i < now.size(); ++i)
            send(chatChoice(i, {{"role", "assistant"}, {"content", ""}}));
    for (std::size_t i = 0; i < now.size(); ++i) {
        const Choice& choice = generation.choices[i];
        const Delivered was = before.empty() ? Delivered{} : before[i];
        if (was.finished || (now[i].tokens == was.tokens && !now[i].finished))
            continue;
        // One event a token, the last with the reason.
        const std::uint32_t last = std::max(now[i].tokens, was.tokens + 1);
        const AnswerText all = textOf(choice, now[i].tokens);
        for (std::uint32_t token = was.tokens; token < last; ++token) {
            const bool end = now[i].finished && token + 1 == last;
            const std::string text = textBetween(choice, all, token, std::min(token + 1, now[i].tokens));
            Json part = generation.chat ? chatChoice(i, {{"content", text}})
                                        : Json{{"index", i}, {"text", text}, {"logprobs", nullptr}, {"finish_reason", nullptr}, {"stop_reason", nullptr}};
            if (end) {
                part["finish_reason"] = reasonOf(choice, now[i]);
                part["stop_reason"] = stopReason(choice);
            } else if (text.empty()) {
                continue;
            }
            send(std::move(part));
        }
    }
    if (!isDone(now) || isDone(before))
        return out;
    if (generation.includeUsage) {
        Json chunk = chunkHead(generation);
        chunk["choices"] = Json::array();
        chunk["usage"] = usageOf(generation, now, false);
        out += event(chunk);
    }
    return out + "data: [DONE]\n\n";
}

Page streamHead() { return {200, "text/event-stream; charset=utf-8", ""}; }

} // namespace sim::serving::openai
