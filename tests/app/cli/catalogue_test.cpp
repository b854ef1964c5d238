#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace app::cli {

namespace {

std::set<std::string> keys(const nlohmann::json& object)
{
    std::set<std::string> names;
    for (const auto& [key, value] : object.items())
        names.insert(key);
    return names;
}

const nlohmann::json* byId(const nlohmann::json& list, const std::string& id)
{
    for (const auto& item : list)
        if (item.at("id") == id)
            return &item;
    return nullptr;
}

} // namespace

TEST(Catalogue, EveryListingIsJsonWhenAskedFor)
{
    const Faultctl faultctl;
    for (const std::vector<std::string>& listing : {std::vector<std::string>{"incidents"}, {"causes", "image-pull-backoff"},
                                                    {"topologies"}, {"modules"}}) {
        for (const bool flagFirst : {false, true}) {
            std::vector<std::string> arguments = listing;
            arguments.insert(flagFirst ? arguments.begin() : arguments.end(), "--json");
            const Outcome outcome = faultctl.run(arguments);
            EXPECT_EQ(outcome.status, 0) << listing[0];
            EXPECT_EQ(outcome.err, "") << listing[0];
            ASSERT_TRUE(outcome.json().is_array()) << listing[0] << outcome.out;
            EXPECT_FALSE(outcome.json().empty()) << listing[0];
        }
    }
}

TEST(Catalogue, ListsIncidents)
{
    const Faultctl faultctl;
    const nlohmann::json incidents = faultctl.run({"incidents", "--json"}).json();
    const auto* pull = byId(incidents, "image-pull-backoff");
    ASSERT_NE(pull, nullptr);
    EXPECT_EQ(keys(*pull), (std::set<std::string>{"area", "causes", "id", "module", "title", "topology"}));
    EXPECT_EQ(pull->at("area"), "kubernetes");
    EXPECT_EQ(pull->at("causes"), 5);
    EXPECT_NE(pull->at("title").at("en"), pull->at("title").at("zh"));
    const Outcome table = faultctl.run({"incidents"});
    EXPECT_EQ(table.out.rfind("INCIDENT", 0), 0U) << table.out;
    EXPECT_TRUE(contains(table.out, "\nimage-pull-backoff ")) << table.out;
}

TEST(Catalogue, ListsCausesAndNotWhatGivesThemAway)
{
    const Faultctl faultctl;
    const nlohmann::json causes = faultctl.run({"causes", "image-pull-backoff", "--json"}).json();
    for (const char* id : {"wrong-tag", "bad-pull-secret", "node-egress", "registry-down", "no-fault"})
        ASSERT_NE(byId(causes, id), nullptr) << id;
    for (const auto& cause : causes)
        EXPECT_EQ(keys(cause), (std::set<std::string>{"id", "means"}));
    EXPECT_TRUE(contains(faultctl.run({"causes", "image-pull-backoff"}).out, "\nnode-egress "));
}

TEST(Catalogue, ListsTopologiesAndModules)
{
    const Faultctl faultctl;
    const nlohmann::json topologies = faultctl.run({"topologies", "--json"}).json();
    const auto* mini = byId(topologies, "mini");
    ASSERT_NE(mini, nullptr);
    EXPECT_GT(mini->at("machines"), 5);
    EXPECT_TRUE(contains(faultctl.run({"topologies"}).out, "\nmini "));

    const nlohmann::json modules = faultctl.run({"modules", "--json"}).json();
    ASSERT_FALSE(modules.empty());
    for (const auto& module : modules)
        EXPECT_EQ(keys(module), (std::set<std::string>{"id", "incidents", "n", "phase", "title"}));
    EXPECT_TRUE(contains(faultctl.run({"modules"}).out, modules[0].at("id").get<std::string>()));
}

TEST(Catalogue, WhatIsUnknownIsNamedAndSoIsTheListing)
{
    struct Case {
        std::vector<std::string> arguments;
        std::vector<std::string> says;
    };
    const std::vector<Case> cases{
        {{"causes", "image-pull"}, {"image-pull", "faultctl incidents"}},
        {{"play", "image-pull", "-c", "true"}, {"image-pull", "no such incident", "faultctl incidents"}},
        {{"play", "image-pull-backoff", "--cause", "gremlins", "-c", "true"}, {"gremlins", "no such cause", "wrong-tag, bad-pull-secret"}},
        {{"shell", "--topology", "moon", "-c", "true"}, {"moon", "no such topology", "faultctl topologies"}},
        {{"verify", "image-pull"}, {"image-pull", "no such incident", "faultctl incidents"}},
        {{"verify", "image-pull-backoff/gremlins"}, {"gremlins", "no such cause", "faultctl causes image-pull-backoff"}},
    };
    const Faultctl faultctl;
    for (const Case& one : cases) {
        const Outcome outcome = faultctl.run(one.arguments);
        EXPECT_EQ(outcome.status, 1) << one.arguments[0];
        EXPECT_EQ(outcome.err.rfind("faultctl: ", 0), 0U) << outcome.err;
        for (const std::string& part : one.says)
            EXPECT_TRUE(contains(outcome.err, part)) << part << " in " << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
}

TEST(Catalogue, AnothersPackIsAdded)
{
    const Faultctl faultctl;
    nlohmann::json topology = nlohmann::json::parse(std::ifstream(std::string(FAULTLINE_CONTENT) + "/topologies/mini.json"));
    topology["id"] = "mine";
    write(faultctl.path("pack/topologies/mine.json"), topology.dump(1));
    const Outcome outcome = faultctl.run({"topologies", "--json", "--content", faultctl.path("pack")});
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(byId(outcome.json(), "mine"), nullptr);
    EXPECT_NE(byId(outcome.json(), "mini"), nullptr);

    write(faultctl.path("data/faultline/content/topologies/mine.json"), topology.dump(1));
    EXPECT_NE(byId(faultctl.run({"topologies", "--json"}).json(), "mine"), nullptr) << "the user's own folder needs no flag";
}

TEST(Catalogue, ADamagedPackIsToldAndTheRestGoesOn)
{
    const Faultctl faultctl;
    write(faultctl.path("pack/incidents/bad.json"), "{\n\"id\": \"bad\",,\n}");
    const Outcome outcome = faultctl.run({"incidents", "--json", "--content", faultctl.path("pack")});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(contains(outcome.err, faultctl.path("pack/incidents/bad.json:2"))) << outcome.err;
    EXPECT_NE(byId(outcome.json(), "image-pull-backoff"), nullptr) << "and standard output is still JSON";
}

TEST(Catalogue, WhoPlaysAnotherIncidentIsToldOfADamagedFileInOneLine)
{
    const Faultctl faultctl;
    write(faultctl.path("pack/incidents/bad.json"), R"({"id": "bad", "area": 5, "title": 1, "topology": 2})");
    const std::string file = faultctl.path("pack/incidents/bad.json:1");
    const Outcome listed = faultctl.run({"incidents", "--content", faultctl.path("pack")});
    const auto lines = std::count(listed.err.begin(), listed.err.end(), '\n');
    EXPECT_GT(lines, 3) << "who asks for the list is told all: " << listed.err;
    const Outcome played = faultctl.run({"play", "image-pull-backoff", "--seed", "7", "-c", "true", "--content", faultctl.path("pack")});
    EXPECT_EQ(std::count(played.err.begin(), played.err.end(), '\n'), 1) << played.err;
    for (const std::string& part : {file, std::string("Correct this"), std::to_string(lines - 1) + " more: `faultctl incidents`"})
        EXPECT_TRUE(contains(played.err, part)) << part << " in " << played.err;
}

} // namespace app::cli
