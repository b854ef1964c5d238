#include "core/shell/line_editing/highlight.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace core::shell {

namespace {

bool isOneOf(char c, std::string_view set)
{
    return set.find(c) != std::string_view::npos;
}

bool startsName(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool goesOnName(char c)
{
    return startsName(c) || (c >= '0' && c <= '9');
}

const std::set<std::string_view>& keywords()
{
    static const std::set<std::string_view> kWords = {"if",   "then", "elif", "else", "fi",   "for", "in", "while", "until",
                                                      "do",   "done", "case", "esac", "{",    "}",   "!",  "function"};
    return kWords;
}

/// Commands whose first operand is a command again.
bool runsAnother(std::string_view name)
{
    static const std::set<std::string_view> kWords = {"sudo", "time",    "watch",   "xargs", "timeout", "env",
                                                      "nice", "command", "builtin", "nohup", "exec",    "setsid"};
    return kWords.count(name) > 0;
}

class LineReader {
public:
    LineReader(std::string_view line, std::size_t cursor, const KnowsCommand& knows)
        : m_line(line)
        , m_cursor(cursor)
        , m_knows(knows)
    {
    }

    std::vector<LineSpan> read()
    {
        while (m_at < m_line.size()) {
            const char c = m_line[m_at];
            if (isOneOf(c, " \t\n"))
                skipBlank(c);
            else if (c == '#')
                add(m_at, m_line.find('\n', m_at), LinePart::Comment);
            else if (isOneOf(c, "|&;()<>"))
                readOperator();
            else
                readWord();
        }
        return std::move(m_spans);
    }

private:
    void skipBlank(char c)
    {
        if (c == '\n')
            m_commandDue = true;
        ++m_at;
    }
    void add(std::size_t from, std::size_t to, LinePart part)
    {
        m_at = std::min(to, m_line.size());
        if (from < m_at)
            m_spans.push_back({from, m_at, part});
    }
    void readOperator()
    {
        const std::size_t from = m_at;
        const bool redirects = isOneOf(m_line[from], "<>");
        std::size_t to = from + 1;
        while (to < m_line.size() && isOneOf(m_line[to], redirects ? "<>&" : "|&;"))
            ++to;
        if (!redirects && isOneOf(m_line[from], "()"))
            to = from + 1;
        add(from, to, LinePart::Operator);
        // "2>&1": the target that follows is a file or a number; a command due before is due after it.
        if (redirects) {
            m_targetDue = true;
            return;
        }
        m_wrapped = false;
        if (m_line[from] == '(')
            m_outside.push_back(m_commandDue);
        m_commandDue = true;
        if (m_line[from] == ')' && !m_outside.empty()) {
            m_commandDue = m_outside.back();
            m_outside.pop_back();
        }
    }

    /// Reads a word in pieces (quotes and variables have colours of their own) and names the rest by its place.
    void readWord()
    {
        const std::size_t from = m_at;
        const std::size_t firstSpan = m_spans.size();
        std::size_t plainFrom = from;
        bool bare = true; // no quote, no expansion: the word says what it is
        const auto closePlain = [&](std::size_t to) {
            if (plainFrom < to)
                m_spans.push_back({plainFrom, to, LinePart::Plain});
        };
        while (m_at < m_line.size() && !isOneOf(m_line[m_at], " \t\n|&;()<>")) {
            const char c = m_line[m_at];
            if (c == '\\') {
                m_at = std::min(m_at + 2, m_line.size());
            } else if (isOneOf(c, "'\"`") || (c == '$' && expansionEnd() > m_at + 1)) {
                bare = false;
                closePlain(m_at);
                if (c == '$')
                    add(m_at, expansionEnd(), LinePart::Variable);
                else if (c == '"')
                    readDoubleQuoted();
                else
                    add(m_at, closing(c), LinePart::String);
                plainFrom = m_at;
            } else {
                ++m_at;
            }
            if (c == '$' && m_at < m_line.size() && m_line[m_at] == '(')
                break; // $( ... ): its inside is read as a line of its own
        }
        closePlain(m_at);
        nameWord(from, firstSpan, bare);
    }

    void nameWord(std::size_t from, std::size_t firstSpan, bool bare)
    {
        const std::string_view word = m_line.substr(from, m_at - from);
        LinePart part = LinePart::Plain;
        if (std::exchange(m_targetDue, false)) {
            part = LinePart::Plain;
        } else if (m_commandDue) {
            part = commandPart(word, bare);
        } else if (word.front() == '-') {
            part = LinePart::Option;
        } else if (word == "in" || word == "do") {
            part = m_loopHead ? LinePart::Keyword : LinePart::Plain;
        }
        if (part == LinePart::Variable) { // NAME=value: only the name
            const std::size_t end = from + word.find('=');
            for (std::size_t i = firstSpan; i < m_spans.size(); ++i) {
                if (m_spans[i].from == from && m_spans[i].to > end + 1) {
                    const LineSpan rest{end + 1, m_spans[i].to, LinePart::Plain};
                    m_spans[i] = {from, end + 1, LinePart::Variable};
                    m_spans.insert(m_spans.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
                    return;
                }
                m_spans[i].part = m_spans[i].part == LinePart::Plain ? part : m_spans[i].part;
            }
            return;
        }
        for (std::size_t i = firstSpan; i < m_spans.size(); ++i) {
            if (m_spans[i].part == LinePart::Plain)
                m_spans[i].part = part;
        }
    }

    LinePart commandPart(std::string_view word, bool bare)
    {
        const std::size_t equals = word.find('=');
        if (equals != std::string_view::npos && equals > 0 && startsName(word.front())
            && std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), goesOnName))
            return LinePart::Variable;
        if (keywords().count(word) > 0) {
            m_loopHead = word == "for" || word == "case";
            m_commandDue = !m_loopHead && word != "fi" && word != "done" && word != "esac" && word != "}";
            return LinePart::Keyword;
        }
        if (m_wrapped && (word.front() == '-' || (word.front() >= '0' && word.front() <= '9')))
            return word.front() == '-' ? LinePart::Option : LinePart::Plain; // timeout 5s, sudo -u postgres
        m_wrapped = runsAnother(word);
        m_commandDue = m_wrapped;
        if (!bare || word.find('/') != std::string_view::npos || isOneOf(word.front(), "[:.~*?"))
            return LinePart::Command;
        if (m_knows && !m_knows(word)) {
            const bool beingTyped = m_cursor >= static_cast<std::size_t>(word.data() - m_line.data()) && m_cursor <= m_at;
            return beingTyped ? LinePart::Plain : LinePart::Unknown;
        }
        return LinePart::Command;
    }

    void readDoubleQuoted()
    {
        std::size_t from = m_at++;
        while (m_at < m_line.size() && m_line[m_at] != '"') {
            if (m_line[m_at] == '\\') {
                m_at = std::min(m_at + 2, m_line.size());
            } else if (m_line[m_at] == '$' && expansionEnd() > m_at + 1) {
                const std::size_t end = expansionEnd();
                add(from, m_at, LinePart::String);
                add(m_at, end, LinePart::Variable);
                from = m_at;
            } else {
                ++m_at;
            }
        }
        add(from, std::min(m_at + 1, m_line.size()), LinePart::String);
    }
    std::size_t closing(char quote) const
    {
        const std::size_t end = m_line.find(quote, m_at + 1);
        return end == std::string_view::npos ? m_line.size() : end + 1;
    }
    /// Where the expansion that starts at the '$' under the cursor ends; one past it if it is none.
    std::size_t expansionEnd() const
    {
        std::size_t end = m_at + 1;
        if (end >= m_line.size())
            return end;
        if (m_line[end] == '{') {
            end = m_line.find('}', end);
            return end == std::string_view::npos ? m_line.size() : end + 1;
        }
        if (isOneOf(m_line[end], "?#$!@*0123456789"))
            return end + 1;
        while (end < m_line.size() && goesOnName(m_line[end]))
            ++end;
        return end;
    }

    std::string_view m_line;
    std::size_t m_cursor;
    const KnowsCommand& m_knows;
    std::size_t m_at = 0;
    std::vector<LineSpan> m_spans;
    bool m_commandDue = true;
    bool m_targetDue = false; ///< behind > or <
    bool m_wrapped = false;   ///< behind sudo, timeout...
    bool m_loopHead = false;  ///< behind for or case
    std::vector<bool> m_outside; ///< for each open parenthesis: was a command due before it?
};

/// SGR parameters out of the sixteen colours, which every theme gives enough contrast.
constexpr std::string_view colourOf(LinePart part)
{
    switch (part) {
    case LinePart::Plain: return {};
    case LinePart::Command: return "1";
    case LinePart::Unknown: return "31";
    case LinePart::Keyword: return "35";
    case LinePart::Option: return "36";
    case LinePart::String: return "33";
    case LinePart::Variable: return "32";
    case LinePart::Operator: return "34";
    case LinePart::Comment: return "90";
    }
    return {};
}

} // namespace

std::vector<LineSpan> partsOfLine(std::string_view line, std::size_t cursor, const KnowsCommand& knows)
{
    return LineReader(line, cursor, knows).read();
}

std::string colouredLine(std::string_view line, std::size_t cursor, const KnowsCommand& knows)
{
    std::string result;
    std::size_t at = 0;
    for (const LineSpan& span : partsOfLine(line, cursor, knows)) {
        result += line.substr(at, span.from - at);
        const std::string_view colour = colourOf(span.part);
        const std::string_view text = line.substr(span.from, span.to - span.from);
        if (colour.empty())
            result += text;
        else
            result += fmt::format("\x1b[{}m{}\x1b[0m", colour, text);
        at = span.to;
    }
    return result += line.substr(std::min(at, line.size()));
}

} // namespace core::shell
