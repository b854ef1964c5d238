#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// ASCII's letters, whatever the locale: names, headers, units and options are compared without regard to their case.
namespace sim {

constexpr char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char raised(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string lowered(std::string_view text)
{
    std::string out(text.size(), '\0');
    std::transform(text.begin(), text.end(), out.begin(), [](char c) { return lowered(c); });
    return out;
}
inline std::string raised(std::string_view text)
{
    std::string out(text.size(), '\0');
    std::transform(text.begin(), text.end(), out.begin(), [](char c) { return raised(c); });
    return out;
}

} // namespace sim
