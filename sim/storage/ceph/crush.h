#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::storage::ceph {

/// 16.16 fixed point, as CRUSH counts weights: 0x10000 is 1. The weight of an OSD is its size in TiB.
using CrushWeight = std::uint32_t;
inline constexpr CrushWeight kWholeWeight = 0x10000;

/// Robert Jenkins' 32-bit mix over two or three words, with CRUSH's seed and padding ("rjenkins1").
std::uint32_t crushHash(std::uint32_t a, std::uint32_t b);
std::uint32_t crushHash(std::uint32_t a, std::uint32_t b, std::uint32_t c);
/// 2^44 * log2(x + 1), to 28 bits behind the point. Requires: x < 65536.
std::int64_t crushLog(std::uint32_t x);

/// A host bucket of straw2.
struct CrushHost {
    std::string name;
    std::int32_t id = 0; ///< negative: -3, -5, ... (the numbers between are those of the device class' shadow tree)
    std::vector<std::int32_t> osds;
    bool operator==(const CrushHost&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrushHost, (), (name, id, osds))

/// root default -> hosts -> OSDs.
struct CrushMap {
    static constexpr std::int32_t kRoot = -1;
    std::vector<CrushHost> hosts;
    std::vector<CrushWeight> weights; ///< by OSD
    bool operator==(const CrushMap&) const = default;
    CrushWeight weightOf(const CrushHost& host) const;
};
BOOST_DESCRIBE_STRUCT(CrushMap, (), (hosts, weights))

/// The rule "take default, chooseleaf firstn 0 type host, emit" with the tunables of the profile jewel. `reweights` by OSD: 0 is
/// out, below kWholeWeight gives away that share of what falls on it. Fewer than `replicas` when no more hosts can be found.
std::vector<std::int32_t> chooseLeaves(const CrushMap& map, std::uint32_t x, std::size_t replicas, const std::vector<CrushWeight>& reweights);

} // namespace sim::storage::ceph
