#include "core/shell/commands/ceph/table.h"
#include "core/shell/commands/ceph/text.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace core::shell::cephtool {

namespace {

std::string monitorsLine(const ceph::Cluster& cluster, sim::Instant now)
{
    std::vector<std::string> absent;
    for (const ceph::Monitor& mon : cluster.monitors())
        if (!mon.inQuorum)
            absent.push_back(mon.name);
    return fmt::format("{} daemons, quorum {} (age {}){}", cluster.monitors().size(), fmt::join(quorumOf(cluster).names, ","), ceph::spanText(now - cluster.quorumSince()),
                       absent.empty() ? std::string() : fmt::format(", out of quorum: {}", fmt::join(absent, ", ")));
}

std::string managersLine(const ceph::Cluster& cluster, sim::Instant now)
{
    const ceph::Mgr* active = cluster.activeMgr();
    std::vector<std::string> standbys;
    for (const ceph::Mgr& mgr : cluster.mgrs())
        if (&mgr != active && !mgr.silentSince)
            standbys.push_back(mgr.name);
    std::string text = active == nullptr ? "no daemons active" : fmt::format("{}(active, since {})", active->name, ceph::spanText(now - cluster.mgrSince()));
    if (!standbys.empty())
        text += fmt::format(", standbys: {}", fmt::join(standbys, ", "));
    return text;
}

std::string metadataLine(const ceph::Cluster& cluster)
{
    const std::size_t standbys = cluster.standbyMds();
    return fmt::format("{}/1 daemons up{}", cluster.rankHolder() == nullptr ? 0 : 1, standbys > 0 ? fmt::format(", {} standby", standbys) : std::string());
}

std::string osdsLine(const ceph::Cluster& cluster, sim::Instant now)
{
    std::string text = osdStat(cluster, now).text;
    text = text.substr(0, text.find("; epoch"));
    const auto remapped = std::count_if(cluster.pgs().begin(), cluster.pgs().end(), [](const ceph::Pg& pg) { return (pg.states & ceph::kRemapped) != 0; });
    return text + (remapped > 0 ? fmt::format("; {} remapped pgs", remapped) : std::string());
}

std::string volumesLine(const ceph::Cluster& cluster)
{
    const ceph::Mds* holder = cluster.rankHolder();
    if (holder == nullptr)
        return "0/1 healthy, 1 failed";
    return holder->state == ceph::MdsState::Active ? "1/1 healthy" : "0/1 healthy, 1 recovering";
}

std::vector<std::string> groupLines(const ceph::Cluster& cluster)
{
    std::vector<std::string> lines;
    const auto inactive = std::count_if(cluster.pgs().begin(), cluster.pgs().end(), [](const ceph::Pg& pg) { return !pg.active(); });
    if (inactive > 0)
        lines.push_back(fmt::format("{:.3f}% pgs not active", 100.0 * share(inactive, static_cast<std::int64_t>(cluster.pgs().size()))));
    const ceph::Cluster::Objects objects = cluster.objects();
    if (objects.degraded > 0)
        lines.push_back(fmt::format("{}/{} objects degraded ({:.3f}%)", objects.degraded, objects.copies, 100.0 * share(objects.degraded, objects.copies)));
    if (objects.misplaced > 0)
        lines.push_back(fmt::format("{}/{} objects misplaced ({:.3f}%)", objects.misplaced, objects.copies, 100.0 * share(objects.misplaced, objects.copies)));
    const std::vector<std::pair<std::int64_t, ceph::PgStates>> states = statesByCount(cluster);
    const std::size_t width = states.empty() ? 0 : std::to_string(states.front().first).size();
    for (const auto& [count, state] : states)
        lines.push_back(fmt::format("{:<{}} {}", count, width, ceph::pgStateName(state)));
    return lines;
}

std::string clientsText(const ceph::IoRates& rates)
{
    if (rates.readOps < 1 && rates.writeOps < 1)
        return {};
    std::string text;
    if (rates.readOps >= 1)
        text += byteText(rates.readBytes) + "/s rd, ";
    if (rates.writeOps >= 1)
        text += byteText(rates.writtenBytes) + "/s wr, ";
    return text + countText(rates.readOps) + " op/s rd, " + countText(rates.writeOps) + " op/s wr";
}

std::string recoveryText(const ceph::IoRates& rates)
{
    return rates.recoveredBytes < 1 ? std::string() : fmt::format("{}/s, {} objects/s", byteText(rates.recoveredBytes), countText(rates.recoveredBytes / ceph::kObjectBytes));
}

const char* shortSeverity(ceph::Severity severity) { return severity == ceph::Severity::Error ? "ERR" : "WRN"; }

Json checksOf(const std::vector<ceph::HealthCheck>& checks, bool detail)
{
    Json all = Json::object();
    for (const ceph::HealthCheck& check : checks) {
        all[check.code] = {{"severity", ceph::severityName(check.severity)}, {"summary", {{"message", check.summary}, {"count", std::max<std::size_t>(1, check.detail.size())}}}, {"muted", false}};
        if (detail)
            for (const std::string& line : check.detail)
                all[check.code]["detail"].push_back({{"message", line}});
    }
    return all;
}

} // namespace

