#pragma once

#include "core/shell/commands/kubectl/go_template.h"

#include <memory>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// What stands in a pipeline: a field chain, a variable, a literal, a function, or a pipeline in parentheses.
struct TemplateTerm {
    enum class Type : std::uint8_t { Dot, Variable, Literal, Function, Group };
    Type type = Type::Dot;
    std::string name;                ///< of the variable or function
    std::vector<std::string> fields; ///< after the dot, variable or group
    Json literal;
    std::shared_ptr<const struct TemplatePipeline> group;
};

/// One command of a pipeline: a function with its arguments, or a single value.
using TemplateCommand = std::vector<TemplateTerm>;

struct TemplatePipeline {
    std::vector<std::string> variables; ///< that it sets: none, one, or (range) two
    bool declares = false;              ///< := and not =
    std::vector<TemplateCommand> commands;
};

struct GoTemplate::Node {
    enum class Type : std::uint8_t { Text, Print, If, Range, With };
    Type type = Type::Text;
    std::string text;
    TemplatePipeline pipeline;
    std::vector<Node> body;
    std::vector<Node> otherwise;
};

} // namespace core::shell::kubectl
