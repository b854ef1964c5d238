#include "core/validation/fields.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>

namespace core::validation {

std::string trimmed(std::string_view text)
{
    const auto isBlank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return std::string(text);
}

std::optional<double> numberIn(std::string_view text)
{
    double value = 0;
    const std::string clean = trimmed(text);
    const auto [end, error] = std::from_chars(clean.data(), clean.data() + clean.size(), value);
    if (error != std::errc() || end != clean.data() + clean.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

sim::Error problem(const std::string& where, const std::string& field, std::string message)
{
    return {std::move(message), where + ", " + field};
}

sim::Result<int> countIn(std::string_view text, int least, int most, const std::string& where, const std::string& field)
{
    const auto number = numberIn(text);
    if (!number || *number != std::floor(*number) || *number < least || *number > most)
        return problem(where, field, fmt::format("\"{}\" is no count; write a whole number from {} to {}", text, least, most));
    return static_cast<int>(*number);
}

} // namespace core::validation
