#include "core/shell/language/printer.h"

namespace core::shell {

namespace {

class Printer {
public:
    std::string take()
    {
        if (!m_documents.empty())
            newline();
        return std::move(m_text);
    }

    void function(const std::string& name, const Node& body)
    {
        m_text += name + " () ";
        newline();
        print(body);
    }

    void print(const Node& node)
    {
        std::visit([this](const auto& value) { print(value); }, node.value);
        if (const auto* simple = std::get_if<SimpleCommand>(&node.value))
            redirections(node, !simple->words.empty() || !simple->assignments.empty());
        else
            redirections(node, true);
    }

private:
    static constexpr std::size_t kIndent = 4;

    /// Ends the line; here-documents that it announced follow it.
    void newline()
    {
        m_text += '\n';
        for (const std::string& document : std::exchange(m_documents, {}))
            m_text += document;
        m_text.append(m_indent, ' ');
    }

    void indented(const NodePtr& body)
    {
        m_indent += kIndent;
        newline();
        if (body)
            print(*body);
        m_indent -= kIndent;
    }

    void redirections(const Node& node, bool blankBefore)
    {
        for (const Redirection& redirection : node.redirections) {
            m_text += blankBefore ? " " : "";
            blankBefore = true;
            if (redirection.descriptor >= 0)
                m_text += std::to_string(redirection.descriptor);
            m_text += arrow(redirection.kind);
            m_text += redirection.target.source;
            if (redirection.document)
                m_documents.push_back(redirection.document->source + delimiterOf(redirection.target) + "\n");
        }
    }

    static const char* arrow(Redirection::Kind kind)
    {
        switch (kind) {
        case Redirection::Kind::In: return "< ";
        case Redirection::Kind::Out: return "> ";
        case Redirection::Kind::Append: return ">> ";
        case Redirection::Kind::DuplicateOut: return ">&";
        case Redirection::Kind::DuplicateIn: return "<&";
        case Redirection::Kind::OutBoth: return "&> ";
        case Redirection::Kind::AppendBoth: return "&>> ";
        case Redirection::Kind::HereDocument: return "<<";
        case Redirection::Kind::HereString: return "<<< ";
        case Redirection::Kind::Clobber: return ">| ";
        case Redirection::Kind::InOut: return "<> ";
        }
        return "";
    }

    static std::string delimiterOf(const Word& target)
    {
        std::string text;
        for (const WordPart& part : target.parts) {
            text += part.text;
            for (const WordPart& inner : part.parts)
                text += inner.text;
        }
        return text;
    }

    void words(const std::vector<Word>& list, const char* separator = " ")
    {
        for (std::size_t i = 0; i < list.size(); ++i)
            m_text += (i ? separator : "") + list[i].source;
    }

    void print(const SimpleCommand& node)
    {
        // An assignment's source is the whole of it, name and all.
        for (std::size_t i = 0; i < node.assignments.size(); ++i)
            m_text += (i ? " " : "") + node.assignments[i].value.source;
        if (!node.assignments.empty() && !node.words.empty())
            m_text += ' ';
        words(node.words);
    }

    void print(const Pipeline& node)
    {
        if (node.timed)
            m_text += node.stages.empty() ? "time" : "time ";
        if (node.negated)
            m_text += node.stages.empty() ? "!" : "! ";
        for (std::size_t i = 0; i < node.stages.size(); ++i) {
            m_text += i ? " | " : "";
            print(*node.stages[i]);
        }
    }

    void print(const AndOr& node)
    {
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            if (i)
                m_text += node.items[i].ifSucceeded ? " && " : " || ";
            print(*node.items[i].command);
        }
    }

    void print(const List& node)
    {
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            print(*node.items[i].command);
            const bool last = i + 1 == node.items.size();
            if (node.items[i].background)
                m_text += " &";
            else if (!last)
                m_text += ';';
            if (!last)
                newline();
        }
    }

