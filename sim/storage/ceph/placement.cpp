#include "sim/storage/ceph/cluster.h"

#include <algorithm>

// Where placement groups are wanted, and who serves them meanwhile.
namespace sim::storage::ceph {

namespace {

/// Until a new acting set has agreed on what its group holds.
constexpr Duration kPeeringTakes = 1s;
/// osd_max_pg_log_entries: what was missed by fewer writes is known object by object, the rest is found by comparing all.
constexpr std::int64_t kLogEntries = 10'000;

bool holdsAll(const Copy& copy) { return copy.missingBytes == 0 && !copy.backfills; }

/// It takes part although it still misses objects: the log tells which.
bool followsLog(const Copy& copy) { return !copy.backfills && copy.missingBytes <= kLogEntries * kObjectBytes; }

} // namespace

std::vector<std::int32_t> Cluster::crushUp(const Pg& pg) const
{
    std::vector<CrushWeight> reweights;
    reweights.reserve(m_osds.size());
    for (const Osd& osd : m_osds)
        reweights.push_back(osd.mapWeight());
    // The seed is hashed with the pool's number, so that pools do not lie on top of each other (hashpspool).
    const std::uint32_t x = crushHash(static_cast<std::uint32_t>(pg.seed), static_cast<std::uint32_t>(m_pools[pg.pool].id));
    std::vector<std::int32_t> chosen = chooseLeaves(m_crush, x, m_pools[pg.pool].size, reweights);
    std::erase_if(chosen, [&](std::int32_t osd) { return !m_osds[static_cast<std::size_t>(osd)].up; });
    return chosen;
}

void Cluster::place(Instant now)
{
    m_mapChanged = false;
    for (Pg& pg : m_pgs) {
        pg.up = crushUp(pg);
        peer(pg, now);
    }
    countShares();
}

void Cluster::peer(Pg& pg, Instant now)
{
    for (Copy& copy : pg.copies)
        if (!followsLog(copy))
            copy.backfills = true;
    for (const std::int32_t osd : pg.up)
        if (pg.copyOn(osd) == nullptr) {
            const auto place = std::lower_bound(pg.copies.begin(), pg.copies.end(), osd, [](const Copy& copy, std::int32_t id) { return copy.osd < id; });
            pg.copies.insert(place, {osd, bytesOf(pg), true});
        }
    const std::vector<std::int32_t> before = pg.acting;
    chooseActing(pg);
    if (pg.acting != before) {
        pg.peersUntil = now + kPeeringTakes;
        pg.moving = false;
    }
}

void Cluster::chooseActing(Pg& pg) const
{
    const auto isUp = [&](std::int32_t osd) { return m_osds[static_cast<std::size_t>(osd)].up; };
    const auto wanted = [&](std::int32_t osd) { return std::find(pg.up.begin(), pg.up.end(), osd) != pg.up.end(); };
    const bool whole = std::any_of(pg.copies.begin(), pg.copies.end(), [&](const Copy& copy) { return isUp(copy.osd) && holdsAll(copy); });
    pg.acting.clear();
    for (const std::int32_t osd : pg.up)
        if (const Copy* copy = pg.copyOn(osd); copy != nullptr && (followsLog(*copy) || !whole))
            pg.acting.push_back(osd);
    for (const Copy& copy : pg.copies)
        if (pg.acting.size() < m_pools[pg.pool].size && isUp(copy.osd) && !wanted(copy.osd) && holdsAll(copy))
            pg.acting.push_back(copy.osd);
    // The leader has all objects.
    const auto complete = std::find_if(pg.acting.begin(), pg.acting.end(), [&](std::int32_t osd) { return holdsAll(*pg.copyOn(osd)); });
    if (complete != pg.acting.end())
        std::rotate(pg.acting.begin(), complete, complete + 1);
}

void Cluster::countShares()
{
    m_shares.assign(m_pools.size(), Shares{});
    for (Shares& shares : m_shares) {
        shares.writes.assign(m_osds.size(), 0);
        shares.reads.assign(m_osds.size(), 0);
        shares.hostIn.assign(m_hosts.size(), 0);
        shares.hostOut.assign(m_hosts.size(), 0);
        shares.readOut.assign(m_hosts.size(), 0);
    }
    for (const Pg& pg : m_pgs) {
        if (pg.acting.empty())
            continue;
        Shares& shares = m_shares[pg.pool];
        const double part = 1 / static_cast<double>(m_pools[pg.pool].pgCount);
        const std::size_t leads = m_osds[static_cast<std::size_t>(pg.acting.front())].host;
        shares.reads[static_cast<std::size_t>(pg.acting.front())] += part;
        shares.readOut[leads] += part;
        for (const std::int32_t osd : pg.acting) {
            shares.writes[static_cast<std::size_t>(osd)] += part;
            shares.hostIn[m_osds[static_cast<std::size_t>(osd)].host] += part;
        }
        shares.hostOut[leads] += part * static_cast<double>(pg.acting.size() - 1);
    }
}

} // namespace sim::storage::ceph
