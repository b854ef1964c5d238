#include "core/session/storage_detail.h"

#include "core/shell/commands/ceph/table.h"
#include "core/shell/commands/ceph/text.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::session {

namespace {

namespace ceph = sim::storage::ceph;
namespace tool = core::shell::cephtool;

/// An election takes 5 s: whoever has waited for three of them has seen that nobody answers.
constexpr double kSilenceSeconds = 15;

sim::Health healthOf(ceph::Severity severity)
{
    switch (severity) {
    case ceph::Severity::Ok: return sim::Health::Ok;
    case ceph::Severity::Warning: return sim::Health::Warn;
    case ceph::Severity::Error: return sim::Health::Critical;
    }
    return sim::Health::Unknown;
}

void addOsds(StorageDetail& detail, const ceph::Cluster& cluster)
{
    const std::vector<tool::OsdUse> uses = tool::usesOf(cluster);
    for (const ceph::Osd& osd : cluster.osds()) {
        const tool::OsdUse& use = uses[static_cast<std::size_t>(osd.id)];
        StorageOsd one;
        one.id = osd.id;
        one.host = static_cast<int>(osd.host);
        one.drive = osd.device.path.substr(osd.device.path.rfind('/') + 1);
        one.up = osd.up;
        one.in = osd.in;
        one.reweight = osd.reweight;
        one.bytes = use.size;
        one.usedBytes = use.used;
        one.groups = use.groups;
        if (osd.up)
            one.commitSeconds = osd.commitLatency;
        one.slowOps = osd.slowOps;
        one.oldestOpSeconds = osd.oldestOpSeconds;
        one.space = cluster.spaceOf(osd);
        const bool strained = osd.slowOps > 0 || one.space != ceph::Space::Fine;
        one.health = !osd.in && !osd.up                       ? sim::Health::Unknown // the cluster does not count on it
            : !osd.up || one.space == ceph::Space::Full ? sim::Health::Critical
            : strained                                        ? sim::Health::Warn
                                                              : sim::Health::Ok;
        detail.osds.push_back(std::move(one));
    }
}

void addDaemons(StorageDetail& detail, const ceph::Cluster& cluster)
{
    using Kind = StorageDaemon::Kind;
    using State = StorageDaemon::State;
    const double allowed = cluster.numberOption("mon", "mon_clock_drift_allowed");
    for (const ceph::Monitor& mon : cluster.monitors()) {
        StorageDaemon one{Kind::Monitor, mon.name, static_cast<int>(mon.host), State::Gone, {}, 0, sim::Health::Critical};
        if (mon.inQuorum && detail.answers) {
            one.state = &mon == &cluster.leader() ? State::Leader : State::Member;
            one.clockSkewSeconds = cluster.clockSkewSeconds(mon);
            one.health = std::abs(one.clockSkewSeconds) > allowed ? sim::Health::Warn : sim::Health::Ok;
        } else if (!detail.answers) {
            one.health = sim::Health::Unknown;
        }
        detail.daemons.push_back(std::move(one));
    }
    if (!detail.answers)
        return;
    const ceph::Mgr* active = cluster.activeMgr();
    for (const ceph::Mgr& mgr : cluster.mgrs()) {
        const State state = &mgr == active ? State::Active : mgr.silentSince ? State::Gone : State::Standby;
        detail.daemons.push_back({Kind::Manager, mgr.name, static_cast<int>(mgr.host), state, {}, 0,
                                  state != State::Gone      ? sim::Health::Ok
                                      : active == nullptr   ? sim::Health::Critical
                                                            : sim::Health::Warn});
    }
    for (const ceph::Mds& mds : cluster.metadataServers()) {
        const State state = mds.state == ceph::MdsState::Gone ? State::Gone
            : mds.state == ceph::MdsState::Standby            ? State::Standby
            : mds.state == ceph::MdsState::Active             ? State::Active
                                                              : State::Starting;
        const bool offline = cluster.rankHolder() == nullptr;
        detail.daemons.push_back({Kind::Metadata, mds.name, static_cast<int>(mds.host), state, ceph::mdsStateName(mds.state), 0,
                                  state == State::Gone          ? (offline ? sim::Health::Critical : sim::Health::Warn)
                                      : state == State::Starting ? sim::Health::Warn
                                                                 : sim::Health::Ok});
    }
}

void addGroups(StorageDetail& detail, const ceph::Cluster& cluster)
{
    for (const ceph::Pg& pg : cluster.pgs()) {
        const ceph::Cluster::Objects objects = cluster.objects(pg);
        detail.groups.push_back({cluster.nameOf(pg), static_cast<int>(pg.pool), pg.states, pg.up, pg.acting, objects.all, objects.degraded, objects.misplaced});
        detail.copies += objects.copies;
        detail.degraded += objects.degraded;
        detail.misplaced += objects.misplaced;
        for (const ceph::Copy& copy : pg.copies)
            detail.toCopyBytes += cluster.takesCopies(pg, copy) ? copy.missingBytes : 0;
    }
    for (const auto& [count, state] : tool::statesByCount(cluster))
        detail.states.push_back({ceph::pgStateName(state), state, count});
}

void addPools(StorageDetail& detail, const ceph::Cluster& cluster)
{
    for (std::size_t p = 0; p < cluster.pools().size(); ++p) {
        const ceph::Pool& pool = cluster.pools()[p];
        const tool::PoolUse use = tool::useOf(cluster, p);
        detail.pools.push_back({pool.name, pool.application, pool.size, pool.minSize, pool.pgCount, pool.storedBytes, use.used, use.available, use.share, pool.objects(),
                                pool.rates.readBytes, pool.rates.writtenBytes, pool.full});
    }
    const tool::Totals totals = tool::totalsOf(cluster);
    detail.bytes = totals.bytes;
    detail.usedBytes = totals.used;
    detail.readBytesPerSecond = totals.rates.readBytes;
    detail.writtenBytesPerSecond = totals.rates.writtenBytes;
    detail.readsPerSecond = totals.rates.readOps;
    detail.writesPerSecond = totals.rates.writeOps;
    detail.recoveredBytesPerSecond = totals.rates.recoveredBytes;
}

void addClients(StorageDetail& detail, const sim::World& world, const ceph::Cluster& cluster)
{
    for (const auto& [id, flow] : cluster.flows()) {
        if (flow.end != ceph::Flow::End::Open)
            continue;
        detail.clients.push_back({id, world.hosts().at(flow.client).name, cluster.pools()[flow.pool].name, flow.folder, flow.writes, flow.bytes < ceph::Flow::kEndless ? flow.bytes : 0,
                                  flow.bytesDone, flow.bytesPerSecond, flow.began});
        const StorageClient& one = detail.clients.back();
        detail.clientsRead.text += fmt::format("{} {} {}{} {} of {} {}/s\n", one.machine, one.writes ? "writes" : "reads", one.pool, one.folder, tool::byteText(one.bytesDone),
                                               one.bytes > 0 ? tool::byteText(one.bytes) : "?", tool::byteText(one.bytesPerSecond));
        detail.clientsRead.shape += fmt::format("{}{}{} ", one.machine, one.writes ? 'w' : 'r', one.bytesPerSecond > 0 ? "" : "-");
    }
}

/// What is worth telling again: the rates to two digits, not their trembling.
std::string ratesShape(const StorageDetail& detail) { return fmt::format("{:.1e} {:.1e}", detail.readBytesPerSecond, detail.writtenBytesPerSecond); }

void addReadings(StorageDetail& detail, const ceph::Cluster& cluster, sim::Instant now)
{
    const std::vector<std::string> reads{"ceph/*"};
    std::string checks = detail.healthWord;
    for (const StorageCheck& check : detail.checks)
        checks += ' ' + check.code;
    for (const std::string& flag : cluster.flagNames())
        checks += ' ' + flag;
    std::string osds, space, latency, groups;
    for (const StorageOsd& osd : detail.osds) {
        osds += fmt::format("{}{}{} ", osd.up ? "up" : "down", osd.in ? "in" : "out", osd.reweight);
        space += fmt::format("{}:{:.0f} ", static_cast<int>(osd.space), 100 * osd.usedShare());
        latency += osd.commitSeconds ? fmt::format("{} ", std::lround(4 * std::log2(std::max(1.0, *osd.commitSeconds * 1e3)))) : "- "; // by a fifth
    }
    for (const StorageState& state : detail.states)
        groups += state.name + ' ';
    for (const StorageDaemon& daemon : detail.daemons)
        checks += fmt::format(" {}", static_cast<int>(daemon.state));
    detail.statusRead = {"storage cluster", tool::status(cluster, now).text, reads, checks + osds + groups + ratesShape(detail)};
    detail.healthRead = {"storage health", tool::health(cluster, now, true).text, reads, checks};
    detail.treeRead = {"OSDs", tool::osdTree(cluster).text, reads, osds};
    detail.spaceRead = {"OSD use", tool::osdSpace(cluster, false).text, reads, osds + space};
    detail.latencyRead = {"OSD latency", tool::osdPerf(cluster).text, reads, latency};
    detail.groupsRead = {"placement groups", tool::pgStat(cluster).text, reads, groups};
    detail.poolsRead = {"pools", tool::spaceOf(cluster, false).text, reads, space + ratesShape(detail)};
    detail.clientsRead.what = "storage clients";
    if (!detail.clients.empty())
        detail.clientsRead.reads = reads;
}

/// Monitors answer on the bastion, or where there is none, on the machine of the first monitor.
bool storageAnswers(const sim::World& world)
{
    const ceph::Cluster& cluster = world.ceph();
    const auto& machines = world.hosts().all();
    const auto bastion = std::find_if(machines.begin(), machines.end(), [](const sim::host::Machine& machine) { return machine.role == "bastion"; });
    const sim::host::Machine& from = bastion != machines.end() ? *bastion : world.hosts().at(cluster.hosts()[cluster.monitors().front().host].machine);
    return cluster.answers(world.cephHostsReached(from.stack));
}

} // namespace

