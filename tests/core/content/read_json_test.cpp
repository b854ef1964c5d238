#include "core/content/read_json.h"

#include "sim/engine/random.h"
#include "tests/core/content/pack.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace core::content {

namespace {

using nlohmann::json;

json anyJson(int depth)
{
    const int kind = *rc::gen::inRange(0, depth > 0 ? 6 : 4);
    const auto text = [] { return *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab~/\"\\{}[]:, \n1"))); };
    const int size = kind > 3 ? *rc::gen::inRange(0, 4) : 0;
    json value;
    switch (kind) {
    case 0: return nullptr;
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::inRange(-1000, 1000);
    case 3: return text();
    case 4:
        value = json::array();
        for (int i = 0; i < size; ++i)
            value.push_back(anyJson(depth - 1));
        return value;
    default:
        value = json::object();
        for (int i = 0; i < size; ++i)
            value[text()] = anyJson(depth - 1);
        return value;
    }
}

/// Where dump(1) puts each value: an item or member on a line of its own, the closing bracket too.
void noteLines(const json& value, const json::json_pointer& at, int& line, std::map<std::string, int>& lines)
{
    lines[at.to_string()] = line;
    if (!value.is_structured() || value.empty())
        return;
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
            noteLines(value[i], at / i, ++line, lines);
    else
        for (const auto& [key, member] : value.items())
            noteLines(member, at / key, ++line, lines);
    ++line;
}

std::string errorOf(const std::string& text)
{
    const auto parsed = parseJson(text, "f.json");
    return parsed ? "accepted" : parsed.error().text();
}

} // namespace

RC_GTEST_PROP(JsonLines, EveryValueIsFoundWhereItStands, ())
{
    const json value = anyJson(3);
    const std::string text = value.dump(1);
    const std::string separators = *rc::gen::element<std::string>("\n", "\r\n");
    std::string written;
    for (const char c : text)
        written += c == '\n' ? separators : std::string(1, c);
    const auto parsed = parseJson(written, "f.json");
    RC_ASSERT(static_cast<bool>(parsed));
    RC_ASSERT(*parsed == value);
    std::map<std::string, int> lines;
    int line = 1;
    noteLines(value, json::json_pointer(), line, lines);
    for (const auto& [pointer, expected] : lines)
        RC_ASSERT(lineOf(written, json::json_pointer(pointer)) == expected);
}

TEST(JsonLines, AValueThatIsNotThereIsAtItsNearestParent)
{
    const std::string text = "{\n \"a\": [\n  1,\n  {\"b\": 2}\n ]\n}";
    EXPECT_EQ(lineOf(text, json::json_pointer("/a/1/b")), 4);
    EXPECT_EQ(lineOf(text, json::json_pointer("/a/1/missing")), 4);
    EXPECT_EQ(lineOf(text, json::json_pointer("/a/7")), 2);
    EXPECT_EQ(lineOf(text, json::json_pointer("/missing/b")), 1);
    EXPECT_EQ(lineOf(text, json::json_pointer("/a/0/below-a-number")), 3);
    EXPECT_EQ(placeOf("f.json", text, json::json_pointer("/a/0")), "f.json:3 /a/0");
    EXPECT_EQ(placeOf("f.json", text, json::json_pointer()), "f.json:1");
}

TEST(JsonLines, AByteOrderMarkShiftsNothing)
{
    EXPECT_EQ(lineOf("\xEF\xBB\xBF{\"a\":\n1}", json::json_pointer("/a")), 2);
}

TEST(ParseJson, AcceptsSixtyFourLevelsAndNoMore)
{
    const auto nested = [](int levels) {
        std::string text = "1";
        for (int i = 0; i < levels; ++i)
            text = i % 2 == 0 ? "[" + text + "]" : "{\"a\":" + text + "}";
        return text;
    };
    EXPECT_EQ(errorOf(nested(64)), "accepted");
    EXPECT_TRUE(contains(errorOf(nested(65)), "f.json:1: is nested deeper than 64 levels; flatten it")) << errorOf(nested(65));
}

TEST(ParseJson, AKeyMayStandAgainInAnotherObject)
{
    EXPECT_EQ(errorOf(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})"), "accepted");
    EXPECT_TRUE(contains(errorOf("{\"b\": [{\"a\": 1,\n\"a\": 2}]}"), "f.json:2: has the key \"a\" twice"));
    EXPECT_TRUE(contains(errorOf("{\"a\": {},\n\n\"\\u0061\": 2}"), "f.json:3: has the key \"a\" twice"));
}

TEST(ParseJson, TellsTheLineOfASyntaxError)
{
    EXPECT_TRUE(contains(errorOf("{\n\"a\": 1,\n}"), "f.json:3: is no valid JSON"));
    EXPECT_TRUE(contains(errorOf("{\n\"a\": 01}"), "f.json:2: is no valid JSON"));
    EXPECT_TRUE(contains(errorOf("{\"a\": \"x\ny\"}"), "f.json:1: is no valid JSON")) << "the line that breaks the text";
    EXPECT_TRUE(contains(errorOf("{} {}"), "f.json:1: is no valid JSON"));
    EXPECT_TRUE(contains(errorOf("{\"a\": 1e999}"), "is no valid JSON"));
}

TEST(ParseJson, WhateverItAcceptsCanBeLocated)
{
    const std::string whole = slowShop().dump(1);
    const int last = lineWith(whole + "\x01", "\x01");
    sim::RandomStream random(2, "damage");
    int accepted = 0;
    for (int i = 0; i < 1500; ++i) {
        std::string damaged = whole;
        damaged[random.below(damaged.size())] = "\"{}[]:,0a\\ \n"[random.below(12)];
        const auto parsed = parseJson(damaged, "f.json");
        if (!parsed || ++accepted % 20 != 0)
            continue;
        const json leaves = parsed->flatten();
        for (const auto& [pointer, value] : leaves.items()) {
            const int line = lineOf(damaged, json::json_pointer(pointer));
            ASSERT_TRUE(line >= 1 && line <= last + 1) << pointer;
        }
    }
    EXPECT_GT(accepted, 100);
}

} // namespace core::content
