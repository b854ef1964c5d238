#pragma once

#include "core/shell/commands/kubectl/jsonpath.h"

namespace core::shell::kubectl {

using JsonPathNodes = std::vector<std::shared_ptr<const JsonPath::Node>>;

/// One step of a template. Steps of an expression apply one after the other to what was found so far.
struct JsonPath::Node {
    enum class Type : std::uint8_t {
        Text,      ///< literal outside braces, or a quoted literal inside
        Path,      ///< {expression}: `steps`
        Range,     ///< {range expression} body {end}: `steps`, `body`
        Field,     ///< .name
        Wildcard,  ///< .* or [*]
        Recursive, ///< ..: the value and everything below
        Slice,     ///< [from:to:step]
        Union,     ///< [a,b]: `branches`
        Filter,    ///< [?(left op right)]: `branches` (left, right), `text` the operator
        Root,      ///< $
        Current,   ///< @
        Number,    ///< a literal in a filter
        Bool,
    };
    Type type = Type::Text;
    std::string text;
    JsonPathNodes steps;
    JsonPathNodes body;
    std::vector<JsonPathNodes> branches;
    std::optional<std::int64_t> from, to, step;
    bool single = false; ///< [n]: out of bounds is an error
    double number = 0;
};

/// Nothing, and `error` filled, when malformed.
std::optional<JsonPathNodes> parseJsonPath(std::string_view text, std::string& error);

} // namespace core::shell::kubectl
