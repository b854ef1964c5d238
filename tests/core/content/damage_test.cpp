#include "core/content/library.h"

#include "sim/engine/random.h"
#include "tests/core/content/pack.h"
#include "tests/support/own_process.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <ostream>

#include <sys/stat.h>

namespace core::content {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFile = "incidents/slow-shop.json";

/// Everything but the damaged incident is there, and what is wrong is told of it alone.
void expectTheRest(const Pack& pack, const Library& library)
{
    EXPECT_EQ(library.incident("slow-shop"), nullptr) << "a damaged incident must not be played";
    EXPECT_NE(library.incident("quiet-shop"), nullptr) << problemsOf(library);
    EXPECT_NE(library.module("first-steps"), nullptr) << problemsOf(library);
    EXPECT_EQ(library.glossary.size(), 2U) << problemsOf(library);
    EXPECT_EQ(library.topologies.size(), 1U) << problemsOf(library);
    EXPECT_TRUE(hasProblem(library, {"\"first-steps\"", "\"slow-shop\"", "correct the list"})) << problemsOf(library);
    for (const sim::Error& problem : library.problems)
        EXPECT_TRUE(contains(problem.where, pack.path(kFile)) || problem.where == "modules") << problem.text();
}

/// A change to the JSON of the incident, where it must be told, and what must be said.
struct WrongValue {
    std::string name;
    std::function<void(json&)> damage;
    std::string onLineWith;
    std::string pointer;
    std::vector<std::string> says;
};

void PrintTo(const WrongValue& wrong, std::ostream* out)
{
    *out << wrong.name;
}

json& cause(json& incident, std::size_t i) { return incident["causes"][i]; }
json& fact(json& incident, std::size_t i) { return incident["facts"][i]; }

std::vector<WrongValue> wrongValues()
{
    const std::string schema = "deviates from the schema";
    return {
        {"ATextIsANumber", [](json& i) { i["title"] = 4711; }, "4711", "/title", {schema, "Correct this value"}},
        {"ATextLacksChinese", [](json& i) { cause(i, 0)["means"] = {{"en", "Only this"}}; }, "\"means\"", "/causes/0/means",
         {schema}},
        {"AMemberIsMissing", [](json& i) { cause(i, 1).erase("mechanism"); }, "{", "/causes/1", {schema, "mechanism"}},
        {"AMemberIsMisspelt", [](json& i) { fact(i, 0)["supprts"] = json::array(); }, "{", "/facts/0", {schema, "supprts"}},
        {"APredicateIsUnknown", [](json& i) { i["intact"] = {{"everything_fine", json::object()}}; }, "\"intact\"", "/intact",
         {schema}},
        {"ASupportedCauseIsUnknown", [](json& i) { fact(i, 0)["supports"] = {"wrong-tag", "wrong-tga"}; }, "\"wrong-tga\"",
         "/facts/0/supports/1", {"unknown cause \"wrong-tga\"", "correct the name"}},
        {"ARefutedCauseIsUnknown", [](json& i) { fact(i, 0)["refutes"] = {"node-ingress"}; }, "\"node-ingress\"",
         "/facts/0/refutes/0", {"unknown cause \"node-ingress\"", "correct the name"}},
        {"AnInferenceRefutesAnUnknownCause", [](json& i) { i["inferences"][0]["refutes"] = {"moon-phase"}; }, "\"moon-phase\"",
         "/inferences/0/refutes/0", {"unknown cause \"moon-phase\"", "correct the name"}},
        {"AnInferenceNamesAnUnknownFact", [](json& i) { i["inferences"][0]["facts"][1] = {"pulls-agian"}; }, "\"pulls-agian\"",
         "/inferences/0/facts/1/0", {"unknown fact \"pulls-agian\"", "correct the name"}},
        {"AFactNamesAnUnknownVariant", [](json& i) { fact(i, 0)["variants"] = {"digest"}; }, "\"digest\"", "/facts/0/variants/0",
         {"unknown variant \"digest\"", "correct the name"}},
        {"AFactNamesAnUnknownLayer", [](json& i) { fact(i, 0)["layer"] = "switch"; }, "\"switch\"", "/facts/0/layer",
         {"unknown layer \"switch\"", "define it"}},
        {"HintsOfAnUnknownCause", [](json& i) { i["hints"]["wrong-tga"] = {{"h0", bothLanguages("a", "b")}}; }, "\"wrong-tga\"",
         "/hints/wrong-tga", {"hints of the unknown cause", "correct the name"}},
        {"ACauseIsDefinedTwice", [](json& i) { cause(i, 1)["id"] = "wrong-tag"; }, "", "/causes/1/id",
         {"the cause \"wrong-tag\" is defined twice", "rename one"}},
        {"AFactIsDefinedTwice", [](json& i) { fact(i, 1)["id"] = "tag-missing"; }, "", "/facts/1/id",
         {"the fact \"tag-missing\" is defined twice", "rename one"}},
        {"AFactContradictsItself", [](json& i) { fact(i, 0)["refutes"] = {"wrong-tag"}; }, "", "/facts/0",
         {"both supports and refutes \"wrong-tag\"", "drop one"}},
        {"AVariantLacksItsScript", [](json& i) { cause(i, 0)["variants"] = {"tag", "name", "digest"}; }, "\"reference\"",
         "/causes/0/reference", {"lacks a script for the variant \"digest\"", "add one"}},
        {"AScriptIsOfAnUnknownVariant", [](json& i) { cause(i, 0)["reference"]["digest"] = {"# close"}; }, "\"digest\"",
         "/causes/0/reference/digest", {"unknown variant \"digest\"", "list it"}},
        {"APatternDoesNotCompile", [](json& i) { fact(i, 0)["matchers"][0]["pattern"] = "(open"; }, "\"(open\"",
         "/facts/0/matchers/0/pattern", {"is no regular expression", "correct it"}},
        {"AnUnlessDoesNotCompile", [](json& i) { fact(i, 0)["matchers"][0]["unless"] = "*star"; }, "\"*star\"",
         "/facts/0/matchers/0/unless", {"is no regular expression", "correct it"}},
        {"AMitigationsPatternDoesNotCompile", [](json& i) { i["mitigations"][0]["result"] = "[z-a]"; }, "\"[z-a]\"",
         "/mitigations/0/result", {"is no regular expression", "correct it"}},
        {"AnIdIsNoFileName", [](json& i) { fact(i, 1)["id"] = "../Served here"; }, "\"../Served here\"", "/facts/1/id",
         {"lower-case letters", "rename it"}},
        {"AnIdIsTooLong", [](json& i) { fact(i, 1)["id"] = std::string(65, 'x'); }, std::string(65, 'x'), "/facts/1/id",
         {"at most 64", "rename it"}},
        {"ATextFileIsMissing", [](json& i) { i["lesson"] = {{"file", "slow-shop-lesson"}}; }, "\"lesson\"", "/lesson",
         {"slow-shop-lesson.en.md is missing", "write it"}},
        {"ATextFileIsElsewhere", [](json& i) { i["lesson"] = {{"file", "../../../../etc/motd"}}; }, "\"lesson\"", "/lesson",
         {"lies beside this one", "without a folder"}},
    };
}

class Damage : public testing::TestWithParam<WrongValue> { };

TEST_P(Damage, IsToldWithFileLineAndRemedyAndTheRestLoads)
{
    const Pack pack;
    json incident = slowShop();
    GetParam().damage(incident);
    pack.write(kFile, incident);
    const Library library = pack.load();
    std::vector<std::string> parts = GetParam().says;
    parts.push_back(pack.path(kFile) + ":");
    parts.push_back(" " + GetParam().pointer);
    if (GetParam().onLineWith.size() > 1) {
        const int line = lineWith(pack.read(kFile), GetParam().onLineWith);
        parts.push_back(pack.path(kFile) + ":" + std::to_string(line) + " " + GetParam().pointer);
    }
    EXPECT_TRUE(hasProblem(library, parts)) << testing::PrintToString(parts) << "\namong\n" << problemsOf(library);
    expectTheRest(pack, library);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Damage, testing::ValuesIn(wrongValues()), [](const auto& one) { return one.param.name; });

} // namespace

