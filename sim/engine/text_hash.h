#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sim {

/// A hash of a text for tables that are only looked up, never walked: the same with every compiler, eight bytes a step. Not
/// for fingerprints and not against an enemy.
struct TextHash {
    using is_avalanching = void;

    std::size_t operator()(std::string_view text) const
    {
        std::uint64_t hash = kOdd ^ text.size();
        const char* at = text.data();
        std::size_t left = text.size();
        for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t))
            hash = mixed(hash ^ word(at, sizeof(std::uint64_t)));
        return mixed(hash ^ word(at, left));
    }

private:
    static constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15; ///< 2^64 over the golden ratio

    static std::uint64_t word(const char* at, std::size_t bytes)
    {
        std::uint64_t value = 0;
        std::memcpy(&value, at, bytes);
        return value;
    }
    static std::uint64_t mixed(std::uint64_t value)
    {
        value *= kOdd;
        value ^= value >> 32;
        value *= kOdd;
        return value ^ (value >> 29);
    }
};

} // namespace sim
