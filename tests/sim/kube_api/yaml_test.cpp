#include "sim/engine/random.h"
#include "sim/kube/api/yaml.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace sim::kube;
using nlohmann::json;

namespace {

/// Texts that a careless writer leaves bare, or that a reader takes for something else.
std::string trickyText(sim::RandomStream& random)
{
    static const std::vector<std::string> kTexts{"", " ", "~", "null", "yes", "on", "0x1F", "0o17", "1e3", ".5", "-", "- a", "a: b", "a:", "#c", "a #c",
        "\"", "'", "%", "@", "`", "&a", "*a", "!t", "|", ">", "[", "]", "{", "}", ",", "?", ":", "a\nb", "a\n", "\na", "a\n\nb\n", " a", "a ", "\t",
        "2026-03-02", "12:30:45", "1_000", "+1", "NaN", ".inf", "=", "<<", "---", "...", "中文", "a\\b", "\x01", "a\r\nb", "\xc2\x85", "0", "true"};
    std::string text = kTexts[random.below(kTexts.size())];
    return random.below(3) == 0 ? text + kTexts[random.below(kTexts.size())] : text;
}

json anyValue(sim::RandomStream& random, int depth)
{
    switch (random.below(depth > 4 ? 5u : 8u)) {
    case 0: return nullptr;
    case 1: return random.below(2) == 0;
    case 2: return static_cast<std::int64_t>(random.next());
    case 3:
    case 4: return trickyText(random);
    case 5: {
        json list = json::array();
        for (std::uint64_t i = random.below(4); i > 0; --i)
            list.push_back(anyValue(random, depth + 1));
        return list;
    }
    default: {
        json object = json::object();
        for (std::uint64_t i = random.below(5); i > 0; --i)
            object["k" + trickyText(random)] = anyValue(random, depth + 1);
        return object;
    }
    }
}

std::string damaged(std::string text, sim::RandomStream& random)
{
    static constexpr std::string_view kOdd = "\n\t :-#'\"[]{}&*!|>%@`,?\\\x00\xff~";
    for (std::uint64_t i = 1 + random.below(6); i > 0 && !text.empty(); --i) {
        const std::size_t at = random.below(text.size());
        switch (random.below(3)) {
        case 0: text.erase(at, 1 + random.below(4)); break;
        case 1: text.insert(at, 1, kOdd[random.below(kOdd.size())]); break;
        default: text.insert(at, text.substr(random.below(text.size()), random.below(20))); break;
        }
    }
    return text;
}

} // namespace

TEST(Yaml, WhatIsWrittenIsReadBack)
{
    sim::RandomStream random(1, "tests/yaml");
    for (int i = 0; i < 3000; ++i) {
        json value = json::object();
        value["v"] = anyValue(random, 0);
        const std::string text = toYaml(value);
        const auto read = parseYaml(text);
        ASSERT_TRUE(read) << read.error().text() << "\n" << text;
        ASSERT_EQ(read->size(), 1u) << text;
        ASSERT_EQ(read->front(), value) << text;
    }
}

TEST(Yaml, DamagedTextsAreReadOrRefused)
{
    sim::RandomStream random(2, "tests/yaml");
    int refused = 0;
    for (int i = 0; i < 10'000; ++i) {
        json value = json::object();
        value["metadata"] = anyValue(random, 2);
        value["spec"] = anyValue(random, 1);
        const auto read = parseYaml(damaged(toYaml(value), random));
        if (!read) {
            ++refused;
            ASSERT_NE(read.error().text(), "");
        }
    }
    EXPECT_GT(refused, 1000);
}