TEST(DamagedFile, CutOffAnywhereItIsTold)
{
    const Pack pack;
    const std::string whole = slowShop().dump(1);
    for (const std::size_t length : {std::size_t(0), std::size_t(1), whole.size() / 3, whole.size() / 2, whole.size() - 1}) {
        const std::string part = whole.substr(0, length);
        pack.write(kFile, std::string_view(part));
        const Library library = pack.load();
        const int lastLine = lineWith(part + "\x01", "\x01");
        EXPECT_TRUE(hasProblem(library, {pack.path(kFile) + ":" + std::to_string(lastLine), "is no valid JSON", "correct"}))
            << "cut at " << length << ": " << problemsOf(library);
        expectTheRest(pack, library);
    }
}

TEST(DamagedFile, ASlipOfThePenIsToldOnItsLine)
{
    const Pack pack;
    std::string text = slowShop().dump(1);
    const std::size_t comma = text.find(",\n \"healthy\"");
    ASSERT_NE(comma, std::string::npos);
    text.insert(comma, " ,");
    pack.write(kFile, std::string_view(text));
    const Library library = pack.load();
    const int line = lineWith(text, ",\n \"healthy\"");
    EXPECT_TRUE(hasProblem(library, {pack.path(kFile) + ":" + std::to_string(line), "is no valid JSON", "correct"}))
        << problemsOf(library);
    expectTheRest(pack, library);
}

