#include "sim/kube/api/yaml.h"

#include "sim/kube/api/yaml_scalar.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdint>
#include <limits>

namespace sim::kube {

namespace {

using nlohmann::json;

bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// Would a reader take the plain text for something else: a number, a date, a boolean, nothing?
bool resolvesToAnotherType(const std::string& text)
{
    if (!plainScalar(text).is_string())
        return true;
    // Dates: 2026-03-02 and 2026-03-02T09:00:00Z are timestamps in YAML 1.1.
    const auto digits = [&](std::size_t at, std::size_t n) {
        for (std::size_t i = at; i < at + n; ++i)
            if (i >= text.size() || std::isdigit(static_cast<unsigned char>(text[i])) == 0)
                return false;
        return true;
    };
    if (text.size() >= 10 && digits(0, 4) && text[4] == '-' && digits(5, 2) && text[7] == '-' && digits(8, 2))
        return true;
    // Base-60 numbers of YAML 1.1: 12:30.
    bool sexagesimal = text.find(':') != std::string::npos;
    for (const char c : text)
        sexagesimal = sexagesimal && (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.' || c == '_' || c == '-' || c == '+');
    return sexagesimal;
}

bool plainAllowed(const std::string& text)
{
    static const std::string kFirst = "#,[]{}&*!|>'\"%@`";
    if (isBlank(text.front()) || isBlank(text.back()) || kFirst.find(text.front()) != std::string::npos)
        return false;
    if (text.rfind("---", 0) == 0 || text.rfind("...", 0) == 0)
        return false;
    const bool alone = text.size() == 1 || isBlank(text[1]);
    if ((text.front() == '-' || text.front() == '?' || text.front() == ':') && alone)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool blankNext = i + 1 == text.size() || isBlank(text[i + 1]);
        if (text[i] == ':' && blankNext)
            return false;
        if (text[i] == '#' && i > 0 && isBlank(text[i - 1]))
            return false;
    }
    return true;
}

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
};

/// The code point at `at`. Requires: valid UTF-8, as all that was parsed is; a loose byte stands for itself.
CodePoint codePointAt(const std::string& text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(at);
    const std::size_t bytes = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (bytes == 1 || at + bytes > text.size())
        return {first, 1};
    std::uint32_t value = first & (0xFFu >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i)
        value = value << 6 | (byte(at + i) & 0x3F);
    return {value, bytes};
}

/// As libyaml's port in Go has it (yamlprivateh.go, is_printable): nothing beyond U+FFFD is.
bool isPrintable(std::uint32_t c)
{
    return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF && (c < 0xD800 || c > 0xDFFF));
}

/// Only a double-quoted scalar can hold it; U+2028 and U+2029 are printable, but break lines.
bool needsEscapes(const std::string& text)
{
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint c = codePointAt(text, i);
        if (!isPrintable(c.value) || c.value == 0x2028 || c.value == 0x2029)
            return true;
        i += c.bytes;
    }
    return false;
}

std::string doubleQuoted(const std::string& text)
{
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint c = codePointAt(text, i);
        switch (c.value) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\0': out += "\\0"; break;
        case '\a': out += "\\a"; break;
        case '\b': out += "\\b"; break;
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\v': out += "\\v"; break;
        case '\f': out += "\\f"; break;
        case '\r': out += "\\r"; break;
        case 0x1B: out += "\\e"; break;
        case 0x85: out += "\\N"; break;
        case 0x2028: out += "\\L"; break;
        case 0x2029: out += "\\P"; break;
        default:
            if (isPrintable(c.value))
                out += text.substr(i, c.bytes);
            else if (c.value <= 0xFF)
                out += fmt::format("\\x{:02X}", c.value);
            else
                out += c.value <= 0xFFFF ? fmt::format("\\u{:04X}", c.value) : fmt::format("\\U{:08X}", c.value);
        }
        i += c.bytes;
    }
    return out + "\"";
}

/// go-yaml breaks a scalar at the first lone blank behind this column (yaml_emitter_set_width's default).
constexpr std::size_t kBestWidth = 80;

/// Where a text begins that may not be broken, as a key may not.
constexpr std::size_t kUnbroken = std::numeric_limits<std::size_t>::max();
/// Longer keys stand behind a question mark.
constexpr std::size_t kLongestSimpleKey = 128;

