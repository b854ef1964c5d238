#include "sim/kube/api/cel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

// The part of CEL that validation rules of custom resources mostly use.
namespace sim::kube::cel {

namespace {

using nlohmann::json;

/// What stopped an evaluation. The rest of the rule is not read.
struct Failure {
    std::string why;
    bool syntax = false;
};

class Evaluation {
public:
    Evaluation(std::string_view rule, const json& self) : m_text(rule), m_self(self) { }

    json run()
    {
        json value = ternary();
        skip();
        if (m_at != m_text.size())
            bad();
        return value;
    }

    const std::optional<Failure>& failure() const { return m_failure; }

private:
    static constexpr int kDeepest = 100;
    std::string_view m_text;
    const json& m_self;
    std::size_t m_at = 0;
    int m_depth = 0;
    bool m_dead = false; ///< reading a branch that does not count: its errors do not either

    std::optional<Failure> m_failure; ///< the first

    /// Goes to the end, where every loop stops.
    json stop(Failure failure)
    {
        if (!m_failure)
            m_failure = std::move(failure);
        m_at = m_text.size();
        return nullptr;
    }
    json bad() { return stop({"syntax", true}); }
    json fail(std::string why) { return m_dead ? json() : stop({std::move(why)}); }
    void skip()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t'))
            ++m_at;
    }
    bool take(std::string_view token)
    {
        skip();
        if (m_text.substr(m_at, token.size()) != token)
            return false;
        const bool word = std::isalpha(static_cast<unsigned char>(token.back())) != 0;
        const std::size_t end = m_at + token.size();
        if (word && end < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[end])) != 0 || m_text[end] == '_'))
            return false;
        m_at = end;
        return true;
    }
    void need(std::string_view token)
    {
        if (!take(token))
            bad();
    }

    bool truth(const json& value)
    {
        if (value.is_boolean())
            return value.get<bool>();
        fail("no such overload");
        return false;
    }

    json ternary()
    {
        if (++m_depth > kDeepest)
            bad();
        json condition = either();
        if (take("?")) {
            const bool chosen = !m_dead && truth(condition);
            json yes = branch(!chosen, [&] { return ternary(); });
            need(":");
            json no = branch(chosen, [&] { return ternary(); });
            condition = chosen ? std::move(yes) : std::move(no);
        }
        --m_depth;
        return condition;
    }
    template <class F>
    json branch(bool dead, F&& read)
    {
        const bool before = m_dead;
        m_dead = m_dead || dead;
        json value = read();
        m_dead = before;
        return value;
    }
    json either()
    {
        json left = both();
        while (take("||")) {
            const bool known = !m_dead && truth(left);
            json right = branch(known, [&] { return both(); });
            left = known || m_dead ? json(true) : json(truth(right));
        }
        return left;
    }
    json both()
    {
        json left = relation();
        while (take("&&")) {
            const bool known = !m_dead && !truth(left);
            json right = branch(known, [&] { return relation(); });
            left = known || m_dead ? json(false) : json(truth(right));
        }
        return left;
    }
    json relation()
    {
        json left = sum();
        for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">", "in"}) {
            if (!take(op))
                continue;
            const json right = sum();
            if (op == "==")
                return left == right;
            if (op == "!=")
                return left != right;
            if (op == "in") {
                if (right.is_array())
                    return std::find(right.begin(), right.end(), left) != right.end();
                return right.is_object() && left.is_string() ? json(right.contains(left.get<std::string>())) : fail("no such overload");
            }
            const bool comparable = (left.is_number() && right.is_number()) || (left.is_string() && right.is_string());
            if (!comparable)
                return fail("no such overload");
            return op == "<" ? left < right : op == ">" ? left > right : op == "<=" ? left <= right : left >= right;
        }
        return left;
    }
    json arithmetic(const json& left, const json& right, char op)
    {
        if (op == '+' && left.is_string() && right.is_string())
            return left.get<std::string>() + right.get<std::string>();
        if (!left.is_number() || !right.is_number())
            return fail("no such overload");
        if (left.is_number_integer() && right.is_number_integer()) {
            const auto a = left.get<std::int64_t>();
            const auto b = right.get<std::int64_t>();
            std::int64_t out = 0;
            bool over = false;
            switch (op) {
            case '+': over = __builtin_add_overflow(a, b, &out); break;
            case '-': over = __builtin_sub_overflow(a, b, &out); break;
            case '*': over = __builtin_mul_overflow(a, b, &out); break;
            default:
                if (b == 0)
                    return fail(op == '/' ? "division by zero" : "modulus by zero");
                over = b == -1 && op == '/' && a == std::numeric_limits<std::int64_t>::min();
                out = over ? 0 : b == -1 ? (op == '/' ? -a : 0) : op == '/' ? a / b : a % b;
            }
            return over ? fail("integer overflow") : json(out);
        }
        const double a = left.get<double>();
        const double b = right.get<double>();
        return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : op == '/' ? a / b : std::fmod(a, b);
    }
    json sum()
    {
        json left = product();
        for (;;) {
            const char op = take("+") ? '+' : take("-") ? '-' : 0;
            if (op == 0)
                return left;
            left = arithmetic(left, product(), op);
        }
    }
    json product()
    {
        json left = unary();
        for (;;) {
            const char op = take("*") ? '*' : take("/") ? '/' : take("%") ? '%' : 0;
            if (op == 0)
                return left;
            left = arithmetic(left, unary(), op);
        }
    }
    json unary()
    {
        if (++m_depth > kDeepest)
            bad();
        json value;
        skip();
        if (m_text.substr(m_at, 2) != "!=" && take("!"))
            value = m_dead ? json(false) : json(!truth(unary()));
        else if (take("-"))
            value = arithmetic(json(0), unary(), '-');
        else
            value = postfix();
        --m_depth;
        return value;
    }
    std::string identifier()
    {
        skip();
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[m_at])) != 0 || m_text[m_at] == '_'))
            ++m_at;
        if (begin == m_at)
            bad();
        return std::string(m_text.substr(begin, m_at - begin));
    }
    json field(const json& value, const std::string& name)
    {
        if (value.is_object() && value.contains(name))
            return value.at(name);
        return fail("no such key: " + name);
    }
    json postfix()
    {
        json value = primary();
        for (;;) {
            if (take(".")) {
                const std::string name = identifier();
                value = take("(") ? method(value, name) : field(value, name);
            } else if (take("[")) {
                const json index = ternary();
                need("]");
                if (index.is_string())
                    value = field(value, index);
                else if (value.is_array() && index.is_number_integer() && index >= 0 && index < value.size())
                    value = json(value[index.get<std::size_t>()]);
                else
                    value = fail("index out of bounds");
            } else {
                return value;
            }
        }
    }
    json method(const json& value, const std::string& name)
    {
        if (name == "size") {
            need(")");
            return sizeOf(value);
        }
        const json argument = ternary();
        need(")");
        if (name != "startsWith" && name != "endsWith" && name != "contains" && name != "matches")
            return bad();
        if (m_dead)
            return false;
        if (!value.is_string() || !argument.is_string())
            return fail("no such overload");
        const std::string text = value;
        const std::string part = argument;
        if (name == "startsWith")
            return text.starts_with(part);
        if (name == "endsWith")
            return text.ends_with(part);
        if (name == "matches" && part.find_first_of("[](){}*+?|\\.^$") != std::string::npos)
            return bad();
        return text.find(part) != std::string::npos;
    }
    json sizeOf(const json& value)
    {
        if (value.is_string())
            return static_cast<std::int64_t>(value.get_ref<const std::string&>().size());
        return value.is_structured() ? json(static_cast<std::int64_t>(value.size())) : fail("no such overload");
    }
    /// has(self.a.b): whether the last field is there.
    json present()
    {
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && m_text[m_at] != ')')
            ++m_at;
        const std::string_view path = m_text.substr(begin, m_at - begin);
        need(")");
        const std::size_t dot = path.rfind('.');
        if (dot == std::string_view::npos)
            return bad();
        if (m_dead)
            return false;
        Evaluation inner(path.substr(0, dot), m_self);
        const json owner = inner.run();
        if (inner.failure())
            return stop(*inner.failure());
        std::string name(path.substr(dot + 1));
        while (!name.empty() && name.back() == ' ')
            name.pop_back();
        return owner.is_object() && owner.contains(name);
    }
    json text(char quote)
    {
        std::string out;
        while (m_at < m_text.size() && m_text[m_at] != quote) {
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size())
                ++m_at;
            out += m_text[m_at++];
        }
        if (m_at == m_text.size())
            bad();
        else
            ++m_at;
        return out;
    }
    json number()
    {
        const std::size_t begin = m_at;
        while (m_at < m_text.size() && (std::isdigit(static_cast<unsigned char>(m_text[m_at])) != 0 || m_text[m_at] == '.'))
            ++m_at;
        const json value = json::parse(m_text.substr(begin, m_at - begin), nullptr, false);
        return value.is_number() ? value : bad();
    }
    json primary()
    {
        if (take("(")) {
            json value = ternary();
            need(")");
            return value;
        }
        if (take("[")) {
            json list = json::array();
            while (!take("]")) {
                list.push_back(ternary());
                if (!take(",")) {
                    need("]");
                    break;
                }
            }
            return list;
        }
        skip();
        if (m_at == m_text.size())
            return bad();
        const char first = m_text[m_at];
        if (first == '\'' || first == '"') {
            ++m_at;
            return text(first);
        }
        if (std::isdigit(static_cast<unsigned char>(first)) != 0)
            return number();
        const std::string name = identifier();
        if (name == "true" || name == "false")
            return name == "true";
        if (name == "null")
            return nullptr;
        if (name == "self")
            return m_self;
        if (name == "has" && take("("))
            return present();
        if (name == "size" && take("(")) {
            const json value = ternary();
            need(")");
            return sizeOf(value);
        }
        return bad();
    }
};

} // namespace

Verdict evaluate(const std::string& rule, const json& self)
{
    Verdict verdict;
    Evaluation evaluation(rule, self);
    const json value = evaluation.run();
    if (const auto& failure = evaluation.failure()) {
        verdict.parsed = !failure->syntax;
        verdict.error = failure->syntax ? std::string() : failure->why;
    } else if (value.is_boolean()) {
        verdict.holds = value.get<bool>();
    } else {
        verdict.parsed = false;
    }
    return verdict;
}

} // namespace sim::kube::cel
