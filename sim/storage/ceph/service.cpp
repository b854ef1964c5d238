#include "sim/storage/ceph/cluster.h"

#include "sim/storage/ceph/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

// Who gets how much of drives and networks in one step: clients first, as far as the scheduler reserves nothing for recovery.
namespace sim::storage::ceph {

namespace {

/// A copied object costs more than its bytes: it is looked up, locked, pushed and committed on both sides, one after the other.
/// Ten in flight then make about 400 MB/s of one group, as clusters of flash drives show it (README.md).
constexpr double kObjectOverheadSeconds = 0.09;
/// Headers, acknowledgements and TCP leave so much of a link for payload.
constexpr double kPayload = 0.94;
/// Of the time constant of displayed rates.
constexpr double kSmoothSeconds = 5;
/// The purge queue of a metadata server: 10 operations in flight, about 5 ms each (filer_max_purge_ops).
constexpr double kPurgeObjectsPerSecond = 2'000;
constexpr double kNearlyFull = 1 - 1e-9;

void smooth(double& shown, double now, double seconds)
{
    const double weight = std::min(1.0, seconds / kSmoothSeconds);
    shown += (now - shown) * weight;
    if (shown < 1)
        shown = 0;
}

} // namespace

/// Resources are numbered: drives by OSD, then what comes into each host, then what goes out.
struct Cluster::Service {
    explicit Service(Cluster& cluster);

    void offerSteady();
    void shareAmongFlows();
    void recover(double seconds);
    void moveFlows(Instant now);
    void account(double seconds);

    Cluster& c;
    std::size_t drives;
    std::size_t nets;
    std::vector<double> left;        ///< of each resource: what is not taken, in seconds or bytes per second
    std::vector<double> reserved;    ///< by OSD: share that recovery has for itself
    std::vector<double> clientShare; ///< by OSD: time that clients take
    std::vector<double> written;     ///< by OSD: bytes per second
    std::vector<double> read;
    std::vector<IoRates> rates;      ///< by pool
    std::vector<Flow*> open;

