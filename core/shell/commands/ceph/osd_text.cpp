#include "core/shell/commands/ceph/table.h"
#include "core/shell/commands/ceph/text.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace core::shell::cephtool {

namespace {

using Align = Table::Align;

constexpr double kWhole = ceph::kWholeWeight;
constexpr int kBusy = 16;
constexpr int kNotFound = 2;

double weightOf(const ceph::Cluster& cluster, std::int32_t osd) { return cluster.crush().weights[static_cast<std::size_t>(osd)] / kWhole; }
double weightOf(const ceph::Cluster& cluster, const ceph::CrushHost& host) { return cluster.crush().weightOf(host) / kWhole; }
double weightOf(const ceph::Cluster& cluster)
{
    double sum = 0;
    for (const ceph::CrushHost& host : cluster.crush().hosts)
        sum += weightOf(cluster, host);
    return sum;
}
const char* className(const ceph::Osd& osd) { return osd.device.kind == ceph::DeviceClass::Hdd ? "hdd" : "ssd"; }
double reweightOf(const ceph::Osd& osd) { return osd.in ? osd.reweight : 0; }

std::vector<std::string> useCells(const OsdUse& use, double average)
{
    const auto bytes = [](std::int64_t value) { return byteText(static_cast<double>(value)); };
    const double percent = 100 * share(use.used, use.size);
    return {bytes(use.size), bytes(use.used), bytes(use.data), "0 B", bytes(use.used - use.data), bytes(use.size - use.used), shortText(percent), shortText(average > 0 ? percent / average : 1)};
}

} // namespace

OsdUse& OsdUse::operator+=(const OsdUse& other)
{
    size += other.size;
    used += other.used;
    data += other.data;
    groups += other.groups;
    return *this;
}

std::vector<OsdUse> usesOf(const ceph::Cluster& cluster)
{
    std::vector<OsdUse> uses(cluster.osds().size());
    const auto of = [&](std::int32_t osd) -> OsdUse& { return uses[static_cast<std::size_t>(osd)]; };
    for (const ceph::Pg& pg : cluster.pgs()) {
        for (const std::int32_t id : pg.acting)
            ++of(id).groups;
        for (const std::int32_t id : pg.up)
            of(id).groups += std::find(pg.acting.begin(), pg.acting.end(), id) == pg.acting.end() ? 1 : 0;
        for (const ceph::Copy& copy : pg.copies)
            of(copy.osd).data += cluster.storedOn(pg, copy);
    }
    for (const ceph::Osd& osd : cluster.osds()) {
        OsdUse& use = of(osd.id);
        use.size = osd.in ? osd.device.bytes : 0;
        use.used = osd.in ? osd.usedBytes : 0;
        use.data = osd.in ? use.data : 0;
    }
    return uses;
}

Shown osdTree(const ceph::Cluster& cluster)
{
    Shown shown;
    Table table;
    table.column("ID");
    table.column("CLASS");
    table.column("WEIGHT");
    table.column("TYPE NAME", Align::Left, Align::Left);
    for (const char* heading : {"STATUS", "REWEIGHT", "PRI-AFF"})
        table.column(heading);
    table.row({"-1", "", weightText(weightOf(cluster)), "root default"});
    Json nodes = Json::array();
    Json rootChildren = Json::array();
    for (const ceph::CrushHost& host : cluster.crush().hosts)
        rootChildren.push_back(host.id);
    nodes.push_back({{"id", -1}, {"name", "default"}, {"type", "root"}, {"type_id", 11}, {"children", rootChildren}});
    for (const ceph::CrushHost& host : cluster.crush().hosts) {
        table.row({std::to_string(host.id), "", weightText(weightOf(cluster, host)), "    host " + host.name});
        nodes.push_back({{"id", host.id}, {"name", host.name}, {"type", "host"}, {"type_id", 1}, {"children", host.osds}});
        for (const std::int32_t id : host.osds) {
            const ceph::Osd& osd = *cluster.findOsd(id);
            const char* state = osd.up ? "up" : "down";
            table.row({std::to_string(id), className(osd), weightText(weightOf(cluster, id)), fmt::format("        osd.{}", id), state, weightText(reweightOf(osd)), "1.00000"});
            nodes.push_back({{"id", id}, {"device_class", className(osd)}, {"name", fmt::format("osd.{}", id)}, {"type", "osd"}, {"type_id", 0}, {"crush_weight", weightOf(cluster, id)},
                             {"depth", 2}, {"exists", 1}, {"status", state}, {"reweight", reweightOf(osd)}, {"primary_affinity", 1}});
        }
    }
    shown.text = table.text();
    shown.json = {{"nodes", nodes}, {"stray", Json::array()}};
    return shown;
}

