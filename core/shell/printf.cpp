#include "core/shell/printf.h"

#include "core/shell/numbers.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace core::shell {

namespace {

/// One escape sequence at text[i] == '\\'. Moves i behind it. False: \c, stop all output.
bool escape(std::string_view text, std::size_t& i, std::string& out)
{
    if (i + 1 >= text.size()) {
        out += '\\';
        ++i;
        return true;
    }
    const char c = text[i + 1];
    i += 2;
    static constexpr std::string_view kFrom = "abefnrtv\\\"'";
    static constexpr std::string_view kTo = "\a\b\x1b\f\n\r\t\v\\\"'";
    if (const std::size_t k = kFrom.find(c); k != std::string_view::npos) {
        out += kTo[k];
    } else if (c == 'c') {
        return false;
    } else if ((c >= '0' && c <= '7') || c == 'x') {
        const int base = c == 'x' ? 16 : 8;
        if (c != 'x')
            --i;
        int value = 0;
        std::size_t digits = 0;
        for (const std::size_t most = base == 16 ? 2
                 : c == '0'                      ? 4
                                                 : 3;
             i < text.size() && digits < most; ++i, ++digits) {
            int digit = 99;
            if (text[i] >= '0' && text[i] <= '9')
                digit = text[i] - '0';
            else if (text[i] >= 'a' && text[i] <= 'f')
                digit = text[i] - 'a' + 10;
            else if (text[i] >= 'A' && text[i] <= 'F')
                digit = text[i] - 'A' + 10;
            if (digit >= base)
                break;
            value = value * base + digit;
        }
        out += static_cast<char>(value);
    } else {
        out += '\\';
        out += c;
    }
    return true;
}

std::string padded(std::string text, const std::string& flags, int width)
{
    const auto size = static_cast<int>(text.size());
    if (size >= width)
        return text;
    const auto missing = static_cast<std::size_t>(width - size);
    if (flags.find('-') != std::string::npos)
        return text + std::string(missing, ' ');
    return std::string(missing, ' ') + text;
}

/// A word as a shell reads it back, by backslashes, as bash's %q has it.
std::string backslashed(const std::string& word)
{
    if (word.empty())
        return "''";
    std::string text;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool atStart = i == 0 && (word[i] == '#' || word[i] == '~');
        if (atStart || std::string_view(" \t!\"$&'()*,;<>?[\\]^`{|}").find(word[i]) != std::string_view::npos)
            text += '\\';
        text += word[i];
    }
    if (word.find('\n') == std::string::npos)
        return text;
    std::string quoted = "$'";
    for (const char c : word)
        quoted += c == '\n' ? "\\n" : c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return quoted + "'";
}

} // namespace

std::string formatPrintf(const std::string& format, const std::vector<std::string>& arguments,
                         std::string& errors)
{
    constexpr std::size_t kMaxOutput = 4 * 1024 * 1024;
    constexpr int kMaxWidth = 10'000;
    std::string out;
    std::size_t next = 0;
    bool stop = false;
    const auto take = [&]() {
        return next < arguments.size() ? arguments[next++] : std::string();
    };
    do {
        const std::size_t before = next;
        for (std::size_t i = 0; i < format.size() && !stop;) {
            const char c = format[i];
            if (c == '\\') {
                stop = !escape(format, i, out);
                continue;
            }
            if (c != '%') {
                out += c;
                ++i;
                continue;
            }
            if (i + 1 < format.size() && format[i + 1] == '%') {
                out += '%';
                i += 2;
                continue;
            }
            std::string flags;
            for (++i;
                 i < format.size() && std::string_view("-+ #0").find(format[i]) != std::string_view::npos;
                 ++i)
                flags += format[i];
            const auto number = [&](int fallback) {
                if (i < format.size() && format[i] == '*') {
                    ++i;
                    return std::atoi(take().c_str());
                }
                int value = fallback;
                for (bool first = true; i < format.size() && format[i] >= '0' && format[i] <= '9';
                     ++i, first = false)
                    value = std::min((first ? 0 : value) * 10 + (format[i] - '0'), kMaxWidth);
                return value;
            };
            int width = number(0);
            if (width < 0) {
                flags += '-';
                width = -width;
            }
            width = std::min(width, kMaxWidth);
            int precision = -1;
            if (i < format.size() && format[i] == '.') {
                ++i;
                precision = std::min(number(0), kMaxWidth);
            }
            const char conversion = i < format.size() ? format[i++] : '\0';
            std::string argument;
            switch (conversion) {
            case 's':
                argument = take();
                if (precision >= 0)
                    argument.resize(std::min(argument.size(), static_cast<std::size_t>(precision)));
                out += padded(std::move(argument), flags, width);
                break;
            case 'b': {
                const std::string raw = take();
                for (std::size_t k = 0; k < raw.size() && !stop;) {
                    if (raw[k] == '\\')
                        stop = !escape(raw, k, argument);
                    else
                        argument += raw[k++];
                }
                out += padded(std::move(argument), flags, width);
                break;
            }
            case 'q':
                argument = take();
                out += padded(backslashed(argument), flags, width);
                break;
            case 'c': out += padded(take().substr(0, 1), flags, width); break;
            case 'd':
            case 'i':
            case 'u':
            case 'x':
            case 'X':
            case 'o': {
                argument = take();
                long long value = 0;
                if (argument.size() > 1 && (argument[0] == '\'' || argument[0] == '"')) {
                    value = static_cast<unsigned char>(argument[1]);
                } else if (!argument.empty()) {
                    char* end = nullptr;
                    value = std::strtoll(argument.c_str(), &end, 0);
                    if (*end != '\0')
                        errors += argument + ": invalid number\n";
                }
                const std::string spec = "%" + flags + std::to_string(width)
                    + (precision >= 0 ? "." + std::to_string(precision) : "") + "ll" + conversion;
                std::string text(static_cast<std::size_t>(std::max(width, precision)) + 64, '\0');
                const int n = std::snprintf(text.data(), text.size(), spec.c_str(), value);
                text.resize(static_cast<std::size_t>(std::max(n, 0)));
                out += text;
                break;
            }
            case 'e':
            case 'E':
            case 'f':
            case 'F':
            case 'g':
            case 'G': {
                argument = take();
                std::size_t used = 0;
                const double value = parseDouble(argument, used);
                if (used != argument.size())
                    errors += argument + ": invalid number\n";
                out += formatDouble(value, conversion, flags, width, precision);
                break;
            }
            default:
                errors += std::string("`") + (conversion ? std::string(1, conversion) : std::string())
                    + "': invalid format character\n";
                stop = true;
                break;
            }
        }
        if (next == before)
            break; // a format that takes nothing is used once
    } while (next < arguments.size() && !stop && out.size() < kMaxOutput);
    return out;
}

} // namespace core::shell
