#include "sim/engine/base64.h"

#include <algorithm>
#include <cstdint>

namespace sim {

namespace {

constexpr std::string_view kStandardDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view digits)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u; };
        const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        const std::size_t count = std::min<std::size_t>(bytes.size() - i, 3) + 1;
        for (std::size_t d = 0; d < count; ++d)
            out += digits[bits >> (18 - 6 * d) & 63];
    }
    return out;
}

std::optional<std::string> decode(std::string_view text, std::string_view digits)
{
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int have = 0;
    bool padded = false;
    for (const char c : text) {
        padded = padded || c == '=';
        if (c == '=' || c == '\n' || c == '\r')
            continue;
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos || padded)
            return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out += static_cast<char>(bits >> have & 255);
        }
    }
    if (have == 6) // one digit alone is no byte
        return std::nullopt;
    return out;
}

} // namespace

std::string encodeBase64(std::string_view bytes)
{
    std::string out = encode(bytes, kStandardDigits);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::optional<std::string> decodeBase64(std::string_view text)
{
    return decode(text, kStandardDigits);
}

std::string encodeBase64Url(std::string_view bytes)
{
    return encode(bytes, kUrlDigits);
}

std::optional<std::string> decodeBase64Url(std::string_view text)
{
    return decode(text, kUrlDigits);
}

} // namespace sim