Shown osdSpace(const ceph::Cluster& cluster, bool tree)
{
    Shown shown;
    Table table;
    for (const char* heading : {"ID", "CLASS", "WEIGHT", "REWEIGHT", "SIZE", "RAW USE", "DATA", "OMAP", "META", "AVAIL", "%USE", "VAR", "PGS", "STATUS"})
        table.column(heading);
    if (tree)
        table.column("TYPE NAME", Align::Left, Align::Left);
    const std::vector<OsdUse> uses = usesOf(cluster);
    OsdUse all;
    for (const OsdUse& use : uses)
        all += use;
    const double average = 100 * share(all.used, all.size);
    double least = -1;
    double most = -1;
    double squares = 0;
    double weights = 0;
    Json nodes = Json::array();
    const auto bucket = [&](std::int32_t id, double weight, const OsdUse& use, const std::string& name) {
        std::vector<std::string> cells{std::to_string(id), "", weightText(weight), "-"};
        for (std::string& cell : useCells(use, average))
            cells.push_back(std::move(cell));
        cells.insert(cells.end(), {"-", "", name});
        table.row(std::move(cells));
    };
    const auto drive = [&](const ceph::Osd& osd) {
        const OsdUse& use = uses[static_cast<std::size_t>(osd.id)];
        std::vector<std::string> cells{std::to_string(osd.id), className(osd), weightText(weightOf(cluster, osd.id)), weightText(reweightOf(osd))};
        for (std::string& cell : useCells(use, average))
            cells.push_back(std::move(cell));
        cells.insert(cells.end(), {std::to_string(use.groups), osd.up ? "up" : "down"});
        if (tree)
            cells.push_back(fmt::format("        osd.{}", osd.id));
        table.row(std::move(cells));
        const double percent = 100 * share(use.used, use.size);
        const double variation = average > 0 ? percent / average : 1;
        nodes.push_back({{"id", osd.id}, {"device_class", className(osd)}, {"name", fmt::format("osd.{}", osd.id)}, {"type", "osd"}, {"type_id", 0},
                         {"crush_weight", weightOf(cluster, osd.id)}, {"reweight", reweightOf(osd)}, {"kb", use.size / 1024}, {"kb_used", use.used / 1024}, {"kb_used_data", use.data / 1024},
                         {"kb_avail", (use.size - use.used) / 1024}, {"utilization", percent}, {"var", variation}, {"pgs", use.groups}, {"status", osd.up ? "up" : "down"}});
        if (reweightOf(osd) <= 0)
            return;
        least = least < 0 ? variation : std::min(least, variation);
        most = std::max(most, variation);
        squares += reweightOf(osd) * (percent - average) * (percent - average);
        weights += reweightOf(osd);
    };
    if (tree)
        bucket(ceph::CrushMap::kRoot, weightOf(cluster), all, "root default");
    for (const ceph::CrushHost& host : cluster.crush().hosts) {
        if (tree) {
            OsdUse ofHost;
            for (const std::int32_t id : host.osds)
                ofHost += uses[static_cast<std::size_t>(id)];
            bucket(host.id, weightOf(cluster, host), ofHost, "    host " + host.name);
        }
        for (const std::int32_t id : host.osds)
            drive(*cluster.findOsd(id));
    }
    std::vector<std::string> total{"", "", "", "TOTAL"};
    for (std::string& cell : useCells(all, average))
        total.push_back(std::move(cell));
    total.back().clear(); // a sum varies from nothing
    table.row(std::move(total));
    const double deviation = weights > 0 ? std::sqrt(squares / weights) : 0;
    shown.text = table.text() + fmt::format("MIN/MAX VAR: {}/{}  STDDEV: {}\n", shortText(least), shortText(most), shortText(deviation));
    shown.json = {{"nodes", nodes}, {"stray", Json::array()},
                  {"summary", {{"total_kb", all.size / 1024}, {"total_kb_used", all.used / 1024}, {"total_kb_avail", (all.size - all.used) / 1024}, {"average_utilization", average},
                               {"min_var", least}, {"max_var", most}, {"dev", deviation}}}};
    return shown;
}

