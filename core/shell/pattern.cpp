#include "core/shell/pattern.h"

namespace core::shell {

bool inCharacterClass(std::string_view name, unsigned char c)
{
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    const bool blank = c == ' ' || c == '\t';
    const bool graph = c > 0x20 && c < 0x7f;
    if (name == "alpha")
        return lower || upper;
    if (name == "digit")
        return digit;
    if (name == "alnum")
        return lower || upper || digit;
    if (name == "lower")
        return lower;
    if (name == "upper")
        return upper;
    if (name == "space")
        return blank || (c >= '\n' && c <= '\r');
    if (name == "blank")
        return blank;
    if (name == "punct")
        return graph && !lower && !upper && !digit;
    if (name == "xdigit")
        return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (name == "cntrl")
        return c < 0x20 || c == 0x7f;
    if (name == "print")
        return graph || c == ' ';
    if (name == "graph")
        return graph;
    return false;
}

namespace {

/// Length of the bracket expression at pattern[0] == '[' and whether it holds c; 0 when it is none.
std::size_t matchBracket(std::string_view pattern, unsigned char c, bool& matched)
{
    std::size_t i = 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated)
        ++i;
    bool found = false;
    for (bool first = true; i < pattern.size(); first = false) {
        if (pattern[i] == ']' && !first) {
            matched = found != negated;
            return i + 1;
        }
        if (pattern[i] == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
            const std::size_t close = pattern.find(":]", i + 2);
            if (close != std::string_view::npos) {
                found |= inCharacterClass(pattern.substr(i + 2, close - i - 2), c);
                i = close + 2;
                continue;
            }
        }
        if (pattern[i] == '\\' && i + 1 < pattern.size())
            ++i;
        const auto low = static_cast<unsigned char>(pattern[i]);
        auto high = low;
        ++i;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            if (pattern[i] == '\\' && i + 1 < pattern.size())
                ++i;
            high = static_cast<unsigned char>(pattern[i++]);
        }
        found |= c >= low && c <= high;
    }
    return 0;
}

std::size_t characterLength(std::string_view text)
{
    const auto c = static_cast<unsigned char>(text[0]);
    const std::size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return n <= text.size() ? n : 1;
}

} // namespace

bool matchPattern(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t starPattern = std::string_view::npos;
    std::size_t starText = 0;
    while (t < text.size()) {
        bool ok = false;
        std::size_t step = 1;
        std::size_t advance = 1;
        if (p < pattern.size()) {
            const char c = pattern[p];
            if (c == '*') {
                starPattern = ++p;
                starText = t;
                continue;
            }
            if (c == '?') {
                ok = true;
                advance = characterLength(text.substr(t));
            } else if (c == '[') {
                const std::size_t length = matchBracket(pattern.substr(p),
                                                        static_cast<unsigned char>(text[t]), ok);
                if (length > 0)
                    step = length;
                else
                    ok = text[t] == '[';
            } else if (c == '\\' && p + 1 < pattern.size()) {
                ok = pattern[p + 1] == text[t];
                step = 2;
            } else {
                ok = c == text[t];
            }
        }
        if (ok) {
            p += step;
            t += advance;
        } else if (starPattern != std::string_view::npos) {
            p = starPattern;
            t = ++starText;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

bool hasPattern(std::string_view pattern)
{
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\')
            ++i;
        else if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[')
            return true;
    }
    return false;
}

std::string escapePattern(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\' || c == '!' || c == '-' || c == '^')
            result += '\\';
        result += c;
    }
    return result;
}

} // namespace core::shell
