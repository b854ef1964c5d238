#include "core/content/pattern.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace core::content {

namespace {

const Placeholders& values()
{
    static const Placeholders kValues{{"pod", {"checkout-1", "checkout-2"}}, {"node", {"worker-1"}}, {"none", {}},
                                      {"image_tag", {"1.8.4"}}};
    return kValues;
}

/// The definition, for every pair of a glob's and a text's ends: written as a recursion it takes hours for
/// some of the globs with many stars that rapidcheck thinks of.
bool globByDefinition(std::string_view glob, std::string_view text)
{
    std::vector<std::vector<bool>> matches(glob.size() + 1, std::vector<bool>(text.size() + 1));
    for (std::size_t g = glob.size() + 1; g-- > 0;)
        for (std::size_t t = text.size() + 1; t-- > 0;) {
            if (g == glob.size())
                matches[g][t] = t == text.size();
            else if (glob[g] == '*')
                matches[g][t] = matches[g + 1][t] || (t < text.size() && matches[g][t + 1]);
            else
                matches[g][t] = t < text.size() && (glob[g] == '?' || glob[g] == text[t]) && matches[g + 1][t + 1];
        }
    return matches[0][0];
}

rc::Gen<std::string> over(const std::string& alphabet)
{
    return rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
}

} // namespace

TEST(FillText, TakesTheFirstValue)
{
    EXPECT_EQ(fillText("kubectl describe pod {pod} on {node}", values()), "kubectl describe pod checkout-1 on worker-1");
}

TEST(FillText, LeavesAloneWhatIsNoPlaceholder)
{
    for (const char* text : {"awk '{print $1}'", "{unknown}", "{none}", "a{2,3}", "{}", "{", "{pod", "{Pod}", "{1pod}", "${HOME}",
                             "-o jsonpath='{.items}'", "{po d}"})
        EXPECT_EQ(fillText(text, values()), text);
}

TEST(FillText, AValueIsNotFilledAgain)
{
    EXPECT_EQ(fillText("{a}", {{"a", {"{b}"}}, {"b", {"wrong"}}}), "{b}");
}

RC_GTEST_PROP(FillText, WithoutValuesEveryTextStaysAsItIs, ())
{
    const std::string text = *over("{}ab_1\\ ");
    RC_ASSERT(fillText(text, {}) == text);
}

TEST(FillPattern, TakesAnyOfTheValuesLiterally)
{
    EXPECT_TRUE(patternMatches("^{pod}$", "checkout-2", values()));
    EXPECT_FALSE(patternMatches("^{pod}$", "checkout-3", values()));
    EXPECT_TRUE(patternMatches("^tag {image_tag}$", "tag 1.8.4", values()));
    EXPECT_FALSE(patternMatches("^tag {image_tag}$", "tag 1x8x4", values())) << "the dot is a dot";
}

TEST(FillPattern, WithoutAValueNothingMatches)
{
    for (const char* pattern : {"{unknown}", "{none}", "a|{none}b"})
        EXPECT_FALSE(patternMatches(pattern, "{unknown}{none}b", values())) << pattern;
    EXPECT_TRUE(patternMatches("a|{none}", "a", values())) << "the other half still can";
}

TEST(FillPattern, QuantifiersAndEscapesAreTheExpressionsOwn)
{
    for (const char* pattern : {"a{2,3}b{4}", "\\{pod}", "[{]", "\\p{pod}", "\\P{pod}", "\\x{pod}", "\\k{pod}", "\\g{pod}", "\\"})
        EXPECT_EQ(fillPattern(pattern, values()), pattern);
    EXPECT_NE(fillPattern("\\d{pod}", values()), "\\d{pod}") << "a digit and then a pod";
    EXPECT_TRUE(patternMatches("^\\{pod\\}$", "{pod}", values()));
    EXPECT_TRUE(patternMatches("^(?:ab){2}$", "abab", values()));
    EXPECT_TRUE(patternMatches("^\\p{Lu}{pod}$", "Xcheckout-1", values()));
}

