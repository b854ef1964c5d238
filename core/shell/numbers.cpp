#include "core/shell/numbers.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace core::shell {

std::optional<std::int64_t> parseNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

double parseDouble(std::string_view text, std::size_t& used)
{
    used = 0;
    std::size_t start = 0;
    while (start < text.size() && (text[start] == ' ' || text[start] == '\t' || text[start] == '\n'))
        ++start;
    const bool plus = start < text.size() && text[start] == '+';
    double value = 0;
    const char* first = text.data() + start + (plus ? 1 : 0);
    if (plus && start + 1 < text.size() && text[start + 1] == '-')
        return 0;
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
    if (error == std::errc::invalid_argument)
        return 0;
    used = static_cast<std::size_t>(end - text.data());
    return error == std::errc::result_out_of_range ? (*first == '-' ? -HUGE_VAL : HUGE_VAL) : value;
}

std::string formatDouble(double value, char conversion, std::string_view flags, int width, int precision)
{
    precision = precision < 0 ? 6 : std::min(precision, 500);
    const bool has = !flags.empty();
    const auto flag = [&](char c) {
        return has && flags.find(c) != std::string_view::npos;
    };
    const double magnitude = std::fabs(value);
    std::string text;
    switch (conversion) {
    case 'e': text = fmt::format("{:.{}e}", magnitude, precision); break;
    case 'E': text = fmt::format("{:.{}E}", magnitude, precision); break;
    case 'g':
        text = flag('#') ? fmt::format("{:#.{}g}", magnitude, precision)
                         : fmt::format("{:.{}g}", magnitude, precision);
        break;
    case 'G': text = fmt::format("{:.{}G}", magnitude, precision); break;
    default: text = fmt::format("{:.{}f}", magnitude, precision); break;
    }
    const std::string sign = std::signbit(value) && !std::isnan(value) ? "-"
        : flag('+')                                                    ? "+"
        : flag(' ')                                                    ? " "
                                                                       : "";
    const auto total = static_cast<int>(text.size() + sign.size());
    const auto missing = static_cast<std::size_t>(std::max(width - total, 0));
    if (flag('-'))
        return sign + text + std::string(missing, ' ');
    if (flag('0') && std::isfinite(value))
        return sign + std::string(missing, '0') + text;
    return std::string(missing, ' ') + sign + text;
}

std::string humanSize(double bytes)
{
    static constexpr std::string_view kUnits = "KMGTPE";
    if (bytes < 1024)
        return fmt::format("{:.0f}", bytes);
    std::size_t unit = 0;
    for (bytes /= 1024; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit)
        bytes /= 1024;
    const double tenths = std::ceil(bytes * 10) / 10;
    if (tenths < 10)
        return fmt::format("{:.1f}{}", tenths, kUnits[unit]);
    const double whole = std::ceil(bytes);
    if (whole >= 1024 && unit + 1 < kUnits.size())
        return fmt::format("1.0{}", kUnits[unit + 1]);
    return fmt::format("{:.0f}{}", whole, kUnits[unit]);
}

} // namespace core::shell