Totals totalsOf(const ceph::Cluster& cluster)
{
    Totals totals;
    for (const ceph::Osd& osd : cluster.osds()) {
        totals.bytes += osd.in ? osd.device.bytes : 0;
        totals.used += osd.in ? osd.usedBytes : 0;
    }
    for (const ceph::Pool& pool : cluster.pools()) {
        totals.stored += pool.storedBytes;
        totals.objects += pool.objects();
        totals.rates.readBytes += pool.rates.readBytes;
        totals.rates.writtenBytes += pool.rates.writtenBytes;
        totals.rates.readOps += pool.rates.readOps;
        totals.rates.writeOps += pool.rates.writeOps;
        totals.rates.recoveredBytes += pool.rates.recoveredBytes;
    }
    return totals;
}

std::vector<std::pair<std::int64_t, ceph::PgStates>> statesByCount(const ceph::Cluster& cluster)
{
    std::vector<std::pair<std::int64_t, ceph::PgStates>> states;
    for (const auto& [state, count] : cluster.pgsByState())
        states.emplace_back(count, state);
    std::sort(states.rbegin(), states.rend());
    return states;
}

PoolUse useOf(const ceph::Cluster& cluster, std::size_t pool)
{
    PoolUse use;
    for (const ceph::Pg& pg : cluster.pgs())
        if (pg.pool == pool)
            for (const ceph::Copy& copy : pg.copies)
                use.used += cluster.storedOn(pg, copy);
    use.available = cluster.available(pool);
    use.share = share(use.used, use.used + use.available * static_cast<std::int64_t>(cluster.pools()[pool].size));
    return use;
}

Quorum quorumOf(const ceph::Cluster& cluster)
{
    Quorum quorum;
    for (std::size_t rank = 0; rank < cluster.monitors().size(); ++rank)
        if (cluster.monitors()[rank].inQuorum) {
            quorum.ranks.push_back(rank);
            quorum.names.push_back(cluster.monitors()[rank].name);
        }
    return quorum;
}

