#include "sim/engine/indexed_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using sim::IndexedMap;

namespace {

using Numbers = IndexedMap<std::string, int>;

struct OwnHash {
    std::size_t operator()(int key) const { return static_cast<std::size_t>(key) * 0x9e3779b97f4a7c15; }
};
/// Every key is one: whatever is looked up meets the others.
struct OneHash {
    std::size_t operator()(int) const { return 1; }
};

} // namespace

TEST(TextHash, TellsTextsApart)
{
    std::set<std::size_t> seen;
    for (const std::string& text : {std::string(), std::string(1, '\0'), std::string(8, '\0'), std::string(9, '\0'), std::string("a"), std::string("b"),
                                    std::string("pod-00000001"), std::string("pod-00000002"), std::string("pod-0000000"), std::string("0pod-0000001")})
        EXPECT_TRUE(seen.insert(sim::TextHash()(text)).second) << text;
    EXPECT_EQ(sim::TextHash()("node-0001"), sim::TextHash()(std::string("node-") + "0001"));
}

TEST(IndexedMap, WalksInOrderAndFindsByKey)
{
    Numbers map;
    map["b"] = 2;
    map["a"] = 1;
    map["c"] = 3;
    std::string keys;
    for (const auto& [key, value] : map)
        keys += key;
    EXPECT_EQ(keys, "abc");
    EXPECT_EQ(std::as_const(map).find("b")->second, 2);
    EXPECT_EQ(std::as_const(map).find("d"), map.end());
    EXPECT_EQ(map.lower_bound("aa")->first, "b");
    EXPECT_FALSE(map.try_emplace("a").second);
    EXPECT_EQ(sim::fingerprintOf(map), sim::fingerprintOf(std::map<std::string, int>{{"a", 1}, {"b", 2}, {"c", 3}}));
}

TEST(IndexedMap, ACopyStandsAlone)
{
    Numbers map;
    map["a"] = 1;
    Numbers copy = map;
    map["a"] = 5;
    map["b"] = 2;
    EXPECT_EQ(copy["a"], 1);
    EXPECT_EQ(copy.count("b"), 0u);
    const Numbers moved = std::move(copy);
    EXPECT_EQ(moved.find("a")->second, 1);
    copy = moved;
    EXPECT_EQ(copy, moved);
    copy.erase("a");
    EXPECT_EQ(copy.count("a"), 0u);
    EXPECT_EQ(moved.count("a"), 1u);
}

RC_GTEST_PROP(IndexedMap, IsAMap, (const std::vector<std::pair<bool, std::uint8_t>>& steps))
{
    std::map<int, int> expected;
    IndexedMap<int, int, OwnHash> map;
    IndexedMap<int, int, OneHash> crowded;
    int next = 0;
    for (const auto& [add, key] : steps) {
        if (add) {
            expected[key] = map[key] = crowded[key] = ++next;
        } else {
            expected.erase(key);
            map.erase(key);
            crowded.erase(key);
        }
        RC_ASSERT(map.count(key) == expected.count(key));
        RC_ASSERT(crowded.count(key) == expected.count(key));
    }
    RC_ASSERT(std::equal(expected.begin(), expected.end(), map.begin(), map.end()));
    RC_ASSERT(std::equal(expected.begin(), expected.end(), crowded.begin(), crowded.end()));
    for (const auto& [key, value] : expected)
        RC_ASSERT(map.find(key)->second == value && crowded.find(key)->second == value);
}