TEST(DamagedFile, AKeyGivenTwiceIsToldOnItsLine)
{
    const Pack pack;
    std::string text = slowShop().dump(1);
    text.insert(text.rfind('}'), ",\n\n \"title\": {\"en\": \"Another\", \"zh\": \"另一个\"}\n");
    pack.write(kFile, std::string_view(text));
    const Library library = pack.load();
    const int line = lineWith(text, "\"title\": {\"en\": \"Another\"");
    EXPECT_TRUE(hasProblem(library, {pack.path(kFile) + ":" + std::to_string(line), "the key \"title\" twice", "keep one"}))
        << problemsOf(library);
    expectTheRest(pack, library);
}

TEST(DamagedFile, DeepNestingIsTold)
{
    const Pack pack;
    for (const std::size_t depth : {std::size_t(70), std::size_t(1'000'000)}) {
        pack.write(kFile, std::string_view("{\n\"names\": " + std::string(depth, '[') + std::string(depth, ']') + "}"));
        const Library library = pack.load();
        EXPECT_TRUE(hasProblem(library, {pack.path(kFile) + ":2", "nested deeper than 64", "flatten"})) << problemsOf(library);
        expectTheRest(pack, library);
    }
}

TEST(DamagedFile, ATextFileInOneLanguageOnlyIsTold)
{
    const Pack pack;
    const std::string place = pack.path(kFile) + ":" + std::to_string(lineWith(pack.read(kFile), "\"brief\"")) + " /brief";
    pack.write("incidents/slow-shop-brief.zh.md", std::string_view(""));
    EXPECT_TRUE(hasProblem(pack.load(), {place, "slow-shop-brief.zh.md is missing or empty", "write it"}))
        << problemsOf(pack.load());
    fs::remove(pack.path("incidents/slow-shop-brief.zh.md"));
    EXPECT_TRUE(hasProblem(pack.load(), {place, "slow-shop-brief.zh.md is missing or empty", "write it"}))
        << problemsOf(pack.load());
    expectTheRest(pack, pack.load());
}

TEST(DamagedFile, SeventeenMebibytesAreTooMany)
{
    const Pack pack;
    fs::resize_file(pack.path(kFile), 17U << 20U);
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path(kFile), "larger than 16 MiB", "split it"})) << problemsOf(library);
    expectTheRest(pack, library);
}

TEST(DamagedFile, BytesThatAreNoTextAreTold)
{
    const Pack pack;
    for (const std::string_view bytes : {std::string_view("{\"id\": \"a\xff\xfe\"}"), std::string_view("\0\0\0\0", 4),
                                         std::string_view("\x89PNG\r\n\x1a\n")}) {
        pack.write(kFile, bytes);
        const Library library = pack.load();
        EXPECT_TRUE(hasProblem(library, {pack.path(kFile) + ":1", "is no valid JSON", "correct"})) << problemsOf(library);
        expectTheRest(pack, library);
    }
}

