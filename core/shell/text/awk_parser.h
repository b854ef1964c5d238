#pragma once

#include "core/shell/text/awk.h"

#include <string>
#include <vector>

namespace core::shell::awk {

struct Token {
    enum class Kind { End, Newline, Number, String, Regex, Name, Function, Keyword, Operator };
    Kind kind = Kind::End;
    std::string text;
    double number = 0;
    bool spaceBefore = false;
    int line = 1;
};

/// Recursive descent over an awk program. Statements and tokens are in awk_parser.cpp, expressions in
/// awk_expressions.cpp.
class Parser {
public:
    explicit Parser(const std::string& source) : m_source(source) { advance(); }

    Program program();

private:
    // --- tokens ---------------------------------------------------------------------------------------

    [[noreturn]] void fail();
    struct Deeper {
        explicit Deeper(Parser& p) : parser(p)
        {
            constexpr int kMaxDepth = 150;
            if (parser.m_depth >= kMaxDepth)
                throw SyntaxError{"line " + std::to_string(p.m_token.line)
                                  + ": program is nested too deeply"};
            ++parser.m_depth;
        }
        ~Deeper() { --parser.m_depth; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;
        Parser& parser;
    };

    char at(std::size_t ahead = 0) const
    {
        return m_position + ahead < m_source.size() ? m_source[m_position + ahead] : '\0';
    }

    static bool isNameCharacter(char c, bool first);
    /// A slash begins a regular expression where no operand has just ended.
    bool regexAllowed() const;
    void advance();
    std::string string();
    std::string regexText();
    bool isOperator(std::string_view op) const
    {
        return m_token.kind == Token::Kind::Operator && m_token.text == op;
    }
    bool isKeyword(std::string_view word) const
    {
        return m_token.kind == Token::Kind::Keyword && m_token.text == word;
    }

    bool accept(std::string_view op);
    void expect(std::string_view op);
    void skipNewlines();
    void skipTerminators();
    // --- rules and statements -------------------------------------------------------------------------

    Rule rule();
    StatementPtr block();
    void endOfSimple();
    StatementPtr make(Statement::Kind kind);
    StatementPtr bodyStatement();
    StatementPtr statement();
    StatementPtr forStatement();
    StatementPtr simpleStatement();
    StatementPtr printStatement();
    std::vector<ExpressionPtr> subscripts();
    // --- expressions ----------------------------------------------------------------------------------

    ExpressionPtr node(Expression::Kind kind, std::string text = {});
    ExpressionPtr node(Expression::Kind kind, std::string text, ExpressionPtr a, ExpressionPtr b = nullptr);
    static bool isLvalue(const Expression& e);
    ExpressionPtr expression();
    ExpressionPtr ternary();
    ExpressionPtr logicalOr();
    ExpressionPtr logicalAnd();
    ExpressionPtr membership();
    ExpressionPtr matching();
    ExpressionPtr comparison();
    bool startsOperand() const;
    ExpressionPtr concatenation();
    ExpressionPtr additive();
    ExpressionPtr multiplicative();
    ExpressionPtr unary();
    ExpressionPtr power();
    ExpressionPtr postfix();
    /// After a `|`: whether it is `command | getline`, not print's pipe.
    bool getlineFollows();
    /// Whether a variable, element or field comes, which getline fills.
    bool startsTarget() const;
    ExpressionPtr primary();
    const std::string& m_source;
    std::size_t m_position = 0;
    int m_line = 1;
    int m_depth = 0;
    bool m_started = false;
    bool m_noGreater = false;
    Token m_token;
};

} // namespace core::shell::awk