TEST(Yaml, BombsAreRefused)
{
    EXPECT_FALSE(parseYaml(std::string(5000, '[')));
    EXPECT_FALSE(parseYaml(std::string(300, '{') + std::string(300, '}')));
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k)
            laughs += (k ? ", *a" : "*a") + std::to_string(i - 1);
        laughs += "]\n";
    }
    EXPECT_FALSE(parseYaml(laughs));
    // What is kept for aliases counts as well: anchors around anchors.
    std::string nested;
    for (int i = 0; i < 150; ++i)
        nested += "&n" + std::to_string(i) + " [";
    for (int i = 0; i < 50'000; ++i)
        nested += "x,";
    EXPECT_FALSE(parseYaml(nested + std::string(150, ']')));
    // A few names for a small thing are no bomb.
    EXPECT_TRUE(parseYaml("a: &a [x, y, z]\nb: [*a, *a, *a, *a, *a, *a]\n"));
}

/// Found by the fuzzer (tests/fuzz).
TEST(Yaml, OddCharactersAndUnclosedQuotes)
{
    const auto why = [](const std::string& text) {
        const auto read = parseYaml(text);
        return read ? std::string() : read.error().text();
    };
    EXPECT_EQ(why("a: \xff\n"), "yaml: invalid leading UTF-8 octet");
    EXPECT_EQ(why("a: \xe4\xb8"), "yaml: incomplete UTF-8 octet sequence");
    EXPECT_EQ(why("a: \xc0\x80\n"), "yaml: invalid length of a UTF-8 sequence");
    EXPECT_EQ(why("a: \x01\n"), "yaml: control characters are not allowed");
    EXPECT_NE(why("a: \"b\n\n").find("found unexpected end of stream"), std::string::npos);
    EXPECT_NE(why("a: 'b\n").find("found unexpected end of stream"), std::string::npos);
    EXPECT_EQ(toYaml("a\xc2\x85\xc2\x80\xe2\x80\xa8\xef\xbb\xbf\xf0\x9f\x98\x80\xc2\xa0"), "\"a\\N\\x80\\L\\uFEFF\\U0001F600\xc2\xa0\"\n");
    EXPECT_EQ(parseYaml("\"\\N\\_\"\n")->front(), "\xc2\x85\xc2\xa0");
    EXPECT_EQ(toYaml("a\nb"), "|-\n  a\n  b\n");
    for (const std::size_t length : {40u, 120u, 1000u, 2000u}) { // long keys are neither broken nor lost
        std::string key;
        while (key.size() < length)
            key += "k \"'";
        for (const json& value : {json("x"), json{{"a", {1, 2}}}, json{1, {{"b", nullptr}}}}) {
            const auto read = parseYaml(toYaml({{"outer", {{key, value}, {"z", 1}}}}));
            ASSERT_TRUE(read) << read.error().text();
            EXPECT_EQ(read->front()["outer"][key], value);
        }
    }
}

TEST(Yaml, AnchorsAndMergesUnfold)
{
    const auto read = parseYaml("base: &b {x: 1, y: 2}\nother: {<<: *b, y: 3}\nlist: [*b, &s text, *s]\nquoted: {'<<': 4}\n");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->front(), json::parse(R"({"base": {"x": 1, "y": 2}, "other": {"x": 1, "y": 3}, "list": [{"x": 1, "y": 2}, "text", "text"], "quoted": {"<<": 4}})"));
}

TEST(Yaml, StreamsAreSplitAtTheirDashes)
{
    const auto read = parseYaml("# nothing\n---\na: 1\n--- # second\nb: |\n  ---\n  x\n---   \n---\n{\"c\": [1]}\n");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, (std::vector<json>{{{"a", 1}}, {{"b", "---\nx\n"}}, {{"c", {1}}}}));
}

TEST(Yaml, ErrorsNameWhatIsWrong)
{
    const auto why = [](const char* text) {
        const auto read = parseYaml(text);
        return read ? std::string() : read.error().text();
    };
    EXPECT_EQ(why("a: 1\nb: 2\na: 3\n"), "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map");
    EXPECT_EQ(why("x: 1\n? [a]\n: b\n"), "yaml: line 2: a key must be a text");
    EXPECT_EQ(why("{a: 1}\n{b: 2}\n"), "yaml: did not find expected <document start>");
    EXPECT_NE(why("a: *nobody\n"), "");
    EXPECT_NE(why("a: &a [*a]\n"), "");
}
