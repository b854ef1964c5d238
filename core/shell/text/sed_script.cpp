#include "core/shell/text/sed_script.h"

#include <algorithm>

namespace core::shell {

namespace {

using Syntax = RegularExpression::Syntax;

class SedParser {
public:
    SedParser(const std::string& script, bool extended)
        : m_script(script), m_syntax(extended ? Syntax::Extended : Syntax::Basic)
    { }

    std::vector<SedCommand> parse()
    {
        std::vector<std::size_t> open;
        while (skipToCommand()) {
            SedCommand command;
            command.first = address();
            skipBlanks();
            if (peek() == ',' && command.first.kind != Address::Kind::None) {
                ++m_position;
                skipBlanks();
                command.second = address();
                if (command.second.kind == Address::Kind::None)
                    fail("unexpected `,'");
            }
            skipBlanks();
            while (peek() == '!') {
                ++m_position;
                command.negated = true;
                skipBlanks();
            }
            if (atEnd())
                fail("missing command");
            command.name = m_script[m_position++];
            arguments(command);
            if (command.name == '{') {
                open.push_back(m_commands.size());
            } else if (command.name == '}') {
                if (open.empty())
                    fail("unexpected `}'");
                m_commands[open.back()].jump = m_commands.size();
                open.pop_back();
            }
            m_commands.push_back(std::move(command));
        }
        if (!open.empty()) {
            m_position = 0;
            fail("unmatched `{'");
        }
        for (SedCommand& command : m_commands) {
            if (command.name != 'b' && command.name != 't' && command.name != 'T')
                continue;
            command.jump = m_commands.size();
            for (std::size_t i = 0; !command.text.empty() && i < m_commands.size(); ++i)
                if (m_commands[i].name == ':' && m_commands[i].text == command.text)
                    command.jump = i;
            if (!command.text.empty() && command.jump == m_commands.size())
                throw SedError{"-e expression #1, char " + std::to_string(m_script.size())
                               + ": can't find label for jump to `" + command.text + "'"};
        }
        return std::move(m_commands);
    }

private:
    bool atEnd() const { return m_position >= m_script.size(); }
    char peek() const { return atEnd() ? '\0' : m_script[m_position]; }

    [[noreturn]] void fail(const std::string& text)
    {
        throw SedError{"-e expression #1, char " + std::to_string(m_position) + ": " + text};
    }

    void skipBlanks()
    {
        while (peek() == ' ' || peek() == '\t')
            ++m_position;
    }

    /// To the next command; false at the end.
    bool skipToCommand()
    {
        while (!atEnd() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == ';'))
            ++m_position;
        if (peek() == '#') {
            while (!atEnd() && peek() != '\n')
                ++m_position;
            return skipToCommand();
        }
        return !atEnd();
    }

