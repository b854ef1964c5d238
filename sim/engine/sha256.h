#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sim {

/// FIPS 180-4. For names that real programs make from a digest; nothing here is a secret.
std::array<std::uint8_t, 32> sha256(std::string_view text);

/// RFC 4648's base 32 with upper-case letters, without padding.
std::string base32(const std::uint8_t* bytes, std::size_t count);

} // namespace sim