    double writeRate(std::size_t osd) const { return c.m_osds[osd].device.writeBytesPerSecond / c.m_osds[osd].device.slowdown; }
    double readRate(std::size_t osd) const { return c.m_osds[osd].device.readBytesPerSecond / c.m_osds[osd].device.slowdown; }
    std::size_t in(std::size_t host) const { return drives + host; }
    std::size_t out(std::size_t host) const { return drives + nets + host; }
    /// What a byte of a flow takes of each resource.
    void cost(const Flow& flow, std::vector<double>& of) const;
    bool mayMove(const Flow& flow) const;
    double mostOf(const Flow& flow) const { return std::min(flow.mostBytesPerSecond, flow.cardBytesPerSecond * kPayload); }
    double mostOf(const Pg& pg) const; ///< bytes per second that a group's leader copies of it when nothing is in the way
    void use(std::size_t pool, bool writes, double bytesPerSecond);
};

Cluster::Service::Service(Cluster& cluster)
    : c(cluster)
    , drives(cluster.m_osds.size())
    , nets(cluster.m_hosts.size())
    , left(drives + 2 * nets, 0)
    , reserved(drives, 0)
    , clientShare(drives, 0)
    , written(drives, 0)
    , read(drives, 0)
    , rates(cluster.m_pools.size())
{
    for (const Pg& pg : c.m_pgs)
        if (pg.moving) { // what it could take of each drive
            const double most = mostOf(pg);
            reserved[static_cast<std::size_t>(pg.acting.front())] += most / readRate(static_cast<std::size_t>(pg.acting.front()));
            for (const Copy& copy : pg.copies)
                if (copy.missingBytes > 0 && c.takesCopies(pg, copy))
                    reserved[static_cast<std::size_t>(copy.osd)] += most / writeRate(static_cast<std::size_t>(copy.osd));
        }
    for (std::size_t osd = 0; osd < drives; ++osd) {
        if (reserved[osd] > 0)
            reserved[osd] = std::min(reserved[osd], mclockProfile(c.option(fmt::format("osd.{}", osd), "osd_mclock_profile")).recovery);
        left[osd] = 1 - reserved[osd];
    }
    for (std::size_t host = 0; host < nets; ++host)
        left[in(host)] = left[out(host)] = c.m_hosts[host].nicBytesPerSecond * kPayload;
}

void Cluster::Service::cost(const Flow& flow, std::vector<double>& of) const
{
    const Shares& shares = c.m_shares[flow.pool];
    of.assign(left.size(), 0);
    for (std::size_t osd = 0; osd < drives; ++osd)
        of[osd] = flow.writes ? shares.writes[osd] / writeRate(osd) : shares.reads[osd] / readRate(osd);
    for (std::size_t host = 0; host < nets; ++host)
        if (flow.writes) {
            of[in(host)] = shares.hostIn[host];
            of[out(host)] = shares.hostOut[host];
        } else {
            of[out(host)] = shares.readOut[host];
        }
}

bool Cluster::Service::mayMove(const Flow& flow) const
{
    if (!flow.reachesAll || c.m_shares[flow.pool].blocked || c.flag(flow.writes ? Flag::PauseWrites : Flag::PauseReads))
        return false;
    return flow.folder.empty() || c.activeMds() != nullptr;
}

double Cluster::Service::mostOf(const Pg& pg) const
{
    const auto source = static_cast<std::size_t>(pg.acting.front());
    const double inFlight = c.numberOption(fmt::format("osd.{}", source), "osd_recovery_max_active");
    double slowest = 0;
    for (const Copy& copy : pg.copies)
        if (copy.missingBytes > 0 && c.takesCopies(pg, copy))
            slowest = std::max(slowest, kObjectBytes / writeRate(static_cast<std::size_t>(copy.osd)));
    return inFlight * kObjectBytes / (kObjectOverheadSeconds + kObjectBytes / readRate(source) + slowest);
}

void Cluster::Service::use(std::size_t pool, bool writes, double bytesPerSecond)
{
    const Shares& shares = c.m_shares[pool];
    for (std::size_t osd = 0; osd < drives; ++osd) {
        const double share = writes ? shares.writes[osd] / writeRate(osd) : shares.reads[osd] / readRate(osd);
        clientShare[osd] += share * bytesPerSecond;
        left[osd] -= share * bytesPerSecond;
        (writes ? written : read)[osd] += (writes ? shares.writes[osd] : shares.reads[osd]) * bytesPerSecond;
    }
    for (std::size_t host = 0; host < nets; ++host) {
        left[in(host)] -= writes ? shares.hostIn[host] * bytesPerSecond : 0;
        left[out(host)] -= (writes ? shares.hostOut[host] : shares.readOut[host]) * bytesPerSecond;
    }
    (writes ? rates[pool].writtenBytes : rates[pool].readBytes) += bytesPerSecond;
}

void Cluster::Service::offerSteady()
{
    for (std::size_t p = 0; p < c.m_pools.size(); ++p) {
        const Pool& pool = c.m_pools[p];
        if (c.m_shares[p].blocked)
            continue;
        if (!c.flag(Flag::PauseWrites) && !pool.full) {
            use(p, true, pool.steadyWriteBytesPerSecond);
            rates[p].writeOps += pool.steadyWriteBytesPerSecond / pool.steadyRequestBytes;
        }
        if (!c.flag(Flag::PauseReads)) {
            use(p, false, pool.steadyReadBytesPerSecond);
            rates[p].readOps += pool.steadyReadBytesPerSecond / pool.steadyRequestBytes;
        }
    }
}

void Cluster::Service::shareAmongFlows()
{
    for (auto& [id, flow] : c.m_flows) {
        flow.bytesPerSecond = 0;
        flow.heldBy = flow.heldAt = -1;
        if (flow.end == Flow::End::Open && flow.writes && c.m_pools[flow.pool].full) {
            flow.end = Flow::End::NoSpace;
            flow.ended = flow.movedTo;
        }
        if (flow.end == Flow::End::Open && mayMove(flow))
            open.push_back(&flow);
    }
    // Max-min: all grow alike until a resource is used up, which stops those that need it.
    std::vector<std::vector<double>> costs(open.size());
    for (std::size_t i = 0; i < open.size(); ++i)
        cost(*open[i], costs[i]);
    std::vector<bool> grows(open.size(), true);
    for (std::vector<double> room = left; std::find(grows.begin(), grows.end(), true) != grows.end();) {
        double step = std::numeric_limits<double>::infinity();
        std::size_t tight = room.size();
        for (std::size_t r = 0; r < room.size(); ++r) {
            double sum = 0;
            for (std::size_t i = 0; i < open.size(); ++i)
                sum += grows[i] ? costs[i][r] : 0;
            if (sum > 0 && std::max(0.0, room[r]) / sum < step) {
                step = std::max(0.0, room[r]) / sum;
                tight = r;
            }
        }
        for (std::size_t i = 0; i < open.size(); ++i)
            if (grows[i] && mostOf(*open[i]) - open[i]->bytesPerSecond <= step) {
                step = mostOf(*open[i]) - open[i]->bytesPerSecond;
                tight = room.size();
            }
        for (std::size_t i = 0; i < open.size(); ++i)
            if (grows[i]) {
                open[i]->bytesPerSecond += step;
                for (std::size_t r = 0; r < room.size(); ++r)
                    room[r] -= costs[i][r] * step;
            }
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (!grows[i])
                continue;
            if (tight < room.size() && costs[i][tight] > 0) {
                grows[i] = false;
                if (tight < drives)
                    open[i]->heldBy = static_cast<std::int32_t>(tight);
                else
                    open[i]->heldAt = static_cast<std::int32_t>((tight - drives) % nets);
            } else if (open[i]->bytesPerSecond >= mostOf(*open[i]) * kNearlyFull) {
                grows[i] = false;
            }
        }
    }
    for (const Flow* flow : open) {
        use(flow->pool, flow->writes, flow->bytesPerSecond);
        (flow->writes ? rates[flow->pool].writeOps : rates[flow->pool].readOps) += flow->bytesPerSecond / kObjectBytes;
    }
}

