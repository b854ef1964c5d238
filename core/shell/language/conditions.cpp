#include "core/shell/language/builtins.h"
#include "core/shell/pattern.h"
#include "core/shell/regular_expression.h"

#include <charconv>

namespace core::shell {

namespace {

std::optional<std::int64_t> toInteger(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    if (text.size() > 1 && text[0] == '+')
        text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return {};
    return value;
}

std::optional<bool> compareNumbers(const std::string& op, std::int64_t a, std::int64_t b)
{
    if (op == "-eq")
        return a == b;
    if (op == "-ne")
        return a != b;
    if (op == "-lt")
        return a < b;
    if (op == "-le")
        return a <= b;
    if (op == "-gt")
        return a > b;
    if (op == "-ge")
        return a >= b;
    return {};
}

bool isNumberOperator(const std::string& op)
{
    return compareNumbers(op, 0, 0).has_value();
}

std::optional<bool> compareFiles(Evaluator& e, const std::string& op, const std::string& a,
                                 const std::string& b)
{
    if (op != "-nt" && op != "-ot" && op != "-ef")
        return {};
    System& system = e.runtime().system;
    const auto first = system.stat(e.state.place, e.absolutePath(a));
    const auto second = system.stat(e.state.place, e.absolutePath(b));
    if (op == "-ef")
        return first && second && e.absolutePath(a) == e.absolutePath(b);
    if (op == "-nt")
        return first && (!second || first->modified > second->modified);
    return second && (!first || first->modified < second->modified);
}

/// The grammar of test(1): or, and, not, parentheses, terms.
class TestParser {
public:
    TestParser(Evaluator& evaluator, const std::vector<std::string>& words, std::string& failure)
        : m_evaluator(evaluator), m_words(words), m_failure(failure)
    { }

    int run()
    {
        if (m_words.empty())
            return 1;
        const bool value = any(0);
        if (m_failure.empty() && m_next < m_words.size())
            m_failure = m_words.size() > 3 ? "too many arguments"
                                           : m_words[m_next] + ": binary operator expected";
        return !m_failure.empty() ? 2 : value ? 0 : 1;
    }

private:
    std::size_t left() const { return m_words.size() - m_next; }

    bool any(int depth)
    {
        bool value = all(depth);
        while (left() > 0 && m_words[m_next] == "-o") {
            ++m_next;
            const bool right = all(depth);
            value = value || right;
        }
        return value;
    }

    bool all(int depth)
    {
        bool value = term(depth);
        while (left() > 0 && m_words[m_next] == "-a") {
            ++m_next;
            const bool right = term(depth);
            value = value && right;
        }
        return value;
    }

    bool fail(std::string text)
    {
        if (m_failure.empty())
            m_failure = std::move(text);
        m_next = m_words.size();
        return false;
    }

    bool term(int depth)
    {
        constexpr int kMaxDepth = 100;
        if (left() == 0)
            return fail("argument expected");
        if (depth > kMaxDepth)
            return fail("too many arguments");
        const std::string& word = m_words[m_next];
        if (left() >= 3 && isBinary(m_words[m_next + 1])) {
            m_next += 3;
            return binary(word, m_words[m_next - 2], m_words[m_next - 1]);
        }
        if (word == "!" && left() > 1) {
            ++m_next;
            return !term(depth + 1);
        }
        if (word == "(" && left() > 1) {
            ++m_next;
            const bool value = any(depth + 1);
            if (left() == 0 || m_words[m_next] != ")")
                return fail("`)' expected");
            ++m_next;
            return value;
        }
        if (left() >= 2 && word.size() == 2 && word[0] == '-') {
            if (const std::optional<bool> value = testUnary(m_evaluator, word, m_words[m_next + 1])) {
                m_next += 2;
                return *value;
            }
            if (left() == 2)
                return fail(word + ": unary operator expected");
        }
        ++m_next;
        return !word.empty();
    }

    static bool isBinary(const std::string& op)
    {
        return op == "=" || op == "==" || op == "!=" || op == "<" || op == ">" || op == "-nt" || op == "-ot"
            || op == "-ef" || isNumberOperator(op);
    }

    bool binary(const std::string& a, const std::string& op, const std::string& b)
    {
        if (op == "=" || op == "==")
            return a == b;
        if (op == "!=")
            return a != b;
        if (op == "<")
            return a < b;
        if (op == ">")
            return a > b;
        if (const auto files = compareFiles(m_evaluator, op, a, b))
            return *files;
        const auto first = toInteger(a);
        const auto second = toInteger(b);
        if (!first || !second)
            return fail((first ? b : a) + ": integer expression expected");
        return compareNumbers(op, *first, *second).value_or(false);
    }

