#include "core/shell/commands/kubectl/wait_condition.h"
#include "sim/engine/letters.h"

#include <algorithm>

namespace core::shell::kubectl {

namespace {

constexpr std::string_view kCondition = "condition=";
constexpr std::string_view kJsonPath = "jsonpath=";

/// Where the "=" stands that ends the path; one inside braces or brackets belongs to a filter.
std::size_t endOfPath(std::string_view text)
{
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{' || text[i] == '[')
            ++depth;
        else if (text[i] == '}' || text[i] == ']')
            --depth;
        else if (text[i] == '=' && depth == 0)
            return i;
    }
    return std::string_view::npos;
}

std::string unquoted(std::string text)
{
    const auto quote = [](char c) { return c == '\'' || c == '"'; };
    while (!text.empty() && quote(text.back()))
        text.pop_back();
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), quote));
    return text;
}

} // namespace

std::optional<WaitCondition> WaitCondition::parse(std::string_view text, std::string& error)
{
    WaitCondition wanted;
    if (sim::lowered(text) == "delete" || sim::lowered(text) == "create") {
        wanted.m_type = sim::lowered(text) == "delete" ? Type::Delete : Type::Create;
        return wanted;
    }
    if (text.substr(0, kCondition.size()) == kCondition) {
        const std::string_view rest = text.substr(kCondition.size());
        const std::size_t equals = rest.find('=');
        wanted.m_type = Type::Condition;
        wanted.m_name = sim::lowered(rest.substr(0, equals));
        wanted.m_value = equals == std::string_view::npos ? "true" : sim::lowered(rest.substr(equals + 1));
        return wanted;
    }
    if (text.substr(0, kJsonPath.size()) != kJsonPath) {
        error = "unrecognized condition: \"" + std::string(text) + "\"";
        return std::nullopt;
    }
    const std::string_view rest = text.substr(kJsonPath.size());
    const std::size_t equals = endOfPath(rest);
    if (rest.empty() || equals == 0) {
        error = "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
                "--for=jsonpath='{.status.readyReplicas}'";
        return std::nullopt;
    }
    wanted.m_type = Type::JsonPath;
    if (equals != std::string_view::npos) {
        wanted.m_value = unquoted(std::string(rest.substr(equals + 1)));
        if (wanted.m_value->empty()) {
            error = "jsonpath wait has to have a value after equal sign, like "
                    "--for=jsonpath='{.status.readyReplicas}'=3";
            return std::nullopt;
        }
    }
    wanted.m_path = JsonPath::parseRelaxed(rest.substr(0, equals), error);
    if (!wanted.m_path)
        return std::nullopt;
    return wanted;
}

bool WaitCondition::met(const Json& object, std::string& error) const
{
    if (m_type == Type::JsonPath) {
        const auto values = m_path->find(object);
        if (values.size() > 1) {
            error = "given jsonpath expression matches more than one value";
            return false;
        }
        if (values.empty())
            return false;
        if (m_value && (values[0]->is_object() || values[0]->is_array())) {
            error = "jsonpath leads to a nested object or list, only single value is supported";
            return false;
        }
        return !m_value || jsonPathText(*values[0]) == *m_value;
    }
    const std::int64_t generation = numberAt(object, {"metadata", "generation"});
    const Json& conditions = at(object, {"status", "conditions"});
    if (!conditions.is_array())
        return false;
    for (const Json& condition : conditions) {
        if (sim::lowered(textAt(condition, {"type"})) != m_name)
            continue;
        // A status of before the last change says nothing about it.
        const std::int64_t observed = numberAt(object, {"status", "observedGeneration"}, generation);
        return observed >= generation && sim::lowered(textAt(condition, {"status"})) == m_value;
    }
    return false;
}

} // namespace core::shell::kubectl
