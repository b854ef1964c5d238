#pragma once

#include "core/shell/commands/kubectl/jsonpath.h"

#include <optional>
#include <string>
#include <string_view>

namespace core::shell::kubectl {

/// What `wait --for` waits for.
class WaitCondition {
public:
    enum class Type : std::uint8_t { Create, Delete, Condition, JsonPath };

    /// "create", "delete", "condition=NAME[=VALUE]", "jsonpath=PATH[=VALUE]". Nothing, and `error` in kubectl's
    /// words, for anything else.
    static std::optional<WaitCondition> parse(std::string_view text, std::string& error);

    Type type() const { return m_type; }
    /// Whether the object is as wished. Requires: type() is Condition or JsonPath. `error` is filled when that
    /// will never be known.
    bool met(const Json& object, std::string& error) const;

private:
    Type m_type = Type::Create;
    std::string m_name;                 ///< of the condition, lower case
    std::optional<std::string> m_value; ///< lower case for a condition; nothing: any value of the path
    std::optional<JsonPath> m_path;
};

} // namespace core::shell::kubectl
