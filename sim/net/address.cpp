#include "sim/net/address.h"

#include <fmt/format.h>

namespace sim::net {

namespace {

/// A decimal number of at most `limit` at the front of `text`, which loses its digits.
std::optional<std::uint32_t> takeNumber(std::string_view& text, std::uint32_t limit)
{
    std::uint32_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
        if (value > limit)
            return std::nullopt;
        ++digits;
    }
    if (digits == 0 || digits > 3)
        return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

} // namespace

std::string Ipv4::text() const
{
    return fmt::format("{}.{}.{}.{}", value >> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255);
}

std::optional<Ipv4> Ipv4::parse(std::string_view text)
{
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (text.empty() || text.front() != '.')
                return std::nullopt;
            text.remove_prefix(1);
        }
        const auto number = takeNumber(text, 255);
        if (!number)
            return std::nullopt;
        value = (value << 8) | *number;
    }
    return text.empty() ? std::optional(Ipv4{value}) : std::nullopt;
}

Ipv4 Prefix::network() const
{
    return length == 0 ? Ipv4{} : Ipv4{base.value & (0xffffffffU << (32 - length))};
}

bool Prefix::contains(Ipv4 address) const
{
    return Prefix{address, length}.network() == network();
}

std::string Prefix::text() const
{
    return base.text() + "/" + std::to_string(length);
}

std::optional<Prefix> Prefix::parse(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const auto base = Ipv4::parse(text.substr(0, slash));
    if (!base)
        return std::nullopt;
    if (slash == std::string_view::npos)
        return Prefix{*base, 32};
    std::string_view rest = text.substr(slash + 1);
    const auto length = takeNumber(rest, 32);
    if (!length || !rest.empty())
        return std::nullopt;
    return Prefix{*base, static_cast<std::uint8_t>(*length)};
}

} // namespace sim::net
