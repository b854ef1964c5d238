#include "core/content/pattern.h"

#include <gtest/gtest.h>

namespace core::content {

namespace {

bool matches(const std::string& pattern, std::string_view text)
{
    const auto regex = Regex::compile(pattern);
    EXPECT_TRUE(regex) << (regex ? "" : regex.error().text());
    return regex && regex->matches(text);
}

} // namespace

TEST(Regex, AnchorsAreThoseOfALine)
{
    EXPECT_TRUE(matches("^two$", "one\ntwo\nthree"));
    EXPECT_FALSE(matches("^wo$", "one\ntwo\nthree"));
    EXPECT_FALSE(matches("one.two", "one\ntwo")) << "a dot is no line end";
}

TEST(Regex, KnowsUnicode)
{
    EXPECT_TRUE(matches("^.$", "中"));
    EXPECT_TRUE(matches("\\x{4e2d}", "中"));
}

TEST(Regex, ReadsPastBytesThatAreNoUtf8)
{
    EXPECT_TRUE(matches("needle", "\xff\xfe\x80 needle \xc3"));
    EXPECT_TRUE(matches("needle", std::string_view("\0needle\0", 8)));
    EXPECT_FALSE(matches("^.{20}$", "\xff\xff\xff"));
}

TEST(Regex, AWrongPatternSaysWhatAndWhere)
{
    const auto wrong = Regex::compile("ab(cd");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().text().find("character 5"), std::string::npos) << wrong.error().text();
    EXPECT_NE(wrong.error().text().find("ab(cd"), std::string::npos) << wrong.error().text();
    EXPECT_FALSE(patternMatches("ab(cd", "ab(cd", {})) << "and matches nothing";
}

TEST(Regex, ALongWrongPatternIsQuotedInPart)
{
    const auto wrong = Regex::compile("(" + std::string(100'000, 'a'));
    ASSERT_FALSE(wrong);
    EXPECT_LT(wrong.error().text().size(), 500U);
}

// The second alternative would match at the text's end; the first one, tried before, never comes to an end.
TEST(Regex, GivesUpOnCatastrophicBacktracking)
{
    for (const char* pattern : {"^(?:(?:x+)+)+y|!$", "^(?:x|x)*y|!$", "^(?:x*)*y|!$", "(?:^(?=(?:x+x+)+y).|!$)"}) {
        EXPECT_TRUE(matches(pattern, "xxx!")) << pattern;
        EXPECT_FALSE(matches(pattern, std::string(60, 'x') + "!")) << pattern;
    }
}

TEST(Regex, GivesUpInsteadOfTakingAllMemory)
{
    // Each step back to come keeps the state of all groups.
    std::string pattern = "^(?:a|b(?=.))*";
    for (int i = 0; i < 200; ++i)
        pattern += "()";
    EXPECT_TRUE(matches(pattern + "$", "abaaba"));
    EXPECT_FALSE(matches(pattern + "$", std::string(50'000, 'a')));
    EXPECT_TRUE(matches("^(?:a|b(?=.))*$", std::string(50'000, 'a'))) << "the text alone is not too long";
}

TEST(Regex, AnHonestPatternOverALongTextMatches)
{
    std::string log;
    for (int i = 0; i < 20'000; ++i)
        log += "2026-03-02T09:00:00Z info nothing to see on line " + std::to_string(i) + "\n";
    log += "Failed to pull image \"registry.lab:5000/shop/checkout:1.8.4\": not found\n";
    EXPECT_TRUE(matches("Failed to pull image \"[^\"]*:1\\.8\\.4\".*not found", log));
    EXPECT_FALSE(matches("Failed to pull image \"[^\"]*:1\\.8\\.5\".*not found", log));
}

} // namespace core::content
