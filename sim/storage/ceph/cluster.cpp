#include "sim/storage/ceph/cluster.h"

#include "sim/engine/assert.h"
#include "sim/storage/ceph/options.h"
#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace sim::storage::ceph {

namespace {

/// Half of what a pool of the release keeps beside data: some directories, headers of a file system's journal.
constexpr std::int64_t kFewObjects = 22;

template <class Parts>
auto named(Parts& parts, const std::string& name) -> decltype(&parts.front())
{
    const auto found = std::find_if(parts.begin(), parts.end(), [&](const auto& one) { return one.name == name; });
    return found == parts.end() ? nullptr : &*found;
}

} // namespace

const char* mdsStateName(MdsState state)
{
    static constexpr const char* kNames[]{"down:dne", "up:standby", "up:replay", "up:reconnect", "up:rejoin", "up:active"};
    return kNames[static_cast<std::size_t>(state)];
}

const char* flagName(Flag flag)
{
    static constexpr const char* kNames[]{"pauserd", "pausewr", "noup", "nodown", "noout", "noin", "nobackfill", "norebalance", "norecover", "noscrub", "nodeep-scrub"};
    static_assert(std::size(kNames) == kFlags);
    return kNames[static_cast<std::size_t>(flag)];
}

std::int64_t nonceOf(const Osd& osd) { return osd.upEpoch * 7919 % 1'000'000'000; }

std::string setText(const std::vector<std::int32_t>& osds) { return fmt::format("[{}]", fmt::join(osds, ",")); }

const char* severityName(Severity severity)
{
    static constexpr const char* kNames[]{"HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR"};
    return kNames[static_cast<std::size_t>(severity)];
}

Severity worst(const std::vector<HealthCheck>& checks)
{
    Severity all = Severity::Ok;
    for (const HealthCheck& check : checks)
        all = std::max(all, check.severity);
    return all;
}

std::int64_t Pool::bytesOf(std::size_t seed) const
{
    const auto n = static_cast<std::int64_t>(pgCount);
    const auto s = static_cast<std::int64_t>(seed);
    return storedBytes / n + (s < storedBytes % n ? 1 : 0);
}

std::int64_t Pool::objectsOf(std::size_t seed) const
{
    const auto n = static_cast<std::int64_t>(pgCount);
    return objects() / n + (static_cast<std::int64_t>(seed) < objects() % n ? 1 : 0);
}

const Copy* Pg::copyOn(std::int32_t osd) const
{
    const auto found = std::find_if(copies.begin(), copies.end(), [&](const Copy& copy) { return copy.osd == osd; });
    return found == copies.end() ? nullptr : &*found;
}

Copy* Pg::copyOn(std::int32_t osd) { return const_cast<Copy*>(std::as_const(*this).copyOn(osd)); }

std::int64_t FileSystem::bytesBelow(const std::string& path) const
{
    std::int64_t sum = 0;
    for (auto at = folders.lower_bound(path); at != folders.end() && at->first.starts_with(path); ++at)
        if (at->first.size() == path.size() || at->first[path.size()] == '/')
            sum += at->second;
    return sum;
}

Cluster::Cluster(ClusterPlan plan, Instant now)
    : m_fsid(std::move(plan.fsid))
    , m_created(now - plan.age)
    , m_at(now)
    , m_hosts(std::move(plan.hosts))
    , m_pools(std::move(plan.pools))
    , m_fileSystem(std::move(plan.fileSystem))
    , m_quorumSince(now - plan.uptime)
    , m_mgrSince(now - plan.uptime)
    , m_healthTold(now)
{
    FL_ASSERT(!m_hosts.empty() && !plan.monitors.empty() && !plan.osds.empty());
    for (StorageHost& host : m_hosts)
        host.reaches.assign(m_hosts.size(), true);
    for (const std::size_t host : plan.monitors)
        m_monitors.push_back({m_hosts[host].name, host});
    for (const std::size_t host : plan.mgrs)
        m_mgrs.push_back({m_hosts[host].name, host, true, {}});
    for (const std::size_t host : plan.metadataServers) {
        Mds mds{m_hosts[host].name, host, m_nextGid, true, m_mds.empty() ? MdsState::Active : MdsState::Standby, now, {}};
        m_nextGid += 13;
        m_mds.push_back(std::move(mds));
    }
    for (const StorageHost& host : m_hosts)
        m_crush.hosts.push_back({host.name, CrushMap::kRoot - 2 - 2 * static_cast<std::int32_t>(m_crush.hosts.size()), {}});
    for (auto& [host, device] : plan.osds) {
        Osd osd;
        osd.id = static_cast<std::int32_t>(m_osds.size());
        osd.host = host;
        osd.device = std::move(device);
        osd.upSince = osd.runningSince = now - plan.uptime;
        osd.inSince = m_created;
        osd.silentTo.resize(m_hosts.size());
        Fingerprint f;
        f.add(m_fsid);
        f.add(static_cast<std::uint64_t>(osd.id));
        osd.uuid = fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", f.value() >> 32, f.value() >> 16 & 0xffff, f.value() & 0xfff, f.value() >> 12 & 0xfff,
                               f.value() & 0xffffffffffff);
        m_crush.hosts[host].osds.push_back(osd.id);
        constexpr double kTebibyte = 1099511627776.0;
        m_crush.weights.push_back(static_cast<CrushWeight>(static_cast<double>(osd.device.bytes) / kTebibyte * kWholeWeight));
        m_osds.push_back(std::move(osd));
    }
    std::erase_if(m_crush.hosts, [](const CrushHost& host) { return host.osds.empty(); });
    // One map for each daemon that came, and each pool that was made.
    m_epoch = static_cast<std::int64_t>(8 + 4 * m_osds.size() + 6 * m_pools.size());
    for (Osd& osd : m_osds)
        osd.upEpoch = 8 + 3 * osd.id;
    constexpr std::int64_t kElectionsSoFar = 14;
    m_electionEpoch = kElectionsSoFar;
    for (std::size_t p = 0; p < m_pools.size(); ++p) {
        m_pools[p].id = m_nextPool++;
        m_pools[p].createdEpoch = m_epoch - static_cast<std::int64_t>(m_pools.size() - p) * 5;
        m_pools[p].extraObjects = m_pools[p].extraObjects > 0 ? m_pools[p].extraObjects : kFewObjects;
        for (std::size_t seed = 0; seed < m_pools[p].pgCount; ++seed) {
            Pg pg;
            pg.pool = p;
            pg.seed = seed;
            pg.changed = pg.lastActive = pg.lastClean = pg.lastWhole = now;
            // Scrubs of the last day, spread by the groups' names.
            pg.lastScrub = now - std::chrono::seconds(crushHash(static_cast<std::uint32_t>(p), static_cast<std::uint32_t>(seed)) % 86'400);
            for (const std::int32_t osd : crushUp(pg))
                pg.copies.push_back({osd, 0, false});
            std::sort(pg.copies.begin(), pg.copies.end(), [](const Copy& a, const Copy& b) { return a.osd < b.osd; });
            m_pgs.push_back(std::move(pg));
        }
    }
    place(now);
    for (Pg& pg : m_pgs)
        pg.peersUntil = now;
    nameStates(now);
    countSpace();
}

void Cluster::advance(Instant now)
{
    if (!exists() || now <= m_at)
        return;
    holdElections(now);
    watchMgrs(now);
    watchMds(now);
    listenToHearts(now);
    markOutWhoIsGone(now);
    if (m_mapChanged)
        place(now);
    reserve();
    serve(now);
    if (finishGroups(now))
        place(now);
    scrub(now);
    countSpace();
    nameStates(now);
    queueUp(now);
    tellHealth(now);
    m_at = now;
}

const Osd* Cluster::findOsd(std::int32_t id) const
{
    return id >= 0 && static_cast<std::size_t>(id) < m_osds.size() ? &m_osds[static_cast<std::size_t>(id)] : nullptr;
}

std::int64_t Cluster::slotOf(const Osd& osd) const
{
    return std::count_if(m_osds.begin(), m_osds.begin() + osd.id, [&](const Osd& other) { return other.host == osd.host; });
}

std::int64_t Cluster::portOf(const Osd& osd) const { return kFirstOsdPort + kOsdPorts * slotOf(osd); }

std::string Cluster::addressesOf(const Osd& osd) const
{
    return fmt::format("[v2:{0}:{1}/{2},v1:{0}:{3}/{2}]", m_hosts[osd.host].address, portOf(osd), nonceOf(osd), portOf(osd) + 1);
}

std::vector<std::string> Cluster::flagNames() const
{
    std::vector<std::string> names;
    for (std::size_t flag = 0; flag < kFlags; ++flag)
        if (m_flags[flag])
            names.emplace_back(flagName(static_cast<Flag>(flag)));
    return names;
}

const Pool* Cluster::findPool(const std::string& name) const { return named(m_pools, name); }

std::string Cluster::nameOf(const Pg& pg) const { return fmt::format("{}.{:x}", m_pools[pg.pool].id, pg.seed); }

const Pg* Cluster::findPg(const std::string& name) const
{
    const std::size_t dot = name.find('.');
    std::int64_t pool = 0;
    std::size_t seed = 0;
    const char* end = name.data() + name.size();
    if (dot == std::string::npos || std::from_chars(name.data(), name.data() + dot, pool).ptr != name.data() + dot || dot + 1 == name.size()
        || std::from_chars(name.data() + dot + 1, end, seed, 16).ptr != end)
        return nullptr;
    const auto found = std::find_if(m_pgs.begin(), m_pgs.end(), [&](const Pg& pg) { return pg.seed == seed && m_pools[pg.pool].id == pool; });
    return found == m_pgs.end() ? nullptr : &*found;
}

std::string Cluster::option(const std::string& daemon, const std::string& name) const
{
    const std::string kind = daemon.substr(0, daemon.find('.'));
    for (const std::string& section : {daemon, kind, std::string("global")})
        if (const auto set = m_configuration.find({section, name}); set != m_configuration.end())
            return set->second;
    const auto all = options();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Option& one) { return name == one.name; });
    if (found == all.end())
        return {};
    bool ssd = false;
    if (kind == "osd" && daemon.size() > 4)
        if (const Osd* osd = findOsd(std::atoi(daemon.c_str() + 4)); osd != nullptr)
            ssd = osd->device.kind == DeviceClass::Ssd;
    return ssd && found->ofSsd != nullptr ? found->ofSsd : found->standard;
}

