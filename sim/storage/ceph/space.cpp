#include "sim/storage/ceph/cluster.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <limits>

// Bytes: what users store, and what that takes on the drives.
namespace sim::storage::ceph {

namespace {

/// RocksDB, its log and BlueFS: so much for an OSD without data, and a thousandth of the data.
constexpr std::int64_t kDatabaseBytes = 1LL << 30;
constexpr std::int64_t kDatabaseShare = 1'000;

} // namespace

Space Cluster::spaceOf(const Osd& osd) const
{
    const double used = osd.in ? osd.usedShare() : 0;
    return used >= m_fullRatio ? Space::Full : used >= m_backfillFullRatio ? Space::BackfillFull : used >= m_nearFullRatio ? Space::NearFull : Space::Fine;
}

void Cluster::store(std::size_t pool, std::int64_t bytes)
{
    Pool& p = m_pools[pool];
    bytes = std::max(bytes, -p.storedBytes);
    const Pool before = p;
    p.storedBytes += bytes;
    for (Pg& pg : m_pgs) {
        if (pg.pool != pool)
            continue;
        const std::int64_t was = before.bytesOf(pg.seed);
        const std::int64_t grown = p.bytesOf(pg.seed) - was;
        for (Copy& copy : pg.copies) {
            const bool written = std::find(pg.acting.begin(), pg.acting.end(), copy.osd) != pg.acting.end();
            if (grown > 0)
                copy.missingBytes += written ? 0 : grown;
            else if (was > 0) // what is removed is found everywhere alike
                copy.missingBytes -= static_cast<std::int64_t>(static_cast<double>(copy.missingBytes) * static_cast<double>(-grown) / static_cast<double>(was));
            copy.missingBytes = std::clamp<std::int64_t>(copy.missingBytes, 0, p.bytesOf(pg.seed));
        }
    }
}

void Cluster::countSpace()
{
    for (Osd& osd : m_osds)
        osd.usedBytes = 0;
    for (const Pg& pg : m_pgs)
        for (const Copy& copy : pg.copies)
            m_osds[static_cast<std::size_t>(copy.osd)].usedBytes += storedOn(pg, copy);
    bool anyFull = false;
    for (Osd& osd : m_osds) {
        osd.usedBytes += kDatabaseBytes + osd.usedBytes / kDatabaseShare;
        anyFull |= full(osd);
    }
    // All pools lie on all OSDs: one rule, one device class.
    if (!m_pools.empty() && m_pools.front().full != anyFull && quorum())
        for (Pool& pool : m_pools)
            pool.full = anyFull;
}

std::int64_t Cluster::available(std::size_t pool) const
{
    double whole = 0;
    for (const Osd& osd : m_osds)
        whole += static_cast<double>(m_crush.weights[static_cast<std::size_t>(osd.id)]) * osd.mapWeight();
    double least = std::numeric_limits<double>::infinity();
    for (const Osd& osd : m_osds) {
        const double weight = static_cast<double>(m_crush.weights[static_cast<std::size_t>(osd.id)]) * osd.mapWeight() / whole;
        if (weight <= 0)
            continue;
        const double room = std::max(0.0, m_fullRatio * static_cast<double>(osd.device.bytes) - static_cast<double>(osd.usedBytes));
        least = std::min(least, room / weight);
    }
    return whole > 0 ? static_cast<std::int64_t>(least / static_cast<double>(m_pools[pool].size)) : 0;
}

bool Cluster::removeFolder(const std::string& path)
{
    if (!m_fileSystem || activeMds() == nullptr)
        return false;
    bool found = false;
    auto& folders = m_fileSystem->folders;
    for (auto at = folders.lower_bound(path); at != folders.end() && at->first.starts_with(path);) {
        if (at->first.size() != path.size() && at->first[path.size()] != '/') {
            ++at;
            continue;
        }
        m_fileSystem->purgingBytes += at->second;
        at = folders.erase(at);
        found = true;
    }
    return found;
}

void Cluster::fill(std::size_t pool, const std::string& folder, std::int64_t bytes)
{
    FL_ASSERT(pool < m_pools.size());
    if (m_fileSystem && !folder.empty())
        m_fileSystem->folders[folder] += bytes;
    store(pool, bytes);
    countSpace();
}

void Cluster::fillBench(const std::string& pool, std::int64_t bytes)
{
    if (const Pool* found = findPool(pool); found != nullptr) {
        const auto index = static_cast<std::size_t>(found - m_pools.data());
        m_pools[index].benchBytes += bytes;
        store(index, bytes);
    }
    countSpace();
}

} // namespace sim::storage::ceph
