#include "sim/engine/copy_on_write.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

using sim::CopyOnWrite;
using sim::SharedOptional;

using Texts = CopyOnWrite<std::vector<std::string>>;

TEST(CopyOnWrite, CopiesShareUntilOneChanges)
{
    Texts one{"a", "b"};
    const Texts other = one;
    EXPECT_EQ(&*one, &*other);
    one.push_back("c");
    EXPECT_EQ(*one, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(*other, (std::vector<std::string>{"a", "b"}));
    EXPECT_NE(one, other);
    one.pop_back();
    EXPECT_EQ(one, other) << "equal by content";
    EXPECT_EQ(sim::fingerprintOf(one), sim::fingerprintOf(std::vector<std::string>{"a", "b"}));
}

TEST(CopyOnWrite, ALoopOverACopyChangesThatCopyAlone)
{
    const Texts before{"x", "y"};
    Texts after = before;
    for (std::string& text : after)
        text += "!";
    EXPECT_EQ(before, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(after, (std::vector<std::string>{"x!", "y!"}));
}

TEST(CopyOnWrite, TheEmptyOneIsWalkedAndSearched)
{
    CopyOnWrite<std::map<std::string, std::string>> labels;
    EXPECT_EQ(labels.find("app"), labels.end());
    for (auto& [key, value] : labels)
        value = key;
    EXPECT_TRUE(labels.empty());
    EXPECT_EQ(labels.count("app"), 0u);
    labels["app"] = "web";
    EXPECT_EQ(labels.at("app"), "web");
    labels.clear();
    EXPECT_EQ(labels, (CopyOnWrite<std::map<std::string, std::string>>()));
}

TEST(SharedOptional, CopiesShareUntilOneChanges)
{
    SharedOptional<std::string> one(std::string("a"));
    const SharedOptional<std::string> other = one;
    const SharedOptional<std::string>& same = one;
    EXPECT_EQ(&*same, &*other);
    one->append("b");
    EXPECT_EQ(*one, "ab");
    EXPECT_EQ(*other, "a");
    EXPECT_NE(one, other);
    one.reset();
    EXPECT_FALSE(one);
    EXPECT_EQ(one, SharedOptional<std::string>(std::nullopt));
    EXPECT_EQ(one.value_or("c"), "c");
    EXPECT_EQ(one.emplace("d"), "d");
}