Shown osdStat(const ceph::Cluster& cluster, sim::Instant now)
{
    Shown shown;
    std::int64_t up = 0;
    std::int64_t in = 0;
    sim::Instant upChange = cluster.created();
    sim::Instant inChange = cluster.created();
    for (const ceph::Osd& osd : cluster.osds()) {
        up += osd.up ? 1 : 0;
        in += osd.in ? 1 : 0;
        upChange = std::max({upChange, osd.upSince, osd.downSince});
        inChange = std::max(inChange, osd.inSince);
    }
    shown.text = fmt::format("{0} osds: {1} up (since {2}), {3} in (since {4}); epoch: e{5}\n", cluster.osds().size(), up, ceph::spanText(now - upChange), in, ceph::spanText(now - inChange),
                             cluster.epoch());
    shown.json = {{"epoch", cluster.epoch()}, {"num_osds", cluster.osds().size()}, {"num_up_osds", up}, {"num_in_osds", in}, {"num_remapped_pgs", 0}};
    return shown;
}

Shown osdPerf(const ceph::Cluster& cluster)
{
    Shown shown;
    Table table;
    for (const char* heading : {"osd", "commit_latency(ms)", "apply_latency(ms)"})
        table.column(heading);
    Json infos = Json::array();
    // As `ceph osd perf` lists them: the last first.
    for (auto osd = cluster.osds().rbegin(); osd != cluster.osds().rend(); ++osd) {
        const auto milliseconds = static_cast<std::int64_t>(osd->commitLatency * 1e3);
        table.row({std::to_string(osd->id), std::to_string(milliseconds), std::to_string(milliseconds)});
        infos.push_back({{"id", osd->id}, {"perf_stats", {{"commit_latency_ms", milliseconds}, {"apply_latency_ms", milliseconds},
                                                            {"commit_latency_ns", static_cast<std::int64_t>(osd->commitLatency * 1e9)}, {"apply_latency_ns", static_cast<std::int64_t>(osd->commitLatency * 1e9)}}}});
    }
    shown.text = table.text();
    shown.json = {{"osdstats", {{"osd_perf_infos", infos}}}};
    return shown;
}

Shown osdDump(const ceph::Cluster& cluster, sim::Instant now)
{
    Shown shown;
    std::vector<std::string> flags = cluster.flagNames();
    for (const char* always : {"sortbitwise", "recovery_deletes", "purged_snapdirs", "pglog_hardlimit"})
        flags.emplace_back(always);
    shown.text = fmt::format("epoch {}\nfsid {}\ncreated {}\nmodified {}\nflags {}\ncrush_version 12\nfull_ratio {:g}\nbackfillfull_ratio {:g}\nnearfull_ratio {:g}\n"
                             "require_min_compat_client luminous\nmin_compat_client luminous\nrequire_osd_release reef\nstretch_mode_enabled false\n",
                             cluster.epoch(), cluster.fsid(), ceph::timeText(cluster.created()), ceph::timeText(now), fmt::join(flags, ","), cluster.fullRatio(), cluster.backfillFullRatio(),
                             cluster.nearFullRatio());
    shown.text += poolList(cluster, true).text;
    shown.text += fmt::format("max_osd {}\n", cluster.osds().size());
    Json osds = Json::array();
    for (const ceph::Osd& osd : cluster.osds()) {
        const std::string ends = cluster.addressesOf(osd);
        shown.text += fmt::format("osd.{} {:<4} {:<3} weight {:g} up_from {} up_thru {} down_at {} last_clean_interval [0,0) {} {} exists,{} {}\n", osd.id, osd.up ? "up" : "down",
                                  osd.in ? "in" : "out", reweightOf(osd), osd.upEpoch, osd.up ? cluster.epoch() : osd.upEpoch, osd.up ? 0 : cluster.epoch(), ends, ends,
                                  osd.up ? "up" : "down", osd.uuid);
        osds.push_back({{"osd", osd.id}, {"uuid", osd.uuid}, {"up", osd.up ? 1 : 0}, {"in", osd.in ? 1 : 0}, {"weight", reweightOf(osd)}, {"up_from", osd.upEpoch}});
    }
    shown.json = {{"epoch", cluster.epoch()}, {"fsid", cluster.fsid()}, {"flags_set", flags}, {"full_ratio", cluster.fullRatio()}, {"backfillfull_ratio", cluster.backfillFullRatio()},
                  {"nearfull_ratio", cluster.nearFullRatio()}, {"pools", poolList(cluster, true).json}, {"osds", osds}};
    return shown;
}

