#include "sim/storage/ceph/cluster.h"

#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>

#include <algorithm>

// Who is in charge and who is alive: elections, the manager, metadata servers, heartbeats.
namespace sim::storage::ceph {

namespace {

/// From a lost lease to a new leader (mon_lease 5 s, mon_election_timeout 5 s).
constexpr Duration kElectionTakes = 5s;
/// mon_mgr_beacon_grace.
constexpr Duration kMgrGrace = 30s;
/// What a standby goes through before it is active, with a journal of some thousand entries.
constexpr Duration kReplay = 3s;
constexpr Duration kReconnect = 2s;
constexpr Duration kRejoin = 2s;
/// An OSD opens its store and reads its maps before it says that it is there; one that only was marked down does so at once.
constexpr Duration kOsdStarts = 9s;
constexpr Duration kOsdReturns = 2s;
/// mon_osd_min_in_ratio: with fewer, nobody is marked out by itself.
constexpr double kLeastIn = 0.75;
/// osd_heartbeat_min_healthy_ratio
constexpr double kHealthyPeers = 0.33;
constexpr Duration kHealthTick = 5s; // mon_tick_interval

} // namespace

const Monitor& Cluster::leader() const
{
    const auto found = std::find_if(m_monitors.begin(), m_monitors.end(), [](const Monitor& mon) { return mon.inQuorum; });
    return found == m_monitors.end() ? m_monitors.front() : *found;
}

bool Cluster::answers(const std::vector<bool>& hostsReached) const
{
    return quorum() && std::any_of(m_monitors.begin(), m_monitors.end(), [&](const Monitor& mon) { return mon.inQuorum && hostsReached[mon.host]; });
}

const Mgr* Cluster::activeMgr() const
{
    return m_activeMgr < m_mgrs.size() ? &m_mgrs[m_activeMgr] : nullptr;
}

const Mds* Cluster::activeMds() const
{
    const auto found = std::find_if(m_mds.begin(), m_mds.end(), [](const Mds& mds) { return mds.state == MdsState::Active && mds.running; });
    return found == m_mds.end() ? nullptr : &*found;
}

const Mds* Cluster::rankHolder() const
{
    const auto found = std::find_if(m_mds.begin(), m_mds.end(), [](const Mds& mds) { return mds.state > MdsState::Standby; });
    return found == m_mds.end() ? nullptr : &*found;
}

std::size_t Cluster::standbyMds() const
{
    return static_cast<std::size_t>(std::count_if(m_mds.begin(), m_mds.end(), [](const Mds& mds) { return mds.state == MdsState::Standby; }));
}

bool Cluster::reachesQuorum(std::size_t host) const { return quorum() && answers(m_hosts[host].reaches); }

void Cluster::holdElections(Instant now)
{
    // The lowest rank whose group is a majority leads.
    std::vector<bool> member(m_monitors.size(), false);
    bool majority = false;
    for (std::size_t first = 0; first < m_monitors.size() && !majority; ++first) {
        if (!m_monitors[first].running)
            continue;
        std::size_t count = 0;
        for (std::size_t other = 0; other < m_monitors.size(); ++other) {
            const StorageHost& from = m_hosts[m_monitors[first].host];
            const StorageHost& to = m_hosts[m_monitors[other].host];
            member[other] = m_monitors[other].running && (other == first || (from.reaches[m_monitors[other].host] && to.reaches[m_monitors[first].host]));
            count += member[other] ? 1 : 0;
        }
        majority = 2 * count > m_monitors.size();
    }
    bool same = majority == m_quorum;
    for (std::size_t i = 0; i < m_monitors.size() && majority; ++i)
        same &= member[i] == m_monitors[i].inQuorum;
    if (!majority) {
        m_quorum = false;
        m_election.reset();
        return;
    }
    if (!same && !m_election)
        m_election = now + kElectionTakes;
    if (!m_election || now < *m_election)
        return;
    m_election.reset();
    m_quorum = true;
    m_electionEpoch += 2;
    m_quorumSince = now;
    std::string names;
    std::string ranks;
    for (std::size_t i = 0; i < m_monitors.size(); ++i) {
        m_monitors[i].inQuorum = member[i];
        if (member[i]) {
            names += (names.empty() ? "" : ",") + m_monitors[i].name;
            ranks += fmt::format("{}{}", ranks.empty() ? "" : ",", i);
        }
    }
    const std::size_t leads = static_cast<std::size_t>(std::find(member.begin(), member.end(), true) - member.begin());
    say(now, "mon." + leader().name, "INF", fmt::format("mon.{} is new leader, mons {} in quorum (ranks {})", leader().name, names, ranks));
    m_lines.push_back({"mon." + leader().name, 0, fmt::format("log_channel(cluster) log [INF] : mon.{0} is new leader, mons {1} in quorum (ranks {2})", leader().name, names, ranks)});
    m_lines.push_back({"mon." + leader().name, 0, fmt::format("mon.{0}@{1}(leader).monmap v1 active", leader().name, leads)});
}

void Cluster::watchMgrs(Instant now)
{
    if (!quorum())
        return;
    for (Mgr& mgr : m_mgrs)
        if (mgr.running && reachesQuorum(mgr.host))
            mgr.silentSince.reset();
        else if (!mgr.silentSince)
            mgr.silentSince = now;
    const Mgr* active = activeMgr();
    if (active != nullptr && (!active->silentSince || now - *active->silentSince < kMgrGrace))
        return;
    const auto next = std::find_if(m_mgrs.begin(), m_mgrs.end(), [](const Mgr& mgr) { return !mgr.silentSince; });
    if (active != nullptr && next == m_mgrs.end())
        say(now, "mon." + leader().name, "INF", fmt::format("Manager daemon {} is unresponsive. No standby daemons available.", active->name));
    else if (active != nullptr)
        say(now, "mon." + leader().name, "INF", fmt::format("Manager daemon {} is unresponsive, replacing it with standby daemon {}", active->name, next->name));
    else if (next != m_mgrs.end())
        say(now, "mon." + leader().name, "INF", fmt::format("Activating manager daemon {}", next->name));
    m_activeMgr = static_cast<std::size_t>(next - m_mgrs.begin());
    m_mgrSince = now;
}

void Cluster::watchMds(Instant now)
{
    if (!quorum() || !m_fileSystem)
        return;
    const Duration grace = fromSeconds(numberOption("mon." + leader().name, "mds_beacon_grace"));
    const std::string mon = "mon." + leader().name;
    for (Mds& mds : m_mds) {
        if (mds.running && reachesQuorum(mds.host)) {
            mds.silentSince.reset();
            if (mds.state == MdsState::Gone) {
                mds.state = MdsState::Standby;
                mds.gid = m_nextGid;
                m_nextGid += 13;
                mds.since = now;
                ++m_fileSystem->epoch;
            }
            continue;
        }
        if (!mds.silentSince)
            mds.silentSince = now;
        if (mds.state == MdsState::Gone || now - *mds.silentSince < grace)
            continue;
        if (mds.state != MdsState::Standby)
            say(now, mon, "INF", fmt::format("daemon mds.{} is not responding", mds.name));
        mds.state = MdsState::Gone;
        mds.since = now;
        ++m_fileSystem->epoch;
    }
    const Mds* held = rankHolder();
    if (held == nullptr) {
        const auto next = std::find_if(m_mds.begin(), m_mds.end(), [](const Mds& mds) { return mds.state == MdsState::Standby && !mds.silentSince; });
        if (next == m_mds.end())
            return;
        next->state = MdsState::Replay;
        next->since = now;
        ++m_fileSystem->epoch;
        say(now, mon, "INF", fmt::format("Standby daemon mds.{} assigned to filesystem {} as rank 0", next->name, m_fileSystem->name));
        return;
    }
    Mds* holder = &m_mds[static_cast<std::size_t>(held - m_mds.data())];
    // Its journal lies in the metadata pool.
    if (holder->state == MdsState::Active || !serves(m_fileSystem->metadataPool))
        return;
    const Duration takes = holder->state == MdsState::Replay ? kReplay : holder->state == MdsState::Reconnect ? kReconnect : kRejoin;
    if (now - holder->since < takes)
        return;
    holder->state = static_cast<MdsState>(static_cast<int>(holder->state) + 1);
    holder->since = now;
    ++m_fileSystem->epoch;
    if (holder->state == MdsState::Active)
        say(now, mon, "INF", fmt::format("daemon mds.{} is now active in filesystem {} as rank 0", holder->name, m_fileSystem->name));
}

void Cluster::listenToHearts(Instant now)
{
    std::vector<bool> listens(m_hosts.size(), false); // hosts with an OSD that is up and can ask
    for (const Osd& osd : m_osds)
        if (osd.up && osd.running)
            listens[osd.host] = true;
    const auto needed = static_cast<std::size_t>(numberOption("mon", "mon_osd_min_down_reporters"));
    for (Osd& osd : m_osds) {
        const Duration grace = fromSeconds(numberOption(fmt::format("osd.{}", osd.id), "osd_heartbeat_grace"));
        std::size_t reporters = 0;
        Duration longest{};
        const Osd* refused = nullptr; // who found its port closed: osd_fast_fail_on_connection_refused
        for (std::size_t host = 0; host < m_hosts.size(); ++host) {
            const bool arrives = m_hosts[host].reaches[osd.host] && m_hosts[osd.host].reaches[host];
            std::optional<Instant>& silent = osd.silentTo[host];
            if (host == osd.host || !listens[host] || (osd.running && arrives)) {
                silent.reset();
                continue;
            }
            if (!silent)
                silent = now;
            if (!osd.up || !reachesQuorum(host))
                continue;
            const auto peer = std::find_if(m_osds.begin(), m_osds.end(), [&](const Osd& one) { return one.host == host && one.up && one.running; });
            if (!osd.running && arrives && peer != m_osds.end())
                refused = &*peer;
            if (now - *silent < grace)
                continue;
            ++reporters;
            longest = std::max(longest, now - *silent);
            if (now - *silent < grace + 1s)
                for (const Osd& other : m_osds)
                    if (other.host == host && other.up && other.running)
                        m_lines.push_back({fmt::format("osd.{}", other.id), -1,
                                           fmt::format("osd.{} {} heartbeat_check: no reply from {}:{} osd.{} since back {} front {} (oldest deadline {})", other.id, m_epoch,
                                                       m_hosts[osd.host].address, portOf(osd) + kHeartbeatPort, osd.id, timeText(*silent), timeText(*silent),
                                                       timeText(*silent + grace))});
        }
        if (!osd.up || !quorum() || flag(Flag::NoDown))
            continue;
        if (!osd.running && osd.stopsOrderly && reachesQuorum(osd.host))
            markDown(osd, now, fmt::format("osd.{} marked itself down and dead", osd.id));
        else if (refused != nullptr)
            markDown(osd, now, fmt::format("osd.{} failed (root=default,host={}) (connection refused reported by osd.{})", osd.id, m_hosts[osd.host].name, refused->id));
        else if (reporters >= needed && needed > 0)
            markDown(osd, now, fmt::format("osd.{} failed (root=default,host={}) ({} reporters from different host after {:.6f} >= grace {:.6f})", osd.id,
                                           m_hosts[osd.host].name, reporters, toSeconds(longest), toSeconds(grace)));
    }
    for (Osd& osd : m_osds) {
        if (osd.up || !osd.running || osd.device.failed || flag(Flag::NoUp) || !reachesQuorum(osd.host) || now - osd.runningSince < kOsdStarts
            || now - osd.downSince < kOsdReturns)
            continue;
        std::size_t others = 0;
        std::size_t reached = 0;
        for (std::size_t host = 0; host < m_hosts.size(); ++host)
            if (host != osd.host && listens[host]) {
                ++others;
                reached += m_hosts[osd.host].reaches[host] && m_hosts[host].reaches[osd.host] ? 1 : 0;
            }
        if (static_cast<double>(reached) >= kHealthyPeers * static_cast<double>(others))
            boot(osd, now);
    }
}

void Cluster::markDown(Osd& osd, Instant now, const std::string& why)
{
    osd.up = false;
    osd.downSince = now;
    ++m_epoch;
    m_mapChanged = true;
    say(now, "mon." + leader().name, "INF", why);
    if (osd.running) {
        const std::string daemon = fmt::format("osd.{}", osd.id);
        say(now, daemon, "WRN", fmt::format("Monitor daemon marked osd.{} down, but it is still running", osd.id));
        m_lines.push_back({daemon, 0, fmt::format("log_channel(cluster) log [WRN] : Monitor daemon marked osd.{} down, but it is still running", osd.id)});
    }
}

void Cluster::boot(Osd& osd, Instant now)
{
    osd.up = true;
    osd.upSince = now;
    osd.stopsOrderly = false;
    osd.upEpoch = ++m_epoch;
    m_mapChanged = true;
    if (osd.outByItself && !flag(Flag::NoIn)) {
        osd.in = true;
        osd.inSince = now;
        osd.outByItself = false;
    }
    for (std::optional<Instant>& silent : osd.silentTo)
        silent.reset();
    say(now, "mon." + leader().name, "INF", fmt::format("osd.{} {} boot", osd.id, addressesOf(osd)));
    m_lines.push_back({fmt::format("osd.{}", osd.id), 1, fmt::format("osd.{} {} state: booting -> active", osd.id, m_epoch)});
}

void Cluster::markOutWhoIsGone(Instant now)
{
    const Duration interval = fromSeconds(numberOption("mon", "mon_osd_down_out_interval"));
    if (!quorum() || flag(Flag::NoOut) || interval <= Duration{})
        return;
    auto in = static_cast<double>(std::count_if(m_osds.begin(), m_osds.end(), [](const Osd& osd) { return osd.in; }));
    for (Osd& osd : m_osds) {
        if (osd.up || !osd.in || now - osd.downSince < interval || (in - 1) / static_cast<double>(m_osds.size()) < kLeastIn)
            continue;
        osd.in = false;
        osd.inSince = now;
        osd.outByItself = true;
        ++m_epoch;
        m_mapChanged = true;
        in -= 1;
        say(now, "mon." + leader().name, "INF", fmt::format("Marking osd.{} out (has been down for {} seconds)", osd.id, static_cast<std::int64_t>(toSeconds(now - osd.downSince))));
    }
}

void Cluster::tellHealth(Instant now)
{
    if (!quorum() || now - m_healthTold < kHealthTick)
        return;
    m_healthTold = now;
    const std::string mon = "mon." + leader().name;
    std::map<std::string, std::string> present;
    for (const HealthCheck& check : health(now)) {
        present[check.code] = check.summary;
        const std::string level = check.severity == Severity::Error ? "ERR" : "WRN";
        const auto before = m_told.find(check.code);
        if (before == m_told.end())
            say(now, mon, level, fmt::format("Health check failed: {} ({})", check.summary, check.code));
        else if (before->second != check.summary)
            say(now, mon, level, fmt::format("Health check update: {} ({})", check.summary, check.code));
    }
    for (const auto& [code, summary] : m_told)
        if (!present.contains(code))
            say(now, mon, "INF", fmt::format("Health check cleared: {} (was: {})", code, summary));
    if (present.empty() && !m_told.empty())
        say(now, mon, "INF", "Cluster is now healthy");
    m_told = std::move(present);
}

} // namespace sim::storage::ceph
