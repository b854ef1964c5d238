#include "core/shell/language/lexer.h"

#include "core/shell/language/parser.h"

#include <algorithm>
#include <array>

namespace core::shell {

namespace {

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

bool isMeta(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>'
        || c == '(' || c == ')';
}

bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// Longest first.
constexpr std::array<std::string_view, 23> kOperators = {"&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&",
                                                         "|&",  "&>",  "<<",  "<&",  "<>", ">>", ">&", ">|",
                                                         ";",   "&",   "|",   "<",   ">",  "(",  ")"};

void appendLiteral(std::vector<WordPart>& parts, WordPart::Kind kind, std::string_view text)
{
    if (!parts.empty() && parts.back().kind == kind && kind == WordPart::Kind::Literal) {
        parts.back().text += text;
        return;
    }
    WordPart part;
    part.kind = kind;
    part.text = text;
    parts.push_back(std::move(part));
}

} // namespace

bool isName(std::string_view text)
{
    if (text.empty() || !isNameStart(text[0]))
        return false;
    for (const char c : text)
        if (!isNameStart(c) && !isDigit(c))
            return false;
    return true;
}

void Lexer::enter()
{
    if (++m_depth > kMaxDepth) {
        // The guard's destructor does not run when its constructor throws.
        --m_depth;
        throw SyntaxError{"syntax error: commands are nested too deeply"};
    }
}

void Lexer::splice(std::size_t from, std::size_t length, const std::string& text)
{
    constexpr std::size_t kMaxSource = 1 << 20;
    if (m_source.size() + text.size() > kMaxSource)
        throw SyntaxError{"syntax error: the line is too long"};
    m_source.replace(from, length, text);
    m_position = from;
}

void Lexer::unfinished(const std::string& what)
{
    throw SyntaxError{what, true};
}

void Lexer::skipBlanks()
{
    for (;;) {
        if (isBlank(peekChar()) || peekChar() == '\r')
            ++m_position;
        else if (peekChar() == '\\' && peekChar(1) == '\n')
            m_position += 2;
        else
            break;
    }
}

Token Lexer::next()
{
    skipBlanks();
    if (peekChar() == '#')
        while (!atEnd() && peekChar() != '\n')
            ++m_position;
    Token token;
    token.position = token.end = m_position;
    if (atEnd())
        return token;
    if (peekChar() == '\n') {
        token.kind = Token::Kind::Newline;
        token.end = ++m_position;
        return token;
    }
    std::size_t digits = 0;
    while (isDigit(peekChar(digits)))
        ++digits;
    if (digits == 1 && (peekChar(1) == '<' || peekChar(1) == '>')) {
        token.descriptor = peekChar() - '0';
        ++m_position;
    }
    for (const std::string_view op : kOperators) {
        if (m_source.compare(m_position, op.size(), op) == 0) {
            token.kind = Token::Kind::Operator;
            token.text = op;
            m_position += op.size();
            token.end = m_position;
            return token;
        }
    }
    return wordToken(Mode::Plain);
}

Token Lexer::nextRegexWord()
{
    skipBlanks();
    if (atEnd() || peekChar() == '\n')
        return next();
    return wordToken(Mode::Regex);
}

Token Lexer::wordToken(Mode mode)
{
    Token token;
    token.kind = Token::Kind::Word;
    token.position = m_position;
    token.word.position = m_position;
    token.word.parts = parts(mode, {});
    token.end = m_position;
    token.text = m_source.substr(token.position, m_position - token.position);
    token.word.source = token.text;
    return token;
}

bool Lexer::stopsAt(Mode mode, std::string_view stop, int parentheses) const
{
    switch (mode) {
    case Mode::Plain: return isMeta(peekChar());
    case Mode::Regex: return isBlank(peekChar()) || peekChar() == '\n';
    case Mode::HereDocument: return false;
    case Mode::Arithmetic:
        return parentheses == 0
            && (m_source.compare(m_position, 2, "))") == 0
                || (!stop.empty() && stop.find(peekChar()) != std::string_view::npos));
    case Mode::DoubleQuoted: return peekChar() == '"';
    case Mode::Brace:
    case Mode::BraceQuoted: return stop.find(peekChar()) != std::string_view::npos;
    }
    return true;
}

std::vector<WordPart> Lexer::parts(Mode mode, std::string_view stop)
{
    const DepthGuard guard(*this);
    const bool quoted = mode == Mode::DoubleQuoted || mode == Mode::BraceQuoted || mode == Mode::HereDocument
        || mode == Mode::Arithmetic;
    std::vector<WordPart> result;
    int parentheses = 0;
    while (!atEnd() && !stopsAt(mode, stop, parentheses)) {
        const char c = peekChar();
        if (c == '\\') {
            if (peekChar(1) == '\n') {
                m_position += 2;
                continue;
            }
            if (m_position + 1 >= m_source.size()) {
                if (mode != Mode::HereDocument && mode != Mode::Plain)
                    unfinished("unexpected EOF");
                appendLiteral(result, WordPart::Kind::Quoted, "\\");
                ++m_position;
                continue;
            }
            const char escaped = peekChar(1);
            const bool special = escaped == '$' || escaped == '`' || escaped == '\\'
                || (escaped == '"' && mode != Mode::HereDocument)
                || (escaped == '}' && mode == Mode::BraceQuoted);
            if (mode == Mode::Regex) {
                appendLiteral(result, WordPart::Kind::Literal, m_source.substr(m_position, 2));
            } else if (quoted && !special) {
                appendLiteral(result, WordPart::Kind::Quoted, m_source.substr(m_position, 2));
            } else {
                appendLiteral(result, WordPart::Kind::Quoted, std::string_view(&m_source[m_position + 1], 1));
            }
            m_position += 2;
        } else if (c == '\'' && !quoted) {
            const std::size_t close = m_source.find('\'', m_position + 1);
            if (close == std::string::npos)
                unfinished("unexpected EOF while looking for matching `''");
            appendLiteral(result, WordPart::Kind::Quoted,
                          std::string_view(m_source).substr(m_position + 1, close - m_position - 1));
            m_position = close + 1;
        } else if (c == '"' && mode != Mode::HereDocument && mode != Mode::DoubleQuoted) {
            ++m_position;
            WordPart part;
            part.kind = WordPart::Kind::DoubleQuoted;
            part.parts = parts(Mode::DoubleQuoted, {});
            if (peekChar() != '"')
                unfinished("unexpected EOF while looking for matching `\"'");
            ++m_position;
            result.push_back(std::move(part));
        } else if (c == '$') {
            result.push_back(dollar(quoted));
            if (result.back().kind == WordPart::Kind::Literal && result.size() > 1) {
                const std::string text = result.back().text;
                result.pop_back();
                appendLiteral(result, WordPart::Kind::Literal, text);
            }
        } else if (c == '`') {
            result.push_back(backquoted(quoted));
        } else {
            if (mode == Mode::Arithmetic)
                parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
            appendLiteral(result, WordPart::Kind::Literal, std::string_view(&m_source[m_position], 1));
            ++m_position;
        }
    }
    return result;
}

std::string Lexer::parameterName()
{
    const std::size_t start = m_position;
    if (isNameStart(peekChar())) {
        while (isNameStart(peekChar()) || isDigit(peekChar()))
            ++m_position;
    } else if (isDigit(peekChar())) {
        while (isDigit(peekChar()))
            ++m_position;
    } else if (!atEnd() && std::string_view("?#$@*!-").find(peekChar()) != std::string_view::npos) {
        ++m_position;
    }
    return m_source.substr(start, m_position - start);
}

WordPart Lexer::dollar(bool quoted)
{
    WordPart part;
    ++m_position;
    const char c = peekChar();
    if (c == '(' && peekChar(1) == '(') {
        const DepthGuard guard(*this);
        m_position += 2;
        part.kind = WordPart::Kind::Arithmetic;
        part.arguments.push_back(argument(Mode::Arithmetic, {}));
        if (m_source.compare(m_position, 2, "))") != 0)
            unfinished("unexpected EOF while looking for matching `)'");
        m_position += 2;
        return part;
    }
    if (c == '(') {
        const DepthGuard guard(*this);
        ++m_position;
        part.kind = WordPart::Kind::Command;
        part.command = m_parseSubstitution();
        return part;
    }
    if (c == '{') {
        const DepthGuard guard(*this);
        ++m_position;
        return braced(quoted);
    }
    if (c == '\'' && !quoted)
        return ansiQuoted();
    if (c == '"' && !quoted) { // $"...": a translated string; the same as "..."
        part.kind = WordPart::Kind::Quoted;
        return part;
    }
    const std::size_t start = m_position;
    if (isDigit(c)) { // $12 is $1 followed by 2
        part.text = std::string(1, c);
        ++m_position;
    } else {
        part.text = parameterName();
    }
    if (m_position == start) {
        part.kind = quoted ? WordPart::Kind::Quoted : WordPart::Kind::Literal;
        part.text = "$";
        return part;
    }
    part.kind = WordPart::Kind::Parameter;
    return part;
}

Word Lexer::argument(Mode mode, std::string_view stop)
{
    Word word;
    word.position = m_position;
    word.parts = parts(mode, stop);
    word.source = m_source.substr(word.position, m_position - word.position);
    return word;
}

WordPart Lexer::braced(bool quoted)
{
    WordPart part;
    part.kind = WordPart::Kind::Parameter;
    const std::size_t start = m_position;
    const auto bad = [&]() {
        const std::size_t close = m_source.find('}', start);
        if (close == std::string::npos)
            unfinished("unexpected EOF while looking for matching `}'");
        m_position = close + 1;
        part.operation = "bad";
        part.text = m_source.substr(start, close - start);
        return part;
    };
    if (peekChar() == '#' && peekChar(1) != '}' && peekChar(1) != ':' && peekChar(1) != '-') {
        ++m_position;
        part.length = true;
    } else if (peekChar() == '!' && isNameStart(peekChar(1))) {
        ++m_position;
        part.indirect = true;
    }
    part.text = parameterName();
    if (part.text.empty())
        return bad();
    if (peekChar() == '}') {
        ++m_position;
        return part;
    }
    if (part.length || atEnd())
        return bad();
    static constexpr std::array<std::string_view, 20> kOperations = {":-", ":=", ":?", ":+", "##", "%%", "//",
                                                                     "/#", "/%", "^^", ",,", "-",  "=",  "?",
                                                                     "+",  "#",  "%",  "/",  "^",  ","};
    for (const std::string_view op : kOperations) {
        if (m_source.compare(m_position, op.size(), op) == 0) {
            part.operation = op;
            break;
        }
    }
    if (part.operation.empty() && peekChar() == ':')
        part.operation = ":";
    if (part.operation.empty())
        return bad();
    m_position += part.operation.size();
    const Mode mode = quoted ? Mode::BraceQuoted : Mode::Brace;
    if (part.operation == ":") {
        part.arguments.push_back(argument(Mode::BraceQuoted, ":}"));
        if (peekChar() == ':') {
            ++m_position;
            part.arguments.push_back(argument(Mode::BraceQuoted, "}"));
        }
    } else if (part.operation[0] == '/') {
        part.arguments.push_back(argument(Mode::Brace, "/}"));
        if (peekChar() == '/') {
            ++m_position;
            part.arguments.push_back(argument(Mode::Brace, "}"));
        }
    } else {
        const bool pattern = part.operation[0] == '#' || part.operation[0] == '%';
        part.arguments.push_back(argument(pattern ? Mode::Brace : mode, "}"));
    }
    if (peekChar() != '}')
        unfinished("unexpected EOF while looking for matching `}'");
    ++m_position;
    return part;
}

WordPart Lexer::backquoted(bool quoted)
{
    const DepthGuard guard(*this);
    WordPart part;
    part.kind = WordPart::Kind::Command;
    std::string text;
    ++m_position;
    while (peekChar() != '`') {
        if (atEnd())
            unfinished("unexpected EOF while looking for matching ``'");
        if (peekChar() == '\\') {
            const char c = peekChar(1);
            if (c == '`' || c == '\\' || c == '$' || (quoted && c == '"'))
                ++m_position;
        }
        if (!atEnd())
            text += m_source[m_position++];
    }
    ++m_position;
    // The inner text is parsed on its own, at the depth reached so far.
    ParseResult inner = parseShellNested(text, {}, m_depth);
    if (inner.status != ParseResult::Status::Complete)
        throw SyntaxError{inner.message};
    part.command = inner.tree;
    return part;
}

WordPart Lexer::ansiQuoted()
{
    WordPart part;
    part.kind = WordPart::Kind::Quoted;
    ++m_position;
    while (peekChar() != '\'') {
        if (atEnd())
            unfinished("unexpected EOF while looking for matching `''");
        char c = m_source[m_position++];
        if (c == '\\' && !atEnd()) {
            static constexpr std::string_view kFrom = "ntrabefv0";
            static constexpr std::string_view kTo("\n\t\r\a\b\x1b\f\v\0", 9);
            const char escaped = m_source[m_position++];
            const std::size_t i = kFrom.find(escaped);
            c = i == std::string_view::npos ? escaped : kTo[i];
        }
        if (c != '\0')
            part.text += c;
    }
    ++m_position;
    return part;
}

Word Lexer::arithmeticUntil(std::string_view stop)
{
    return argument(Mode::Arithmetic, stop);
}

Word Lexer::hereDocumentWord()
{
    return argument(Mode::HereDocument, {});
}

std::string Lexer::hereDocumentBody(const std::string& delimiter, bool stripTabs)
{
    std::string body;
    while (!atEnd()) {
        const std::size_t newline = m_source.find('\n', m_position);
        const std::size_t end = newline == std::string::npos ? m_source.size() : newline;
        std::string line = m_source.substr(m_position, end - m_position);
        m_position = newline == std::string::npos ? end : end + 1;
        if (stripTabs)
            line.erase(0, std::min(line.find_first_not_of('\t'), line.size()));
        if (line == delimiter)
            return body;
        body += line + "\n";
    }
    throw SyntaxError{"here-document delimited by end-of-file (wanted `" + delimiter + "')", true};
}

} // namespace core::shell
