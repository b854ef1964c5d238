#include "core/content/library.h"

#include "tests/core/content/pack.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace core::content {

TEST(Library, LoadsAWholePack)
{
    const Pack pack;
    const Library library = pack.load();
    EXPECT_EQ(problemsOf(library), "");
    ASSERT_EQ(library.incidents.size(), 2U);
    EXPECT_EQ(library.incidents[0].id, "quiet-shop");
    EXPECT_EQ(library.incidents[1].id, "slow-shop");
    ASSERT_EQ(library.modules.size(), 1U);
    EXPECT_EQ(library.modules[0].title.zh, "第一步");
    EXPECT_EQ(library.modules[0].incidents, (std::vector<std::string>{"slow-shop", "quiet-shop"}));
    ASSERT_EQ(library.glossary.size(), 2U);
    EXPECT_EQ(library.glossary[0].id, "pod");
    EXPECT_EQ(library.glossary[0].area, "kubernetes");
    EXPECT_EQ(library.glossary[0].seeAlso, std::vector<std::string>{"registry"});
    EXPECT_EQ(library.topologies.size(), 1U);
    EXPECT_EQ(library.topologies.at("tiny").at("id"), "tiny");
    EXPECT_EQ(library.incident("nothing-of-that-name"), nullptr);
    EXPECT_EQ(library.module("nothing-of-that-name"), nullptr);
}

TEST(Library, AnIncidentHasAllItsParts)
{
    const Pack pack;
    const Library library = pack.load();
    const Incident* incident = library.incident("slow-shop");
    ASSERT_NE(incident, nullptr) << problemsOf(library);
    EXPECT_EQ(incident->area, "kubernetes");
    EXPECT_EQ(incident->topology, "tiny");
    EXPECT_EQ(incident->service, "shop/checkout");
    EXPECT_EQ(incident->title.en, "The shop is slow");
    EXPECT_EQ(incident->title.in(Language::Chinese), "商店变慢");
    EXPECT_EQ(incident->names.at("registry"), "registry.lab:5000");
    EXPECT_EQ(incident->layers.at("node").zh, "节点");
    EXPECT_EQ(incident->impact.sliTarget, 0.95);
    EXPECT_EQ(incident->impact.parSeconds, 600);
    EXPECT_EQ(incident->impact.allowanceSeconds, 1200);
    EXPECT_EQ(incident->impact.dollarsPerRequest, 0.25);
    EXPECT_TRUE(incident->healthy.contains("all"));
    EXPECT_TRUE(incident->intact.contains("nodes_schedulable"));
    EXPECT_EQ(incident->obviousCommands.size(), 2U);
    ASSERT_EQ(incident->mitigations.size(), 1U);
    EXPECT_EQ(incident->mitigations[0].changes, "deployment/shop/checkout");
    EXPECT_EQ(incident->mitigations[0].result, "{good_image}");
    ASSERT_EQ(incident->inferences.size(), 1U);
    EXPECT_EQ(incident->inferences[0].refutes, std::vector<std::string>{"node-egress"});
    EXPECT_EQ(incident->inferences[0].facts,
              (std::vector<std::vector<std::string>>{{"tag-missing", "served"}, {"pulls-again"}}));

    const Cause* cause = incident->cause("wrong-tag");
    ASSERT_NE(cause, nullptr);
    EXPECT_EQ(cause->mechanism, "image");
    EXPECT_EQ(cause->faultId, "image-pull-backoff");
    EXPECT_EQ(cause->parameters.at("depth"), 1);
    EXPECT_EQ(cause->necessary, std::vector<std::string>{"deployment/shop/checkout"});
    EXPECT_TRUE(cause->healed.contains("image_exists"));
    EXPECT_EQ(cause->explanation.en, "A typo.");
    EXPECT_EQ(cause->prevention.zh, "固定摘要。");

    const Fact* fact = incident->fact("tag-missing");
    ASSERT_NE(fact, nullptr);
    ASSERT_EQ(fact->matchers.size(), 1U);
    EXPECT_EQ(fact->matchers[0].reads, "http/*&from/bastion");
    EXPECT_EQ(fact->matchers[0].pattern, R"("tags":\[)");
    EXPECT_EQ(fact->matchers[0].unless, "{image_tag}");
    EXPECT_EQ(fact->supports, std::vector<std::string>{"wrong-tag"});
    EXPECT_EQ(fact->refutes, std::vector<std::string>{"node-egress"});
    EXPECT_EQ(fact->variants, std::vector<std::string>{"tag"});
    EXPECT_EQ(fact->layer, "node");
    EXPECT_EQ(fact->signal.en, "the tags");
    EXPECT_EQ(fact->command, "curl {registry}/v2/");
    EXPECT_EQ(fact->recovery, Fact::Recovery::No);
    EXPECT_EQ(incident->fact("served")->recovery, Fact::Recovery::UserFacing);
    EXPECT_EQ(incident->fact("pulls-again")->recovery, Fact::Recovery::CauseSpecific);
}

