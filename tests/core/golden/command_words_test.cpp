#include "core/golden/command_words.h"

#include <gtest/gtest.h>

namespace {

using core::golden::commandWords;
using Words = std::vector<std::string>;

TEST(CommandWords, SplitAtBlanks)
{
    EXPECT_EQ(commandWords("kubectl  -n c01 get pods "), (Words{"kubectl", "-n", "c01", "get", "pods"}));
    EXPECT_EQ(commandWords(""), Words{});
}

TEST(CommandWords, QuotesKeepBlanksTogether)
{
    EXPECT_EQ(commandWords("a 'b c' \"d e\"f"), (Words{"a", "b c", "d ef"}));
    EXPECT_EQ(commandWords("a ''"), (Words{"a", ""}));
}

TEST(CommandWords, BackslashesCountOutsideSingleQuotes)
{
    EXPECT_EQ(commandWords(R"(a\ b 'c\n' "d\"e")"), (Words{"a b", R"(c\n)", "d\"e"}));
}

} // namespace
