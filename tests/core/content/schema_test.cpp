#include "core/content/schema_check.h"

#include "core/content/read_json.h"
#include "tests/core/content/pack.h"

#include <gtest/gtest.h>

#include <fstream>

namespace core::content {

namespace {

using nlohmann::json;

DocumentSchema compiled(const json& schema)
{
    const auto made = DocumentSchema::compile(schema, "s.json");
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return *made;
}

/// The deviations of a document that was written with one value a line.
std::vector<std::string> deviations(const json& schema, const json& document)
{
    std::vector<std::string> texts;
    for (const sim::Error& error : compiled(schema).check(document, "f.json", document.dump(1)))
        texts.push_back(error.text());
    return texts;
}

/// Each of the repository's schemas.
json shipped(const std::string& kind)
{
    std::ifstream file(std::string(FAULTLINE_CONTENT) + "/schema/" + kind + ".schema.json");
    return json::parse(file);
}

} // namespace

TEST(Schema, AValidDocumentHasNoDeviations)
{
    const json schema{{"type", "object"}, {"required", {"id"}}, {"properties", {{"id", {{"type", "string"}}}}}};
    EXPECT_TRUE(deviations(schema, {{"id", "x"}}).empty());
}

TEST(Schema, ADeviationIsToldAtItsInnermostPlaceOnce)
{
    const json schema{{"properties", {{"list", {{"items", {{"properties", {{"n", {{"type", "integer"}}}}}}}}}}}};
    const auto told = deviations(schema, {{"list", {{{"n", 1}}, {{"n", "two"}}}}});
    ASSERT_EQ(told.size(), 1U) << testing::PrintToString(told);
    EXPECT_TRUE(contains(told[0], "f.json:7 /list/1/n: deviates from the schema")) << told[0];
    EXPECT_TRUE(contains(told[0], "Correct this value")) << told[0];
}

TEST(Schema, TwoDeviationsAreBothTold)
{
    const json schema{{"properties", {{"a", {{"type", "string"}}}, {"b", {{"type", "string"}}}}}};
    EXPECT_EQ(deviations(schema, {{"a", 1}, {"b", 2}}).size(), 2U);
}

TEST(Schema, ThereIsAnEndToTelling)
{
    const json schema{{"items", {{"type", "string"}}}};
    json list = json::array();
    for (int i = 0; i < 1000; ++i)
        list.push_back(i);
    const std::size_t told = deviations(schema, list).size();
    EXPECT_GT(told, 1U);
    EXPECT_LE(told, 20U);
}

TEST(Schema, OneThatIsNoneIsRefused)
{
    for (const json& schema : {json{{"type", 5}}, json{{"properties", 3}}, json{{"$ref", "#/definitions/nowhere"}}}) {
        const auto made = DocumentSchema::compile(schema, "s.json");
        ASSERT_FALSE(made) << schema.dump();
        EXPECT_TRUE(contains(made.error().text(), "s.json: is no usable JSON Schema")) << made.error().text();
    }
}

TEST(ShippedSchemas, AcceptThePackOfTheseTests)
{
    EXPECT_TRUE(deviations(shipped("incident"), slowShop()).empty());
    EXPECT_TRUE(deviations(shipped("module"), firstSteps()).empty());
    EXPECT_TRUE(deviations(shipped("glossary"), glossary()).empty());
}

/// Whatever the decoders take for granted must be refused when it is missing or of another type.
TEST(ShippedSchemas, RefuseWhatTheDecodersCouldNotRead)
{
    const std::map<std::string, json> documents{{"incident", slowShop()}, {"module", firstSteps()}, {"glossary", glossary()}};
    for (const auto& [kind, document] : documents) {
        const json schema = shipped(kind);
        const DocumentSchema check = compiled(schema);
        const json leaves = document.flatten();
        for (const auto& [pointer, leaf] : leaves.items()) {
            if (contains(pointer, "/parameters/")) // the fault's own
                continue;
            json changed = document;
            changed[json::json_pointer(pointer)] = leaf.is_string() ? json(17) : json("seventeen");
            EXPECT_FALSE(check.check(changed, "f.json", changed.dump(1)).empty()) << kind << pointer;
        }
        for (const auto& required : schema.at("required")) {
            json changed = document;
            changed.erase(required.get<std::string>());
            EXPECT_FALSE(check.check(changed, "f.json", changed.dump(1)).empty()) << kind << " without " << required;
        }
        json changed = document;
        changed["unheard-of"] = 1;
        EXPECT_FALSE(check.check(changed, "f.json", changed.dump(1)).empty()) << kind << " with a member nobody knows";
    }
}

} // namespace core::content
