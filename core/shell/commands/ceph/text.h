#pragma once

#include "sim/storage/ceph/cluster.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

/// What ceph 18.2.4 prints, as functions of the cluster alone: no shell, no world.
namespace core::shell::cephtool {

namespace ceph = sim::storage::ceph;
using Json = nlohmann::ordered_json;

inline constexpr const char* kVersion = "ceph version 18.2.4 (e7ad5345525c7aa95470c26863873b581076945d) reef (stable)";

/// A command's answer in words and, where people use it, as an object.
struct Shown {
    std::string text;
    Json json;
    std::string note;  ///< on standard error: "dumped pgs_brief"
    int error = 0;     ///< errno
};

// status_text.cpp
Shown status(const ceph::Cluster& cluster, sim::Instant now);
Shown health(const ceph::Cluster& cluster, sim::Instant now, bool detail);
Shown spaceOf(const ceph::Cluster& cluster, bool detail); ///< ceph df
Shown versions(const ceph::Cluster& cluster);

// osd_text.cpp
Shown osdTree(const ceph::Cluster& cluster);
Shown osdSpace(const ceph::Cluster& cluster, bool tree); ///< ceph osd df
Shown osdStat(const ceph::Cluster& cluster, sim::Instant now);
Shown osdPerf(const ceph::Cluster& cluster);
Shown osdDump(const ceph::Cluster& cluster, sim::Instant now);
Shown osdFind(const ceph::Cluster& cluster, std::int32_t osd);
Shown osdMetadata(const ceph::Cluster& cluster, std::int32_t osd);
Shown okToStop(const ceph::Cluster& cluster, const std::vector<std::int32_t>& osds);
Shown safeToDestroy(const ceph::Cluster& cluster, const std::vector<std::int32_t>& osds);
Shown poolList(const ceph::Cluster& cluster, bool detail);
Shown poolGet(const ceph::Cluster& cluster, const std::string& pool, const std::string& key);
Shown poolStats(const ceph::Cluster& cluster, const std::string& pool);

// pg_text.cpp
Shown pgStat(const ceph::Cluster& cluster);
Shown pgDump(const ceph::Cluster& cluster, bool brief);
Shown pgStuck(const ceph::Cluster& cluster, sim::Instant now, const std::vector<std::string>& kinds);
/// `ceph pg ls`, by pool ("" for all), OSD (-1 for all), and states that must all be there.
Shown pgList(const ceph::Cluster& cluster, sim::Instant now, const std::string& pool, std::int32_t osd, ceph::PgStates states);
Shown pgMap(const ceph::Cluster& cluster, const ceph::Pg& pg);
Shown pgQuery(const ceph::Cluster& cluster, const ceph::Pg& pg);

// services_text.cpp
Shown monStat(const ceph::Cluster& cluster);
Shown monDump(const ceph::Cluster& cluster);
Shown quorumStatus(const ceph::Cluster& cluster, sim::Instant now);
Shown timeSync(const ceph::Cluster& cluster);
Shown mdsStat(const ceph::Cluster& cluster);
Shown fsStatus(const ceph::Cluster& cluster, std::size_t clients); ///< that many machines have it mounted
Shown configDump(const ceph::Cluster& cluster);
std::string logLine(const ceph::ClusterLogLine& line);

// daemon_text.cpp
Json opsInFlight(const ceph::Cluster& cluster, const ceph::Osd& osd, sim::Instant now);
Json historicOps(const ceph::Cluster& cluster, const ceph::Osd& osd, sim::Instant now);
Json perfCounters(const ceph::Cluster& cluster, const ceph::Osd& osd);
Json daemonStatus(const ceph::Cluster& cluster, const ceph::Osd& osd);
Json daemonConfig(const ceph::Cluster& cluster, const std::string& daemon);
Json benchOf(const ceph::Osd& osd); ///< ceph tell osd.N bench

/// Of all drives that are in, and all pools.
struct Totals {
    std::int64_t bytes = 0;  ///< of drives
    std::int64_t used = 0;
    std::int64_t stored = 0; ///< by users
    std::int64_t objects = 0;
    ceph::IoRates rates;
    std::int64_t left() const { return bytes - used; }
};
Totals totalsOf(const ceph::Cluster& cluster);

/// Of one OSD, or the sum over some, as `ceph osd df` counts: an OSD that is out has no figures but its groups, the statistics of it
/// count for nothing.
struct OsdUse {
    std::int64_t size = 0;
    std::int64_t used = 0;
    std::int64_t data = 0;
    std::int64_t groups = 0;
    OsdUse& operator+=(const OsdUse& other);
};
std::vector<OsdUse> usesOf(const ceph::Cluster& cluster); ///< by OSD

/// Of a pool, as `ceph df` counts.
struct PoolUse {
    std::int64_t used = 0;      ///< by all copies
    std::int64_t available = 0; ///< to users, before replication
    double share = 0;           ///< "%USED", 0..1
};
PoolUse useOf(const ceph::Cluster& cluster, std::size_t pool);

/// Placement groups by state, the most frequent first.
std::vector<std::pair<std::int64_t, ceph::PgStates>> statesByCount(const ceph::Cluster& cluster);

/// What a client says that no monitor has answered.
inline constexpr const char* kNoAnswer = "[errno 110] RADOS timed out (error connecting to the cluster)\n";

/// Monitors of the quorum.
struct Quorum {
    std::vector<std::size_t> ranks;
    std::vector<std::string> names;
};
Quorum quorumOf(const ceph::Cluster& cluster);

inline double share(std::int64_t part, std::int64_t all) { return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0; }

} // namespace core::shell::cephtool
