#pragma once

#include "sim/serving/content.h"
#include "sim/serving/openai/answers.h"

namespace sim::serving::openai {

/// A prompt as the engine sees it: one stretch a token, named by the token, so that two prompts share as many tokens as their beginnings
/// do, whatever the block size; and one stretch for an answer that was given here before, named by the answer, whose blocks may be cached.
class PromptText {
public:
    void add(TokenId token);
    void add(SpecialToken token) { add(static_cast<TokenId>(token)); }
    void add(std::string_view text);
    void add(std::span<const TokenId> tokens);
    /// The first tokens of an answer, as the engine generated them.
    void addAnswer(AnswerId id, std::span<const TokenId> tokens);

    std::size_t tokens() const { return m_ids.size(); }
    const std::vector<TokenId>& ids() const { return m_ids; }
    /// Of all tokens: names what follows.
    std::uint64_t hash() const { return m_hash; }
    const Prompt& stretches() const { return m_prompt; }

private:
    void add(const Stretch& stretch);

    Prompt m_prompt;
    std::vector<TokenId> m_ids;
    std::uint64_t m_hash = 0x70726f6d7074;
};

struct ChatMessage {
    std::string role;
    std::string content;
};
/// Whose chat template is meant: ChatML for Qwen's models, Llama 3's for all others.
enum class ChatTemplate : std::uint8_t { Llama3, ChatMl };
ChatTemplate templateOf(std::string_view model);

/// The whole conversation up to where the answer begins, unless there is no generation prompt. Messages of the assistant that this server
/// would have given to what stands before them are recognised.
struct ChatPrompt {
    PromptText text;
    bool chinese = false; ///< the latest message of a user is
};
ChatPrompt chatPrompt(std::span<const ChatMessage> messages, ChatTemplate form, std::uint64_t seed, bool generationPrompt = true);

} // namespace sim::serving::openai
