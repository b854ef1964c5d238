#include "core/shell/text/awk_interpreter.h"

#include "core/shell/printf.h"
#include "core/shell/text/input_files.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <cmath>

namespace core::shell::awk {

double Interpreter::number(const Value& value)
{
    if (value.kind == Value::Kind::Number || value.kind == Value::Kind::Numeric)
        return value.number;
    std::size_t used = 0;
    const double n = parseDouble(value.text, used);
    return used > 0 && std::isfinite(n) ? n : 0;
}

std::string Interpreter::numberText(double n, const char* format)
{
    if (n == std::floor(n) && std::fabs(n) < 1e16)
        return std::to_string(static_cast<long long>(n));
    std::string errors;
    return std::isnan(n) ? "nan"
        : std::isinf(n)  ? (n < 0 ? "-inf" : "inf")
                         : formatWith(text(m_variables[format]), {Value::of(n)});
}

std::string Interpreter::text(const Value& value)
{
    return value.kind == Value::Kind::Number ? numberText(value.number, "CONVFMT") : value.text;
}

bool Interpreter::truth(const Value& value)
{
    if (value.kind == Value::Kind::Number || value.kind == Value::Kind::Numeric)
        return value.number != 0;
    return !value.text.empty();
}

int Interpreter::compare(const Value& a, const Value& b)
{
    const bool strings = a.kind == Value::Kind::String || b.kind == Value::Kind::String;
    if (!strings) {
        const double x = number(a);
        const double y = number(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }
    return text(a).compare(text(b));
}

std::string Interpreter::formatWith(const std::string& format, const std::vector<Value>& values)
{
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        std::string spec = "%";
        for (++i; i < format.size()
             && std::string_view("-+ #0123456789.*").find(format[i]) != std::string_view::npos;
             ++i) {
            if (format[i] == '*')
                spec += next < values.size() ? std::to_string(static_cast<int>(number(values[next++]))) : "";
            else
                spec += format[i];
        }
        while (i < format.size() && (format[i] == 'l' || format[i] == 'h'))
            ++i;
        if (i >= format.size())
            return out + spec;
        const char conversion = format[i];
        if (conversion == '%') {
            out += '%';
            continue;
        }
        const Value value = next < values.size() ? values[next++] : Value{};
        std::string argument;
        std::string errors;
        if (std::string_view("di").find(conversion) != std::string_view::npos) {
            const double n = std::trunc(number(value));
            argument = std::fabs(n) < 9.2e18 ? std::to_string(static_cast<long long>(n)) : "0";
        } else if (std::string_view("ouxX").find(conversion) != std::string_view::npos) {
            argument = std::to_string(static_cast<long long>(std::clamp(number(value), -9.2e18, 9.2e18)));
        } else if (std::string_view("eEfFgG").find(conversion) != std::string_view::npos) {
            argument = formatDouble(number(value), 'g', {}, 0, 17);
        } else if (conversion == 'c') {
            argument = value.kind == Value::Kind::Number
                ? std::string(1, static_cast<char>(static_cast<int>(number(value)) & 0x7f))
                : text(value);
        } else if (conversion == 's') {
            argument = text(value);
        } else {
            out += spec + conversion;
            continue;
        }
        out += formatPrintf(spec + conversion, {argument}, errors);
    }
    return out;
}

Value& Interpreter::variable(const std::string& name)
{
    if (!m_frames.empty()) {
        const auto it = m_frames.back().values.find(name);
        if (it != m_frames.back().values.end())
            return it->second;
    }
    return m_variables[name];
}

Array& Interpreter::array(const std::string& name)
{
    std::string current = name;
    for (std::size_t depth = m_frames.size(); depth > 0; --depth) {
        Frame& frame = m_frames[depth - 1];
        const auto passed = frame.arrays.find(current);
        if (passed != frame.arrays.end() && !passed->second.empty()) {
            current = passed->second;
            continue;
        }
        if (frame.values.count(current))
            return frame.ownArrays[current];
        break;
    }
    return m_arrays[current];
}

Value Interpreter::field(std::size_t index)
{
    return index < m_fields.size() ? m_fields[index] : Value{};
}

std::size_t Interpreter::fieldIndex(const Expression& expression)
{
    const double n = number(evaluate(*expression.operands[0]));
    constexpr double kMaxFields = 100'000;
    if (n < 0 || n > kMaxFields)
        throw RunError{"trying to access out of range field "
                       + std::to_string(static_cast<long long>(std::clamp(n, -1e15, 1e15)))};
    return static_cast<std::size_t>(n);
}

void Interpreter::rebuildRecord()
{
    std::string record;
    for (std::size_t i = 1; i < m_fields.size(); ++i)
        record += (i > 1 ? text(m_variables["OFS"]) : "") + text(m_fields[i]);
    if (m_fields.empty())
        m_fields.emplace_back();
    m_fields[0] = Value::input(std::move(record));
}

std::string Interpreter::subscript(const std::vector<ExpressionPtr>& expressions)
{
    std::string key;
    for (std::size_t i = 0; i < expressions.size(); ++i)
        key += (i > 0 ? text(m_variables["SUBSEP"]) : "") + text(evaluate(*expressions[i]));
    return key;
}

void Interpreter::assign(const Expression& target, const Value& value)
{
    if (target.kind == Expression::Kind::Variable) {
        variable(target.text) = value;
        if (target.text == "NF") {
            m_fields.resize(static_cast<std::size_t>(std::clamp(number(value), 0.0, 100'000.0)) + 1);
            rebuildRecord();
        }
    } else if (target.kind == Expression::Kind::Element) {
        array(target.text)[subscript(target.operands)] = value;
    } else {
        const std::size_t index = fieldIndex(target);
        if (index == 0) {
            setRecord(text(value));
            return;
        }
        if (index >= m_fields.size()) {
            m_fields.resize(index + 1);
            m_variables["NF"] = Value::of(static_cast<double>(index));
        }
        m_fields[index] = Value::input(text(value));
        if (value.kind == Value::Kind::Number)
            m_fields[index] = value;
        rebuildRecord();
    }
}

bool Interpreter::matches(const Value& subject, const Expression& pattern)
{
    const std::string s = text(subject);
    return (pattern.regex ? *pattern.regex : compiled(text(evaluate(pattern)))).matches(s);
}

double Interpreter::calculate(const std::string& op, double a, double b)
{
    switch (op[0]) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/':
        if (b == 0)
            throw RunError{"division by zero"};
        return a / b;
    case '%':
        if (b == 0)
            throw RunError{"division by zero in %"};
        return std::fmod(a, b);
    default: return std::pow(a, b);
    }
}

Value Interpreter::evaluate(const Expression& e)
{
    using Kind = Expression::Kind;
    switch (e.kind) {
    case Kind::Number: return Value::of(e.number);
    case Kind::String: return Value::of(e.text);
    case Kind::Regex: return Value::of(e.regex->matches(text(field(0))) ? 1.0 : 0.0);
    case Kind::Variable: return variable(e.text);
    case Kind::Field: return field(fieldIndex(e));
    case Kind::Element: return array(e.text)[subscript(e.operands)];
    case Kind::Group:
        if (e.operands.size() > 1)
            return Value::of(subscript(e.operands)); // (i, j) in array
        return evaluate(*e.operands[0]);
    case Kind::Assign: {
        Value value = evaluate(*e.operands[1]);
        if (!e.text.empty())
            value = Value::of(calculate(e.text, number(evaluate(*e.operands[0])), number(value)));
        assign(*e.operands[0], value);
        return value;
    }
    case Kind::Conditional: return evaluate(*e.operands[truth(evaluate(*e.operands[0])) ? 1 : 2]);
    case Kind::And:
        return Value::of(truth(evaluate(*e.operands[0])) && truth(evaluate(*e.operands[1])) ? 1.0 : 0.0);
    case Kind::Or:
        return Value::of(truth(evaluate(*e.operands[0])) || truth(evaluate(*e.operands[1])) ? 1.0 : 0.0);
    case Kind::Not: return Value::of(truth(evaluate(*e.operands[0])) ? 0.0 : 1.0);
    case Kind::Negate: return Value::of(-number(evaluate(*e.operands[0])));
    case Kind::Plus: return Value::of(number(evaluate(*e.operands[0])));
    case Kind::Match:
        return Value::of(matches(evaluate(*e.operands[0]), *e.operands[1]) == (e.text == "~") ? 1.0 : 0.0);
    case Kind::Concatenate: {
        std::string left = text(evaluate(*e.operands[0]));
        constexpr std::size_t kMaxString = 16 * 1024 * 1024;
        left += text(evaluate(*e.operands[1]));
        if (left.size() > kMaxString)
            throw RunError{"string too long"};
        return Value::of(std::move(left));
    }
    case Kind::In: return Value::of(array(e.text).count(text(evaluate(*e.operands[0]))) ? 1.0 : 0.0);
    case Kind::PreIncrement:
    case Kind::PostIncrement: {
        const double before = number(evaluate(*e.operands[0]));
        const double after = before + (e.text == "++" ? 1 : -1);
        assign(*e.operands[0], Value::of(after));
        return Value::of(e.kind == Kind::PreIncrement ? after : before);
    }
    case Kind::Binary: {
        const Value a = evaluate(*e.operands[0]);
        const Value b = evaluate(*e.operands[1]);
        if (e.text == "==")
            return Value::of(compare(a, b) == 0 ? 1.0 : 0.0);
        if (e.text == "!=")
            return Value::of(compare(a, b) != 0 ? 1.0 : 0.0);
        if (e.text == "<")
            return Value::of(compare(a, b) < 0 ? 1.0 : 0.0);
        if (e.text == "<=")
            return Value::of(compare(a, b) <= 0 ? 1.0 : 0.0);
        if (e.text == ">")
            return Value::of(compare(a, b) > 0 ? 1.0 : 0.0);
        if (e.text == ">=")
            return Value::of(compare(a, b) >= 0 ? 1.0 : 0.0);
        return Value::of(calculate(e.text, number(a), number(b)));
    }
    case Kind::Call: return call(e);
    case Kind::Getline: return Value::of(getline(e));
    }
    return {};
}

void Interpreter::need(const Expression& e, std::size_t count)
{
    if (e.operands.size() < count)
        throw RunError{"not enough arguments passed to " + e.text};
}

Value Interpreter::call(const Expression& e)
{
    const std::string& name = e.text;
    if (const auto function = m_functions.find(name); function != m_functions.end())
        return callUser(e, *function->second);
    if (name == "length") {
        if (!e.operands.empty() && e.operands[0]->kind == Expression::Kind::Variable
            && m_arrays.count(e.operands[0]->text))
            return Value::of(static_cast<double>(array(e.operands[0]->text).size()));
        return Value::of(static_cast<double>(text(e.operands.empty() ? field(0) : argument(e, 0)).size()));
    }
    if (name == "substr") {
        need(e, 2);
        const std::string s = text(argument(e, 0));
        double start = std::round(number(argument(e, 1)));
        double end = e.operands.size() > 2 ? start + std::round(number(argument(e, 2)))
                                           : static_cast<double>(s.size()) + 1;
        start = std::max(start, 1.0);
        end = std::min(end, static_cast<double>(s.size()) + 1);
        if (!(end > start))
            return Value::of(std::string());
        return Value::of(
            s.substr(static_cast<std::size_t>(start) - 1, static_cast<std::size_t>(end - start)));
    }
    if (name == "index") {
        need(e, 2);
        const std::size_t at = text(argument(e, 0)).find(text(argument(e, 1)));
        return Value::of(at == std::string::npos ? 0.0 : static_cast<double>(at + 1));
    }
    if (name == "tolower" || name == "toupper") {
        const std::string s = text(argument(e, 0));
        return Value::of(name == "tolower" ? sim::lowered(s) : sim::raised(s));
    }
    if (name == "split") {
        need(e, 2);
        const std::string subject = text(argument(e, 0));
        const std::string separator = e.operands.size() < 3 ? text(m_variables["FS"])
            : e.operands[2]->regex                          ? e.operands[2]->text
                                                            : text(argument(e, 2));
        Array& target = array(e.operands[1]->text);
        target.clear();
        std::size_t count = 0;
        for (std::string& piece : split(subject, separator))
            target[std::to_string(++count)] = Value::input(std::move(piece));
        return Value::of(static_cast<double>(count));
    }
    if (name == "sub" || name == "gsub")
        return substitute(e);
    if (name == "match") {
        need(e, 2);
        const std::string s = text(argument(e, 0));
        const auto found
            = (e.operands[1]->regex ? *e.operands[1]->regex : compiled(text(argument(e, 1)))).search(s);
        set("RSTART", Value::of(found ? static_cast<double>(found->start() + 1) : 0.0));
        set("RLENGTH", Value::of(found ? static_cast<double>(found->end() - found->start()) : -1.0));
        return m_variables["RSTART"];
    }
    if (name == "sprintf") {
        need(e, 1);
        std::vector<Value> values;
        for (std::size_t i = 1; i < e.operands.size(); ++i)
            values.push_back(argument(e, i));
        return Value::of(formatWith(text(argument(e, 0)), values));
    }
    if (name == "close")
        return Value::of(close(text(argument(e, 0))));
    if (name == "fflush") {
        flushFiles();
        return Value::of(0.0);
    }
    if (name == "system") {
        need(e, 1);
        flushFiles();
        return Value::of(static_cast<double>(m_invocation.run({"sh", "-c", text(argument(e, 0))})));
    }
    const double x = number(argument(e, 0));
    if (name == "int")
        return Value::of(std::trunc(x));
    if (name == "sqrt")
        return Value::of(std::sqrt(x));
    if (name == "exp")
        return Value::of(std::exp(x));
    if (name == "log")
        return Value::of(std::log(x));
    if (name == "sin")
        return Value::of(std::sin(x));
    if (name == "cos")
        return Value::of(std::cos(x));
    if (name == "atan2")
        return Value::of(std::atan2(x, number(argument(e, 1))));
    if (name == "systime")
        return Value::of(static_cast<double>(sim::unixSeconds(m_invocation.now())));
    if (name == "rand") {
        m_random = m_random * 6364136223846793005ULL + 1442695040888963407ULL;
        return Value::of(static_cast<double>(m_random >> 11) / 9007199254740992.0);
    }
    if (name == "srand") {
        m_random = static_cast<std::uint64_t>(static_cast<std::int64_t>(std::clamp(x, -9e18, 9e18)));
        return Value::of(0.0);
    }
    throw RunError{"function " + name + " never defined"};
}

Value Interpreter::substitute(const Expression& e)
{
    need(e, 2);
    const RegularExpression regex = e.operands[0]->regex ? *e.operands[0]->regex
                                                         : compiled(text(argument(e, 0)));
    const std::string replacement = text(argument(e, 1));
    const std::string subject = e.operands.size() > 2 ? text(argument(e, 2)) : text(field(0));
    std::string out;
    std::size_t from = 0;
    std::size_t copied = 0;
    double count = 0;
    while (from <= subject.size()) {
        const auto match = regex.search(subject, from);
        if (!match)
            break;
        const bool empty = match->end() == match->start();
        if (!(empty && count > 0 && match->start() == copied)) {
            out += subject.substr(copied, match->start() - copied);
            for (std::size_t i = 0; i < replacement.size(); ++i) {
                if (replacement[i] == '\\' && i + 1 < replacement.size()
                    && (replacement[i + 1] == '&' || replacement[i + 1] == '\\'))
                    out += replacement[++i];
                else if (replacement[i] == '&')
                    out += match->group(subject, 0);
                else
                    out += replacement[i];
            }
            copied = match->end();
            ++count;
            if (e.text == "sub")
                break;
        }
        from = empty ? match->end() + 1 : match->end();
    }
    if (count > 0) {
        out += subject.substr(std::min(copied, subject.size()));
        if (e.operands.size() > 2)
            assign(*e.operands[2], Value::of(std::move(out)));
        else
            setRecord(std::move(out));
    }
    return Value::of(count);
}

Value Interpreter::callUser(const Expression& e, const UserFunction& function)
{
    constexpr std::size_t kMaxFrames = 100;
    if (m_frames.size() >= kMaxFrames)
        throw RunError{"function call nesting too deep"};
    Frame frame;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
        frame.values[function.parameters[i]] = argument(e, i);
        if (i < e.operands.size() && e.operands[i]->kind == Expression::Kind::Variable)
            frame.arrays[function.parameters[i]] = e.operands[i]->text;
    }
    m_frames.push_back(std::move(frame));
    struct Leave {
        std::vector<Frame>& frames;
        ~Leave() { frames.pop_back(); }
    } leave{m_frames};
    try {
        execute(*function.body);
    } catch (const ReturnValue& result) {
        return result.value;
    }
    return {};
}

} // namespace core::shell::awk