RC_GTEST_PROP(FillPattern, AValueMatchesItselfAndNothingElse, ())
{
    const std::string alphabet = "ab.*+?()[]{}|^$\\/-# \t\"'&<>中";
    const std::string value = *rc::gen::map(rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 28)),
                                            [&](const std::vector<std::size_t>& picks) {
                                                std::string text;
                                                for (const std::size_t pick : picks)
                                                    text += pick < 25 ? std::string(1, alphabet[pick]) : "中";
                                                return text;
                                            });
    const Placeholders one{{"x", {value}}};
    RC_ASSERT(patternMatches("\\A{x}\\z", value, one));
    RC_ASSERT(!patternMatches("\\A{x}\\z", value + "b", one));
    RC_ASSERT(!patternMatches("\\A{x}\\z", "b" + value, one));
}

TEST(Glob, StarAlsoCrossesSlashes)
{
    EXPECT_TRUE(globMatches("file/*/hosts", "file/worker-2/etc/hosts"));
    EXPECT_TRUE(globMatches("*", ""));
    EXPECT_TRUE(globMatches("pod/*", "pod/"));
    EXPECT_FALSE(globMatches("pod/?", "pod/"));
    EXPECT_FALSE(globMatches("", "x"));
    EXPECT_TRUE(globMatches("a*b*c", "aXbYbZc"));
    EXPECT_FALSE(globMatches("a*b*c", "aXbYbZ"));
    EXPECT_FALSE(globMatches("[a]", "a")) << "brackets mean themselves";
}

RC_GTEST_PROP(Glob, MatchesAsItsDefinitionSays, ())
{
    const std::string glob = *over("ab*?/");
    const std::string text = *over("ab/");
    RC_ASSERT(globMatches(glob, text) == globByDefinition(glob, text));
}

RC_GTEST_PROP(Glob, AStarInPlaceOfAPartStillMatches, ())
{
    const std::string text = *over("ab/");
    const std::size_t from = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    const std::size_t length = *rc::gen::inRange<std::size_t>(0, text.size() - from + 1);
    std::string glob = text;
    glob.replace(from, length, "*");
    RC_ASSERT(globMatches(glob, text));
}

TEST(Glob, ManyStarsAreNoTrap)
{
    std::string glob;
    for (int i = 0; i < 2000; ++i)
        glob += "*a";
    EXPECT_FALSE(globMatches(glob + "b", std::string(4000, 'a')));
    EXPECT_TRUE(globMatches(glob, std::string(4000, 'a')));
}

TEST(ExpandGlob, GivesEachCombination)
{
    EXPECT_EQ(expandGlob("pod/shop/*", values()), std::vector<std::string>{"pod/shop/*"});
    EXPECT_EQ(expandGlob("{pod}@{node}", values()), (std::vector<std::string>{"checkout-1@worker-1", "checkout-2@worker-1"}));
    EXPECT_EQ(expandGlob("{pod}{pod}", values()).size(), 4U);
    EXPECT_TRUE(expandGlob("pod/{none}", values()).empty());
    EXPECT_TRUE(expandGlob("{unknown}", values()).empty());
    EXPECT_EQ(expandGlob("{2}", values()), std::vector<std::string>{"{2}"});
}

RC_GTEST_PROP(ExpandGlob, HasAsManyAsTheProductOfTheValues, ())
{
    const auto names = *rc::gen::inRange<std::size_t>(0, 6);
    const auto counts = *rc::gen::container<std::vector<std::size_t>>(names, rc::gen::inRange<std::size_t>(0, 4));
    Placeholders many;
    std::string glob;
    std::size_t product = 1;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::string name = "n" + std::to_string(i);
        for (std::size_t k = 0; k < counts[i]; ++k)
            many[name].push_back(std::string(1, static_cast<char>('a' + k)));
        glob += "/{" + name + "}";
        product *= counts[i];
    }
    const auto expanded = expandGlob(glob, many);
    RC_ASSERT(expanded.size() == product);
    for (const std::string& one : expanded)
        RC_ASSERT(one.find('{') == std::string::npos && one.size() == 2 * counts.size());
}

