#include "core/shell/language/arithmetic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace core::shell {

namespace {

struct Failure {
    std::string text;
};

class Calculator {
public:
    Calculator(std::string_view text, const ArithmeticVariables& variables, int depth, int& lookUps)
        : m_text(text), m_variables(variables), m_depth(depth), m_lookUps(lookUps)
    { }

    std::int64_t all()
    {
        skip();
        if (m_position == m_text.size())
            return 0;
        const std::int64_t value = comma();
        skip();
        if (m_position < m_text.size())
            fail("syntax error in expression");
        return value;
    }

private:
    [[noreturn]] void fail(const std::string& what)
    {
        const std::string_view rest = m_text.substr(std::min(m_position, m_text.size()));
        std::string_view shown = m_text;
        while (!shown.empty() && (shown.front() == ' ' || shown.front() == '\t'))
            shown.remove_prefix(1);
        throw Failure{std::string(shown) + ": " + what + " (error token is \"" + std::string(rest) + "\")"};
    }

    void skip()
    {
        while (m_position < m_text.size()
               && (m_text[m_position] == ' ' || m_text[m_position] == '\t' || m_text[m_position] == '\n'))
            ++m_position;
    }

    /// Takes an operator, unless it is the beginning of a longer one.
    bool accept(std::string_view op, std::string_view notFollowedBy = {})
    {
        skip();
        if (m_text.compare(m_position, op.size(), op) != 0)
            return false;
        if (m_position + op.size() < m_text.size()
            && notFollowedBy.find(m_text[m_position + op.size()]) != std::string_view::npos)
            return false;
        m_position += op.size();
        return true;
    }

    struct Deeper {
        explicit Deeper(Calculator& c) : calculator(c)
        {
            constexpr int kMaxDepth = 60;
            if (++calculator.m_depth > kMaxDepth) {
                --calculator.m_depth;
                calculator.fail("expression recursion level exceeded");
            }
        }
        ~Deeper() { --calculator.m_depth; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;
        Calculator& calculator;
    };

    static std::int64_t wrap(std::uint64_t v) { return static_cast<std::int64_t>(v); }
    static std::uint64_t u(std::int64_t v) { return static_cast<std::uint64_t>(v); }

    std::int64_t comma()
    {
        std::int64_t value = assignment();
        while (accept(","))
            value = assignment();
        return value;
    }

    std::string name()
    {
        skip();
        const std::size_t start = m_position;
        while (m_position < m_text.size()) {
            const char c = m_text[m_position];
            const bool digit = c >= '0' && c <= '9';
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
                  || (digit && m_position > start)))
                break;
            ++m_position;
        }
        return std::string(m_text.substr(start, m_position - start));
    }

    std::int64_t lookUp(const std::string& variable)
    {
        const Deeper deeper(*this);
        // Variables may name variables that name variables: bounded in breadth as well as in depth.
        constexpr int kMaxLookUps = 20'000;
        if (++m_lookUps > kMaxLookUps)
            fail("expression recursion level exceeded");
        const std::string text = m_variables.get(variable);
        return m_muted && text.empty() ? 0 : Calculator(text, m_variables, m_depth, m_lookUps).all();
    }

    void store(const std::string& variable, std::int64_t value)
    {
        if (!m_muted)
            m_variables.set(variable, value);
    }

    std::int64_t assignment()
    {
        const Deeper deeper(*this);
        const std::size_t start = m_position;
        const std::string variable = name();
        if (!variable.empty()) {
            if (accept("=", "=")) {
                const std::int64_t value = assignment();
                store(variable, value);
                return value;
            }
            static constexpr std::array<std::string_view, 10> kOperators = {
                "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="};
            for (const std::string_view op : kOperators) {
                if (accept(op)) {
                    const std::int64_t right = assignment();
                    const std::int64_t value = apply(op.substr(0, op.size() - 1), lookUp(variable), right);
                    store(variable, value);
                    return value;
                }
            }
        }
        m_position = start;
        return conditional();
    }

    std::int64_t conditional()
    {
        const std::int64_t condition = binary(0);
        if (!accept("?"))
            return condition;
        const bool outer = m_muted;
        m_muted = outer || condition == 0;
        const std::int64_t yes = assignment();
        if (!accept(":"))
            fail("`:' expected for conditional expression");
        m_muted = outer || condition != 0;
        const std::int64_t no = assignment();
        m_muted = outer;
        return condition ? yes : no;
    }

    struct Level {
        std::array<std::pair<std::string_view, std::string_view>, 4> operators; ///< with what must not follow
    };

