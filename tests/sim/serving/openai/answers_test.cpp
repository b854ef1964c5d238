#include "sim/serving/openai/answers.h"

#include "sim/engine/split.h"

#include <gtest/gtest.h>

#include <set>

namespace sim::serving::openai {

TEST(Answers, BeginAlikeHoweverMuchIsAskedFor)
{
    for (const bool chinese : {false, true}) {
        const AnswerId id = answerId(11, 0, 0, chinese);
        const AnswerText whole = answerText(id, 600);
        for (const std::uint32_t tokens : {1U, 7U, 100U, 599U}) {
            const AnswerText part = answerText(id, tokens);
            EXPECT_EQ(part.bytes, whole.bytes.substr(0, part.bytes.size()));
            EXPECT_TRUE(std::equal(part.ends.begin(), part.ends.end(), whole.ends.begin()));
        }
        // Token by token as the tokenizer would split the text.
        EXPECT_EQ(countTokens(whole.bytes), whole.ends.size());
        EXPECT_EQ(isChinese(whole.bytes), chinese);
    }
    EXPECT_NE(answerText(answerId(11, 0, 0, false), 50).bytes, answerText(answerId(11, 1, 0, false), 50).bytes);
    EXPECT_NE(answerText(answerId(11, 0, 0, false), 50).bytes, answerText(answerId(11, 0, 1, false), 50).bytes);
}

TEST(Answers, DoNotRepeatThemselves)
{
    for (AnswerId id = 100; id < 110; ++id) {
        const AnswerText text = answerText(id, 2000);
        std::set<std::string> sentences;
        std::size_t count = 0;
        std::string plain = text.bytes;
        for (std::size_t at = 0; (at = plain.find(id % 2 ? "。" : ".", at)) != std::string::npos; ++at)
            ++count;
        for (std::string& one : split(plain, '.'))
            sentences.insert(one);
        EXPECT_GT(count, 60U);
        if (id % 2 == 0)
            EXPECT_GT(sentences.size() + 2, count);
    }
}

TEST(Answers, LengthsAreSpreadAsInChat)
{
    std::vector<std::uint32_t> lengths;
    for (AnswerId id = 0; id < 600; ++id)
        lengths.push_back(naturalTokens(answerId(id, 0, 0, id % 2 == 1)));
    std::sort(lengths.begin(), lengths.end());
    EXPECT_NEAR(lengths[300], 190, 30);
    EXPECT_NEAR(lengths[100], 85, 20);
    EXPECT_NEAR(lengths[500], 450, 70);
    // An answer ends with a sentence.
    const AnswerId id = answerId(3, 0, 0, false);
    const AnswerText text = answerText(id, naturalTokens(id));
    EXPECT_EQ(text.ends.size(), naturalTokens(id));
    EXPECT_EQ(text.bytes.back(), '.');
}

} // namespace sim::serving::openai