    std::size_t number()
    {
        std::size_t value = 0;
        for (; peek() >= '0' && peek() <= '9'; ++m_position)
            value = std::min<std::size_t>(value * 10 + static_cast<std::size_t>(peek() - '0'), 1'000'000'000);
        return value;
    }

    /// Text up to the delimiter; "\delimiter" is the delimiter itself.
    std::string delimited(char delimiter, const char* what)
    {
        std::string text;
        bool bracket = false;
        for (; !atEnd(); ++m_position) {
            const char c = peek();
            if (c == '\\' && m_position + 1 < m_script.size()) {
                const char next = m_script[++m_position];
                if (next == delimiter && delimiter != '\0') {
                    text += next;
                } else {
                    text += '\\';
                    text += next;
                }
                continue;
            }
            if (c == '[' && !bracket && what[0] == 'r')
                bracket = true;
            else if (c == ']')
                bracket = false;
            if (c == delimiter
                && !(bracket && m_script.find(']', m_position) != std::string::npos && delimiter != '/')) {
                ++m_position;
                return text;
            }
            text += c;
        }
        fail(std::string("unterminated ") + (what[0] == 'r' ? "address regex" : what));
    }

    RegularExpression regex(const std::string& text, bool ignoreCase)
    {
        RegularExpression::Options options;
        options.ignoreCase = ignoreCase;
        std::string error;
        auto compiled = RegularExpression::compile(text, m_syntax, options, error);
        if (!compiled)
            fail(error);
        return *compiled;
    }

    Address address()
    {
        Address result;
        const char c = peek();
        if (c >= '0' && c <= '9') {
            result.kind = Address::Kind::Line;
            result.line = number();
            if (peek() == '~') {
                ++m_position;
                result.kind = Address::Kind::Step;
                result.step = number();
            }
        } else if (c == '$') {
            ++m_position;
            result.kind = Address::Kind::Last;
        } else if (c == '+') {
            ++m_position;
            result.kind = Address::Kind::Relative;
            result.line = number();
        } else if (c == '/' || c == '\\') {
            if (c == '\\')
                ++m_position;
            const char delimiter = peek();
            ++m_position;
            const std::string text = delimited(delimiter, "regex");
            bool ignoreCase = false;
            for (; peek() == 'I' || peek() == 'M'; ++m_position)
                ignoreCase |= peek() == 'I';
            result.kind = Address::Kind::Pattern;
            if (text.empty() && !m_last)
                fail("no previous regular expression");
            if (!text.empty())
                m_last = regex(text, ignoreCase);
            result.pattern = m_last;
        }
        return result;
    }

    void arguments(SedCommand& command)
    {
        switch (command.name) {
        case 's': substitution(command); break;
        case 'y': {
            const char delimiter = peek();
            ++m_position;
            command.from = unescaped(delimited(delimiter, "`y' command"));
            command.to = unescaped(delimited(delimiter, "`y' command"));
            if (command.from.size() != command.to.size())
                fail("strings for `y' command are different lengths");
            break;
        }
        case 'a':
        case 'i':
        case 'c':
            skipBlanks();
            if (peek() == '\\') {
                ++m_position;
                skipBlanks();
                if (peek() == '\n')
                    ++m_position;
            }
            if (atEnd())
                fail("expected \\ after `a', `c' or `i'");
            for (; !atEnd() && peek() != '\n'; ++m_position) {
                if (peek() == '\\' && m_position + 1 < m_script.size())
                    ++m_position;
                command.text += m_script[m_position];
            }
            command.text += '\n';
            break;
        case ':':
        case 'b':
        case 't':
        case 'T':
            skipBlanks();
            while (!atEnd() && peek() != '\n' && peek() != ';' && peek() != '}')
                command.text += m_script[m_position++];
            while (!command.text.empty() && command.text.back() == ' ')
                command.text.pop_back();
            break;
        case 'q':
        case 'Q':
            skipBlanks();
            command.occurrence = number();
            break;
        case '{': return;
        case '}':
        case 'd':
        case 'D':
        case 'p':
        case 'P':
        case 'n':
        case 'N':
        case 'g':
        case 'G':
        case 'h':
        case 'H':
        case 'x':
        case '=':
        case 'l': break;
        case 'w':
        case 'r': fileName(command); return;
        default: fail(std::string("unknown command: `") + command.name + "'");
        }
        skipBlanks();
        if (!atEnd() && peek() != ';' && peek() != '\n' && peek() != '}' && peek() != '#'
            && command.text.empty())
            fail("extra characters after command");
    }

    /// The rest of the line.
    void fileName(SedCommand& command)
    {
        skipBlanks();
        const std::size_t end = std::min(m_script.find('\n', m_position), m_script.size());
        command.file = m_script.substr(m_position, end - m_position);
        m_position = end;
        if (command.file.empty())
            fail("missing filename in r/R/w/W commands");
    }

    static std::string unescaped(const std::string& text)
    {
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) {
                ++i;
                result += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
            } else {
                result += text[i];
            }
        }
        return result;
    }

    void substitution(SedCommand& command)
    {
        const char delimiter = peek();
        if (atEnd() || delimiter == '\n' || delimiter == '\\')
            fail("unterminated `s' command");
        ++m_position;
        const std::string pattern = delimited(delimiter, "`s' command");
        command.replacement = delimited(delimiter, "`s' command");
        bool ignoreCase = false;
        for (; !atEnd();) {
            const char c = peek();
            if (c == 'g')
                command.global = true;
            else if (c == 'p')
                command.print = true;
            else if (c == 'i' || c == 'I')
                ignoreCase = true;
            else if (c == 'm' || c == 'M')
                ;
            else if (c == 'w') {
                ++m_position;
                fileName(command);
                break;
            }
            else if (c >= '1' && c <= '9') {
                command.occurrence = number();
                continue;
            } else if (c == ';' || c == '\n' || c == '}' || c == ' ' || c == '\t' || c == '#')
                break;
            else {
                ++m_position;
                fail("unknown option to `s'");
            }
            ++m_position;
        }
        if (!pattern.empty())
            m_last = regex(pattern, ignoreCase);
        else if (!m_last)
            fail("no previous regular expression");
        command.pattern = m_last;
        for (std::size_t i = 0; i + 1 < command.replacement.size(); ++i) {
            if (command.replacement[i] != '\\')
                continue;
            const char group = command.replacement[++i];
            if (group >= '1' && group <= '9'
                && static_cast<std::size_t>(group - '0') > command.pattern->groupCount())
                fail(std::string("invalid reference \\") + group + " on `s' command's RHS");
        }
    }

    const std::string& m_script;
    Syntax m_syntax;
    std::size_t m_position = 0;
    std::vector<SedCommand> m_commands;
    std::optional<RegularExpression> m_last;
};

} // namespace

std::vector<SedCommand> parseSed(const std::string& script, bool extended)
{
    return SedParser(script, extended).parse();
}

} // namespace core::shell
