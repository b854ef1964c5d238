#include "core/shell/text/awk_parser.h"

#include "core/shell/numbers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace core::shell::awk {

namespace {

constexpr std::array<std::string_view, 18> kKeywords = {
    "BEGIN", "END",   "if",       "else",   "while", "for",    "do",       "in",     "next",
    "exit",  "break", "continue", "delete", "print", "printf", "function", "return", "getline"};
constexpr std::array<std::string_view, 38> kOperators = {
    "**=", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", "++",
    "--",  "&&", "||", ">>", "**", "+",  "-",  "*",  "/",  "%",  "^",  "!",  ">",
    "<",   "|",  "?",  ":",  "~",  "$",  "=",  ",",  "(",  ")",  ";",  "{"};

} // namespace

Program Parser::program()
{
    Program result;
    skipTerminators();
    while (m_token.kind != Token::Kind::End) {
        if (isKeyword("function")) {
            advance();
            UserFunction function;
            const std::string name = m_token.text;
            if (m_token.kind != Token::Kind::Name && m_token.kind != Token::Kind::Function)
                fail();
            advance();
            expect("(");
            while (m_token.kind == Token::Kind::Name) {
                function.parameters.push_back(m_token.text);
                advance();
                if (!accept(","))
                    break;
            }
            expect(")");
            skipNewlines();
            function.body = block();
            result.functions.emplace_back(name, std::move(function));
        } else {
            result.rules.push_back(rule());
        }
        skipTerminators();
    }
    return result;
}

void Parser::fail()
{
    throw SyntaxError{"line " + std::to_string(m_token.line) + ": syntax error at or near "
                      + (m_token.kind == Token::Kind::End           ? "end of file"
                             : m_token.kind == Token::Kind::Newline ? "end of line"
                                                                    : m_token.text)};
}

