#include "core/content/schema_check.h"

#include "core/content/read_json.h"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <fmt/format.h>

#include <exception>
#include <set>

namespace core::content {

namespace {

// One wrong list can deviate in every item: enough to see the pattern, few enough to read.
constexpr std::size_t kMostProblems = 20;

/// {"<root>", "[causes]", "[0]"} -> "/causes/0"
nlohmann::json::json_pointer pointerOf(const std::vector<std::string>& context)
{
    nlohmann::json::json_pointer pointer;
    for (const std::string& token : context)
        if (token.size() >= 2 && token.front() == '[' && token.back() == ']')
            pointer /= token.substr(1, token.size() - 2);
    return pointer;
}

} // namespace

struct DocumentSchema::Compiled {
    valijson::Schema schema;
};

sim::Result<DocumentSchema> DocumentSchema::compile(const nlohmann::json& schema, const std::string& path)
{
    auto compiled = std::make_shared<Compiled>();
    try {
        const valijson::adapters::NlohmannJsonAdapter adapter(schema);
        valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, compiled->schema);
    } catch (const std::exception& error) {
        return sim::Error{fmt::format("is no usable JSON Schema: {}; restore it from the installation", error.what()), path};
    }
    DocumentSchema result;
    result.m_compiled = std::move(compiled);
    return result;
}

std::vector<sim::Error> DocumentSchema::check(const nlohmann::json& document, const std::string& path,
                                              const std::string& bytes) const
{
    std::vector<sim::Error> problems;
    valijson::ValidationResults results;
    try {
        const valijson::adapters::NlohmannJsonAdapter adapter(document);
        if (valijson::Validator().validate(m_compiled->schema, adapter, &results))
            return problems;
    } catch (const std::exception& error) {
        return {{fmt::format("could not be checked: {}", error.what()), path}};
    }
    std::set<std::string> told;
    valijson::ValidationResults::Error result;
    while (problems.size() < kMostProblems && results.popError(result)) {
        const auto pointer = pointerOf(result.context);
        // The validator repeats a deviation at every level above it; the innermost place comes first.
        const bool repeated = result.description.rfind("Failed to validate", 0) == 0 && !told.empty();
        if (repeated || !told.insert(pointer.to_string() + result.description).second)
            continue;
        problems.push_back({fmt::format("deviates from the schema: {} Correct this value; content/schema says what belongs here.",
                                        result.description), placeOf(path, bytes, pointer)});
    }
    return problems;
}

} // namespace core::content