/// The text with line breaks instead of such blanks; `column`: where it begins, quote included.
std::string folded(const std::string& text, std::size_t column, std::size_t indent, bool plain)
{
    if (column == kUnbroken)
        return text;
    std::string out;
    bool afterBlank = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool blank = text[i] == ' ';
        const bool inside = plain || (i > 0 && i + 1 < text.size());
        if (blank && inside && !afterBlank && column > kBestWidth && (i + 1 == text.size() || text[i + 1] != ' ')) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else {
            out += text[i];
            ++column;
        }
        afterBlank = blank;
    }
    return out;
}

std::string singleQuoted(const std::string& text, std::size_t column, std::size_t indent)
{
    std::string out;
    for (const char c : text)
        out += c == '\'' ? std::string("''") : std::string(1, c);
    return "'" + folded(out, column == kUnbroken ? column : column + 1, indent, false) + "'";
}

/// `column`: where the scalar begins.
std::string textOf(const std::string& text, std::size_t indent, std::size_t column)
{
    if (text.empty())
        return "\"\"";
    if (needsEscapes(text))
        return doubleQuoted(text);
    if (text.find('\n') != std::string::npos) {
        std::string out = "|";
        if (isBlank(text.front()) || text.front() == '\n')
            out += "2"; // the reader cannot tell the indentation from the text
        if (text.back() != '\n')
            out += "-";
        else if (text.size() > 1 && text[text.size() - 2] == '\n')
            out += "+";
        std::string body = text;
        if (body.back() == '\n')
            body.pop_back();
        out += "\n";
        std::size_t begin = 0;
        for (;;) {
            const std::size_t end = body.find('\n', begin);
            const std::string line = body.substr(begin, end == std::string::npos ? end : end - begin);
            out += line.empty() ? "" : std::string(indent, ' ') + line;
            if (end == std::string::npos)
                break;
            out += "\n";
            begin = end + 1;
        }
        return out;
    }
    if (!plainAllowed(text))
        return singleQuoted(text, column, indent);
    return resolvesToAnotherType(text) ? doubleQuoted(text) : folded(text, column, indent, true);
}

void write(std::string& out, const json& value, std::size_t indent);

void writeMap(std::string& out, const json& map, std::size_t indent, bool firstInline)
{
    bool first = firstInline;
    for (const auto& [key, value] : map.items()) {
        if (!first)
            out += std::string(indent, ' ');
        first = false;
        // A key is never folded, and of several lines only in quotes.
        const std::string name = key.find('\n') == std::string::npos ? textOf(key, indent + 2, kUnbroken) : doubleQuoted(key);
        out += name.size() > kLongestSimpleKey ? "? " + name + "\n" + std::string(indent, ' ') + ":" : name + ":";
        if (value.is_object() && !value.empty()) {
            out += "\n";
            writeMap(out, value, indent + 2, false);
        } else if (value.is_array() && !value.empty()) {
            out += "\n";
            write(out, value, indent);
        } else {
            out += " ";
            write(out, value, indent + 2);
            out += "\n";
        }
    }
}

void write(std::string& out, const json& value, std::size_t indent)
{
    if (value.is_object() && !value.empty()) {
        writeMap(out, value, indent, false);
    } else if (value.is_array() && !value.empty()) {
        for (const json& item : value) {
            out += std::string(indent, ' ') + "- ";
            if (item.is_object() && !item.empty()) {
                writeMap(out, item, indent + 2, true);
            } else if (item.is_array() && !item.empty()) {
                std::string inner;
                write(inner, item, indent + 2);
                out += inner.substr(indent + 2);
            } else {
                write(out, item, indent + 2);
                out += "\n";
            }
        }
    } else if (value.is_string()) {
        const std::size_t line = out.rfind('\n');
        out += textOf(value.get<std::string>(), indent, line == std::string::npos ? out.size() : out.size() - line - 1);
    } else {
        out += value.dump(); // {} and [] too
    }
}

} // namespace

std::string toYaml(const json& value)
{
    std::string out;
    write(out, value, value.is_string() ? 2 : 0); // the lines of a text stand further in than its parent, and the document is one
    if (out.empty() || out.back() != '\n')
        out += '\n';
    return out;
}

} // namespace sim::kube