StorageDetail storageOf(const sim::World& world, double silentSeconds)
{
    StorageDetail detail;
    const ceph::Cluster& cluster = world.ceph();
    detail.exists = cluster.exists();
    if (!detail.exists)
        return detail;
    detail.answers = storageAnswers(world);
    for (const ceph::StorageHost& host : cluster.hosts())
        detail.hosts.push_back(host.name);
    addDaemons(detail, cluster);
    if (!detail.answers) {
        detail.silentSeconds = silentSeconds;
        if (silentSeconds >= kSilenceSeconds)
            detail.statusRead = {"storage cluster", tool::kNoAnswer, {"ceph/*"}, "silent"};
        return detail;
    }
    const std::vector<ceph::HealthCheck> checks = cluster.health(world.now());
    detail.healthWord = ceph::severityName(ceph::worst(checks));
    detail.health = healthOf(ceph::worst(checks));
    for (const ceph::HealthCheck& check : checks)
        detail.checks.push_back({check.code, healthOf(check.severity), check.summary, check.detail});
    detail.nearFull = cluster.nearFullRatio();
    detail.backfillFull = cluster.backfillFullRatio();
    detail.full = cluster.fullRatio();
    addOsds(detail, cluster);
    addGroups(detail, cluster);
    addPools(detail, cluster);
    addClients(detail, world, cluster);
    addReadings(detail, cluster, world.now());
    return detail;
}

std::shared_ptr<const StorageDetail> StorageDetailer::look(const sim::World& world, const StorageInterest& interest, bool still)
{
    if (interest == StorageInterest()) {
        forget();
        return nullptr;
    }
    const bool goesOn = m_last && !m_pace.rewound(world.now());
    if (!m_pace.due(world.now(), goesOn, still))
        return m_last;
    if (!goesOn)
        m_silentSince.reset();
    m_last = std::make_shared<const StorageDetail>(storageOf(world, m_silentSince ? sim::toSeconds(world.now() - *m_silentSince) : 0));
    if (!goesOn || !m_last->exists || m_last->answers)
        m_silentSince.reset();
    else if (!m_silentSince)
        m_silentSince = world.now();
    return m_last;
}

} // namespace core::session
