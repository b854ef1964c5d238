#include "core/shell/commands/kubectl/jsonpath.h"

#include "core/shell/commands/kubectl/jsonpath_tree.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using PathNode = JsonPath::Node;
using Values = std::vector<const Json*>;

class Evaluator {
public:
    explicit Evaluator(const Json& root) : m_root(root) { }

    const std::string& error() const { return m_error; }

    void print(const JsonPathNodes& nodes, const Json& current, std::string& out)
    {
        for (const auto& node : nodes) {
            if (!m_error.empty())
                return;
            if (node->type == PathNode::Type::Text) {
                out += node->text;
            } else if (node->type == PathNode::Type::Range) {
                for (const Json* value : apply(node->steps, {&current}))
                    print(node->body, *value, out);
            } else {
                const Values values = apply(node->steps, {&current});
                for (std::size_t i = 0; i < values.size(); ++i) {
                    if (i > 0)
                        out += ' ';
                    out += jsonPathText(*values[i]);
                }
            }
        }
    }

    Values apply(const JsonPathNodes& steps, Values values)
    {
        for (const auto& step : steps) {
            if (!m_error.empty())
                return {};
            Values next;
            for (const Json* value : values)
                one(*step, *value, next);
            values = std::move(next);
        }
        return values;
    }

private:
    void one(const PathNode& step, const Json& value, Values& out)
    {
        switch (step.type) {
        case PathNode::Type::Field:
            if (value.is_object()) {
                if (const auto it = value.find(step.text); it != value.end())
                    out.push_back(&*it);
            }
            break;
        case PathNode::Type::Wildcard:
            if (value.is_structured()) {
                for (const Json& child : value)
                    out.push_back(&child);
            }
            break;
        case PathNode::Type::Recursive:
            recurse(value, out);
            break;
        case PathNode::Type::Slice:
            slice(step, value, out);
            break;
        case PathNode::Type::Union:
            for (const JsonPathNodes& branch : step.branches) {
                for (const Json* found : apply(branch, {&value}))
                    out.push_back(found);
            }
            break;
        case PathNode::Type::Filter:
            if (value.is_structured()) {
                for (const Json& child : value) {
                    if (matches(step, child))
                        out.push_back(&child);
                }
            }
            break;
        case PathNode::Type::Root:
            out.push_back(&m_root);
            break;
        case PathNode::Type::Current:
            out.push_back(&value);
            break;
        case PathNode::Type::Text:
        case PathNode::Type::Number:
        case PathNode::Type::Bool:
        case PathNode::Type::Path:
        case PathNode::Type::Range:
            break;
        }
    }

    static void recurse(const Json& value, Values& out)
    {
        out.push_back(&value);
        if (!value.is_structured())
            return;
        for (const Json& child : value) {
            if (child.is_structured())
                recurse(child, out);
        }
    }

    void slice(const PathNode& step, const Json& value, Values& out)
    {
        if (!value.is_array())
            return;
        const auto size = static_cast<std::int64_t>(value.size());
        const auto absolute = [&](std::int64_t index) { return index < 0 ? index + size : index; };
        if (step.single) {
            const std::int64_t index = absolute(*step.from);
            if (index < 0 || index >= size)
                m_error = fmt::format("array index out of bounds: index {}, length {}", *step.from, size);
            else
                out.push_back(&value[static_cast<std::size_t>(index)]);
            return;
        }
        const std::int64_t from = std::max<std::int64_t>(absolute(step.from.value_or(0)), 0);
        const std::int64_t to = std::min(step.to ? absolute(*step.to) : size, size);
        const std::int64_t stride = step.step.value_or(1);
        if (stride <= 0) {
            m_error = fmt::format("step must be > 0");
            return;
        }
        for (std::int64_t i = from; i < to; i += stride)
            out.push_back(&value[static_cast<std::size_t>(i)]);
    }

    /// One side of a filter as values; literals live in m_literals for the comparison.
    Values side(const JsonPathNodes& nodes, const Json& current, Json& literal)
    {
        if (nodes.size() == 1) {
            const PathNode& node = *nodes[0];
            if (node.type == PathNode::Type::Text)
                literal = node.text;
            else if (node.type == PathNode::Type::Number)
                literal = node.number;
            else if (node.type == PathNode::Type::Bool)
                literal = node.number != 0;
            if (!literal.is_null())
                return {&literal};
        }
        return apply(nodes, {&current});
    }

    bool matches(const PathNode& filter, const Json& child)
    {
        Json leftLiteral, rightLiteral;
        const Values left = side(filter.branches[0], child, leftLiteral);
        if (filter.branches.size() == 1)
            return !left.empty();
        const Values right = side(filter.branches[1], child, rightLiteral);
        if (left.size() != 1 || right.size() != 1)
            return false;
        const Json& a = *left[0];
        const Json& b = *right[0];
        const bool comparable = (a.is_number() && b.is_number()) || (a.is_string() && b.is_string())
            || (a.is_boolean() && b.is_boolean());
        if (!comparable)
            return filter.text == "!=";
        if (filter.text == "==")
            return a == b;
        if (filter.text == "!=")
            return a != b;
        if (filter.text == "<")
            return a < b;
        if (filter.text == "<=")
            return a <= b;
        return filter.text == ">" ? a > b : a >= b;
    }

    const Json& m_root;
    std::string m_error;
};

} // namespace

std::optional<JsonPath> JsonPath::parse(std::string_view text, std::string& error)
{
    auto nodes = parseJsonPath(text, error);
    if (!nodes)
        return std::nullopt;
    JsonPath path;
    path.m_nodes = std::move(*nodes);
    return path;
}

std::optional<JsonPath> JsonPath::parseRelaxed(std::string_view text, std::string& error)
{
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}')
        text = text.substr(1, text.size() - 2);
    if (text.empty() || text.find_first_of("{}") != std::string_view::npos) {
        error = fmt::format("unexpected path string, expected a 'name1.name2' or '.name1.name2' or "
                            "'{{name1.name2}}' or '{{.name1.name2}}'");
        return std::nullopt;
    }
    const std::string dot = text.front() == '.' || text.front() == '[' || text.front() == '$' ? "" : ".";
    return parse("{" + dot + std::string(text) + "}", error);
}

std::optional<std::string> JsonPath::print(const Json& value, std::string& error) const
{
    Evaluator evaluator(value);
    std::string out;
    evaluator.print(m_nodes, value, out);
    error = evaluator.error();
    if (!error.empty())
        return std::nullopt;
    return out;
}

std::vector<const Json*> JsonPath::find(const Json& value) const
{
    Evaluator evaluator(value);
    std::vector<const Json*> all;
    for (const auto& node : m_nodes) {
        if (node->type != PathNode::Type::Path)
            continue;
        for (const Json* found : evaluator.apply(node->steps, {&value}))
            all.push_back(found);
    }
    return all;
}

std::string jsonPathText(const Json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null())
        return {};
    return compactJson(value);
}

} // namespace core::shell::kubectl
