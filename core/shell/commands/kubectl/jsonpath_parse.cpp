#include "core/shell/commands/kubectl/jsonpath_tree.h"

#include <cctype>
#include <charconv>
#include <cstdlib>

namespace core::shell::kubectl {

namespace {

using PathNode = JsonPath::Node;

std::string unescape(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case 'r': out += '\r'; break;
        default: out += text[i]; break;
        }
    }
    return out;
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

std::optional<std::int64_t> sliceBound(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

class JsonPathParser {
public:
    JsonPathParser(std::string_view text, std::string& error) : m_text(text), m_error(error) { }

    /// The nodes up to {end} (in a range) or the end of the text.
    JsonPathNodes templateNodes(bool inRange)
    {
        JsonPathNodes nodes;
        while (m_error.empty()) {
            const std::size_t open = m_text.find('{', m_at);
            if (open != m_at && m_at < m_text.size())
                nodes.push_back(textNode(std::string(m_text.substr(m_at, open - m_at))));
            if (open == std::string_view::npos) {
                m_at = m_text.size();
                if (inRange)
                    m_error = "unclosed range";
                break;
            }
            m_at = open + 1;
            const std::string_view action = upToClosingBrace();
            if (!m_error.empty())
                break;
            const std::string_view word = trim(action);
            if (word == "end") {
                if (!inRange)
                    m_error = "not in range, nothing to end";
                break;
            }
            if (word.substr(0, 6) == "range " || word == "range") {
                auto node = std::make_shared<PathNode>();
                node->type = PathNode::Type::Range;
                node->steps = expression(trim(word.substr(5)));
                node->body = templateNodes(true);
                nodes.push_back(std::move(node));
            } else {
                actions(word, nodes);
            }
        }
        return nodes;
    }

    JsonPathNodes expression(std::string_view text)
    {
        JsonPathNodes steps;
        std::size_t i = 0;
        while (i < text.size() && m_error.empty()) {
            const char c = text[i];
            if (c == '$' || c == '@') {
                steps.push_back(simple(c == '$' ? PathNode::Type::Root : PathNode::Type::Current));
                ++i;
            } else if (c == '.') {
                ++i;
                if (i < text.size() && text[i] == '.') {
                    steps.push_back(simple(PathNode::Type::Recursive));
                    ++i;
                }
                if (i < text.size() && text[i] == '*') {
                    steps.push_back(simple(PathNode::Type::Wildcard));
                    ++i;
                } else {
                    field(text, i, steps);
                }
            } else if (c == '[') {
                bracket(text, i, steps);
            } else if (c == ' ') {
                ++i;
            } else {
                m_error = std::string("unrecognized character in action: U+")
                    + hex(static_cast<unsigned char>(c)) + " '" + c + "'";
            }
        }
        return steps;
    }

private:
    static std::string hex(unsigned char c)
    {
        static constexpr std::string_view kDigits = "0123456789ABCDEF";
        return {'0', '0', kDigits[c >> 4U], kDigits[c & 15U]};
    }

    static std::shared_ptr<PathNode> textNode(std::string text)
    {
        auto node = std::make_shared<PathNode>();
        node->text = std::move(text);
        return node;
    }

    static std::shared_ptr<PathNode> simple(PathNode::Type type)
    {
        auto node = std::make_shared<PathNode>();
        node->type = type;
        return node;
    }

    /// The text up to the brace that closes this action; quotes and brackets may hold braces.
    std::string_view upToClosingBrace()
    {
        char quote = 0;
        int arrays = 0;
        for (std::size_t i = m_at; i < m_text.size(); ++i) {
            const char c = m_text[i];
            if (!quote)
                arrays += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (quote) {
                if (c == '\\')
                    ++i;
                else if (c == quote)
                    quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '}') {
                const std::string_view inside = m_text.substr(m_at, i - m_at);
                m_at = i + 1;
                return inside;
            }
        }
        m_error = quote ? "unterminated quoted string" : arrays > 0 ? "unterminated array" : "unclosed action";
        return {};
    }

    /// What stands in one pair of braces: a literal, an expression, or several of them with spaces between.
    void actions(std::string_view text, JsonPathNodes& nodes)
    {
        while (!(text = trim(text)).empty() && m_error.empty()) {
            if (text[0] == '"' || text[0] == '\'') {
                const std::size_t close = closingQuote(text, 0);
                nodes.push_back(textNode(unescape(text.substr(1, close - 1))));
                text.remove_prefix(close + 1);
                continue;
            }
            const std::size_t end = expressionEnd(text);
            auto node = simple(PathNode::Type::Path);
            node->steps = expression(text.substr(0, end));
            nodes.push_back(std::move(node));
            text.remove_prefix(end);
        }
    }

    static std::size_t closingQuote(std::string_view text, std::size_t open)
    {
        std::size_t i = open + 1;
        while (i < text.size() && text[i] != text[open])
            i += text[i] == '\\' ? 2 : 1;
        return std::min(i, text.size() - 1);
    }

    static std::size_t expressionEnd(std::string_view text)
    {
        int depth = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '[')
                ++depth;
            else if (text[i] == ']')
                --depth;
            else if (text[i] == '\\')
                ++i;
            else if (depth > 0 && (text[i] == '"' || text[i] == '\''))
                i = closingQuote(text, i);
            else if (depth == 0 && (text[i] == ' ' || text[i] == '"' || text[i] == '\''))
                return i;
        }
        return text.size();
    }

