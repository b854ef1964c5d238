#include "tests/sim/programs/catalogue.h"

#include <gtest/gtest.h>

namespace {

using tests::codeNamed;

TEST(Catalogue, eachVersionHasTheVariantItIsMeantToHave)
{
    const auto variants = [](const char* name, const char* version) {
        const auto code = codeNamed(name);
        return sim::programs::startOf(code, version, code->version(version)->files, {}, {}).variants;
    };
    EXPECT_EQ(variants("catalog-api", "1.8.4"), std::set<std::string>{});
    EXPECT_EQ(variants("catalog-api", "1.9.0"), std::set<std::string>{"lock-contention"});
    EXPECT_EQ(variants("catalog-api", "1.9.1"), std::set<std::string>{"gc-pressure"});
    EXPECT_EQ(variants("catalog-api", "1.9.2"), std::set<std::string>{"goroutine-leak"});
    EXPECT_EQ(variants("catalog-api", "1.9.3"), std::set<std::string>{"busy-loop"});
    EXPECT_EQ(variants("orders", "2.5.0"), std::set<std::string>{"jvm-heap"});
    EXPECT_EQ(variants("etl", "3.1.0"), std::set<std::string>{});
    EXPECT_EQ(variants("etl", "3.2.0"), std::set<std::string>{"unclosed-resource"});
    EXPECT_EQ(variants("etl", "3.2.1"), std::set<std::string>{"global-cache"});
    EXPECT_EQ(variants("etl", "3.2.2"), std::set<std::string>{"reference-cycle"});
    EXPECT_EQ(variants("etl", "3.2.3"), std::set<std::string>{"list-not-generator"});
    EXPECT_EQ(variants("imgproxy", "0.9.3"), std::set<std::string>{"process-leak"});
}

TEST(Catalogue, aFileThatWasRepairedTakesTheVariantAway)
{
    const auto code = codeNamed("etl");
    auto files = code->version("3.2.0")->files;
    std::string& text = files.at("etl.py");
    const std::size_t at = text.find("    f = open(path)");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 18, "    with open(path) as f:");
    EXPECT_TRUE(sim::programs::startOf(code, "3.2.0", files, {}, {}).variants.empty());
}

TEST(Catalogue, framesOfPythonPointAtTheTextTheyName)
{
    const auto code = codeNamed("etl");
    for (const auto& path : code->paths)
        for (const auto& frame : path.stack)
            EXPECT_GT(frame.line, 0) << frame.function;
    std::vector<std::string> lines{""};
    for (const char c : code->version("3.1.0")->files.at("etl.py"))
        if (c == '\n')
            lines.emplace_back();
        else
            lines.back() += c;
    EXPECT_EQ(lines.at(static_cast<std::size_t>(code->path("store")->stack.back().line - 1)), "    return len(row.values)");
    EXPECT_EQ(lines.at(static_cast<std::size_t>(code->path("open")->stack.back().line - 1)), "    with open(path) as f:");
}

} // namespace
