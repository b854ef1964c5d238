#include "core/content/library.h"

#include "tests/core/content/pack.h"

#include <gtest/gtest.h>

namespace core::content {

TEST(Folders, ALaterFolderReplacesById)
{
    const Pack installed;
    const TemporaryFolder own;
    nlohmann::json incident = quietShop();
    incident["title"] = bothLanguages("My quiet shop", "我的安静商店");
    own.write("incidents/mine.json", incident);
    nlohmann::json module = firstSteps();
    module["number"] = 9;
    own.write("modules/mine.json", module);
    nlohmann::json words = glossary();
    words["terms"][1]["definition"] = bothLanguages("A group of containers.", "一组容器。");
    own.write("glossary/mine.json", words);
    nlohmann::json topology = nlohmann::json::parse(installed.read("topologies/tiny.json"));
    topology["warmUpSeconds"] = 12;
    own.write("topologies/mine.json", topology);

    const Library library = load({installed.path(), own.path()});
    EXPECT_EQ(problemsOf(library), "");
    EXPECT_EQ(library.incidents.size(), 2U);
    EXPECT_EQ(library.incident("quiet-shop")->title.en, "My quiet shop");
    EXPECT_EQ(library.incident("quiet-shop")->moduleNumber, 9);
    EXPECT_EQ(library.incident("slow-shop")->title.en, "The shop is slow");
    ASSERT_EQ(library.glossary.size(), 2U);
    EXPECT_EQ(library.glossary[0].definition.en, "A group of containers.");
    EXPECT_EQ(library.topologies.size(), 1U);
    EXPECT_EQ(library.topologies.at("tiny").at("warmUpSeconds"), 12);
}

TEST(Folders, ALaterFolderAdds)
{
    const Pack installed;
    const TemporaryFolder own;
    nlohmann::json incident = quietShop();
    incident["id"] = "loud-shop";
    own.write("incidents/loud-shop.json", incident);
    const Library library = load({installed.path(), own.path()});
    EXPECT_EQ(problemsOf(library), "");
    EXPECT_EQ(library.incidents.size(), 3U);
    EXPECT_EQ(library.incident("loud-shop")->moduleTitle.en, "First steps");
}

TEST(Folders, ADamagedReplacementLeavesTheInstalledOne)
{
    const Pack installed;
    const TemporaryFolder own;
    own.write("incidents/quiet-shop.json", std::string_view("{\"id\": \"quiet-shop\""));
    const Library library = load({installed.path(), own.path()});
    EXPECT_TRUE(hasProblem(library, {own.path("incidents/quiet-shop.json:1")})) << problemsOf(library);
    ASSERT_NE(library.incident("quiet-shop"), nullptr);
    EXPECT_EQ(library.incident("quiet-shop")->title.en, "The shop is quiet");
}

TEST(Folders, TheirFilesAreCheckedAgainstTheFirstFoldersSchemas)
{
    const Pack installed;
    const TemporaryFolder own;
    own.write("schema/incident.schema.json", std::string_view("{}"));
    own.write("incidents/loud-shop.json", nlohmann::json{{"id", "loud-shop"}});
    const Library library = load({installed.path(), own.path()});
    EXPECT_TRUE(hasProblem(library, {own.path("incidents/loud-shop.json:1"), "deviates from the schema"}))
        << problemsOf(library);
    EXPECT_EQ(library.incident("loud-shop"), nullptr);
}

TEST(Folders, AMissingOneIsNamedAndTheOthersLoad)
{
    const Pack installed;
    const std::string missing = installed.path("no-such-folder");
    const std::string file = installed.path("modules/first-steps.json");
    const Library library = load({installed.path(), missing, file});
    EXPECT_TRUE(hasProblem(library, {missing, "leave the folder out"})) << problemsOf(library);
    EXPECT_TRUE(hasProblem(library, {file, "is no folder"})) << problemsOf(library);
    EXPECT_EQ(library.problems.size(), 2U) << problemsOf(library);
    EXPECT_EQ(library.incidents.size(), 2U);
}

TEST(Folders, WithoutAnyThereIsNothingAndItSaysSo)
{
    const Library library = load({});
    EXPECT_TRUE(hasProblem(library, {"no content folder", "reinstall"})) << problemsOf(library);
    EXPECT_TRUE(library.incidents.empty());
}

TEST(Folders, AnEmptyOneIsNoProblem)
{
    const TemporaryFolder empty;
    EXPECT_EQ(problemsOf(load({empty.path()})), "");
}

} // namespace core::content
