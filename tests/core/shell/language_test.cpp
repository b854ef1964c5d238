#include "tests/core/shell/lab.h"

#include "core/shell/language/arithmetic.h"
#include "core/shell/language/parser.h"
#include "core/shell/pattern.h"

#include <gtest/gtest.h>

namespace {

using core::shell::matchPattern;
using core::shell::ParseResult;
using core::shell::parseShell;

TEST(Parser, asksForMore)
{
    for (const char* text :
         {"echo 'a", "echo \"a", "for i in 1", "if true; then", "cat <<EOF\nx", "echo $(ls", "a |", "a &&",
          "{ a;", "( a", "while true; do", "case x in", "f() {", "[[ a ==", "echo ${x", "echo $((1"})
        EXPECT_EQ(parseShell(text).status, ParseResult::Status::Incomplete) << text;
}

TEST(Parser, saysWhatIsWrong)
{
    const auto message = [](const char* text) {
        return parseShell(text).message;
    };
    EXPECT_EQ(message("| a"), "syntax error near unexpected token `|'");
    EXPECT_EQ(message("a ;; b"), "syntax error near unexpected token `;;'");
    EXPECT_EQ(message("a && && b"), "syntax error near unexpected token `&&'");
    EXPECT_EQ(message("fi"), "syntax error near unexpected token `fi'");
    EXPECT_EQ(message("echo )"), "syntax error near unexpected token `)'");
    EXPECT_EQ(message("cat <\nx"), "syntax error near unexpected token `newline'");
    EXPECT_EQ(message("if true; then fi"), "syntax error near unexpected token `fi'");
}

TEST(Parser, depthIsBounded)
{
    for (const char* piece : {"(", "$(", "{ ", "if ", "`", "$((", "${x:-", "\"$(", "[[ ( ", "! ", "while "}) {
        std::string text;
        for (int i = 0; i < 20'001; ++i)
            text += piece;
        EXPECT_NE(parseShell(text).status, ParseResult::Status::Complete) << piece;
    }
}

TEST(Pattern, matches)
{
    EXPECT_TRUE(matchPattern("a*c", "abbbc"));
    EXPECT_TRUE(matchPattern("*", ""));
    EXPECT_FALSE(matchPattern("a?c", "ac"));
    EXPECT_TRUE(matchPattern("[!a-c]x", "dx"));
    EXPECT_TRUE(matchPattern("[[:digit:]]*", "7up"));
    EXPECT_TRUE(matchPattern("\\*", "*"));
    EXPECT_FALSE(matchPattern("\\*", "a"));
    EXPECT_TRUE(matchPattern("?", "é"));
    EXPECT_FALSE(matchPattern(std::string(2000, '*') + "b", std::string(2000, 'a')));
}

TEST(Arithmetic, bounded)
{
    core::shell::ArithmeticVariables variables;
    variables.get = [](const std::string& name) {
        return name == "x" ? "x+x" : "y+y+y";
    };
    variables.set = [](const std::string&, std::int64_t) {
    };
    EXPECT_NE(core::shell::evaluateArithmetic("x", variables).error, "");
    EXPECT_NE(core::shell::evaluateArithmetic("y", variables).error, "");
    EXPECT_NE(core::shell::evaluateArithmetic(std::string(10'000, '('), variables).error, "");
    EXPECT_EQ(core::shell::evaluateArithmetic("-9223372036854775807-1", variables).value, INT64_MIN);
    EXPECT_EQ(core::shell::evaluateArithmetic("(-9223372036854775807-1)/-1", variables).value, INT64_MIN);
}

TEST(Evaluator, recursionIsBounded)
{
    test::Lab lab;
    lab.run("f() { f; }");
    EXPECT_EQ(lab.run("f"), "bash: maximum nesting level exceeded\n");
    lab.run("g() { g | g; }");
    lab.run("g", std::chrono::seconds(2));
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.run("x='eval \"$x\"'; eval \"$x\""), "bash: maximum nesting level exceeded\n");
}

TEST(Evaluator, endlessLoopsYield)
{
    test::Lab lab;
    const sim::Instant start = lab.system.clock;
    lab.run("while true; do :; done", std::chrono::seconds(3));
    EXPECT_GE(lab.system.clock - start, std::chrono::milliseconds(2900));
    EXPECT_EQ(lab.shell.lastStatus(), 130);
}

} // namespace
