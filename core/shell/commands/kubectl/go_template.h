#pragma once

#include "core/shell/commands/kubectl/json_text.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace core::shell::kubectl {

/// A template of Go's text/template as `-o go-template` takes it: fields, variables, pipelines, if, range, with,
/// the functions that come with Go, and kubectl's exists and base64decode.
class GoTemplate {
public:
    struct Node;

    /// Nothing when the text is malformed; `error` then is what follows "template: output".
    static std::optional<GoTemplate> parse(std::string_view text, std::string& error);
    /// What it makes of the value. Nothing, and `error`, when it asks for what cannot be.
    std::optional<std::string> print(const Json& value, std::string& error) const;

private:
    std::shared_ptr<const Node> m_root;
};

} // namespace core::shell::kubectl
