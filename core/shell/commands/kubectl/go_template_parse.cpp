#include "core/shell/commands/kubectl/go_template_tree.h"

#include <fmt/core.h>

#include <cctype>
#include <charconv>

namespace core::shell::kubectl {

namespace {

using TemplateNode = GoTemplate::Node;

/// What is wrong with the text: left by throwing out of the parser, caught where parsing begins.
struct Malformed {
    std::string what;
};

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool inName(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// The words of one action.
class ActionParser {
public:
    explicit ActionParser(std::string_view text) : m_rest(text) { }

    bool done()
    {
        skipBlanks();
        return m_rest.empty();
    }
    /// A word that is a keyword here; taken when it is the one.
    bool takeWord(std::string_view word)
    {
        skipBlanks();
        if (m_rest.substr(0, word.size()) != word || (m_rest.size() > word.size() && inName(m_rest[word.size()])))
            return false;
        m_rest.remove_prefix(word.size());
        return true;
    }

    TemplatePipeline pipeline(bool nested = false)
    {
        TemplatePipeline pipe;
        if (!nested)
            declaration(pipe);
        do {
            TemplateCommand command;
            for (skipBlanks(); !m_rest.empty() && m_rest.front() != '|' && m_rest.front() != ')'; skipBlanks())
                command.push_back(term());
            if (command.empty())
                throw Malformed{"missing value for command"};
            pipe.commands.push_back(std::move(command));
        } while (take('|'));
        if (nested ? !take(')') : !m_rest.empty())
            throw Malformed{nested ? "unclosed left paren" : fmt::format("unexpected \"{}\" in operand", m_rest.substr(0, 1))};
        return pipe;
    }

private:
    void skipBlanks()
    {
        while (!m_rest.empty() && isBlank(m_rest.front()))
            m_rest.remove_prefix(1);
    }
    bool take(char c)
    {
        skipBlanks();
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }
    std::string name()
    {
        std::size_t end = 0;
        while (end < m_rest.size() && inName(m_rest[end]))
            ++end;
        std::string word(m_rest.substr(0, end));
        m_rest.remove_prefix(end);
        return word;
    }

    /// "$x := ", "$i, $x := ", "$x = "; nothing taken when the action begins otherwise.
    void declaration(TemplatePipeline& pipe)
    {
        const std::string_view before = m_rest;
        std::vector<std::string> variables;
        while (take('$')) {
            variables.push_back(name());
            if (!take(','))
                break;
        }
        skipBlanks();
        const bool declares = m_rest.substr(0, 2) == ":=";
        const bool assigns = !declares && m_rest.substr(0, 1) == "=";
        if (variables.empty() || (!declares && !assigns)) {
            m_rest = before;
            return;
        }
        m_rest.remove_prefix(declares ? 2 : 1);
        pipe.variables = std::move(variables);
        pipe.declares = declares;
    }

    std::vector<std::string> fields()
    {
        std::vector<std::string> chain;
        while (m_rest.size() > 1 && m_rest.front() == '.' && inName(m_rest[1])) {
            m_rest.remove_prefix(1);
            chain.push_back(name());
        }
        return chain;
    }

    TemplateTerm term()
    {
        TemplateTerm one;
        const char c = m_rest.front();
        if (c == '.') {
            one.fields = fields();
            if (one.fields.empty())
                m_rest.remove_prefix(1);
        } else if (c == '$') {
            m_rest.remove_prefix(1);
            one.type = TemplateTerm::Type::Variable;
            one.name = name();
            one.fields = fields();
        } else if (c == '(') {
            m_rest.remove_prefix(1);
            one.type = TemplateTerm::Type::Group;
            one.group = std::make_shared<const TemplatePipeline>(pipeline(true));
            one.fields = fields();
        } else if (c == '"' || c == '`') {
            one.type = TemplateTerm::Type::Literal;
            one.literal = text();
        } else if (std::isdigit(static_cast<unsigned char>(c)) || c == '-') {
            one.type = TemplateTerm::Type::Literal;
            one.literal = number();
        } else if (inName(c)) {
            const std::string word = name();
            one.type = TemplateTerm::Type::Literal;
            if (word == "true" || word == "false") {
                one.literal = word == "true";
            } else if (word != "nil") {
                one.type = TemplateTerm::Type::Function;
                one.name = word;
            }
        } else {
            throw Malformed{fmt::format("unexpected \"{}\" in command", c)};
        }
        return one;
    }

    std::string text()
    {
        const char quote = m_rest.front();
        std::string out;
        for (std::size_t i = 1; i < m_rest.size(); ++i) {
            if (m_rest[i] == quote) {
                m_rest.remove_prefix(i + 1);
                return out;
            }
            if (quote == '"' && m_rest[i] == '\\' && i + 1 < m_rest.size()) {
                const char escaped = m_rest[++i];
                out += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
            } else {
                out += m_rest[i];
            }
        }
        throw Malformed{quote == '"' ? "unterminated quoted string" : "unterminated raw quoted string"};
    }

    Json number()
    {
        std::size_t end = 1;
        while (end < m_rest.size() && (inName(m_rest[end]) || m_rest[end] == '.'))
            ++end;
        const std::string word(m_rest.substr(0, end));
        m_rest.remove_prefix(end);
        std::int64_t whole = 0;
        if (const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), whole);
            error == std::errc() && stop == word.data() + word.size())
            return whole;
        char* stop = nullptr;
        const double real = std::strtod(word.c_str(), &stop);
        if (stop != word.c_str() + word.size())
            throw Malformed{"bad number syntax: \"" + word + "\""};
        return real;
    }

