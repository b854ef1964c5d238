#include "sim/storage/ceph/crush.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace sim::storage::ceph {

namespace {

constexpr std::uint32_t kHashSeed = 1315423911;
constexpr std::uint32_t kHashX = 231232;
constexpr std::uint32_t kHashY = 1232;
/// choose_total_tries 50 and one more, as the mapper counts them.
constexpr std::uint32_t kTries = 51;
constexpr int kLogBits = 44;
constexpr int kFractionBits = 28;

void mix(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c)
{
    const auto turn = [](std::uint32_t& x, std::uint32_t y, std::uint32_t z, std::uint32_t shifted) { x = (x - y - z) ^ shifted; };
    turn(a, b, c, c >> 13);
    turn(b, c, a, a << 8);
    turn(c, a, b, b >> 13);
    turn(a, b, c, c >> 12);
    turn(b, c, a, a << 16);
    turn(c, a, b, b >> 5);
    turn(a, b, c, c >> 3);
    turn(b, c, a, a << 10);
    turn(c, a, b, b >> 15);
}

/// The length of an item's straw: the logarithm of a uniform draw over its weight. The longest wins.
std::int64_t straw(std::uint32_t x, std::int32_t item, std::uint32_t attempt, CrushWeight weight)
{
    if (weight == 0)
        return std::numeric_limits<std::int64_t>::min();
    constexpr std::uint32_t kDraw = 0xffff;
    const std::uint32_t draw = crushHash(x, static_cast<std::uint32_t>(item), attempt) & kDraw;
    constexpr std::int64_t kLogOfOne = std::int64_t{16} << kLogBits;
    return (crushLog(draw) - kLogOfOne) / static_cast<std::int64_t>(weight);
}

bool isOut(std::uint32_t x, std::int32_t osd, CrushWeight reweight)
{
    if (reweight >= kWholeWeight)
        return false;
    return reweight == 0 || (crushHash(x, static_cast<std::uint32_t>(osd)) & 0xffff) >= reweight;
}

template <class Items, class IdOf, class WeightOf>
std::size_t longestStraw(const Items& items, std::uint32_t x, std::uint32_t attempt, IdOf idOf, WeightOf weightOf)
{
    std::size_t best = 0;
    std::int64_t length = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < items.size(); ++i)
        if (const std::int64_t drawn = straw(x, idOf(items[i]), attempt, weightOf(items[i])); i == 0 || drawn > length) {
            best = i;
            length = drawn;
        }
    return best;
}

/// One attempt below the root (chooseleaf_descend_once), with the root's own attempt number (chooseleaf_vary_r, chooseleaf_stable).
std::optional<std::int32_t> leafBelow(const CrushMap& map, const CrushHost& host, std::uint32_t x, std::uint32_t attempt,
                                      const std::vector<CrushWeight>& reweights)
{
    if (host.osds.empty())
        return std::nullopt;
    const auto same = [](std::int32_t osd) { return osd; };
    const std::int32_t osd = host.osds[longestStraw(host.osds, x, attempt, same, [&](std::int32_t one) { return map.weights[static_cast<std::size_t>(one)]; })];
    return isOut(x, osd, reweights[static_cast<std::size_t>(osd)]) ? std::nullopt : std::optional(osd);
}

} // namespace

std::uint32_t crushHash(std::uint32_t a, std::uint32_t b)
{
    std::uint32_t hash = kHashSeed ^ a ^ b;
    std::uint32_t x = kHashX;
    std::uint32_t y = kHashY;
    mix(a, b, hash);
    mix(x, a, hash);
    mix(b, y, hash);
    return hash;
}

std::uint32_t crushHash(std::uint32_t a, std::uint32_t b, std::uint32_t c)
{
    std::uint32_t hash = kHashSeed ^ a ^ b ^ c;
    std::uint32_t x = kHashX;
    std::uint32_t y = kHashY;
    mix(a, b, hash);
    mix(c, x, hash);
    mix(y, a, hash);
    mix(b, x, hash);
    mix(y, c, hash);
    return hash;
}

std::int64_t crushLog(std::uint32_t x)
{
    const std::uint32_t value = x + 1;
    int whole = 0;
    while ((value >> (whole + 1)) != 0)
        ++whole;
    // Squaring a number of [1, 2) gives its logarithm bit by bit; 31 bits behind the point.
    std::uint64_t mantissa = std::uint64_t{value} << (31 - whole);
    std::int64_t fraction = 0;
    for (int bit = 0; bit < kFractionBits; ++bit) {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if (mantissa >> 32 != 0) {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    return (std::int64_t{whole} << kLogBits) + (fraction << (kLogBits - kFractionBits));
}

CrushWeight CrushMap::weightOf(const CrushHost& host) const
{
    CrushWeight sum = 0;
    for (const std::int32_t osd : host.osds)
        sum += weights[static_cast<std::size_t>(osd)];
    return sum;
}

std::vector<std::int32_t> chooseLeaves(const CrushMap& map, std::uint32_t x, std::size_t replicas, const std::vector<CrushWeight>& reweights)
{
    std::vector<std::int32_t> leaves;
    std::vector<std::size_t> taken;
    leaves.reserve(replicas);
    taken.reserve(replicas);
    for (std::uint32_t replica = 0; replica < replicas && !map.hosts.empty(); ++replica)
        for (std::uint32_t failures = 0; failures < kTries; ++failures) {
            const std::uint32_t attempt = replica + failures;
            const std::size_t host = longestStraw(map.hosts, x, attempt, [](const CrushHost& one) { return one.id; },
                                                  [&](const CrushHost& one) { return map.weightOf(one); });
            if (std::find(taken.begin(), taken.end(), host) != taken.end())
                continue;
            const auto leaf = leafBelow(map, map.hosts[host], x, attempt, reweights);
            if (!leaf)
                continue;
            taken.push_back(host);
            leaves.push_back(*leaf);
            break;
        }
    return leaves;
}

} // namespace sim::storage::ceph
