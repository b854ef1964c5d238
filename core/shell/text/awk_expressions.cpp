#include "core/shell/text/awk_parser.h"

#include <array>
#include <utility>

namespace core::shell::awk {

std::vector<ExpressionPtr> Parser::subscripts()
{
    std::vector<ExpressionPtr> result;
    do
        result.push_back(expression());
    while (accept(","));
    expect("]");
    return result;
}

ExpressionPtr Parser::node(Expression::Kind kind, std::string text)
{
    auto result = std::make_unique<Expression>();
    result->kind = kind;
    result->text = std::move(text);
    return result;
}

ExpressionPtr Parser::node(Expression::Kind kind, std::string text, ExpressionPtr a, ExpressionPtr b)
{
    ExpressionPtr result = node(kind, std::move(text));
    result->operands.push_back(std::move(a));
    if (b)
        result->operands.push_back(std::move(b));
    return result;
}

bool Parser::isLvalue(const Expression& e)
{
    return e.kind == Expression::Kind::Variable || e.kind == Expression::Kind::Field
        || e.kind == Expression::Kind::Element;
}

ExpressionPtr Parser::expression()
{
    const Deeper deeper(*this);
    ExpressionPtr left = ternary();
    if (m_token.kind == Token::Kind::Operator && isLvalue(*left)) {
        static constexpr std::array<std::string_view, 8> kAssignments = {
            "=", "+=", "-=", "*=", "/=", "%=", "^=", "**="};
        for (const std::string_view op : kAssignments) {
            if (isOperator(op)) {
                advance();
                skipNewlines();
                const std::string arithmetic = op == "=" ? ""
                    : op == "**="                        ? "^"
                                                         : std::string(op.substr(0, 1));
                return node(Expression::Kind::Assign, arithmetic, std::move(left), expression());
            }
        }
    }
    return left;
}

ExpressionPtr Parser::ternary()
{
    ExpressionPtr condition = logicalOr();
    if (!accept("?"))
        return condition;
    skipNewlines();
    ExpressionPtr result = node(Expression::Kind::Conditional, {}, std::move(condition), expression());
    skipNewlines();
    expect(":");
    skipNewlines();
    result->operands.push_back(expression());
    return result;
}

ExpressionPtr Parser::logicalOr()
{
    ExpressionPtr left = logicalAnd();
    while (accept("||")) {
        skipNewlines();
        left = node(Expression::Kind::Or, {}, std::move(left), logicalAnd());
    }
    return left;
}

ExpressionPtr Parser::logicalAnd()
{
    ExpressionPtr left = membership();
    while (accept("&&")) {
        skipNewlines();
        left = node(Expression::Kind::And, {}, std::move(left), membership());
    }
    return left;
}

ExpressionPtr Parser::membership()
{
    ExpressionPtr left = matching();
    while (isKeyword("in")) {
        advance();
        if (m_token.kind != Token::Kind::Name)
            fail();
        left = node(Expression::Kind::In, m_token.text, std::move(left));
        advance();
    }
    return left;
}

ExpressionPtr Parser::matching()
{
    ExpressionPtr left = comparison();
    while (isOperator("~") || isOperator("!~")) {
        const std::string op = m_token.text;
        advance();
        left = node(Expression::Kind::Match, op, std::move(left), comparison());
    }
    return left;
}

ExpressionPtr Parser::comparison()
{
    ExpressionPtr left = concatenation();
    for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
        if (isOperator(op) && !(op == ">" && m_noGreater)) {
            advance();
            return node(Expression::Kind::Binary, std::string(op), std::move(left), concatenation());
        }
    }
    return left;
}

bool Parser::startsOperand() const
{
    switch (m_token.kind) {
    case Token::Kind::Number:
    case Token::Kind::String:
    case Token::Kind::Regex:
    case Token::Kind::Name:
    case Token::Kind::Function: return true;
    case Token::Kind::Operator:
        return m_token.text == "$" || m_token.text == "!" || m_token.text == "(" || m_token.text == "-"
            || m_token.text == "+" || m_token.text == "++" || m_token.text == "--";
    default: return false;
    }
}

ExpressionPtr Parser::concatenation()
{
    ExpressionPtr left = additive();
    while (startsOperand() && !isOperator("+") && !isOperator("-"))
        left = node(Expression::Kind::Concatenate, {}, std::move(left), additive());
    return left;
}

ExpressionPtr Parser::additive()
{
    ExpressionPtr left = multiplicative();
    while (isOperator("+") || isOperator("-")) {
        const std::string op = m_token.text;
        advance();
        left = node(Expression::Kind::Binary, op, std::move(left), multiplicative());
    }
    return left;
}

ExpressionPtr Parser::multiplicative()
{
    ExpressionPtr left = unary();
    while (isOperator("*") || isOperator("/") || isOperator("%")) {
        const std::string op = m_token.text;
        advance();
        left = node(Expression::Kind::Binary, op, std::move(left), unary());
    }
    return left;
}

