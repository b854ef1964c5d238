#include "sim/serving/openai/prompt.h"

#include <gtest/gtest.h>

namespace sim::serving::openai {

namespace {

/// Tokens at the beginning that two prompts share, as an engine with blocks of one token finds.
std::size_t shared(const Prompt& a, const Prompt& b)
{
    PromptReader left(a, 1);
    PromptReader right(b, 2);
    std::uint64_t parent = firstParent(0);
    std::size_t count = 0;
    std::size_t most = 0;
    for (const Stretch& stretch : a)
        most += stretch.tokens;
    while (count < most) {
        const std::uint64_t next = left.next(parent, 1);
        if (next != right.next(parent, 1))
            return count;
        parent = next;
        ++count;
    }
    return count;
}

} // namespace

TEST(Prompts, ShareExactlyWhatTheirTextsBeginWith)
{
    PromptText a;
    PromptText b;
    a.add("The scheduler admits a request when there is room.");
    b.add("The scheduler admits a request when there is nothing to do.");
    EXPECT_EQ(a.tokens(), countTokens("The scheduler admits a request when there is room."));
    EXPECT_EQ(shared(a.stretches(), b.stretches()), countTokens("The scheduler admits a request when there is"));
    EXPECT_NE(a.hash(), b.hash());
}

TEST(ChatPrompts, CountTheTemplate)
{
    const std::vector<ChatMessage> messages = {{"user", "Hello"}};
    // <|begin_of_text|>, a system turn with two dates, the user's turn and the assistant's header.
    const ChatPrompt llama = chatPrompt(messages, ChatTemplate::Llama3, 0);
    EXPECT_GT(llama.text.tokens(), 30U);
    EXPECT_LT(llama.text.tokens(), 60U);
    EXPECT_GT(chatPrompt(messages, ChatTemplate::ChatMl, 0).text.tokens(), 20U);
    EXPECT_EQ(templateOf("Qwen/Qwen3-8B"), ChatTemplate::ChatMl);
    EXPECT_EQ(templateOf("meta-llama/Llama-3.1-8B"), ChatTemplate::Llama3);
    EXPECT_TRUE(chatPrompt(std::vector<ChatMessage>{{"user", "为什么 GPU 显存不够？"}}, ChatTemplate::Llama3, 0).chinese);
}

TEST(ChatPrompts, RecogniseAnAnswerThatComesBack)
{
    for (const ChatTemplate form : {ChatTemplate::Llama3, ChatTemplate::ChatMl})
        for (const bool whole : {false, true}) {
            std::vector<ChatMessage> messages = {{"system", "Be brief."}, {"user", "Why is it slow?"}};
            const ChatPrompt first = chatPrompt(messages, form, 5);
            const AnswerId id = answerId(first.text.hash(), 5, 0, first.chinese);
            const std::uint32_t tokens = whole ? naturalTokens(id) : 20;
            messages.push_back({"assistant", answerText(id, tokens).bytes.substr(0, answerText(id, tokens).ends[tokens - 1])});
            messages.push_back({"user", "And then?"});
            const ChatPrompt second = chatPrompt(messages, form, 5);
            // What the engine has computed: the prompt, then the answer.
            Prompt computed = first.text.stretches();
            computed.push_back({id, tokens + (whole ? 1 : 0)});
            const std::size_t all = first.text.tokens() + tokens + (whole ? 1 : 0);
            EXPECT_EQ(shared(computed, second.text.stretches()), all);
            // Another answer is text as any other.
            messages[2].content += " Really.";
            EXPECT_EQ(shared(computed, chatPrompt(messages, form, 5).text.stretches()), first.text.tokens());
            EXPECT_GT(second.text.tokens(), all);
        }
}

} // namespace sim::serving::openai