double Cluster::numberOption(const std::string& daemon, const std::string& name) const
{
    const std::string text = option(daemon, name);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool Cluster::knowsOption(const std::string& name)
{
    const auto all = options();
    return std::any_of(all.begin(), all.end(), [&](const Option& one) { return name == one.name; });
}

std::int64_t Cluster::begin(Flow flow, Instant at)
{
    FL_ASSERT(flow.pool < m_pools.size());
    flow.id = m_nextFlow++;
    flow.began = flow.movedTo = at;
    const std::int64_t id = flow.id;
    m_flows.emplace(id, std::move(flow));
    return id;
}

const Flow* Cluster::findFlow(std::int64_t id) const
{
    const auto found = m_flows.find(id);
    return found == m_flows.end() ? nullptr : &found->second;
}

void Cluster::setReach(std::int64_t flow, bool reachesAll, double cardBytesPerSecond)
{
    if (const auto found = m_flows.find(flow); found != m_flows.end()) {
        found->second.reachesAll = reachesAll;
        found->second.cardBytesPerSecond = cardBytesPerSecond;
    }
}

void Cluster::end(std::int64_t flow) { m_flows.erase(flow); }

std::string Cluster::rankOf(const std::string& daemon) const
{
    for (std::size_t rank = 0; rank < m_monitors.size(); ++rank)
        if (daemon == "mon." + m_monitors[rank].name)
            return fmt::format("mon.{}", rank);
    return daemon;
}

void Cluster::say(Instant at, const std::string& from, const std::string& level, const std::string& text)
{
    auto& log = m_log.edit();
    if (log.size() >= kLogLines)
        log.pop_front();
    log.push_back({at, from, level, text});
    m_lines.push_back({"cluster", 0, fmt::format("{} {} ({}) {} : cluster [{}] {}", timeText(at), from, rankOf(from), ++m_logNumber, level, text)});
}

std::vector<DaemonLine> Cluster::takeLines() { return std::exchange(m_lines, {}); }

std::map<PgStates, std::int64_t> Cluster::pgsByState() const
{
    std::map<PgStates, std::int64_t> counts;
    for (const Pg& pg : m_pgs)
        ++counts[pg.states];
    return counts;
}

bool Cluster::operator==(const Cluster& other) const { return fingerprintOf(*this) == fingerprintOf(other); }

void Cluster::addTo(Fingerprint& f) const
{
    if (!exists())
        return;
    sim::addTo(f, m_at);
    sim::addTo(f, m_crush);
    sim::addTo(f, m_hosts);
    sim::addTo(f, m_monitors);
    sim::addTo(f, m_mgrs);
    sim::addTo(f, m_mds);
    sim::addTo(f, m_osds);
    sim::addTo(f, m_pools);
    sim::addTo(f, m_pgs);
    sim::addTo(f, m_fileSystem);
    sim::addTo(f, m_flows);
    sim::addTo(f, m_requests);
    sim::addTo(f, m_epoch);
    sim::addTo(f, m_quorum);
    sim::addTo(f, m_election);
    sim::addTo(f, m_electionEpoch);
    sim::addTo(f, m_activeMgr);
    for (const bool set : m_flags)
        f.add(std::uint64_t{set});
    sim::addTo(f, m_fullRatio);
    sim::addTo(f, m_backfillFullRatio);
    sim::addTo(f, m_nearFullRatio);
    sim::addTo(f, m_configuration);
    f.add(static_cast<std::uint64_t>(m_log.size()));
    sim::addTo(f, m_told);
}

} // namespace sim::storage::ceph