    void field(std::string_view text, std::size_t& i, JsonPathNodes& steps)
    {
        std::string name;
        while (i < text.size() && std::string_view(".[]$@{} ").find(text[i]) == std::string_view::npos) {
            if (text[i] == '\\' && i + 1 < text.size())
                ++i;
            name += text[i++];
        }
        if (name.empty())
            return; // "{.}" and the dot of ".[0]" stand for the value itself
        auto node = simple(PathNode::Type::Field);
        node->text = std::move(name);
        steps.push_back(std::move(node));
    }

    void bracket(std::string_view text, std::size_t& i, JsonPathNodes& steps)
    {
        std::size_t end = i + 1;
        int depth = 1;
        for (; end < text.size(); ++end) {
            if (text[end] == '"' || text[end] == '\'')
                end = closingQuote(text, end);
            else if (text[end] == '[')
                ++depth;
            else if (text[end] == ']' && --depth == 0)
                break;
        }
        if (end >= text.size()) {
            m_error = "unterminated array";
            return;
        }
        const std::string_view inside = trim(text.substr(i + 1, end - i - 1));
        i = end + 1;
        if (inside.size() > 3 && inside.substr(0, 2) == "?(" && inside.back() == ')') {
            steps.push_back(filter(inside.substr(2, inside.size() - 3)));
            return;
        }
        std::vector<std::string_view> parts;
        std::size_t start = 0;
        for (std::size_t k = 0; k <= inside.size(); ++k) {
            if (k < inside.size() && (inside[k] == '"' || inside[k] == '\''))
                k = closingQuote(inside, k);
            else if (k == inside.size() || inside[k] == ',') {
                parts.push_back(trim(inside.substr(start, k - start)));
                start = k + 1;
            }
        }
        if (parts.size() == 1) {
            element(parts[0], steps);
            return;
        }
        auto node = simple(PathNode::Type::Union);
        for (const std::string_view part : parts) {
            JsonPathNodes branch;
            element(part, branch);
            node->branches.push_back(std::move(branch));
        }
        steps.push_back(std::move(node));
    }

    /// One part of a bracket: *, 'key', a number or a slice.
    void element(std::string_view part, JsonPathNodes& steps)
    {
        if (part == "*") {
            steps.push_back(simple(PathNode::Type::Wildcard));
            return;
        }
        if (part.size() >= 2 && (part[0] == '\'' || part[0] == '"')) {
            auto node = simple(PathNode::Type::Field);
            node->text = unescape(part.substr(1, part.size() - 2));
            steps.push_back(std::move(node));
            return;
        }
        auto node = simple(PathNode::Type::Slice);
        std::vector<std::string_view> bounds;
        std::size_t start = 0;
        for (std::size_t k = 0; k <= part.size(); ++k) {
            if (k == part.size() || part[k] == ':') {
                bounds.push_back(part.substr(start, k - start));
                start = k + 1;
            }
        }
        bool valid = bounds.size() <= 3;
        for (std::size_t k = 0; k < bounds.size() && valid; ++k) {
            const auto value = sliceBound(bounds[k]);
            valid = value.has_value() || (bounds[k].empty() && bounds.size() > 1);
            (k == 0 ? node->from : k == 1 ? node->to : node->step) = value;
        }
        if (!valid) {
            m_error = "invalid array index " + std::string(part);
            return;
        }
        node->single = bounds.size() == 1;
        steps.push_back(std::move(node));
    }

    std::shared_ptr<PathNode> filter(std::string_view text)
    {
        auto node = simple(PathNode::Type::Filter);
        static constexpr std::string_view kOperators[] = {"==", "!=", "<=", ">=", "<", ">"};
        std::size_t position = std::string_view::npos;
        for (std::size_t i = 0; i < text.size() && position == std::string_view::npos; ++i) {
            if (text[i] == '"' || text[i] == '\'') {
                i = closingQuote(text, i);
                continue;
            }
            for (const std::string_view op : kOperators) {
                if (text.substr(i, op.size()) == op) {
                    node->text = std::string(op);
                    position = i;
                    break;
                }
            }
        }
        node->branches.push_back(operand(trim(text.substr(0, position))));
        if (position != std::string_view::npos)
            node->branches.push_back(operand(trim(text.substr(position + node->text.size()))));
        return node;
    }

    JsonPathNodes operand(std::string_view text)
    {
        if (text.size() >= 2 && (text[0] == '"' || text[0] == '\''))
            return {textNode(unescape(text.substr(1, text.size() - 2)))};
        if (text == "true" || text == "false") {
            auto node = simple(PathNode::Type::Bool);
            node->number = text == "true" ? 1 : 0;
            return {node};
        }
        if (!text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) || text[0] == '-')) {
            auto node = simple(PathNode::Type::Number);
            node->number = std::strtod(std::string(text).c_str(), nullptr);
            return {node};
        }
        return expression(text);
    }

    std::string_view m_text;
    std::string& m_error;
    std::size_t m_at = 0;
};

} // namespace

std::optional<JsonPathNodes> parseJsonPath(std::string_view text, std::string& error)
{
    JsonPathNodes nodes = JsonPathParser(text, error).templateNodes(false);
    if (!error.empty())
        return std::nullopt;
    return nodes;
}

} // namespace core::shell::kubectl
