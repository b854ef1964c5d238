#include "core/shell/commands/ceph/table.h"
#include "core/shell/commands/ceph/text.h"
#include "sim/storage/ceph/options.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace core::shell::cephtool {

namespace {

std::string addressesOf(const ceph::Cluster& cluster, const ceph::Monitor& mon)
{
    return fmt::format("[v2:{0}:3300/0,v1:{0}:6789/0]", cluster.hosts()[mon.host].address);
}

std::string releaseText(const std::string& what) { return fmt::format("{} version: {}\n", what, kVersion); }

/// A table as Python's prettytable draws it without a border: cells centred, two blanks behind each.
std::string centred(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < headings.size(); ++i) {
        widths.push_back(headings[i].size());
        for (const auto& row : rows)
            widths[i] = std::max(widths[i], row[i].size());
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::size_t excess = widths[i] - cells[i].size();
            const bool more = excess % 2 != 0 && cells[i].size() % 2 == 0; // prettytable's rule for the odd blank
            const std::size_t left = excess / 2 + (more ? 1 : 0);
            text += std::string(left, ' ') + cells[i] + std::string(excess - left, ' ') + "  ";
        }
        return text + "\n";
    };
    std::string text = line(headings);
    for (const auto& row : rows)
        text += line(row);
    return text;
}

} // namespace

Shown monStat(const ceph::Cluster& cluster)
{
    Shown shown;
    std::vector<std::string> members;
    for (const ceph::Monitor& mon : cluster.monitors())
        members.push_back(mon.name + "=" + addressesOf(cluster, mon));
    const auto [ranks, names] = quorumOf(cluster);
    shown.text = fmt::format("e1: {} mons at {{{}}} removed_ranks: {{}} disallowed_leaders: {{}}, election epoch {}, leader {} {}, quorum {} {}\n", members.size(), fmt::join(members, ","),
                             cluster.electionEpoch(), ranks.empty() ? 0 : ranks.front(), cluster.leader().name, fmt::join(ranks, ","), fmt::join(names, ","));
    shown.json = {{"epoch", 1}, {"num_mons", members.size()}, {"leader", cluster.leader().name}, {"quorum", names}, {"election_epoch", cluster.electionEpoch()}};
    return shown;
}

Shown monDump(const ceph::Cluster& cluster)
{
    Shown shown;
    shown.text = fmt::format("epoch 1\nfsid {}\nlast_changed {}\ncreated {}\nmin_mon_release 18 (reef)\nelection_strategy: 1\n", cluster.fsid(), ceph::timeText(cluster.created()),
                             ceph::timeText(cluster.created()));
    Json mons = Json::array();
    for (std::size_t rank = 0; rank < cluster.monitors().size(); ++rank) {
        const ceph::Monitor& mon = cluster.monitors()[rank];
        shown.text += fmt::format("{}: {} mon.{}\n", rank, addressesOf(cluster, mon), mon.name);
        mons.push_back({{"rank", rank}, {"name", mon.name}, {"public_addr", cluster.hosts()[mon.host].address + ":6789/0"}});
    }
    shown.note = "dumped monmap epoch 1";
    shown.json = {{"epoch", 1}, {"fsid", cluster.fsid()}, {"mons", mons}};
    return shown;
}

Shown quorumStatus(const ceph::Cluster& cluster, sim::Instant now)
{
    Shown shown;
    const auto [ranks, names] = quorumOf(cluster);
    shown.json = {{"election_epoch", cluster.electionEpoch()}, {"quorum", ranks}, {"quorum_names", names}, {"quorum_leader_name", cluster.leader().name},
                  {"quorum_age", sim::unixSeconds(now) - sim::unixSeconds(cluster.quorumSince())}, {"monmap", monDump(cluster).json}};
    shown.text = shown.json.dump() + "\n";
    return shown;
}

Shown timeSync(const ceph::Cluster& cluster)
{
    Shown shown;
    Json skews = Json::object();
    for (const ceph::Monitor& mon : cluster.monitors()) {
        const double ahead = cluster.clockSkewSeconds(mon);
        const bool fine = std::abs(ahead) <= cluster.numberOption("mon", "mon_clock_drift_allowed");
        skews[mon.name] = {{"skew", ahead}, {"latency", 0.000412}, {"health", fine ? "HEALTH_OK" : "HEALTH_WARN"}};
    }
    shown.json = {{"time_skew_status", skews}, {"timechecks", {{"epoch", cluster.electionEpoch()}, {"round_status", "finished"}}}};
    shown.text = shown.json.dump(4) + "\n";
    return shown;
}

