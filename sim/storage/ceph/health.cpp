#include "sim/storage/ceph/cluster.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

// What is wrong, in the monitors' and the manager's words (src/osd/OSDMap.cc, src/mon/PGMap.cc, MonmapMonitor, MDSMonitor of 18.2).
namespace sim::storage::ceph {

namespace {

constexpr Duration kStuckAfter = 60s; // mon_pg_stuck_threshold

/// What a state of a placement group means for its data.
enum class Consequence : std::uint8_t { Unavailable, Degraded, BackfillFull, Damaged, RecoveryFull };
struct StateMeans {
    PgStates bit;
    Consequence consequence;
    bool whenAbsent = false;                ///< the state's absence is what is wrong
    Instant Pg::*good = nullptr;            ///< when it was right last: told only once it is stuck
};
constexpr StateMeans kMeanings[]{
    {kActive, Consequence::Unavailable, true, &Pg::lastActive},
    {kDown, Consequence::Unavailable},
    {kDegraded, Consequence::Degraded},
    {kInconsistent, Consequence::Damaged},
    {kPeering, Consequence::Unavailable, false, &Pg::lastActive},
    {kIncomplete, Consequence::Unavailable},
    {kStale, Consequence::Unavailable, false, &Pg::lastActive},
    {kBackfillTooFull, Consequence::BackfillFull},
    {kUndersized, Consequence::Degraded, false, &Pg::lastWhole},
    {kRecoveryTooFull, Consequence::RecoveryFull},
};
struct ConsequenceText {
    const char* code;
    Severity severity;
    const char* begins;
};
constexpr ConsequenceText kConsequences[]{
    {"PG_AVAILABILITY", Severity::Warning, "Reduced data availability: "},
    {"PG_DEGRADED", Severity::Warning, "Degraded data redundancy: "},
    {"PG_BACKFILL_FULL", Severity::Warning, "Low space hindering backfill (add storage if this doesn't resolve itself): "},
    {"PG_DAMAGED", Severity::Error, "Possible data damage: "},
    {"PG_RECOVERY_FULL", Severity::Error, "Full OSDs blocking recovery: "},
};

void addDetail(HealthCheck& check, std::string line)
{
    if (check.detail.size() < kHealthDetail)
        check.detail.push_back(std::move(line));
}

void addGroups(std::vector<HealthCheck>& checks, const Cluster& cluster, Instant now)
{
    struct Found {
        std::map<PgStates, std::int64_t> states;
        std::vector<std::string> lines;
    };
    std::map<Consequence, Found> found;
    for (const Pg& pg : cluster.pgs()) {
        std::map<Consequence, std::string> lines; // the last state that tells of a group wins
        for (const StateMeans& means : kMeanings) {
            if (((pg.states & means.bit) != 0) == means.whenAbsent)
                continue;
            const std::string state = means.whenAbsent ? "inactive" : pgStateName(means.bit);
            if (means.good != nullptr) {
                if (now - pg.*means.good < kStuckAfter)
                    continue;
                lines[means.consequence] = fmt::format("pg {} is stuck {} for {}, current state {}, last acting {}", cluster.nameOf(pg), state, spanText(now - pg.*means.good),
                                                       pgStateName(pg.states), setText(pg.acting));
            } else {
                lines[means.consequence] = fmt::format("pg {} is {}, acting {}", cluster.nameOf(pg), pgStateName(pg.states), setText(pg.acting));
            }
            ++found[means.consequence].states[means.bit];
        }
        for (auto& [consequence, line] : lines)
            found[consequence].lines.push_back(std::move(line));
    }
    for (auto& [consequence, what] : found) {
        const ConsequenceText& text = kConsequences[static_cast<std::size_t>(consequence)];
        HealthCheck check{text.code, text.severity, text.begins, {}};
        if (consequence == Consequence::Degraded)
            if (const Cluster::Objects objects = cluster.objects(); objects.degraded > 0)
                check.summary += fmt::format("{}/{} objects degraded ({:.3f}%), ", objects.degraded, objects.copies,
                                             100.0 * static_cast<double>(objects.degraded) / static_cast<double>(objects.copies));
        const char* separator = "";
        for (const auto& [bit, count] : what.states) {
            check.summary += fmt::format("{}{} {} {}", separator, count, count > 1 ? "pgs" : "pg", bit == kActive ? "inactive" : pgStateName(bit));
            separator = ", ";
        }
        for (std::string& line : what.lines)
            addDetail(check, std::move(line));
        checks.push_back(std::move(check));
    }
}

void addSpace(std::vector<HealthCheck>& checks, const Cluster& cluster)
{
    HealthCheck full{"OSD_FULL", Severity::Error, "{} full osd(s)", {}};
    HealthCheck backfill{"OSD_BACKFILLFULL", Severity::Warning, "{} backfillfull osd(s)", {}};
    HealthCheck near{"OSD_NEARFULL", Severity::Warning, "{} nearfull osd(s)", {}};
    for (const Osd& osd : cluster.osds())
        switch (cluster.spaceOf(osd)) {
        case Space::Full: full.detail.push_back(fmt::format("osd.{} is full", osd.id)); break;
        case Space::BackfillFull: backfill.detail.push_back(fmt::format("osd.{} is backfill full", osd.id)); break;
        case Space::NearFull: near.detail.push_back(fmt::format("osd.{} is near full", osd.id)); break;
        case Space::Fine: break;
        }
    // A pool is as full as the fullest OSD that it lies on: here all.
    const auto [word, code] = !full.detail.empty() ? std::pair("full", "POOL_FULL")
        : !backfill.detail.empty()                ? std::pair("backfillfull", "POOL_BACKFILLFULL")
        : !near.detail.empty()                    ? std::pair("nearfull", "POOL_NEARFULL")
                                                  : std::pair<const char*, const char*>(nullptr, nullptr);
    for (HealthCheck* check : {&full, &backfill, &near})
        if (!check->detail.empty()) {
            check->summary = fmt::format(fmt::runtime(check->summary), check->detail.size());
            checks.push_back(std::move(*check));
        }
    if (word == nullptr)
        return;
    HealthCheck pools{code, Severity::Warning, fmt::format("{} pool(s) {}", cluster.pools().size(), word), {}};
    for (const Pool& pool : cluster.pools())
        addDetail(pools, fmt::format("pool '{}' is {}{}", pool.name, word, std::string_view(word) == "full" ? " (no space)" : ""));
    checks.push_back(std::move(pools));
}

void addOsds(std::vector<HealthCheck>& checks, const Cluster& cluster)
{
    HealthCheck down{"OSD_DOWN", Severity::Warning, {}, {}};
    HealthCheck hosts{"OSD_HOST_DOWN", Severity::Warning, {}, {}};
    std::size_t downOnHosts = 0;
    for (const Osd& osd : cluster.osds())
        if (osd.in && !osd.up)
            down.detail.push_back(fmt::format("osd.{} (root=default,host={}) is down", osd.id, cluster.hosts()[osd.host].name));
    for (const CrushHost& host : cluster.crush().hosts) {
        const bool all = std::all_of(host.osds.begin(), host.osds.end(), [&](std::int32_t id) { return cluster.findOsd(id)->in && !cluster.findOsd(id)->up; });
        if (!all || host.osds.empty())
            continue;
        hosts.detail.push_back(fmt::format("host {} (root=default) ({} osds) is down", host.name, host.osds.size()));
        downOnHosts += host.osds.size();
    }
    if (!down.detail.empty()) {
        down.summary = fmt::format("{} osds down", down.detail.size());
        checks.push_back(std::move(down));
    }
    if (!hosts.detail.empty()) {
        hosts.summary = fmt::format("{} {} ({} osds) down", hosts.detail.size(), hosts.detail.size() > 1 ? "hosts" : "host", downOnHosts);
        checks.push_back(std::move(hosts));
    }
    if (const std::vector<std::string> flags = cluster.flagNames(); !flags.empty())
        checks.push_back({"OSDMAP_FLAGS", Severity::Warning, fmt::format("{} flag(s) set", fmt::join(flags, ",")), {}});
}

void addSlowOps(std::vector<HealthCheck>& checks, const Cluster& cluster)
{
    std::int64_t ops = 0;
    double oldest = 0;
    std::vector<std::string> daemons;
    for (const Osd& osd : cluster.osds())
        if (osd.slowOps > 0) {
            ops += osd.slowOps;
            oldest = std::max(oldest, osd.oldestOpSeconds);
            daemons.push_back(fmt::format("osd.{}", osd.id));
        }
    if (ops == 0)
        return;
    std::sort(daemons.begin(), daemons.end());
    const std::string who = daemons.size() == 1 ? daemons.front() + " has" : fmt::format("daemons [{}] have", fmt::join(daemons, ","));
    checks.push_back({"SLOW_OPS", Severity::Warning, fmt::format("{} slow ops, oldest one blocked for {} sec, {} slow ops{}", ops, static_cast<std::int64_t>(oldest), who,
                                                                 daemons.size() == 1 ? "" : "."), {}});
}

void addMonitors(std::vector<HealthCheck>& checks, const Cluster& cluster)
{
    HealthCheck down{"MON_DOWN", Severity::Warning, {}, {}};
    HealthCheck skew{"MON_CLOCK_SKEW", Severity::Warning, {}, {}};
    std::vector<std::string> present;
    std::vector<std::string> skewed;
    const double allowed = cluster.numberOption("mon", "mon_clock_drift_allowed");
    for (std::size_t rank = 0; rank < cluster.monitors().size(); ++rank) {
        const Monitor& mon = cluster.monitors()[rank];
        const std::string& address = cluster.hosts()[mon.host].address;
        if (!mon.inQuorum) {
            down.detail.push_back(fmt::format("mon.{} (rank {}) addr [v2:{}:3300/0,v1:{}:6789/0] is down (out of quorum)", mon.name, rank, address, address));
            continue;
        }
        present.push_back(mon.name);
        const double ahead = cluster.clockSkewSeconds(mon);
        if (std::abs(ahead) > allowed) {
            skewed.push_back("mon." + mon.name);
            skew.detail.push_back(fmt::format("mon.{} clock skew {:.6g}s > max {:.6g}s (latency 0.000412s)", mon.name, std::abs(ahead), allowed));
        }
    }
    if (!down.detail.empty()) {
        down.summary = fmt::format("{}/{} mons down, quorum {}", down.detail.size(), cluster.monitors().size(), fmt::join(present, ","));
        checks.push_back(std::move(down));
    }
    if (!skewed.empty()) {
        skew.summary = fmt::format("clock skew detected on {}", fmt::join(skewed, ", "));
        checks.push_back(std::move(skew));
    }
    if (cluster.activeMgr() == nullptr && !cluster.mgrs().empty())
        checks.push_back({"MGR_DOWN", Severity::Warning, "no active mgr", {}});
}

void addFileSystem(std::vector<HealthCheck>& checks, const Cluster& cluster, Instant now)
{
    if (!cluster.fileSystem())
        return;
    const std::string& name = cluster.fileSystem()->name;
    const Mds* holder = cluster.rankHolder();
    if (holder == nullptr) {
        checks.push_back({"MDS_ALL_DOWN", Severity::Error, "1 filesystem is offline", {fmt::format("fs {} is offline because no MDS is active for it.", name)}});
    } else if (holder->state != MdsState::Active) {
        checks.push_back({"FS_DEGRADED", Severity::Warning, "1 filesystem is degraded", {fmt::format("fs {} is degraded", name)}});
    } else if (!cluster.serves(cluster.fileSystem()->metadataPool)) {
        Instant since = now;
        for (const Pg& pg : cluster.pgs())
            if (pg.pool == cluster.fileSystem()->metadataPool && !pg.active())
                since = std::min(since, pg.lastActive);
        if (now - since > 30s)
            checks.push_back({"MDS_SLOW_METADATA_IO", Severity::Warning, "1 MDSs report slow metadata IOs",
                              {fmt::format("mds.{}(mds.0): 4 slow metadata IOs are blocked > 30 secs, oldest blocked for {} secs", holder->name,
                                           static_cast<std::int64_t>(toSeconds(now - since)))}});
    }
    if (cluster.standbyMds() == 0)
        checks.push_back({"MDS_INSUFFICIENT_STANDBY", Severity::Warning, "insufficient standby MDS daemons available", {"have 0; want 1 more"}});
}

} // namespace

std::vector<HealthCheck> Cluster::health(Instant now) const
{
    std::vector<HealthCheck> checks;
    addMonitors(checks, *this);
    addFileSystem(checks, *this, now);
    addOsds(checks, *this);
    addSpace(checks, *this);
    addGroups(checks, *this, now);
    addSlowOps(checks, *this);
    std::int64_t damage = 0;
    for (const Pg& pg : m_pgs)
        damage += pg.damageKnown ? pg.damagedObjects : 0;
    if (damage > 0)
        checks.push_back({"OSD_SCRUB_ERRORS", Severity::Error, fmt::format("{} scrub errors", damage), {}});
    std::sort(checks.begin(), checks.end(), [](const HealthCheck& a, const HealthCheck& b) { return a.code < b.code; });
    return checks;
}

} // namespace sim::storage::ceph
