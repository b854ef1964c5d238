#include "sim/storage/ceph/cluster.h"

#include "sim/storage/ceph/request_text.h"

#include <fmt/format.h>

#include <algorithm>

// How long operations wait. Clients keep a fixed number of objects in flight, and these gather where the least gets through
// (a closed queueing network with one bottleneck): by Little's law an operation waits there for what is in flight over what passes.
namespace sim::storage::ceph {

namespace {

/// Objects that a client machine has in flight: an OSD takes 256 messages of one client (osd_client_message_cap).
constexpr double kWindow = 256;
/// Objects that BlueStore lets into the drive's queue at once (bluestore_throttle_bytes, 64 MiB).
constexpr double kDriveQueue = 16;
constexpr double kMostBusy = 0.95;
constexpr double kRoundTripSeconds = 0.0004;
/// OSDs speak of slow requests, and are asked for the slowest, so often.
constexpr std::int64_t kEvery = 5;
constexpr Duration kHistory = 600s; // osd_op_history_duration

} // namespace

void Cluster::queueUp(Instant now)
{
    const double seconds = toSeconds(now - m_at);
    std::vector<double> waiting(m_osds.size(), 0);   // operations in its queue because it is the bottleneck
    std::vector<double> passing(m_osds.size(), 0);   // objects a second
    std::vector<double> sinceWhen(m_osds.size(), 0); // how long it has been so
    std::vector<double> waitingAt(m_hosts.size(), 0); // the same of a host's card
    std::vector<double> passingAt(m_hosts.size(), 0);
    std::vector<double> sinceAt(m_hosts.size(), 0);
    double stuck = 0;                                // operations of flows that do not move
    double stuckSeconds = 0;
    for (const auto& [id, flow] : m_flows) {
        if (flow.end != Flow::End::Open || !flow.reachesAll)
            continue;
        if (flow.bytesPerSecond <= 0 && m_shares[flow.pool].blocked) {
            stuck += kWindow;
            stuckSeconds = std::max(stuckSeconds, toSeconds(now - flow.blockedSince.value_or(now)));
        }
        for (std::size_t osd = 0; osd < m_osds.size(); ++osd) {
            const Shares& shares = m_shares[flow.pool];
            passing[osd] += (flow.writes ? shares.writes[osd] : shares.reads[osd]) * flow.bytesPerSecond / kObjectBytes;
            passingAt[m_osds[osd].host] += (flow.writes ? shares.writes[osd] : shares.reads[osd]) * flow.bytesPerSecond / kObjectBytes;
        }
        if (flow.heldAt >= 0) {
            waitingAt[static_cast<std::size_t>(flow.heldAt)] += kWindow;
            sinceAt[static_cast<std::size_t>(flow.heldAt)] = std::max(sinceAt[static_cast<std::size_t>(flow.heldAt)], toSeconds(now - flow.began));
        }
        if (flow.heldBy >= 0) {
            waiting[static_cast<std::size_t>(flow.heldBy)] += kWindow;
            sinceWhen[static_cast<std::size_t>(flow.heldBy)] = std::max(sinceWhen[static_cast<std::size_t>(flow.heldBy)], toSeconds(now - flow.began));
        }
    }
    for (std::size_t i = 0; i < m_osds.size(); ++i) {
        Osd& osd = m_osds[i];
        osd.queuedOps = osd.slowOps = 0;
        osd.oldestOpSeconds = osd.opSeconds = 0;
        const double small = osd.device.commitSeconds * osd.device.slowdown / (1 - std::min(osd.busy, kMostBusy));
        const double object = kObjectBytes * osd.device.slowdown / osd.device.writeBytesPerSecond;
        const double busy = std::min(osd.busy, kMostBusy);
        const double inDrive = waiting[i] > 0 ? kDriveQueue : std::min(kDriveQueue, busy / (1 - busy));
        osd.commitLatency = osd.running ? small + (passing[i] > 0 || osd.recoveries > 0 ? inDrive * object : 0) : 0;
        osd.opSeconds = osd.commitLatency + kRoundTripSeconds;
        if (waiting[i] > 0 && passing[i] > 0) {
            osd.queuedOps = static_cast<std::int64_t>(waiting[i]);
            osd.opSeconds = std::max(osd.opSeconds, std::min(waiting[i] / passing[i], sinceWhen[i] + seconds));
        }
        if (waitingAt[osd.host] > 0 && passing[i] > 0) { // the card's queue is made of its OSDs' messages
            osd.queuedOps = std::max(osd.queuedOps, static_cast<std::int64_t>(waitingAt[osd.host] * passing[i] / passingAt[osd.host]));
            osd.opSeconds = std::max(osd.opSeconds, std::min(waitingAt[osd.host] / passingAt[osd.host], sinceAt[osd.host] + seconds));
        }
    }
    // Slow operations are told by the group's leader, whichever of its members they wait for.
    const double complaint = numberOption("osd", "osd_op_complaint_time");
    for (const Pg& pg : m_pgs) {
        if (pg.acting.empty())
            continue;
        Osd& leads = m_osds[static_cast<std::size_t>(pg.acting.front())];
        if (!leads.up || !leads.running)
            continue;
        const auto blame = [&](double ops, double oldest) {
            if (oldest <= complaint || ops <= 0)
                return;
            leads.slowOps += static_cast<std::int64_t>(ops * (oldest - complaint) / oldest + 0.5);
            leads.oldestOpSeconds = std::max(leads.oldestOpSeconds, oldest);
        };
        if (stuck > 0 && (!pg.active() || !answersFor(pg)))
            blame(std::max(1.0, stuck / static_cast<double>(m_pools[pg.pool].pgCount)), stuckSeconds);
        for (const std::int32_t id : pg.acting) {
            const auto member = static_cast<std::size_t>(id);
            const double share = m_shares[pg.pool].writes[member];
            if (m_osds[member].queuedOps > 0 && share > 0)
                blame(static_cast<double>(m_osds[member].queuedOps) / (share * static_cast<double>(m_pools[pg.pool].pgCount)), m_osds[member].opSeconds);
        }
    }
    remember(now);
}

void Cluster::remember(Instant now)
{
    if (unixSeconds(now) % kEvery != 0)
        return;
    for (Osd& osd : m_osds) {
        std::erase_if(osd.historic, [&](const SlowestOp& op) { return now - op.began > kHistory; });
        if (!osd.up || !osd.running)
            continue;
        std::vector<std::size_t> led;
        for (std::size_t i = 0; i < m_pgs.size(); ++i)
            if (m_pgs[i].active() && m_pgs[i].acting.front() == osd.id && m_pools[m_pgs[i].pool].rates.writeOps > 0)
                led.push_back(i);
        if (led.empty())
            continue;
        SlowestOp op;
        op.pg = led[static_cast<std::size_t>(m_requests + osd.id) % led.size()];
        op.number = m_requests;
        for (const std::int32_t id : m_pgs[op.pg].acting)
            if (const Osd& member = m_osds[static_cast<std::size_t>(id)]; member.opSeconds > op.seconds) {
                op.seconds = member.opSeconds;
                op.waitedFor = id == osd.id ? -1 : id;
            }
        op.began = now - fromSeconds(op.seconds);
        const auto place = std::upper_bound(osd.historic.begin(), osd.historic.end(), op, [](const SlowestOp& a, const SlowestOp& b) { return a.seconds > b.seconds; });
        osd.historic.insert(place, op);
        if (osd.historic.size() > Osd::kHistoric)
            osd.historic.pop_back();
        if (osd.slowOps == 0)
            continue;
        const Pg& pg = m_pgs[op.pg];
        const std::string daemon = fmt::format("osd.{}", osd.id);
        const std::string request = requestText(*this, pg, op.number);
        m_lines.push_back({daemon, -1, fmt::format("{} {} get_health_metrics reporting {} slow ops, oldest is {}", daemon, m_epoch, osd.slowOps, request)});
        const char* what = pg.active() ? "waiting for sub ops" : "delayed";
        const std::string told = fmt::format("{} slow requests (by type [ '{}' : {} ] most affected pool [ '{}' : {} ])", osd.slowOps, what, osd.slowOps, m_pools[pg.pool].name,
                                             osd.slowOps);
        m_lines.push_back({daemon, 0, "log_channel(cluster) log [WRN] : " + told});
        if (quorum())
            say(now, daemon, "WRN", told);
    }
}

} // namespace sim::storage::ceph