bool Parser::isNameCharacter(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

bool Parser::regexAllowed() const
{
    switch (m_token.kind) {
    case Token::Kind::Number:
    case Token::Kind::String:
    case Token::Kind::Name:
    case Token::Kind::Function:
    case Token::Kind::Regex: return false;
    case Token::Kind::Operator:
        return m_token.text != ")" && m_token.text != "]" && m_token.text != "$" && m_token.text != "++"
            && m_token.text != "--";
    default: return true;
    }
}

void Parser::advance()
{
    const bool regex = m_started ? regexAllowed() : true;
    m_started = true;
    Token token;
    for (;;) {
        if (at() == ' ' || at() == '\t' || at() == '\r') {
            ++m_position;
            token.spaceBefore = true;
        } else if (at() == '\\' && at(1) == '\n') {
            m_position += 2;
            ++m_line;
        } else if (at() == '#') {
            while (m_position < m_source.size() && at() != '\n')
                ++m_position;
        } else {
            break;
        }
    }
    token.line = m_line;
    const char c = at();
    if (m_position >= m_source.size()) {
        m_token = token;
        return;
    }
    if (c == '\n') {
        ++m_position;
        ++m_line;
        token.kind = Token::Kind::Newline;
    } else if ((c >= '0' && c <= '9') || (c == '.' && at(1) >= '0' && at(1) <= '9')) {
        std::size_t used = 0;
        token.kind = Token::Kind::Number;
        token.number = parseDouble(std::string_view(m_source).substr(m_position), used);
        token.text = m_source.substr(m_position, used);
        m_position += std::max<std::size_t>(used, 1);
    } else if (c == '"') {
        token.kind = Token::Kind::String;
        token.text = string();
    } else if (c == '/' && regex) {
        token.kind = Token::Kind::Regex;
        token.text = regexText();
    } else if (isNameCharacter(c, true)) {
        while (isNameCharacter(at(), false))
            token.text += m_source[m_position++];
        const bool keyword = std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end();
        token.kind = keyword ? Token::Kind::Keyword : at() == '(' ? Token::Kind::Function : Token::Kind::Name;
    } else if (c == '}' || c == '[' || c == ']') {
        token.kind = Token::Kind::Operator;
        token.text = std::string(1, c);
        ++m_position;
    } else {
        token.kind = Token::Kind::Operator;
        for (const std::string_view op : kOperators) {
            if (m_source.compare(m_position, op.size(), op) == 0) {
                token.text = op;
                break;
            }
        }
        if (token.text.empty()) {
            token.text = std::string(1, c);
            m_token = token;
            fail();
        }
        m_position += token.text.size();
    }
    m_token = token;
}

std::string Parser::string()
{
    std::string text;
    for (++m_position; at() != '"'; ++m_position) {
        if (m_position >= m_source.size() || at() == '\n')
            throw SyntaxError{"line " + std::to_string(m_line) + ": runaway string constant \"" + text
                              + " ..."};
        if (at() == '\\' && m_position + 1 < m_source.size()) {
            ++m_position;
            static constexpr std::string_view kFrom = "ntr\\\"/abfv";
            static constexpr std::string_view kTo = "\n\t\r\\\"/\a\b\f\v";
            const std::size_t k = kFrom.find(at());
            if (k != std::string_view::npos) {
                text += kTo[k];
            } else if (at() >= '0' && at() <= '7') {
                int value = 0;
                for (int digits = 0; digits < 3 && at() >= '0' && at() <= '7'; ++digits)
                    value = value * 8 + (m_source[m_position++] - '0');
                --m_position;
                if (value > 0 && value < 256)
                    text += static_cast<char>(value);
            } else {
                text += '\\';
                text += at();
            }
            continue;
        }
        text += at();
    }
    ++m_position;
    return text;
}

std::string Parser::regexText()
{
    std::string text;
    bool bracket = false;
    for (++m_position; at() != '/' || bracket; ++m_position) {
        if (m_position >= m_source.size() || at() == '\n')
            throw SyntaxError{"line " + std::to_string(m_line) + ": runaway regular expression /" + text
                              + " ..."};
        if (at() == '\\' && at(1) == '/') {
            ++m_position;
        } else if (at() == '\\' && m_position + 1 < m_source.size()) {
            text += at();
            ++m_position;
        } else if (at() == '[') {
            bracket = m_source.find(']', m_position) != std::string::npos;
        } else if (at() == ']') {
            bracket = false;
        }
        text += at();
    }
    ++m_position;
    return text;
}

bool Parser::accept(std::string_view op)
{
    if (!isOperator(op))
        return false;
    advance();
    return true;
}

void Parser::expect(std::string_view op)
{
    if (!accept(op))
        fail();
}

void Parser::skipNewlines()
{
    while (m_token.kind == Token::Kind::Newline)
        advance();
}

void Parser::skipTerminators()
{
    while (m_token.kind == Token::Kind::Newline || isOperator(";"))
        advance();
}

Rule Parser::rule()
{
    Rule result;
    if (isKeyword("BEGIN") || isKeyword("END")) {
        result.kind = isKeyword("BEGIN") ? Rule::Kind::Begin : Rule::Kind::End;
        advance();
        skipNewlines();
        result.action = block();
        return result;
    }
    if (!isOperator("{")) {
        result.kind = Rule::Kind::Pattern;
        result.first = expression();
        if (accept(",")) {
            result.kind = Rule::Kind::Range;
            skipNewlines();
            result.second = expression();
        }
    }
    if (isOperator("{"))
        result.action = block();
    return result;
}

StatementPtr Parser::block()
{
    expect("{");
    auto result = std::make_unique<Statement>();
    skipTerminators();
    while (!isOperator("}")) {
        if (m_token.kind == Token::Kind::End)
            fail();
        result->body.push_back(statement());
        skipTerminators();
    }
    advance();
    return result;
}

void Parser::endOfSimple()
{
    if (m_token.kind == Token::Kind::Newline || isOperator(";"))
        advance();
    else if (!isOperator("}") && m_token.kind != Token::Kind::End)
        fail();
}

StatementPtr Parser::make(Statement::Kind kind)
{
    auto result = std::make_unique<Statement>();
    result->kind = kind;
    return result;
}

StatementPtr Parser::bodyStatement()
{
    skipNewlines();
    if (accept(";"))
        return make(Statement::Kind::Block);
    return statement();
}

StatementPtr Parser::statement()
{
    const Deeper deeper(*this);
    if (isOperator("{"))
        return block();
    if (isKeyword("if")) {
        advance();
        expect("(");
        StatementPtr result = make(Statement::Kind::If);
        result->expressions.push_back(expression());
        expect(")");
        result->body.push_back(bodyStatement());
        // "else" may stand behind newlines and a semicolon.
        const std::size_t position = m_position;
        const Token token = m_token;
        const int line = m_line;
        skipTerminators();
        if (isKeyword("else")) {
            advance();
            result->body.push_back(bodyStatement());
        } else {
            m_position = position;
            m_token = token;
            m_line = line;
        }
        return result;
    }
    if (isKeyword("while")) {
        advance();
        expect("(");
        StatementPtr result = make(Statement::Kind::While);
        result->expressions.push_back(expression());
        expect(")");
        result->body.push_back(bodyStatement());
        return result;
    }
    if (isKeyword("do")) {
        advance();
        StatementPtr result = make(Statement::Kind::DoWhile);
        result->body.push_back(bodyStatement());
        skipTerminators();
        if (!isKeyword("while"))
            fail();
        advance();
        expect("(");
        result->expressions.push_back(expression());
        expect(")");
        endOfSimple();
        return result;
    }
    if (isKeyword("for"))
        return forStatement();
    StatementPtr result = simpleStatement();
    endOfSimple();
    return result;
}

StatementPtr Parser::forStatement()
{
    advance();
    expect("(");
    if (m_token.kind == Token::Kind::Name) {
        const std::size_t position = m_position;
        const Token token = m_token;
        advance();
        if (isKeyword("in")) {
            advance();
            StatementPtr result = make(Statement::Kind::ForIn);
            result->name = token.text;
            result->array = m_token.text;
            if (m_token.kind != Token::Kind::Name)
                fail();
            advance();
            if (accept(")")) {
                result->body.push_back(bodyStatement());
                return result;
            }
            fail();
        }
        m_position = position;
        m_token = token;
    }
    StatementPtr result = make(Statement::Kind::For);
    if (!isOperator(";"))
        result->start = simpleStatement();
    expect(";");
    skipNewlines();
    result->expressions.push_back(isOperator(";") ? nullptr : expression());
    expect(";");
    skipNewlines();
    if (!isOperator(")"))
        result->step = simpleStatement();
    expect(")");
    result->body.push_back(bodyStatement());
    return result;
}

StatementPtr Parser::simpleStatement()
{
    static constexpr std::array<std::pair<std::string_view, Statement::Kind>, 3> kPlain = {
        {{"next", Statement::Kind::Next},
         {"break", Statement::Kind::Break},
         {"continue", Statement::Kind::Continue}}};
    for (const auto& [word, kind] : kPlain) {
        if (isKeyword(word)) {
            advance();
            return make(kind);
        }
    }
    if (isKeyword("exit") || isKeyword("return")) {
        StatementPtr result = make(isKeyword("exit") ? Statement::Kind::Exit : Statement::Kind::Return);
        advance();
        if (m_token.kind != Token::Kind::Newline && m_token.kind != Token::Kind::End && !isOperator(";")
            && !isOperator("}"))
            result->expressions.push_back(expression());
        return result;
    }
    if (isKeyword("delete")) {
        advance();
        StatementPtr result = make(Statement::Kind::Delete);
        if (m_token.kind != Token::Kind::Name)
            fail();
        result->array = m_token.text;
        advance();
        if (accept("["))
            result->expressions = subscripts();
        return result;
    }
    if (isKeyword("print") || isKeyword("printf"))
        return printStatement();
    StatementPtr result = make(Statement::Kind::Expression);
    result->expressions.push_back(expression());
    return result;
}

StatementPtr Parser::printStatement()
{
    StatementPtr result = make(isKeyword("print") ? Statement::Kind::Print : Statement::Kind::Printf);
    advance();
    // In print, > is a redirection unless it stands in parentheses.
    m_noGreater = true;
    if (m_token.kind != Token::Kind::Newline && m_token.kind != Token::Kind::End && !isOperator(";")
        && !isOperator("}") && !isOperator(">") && !isOperator(">>") && !isOperator("|")) {
        result->expressions.push_back(expression());
        // print (a, b) is a list in parentheses.
        if (result->expressions[0]->kind == Expression::Kind::Group
            && result->expressions[0]->operands.size() > 1) {
            std::vector<ExpressionPtr> list = std::move(result->expressions[0]->operands);
            result->expressions = std::move(list);
        }
        while (accept(",")) {
            skipNewlines();
            result->expressions.push_back(expression());
        }
    }
    m_noGreater = false;
    if (isOperator(">") || isOperator(">>") || isOperator("|")) {
        result->redirection = m_token.text;
        advance();
        result->expressions.push_back(concatenation());
    }
    return result;
}

Program parse(const std::string& source)
{
    return Parser(source).program();
}

} // namespace core::shell::awk