Shown osdFind(const ceph::Cluster& cluster, std::int32_t id)
{
    const ceph::Osd* osd = cluster.findOsd(id);
    if (osd == nullptr)
        return {"", {}, fmt::format("osd.{} does not exist", id), kNotFound};
    Shown shown;
    const ceph::StorageHost& host = cluster.hosts()[osd->host];
    const auto address = [&](const char* type, std::int64_t port) { return Json{{"type", type}, {"addr", fmt::format("{}:{}", host.address, port)}, {"nonce", ceph::nonceOf(*osd)}}; };
    const std::int64_t port = cluster.portOf(*osd);
    shown.json = {{"osd", id}, {"addrs", {{"addrvec", {address("v2", port), address("v1", port + 1)}}}}, {"osd_fsid", osd->uuid}, {"host", host.name},
                  {"crush_location", {{"host", host.name}, {"root", "default"}}}};
    shown.text = shown.json.dump(4) + "\n";
    return shown;
}

Shown osdMetadata(const ceph::Cluster& cluster, std::int32_t id)
{
    const ceph::Osd* osd = cluster.findOsd(id);
    if (osd == nullptr)
        return {"", {}, fmt::format("osd.{} does not exist", id), kNotFound};
    Shown shown;
    const bool turns = osd->device.kind == ceph::DeviceClass::Hdd;
    const std::string device = osd->device.path.substr(osd->device.path.rfind('/') + 1);
    shown.json = {{"id", id}, {"arch", "x86_64"}, {"bluefs", "1"}, {"bluestore_bdev_access_mode", "blk"}, {"bluestore_bdev_devices", device}, {"bluestore_bdev_rotational", turns ? "1" : "0"},
                  {"bluestore_bdev_size", std::to_string(osd->device.bytes)}, {"bluestore_bdev_type", turns ? "hdd" : "ssd"}, {"ceph_release", "reef"}, {"ceph_version", kVersion},
                  {"ceph_version_short", "18.2.4"}, {"default_device_class", className(*osd)}, {"device_ids", fmt::format("{}=SAMSUNG_MZQL23T8HCLS-00A07_{}", device, osd->device.serial)},
                  {"devices", device}, {"hostname", cluster.hosts()[osd->host].name}, {"osd_data", fmt::format("/var/lib/ceph/osd/ceph-{}", id)}, {"osd_objectstore", "bluestore"},
                  {"rotational", turns ? "1" : "0"}};
    shown.text = shown.json.dump(4) + "\n";
    return shown;
}

Shown okToStop(const ceph::Cluster& cluster, const std::vector<std::int32_t>& osds)
{
    Shown shown;
    std::int64_t fine = 0;
    Json bad = Json::array();
    for (const ceph::Pg& pg : cluster.pgs()) {
        const auto goes = std::count_if(pg.acting.begin(), pg.acting.end(), [&](std::int32_t osd) { return std::find(osds.begin(), osds.end(), osd) != osds.end(); });
        if (goes == 0)
            continue;
        if (pg.active() && pg.acting.size() - static_cast<std::size_t>(goes) >= cluster.pools()[pg.pool].minSize)
            ++fine;
        else
            bad.push_back(cluster.nameOf(pg));
    }
    shown.json = {{"ok_to_stop", bad.empty()}, {"osds", osds}, {"num_ok_pgs", fine}, {"num_not_ok_pgs", bad.size()}};
    shown.text = shown.json.dump() + "\n";
    if (!bad.empty()) {
        shown.error = kBusy;
        shown.note = fmt::format("unsafe to stop osd(s) at this time ({} PGs are or would become offline)", bad.size());
        shown.text.clear();
    }
    return shown;
}

Shown safeToDestroy(const ceph::Cluster& cluster, const std::vector<std::int32_t>& osds)
{
    std::vector<std::string> blocked;
    for (const std::int32_t osd : osds) {
        const auto holds = std::count_if(cluster.pgs().begin(), cluster.pgs().end(), [&](const ceph::Pg& pg) { return pg.copyOn(osd) != nullptr; });
        if (holds > 0)
            blocked.push_back(fmt::format("OSD(s) {} have {} pgs currently mapped to them.", osd, holds));
    }
    if (!blocked.empty())
        return {"", {}, fmt::format("{}", fmt::join(blocked, " ")), kBusy};
    Shown shown;
    shown.note = fmt::format("OSD(s) {} are safe to destroy without reducing data durability.", fmt::join(osds, ","));
    return shown;
}