TEST(DamagedFile, AListInPlaceOfAnObjectIsTold)
{
    const Pack pack;
    for (const char* text : {"[]", "null", "3", "\"slow-shop\""}) {
        pack.write(kFile, std::string_view(text));
        const Library library = pack.load();
        EXPECT_TRUE(hasProblem(library, {pack.path(kFile) + ":1", "deviates from the schema"})) << text << problemsOf(library);
        expectTheRest(pack, library);
    }
}

TEST(DamagedFile, WhatIsNoFileIsTold)
{
    const Pack pack;
    const auto expectTold = [&](const char* what) {
        const Library library = pack.load();
        EXPECT_TRUE(hasProblem(library, {pack.path(kFile), "no readable file", "restore it"})) << what << problemsOf(library);
        expectTheRest(pack, library);
    };
    fs::remove(pack.path(kFile));
    fs::create_directory(pack.path(kFile));
    expectTold("a folder");
    fs::remove(pack.path(kFile));
    fs::create_symlink("gone.json", pack.path(kFile));
    expectTold("a link to nowhere");
    fs::remove(pack.path(kFile));
    ASSERT_EQ(::mkfifo(pack.path(kFile).c_str(), 0644), 0);
    expectTold("a pipe that nobody writes to");
}

TEST(DamagedFile, WhatTheDiskCannotGiveIsTold)
{
    // This file opens and then fails to be read, as on a bad sector.
    const Pack pack;
    fs::remove(pack.path(kFile));
    fs::create_symlink("/proc/self/mem", pack.path(kFile));
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path(kFile), "cannot be read"})) << problemsOf(library);
    expectTheRest(pack, library);
}

TEST(DamagedFile, WhatTheUserMayNotReadIsTold)
{
    const Pack pack;
    fs::permissions(pack.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    fs::permissions(pack.path(kFile), fs::perms::none);
    const std::string told = tests::asOrdinaryUser([&] {
        const Library library = pack.load();
        return problemsOf(library) + (library.incident("quiet-shop") != nullptr ? "the rest loaded" : "the rest is lost");
    });
    EXPECT_TRUE(contains(told, pack.path(kFile) + ": cannot be read; check its permissions")) << told;
    EXPECT_TRUE(contains(told, "the rest loaded")) << told;
}

TEST(DamagedPack, AnIdInTwoFilesOfAFolderIsTold)
{
    const Pack pack;
    json other = quietShop();
    other["title"] = bothLanguages("The second", "第二个");
    pack.write("incidents/zz-copy.json", other);
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path("incidents/zz-copy.json"), "\"quiet-shop\" a second time", "rename it"}))
        << problemsOf(library);
    EXPECT_EQ(library.problems.size(), 1U) << problemsOf(library);
    EXPECT_EQ(library.incidents.size(), 2U);
    EXPECT_EQ(library.incident("quiet-shop")->title.en, "The shop is quiet");
}

TEST(DamagedPack, OfManyFilesWithOneIdTheFirstByNameStays)
{
    const Pack pack;
    for (const char* name : {"q", "c", "x", "b", "m", "z", "d", "a", "k", "y", "e", "w"}) {
        json module = firstSteps();
        module["id"] = "same";
        module["title"] = bothLanguages(name, name);
        pack.write(std::string("modules/") + name + ".json", module);
    }
    const Library library = pack.load();
    EXPECT_EQ(library.problems.size(), 11U) << problemsOf(library);
    ASSERT_NE(library.module("same"), nullptr);
    EXPECT_EQ(library.module("same")->title.en, "a");
}

TEST(DamagedPack, ATermInTwoFilesIsToldAndTheSecondFileLeftOut)
{
    const Pack pack;
    json words = glossary();
    words["terms"][0]["id"] = "digest";
    words["terms"][1]["definition"] = bothLanguages("Something else.", "别的东西。");
    pack.write("glossary/zz-words.json", words);
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path("glossary/zz-words.json"), "\"pod\" a second time"})) << problemsOf(library);
    ASSERT_EQ(library.glossary.size(), 2U);
    EXPECT_EQ(library.glossary[0].definition.en, "Containers that live together.");
}

TEST(DamagedPack, WithoutASchemaItsKindIsLeftOut)
{
    const Pack pack;
    fs::remove(pack.path("schema/incident.schema.json"));
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path("schema/incident.schema.json"), "no incident is loaded", "reinstall"}))
        << problemsOf(library);
    EXPECT_TRUE(library.incidents.empty());
    EXPECT_EQ(library.modules.size(), 1U);
    EXPECT_EQ(library.glossary.size(), 2U);
    EXPECT_EQ(library.topologies.size(), 1U);
}