TEST(Library, ATextMayLieInTwoFilesBesideTheJson)
{
    const Pack pack;
    const Library library = pack.load();
    EXPECT_EQ(library.incident("slow-shop")->brief.en, "Find out why **the shop** is slow.\n");
    EXPECT_EQ(library.incident("slow-shop")->brief.zh, "查明**商店**为何变慢。\n");
}

TEST(Library, WhatIsLeftOutHasItsDefault)
{
    const Pack pack;
    nlohmann::json incident = quietShop();
    for (const char* optional : {"impact", "names", "layers", "hints", "inferences", "mitigations"})
        incident.erase(optional);
    for (auto& fact : incident["facts"])
        fact.erase("layer");
    pack.write("incidents/quiet-shop.json", incident);
    const Library library = pack.load();
    EXPECT_EQ(problemsOf(library), "");
    const Incident* loaded = library.incident("quiet-shop");
    ASSERT_NE(loaded, nullptr);
    EXPECT_EQ(loaded->impact.sliTarget, Impact().sliTarget);
    EXPECT_EQ(loaded->impact.parSeconds, Impact().parSeconds);
    EXPECT_TRUE(loaded->names.empty());
    EXPECT_TRUE(loaded->inferences.empty());
    ASSERT_EQ(loaded->hints.at("wrong-tag").size(), 6U);
    EXPECT_EQ(loaded->hints.at("wrong-tag")[1].text.en, "") << "to be computed when the rung is taken";
}

TEST(Library, ACausesOwnHintGoesBeforeTheOneForAny)
{
    const Pack pack;
    const Library library = pack.load();
    const auto& hints = library.incident("slow-shop")->hints;
    ASSERT_EQ(hints.at("wrong-tag").size(), 6U);
    ASSERT_EQ(hints.at("node-egress").size(), 6U);
    EXPECT_EQ(hints.at("wrong-tag")[0].text.en, "What changed?");
    EXPECT_EQ(hints.at("wrong-tag")[1].text.en, "Look at the image.");
    EXPECT_EQ(hints.at("node-egress")[1].text.en, "Look around.");
    EXPECT_EQ(hints.at("node-egress")[2].text.en, "");
    std::vector<double> factors;
    for (const Hint& hint : hints.at("node-egress"))
        factors.push_back(hint.factor);
    EXPECT_EQ(factors, (std::vector<double>{1, 0.95, 0.9, 0.8, 0.6, 0.3}));
}

TEST(Library, AReferenceScriptIsOneForAllOrOneAVariant)
{
    const Pack pack;
    const Library library = pack.load();
    const Incident* incident = library.incident("slow-shop");
    EXPECT_EQ(incident->cause("wrong-tag")->referenceFor("tag"), "# acknowledge\nkubectl get pods\n");
    EXPECT_EQ(incident->cause("wrong-tag")->referenceFor("name"), "# close\n");
    EXPECT_EQ(incident->cause("wrong-tag")->referenceFor("unheard-of"), "");
    EXPECT_EQ(incident->cause("node-egress")->referenceFor("any-variant"), "# close\n");
}

TEST(Library, AnIncidentTakesPhaseAndNumberFromItsModule)
{
    const Pack pack;
    const Library library = pack.load();
    EXPECT_EQ(library.incident("slow-shop")->phase, 2);
    EXPECT_EQ(library.incident("slow-shop")->moduleNumber, 3);
    EXPECT_EQ(library.incident("slow-shop")->moduleTitle.en, "First steps");
}

TEST(Library, ModulesComeByNumber)
{
    const Pack pack;
    nlohmann::json before = firstSteps();
    before["id"] = "zeroth-steps";
    before["number"] = 1;
    pack.write("modules/zeroth-steps.json", before);
    const Library library = pack.load();
    ASSERT_EQ(library.modules.size(), 2U);
    EXPECT_EQ(library.modules[0].id, "zeroth-steps");
    EXPECT_EQ(library.modules[1].id, "first-steps");
}

TEST(Library, FilesOfOtherKindsAreNoContent)
{
    const Pack pack;
    pack.write("incidents/README.md", std::string_view("not an incident"));
    pack.write("incidents/slow-shop.json~", std::string_view("an editor's copy"));
    pack.write("notes.json", std::string_view("{"));
    EXPECT_EQ(problemsOf(pack.load()), "");
    EXPECT_EQ(pack.load().incidents.size(), 2U);
}

