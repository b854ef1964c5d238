#include "sim/serving/openai/prompt.h"

#include "sim/engine/letters.h"

#include <algorithm>

namespace sim::serving::openai {

namespace {

/// What Llama 3.1's template says before a system message's own text.
constexpr std::string_view kLlamaPreamble = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";
/// What Qwen2.5's says when there is none.
constexpr std::string_view kQwenSystem = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

std::uint64_t chained(std::uint64_t state, std::uint64_t word)
{
    std::uint64_t z = (state ^ word) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 29)) * 0xbf58476d1ce4e5b9ULL + word;
    return z ^ (z >> 32);
}

std::string_view trimmedText(std::string_view text)
{
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

void beginTurn(PromptText& text, ChatTemplate form, std::string_view role)
{
    const bool llama = form == ChatTemplate::Llama3;
    text.add(llama ? SpecialToken::StartHeader : SpecialToken::ImStart);
    text.add(role);
    if (llama)
        text.add(SpecialToken::EndHeader);
    text.add(llama ? "\n\n" : "\n");
}

void endTurn(PromptText& text, ChatTemplate form)
{
    text.add(form == ChatTemplate::Llama3 ? SpecialToken::EndOfTurn : SpecialToken::ImEnd);
    if (form == ChatTemplate::ChatMl)
        text.add("\n");
}

/// The answer's turn: as the answer that was given to what stands before it, if it is that one.
void addAssistant(PromptText& text, ChatTemplate form, std::string_view content, std::uint64_t seed, bool chinese)
{
    const auto tokens = static_cast<std::uint32_t>(countTokens(content));
    const AnswerId id = answerId(text.hash(), seed, 0, chinese);
    const AnswerText given = answerText(id, tokens);
    if (tokens == 0 || std::string_view(given.bytes).substr(0, given.ends[tokens - 1]) != content) {
        text.add(content);
        endTurn(text, form);
        return;
    }
    // One that ended by itself was generated with the token that ends it.
    const bool ended = naturalTokens(id) == tokens;
    std::vector<TokenId> ids = tokenize(content);
    const SpecialToken end = form == ChatTemplate::Llama3 ? SpecialToken::EndOfTurn : SpecialToken::ImEnd;
    if (ended)
        ids.push_back(static_cast<TokenId>(end));
    text.addAnswer(id, ids);
    if (!ended)
        text.add(end);
    if (form == ChatTemplate::ChatMl)
        text.add("\n");
}

} // namespace

void PromptText::add(const Stretch& stretch)
{
    m_prompt.push_back(stretch);
    m_hash = chained(chained(m_hash, stretch.text), stretch.tokens);
}

void PromptText::add(TokenId token)
{
    constexpr std::uint64_t kTokens = 0x746f6b656e; // apart from answers' ids
    m_ids.push_back(token);
    add(Stretch{chained(kTokens, token + 1), 1});
}

void PromptText::add(std::string_view text)
{
    for (const TokenId token : tokenize(text))
        add(token);
}

void PromptText::add(std::span<const TokenId> tokens)
{
    for (const TokenId token : tokens)
        add(token);
}

void PromptText::addAnswer(AnswerId id, std::span<const TokenId> tokens)
{
    m_ids.insert(m_ids.end(), tokens.begin(), tokens.end());
    add(Stretch{id, static_cast<std::uint32_t>(tokens.size())});
}

ChatTemplate templateOf(std::string_view model) { return lowered(model).find("qwen") != std::string::npos ? ChatTemplate::ChatMl : ChatTemplate::Llama3; }

ChatPrompt chatPrompt(std::span<const ChatMessage> messages, ChatTemplate form, std::uint64_t seed, bool generationPrompt)
{
    ChatPrompt prompt;
    PromptText& text = prompt.text;
    const bool system = !messages.empty() && messages.front().role == "system";
    if (form == ChatTemplate::Llama3) {
        text.add(SpecialToken::BeginOfText);
        beginTurn(text, form, "system");
        text.add(kLlamaPreamble);
        if (system)
            text.add(trimmedText(messages.front().content));
        endTurn(text, form);
    } else {
        beginTurn(text, form, "system");
        text.add(system ? std::string_view(messages.front().content) : kQwenSystem);
        endTurn(text, form);
    }
    for (const ChatMessage& message : messages.subspan(system ? 1 : 0)) {
        beginTurn(text, form, message.role);
        const std::string_view content = form == ChatTemplate::Llama3 ? trimmedText(message.content) : std::string_view(message.content);
        if (message.role == "assistant") {
            addAssistant(text, form, content, seed, prompt.chinese);
            continue;
        }
        prompt.chinese = message.role == "user" ? isChinese(content) : prompt.chinese;
        text.add(content);
        endTurn(text, form);
    }
    if (generationPrompt)
        beginTurn(text, form, "assistant");
    return prompt;
}

} // namespace sim::serving::openai
