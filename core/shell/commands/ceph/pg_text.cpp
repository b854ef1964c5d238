#include "core/shell/commands/ceph/table.h"
#include "core/shell/commands/ceph/text.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace core::shell::cephtool {

namespace {

using Align = Table::Align;

constexpr sim::Duration kStuckAfter = std::chrono::seconds(60);
constexpr int kInvalid = 22;

std::string leaderText(const std::vector<std::int32_t>& osds) { return std::to_string(osds.empty() ? -1 : osds.front()); }

/// What the group's log has come to: of its pool's age, its number, and its objects.
std::string versionText(const ceph::Cluster& cluster, const ceph::Pg& pg) { return fmt::format("{}'{}", cluster.epoch(), cluster.objects(pg).all * 3 + static_cast<std::int64_t>(pg.seed)); }
std::string reportedText(const ceph::Cluster& cluster, const ceph::Pg& pg) { return fmt::format("{}:{}", cluster.epoch(), cluster.objects(pg).all * 5 + 211); }
std::int64_t logSize(const ceph::Cluster& cluster, const ceph::Pg& pg) { return std::min<std::int64_t>(10'000, cluster.objects(pg).all * 3); }

Table briefTable()
{
    Table table;
    table.column("PG_STAT", Align::Left, Align::Left);
    for (const char* heading : {"STATE", "UP", "UP_PRIMARY", "ACTING", "ACTING_PRIMARY"})
        table.column(heading);
    return table;
}

std::vector<std::string> briefCells(const ceph::Cluster& cluster, const ceph::Pg& pg)
{
    return {cluster.nameOf(pg), ceph::pgStateName(pg.states), ceph::setText(pg.up), leaderText(pg.up), ceph::setText(pg.acting), leaderText(pg.acting)};
}

Json jsonOf(const ceph::Cluster& cluster, const ceph::Pg& pg)
{
    const ceph::Cluster::Objects objects = cluster.objects(pg);
    return {{"pgid", cluster.nameOf(pg)}, {"version", versionText(cluster, pg)}, {"state", ceph::pgStateName(pg.states)}, {"last_change", ceph::timeText(pg.changed)},
            {"last_active", ceph::timeText(pg.lastActive)}, {"last_clean", ceph::timeText(pg.lastClean)},
            {"stat_sum", {{"num_bytes", cluster.bytesOf(pg)}, {"num_objects", objects.all}, {"num_object_copies", objects.copies}, {"num_objects_degraded", objects.degraded},
                          {"num_objects_misplaced", objects.misplaced}}},
            {"up", pg.up}, {"acting", pg.acting}, {"up_primary", pg.up.empty() ? -1 : pg.up.front()}, {"acting_primary", pg.acting.empty() ? -1 : pg.acting.front()}};
}

} // namespace

Shown pgStat(const ceph::Cluster& cluster)
{
    Shown shown;
    std::vector<std::string> states;
    Json byState = Json::array();
    for (const auto& [state, count] : cluster.pgsByState()) {
        states.push_back(fmt::format("{} {}", count, ceph::pgStateName(state)));
        byState.push_back({{"name", ceph::pgStateName(state)}, {"num", count}});
    }
    const Totals totals = totalsOf(cluster);
    const ceph::IoRates& rates = totals.rates;
    const auto bytes = [](auto value) { return byteText(static_cast<double>(value)); };
    shown.text = fmt::format("{} pgs: {}; {} data, {} used, {} / {} avail", cluster.pgs().size(), fmt::join(states, ", "), bytes(totals.stored), bytes(totals.used), bytes(totals.left()), bytes(totals.bytes));
    if (rates.readOps >= 1 || rates.writeOps >= 1)
        shown.text += fmt::format("; {}/s rd, {}/s wr, {} op/s", bytes(rates.readBytes), bytes(rates.writtenBytes), countText(rates.readOps + rates.writeOps));
    const ceph::Cluster::Objects objects = cluster.objects();
    if (objects.degraded > 0)
        shown.text += fmt::format("; {}/{} objects degraded ({:.3f}%)", objects.degraded, objects.copies, 100 * share(objects.degraded, objects.copies));
    if (objects.misplaced > 0)
        shown.text += fmt::format("; {}/{} objects misplaced ({:.3f}%)", objects.misplaced, objects.copies, 100 * share(objects.misplaced, objects.copies));
    if (rates.recoveredBytes >= 1)
        shown.text += fmt::format("; {}/s, {} objects/s recovering", bytes(rates.recoveredBytes), countText(rates.recoveredBytes / ceph::kObjectBytes));
    shown.text += "\n";
    shown.json = {{"pg_summary", {{"num_pg_by_state", byState}, {"num_pgs", cluster.pgs().size()}, {"num_bytes", totals.stored}, {"total_bytes", totals.bytes}, {"total_used_bytes", totals.used}}}};
    return shown;
}

Shown pgDump(const ceph::Cluster& cluster, bool brief)
{
    Shown shown;
    shown.json = Json::array();
    Table table = briefTable();
    if (!brief) {
        table = Table();
        table.column("PG_STAT", Align::Left, Align::Left);
        for (const char* heading : {"OBJECTS", "MISSING_ON_PRIMARY", "DEGRADED", "MISPLACED", "UNFOUND", "BYTES", "OMAP_BYTES*", "OMAP_KEYS*", "LOG", "LOG_DUPS", "DISK_LOG", "STATE", "STATE_STAMP",
                                    "VERSION", "REPORTED", "UP", "UP_PRIMARY", "ACTING", "ACTING_PRIMARY", "LAST_SCRUB", "SCRUB_STAMP", "LAST_DEEP_SCRUB", "DEEP_SCRUB_STAMP", "SNAPTRIMQ_LEN",
                                    "LAST_SCRUB_DURATION"})
            table.column(heading);
    }
    for (const ceph::Pg& pg : cluster.pgs()) {
        shown.json.push_back(jsonOf(cluster, pg));
        if (brief) {
            table.row(briefCells(cluster, pg));
            continue;
        }
        const ceph::Cluster::Objects objects = cluster.objects(pg);
        const std::string log = std::to_string(logSize(cluster, pg));
        table.row({cluster.nameOf(pg), std::to_string(objects.all), "0", std::to_string(objects.degraded), std::to_string(objects.misplaced), "0", std::to_string(cluster.bytesOf(pg)), "0", "0", log,
                   "0", log, ceph::pgStateName(pg.states), ceph::timeText(pg.changed), versionText(cluster, pg), reportedText(cluster, pg), ceph::setText(pg.up), leaderText(pg.up), ceph::setText(pg.acting),
                   leaderText(pg.acting), versionText(cluster, pg), ceph::timeText(pg.lastScrub), versionText(cluster, pg), ceph::timeText(pg.lastScrub), "0", "12"});
    }
    shown.text = table.text();
    shown.note = brief ? "dumped pgs_brief" : "dumped pgs";
    return shown;
}

Shown pgStuck(const ceph::Cluster& cluster, sim::Instant now, const std::vector<std::string>& kinds)
{
    Shown shown;
    shown.json = Json::array();
    Table table = briefTable();
    bool any = false;
    for (const std::string& kind : kinds)
        if (kind != "inactive" && kind != "unclean" && kind != "undersized" && kind != "degraded" && kind != "stale")
            return {"", {}, fmt::format("{} not in inactive|unclean|stale|undersized|degraded", kind), kInvalid};
    for (const ceph::Pg& pg : cluster.pgs()) {
        const auto is = [&](const std::string& kind) {
            if (kind == "inactive")
                return !pg.active() && now - pg.lastActive >= kStuckAfter;
            if (kind == "unclean")
                return (pg.states & ceph::kClean) == 0 && now - pg.lastClean >= kStuckAfter;
            if (kind == "stale")
                return (pg.states & ceph::kStale) != 0 && now - pg.lastActive >= kStuckAfter;
            return (pg.states & ceph::pgStateNamed(kind)) != 0 && now - pg.lastWhole >= kStuckAfter;
        };
        if (!std::any_of(kinds.begin(), kinds.end(), is))
            continue;
        any = true;
        table.row(briefCells(cluster, pg));
        shown.json.push_back(jsonOf(cluster, pg));
    }
    shown.text = any ? table.text() : std::string();
    shown.note = "ok";
    return shown;
}

Shown pgList(const ceph::Cluster& cluster, sim::Instant now, const std::string& pool, std::int32_t osd, ceph::PgStates states)
{
    Shown shown;
    shown.json = Json::array();
    Table table;
    table.column("PG", Align::Left, Align::Left);
    for (const char* heading : {"OBJECTS", "DEGRADED", "MISPLACED", "UNFOUND", "BYTES", "OMAP_BYTES*", "OMAP_KEYS*", "LOG", "LOG_DUPS", "STATE", "SINCE", "VERSION", "REPORTED", "UP", "ACTING", "SCRUB_STAMP",
                                "DEEP_SCRUB_STAMP", "LAST_SCRUB_DURATION"})
        table.column(heading);
    for (const ceph::Pg& pg : cluster.pgs()) {
        if ((!pool.empty() && cluster.pools()[pg.pool].name != pool) || (osd >= 0 && std::find(pg.acting.begin(), pg.acting.end(), osd) == pg.acting.end()) || (pg.states & states) != states)
            continue;
        const ceph::Cluster::Objects objects = cluster.objects(pg);
        table.row({cluster.nameOf(pg), std::to_string(objects.all), std::to_string(objects.degraded), std::to_string(objects.misplaced), "0", std::to_string(cluster.bytesOf(pg)), "0", "0",
                   std::to_string(logSize(cluster, pg)), "0", ceph::pgStateName(pg.states), ceph::spanText(now - pg.changed), versionText(cluster, pg), reportedText(cluster, pg),
                   ceph::setText(pg.up) + "p" + leaderText(pg.up), ceph::setText(pg.acting) + "p" + leaderText(pg.acting), ceph::timeText(pg.lastScrub), ceph::timeText(pg.lastScrub), "12"});
        shown.json.push_back(jsonOf(cluster, pg));
    }
    shown.text = table.text() + "\n* NOTE: Omap statistics are gathered during deep scrub and may be inaccurate soon afterwards depending on utilization. See "
                                "http://docs.ceph.com/en/latest/dev/placement-group/#omap-statistics for further details.\n";
    return shown;
}

Shown pgMap(const ceph::Cluster& cluster, const ceph::Pg& pg)
{
    Shown shown;
    const std::string name = cluster.nameOf(pg);
    shown.text = fmt::format("osdmap e{} pg {} ({}) -> up {} acting {}\n", cluster.epoch(), name, name, ceph::setText(pg.up), ceph::setText(pg.acting));
    shown.json = {{"epoch", cluster.epoch()}, {"raw_pgid", name}, {"pgid", name}, {"up", pg.up}, {"acting", pg.acting}};
    return shown;
}

Shown pgQuery(const ceph::Cluster& cluster, const ceph::Pg& pg)
{
    Shown shown;
    Json peers = Json::array();
    Json targets = Json::array();
    for (const ceph::Copy& copy : pg.copies) {
        if (!pg.acting.empty() && copy.osd == pg.acting.front())
            continue;
        peers.push_back({{"peer", std::to_string(copy.osd)}, {"pgid", cluster.nameOf(pg)}, {"up", cluster.findOsd(copy.osd)->up}, {"bytes", cluster.storedOn(pg, copy)},
                         {"last_backfill", copy.backfills ? "MIN" : "MAX"}, {"missing_bytes", copy.missingBytes}});
        if (copy.backfills && std::find(pg.up.begin(), pg.up.end(), copy.osd) != pg.up.end())
            targets.push_back(std::to_string(copy.osd));
    }
    shown.json = {{"state", ceph::pgStateName(pg.states)}, {"epoch", cluster.epoch()}, {"up", pg.up}, {"acting", pg.acting}, {"backfill_targets", targets}, {"info", jsonOf(cluster, pg)},
                  {"peer_info", peers}};
    shown.json["recovery_state"] = Json::array({{{"name", pg.active() ? "Started/Primary/Active" : "Started/Primary/Peering"}, {"enter_time", ceph::timeText(pg.changed)}}});
    if ((pg.states & ceph::kDown) != 0)
        for (const ceph::Copy& copy : pg.copies)
            if (!cluster.findOsd(copy.osd)->up && copy.missingBytes == 0)
                shown.json["recovery_state"][0]["peering_blocked_by"].push_back({{"osd", copy.osd}, {"comment", "starting or marking this osd lost may let us proceed"}});
    shown.text = shown.json.dump(4) + "\n";
    return shown;
}

} // namespace core::shell::cephtool
