#pragma once

#include "core/shell/commands/kubectl/json_text.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

/// kubectl's JSONPath templates: text with {.field}, {..deep}, [*], [0], [-1:], [a,b], ['key'],
/// [?(@.type=="Ready")], {range ...}{end}, {"literal\n"}, @ and $. Missing fields are no error.
class JsonPath {
public:
    /// Nothing, and `error` in kubectl's words, when the template is malformed.
    static std::optional<JsonPath> parse(std::string_view text, std::string& error);
    /// The same for a bare expression as --sort-by, custom-columns and `wait --for=jsonpath` take it:
    /// ".metadata.name", "metadata.name" and "{.metadata.name}".
    static std::optional<JsonPath> parseRelaxed(std::string_view text, std::string& error);

    /// What the template prints for the value. Nothing, and `error` filled, for an index out of bounds.
    std::optional<std::string> print(const Json& value, std::string& error) const;
    /// All values the template's expressions find.
    std::vector<const Json*> find(const Json& value) const;

    struct Node;

private:
    std::vector<std::shared_ptr<const Node>> m_nodes;
};

/// How a found value prints: strings bare, objects and lists as JSON.
std::string jsonPathText(const Json& value);

} // namespace core::shell::kubectl