Shown poolList(const ceph::Cluster& cluster, bool detail)
{
    Shown shown;
    shown.json = Json::array();
    for (std::size_t p = 0; p < cluster.pools().size(); ++p) {
        const ceph::Pool& pool = cluster.pools()[p];
        if (!detail) {
            shown.text += pool.name + "\n";
            shown.json.push_back(pool.name);
            continue;
        }
        std::vector<std::int64_t> leads(cluster.osds().size(), 0);
        for (const ceph::Pg& pg : cluster.pgs())
            if (pg.pool == p && !pg.acting.empty())
                ++leads[static_cast<std::size_t>(pg.acting.front())];
        const double score = static_cast<double>(*std::max_element(leads.begin(), leads.end())) * static_cast<double>(leads.size()) / static_cast<double>(pool.pgCount);
        shown.text += fmt::format("pool {} '{}' replicated size {} min_size {} crush_rule 0 object_hash rjenkins pg_num {} pgp_num {} autoscale_mode off last_change {} flags hashpspool{}{} "
                                  "stripe_width 0 application {} read_balance_score {:.2f}\n",
                                  pool.id, pool.name, pool.size, pool.minSize, pool.pgCount, pool.pgCount, pool.createdEpoch, pool.bulk ? ",bulk" : "", pool.full ? ",full" : "", pool.application, score);
        shown.json.push_back({{"pool_id", pool.id}, {"pool_name", pool.name}, {"size", pool.size}, {"min_size", pool.minSize}, {"pg_num", pool.pgCount}, {"crush_rule", 0}});
    }
    return shown;
}

Shown poolGet(const ceph::Cluster& cluster, const std::string& name, const std::string& key)
{
    const ceph::Pool* pool = cluster.findPool(name);
    if (pool == nullptr)
        return {"", {}, fmt::format("unrecognized pool '{}'", name), kNotFound};
    const std::vector<std::pair<std::string, std::string>> values{{"size", std::to_string(pool->size)}, {"min_size", std::to_string(pool->minSize)}, {"pg_num", std::to_string(pool->pgCount)},
                                                                  {"pgp_num", std::to_string(pool->pgCount)}, {"crush_rule", "replicated_rule"}, {"hashpspool", "true"},
                                                                  {"bulk", pool->bulk ? "true" : "false"}};
    Shown shown;
    for (const auto& [of, value] : values)
        if (key == of || key == "all")
            shown.text += of + ": " + value + "\n";
    shown.json[key] = shown.text;
    if (shown.text.empty())
        return {"", {}, fmt::format("option '{}' is not set on pool '{}'", key, name), kNotFound};
    return shown;
}

Shown poolStats(const ceph::Cluster& cluster, const std::string& name)
{
    Shown shown;
    shown.json = Json::array();
    for (const ceph::Pool& pool : cluster.pools()) {
        if (!name.empty() && pool.name != name)
            continue;
        shown.text += fmt::format("pool {} id {}\n", pool.name, pool.id);
        if (pool.rates.recoveredBytes >= 1)
            shown.text += fmt::format("  recovery io {}/s, {} objects/s\n", byteText(pool.rates.recoveredBytes), countText(pool.rates.recoveredBytes / ceph::kObjectBytes));
        if (pool.rates.readOps >= 1 || pool.rates.writeOps >= 1)
            shown.text += fmt::format("  client io {}/s rd, {}/s wr, {} op/s rd, {} op/s wr\n", byteText(pool.rates.readBytes), byteText(pool.rates.writtenBytes), countText(pool.rates.readOps),
                                      countText(pool.rates.writeOps));
        else
            shown.text += "  nothing is going on\n";
        shown.text += "\n";
        shown.json.push_back({{"pool_name", pool.name}, {"pool_id", pool.id}, {"client_io_rate", {{"read_bytes_sec", static_cast<std::int64_t>(pool.rates.readBytes)},
                                                                                                  {"write_bytes_sec", static_cast<std::int64_t>(pool.rates.writtenBytes)}}}});
    }
    return shown;
}

} // namespace core::shell::cephtool