void Cluster::Service::recover(double seconds)
{
    // What clients leave of the rest is recovery's as well: mClock gives idle capacity to whoever asks.
    std::vector<double> share(drives, 0);
    for (std::size_t osd = 0; osd < drives; ++osd)
        if (const std::int64_t parties = c.m_osds[osd].recoveries; parties > 0)
            share[osd] = (reserved[osd] + std::max(0.0, left[osd])) / static_cast<double>(parties);
    std::vector<std::int64_t> partiesOf(nets, 0);
    for (const Osd& osd : c.m_osds)
        partiesOf[osd.host] += osd.recoveries;
    for (Pg& pg : c.m_pgs) {
        if (!pg.moving)
            continue;
        const auto source = static_cast<std::size_t>(pg.acting.front());
        double rate = std::min(mostOf(pg), share[source] * readRate(source));
        const auto limitByHost = [&](std::size_t host, std::size_t resource) {
            rate = std::min(rate, std::max(0.0, left[resource]) / static_cast<double>(std::max<std::int64_t>(1, partiesOf[host])));
        };
        limitByHost(c.m_osds[source].host, out(c.m_osds[source].host));
        for (const Copy& copy : pg.copies)
            if (copy.missingBytes > 0 && c.takesCopies(pg, copy)) {
                const auto target = static_cast<std::size_t>(copy.osd);
                rate = std::min(rate, share[target] * writeRate(target));
                limitByHost(c.m_osds[target].host, in(c.m_osds[target].host));
            }
        for (Copy& copy : pg.copies) {
            if (copy.missingBytes == 0 || !c.takesCopies(pg, copy))
                continue;
            const std::int64_t moved = std::min(copy.missingBytes, static_cast<std::int64_t>(rate * seconds));
            copy.missingBytes -= moved;
            const double perSecond = static_cast<double>(moved) / seconds;
            written[static_cast<std::size_t>(copy.osd)] += perSecond;
            read[source] += perSecond;
            rates[pg.pool].recoveredBytes += perSecond;
        }
    }
}

