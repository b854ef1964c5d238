#include "core/shell/commands/ceph/text.h"
#include "sim/storage/ceph/options.h"
#include "sim/storage/ceph/request_text.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::cephtool {

namespace {

constexpr std::int64_t kShownOps = 20; ///< a real OSD lists them all

Json event(sim::Instant at, const std::string& what, sim::Duration took)
{
    return {{"event", what}, {"time", ceph::timeText(at)}, {"duration", sim::toSeconds(took)}};
}

/// One client's write: it is queued, sent to the replicas, and waits for the slowest.
Json opJson(const ceph::Cluster& cluster, const ceph::Osd& osd, const ceph::SlowestOp& op, sim::Duration age, bool done)
{
    using namespace std::chrono_literals;
    const ceph::Pg& pg = cluster.pgs()[op.pg];
    Json events = Json::array();
    const bool started = pg.active();
    std::string replicas;
    for (const std::int32_t id : pg.acting)
        if (id != osd.id)
            replicas += (replicas.empty() ? "" : ",") + std::to_string(id);
    events.push_back(event(op.began, "initiated", 0ns));
    events.push_back(event(op.began, "throttled", 12us));
    events.push_back(event(op.began + 12us, "header_read", 5us));
    events.push_back(event(op.began + 17us, "all_read", 310us));
    events.push_back(event(op.began + 327us, "dispatched", 4us));
    events.push_back(event(op.began + 331us, "queued_for_pg", 20us));
    events.push_back(event(op.began + 351us, "reached_pg", 14us));
    if (started) {
        events.push_back(event(op.began + 365us, "started", 40us));
        events.push_back(event(op.began + 405us, "waiting for subops from " + replicas, 60us));
        if (op.waitedFor >= 0 || done) {
            events.push_back(event(op.began + 4ms, "op_commit", 3600us));
            for (const std::int32_t id : pg.acting)
                if (id != osd.id && id != op.waitedFor)
                    events.push_back(event(op.began + 5ms, fmt::format("sub_op_commit_rec from {}", id), 1ms));
        }
        if (done) {
            const sim::Duration took = sim::fromSeconds(op.seconds);
            if (op.waitedFor >= 0)
                events.push_back(event(op.began + took, fmt::format("sub_op_commit_rec from {}", op.waitedFor), std::max<sim::Duration>(0ns, took - 5ms)));
            events.push_back(event(op.began + took, "commit_sent", 20us));
            events.push_back(event(op.began + took, "done", 10us));
        }
    } else {
        events.push_back(event(op.began + 365us, "waiting for active", 0ns));
    }
    const char* flag = done ? "commit sent; apply or cleanup" : !started ? "delayed" : op.waitedFor >= 0 ? "waiting for sub ops" : "started";
    return {{"description", ceph::requestText(cluster, pg, op.number)}, {"initiated_at", ceph::timeText(op.began)}, {"age", sim::toSeconds(age)}, {"duration", op.seconds}, {"continuous", "yes"},
            {"type_data", {{"flag_point", flag}, {"client_info", {{"client", fmt::format("client.{}", 24'103 + op.number % 4 * 31)}, {"tid", op.number}}}, {"events", events}}}};
}

} // namespace

Json opsInFlight(const ceph::Cluster& cluster, const ceph::Osd& osd, sim::Instant now)
{
    Json ops = Json::array();
    // Of the groups that it leads, those whose slowest member or whose state keeps requests waiting.
    for (std::size_t i = 0; i < cluster.pgs().size() && static_cast<std::int64_t>(ops.size()) < kShownOps; ++i) {
        const ceph::Pg& pg = cluster.pgs()[i];
        if (pg.acting.empty() || pg.acting.front() != osd.id)
            continue;
        ceph::SlowestOp op;
        op.pg = i;
        op.number = static_cast<std::int64_t>(sim::unixSeconds(now) % 100'000 * 8 + static_cast<std::int64_t>(i));
        bool waits = !pg.active();
        for (const std::int32_t id : pg.acting)
            if (const ceph::Osd& member = *cluster.findOsd(id); member.queuedOps > 0 && member.opSeconds > op.seconds) {
                op.seconds = member.opSeconds;
                op.waitedFor = id == osd.id ? -1 : id;
                waits = true;
            }
        if (!waits || (!pg.active() && osd.slowOps == 0))
            continue;
        if (!pg.active())
            op.seconds = osd.oldestOpSeconds;
        op.seconds *= 1 - 0.035 * static_cast<double>(ops.size()); // they came one after the other
        op.began = now - sim::fromSeconds(op.seconds);
        ops.push_back(opJson(cluster, osd, op, now - op.began, false));
    }
    return {{"ops", ops}, {"num_ops", ops.size()}};
}

Json historicOps(const ceph::Cluster& cluster, const ceph::Osd& osd, sim::Instant now)
{
    Json ops = Json::array();
    for (const ceph::SlowestOp& op : osd.historic)
        ops.push_back(opJson(cluster, osd, op, now - op.began, true));
    return {{"size", ceph::Osd::kHistoric}, {"duration", 600}, {"ops", ops}};
}

Json perfCounters(const ceph::Cluster& cluster, const ceph::Osd& osd)
{
    std::int64_t groups = 0;
    std::int64_t leads = 0;
    for (const ceph::Pg& pg : cluster.pgs()) {
        groups += std::find(pg.acting.begin(), pg.acting.end(), osd.id) != pg.acting.end() ? 1 : 0;
        leads += !pg.acting.empty() && pg.acting.front() == osd.id ? 1 : 0;
    }
    const auto written = static_cast<std::int64_t>(osd.writtenBytes);
    return {{"bluestore", {{"commit_lat", {{"avgcount", written / ceph::kObjectBytes}, {"avgtime", osd.commitLatency}}}, {"bluestore_allocated", osd.usedBytes}, {"bluestore_stored", osd.usedBytes}}},
            {"osd", {{"op_wip", osd.queuedOps}, {"op_in_bytes", written}, {"op_out_bytes", static_cast<std::int64_t>(osd.readBytes)}, {"op_latency", {{"avgtime", osd.opSeconds}}},
                     {"numpg", groups}, {"numpg_primary", leads}, {"numpg_replica", groups - leads}, {"stat_bytes", osd.device.bytes}, {"stat_bytes_used", osd.usedBytes},
                     {"stat_bytes_avail", osd.device.bytes - osd.usedBytes}}}};
}

Json daemonStatus(const ceph::Cluster& cluster, const ceph::Osd& osd)
{
    std::int64_t groups = 0;
    for (const ceph::Pg& pg : cluster.pgs())
        groups += pg.copyOn(osd.id) != nullptr ? 1 : 0;
    return {{"cluster_fsid", cluster.fsid()}, {"osd_fsid", osd.uuid}, {"whoami", osd.id}, {"state", osd.up ? "active" : "booting"}, {"maps", "[1," + std::to_string(cluster.epoch()) + "]"},
            {"num_pgs", groups}};
}

Json daemonConfig(const ceph::Cluster& cluster, const std::string& daemon)
{
    Json all = Json::object();
    for (const ceph::Option& option : ceph::options())
        all[option.name] = cluster.option(daemon, option.name);
    return all;
}

Json benchOf(const ceph::Osd& osd)
{
    constexpr std::int64_t kBytes = 1LL << 30;
    const double rate = osd.device.writeBytesPerSecond / osd.device.slowdown * std::max(0.08, 1 - osd.busy);
    return {{"bytes_written", kBytes}, {"blocksize", ceph::kObjectBytes}, {"elapsed_sec", static_cast<double>(kBytes) / rate}, {"bytes_per_sec", rate}, {"iops", rate / ceph::kObjectBytes}};
}

} // namespace core::shell::cephtool
