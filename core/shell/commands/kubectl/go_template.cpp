#include "core/shell/commands/kubectl/go_template.h"

#include "core/shell/commands/kubectl/go_template_tree.h"
#include "core/shell/commands/kubectl/output.h"
#include "sim/engine/base64.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using TemplateNode = GoTemplate::Node;

/// What cannot be printed: left by throwing out of the run, caught where it begins.
struct Failed {
    std::string what;
};

bool truth(const Json& value)
{
    if (value.is_null())
        return false;
    if (value.is_boolean())
        return value.get<bool>();
    if (value.is_number())
        return value != 0;
    return value.is_string() ? !value.get_ref<const std::string&>().empty() : !value.empty();
}

std::string shown(const Json& value)
{
    return value.is_null() ? "<no value>" : goText(value);
}

/// Go's %v, %s, %d, %q and %% with flags and widths; a verb without a value says so as Go does.
std::string formatted(const std::vector<Json>& arguments)
{
    std::string out;
    const std::string format = arguments.empty() || !arguments[0].is_string() ? std::string() : arguments[0].get<std::string>();
    std::size_t used = 1;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        const std::size_t verb = format.find_first_not_of("-+ #0123456789.", i + 1);
        if (verb == std::string::npos)
            return out + "%!(NOVERB)";
        const std::string flags = format.substr(i + 1, verb - i - 1);
        i = verb;
        if (format[verb] == '%') {
            out += '%';
            continue;
        }
        if (used >= arguments.size()) {
            out += fmt::format("%!{}(MISSING)", format[verb]);
            continue;
        }
        std::string text = shown(arguments[used++]);
        if (format[verb] == 'q')
            text = compactJson(text);
        const bool left = flags.find('-') != std::string::npos;
        const std::size_t width = std::strtoul(flags.c_str() + (left ? 1 : 0), nullptr, 10);
        const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
        out += left ? text + blanks : blanks + text;
    }
    return out;
}

class Run {
public:
    explicit Run(const Json& root) : m_root(root) { m_variables.push_back({"", root}); }

    std::string print(const std::vector<TemplateNode>& nodes)
    {
        walk(nodes, m_root);
        return std::move(m_out);
    }

private:
    struct Variable {
        std::string name;
        Json value;
    };

    void walk(const std::vector<TemplateNode>& nodes, const Json& dot)
    {
        const std::size_t scope = m_variables.size();
        for (const TemplateNode& node : nodes)
            walk(node, dot);
        m_variables.resize(scope);
    }

    void walk(const TemplateNode& node, const Json& dot)
    {
        if (node.type == TemplateNode::Type::Text) {
            m_out += node.text;
            return;
        }
        const std::size_t scope = m_variables.size();
        const Json value = run(node.pipeline, dot);
        switch (node.type) {
        case TemplateNode::Type::Text: break;
        case TemplateNode::Type::Print:
            if (!node.pipeline.variables.empty()) {
                assign(node.pipeline, value);
                return; // the variable lives on in this list
            }
            m_out += shown(value);
            break;
        case TemplateNode::Type::If:
            if (!node.pipeline.variables.empty())
                assign(node.pipeline, value);
            walk(truth(value) ? node.body : node.otherwise, dot);
            break;
        case TemplateNode::Type::With:
            if (!node.pipeline.variables.empty())
                assign(node.pipeline, value);
            truth(value) ? walk(node.body, value) : walk(node.otherwise, dot);
            break;
        case TemplateNode::Type::Range: range(node, value, dot); break;
        }
        m_variables.resize(scope);
    }

    void range(const TemplateNode& node, const Json& value, const Json& dot)
    {
        if (!value.is_null() && !value.is_structured())
            throw Failed{fmt::format("range can't iterate over {}", shown(value))};
        if (value.empty()) {
            walk(node.otherwise, dot);
            return;
        }
        std::int64_t index = 0;
        for (auto it = value.begin(); it != value.end(); ++it) {
            const std::size_t scope = m_variables.size();
            const auto& names = node.pipeline.variables;
            if (names.size() == 2)
                m_variables.push_back({names[0], value.is_object() ? Json(it.key()) : Json(index)});
            if (!names.empty())
                m_variables.push_back({names.back(), *it});
            walk(node.body, *it);
            m_variables.resize(scope);
            ++index;
        }
    }

    void assign(const TemplatePipeline& pipe, const Json& value)
    {
        if (pipe.declares) {
            m_variables.push_back({pipe.variables.front(), value});
            return;
        }
        variable(pipe.variables.front()) = value;
    }

    Json& variable(const std::string& name)
    {
        for (auto it = m_variables.rbegin(); it != m_variables.rend(); ++it)
            if (it->name == name)
                return it->value;
        throw Failed{fmt::format("undefined variable \"${}\"", name)};
    }

    Json run(const TemplatePipeline& pipe, const Json& dot)
    {
        std::optional<Json> last;
        for (const TemplateCommand& command : pipe.commands)
            last = run(command, dot, last);
        return *last;
    }