Shown status(const ceph::Cluster& cluster, sim::Instant now)
{
    Shown shown;
    const auto checks = cluster.health(now);
    const Totals totals = totalsOf(cluster);
    std::string& text = shown.text;
    text = fmt::format("  cluster:\n    id:     {}\n    health: {}\n", cluster.fsid(), ceph::severityName(ceph::worst(checks)));
    for (const ceph::HealthCheck& check : checks)
        text += "            " + check.summary + "\n";
    text += fmt::format(" \n  services:\n    mon: {}\n    mgr: {}\n", monitorsLine(cluster, now), managersLine(cluster, now));
    if (cluster.fileSystem())
        text += "    mds: " + metadataLine(cluster) + "\n";
    text += "    osd: " + osdsLine(cluster, now) + "\n";
    if (const std::vector<std::string> flags = cluster.flagNames(); !flags.empty())
        text += fmt::format("         flags {}\n", fmt::join(flags, ","));
    text += " \n  data:\n";
    if (cluster.fileSystem())
        text += "    volumes: " + volumesLine(cluster) + "\n";
    text += fmt::format("    pools:   {} pools, {} pgs\n    objects: {} objects, {}\n    usage:   {} used, {} / {} avail\n", cluster.pools().size(), cluster.pgs().size(),
                        countText(static_cast<double>(totals.objects)), byteText(static_cast<double>(totals.stored)), byteText(static_cast<double>(totals.used)),
                        byteText(static_cast<double>(totals.left())), byteText(static_cast<double>(totals.bytes)));
    const char* before = "    pgs:     ";
    for (const std::string& line : groupLines(cluster)) {
        text += before + line + "\n";
        before = "             ";
    }
    const std::string clients = clientsText(totals.rates);
    const std::string recovery = recoveryText(totals.rates);
    if (!clients.empty() || !recovery.empty())
        text += " \n  io:\n";
    if (!clients.empty())
        text += "    client:   " + clients + "\n";
    if (!recovery.empty())
        text += "    recovery: " + recovery + "\n";
    text += " \n";

    const ceph::Cluster::Objects objects = cluster.objects();
    const Quorum quorum = quorumOf(cluster);
    Json states = Json::array();
    for (const auto& [state, count] : cluster.pgsByState())
        states.push_back({{"state_name", ceph::pgStateName(state)}, {"count", count}});
    const auto counted = [&](auto holds) { return std::count_if(cluster.osds().begin(), cluster.osds().end(), holds); };
    shown.json = {{"fsid", cluster.fsid()}, {"health", {{"status", ceph::severityName(ceph::worst(checks))}, {"checks", checksOf(checks, false)}, {"mutes", Json::array()}}},
                  {"election_epoch", cluster.electionEpoch()}, {"quorum", quorum.ranks}, {"quorum_names", quorum.names}, {"quorum_age", sim::unixSeconds(now) - sim::unixSeconds(cluster.quorumSince())},
                  {"monmap", {{"epoch", 1}, {"min_mon_release_name", "reef"}, {"num_mons", cluster.monitors().size()}}},
                  {"osdmap", {{"epoch", cluster.epoch()}, {"num_osds", cluster.osds().size()}, {"num_up_osds", counted([](const ceph::Osd& osd) { return osd.up; })},
                              {"num_in_osds", counted([](const ceph::Osd& osd) { return osd.in; })}}},
                  {"pgmap", {{"pgs_by_state", states}, {"num_pgs", cluster.pgs().size()}, {"num_pools", cluster.pools().size()}, {"num_objects", totals.objects},
                             {"data_bytes", totals.stored}, {"bytes_used", totals.used}, {"bytes_avail", totals.left()}, {"bytes_total", totals.bytes}}}};
    Json& pgmap = shown.json["pgmap"];
    if (objects.degraded > 0)
        pgmap.update({{"degraded_objects", objects.degraded}, {"degraded_total", objects.copies}, {"degraded_ratio", share(objects.degraded, objects.copies)}});
    if (objects.misplaced > 0)
        pgmap.update({{"misplaced_objects", objects.misplaced}, {"misplaced_total", objects.copies}, {"misplaced_ratio", share(objects.misplaced, objects.copies)}});
    pgmap.update({{"read_bytes_sec", static_cast<std::int64_t>(totals.rates.readBytes)}, {"write_bytes_sec", static_cast<std::int64_t>(totals.rates.writtenBytes)},
                  {"read_op_per_sec", static_cast<std::int64_t>(totals.rates.readOps)}, {"write_op_per_sec", static_cast<std::int64_t>(totals.rates.writeOps)}});
    return shown;
}

Shown health(const ceph::Cluster& cluster, sim::Instant now, bool detail)
{
    Shown shown;
    const auto checks = cluster.health(now);
    shown.text = ceph::severityName(ceph::worst(checks));
    const char* between = " ";
    for (const ceph::HealthCheck& check : checks) {
        shown.text += between + check.summary;
        between = "; ";
    }
    shown.text += "\n";
    for (const ceph::HealthCheck& check : checks) {
        if (!detail)
            break;
        shown.text += fmt::format("[{}] {}: {}\n", shortSeverity(check.severity), check.code, check.summary);
        for (const std::string& line : check.detail)
            shown.text += "    " + line + "\n";
    }
    shown.json = {{"status", ceph::severityName(ceph::worst(checks))}, {"checks", checksOf(checks, detail)}, {"mutes", Json::array()}};
    return shown;
}