Shown mdsStat(const ceph::Cluster& cluster)
{
    Shown shown;
    const ceph::Mds* holder = cluster.rankHolder();
    const std::size_t standbys = cluster.standbyMds();
    const std::string fs = cluster.fileSystem() ? cluster.fileSystem()->name : std::string();
    shown.text = holder == nullptr ? fmt::format("{}:0/1", fs) : fmt::format("{}:1 {{0={}={}}}", fs, holder->name, ceph::mdsStateName(holder->state));
    if (standbys > 0)
        shown.text += fmt::format(" {} up:standby", standbys);
    if (holder == nullptr)
        shown.text += ", 1 damaged or failed";
    shown.text += "\n";
    shown.json = {{"name", fs}, {"up", holder == nullptr ? Json::object() : Json{{"mds_0", holder->gid}}}, {"standbys", standbys}};
    return shown;
}

Shown fsStatus(const ceph::Cluster& cluster, std::size_t clients)
{
    if (!cluster.fileSystem())
        return {"", {}, "Invalid filesystem name", 22};
    Shown shown;
    const ceph::FileSystem& fs = *cluster.fileSystem();
    const auto writing = std::count_if(cluster.flows().begin(), cluster.flows().end(), [](const auto& flow) { return !flow.second.folder.empty(); });
    shown.text = fmt::format("{} - {} clients\n{}\n", fs.name, clients, std::string(fs.name.size(), '='));
    const ceph::Mds* holder = cluster.rankHolder();
    std::vector<std::vector<std::string>> rank;
    const std::string folders = std::to_string(fs.folders.size() + 10);
    if (holder == nullptr)
        rank.push_back({"0", "failed", "", "", "", "", "", ""});
    else
        rank.push_back({"0", std::string(ceph::mdsStateName(holder->state)).substr(3), holder->name,
                        holder->state == ceph::MdsState::Active ? fmt::format("Reqs: {:4} /s", writing * 3) : "", folders, folders, folders, std::to_string(clients * 9)});
    shown.text += centred({"RANK", "STATE", "MDS", "ACTIVITY", "DNS", "INOS", "DIRS", "CAPS"}, rank);
    std::vector<std::vector<std::string>> pools;
    for (const std::size_t p : {fs.metadataPool, fs.dataPool}) {
        const ceph::Pool& pool = cluster.pools()[p];
        pools.push_back({pool.name, p == fs.metadataPool ? "metadata" : "data", byteText(static_cast<double>(pool.storedBytes) * static_cast<double>(pool.size)), byteText(static_cast<double>(cluster.available(p)))});
    }
    shown.text += centred({"POOL", "TYPE", "USED", "AVAIL"}, pools);
    std::vector<std::vector<std::string>> standbys;
    for (const ceph::Mds& mds : cluster.metadataServers())
        if (mds.state == ceph::MdsState::Standby)
            standbys.push_back({mds.name});
    if (!standbys.empty())
        shown.text += centred({"STANDBY MDS"}, standbys);
    shown.text += releaseText("MDS");
    shown.json = {{"mdsmap", Json::array()}, {"pools", Json::array()}};
    for (const ceph::Mds& mds : cluster.metadataServers())
        shown.json["mdsmap"].push_back({{"name", mds.name}, {"state", ceph::mdsStateName(mds.state)}, {"rank", mds.state > ceph::MdsState::Standby ? 0 : -1}});
    return shown;
}

Shown configDump(const ceph::Cluster& cluster)
{
    Shown shown;
    Table table;
    for (const char* heading : {"WHO", "MASK", "LEVEL", "OPTION", "VALUE", "RO"})
        table.column(heading, Table::Align::Left, Table::Align::Left);
    shown.json = Json::array();
    for (const auto& [where, value] : cluster.configuration()) {
        const auto all = ceph::options();
        const auto option = std::find_if(all.begin(), all.end(), [&](const ceph::Option& one) { return where.second == one.name; });
        const std::string level = option == all.end() ? "advanced" : option->level;
        table.row({where.first, "", level, where.second, value, ""});
        shown.json.push_back({{"section", where.first}, {"name", where.second}, {"value", value}, {"level", level}, {"can_update_at_runtime", true}, {"mask", ""}});
    }
    shown.text = table.text();
    return shown;
}

std::string logLine(const ceph::ClusterLogLine& line) { return fmt::format("{} {} [{}] {}\n", ceph::timeText(line.at), line.from, line.level, line.text); }

} // namespace core::shell::cephtool
