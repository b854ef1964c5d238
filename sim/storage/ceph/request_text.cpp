#include "sim/storage/ceph/request_text.h"

#include <fmt/format.h>

namespace sim::storage::ceph {

std::string requestText(const Cluster& cluster, const Pg& pg, std::int64_t number)
{
    const Pool& pool = cluster.pools()[pg.pool];
    const auto turn = static_cast<std::uint32_t>(number);
    const std::uint32_t hash = crushHash(turn, static_cast<std::uint32_t>(pg.seed));
    constexpr std::uint64_t kFirstInode = 0x10000000000;
    const bool files = cluster.fileSystem() && cluster.fileSystem()->dataPool == pg.pool;
    const std::string object = files ? fmt::format("{:x}.{:08x}", kFirstInode + 0x1f4 + turn % 64, hash % 6000) : fmt::format("rbd_data.38c5a1b2d7e6.{:016x}", hash % 100'000);
    return fmt::format("osd_op(client.{}.0:{} {} {}:{:08x}:::{}:head [write 0~4194304] snapc 0=[] ondisk+write+known_if_redirected e{})", 24'103 + turn % 4 * 31, number,
                       cluster.nameOf(pg), pool.id, hash, object, cluster.epoch());
}

} // namespace sim::storage::ceph