Shown spaceOf(const ceph::Cluster& cluster, bool detail)
{
    Shown shown;
    const Totals totals = totalsOf(cluster);
    using Align = Table::Align;
    const auto bytes = [](std::int64_t value) { return byteText(static_cast<double>(value)); };
    Table raw;
    raw.column("CLASS", Align::Left, Align::Left);
    for (const char* heading : {"SIZE", "AVAIL", "USED", "RAW USED", "%RAW USED"})
        raw.column(heading, Align::Right, Align::Right);
    for (const char* name : {"ssd", "TOTAL"}) // all drives are of one class
        raw.row({cluster.osds().front().device.kind == ceph::DeviceClass::Hdd && std::string_view(name) == "ssd" ? "hdd" : name, bytes(totals.bytes), bytes(totals.left()),
                 bytes(totals.used), bytes(totals.used), fmt::format("{:.2f}", 100 * share(totals.used, totals.bytes))});
    Table pools;
    pools.column("POOL", Align::Left, Align::Left);
    std::vector<const char*> headings{"ID", "PGS", "STORED", "OBJECTS", "USED", "%USED", "MAX AVAIL"};
    if (detail)
        headings = {"ID", "PGS", "STORED", "(DATA)", "(OMAP)", "OBJECTS", "USED", "(DATA)", "(OMAP)", "%USED", "MAX AVAIL", "QUOTA OBJECTS", "QUOTA BYTES", "DIRTY", "USED COMPR", "UNDER COMPR"};
    for (const char* heading : headings)
        pools.column(heading, Align::Right, Align::Right);
    Json poolsJson = Json::array();
    for (std::size_t p = 0; p < cluster.pools().size(); ++p) {
        const ceph::Pool& pool = cluster.pools()[p];
        const auto [used, available, part] = useOf(cluster, p);
        const std::string count = countText(static_cast<double>(pool.objects()));
        const std::string percentText = fmt::format("{:.2f}", 100 * part);
        if (detail)
            pools.row({pool.name, std::to_string(pool.id), std::to_string(pool.pgCount), bytes(pool.storedBytes), bytes(pool.storedBytes), "0 B", count, bytes(used), bytes(used), "0 B", percentText,
                       bytes(available), "N/A", "N/A", "N/A", "0 B", "0 B"});
        else
            pools.row({pool.name, std::to_string(pool.id), std::to_string(pool.pgCount), bytes(pool.storedBytes), count, bytes(used), percentText, bytes(available)});
        poolsJson.push_back({{"name", pool.name}, {"id", pool.id}, {"stats", {{"stored", pool.storedBytes}, {"objects", pool.objects()}, {"kb_used", (used + 1023) / 1024}, {"bytes_used", used},
                                                                               {"percent_used", part}, {"max_avail", available}}}});
    }
    shown.text = "--- RAW STORAGE ---\n" + raw.text() + " \n--- POOLS ---\n" + pools.text();
    shown.json = {{"stats", {{"total_bytes", totals.bytes}, {"total_avail_bytes", totals.left()}, {"total_used_bytes", totals.used}, {"total_used_raw_bytes", totals.used},
                             {"total_used_raw_ratio", share(totals.used, totals.bytes)}, {"num_osds", cluster.osds().size()}}}, {"pools", poolsJson}};
    return shown;
}

Shown versions(const ceph::Cluster& cluster)
{
    Shown shown;
    shown.json = {{"mon", {{kVersion, cluster.monitors().size()}}}, {"mgr", {{kVersion, cluster.mgrs().size()}}}, {"osd", {{kVersion, cluster.osds().size()}}},
                  {"mds", {{kVersion, cluster.metadataServers().size()}}},
                  {"overall", {{kVersion, cluster.monitors().size() + cluster.mgrs().size() + cluster.osds().size() + cluster.metadataServers().size()}}}};
    shown.text = shown.json.dump(4) + "\n";
    return shown;
}

} // namespace core::shell::cephtool