TEST(Library, ATopologyMayAddToAnother)
{
    const Pack pack;
    const nlohmann::json tiny = pack.load().topologies.at("tiny");
    // Its name comes first: the order of files is not the order of topologies.
    nlohmann::json big{{"id", "big"}, {"extends", "tiny"}, {"title", bothLanguages("Big", "大")},
                       {"manifests", nlohmann::json::array({{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "more"}}}}})}};
    pack.write("topologies/big.json", big);
    const Library library = pack.load();
    EXPECT_EQ(problemsOf(library), "");
    const nlohmann::json& joined = library.topologies.at("big");
    EXPECT_EQ(joined.at("machines"), tiny.at("machines"));
    EXPECT_EQ(joined.at("title").at("en"), "Big");
    EXPECT_EQ(joined.at("manifests").size(), tiny.at("manifests").size() + 1);
    EXPECT_EQ(joined.at("manifests").back().at("metadata").at("name"), "more");
    EXPECT_EQ(library.topologies.at("tiny"), tiny);

    // What is there by its name is extended where it stands; a list of words gets longer.
    big["machines"] = nlohmann::json::array({{{"name", tiny.at("machines").at(0).at("name")}, {"cpus", 99}}});
    big["names"] = {{"more.lab", "10.0.0.9"}};
    pack.write("topologies/big.json", big);
    const nlohmann::json patched = pack.load().topologies.at("big");
    EXPECT_EQ(patched.at("machines").size(), tiny.at("machines").size());
    EXPECT_EQ(patched.at("machines").at(0).at("cpus"), 99);
    EXPECT_EQ(patched.at("machines").at(0).at("role"), tiny.at("machines").at(0).at("role"));
    EXPECT_EQ(patched.at("names").size(), tiny.at("names").size() + 1);

    big["extends"] = "nowhere";
    pack.write("topologies/big.json", big);
    const Library broken = pack.load();
    EXPECT_TRUE(hasProblem(broken, {pack.path("topologies/big.json"), "\"nowhere\"", "correct it"})) << problemsOf(broken);
    EXPECT_EQ(broken.topologies.size(), 1U);
}

TEST(Library, AByteOrderMarkIsNoDamage)
{
    const Pack pack;
    pack.write("modules/first-steps.json", std::string_view("\xEF\xBB\xBF" + firstSteps().dump()));
    EXPECT_EQ(problemsOf(pack.load()), "");
    EXPECT_NE(pack.load().module("first-steps"), nullptr);
}

TEST(ContentHash, TheSameContentElsewhereHasTheSameHash)
{
    const Pack one;
    const Pack two;
    EXPECT_EQ(one.load().hash, two.load().hash);
    EXPECT_NE(one.load().hash, 0U);
}

TEST(ContentHash, AnyByteThatARunDependsOnChangesIt)
{
    const Pack pack;
    const std::uint64_t before = pack.load().hash;
    for (const char* file : {"incidents/slow-shop.json", "incidents/slow-shop-brief.zh.md", "topologies/tiny.json",
                             "modules/first-steps.json", "glossary/words.json"}) {
        const std::string text = pack.read(file);
        pack.write(file, std::string_view(text + " "));
        EXPECT_NE(pack.load().hash, before) << file;
        pack.write(file, std::string_view(text));
        EXPECT_EQ(pack.load().hash, before) << file;
    }
}

TEST(ContentHash, AnAddedRenamedOrRemovedFileChangesIt)
{
    const Pack pack;
    const std::uint64_t before = pack.load().hash;
    std::filesystem::rename(pack.path("glossary/words.json"), pack.path("glossary/verbs.json"));
    const std::uint64_t renamed = pack.load().hash;
    EXPECT_NE(renamed, before);
    pack.write("glossary/more.md", std::string_view(""));
    const std::uint64_t added = pack.load().hash;
    EXPECT_NE(added, renamed);
    std::filesystem::remove(pack.path("glossary/verbs.json"));
    EXPECT_NE(pack.load().hash, added);
}

TEST(ContentHash, SchemasDecideNothingAboutARun)
{
    const Pack pack;
    const std::uint64_t before = pack.load().hash;
    const std::string schema = pack.read("schema/module.schema.json");
    pack.write("schema/module.schema.json", std::string_view(schema + "\n"));
    EXPECT_EQ(pack.load().hash, before);
}

TEST(ContentHash, SaysWhichFolderComesFirst)
{
    const Pack one;
    const Pack two;
    two.write("modules/more.json", std::string_view("{}"));
    EXPECT_NE(load({one.path(), two.path()}).hash, load({two.path(), one.path()}).hash);
}

TEST(ContentHash, SaysWhichFolderAFileIsIn)
{
    const TemporaryFolder one;
    const TemporaryFolder two;
    one.write("modules/a.json", std::string_view("{}"));
    two.write("topologies/b.json", std::string_view("{}"));
    const std::uint64_t apart = load({one.path(), two.path()}).hash;
    std::filesystem::remove(two.path("topologies/b.json"));
    one.write("topologies/b.json", std::string_view("{}"));
    EXPECT_NE(load({one.path(), two.path()}).hash, apart);
}

} // namespace core::content
