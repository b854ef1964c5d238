#include "sim/serving/openai/python_text.h"

#include <fmt/format.h>

namespace sim::serving::openai {

namespace {

constexpr std::size_t kDeepest = 100;

void appendRepr(const Json& value, std::size_t most, std::string& out)
{
    if (out.size() > most)
        return;
    switch (value.type()) {
    case Json::value_t::object: {
        out += '{';
        bool first = true;
        for (const auto& [key, member] : value.items()) {
            out += (first ? "" : ", ") + pythonQuoted(key) + ": ";
            appendRepr(member, most, out);
            first = false;
            if (out.size() > most)
                break;
        }
        out += '}';
        return;
    }
    case Json::value_t::array: {
        out += '[';
        for (std::size_t i = 0; i < value.size() && out.size() <= most; ++i) {
            out += i > 0 ? ", " : "";
            appendRepr(value[i], most, out);
        }
        out += ']';
        return;
    }
    case Json::value_t::string: out += pythonQuoted(value.get_ref<const std::string&>()); return;
    case Json::value_t::boolean: out += value.get<bool>() ? "True" : "False"; return;
    case Json::value_t::number_float: {
        const std::string text = fmt::format("{}", value.get<double>());
        out += text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
        return;
    }
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: out += value.dump(); return;
    default: out += "None"; return;
    }
}

/// Reads on until the first fault.
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : m_text(text) { }

    std::optional<JsonFault> run()
    {
        blanks();
        if (!value(0))
            return m_fault;
        blanks();
        if (m_at < m_text.size())
            return JsonFault{"Extra data", m_at};
        return std::nullopt;
    }

private:
    char here() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    void blanks()
    {
        while (m_at < m_text.size() && std::string_view(" \t\n\r").find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
    }
    bool fault(std::string message, std::size_t at)
    {
        m_fault = {std::move(message), at};
        return false;
    }

    bool value(std::size_t depth)
    {
        if (depth > kDeepest)
            return fault("Expecting value", m_at);
        const char c = here();
        if (c == '"')
            return string();
        if (c == '{')
            return object(depth);
        if (c == '[')
            return array(depth);
        for (const std::string_view word : {"null", "true", "false"})
            if (m_text.substr(m_at).starts_with(word)) {
                m_at += word.size();
                return true;
            }
        return number();
    }

    bool number()
    {
        const std::size_t begin = m_at;
        const auto digits = [&] {
            const std::size_t from = m_at;
            while (here() >= '0' && here() <= '9')
                ++m_at;
            return m_at > from;
        };
        if (here() == '-')
            ++m_at;
        if (here() == '0')
            ++m_at;
        else if (!digits()) {
            m_at = begin;
            return fault("Expecting value", begin);
        }
        // A point or an exponent without digits is not part of the number.
        for (const bool exponent : {false, true}) {
            const std::size_t before = m_at;
            if (exponent ? here() != 'e' && here() != 'E' : here() != '.')
                continue;
            ++m_at;
            if (exponent && (here() == '+' || here() == '-'))
                ++m_at;
            if (!digits())
                m_at = before;
        }
        return true;
    }

    bool string()
    {
        const std::size_t begin = m_at++;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return fault("Invalid control character at", m_at);
            if (c != '\\') {
                ++m_at;
                continue;
            }
            const char escape = m_at + 1 < m_text.size() ? m_text[m_at + 1] : '\0';
            if (escape == 'u') {
                for (std::size_t i = 2; i < 6; ++i)
                    if (m_at + i >= m_text.size() || std::string_view("0123456789abcdefABCDEF").find(m_text[m_at + i]) == std::string_view::npos)
                        return fault("Invalid \\uXXXX escape", m_at + 1);
                m_at += 6;
            } else if (std::string_view("\"\\/bfnrt").find(escape) != std::string_view::npos && escape != '\0') {
                m_at += 2;
            } else {
                return m_at + 1 >= m_text.size() ? fault("Unterminated string starting at", begin) : fault("Invalid \\escape", m_at);
            }
        }
        return fault("Unterminated string starting at", begin);
    }

    bool array(std::size_t depth)
    {
        ++m_at;
        blanks();
        if (here() == ']') {
            ++m_at;
            return true;
        }
        for (;;) {
            if (!value(depth + 1))
                return false;
            blanks();
            if (here() == ']') {
                ++m_at;
                return true;
            }
            if (here() != ',')
                return fault("Expecting ',' delimiter", m_at);
            ++m_at;
            blanks();
        }
    }

    bool object(std::size_t depth)
    {
        ++m_at;
        blanks();
        if (here() == '}') {
            ++m_at;
            return true;
        }
        for (;;) {
            if (here() != '"')
                return fault("Expecting property name enclosed in double quotes", m_at);
            if (!string())
                return false;
            blanks();
            if (here() != ':')
                return fault("Expecting ':' delimiter", m_at);
            ++m_at;
            blanks();
            if (!value(depth + 1))
                return false;
            blanks();
            if (here() == '}') {
                ++m_at;
                return true;
            }
            if (here() != ',')
                return fault("Expecting ',' delimiter", m_at);
            ++m_at;
            blanks();
        }
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    JsonFault m_fault;
};

} // namespace

std::string pythonQuoted(std::string_view text)
{
    const bool doubled = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
    const char quote = doubled ? '"' : '\'';
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\r')
            out += "\\r";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
            out += c;
    }
    return out + quote;
}

std::string pythonRepr(const Json& value, std::size_t most)
{
    std::string out;
    appendRepr(value, most, out);
    if (out.size() > most) {
        // Not in the middle of a character.
        std::size_t end = most;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80)
            --end;
        out.resize(end);
        out += "...";
    }
    return out;
}

std::optional<JsonFault> jsonFault(std::string_view text) { return JsonReader(text).run(); }

} // namespace sim::serving::openai