    std::int64_t binary(std::size_t level)
    {
        static constexpr std::array<Level, 10> kLevels = {{
            {{{{"||", ""}}}},
            {{{{"&&", ""}}}},
            {{{{"|", "|="}}}},
            {{{{"^", "="}}}},
            {{{{"&", "&="}}}},
            {{{{"==", ""}, {"!=", ""}}}},
            {{{{"<=", ""}, {">=", ""}, {"<", "<"}, {">", ">"}}}},
            {{{{"<<", "="}, {">>", "="}}}},
            {{{{"+", "=+"}, {"-", "=-"}}}},
            {{{{"*", "*="}, {"/", "="}, {"%", "="}}}},
        }};
        if (level == kLevels.size())
            return power();
        std::int64_t left = binary(level + 1);
        for (;;) {
            std::string_view found;
            for (const auto& [op, not_] : kLevels[level].operators)
                if (!op.empty() && found.empty() && accept(op, not_))
                    found = op;
            if (found.empty())
                return left;
            const bool outer = m_muted;
            m_muted = outer || (found == "||" && left != 0) || (found == "&&" && left == 0);
            skip();
            const std::size_t operand = m_position;
            const std::int64_t right = binary(level + 1);
            const std::size_t end = std::exchange(m_position, operand); // an error names the operand
            left = apply(found, left, right);
            m_position = end;
            m_muted = outer;
        }
    }

    std::int64_t power()
    {
        const std::int64_t base = unary();
        if (!accept("**"))
            return base;
        const Deeper deeper(*this);
        std::int64_t exponent = power();
        if (exponent < 0)
            fail("exponent less than 0");
        std::uint64_t result = 1;
        for (std::uint64_t factor = u(base); exponent > 0; exponent >>= 1, factor *= factor)
            if (exponent & 1)
                result *= factor;
        return wrap(result);
    }

    std::int64_t unary()
    {
        const Deeper deeper(*this);
        if (accept("++") || (m_text.compare(m_position, 2, "--") == 0 && accept("--"))) {
            const std::int64_t step = m_text[m_position - 1] == '+' ? 1 : -1;
            const std::string variable = name();
            if (variable.empty())
                return unary();
            const std::int64_t value = wrap(u(lookUp(variable)) + u(step));
            store(variable, value);
            return value;
        }
        if (accept("!", "="))
            return unary() == 0;
        if (accept("~"))
            return ~unary();
        if (accept("-"))
            return wrap(-u(unary()));
        if (accept("+"))
            return unary();
        return primary();
    }

    std::int64_t primary()
    {
        if (accept("(")) {
            const std::int64_t value = comma();
            if (!accept(")"))
                fail("missing `)'");
            return value;
        }
        const std::string variable = name();
        if (!variable.empty()) {
            const std::int64_t value = lookUp(variable);
            if (accept("++"))
                store(variable, wrap(u(value) + 1));
            else if (accept("--"))
                store(variable, wrap(u(value) - 1));
            return value;
        }
        return number();
    }

    std::int64_t number()
    {
        skip();
        const auto digitOf = [](char c) {
            if (c >= '0' && c <= '9')
                return c - '0';
            if (c >= 'a' && c <= 'z')
                return c - 'a' + 10;
            if (c >= 'A' && c <= 'Z')
                return c - 'A' + 10;
            return 99;
        };
        if (m_position >= m_text.size() || digitOf(m_text[m_position]) > 9)
            fail("syntax error: operand expected");
        std::uint64_t base = 10;
        if (m_text[m_position] == '0') {
            base = 8;
            if (m_position + 1 < m_text.size()
                && (m_text[m_position + 1] == 'x' || m_text[m_position + 1] == 'X')) {
                base = 16;
                m_position += 2;
            }
        }
        std::uint64_t value = 0;
        for (; m_position < m_text.size(); ++m_position) {
            if (m_text[m_position] == '#' && base == 10 && value >= 2 && value <= 36) {
                base = value;
                value = 0;
                continue;
            }
            const auto digit = static_cast<std::uint64_t>(digitOf(m_text[m_position]));
            if (digit == 99)
                break;
            if (digit >= base)
                fail("value too great for base");
            value = value * base + digit;
        }
        return wrap(value);
    }

    std::int64_t apply(std::string_view op, std::int64_t a, std::int64_t b)
    {
        if (op == "||")
            return a || b;
        if (op == "&&")
            return a && b;
        if (op == "|")
            return a | b;
        if (op == "^")
            return a ^ b;
        if (op == "&")
            return a & b;
        if (op == "==")
            return a == b;
        if (op == "!=")
            return a != b;
        if (op == "<=")
            return a <= b;
        if (op == ">=")
            return a >= b;
        if (op == "<")
            return a < b;
        if (op == ">")
            return a > b;
        if (op == "<<")
            return wrap(u(a) << (u(b) & 63));
        if (op == ">>")
            return a >> (u(b) & 63);
        if (op == "+")
            return wrap(u(a) + u(b));
        if (op == "-")
            return wrap(u(a) - u(b));
        if (op == "*")
            return wrap(u(a) * u(b));
        if (b == 0) {
            if (m_muted)
                return 0;
            fail("division by 0");
        }
        if (b == -1) // the only overflowing division
            return op == "/" ? wrap(-u(a)) : 0;
        return op == "/" ? a / b : a % b;
    }

    std::string_view m_text;
    const ArithmeticVariables& m_variables;
    int m_depth;
    int& m_lookUps;
    std::size_t m_position = 0;
    bool m_muted = false; ///< in the branch not taken of && || ?:
};

} // namespace

ArithmeticResult evaluateArithmetic(std::string_view expression, const ArithmeticVariables& variables)
{
    int lookUps = 0;
    try {
        return {Calculator(expression, variables, 0, lookUps).all(), {}};
    } catch (const Failure& failure) {
        return {0, failure.text};
    }
}

} // namespace core::shell
