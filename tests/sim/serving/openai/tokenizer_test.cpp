#include "sim/serving/openai/tokenizer.h"
#include "sim/serving/openai/vocabulary.h"

#include "sim/engine/random.h"
#include "sim/engine/split.h"

#include <gtest/gtest.h>

namespace sim::serving::openai {

namespace {

constexpr std::string_view kEnglish =
    "The scheduler admits a waiting request only when the cache has room for its prompt. A long document arrives: what do the others see? They "
    "wait, their first tokens come late, and the people who asked them believe that the service is down. Three remedies are known, and each of "
    "them costs something: smaller chunks, a second pool of replicas, or a limit on the length of a prompt. Nobody likes to choose.";
constexpr std::string_view kChinese = "调度器只有在缓存放得下提示词的时候才会接纳排队的请求。来了一份很长的文档，其他人会看到什么？他们只能等，首个词元来得很晚，于是有人以为服务已经挂了。";

std::string shown(std::string_view text)
{
    std::string out;
    for (const TokenId id : tokenize(text))
        out += (out.empty() ? "" : "|") + tokenText(id);
    return out;
}

} // namespace

TEST(Tokenizer, SplitsAsBytePairEncodingsDo)
{
    EXPECT_EQ(shown("The scheduler waits."), "The| scheduler| waits|.");
    EXPECT_EQ(shown("HTTPServer v1.19 (GPU)"), "HT|TP|Server| v|1|.|19| (|GP|U|)");
    EXPECT_EQ(shown("a  b\n\n\nc 1234567"), "a| | b|\n\n\n|c| |123|456|7");
    EXPECT_EQ(shown("节点，é"), "节点|，|é");
}

TEST(Tokenizer, WordsAreSortedAndLongEnough)
{
    for (const std::string_view list : {frequentWords(), frequentPairs()}) {
        const std::vector<std::string> words = split(list, ' ');
        EXPECT_TRUE(std::is_sorted(words.begin(), words.end()));
        EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end());
        for (const std::string& word : words)
            EXPECT_EQ(tokenize(word).size(), 1U) << word;
    }
}

TEST(Tokenizer, CountsAreNearThoseOfRealVocabularies)
{
    const double english = static_cast<double>(kEnglish.size()) / static_cast<double>(countTokens(kEnglish));
    EXPECT_GT(english, 3.4);
    EXPECT_LT(english, 4.8);
    const double chinese = static_cast<double>(kChinese.size()) / 3 / static_cast<double>(countTokens(kChinese));
    EXPECT_GT(chinese, 1.0);
    EXPECT_LT(chinese, 1.5);
}

TEST(Tokenizer, AnyBytesComeBack)
{
    for (const std::string text : {std::string(kEnglish), std::string(kChinese), std::string("\0\xff\xc3(\xe4\xb8", 6), std::string("🙂 ok\t\r\n  x  "),
                                   std::string(40, ' '), std::string("ABCdEFg ABC d HTTPs"), std::string("\xc0\x80\xe0\x80\x80")})
        EXPECT_EQ(detokenize(tokenize(text)), text);
    RandomStream random(7, "tokenizer");
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (std::uint64_t i = random.below(60); i > 0; --i)
            text += static_cast<char>(random.below(3) == 0 ? random.below(256) : std::string_view("ab CZ1.\n ,")[random.below(10)]);
        const std::vector<TokenId> ids = tokenize(text);
        EXPECT_EQ(detokenize(ids), text);
        EXPECT_EQ(countTokens(text), ids.size());
        for (const TokenId id : ids)
            EXPECT_LT(id, static_cast<TokenId>(SpecialToken::BeginOfText));
    }
    for (TokenId id = 0; id < kVocabulary + 100; ++id)
        tokenText(id);
}

TEST(Tokenizer, TokensOfATextThatIsCutBehindOneAreTheFirstOnes)
{
    for (const std::string_view text : {kEnglish, kChinese, std::string_view("HTTPServer vLLM GPUs  and   ABCd 12345\n\n\nx")}) {
        const std::vector<TokenId> ids = tokenize(text);
        for (std::size_t n = 0; n <= ids.size(); ++n) {
            const std::span<const TokenId> first(ids.data(), n);
            const std::vector<TokenId> again = tokenize(detokenize(first));
            EXPECT_TRUE(std::equal(first.begin(), first.end(), again.begin(), again.end())) << detokenize(first);
        }
    }
}

} // namespace sim::serving::openai