ExpressionPtr Parser::unary()
{
    const Deeper deeper(*this);
    if (accept("!"))
        return node(Expression::Kind::Not, {}, unary());
    if (accept("-"))
        return node(Expression::Kind::Negate, {}, unary());
    if (accept("+"))
        return node(Expression::Kind::Plus, {}, unary());
    return power();
}

ExpressionPtr Parser::power()
{
    ExpressionPtr base = postfix();
    if (isOperator("^") || isOperator("**")) {
        advance();
        return node(Expression::Kind::Binary, "^", std::move(base), unary());
    }
    return base;
}

bool Parser::getlineFollows()
{
    const std::size_t position = m_position;
    const int line = m_line;
    const Token token = m_token;
    advance();
    const bool follows = isKeyword("getline");
    m_position = position;
    m_line = line;
    m_token = token;
    return follows;
}

bool Parser::startsTarget() const
{
    return m_token.kind == Token::Kind::Name || isOperator("$");
}

ExpressionPtr Parser::postfix()
{
    ExpressionPtr operand = primary();
    while (isOperator("|") && getlineFollows()) { // binds to the operand before it, as in mawk
        advance();
        advance();
        ExpressionPtr piped = node(Expression::Kind::Getline, "|", std::move(operand));
        if (startsTarget())
            piped->operands.push_back(primary());
        operand = std::move(piped);
    }
    if (isLvalue(*operand) && (isOperator("++") || isOperator("--"))) {
        const std::string op = m_token.text;
        advance();
        return node(Expression::Kind::PostIncrement, op, std::move(operand));
    }
    return operand;
}

ExpressionPtr Parser::primary()
{
    const Deeper deeper(*this);
    const Token token = m_token;
    switch (token.kind) {
    case Token::Kind::Number: {
        advance();
        ExpressionPtr result = node(Expression::Kind::Number, token.text);
        result->number = token.number;
        return result;
    }
    case Token::Kind::String: advance(); return node(Expression::Kind::String, token.text);
    case Token::Kind::Regex: {
        advance();
        ExpressionPtr result = node(Expression::Kind::Regex, token.text);
        std::string error;
        result->regex = RegularExpression::compile(token.text, RegularExpression::Syntax::Extended, {},
                                                   error);
        if (!result->regex)
            throw SyntaxError{"line " + std::to_string(token.line) + ": regular expression compile failed ("
                              + error + ")\n" + token.text};
        return result;
    }
    case Token::Kind::Name: {
        advance();
        if (accept("[")) {
            ExpressionPtr result = node(Expression::Kind::Element, token.text);
            result->operands = subscripts();
            return result;
        }
        if (token.text == "length")
            return node(Expression::Kind::Call, "length");
        return node(Expression::Kind::Variable, token.text);
    }
    case Token::Kind::Function: {
        advance();
        expect("(");
        ExpressionPtr result = node(Expression::Kind::Call, token.text);
        const bool outer = std::exchange(m_noGreater, false);
        skipNewlines();
        while (!isOperator(")")) {
            result->operands.push_back(expression());
            skipNewlines();
            if (!accept(","))
                break;
            skipNewlines();
        }
        m_noGreater = outer;
        expect(")");
        return result;
    }
    case Token::Kind::Keyword:
        if (token.text == "getline") {
            advance();
            ExpressionPtr target = startsTarget() ? primary() : nullptr;
            ExpressionPtr result = accept("<") ? node(Expression::Kind::Getline, "<", primary()) : node(Expression::Kind::Getline);
            if (target)
                result->operands.push_back(std::move(target));
            return result;
        }
        fail();
    case Token::Kind::Operator: break;
    default: fail();
    }
    if (accept("$")) {
        if (isOperator("++") || isOperator("--")) {
            const std::string op = m_token.text;
            advance();
            return node(Expression::Kind::Field, {}, node(Expression::Kind::PreIncrement, op, primary()));
        }
        if (accept("-"))
            return node(Expression::Kind::Field, {}, node(Expression::Kind::Negate, {}, primary()));
        return node(Expression::Kind::Field, {}, primary());
    }
    if (isOperator("++") || isOperator("--")) {
        advance();
        ExpressionPtr operand = primary();
        if (!isLvalue(*operand))
            fail();
        return node(Expression::Kind::PreIncrement, token.text, std::move(operand));
    }
    if (accept("(")) {
        const bool outer = std::exchange(m_noGreater, false);
        ExpressionPtr result = node(Expression::Kind::Group);
        do {
            skipNewlines();
            result->operands.push_back(expression());
            skipNewlines();
        } while (accept(","));
        m_noGreater = outer;
        expect(")");
        // (i, j) in array
        return result;
    }
    fail();
}

} // namespace core::shell::awk