    /// What stands before `then` or `do`, with the separator that it needs.
    void condition(const NodePtr& node, const char* word)
    {
        print(*node);
        const auto* list = std::get_if<List>(&node->value);
        const bool ended = list && list->items.back().background;
        m_text += std::string(ended ? " " : "; ") + word;
    }

    void print(const If& node)
    {
        for (std::size_t i = 0; i < node.branches.size(); ++i) {
            m_text += i ? "elif " : "if ";
            condition(node.branches[i].first, "then");
            indented(node.branches[i].second);
            endOfBody(node.branches[i].second);
        }
        if (node.otherwise) {
            m_text += "else";
            indented(node.otherwise);
            endOfBody(node.otherwise);
        }
        m_text += "fi";
    }

    void endOfBody(const NodePtr& body)
    {
        const auto* list = body ? std::get_if<List>(&body->value) : nullptr;
        if (list && !list->items.back().background)
            m_text += ';';
        newline();
    }

    void loopBody(const NodePtr& body)
    {
        indented(body);
        endOfBody(body);
        m_text += "done";
    }

    void print(const For& node)
    {
        m_text += "for " + node.variable;
        if (node.words) {
            m_text += " in ";
            words(*node.words);
        }
        m_text += ';';
        newline();
        m_text += "do";
        loopBody(node.body);
    }

    void print(const ArithmeticFor& node)
    {
        m_text += "for ((" + node.start.source + ";" + node.condition.source + ";" + node.step.source + "))";
        newline();
        m_text += "do";
        loopBody(node.body);
    }

    void print(const While& node)
    {
        m_text += node.until ? "until " : "while ";
        condition(node.condition, "do");
        loopBody(node.body);
    }

    void print(const Case& node)
    {
        m_text += "case " + node.subject.source + " in ";
        m_indent += kIndent;
        for (const Case::Branch& branch : node.branches) {
            newline();
            // The parenthesis keeps a pattern "esac" from ending the command.
            const bool reserved = branch.patterns[0].source == "esac";
            m_text += reserved ? "(" : "";
            words(branch.patterns, " | ");
            m_text += ')';
            if (branch.body)
                indented(branch.body);
            newline();
            m_text += branch.terminator;
        }
        m_indent -= kIndent;
        newline();
        m_text += "esac";
    }

    void print(const Group& node)
    {
        m_text += "{ ";
        indented(node.body);
        newline();
        m_text += '}';
    }

    void print(const Subshell& node)
    {
        m_text += "( ";
        print(*node.body);
        m_text += " )";
    }

    void print(const Function& node)
    {
        m_text += "function ";
        function(node.name, *node.body);
    }

    void print(const ArithmeticCommand& node) { m_text += "((" + node.expression.source + "))"; }

    void print(const ConditionCommand& node)
    {
        m_text += "[[ ";
        print(*node.root, false);
        m_text += " ]]";
    }

    void print(const Condition& node, bool inside)
    {
        switch (node.kind) {
        case Condition::Kind::And:
        case Condition::Kind::Or:
            m_text += inside ? "( " : "";
            print(*node.left, true);
            m_text += node.kind == Condition::Kind::And ? " && " : " || ";
            print(*node.right, true);
            m_text += inside ? " )" : "";
            break;
        case Condition::Kind::Not:
            m_text += "! ";
            print(*node.left, true);
            break;
        case Condition::Kind::Unary: m_text += node.operation + " " + node.first.source; break;
        case Condition::Kind::Binary:
            m_text += node.first.source + " " + node.operation + " " + node.second.source;
            break;
        case Condition::Kind::NonEmpty: m_text += node.first.source; break;
        }
    }

    std::string m_text;
    std::size_t m_indent = 0;
    std::vector<std::string> m_documents;
};

} // namespace

std::string printShell(const Node& node)
{
    Printer printer;
    printer.print(node);
    return printer.take() + "\n";
}

std::string printFunction(const std::string& name, const Node& body)
{
    Printer printer;
    printer.function(name, body);
    return printer.take() + "\n";
}

} // namespace core::shell
