#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sim::net {

/// An IPv4 address in host byte order.
struct Ipv4 {
    std::uint32_t value = 0;
    auto operator<=>(const Ipv4&) const = default;
    std::string text() const;
    static std::optional<Ipv4> parse(std::string_view text);
    void addTo(Fingerprint& f) const { f.add(std::uint64_t{value}); }
};

struct Prefix {
    Ipv4 base;
    std::uint8_t length = 32; ///< 0..32
    auto operator<=>(const Prefix&) const = default;
    Ipv4 network() const; ///< base with the host bits cleared
    bool contains(Ipv4 address) const;
    std::string text() const;                                  ///< "10.0.0.0/24"
    static std::optional<Prefix> parse(std::string_view text); ///< without a length: /32
    void addTo(Fingerprint& f) const
    {
        base.addTo(f);
        f.add(std::uint64_t{length});
    }
};

} // namespace sim::net