TEST(AnyGlob, FillsBeforeItMatches)
{
    EXPECT_TRUE(anyGlobMatches({"firewall/{node}", "pod/*"}, "firewall/worker-1", values()));
    EXPECT_TRUE(anyGlobMatches({"firewall/{node}", "pod/*"}, "pod/shop/x", values()));
    EXPECT_FALSE(anyGlobMatches({"firewall/{node}", "pod/{none}"}, "firewall/worker-2", values()));
    EXPECT_FALSE(anyGlobMatches({}, "x", values()));
}

TEST(Reads, AnEmptyExpressionAcceptsAnything)
{
    EXPECT_TRUE(readsMatch("", {}, values()));
    EXPECT_TRUE(readsMatch("", {"pod/shop/x"}, values()));
}

TEST(Reads, BarMeansOrAndAmpersandMeansAnd)
{
    EXPECT_TRUE(readsMatch("pod/*|event/*", {"event/shop/x"}, values()));
    EXPECT_FALSE(readsMatch("pod/*|event/*", {"node/worker-1"}, values()));
    EXPECT_TRUE(readsMatch("pod/*&node/{node}", {"node/worker-1", "pod/shop/x"}, values()));
    EXPECT_FALSE(readsMatch("pod/*&node/{node}", {"node/worker-2", "pod/shop/x"}, values()));
    EXPECT_TRUE(readsMatch("pod/{pod}|pod/none&node/*", {"pod/checkout-2", "node/x"}, values()));
}

TEST(Reads, WithoutAValueNothingFits)
{
    EXPECT_FALSE(readsMatch("pod/{none}", {"pod/shop/x"}, values()));
    EXPECT_TRUE(readsMatch("pod/{none}|pod/*", {"pod/shop/x"}, values()));
}

TEST(Reads, AnOutputMixedFromTwoMachinesProvesNothingAboutOne)
{
    EXPECT_TRUE(readsMatch("http/*&from/{node}", {"from/worker-1", "http/registry.lab"}, values()));
    EXPECT_FALSE(readsMatch("http/*&from/{node}", {"from/worker-1", "from/worker-2", "http/registry.lab"}, values()));
    EXPECT_TRUE(readsMatch("http/*&from/worker-1|from/worker-2", {"from/worker-1", "from/worker-2", "http/registry.lab"},
                           values()));
    EXPECT_TRUE(readsMatch("pod/*", {"from/worker-1", "from/worker-2", "pod/x"}, values())) << "where it was asked is all one";
}

RC_GTEST_PROP(Reads, TheOrderOfReadsIsAllOne, ())
{
    const std::vector<std::string> all{"from/worker-1", "from/worker-2", "http/registry.lab", "pod/shop/x", "node/worker-1"};
    auto reads = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(all));
    const std::string expression
        = *rc::gen::element<std::string>("from/{node}", "http/*&from/worker-1", "pod/*|node/*", "from/*&pod/*", "*");
    const bool before = readsMatch(expression, reads, values());
    std::reverse(reads.begin(), reads.end());
    RC_ASSERT(readsMatch(expression, reads, values()) == before);
}

TEST(PlainText, IsWhatAReaderSees)
{
    EXPECT_EQ(plainText("\x1b[1;31mError\x1b[0m\r\nnext"), "Error\nnext");
    EXPECT_EQ(plainText("\x1b]0;ops@bastion\aprompt"), "prompt");
    EXPECT_EQ(plainText("\x1b]8;;http://x\x1b\\link"), "link");
    EXPECT_EQ(plainText("\x1b" "7saved\x1b" "8"), "saved");
    EXPECT_EQ(plainText("cut\x1b"), "cut");
    EXPECT_EQ(plainText("cut\x1b["), "cut");
    EXPECT_EQ(plainText("cut\x1b[12;"), "cut");
    EXPECT_EQ(plainText("cut\x1b]0;title"), "cut");
    EXPECT_EQ(plainText("中文 stays"), "中文 stays");
}

RC_GTEST_PROP(PlainText, OfPlainTextIsThatText, ())
{
    const std::string once = plainText(*over("a[]0;m\x1b\a\r\n\\@~"));
    RC_ASSERT(once.find('\x1b') == std::string::npos);
    RC_ASSERT(once.find('\r') == std::string::npos);
    RC_ASSERT(plainText(once) == once);
}

} // namespace core::content