void Cluster::Service::moveFlows(Instant now)
{
    std::vector<std::int64_t> added(c.m_pools.size(), 0);
    for (auto& [id, flow] : c.m_flows) {
        if (flow.end != Flow::End::Open)
            continue;
        if (flow.bytesPerSecond <= 0) {
            flow.blockedSince = flow.blockedSince.value_or(flow.movedTo);
            flow.movedTo = now;
            continue;
        }
        flow.blockedSince.reset();
        const double seconds = toSeconds(now - flow.movedTo);
        const double before = flow.bytesDone;
        flow.bytesDone = std::min(flow.bytes, before + flow.bytesPerSecond * seconds);
        if (flow.bytesDone >= flow.bytes) {
            flow.end = Flow::End::Done;
            flow.ended = flow.movedTo + fromSeconds((flow.bytes - before) / flow.bytesPerSecond);
        }
        flow.movedTo = now;
        const std::int64_t bytes = static_cast<std::int64_t>(flow.bytesDone) - static_cast<std::int64_t>(before);
        if (!flow.writes || bytes == 0)
            continue;
        added[flow.pool] += bytes;
        if (!flow.folder.empty() && c.m_fileSystem)
            c.m_fileSystem->folders[flow.folder] += bytes;
        else
            c.m_pools[flow.pool].benchBytes += bytes;
    }
    for (std::size_t pool = 0; pool < added.size(); ++pool)
        if (added[pool] > 0)
            c.store(pool, added[pool]);
}

void Cluster::Service::account(double seconds)
{
    for (std::size_t osd = 0; osd < drives; ++osd) {
        Osd& one = c.m_osds[osd];
        one.clientBusy = std::min(1.0, clientShare[osd]);
        one.busy = std::min(1.0, written[osd] / writeRate(osd) + read[osd] / readRate(osd));
        one.writtenPerSecond = written[osd];
        one.readPerSecond = read[osd];
        one.writtenBytes += written[osd] * seconds;
        one.readBytes += read[osd] * seconds;
    }
    for (std::size_t p = 0; p < rates.size(); ++p) {
        IoRates& shown = c.m_pools[p].rates;
        smooth(shown.readBytes, rates[p].readBytes, seconds);
        smooth(shown.writtenBytes, rates[p].writtenBytes, seconds);
        smooth(shown.readOps, rates[p].readOps, seconds);
        smooth(shown.writeOps, rates[p].writeOps, seconds);
        smooth(shown.recoveredBytes, rates[p].recoveredBytes, seconds);
        c.m_requests += static_cast<std::int64_t>((rates[p].readOps + rates[p].writeOps) * seconds);
    }
}

void Cluster::serve(Instant now)
{
    for (Shares& shares : m_shares)
        shares.blocked = false;
    for (const Pg& pg : m_pgs)
        if (!pg.active() || !answersFor(pg))
            m_shares[pg.pool].blocked = true;
    const double seconds = toSeconds(now - m_at);
    Service service(*this);
    service.offerSteady();
    service.shareAmongFlows();
    service.recover(seconds);
    service.moveFlows(now);
    service.account(seconds);
    if (m_fileSystem && m_fileSystem->purgingBytes > 0 && activeMds() != nullptr && !m_shares[m_fileSystem->dataPool].blocked) {
        const std::int64_t purged = std::min(m_fileSystem->purgingBytes, static_cast<std::int64_t>(kPurgeObjectsPerSecond * seconds) * kObjectBytes);
        m_fileSystem->purgingBytes -= purged;
        store(m_fileSystem->dataPool, -purged);
    }
}

bool Cluster::serves(std::size_t pool) const
{
    return std::all_of(m_pgs.begin(), m_pgs.end(), [&](const Pg& pg) { return pg.pool != pool || (pg.active() && answersFor(pg)); });
}

} // namespace sim::storage::ceph