TEST(DamagedPack, ADamagedSchemaIsTold)
{
    const Pack pack;
    pack.write("schema/module.schema.json", std::string_view("{\n\"type\": \"object\",\n}"));
    Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path("schema/module.schema.json:3"), "is no valid JSON"})) << problemsOf(library);
    EXPECT_TRUE(library.modules.empty());
    EXPECT_EQ(library.incidents.size(), 2U);

    pack.write("schema/module.schema.json", std::string_view("{\"type\": 5}"));
    library = pack.load();
    EXPECT_TRUE(hasProblem(library, {pack.path("schema/module.schema.json"), "no usable JSON Schema", "restore it"}))
        << problemsOf(library);
    EXPECT_TRUE(library.modules.empty());
}

TEST(DamagedPack, AMissingModuleIsToldAndTheIncidentStays)
{
    const Pack pack;
    fs::remove(pack.path("modules/first-steps.json"));
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {"\"first-steps\"", "\"slow-shop\"", "add content/modules/first-steps.json"}))
        << problemsOf(library);
    EXPECT_EQ(library.incidents.size(), 2U);
}

TEST(DamagedPack, AModulesUnknownIncidentIsTold)
{
    const Pack pack;
    json module = firstSteps();
    module["incidents"].push_back("slow-shpo");
    pack.write("modules/first-steps.json", module);
    EXPECT_TRUE(hasProblem(pack.load(), {"\"first-steps\"", "\"slow-shpo\"", "does not exist", "correct the list"}))
        << problemsOf(pack.load());
}

TEST(DamagedPack, ATermThatPointsNowhereIsTold)
{
    const Pack pack;
    json words = glossary();
    words["terms"][1]["seeAlso"] = {"regsitry"};
    pack.write("glossary/words.json", words);
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {"\"pod\"", "\"regsitry\"", "correct it"})) << problemsOf(library);
    EXPECT_EQ(library.glossary.size(), 2U);
}

TEST(DamagedPack, AllProblemsAreToldAtOnce)
{
    const Pack pack;
    json incident = slowShop();
    fact(incident, 0)["supports"] = {"nobody"};
    fact(incident, 1)["matchers"][0]["pattern"] = "(";
    pack.write(kFile, incident);
    pack.write("modules/first-steps.json", std::string_view("{"));
    fs::remove(pack.path("schema/glossary.schema.json"));
    const Library library = pack.load();
    for (const char* says : {"\"nobody\"", "no regular expression", "no valid JSON", "no glossary is loaded"})
        EXPECT_TRUE(hasProblem(library, {says})) << says << "\n" << problemsOf(library);
    EXPECT_NE(library.incident("quiet-shop"), nullptr);
}

TEST(DamagedPack, OneBadListDoesNotFloodTheReader)
{
    const Pack pack;
    json incident = slowShop();
    for (int i = 0; i < 500; ++i)
        incident["obviousCommands"].push_back(i);
    pack.write(kFile, incident);
    const Library library = pack.load();
    EXPECT_TRUE(hasProblem(library, {"/obviousCommands/"})) << problemsOf(library);
    EXPECT_LE(library.problems.size(), 25U);
    expectTheRest(pack, library);
}

TEST(DamagedPack, NoChangeOfBytesCrashesTheLoader)
{
    const Pack pack;
    const std::string whole = slowShop().dump(1);
    sim::RandomStream random(1, "damage");
    for (int i = 0; i < 150; ++i) {
        std::string damaged = whole;
        for (std::uint64_t k = 0; k <= random.below(3); ++k)
            damaged[random.below(damaged.size())] = "\"{}[]:,0a\\ \n\xff"[random.below(12)];
        pack.write(kFile, std::string_view(damaged));
        const Library library = pack.load();
        ASSERT_NE(library.incident("quiet-shop"), nullptr) << damaged;
        EXPECT_EQ(library.incident("slow-shop") == nullptr, hasProblem(library, {pack.path(kFile)})) << damaged;
    }
}

} // namespace core::content