    std::string_view m_rest;
};

class TemplateParser {
public:
    explicit TemplateParser(std::string_view text) : m_rest(text) { }

    std::vector<TemplateNode> all()
    {
        std::string end;
        std::vector<TemplateNode> nodes = list(end);
        if (!end.empty())
            throw Malformed{fmt::format("unexpected {{{{{}}}}}", end)};
        return nodes;
    }

private:
    /// Text up to the next action; false at the end of the template.
    bool next(std::vector<TemplateNode>& nodes, std::string& action)
    {
        const std::size_t open = m_rest.find("{{");
        std::string text(m_rest.substr(0, open));
        if (m_trim)
            text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        m_trim = false;
        const bool trims = open != std::string_view::npos && m_rest.substr(open + 2, 1) == "-" && open + 3 < m_rest.size() && isBlank(m_rest[open + 3]);
        if (trims)
            text.erase(text.find_last_not_of(" \t\r\n") + 1);
        if (!text.empty())
            nodes.push_back({TemplateNode::Type::Text, std::move(text), {}, {}, {}});
        if (open == std::string_view::npos) {
            m_rest = {};
            return false;
        }
        m_rest.remove_prefix(open + (trims ? 3 : 2));
        const std::size_t close = closing();
        std::string_view inside = m_rest.substr(0, close);
        m_rest.remove_prefix(close + 2);
        if (inside.size() > 1 && inside.back() == '-' && isBlank(inside[inside.size() - 2])) {
            m_trim = true;
            inside.remove_suffix(1);
        }
        action = inside;
        return true;
    }

    /// Where the action's "}}" is; those in quotes do not count.
    std::size_t closing() const
    {
        char quote = 0;
        for (std::size_t i = 0; i + 1 < m_rest.size(); ++i) {
            const char c = m_rest[i];
            if (quote != 0) {
                if (c == '\\' && quote == '"')
                    ++i;
                else if (c == quote)
                    quote = 0;
            } else if (c == '"' || c == '`') {
                quote = c;
            } else if (c == '}' && m_rest[i + 1] == '}') {
                return i;
            }
        }
        throw Malformed{"unclosed action"};
    }

    /// Up to {{end}}, {{else}} or the end of the template; `end` says which.
    std::vector<TemplateNode> list(std::string& end)
    {
        std::vector<TemplateNode> nodes;
        end.clear();
        for (std::string action; next(nodes, action);) {
            ActionParser words(action);
            if (action.find_first_not_of(" \t\n") != std::string::npos && action.compare(action.find_first_not_of(" \t\n"), 2, "/*") == 0)
                continue;
            if (words.takeWord("end")) {
                end = "end";
                return nodes;
            }
            if (words.takeWord("else")) {
                end = "else";
                m_elseIf.reset();
                if (words.takeWord("if"))
                    m_elseIf = words.pipeline();
                return nodes;
            }
            nodes.push_back(node(words));
        }
        return nodes;
    }

    TemplateNode node(ActionParser& words)
    {
        TemplateNode made;
        made.type = words.takeWord("if") ? TemplateNode::Type::If
            : words.takeWord("range")    ? TemplateNode::Type::Range
            : words.takeWord("with")     ? TemplateNode::Type::With
                                         : TemplateNode::Type::Print;
        made.pipeline = words.pipeline();
        if (made.type != TemplateNode::Type::Print)
            block(made);
        return made;
    }

    void block(TemplateNode& made)
    {
        std::string end;
        made.body = list(end);
        if (end == "else") {
            if (const auto chained = m_elseIf) {
                TemplateNode inner;
                inner.type = TemplateNode::Type::If;
                inner.pipeline = *chained;
                block(inner);
                made.otherwise.push_back(std::move(inner));
                return;
            }
            made.otherwise = list(end);
        }
        if (end != "end")
            throw Malformed{end.empty() ? "unexpected EOF" : "unexpected {{else}}"};
    }

    std::string_view m_rest;
    bool m_trim = false;
    std::optional<TemplatePipeline> m_elseIf; ///< of the {{else if}} that ended the last list
};

} // namespace

std::optional<GoTemplate> GoTemplate::parse(std::string_view text, std::string& error)
{
    try {
        auto root = std::make_shared<TemplateNode>();
        root->body = TemplateParser(text).all();
        GoTemplate made;
        made.m_root = std::move(root);
        return made;
    } catch (const Malformed& problem) {
        error = problem.what;
        return std::nullopt;
    }
}

} // namespace core::shell::kubectl