    Evaluator& m_evaluator;
    const std::vector<std::string>& m_words;
    std::string& m_failure;
    std::size_t m_next = 0;
};

} // namespace

std::optional<bool> testUnary(Evaluator& e, const std::string& operation, const std::string& operand)
{
    if (operation.size() != 2 || operation[0] != '-')
        return {};
    const char op = operation[1];
    switch (op) {
    case 'z': return operand.empty();
    case 'n': return !operand.empty();
    case 'v': return e.parameter(operand).has_value();
    case 't': return e.streams().out[1]->isTerminal();
    default: break;
    }
    if (std::string_view("efdrwxsLhpSbcugkON").find(op) == std::string_view::npos)
        return {};
    const auto stat = e.runtime().system.stat(e.state.place, e.absolutePath(operand), op != 'L' && op != 'h');
    if (!stat || operand.empty())
        return false;
    const std::uint32_t bits = e.state.place.user == stat->owner ? stat->mode >> 6 : stat->mode;
    const bool root = e.state.place.user == "root";
    switch (op) {
    case 'f': return stat->type == FileStat::Type::Regular;
    case 'd': return stat->type == FileStat::Type::Directory;
    case 'L':
    case 'h': return stat->type == FileStat::Type::Symlink;
    case 'p': return stat->type == FileStat::Type::Pipe;
    case 'S': return stat->type == FileStat::Type::Socket;
    case 'b':
    case 'c': return stat->type == FileStat::Type::Device;
    case 's': return stat->size > 0;
    case 'r': return root || (bits & 4) != 0;
    case 'w': return root || (bits & 2) != 0;
    case 'x': return (root ? stat->mode & 0111 : bits & 1) != 0;
    case 'u': return (stat->mode & 04000) != 0;
    case 'g': return (stat->mode & 02000) != 0;
    case 'k': return (stat->mode & 01000) != 0;
    case 'O': return stat->owner == e.state.place.user;
    default: return true;
    }
}

int evaluateTest(Evaluator& evaluator, const std::vector<std::string>& words, std::string& failure)
{
    return TestParser(evaluator, words, failure).run();
}

int Evaluator::evaluateCondition(const Condition& condition)
{
    Expander expander(*this);
    switch (condition.kind) {
    case Condition::Kind::And: {
        const int left = evaluateCondition(*condition.left);
        return left != 0 ? left : evaluateCondition(*condition.right);
    }
    case Condition::Kind::Or: {
        const int left = evaluateCondition(*condition.left);
        return left == 0 ? 0 : evaluateCondition(*condition.right);
    }
    case Condition::Kind::Not: return evaluateCondition(*condition.left) == 0 ? 1 : 0;
    case Condition::Kind::NonEmpty: return expander.single(condition.first).empty() ? 1 : 0;
    case Condition::Kind::Unary:
        return testUnary(*this, condition.operation, expander.single(condition.first)).value_or(false) ? 0
                                                                                                       : 1;
    case Condition::Kind::Binary: break;
    }
    const std::string& op = condition.operation;
    const std::string left = expander.single(condition.first);
    if (op == "=" || op == "==" || op == "!=")
        return matchPattern(expander.pattern(condition.second), left) == (op != "!=") ? 0 : 1;
    if (op == "=~") {
        std::string error;
        const auto regex = RegularExpression::compile(expander.regex(condition.second),
                                                      RegularExpression::Syntax::Extended, {}, error);
        if (!regex)
            return 2;
        const auto match = regex->search(left);
        // Without arrays the whole match and the groups are BASH_REMATCH, BASH_REMATCH_1, ...
        for (std::size_t i = 0; match && i < match->groups.size(); ++i)
            assign(i == 0 ? "BASH_REMATCH" : "BASH_REMATCH_" + std::to_string(i), match->group(left, i));
        return match ? 0 : 1;
    }
    const std::string right = expander.single(condition.second);
    if (op == "<")
        return left < right ? 0 : 1;
    if (op == ">")
        return left > right ? 0 : 1;
    if (const auto files = compareFiles(*this, op, left, right))
        return *files ? 0 : 1;
    return compareNumbers(op, calculate(left), calculate(right)).value_or(false) ? 0 : 1;
}

} // namespace core::shell