    /// The value that came through the pipe is the last argument.
    Json run(const TemplateCommand& command, const Json& dot, const std::optional<Json>& piped)
    {
        const TemplateTerm& first = command.front();
        if (first.type != TemplateTerm::Type::Function) {
            if (command.size() > 1 || piped)
                throw Failed{"can't give argument to non-function"};
            return evaluate(first, dot);
        }
        std::vector<Json> arguments;
        for (std::size_t i = 1; i < command.size(); ++i)
            arguments.push_back(evaluate(command[i], dot));
        if (piped)
            arguments.push_back(*piped);
        return call(first.name, arguments);
    }

    Json evaluate(const TemplateTerm& term, const Json& dot)
    {
        switch (term.type) {
        case TemplateTerm::Type::Dot: return chain(dot, term.fields);
        case TemplateTerm::Type::Variable: return chain(variable(term.name), term.fields);
        case TemplateTerm::Type::Literal: return term.literal;
        case TemplateTerm::Type::Group: return chain(run(*term.group, dot), term.fields);
        case TemplateTerm::Type::Function: return call(term.name, {});
        }
        return {};
    }

    static Json chain(const Json& from, const std::vector<std::string>& fields)
    {
        const Json* value = &from;
        for (const std::string& field : fields) {
            if (value->is_null() && field != fields.front())
                throw Failed{fmt::format("nil pointer evaluating interface {{}}.{}", field)};
            if (!value->is_object()) {
                if (value->is_null())
                    return {};
                throw Failed{fmt::format("can't evaluate field {} in type interface {{}}", field)};
            }
            const auto found = value->find(field);
            if (found == value->end())
                return {};
            value = &*found;
        }
        return *value;
    }

    static Json index(const std::vector<Json>& arguments)
    {
        Json value = arguments.empty() ? Json() : arguments[0];
        for (std::size_t i = 1; i < arguments.size(); ++i) {
            const Json& key = arguments[i];
            if (value.is_object() && key.is_string()) {
                value = value.contains(key.get<std::string>()) ? Json(value.at(key.get<std::string>())) : Json();
            } else if (value.is_array() && key.is_number_integer()) {
                const auto at = key.get<std::int64_t>();
                if (at < 0 || static_cast<std::size_t>(at) >= value.size())
                    throw Failed{fmt::format("error calling index: reflect: slice index out of range")};
                value = Json(value.at(static_cast<std::size_t>(at)));
            } else {
                throw Failed{"error calling index: index of untyped nil"};
            }
        }
        return value;
    }

    Json call(const std::string& name, const std::vector<Json>& arguments)
    {
        const auto first = [&] { return arguments.empty() ? Json() : arguments[0]; };
        const auto compared = [&](auto compare) { return arguments.size() == 2 && compare(arguments[0], arguments[1]); };
        if (name == "print" || name == "println") {
            std::string text;
            for (const Json& one : arguments)
                text += (text.empty() || name == "print" ? "" : " ") + shown(one);
            return name == "print" ? text : text + "\n";
        }
        if (name == "printf")
            return formatted(arguments);
        if (name == "len")
            return first().is_string() ? first().get<std::string>().size() : first().size();
        if (name == "index")
            return index(arguments);
        if (name == "not")
            return !truth(first());
        if (name == "and" || name == "or") {
            for (const Json& one : arguments)
                if (truth(one) == (name == "or"))
                    return one;
            return arguments.empty() ? Json() : arguments.back();
        }
        if (name == "eq") {
            for (std::size_t i = 1; i < arguments.size(); ++i)
                if (arguments[i] == arguments[0])
                    return true;
            return false;
        }
        if (name == "ne")
            return compared([](const Json& a, const Json& b) { return a != b; });
        if (name == "lt")
            return compared([](const Json& a, const Json& b) { return a < b; });
        if (name == "le")
            return compared([](const Json& a, const Json& b) { return a <= b; });
        if (name == "gt")
            return compared([](const Json& a, const Json& b) { return b < a; });
        if (name == "ge")
            return compared([](const Json& a, const Json& b) { return b <= a; });
        if (name == "exists") {
            Json value = first();
            for (std::size_t i = 1; i < arguments.size(); ++i) {
                if (!value.is_object() || !arguments[i].is_string() || !value.contains(arguments[i].get<std::string>()))
                    return false;
                value = Json(value.at(arguments[i].get<std::string>()));
            }
            return true;
        }
        if (name == "base64decode") {
            const auto bytes = sim::decodeBase64(first().is_string() ? first().get<std::string>() : std::string());
            if (!bytes)
                throw Failed{"error calling base64decode: base64 decode failed"};
            return *bytes;
        }
        throw Failed{fmt::format("function \"{}\" not defined", name)};
    }

    const Json& m_root;
    std::vector<Variable> m_variables; ///< "" is $, the whole object
    std::string m_out;
};

} // namespace

std::optional<std::string> GoTemplate::print(const Json& value, std::string& error) const
{
    try {
        return Run(value).print(m_root->body);
    } catch (const Failed& problem) {
        error = problem.what;
        return std::nullopt;
    }
}

} // namespace core::shell::kubectl
