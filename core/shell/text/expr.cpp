#include "core/shell/regular_expression.h"
#include "core/shell/text/commands.h"

#include <charconv>

namespace core::shell {

namespace {

/// What is wrong with an expression; the status then is 2.
struct ExprFailure {
    std::string text;
};

std::optional<std::int64_t> integerOf(const std::string& text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

/// "" and 0 are false.
bool isFalse(const std::string& text)
{
    return text.empty() || integerOf(text) == 0;
}

class ExprParser {
public:
    explicit ExprParser(const std::vector<std::string>& words) : m_words(words) { }

    std::string run()
    {
        std::string value = alternative();
        if (m_next < m_words.size())
            throw ExprFailure{"syntax error: unexpected argument '" + m_words[m_next] + "'"};
        return value;
    }

private:
    bool at(std::string_view word) const { return m_next < m_words.size() && m_words[m_next] == word; }

    std::string take()
    {
        if (m_next >= m_words.size())
            throw ExprFailure{m_next == 0 ? "missing operand"
                                          : "syntax error: missing argument after '" + m_words[m_next - 1] + "'"};
        return m_words[m_next++];
    }

    struct Deeper {
        explicit Deeper(int& d) : depth(d)
        {
            constexpr int kMaxDepth = 200;
            if (++depth > kMaxDepth) {
                --depth;
                throw ExprFailure{"memory exhausted"};
            }
        }
        ~Deeper() { --depth; }
        Deeper(const Deeper&) = delete;
        Deeper& operator=(const Deeper&) = delete;
        int& depth;
    };

    std::string alternative()
    {
        const Deeper deeper(m_depth);
        std::string left = conjunction();
        while (at("|")) {
            ++m_next;
            const std::string right = conjunction();
            if (isFalse(left))
                left = isFalse(right) ? "0" : right;
        }
        return left;
    }

    std::string conjunction()
    {
        std::string left = comparison();
        while (at("&")) {
            ++m_next;
            const std::string right = comparison();
            if (isFalse(left) || isFalse(right))
                left = "0";
        }
        return left;
    }

    std::string comparison()
    {
        std::string left = sum();
        while (at("<") || at("<=") || at("=") || at("==") || at("!=") || at(">=") || at(">")) {
            const std::string op = m_words[m_next++];
            const std::string right = sum();
            const auto a = integerOf(left);
            const auto b = integerOf(right);
            const int order = a && b ? (*a < *b ? -1 : *a > *b ? 1 : 0) : left.compare(right);
            const bool holds = op == "<" ? order < 0
                : op == "<="             ? order <= 0
                : op == ">"              ? order > 0
                : op == ">="             ? order >= 0
                : op == "!="             ? order != 0
                                         : order == 0;
            left = holds ? "1" : "0";
        }
        return left;
    }

    static std::int64_t number(const std::string& text)
    {
        const auto value = integerOf(text);
        if (!value)
            throw ExprFailure{"non-integer argument"};
        return *value;
    }

    static std::string calculate(const std::string& left, char op, const std::string& right)
    {
        const std::int64_t a = number(left);
        const std::int64_t b = number(right);
        if ((op == '/' || op == '%') && b == 0)
            throw ExprFailure{"division by zero"};
        std::int64_t value = 0;
        const bool overflow = op == '+' ? __builtin_add_overflow(a, b, &value)
            : op == '-'                 ? __builtin_sub_overflow(a, b, &value)
            : op == '*'                 ? __builtin_mul_overflow(a, b, &value)
                                        : b == -1 && __builtin_sub_overflow(std::int64_t{0}, a, &value);
        if (overflow)
            throw ExprFailure{left + ": Numerical result out of range"};
        if (op == '/' || op == '%')
            value = op == '%' ? (b == -1 ? 0 : a % b) : b == -1 ? value : a / b;
        return std::to_string(value);
    }

    std::string sum()
    {
        std::string left = product();
        while (at("+") || at("-")) {
            const char op = m_words[m_next++][0];
            left = calculate(left, op, product());
        }
        return left;
    }

    std::string product()
    {
        std::string left = matching();
        while (at("*") || at("/") || at("%")) {
            const char op = m_words[m_next++][0];
            left = calculate(left, op, matching());
        }
        return left;
    }

    std::string matching()
    {
        std::string left = keyword();
        while (at(":")) {
            ++m_next;
            left = match(left, keyword());
        }
        return left;
    }

    /// The first group, or how many characters match; the pattern begins where the text does.
    static std::string match(const std::string& text, const std::string& pattern)
    {
        std::string error;
        const auto regex = RegularExpression::compile("^" + pattern, RegularExpression::Syntax::Basic, {}, error);
        if (!regex)
            throw ExprFailure{error};
        const auto found = regex->search(text);
        const bool grouped = regex->groupCount() > 0;
        if (!found)
            return grouped ? "" : "0";
        return grouped ? found->group(text, 1) : std::to_string(characters(text.substr(0, found->end())));
    }

    static std::size_t characters(const std::string& text)
    {
        std::size_t count = 0;
        for (const char c : text)
            count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
        return count;
    }

    static std::string substring(const std::string& text, std::int64_t position, std::int64_t length)
    {
        if (position < 1 || length < 1)
            return {};
        std::string result;
        std::int64_t index = 0;
        for (const char c : text) {
            index += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
            if (index >= position && index - position < length)
                result += c;
        }
        return result;
    }

    static std::size_t indexOf(const std::string& text, const std::string& set)
    {
        const std::size_t found = text.find_first_of(set);
        return found == std::string::npos ? 0 : characters(text.substr(0, found)) + 1;
    }

    std::string keyword()
    {
        if (at("length") && m_next + 1 < m_words.size()) {
            ++m_next;
            return std::to_string(characters(keyword()));
        }
        if (at("match") && m_next + 2 < m_words.size()) {
            ++m_next;
            const std::string text = keyword();
            return match(text, keyword());
        }
        if (at("index") && m_next + 2 < m_words.size()) {
            ++m_next;
            const std::string text = keyword();
            return std::to_string(indexOf(text, keyword()));
        }
        if (at("substr") && m_next + 3 < m_words.size()) {
            ++m_next;
            const std::string text = keyword();
            const auto position = integerOf(keyword());
            const auto length = integerOf(keyword());
            return substring(text, position.value_or(0), length.value_or(0));
        }
        return primary();
    }

    std::string primary()
    {
        if (at("+") && m_next + 1 < m_words.size()) { // makes a word of what follows
            ++m_next;
            return take();
        }
        if (!at("("))
            return take();
        const Deeper deeper(m_depth);
        ++m_next;
        std::string value = alternative();
        if (!at(")"))
            throw ExprFailure{m_next < m_words.size()
                                  ? "syntax error: expecting ')' instead of '" + m_words[m_next] + "'"
                                  : "syntax error: expecting ')' after '" + m_words[m_next - 1] + "'"};
        ++m_next;
        return value;
    }

    const std::vector<std::string>& m_words;
    std::size_t m_next = 0;
    int m_depth = 0;
};

int expr(Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    if (!words.empty() && words[0] == "--")
        words.erase(words.begin());
    if (words.empty()) {
        invocation.err().write("expr: missing operand\nTry 'expr --help' for more information.\n");
        return 2;
    }
    try {
        const std::string value = ExprParser(words).run();
        invocation.print(value + "\n");
        return isFalse(value) ? 1 : 0;
    } catch (const ExprFailure& failure) {
        return invocation.fail(2, failure.text);
    }
}

} // namespace

void addExpr(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "expr";
    spec.summary = "evaluate expressions";
    spec.usage = "expr EXPRESSION";
    spec.parseOptions = false;
    spec.run = expr;
    table.add(std::move(spec));
}

} // namespace core::shell
