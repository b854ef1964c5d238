#include "sim/kube/etcd/etcd_group.h"

#include "sim/host/start_checks.h"
#include "sim/kube/etcd/components.h"
#include "sim/programs/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

// What a member is and does apart from electing. Log lines are those of etcd 3.5.21, with their callers.
namespace sim::kube {

namespace {

constexpr const char* kPodsSlice = "kubepods.slice";
constexpr std::int64_t kEtcdPeerPort = 2380;
// A round trip between machines of one rack, and what a member does for an entry beside the flush.
constexpr Duration kReplication = 400us;
// Shorter delays are part of what a request takes anyway.
constexpr Duration kNoticed = 20ms;
// wal.warnSyncDuration; --experimental-warning-apply-duration.
constexpr Duration kWarnSync = 1s;
constexpr Duration kWarnApply = 100ms;
// A follower that is further behind gets the whole database (etcdserver.DefaultSnapshotCatchUpEntries).
constexpr std::uint64_t kCatchUpEntries = 5000;
// How fast a database is copied: sent as a snapshot, or written anew by a defragmentation.
constexpr double kCopyBytesPerSecond = 100e6;
// The API server asks etcd whether it lives with this patience (--etcd-healthcheck-timeout).
constexpr Duration kHealthPatience = 2s;
constexpr int kFailingStatus = 500;
// Pages that bbolt keeps free in a database of this age.
constexpr std::int64_t kOldFreeBytes = 14'000'000;
constexpr std::uint64_t kPollsPerComplaint = 5;

/// 0..1, the same for the same second and salt: how long a flush takes differs from one to the next.
double chance(Instant at, std::uint64_t salt)
{
    Fingerprint f;
    f.add(static_cast<std::uint64_t>(unixSeconds(at)));
    f.add(salt);
    return static_cast<double>(f.value() >> 11) * 0x1.0p-53;
}

Duration scaled(Duration d, double factor) { return fromSeconds(toSeconds(d) * factor); }

/// From one flush to the next: 0.6 to 1.5 of the usual.
Duration varied(Duration usual, Instant at, std::uint64_t salt) { return scaled(usual, 0.6 + 0.9 * chance(at, salt)); }

bool compactsByItself(const container::Container& apiServer)
{
    const auto interval = programs::flagOf(apiServer.program.command, "--etcd-compaction-interval");
    return !interval || (*interval != "0" && *interval != "0s");
}

EtcdFailure timedOut() { return {"etcdserver: request timed out", EtcdGroup::kRequestTimeout}; }

} // namespace

void EtcdGroup::start(const Context& context, const ClusterSettings& settings)
{
    for (const HostId host : settings.controlPlane) {
        const host::Machine& machine = context.hosts.at(host);
        EtcdMember member;
        member.host = host;
        member.name = machine.name;
        member.address = context.network.stack(machine.stack).primaryAddress().value_or(net::Ipv4{});
        Fingerprint f;
        f.add(machine.name);
        f.add(std::uint64_t{member.address.value});
        member.id = f.value();
        member.applied = m_index;
        m_members.push_back(std::move(member));
    }
    m_compactedAt = context.engine.now();
}

const EtcdMember* EtcdGroup::member(HostId host) const
{
    const auto it = std::find_if(m_members.begin(), m_members.end(), [&](const EtcdMember& one) { return one.host == host; });
    return it == m_members.end() ? nullptr : &*it;
}

EtcdMember* EtcdGroup::find(HostId host)
{
    const auto it = std::find_if(m_members.begin(), m_members.end(), [&](const EtcdMember& one) { return one.host == host; });
    return it == m_members.end() ? nullptr : &*it;
}

void EtcdGroup::log(Context& context, const EtcdMember& member, const EtcdLine& line) const
{
    if (member.container.valid())
        context.runtimes.log(member.container, context.engine.now(), line.text());
}

void EtcdGroup::findProcesses(Context& context)
{
    const Instant now = context.engine.now();
    for (EtcdMember& one : m_members) {
        const container::Container* running = componentContainer(context, one.host, "etcd");
        one.container = running == nullptr ? ContainerId{} : running->id;
        const bool ready = running != nullptr && running->serving(now);
        const auto& processes = context.hosts.at(one.host).processes;
        const auto process = running == nullptr ? processes.end() : processes.find(running->pid);
        one.serving = ready && process != processes.end() && process->second.state != 'T';
        if (ready && one.pid != running->pid)
            started(context, one, *running);
        if (running == nullptr)
            one.pid = 0;
    }
}

void EtcdGroup::started(Context& context, EtcdMember& member, const container::Container& container)
{
    const Instant now = context.engine.now();
    member.pid = container.pid;
    auto& listeners = context.network.stack(container.stack).listeners;
    listeners.push_back({.protocol = net::Protocol::Tcp, .address = {}, .port = kEtcdPeerPort, .pid = container.pid, .program = "etcd"});
    const auto given = programs::flagOf(container.program.command, "--quota-backend-bytes");
    member.quotaBytes = 0;
    if (given)
        std::from_chars(given->data(), given->data() + given->size(), member.quotaBytes);
    const bool byDefault = member.quotaBytes == 0;
    if (byDefault)
        member.quotaBytes = kDefaultQuota;
    const std::int64_t quota = member.quotaBytes;
    log(context, member, EtcdLine("info", container.started, "embed/etcd.go:323", "starting an etcd server").add("etcd-version", "3.5.21")
                             .add("name", member.name).add("data-dir", "/var/lib/etcd").add("heartbeat-interval", kHeartbeat)
                             .add("election-timeout", kElectionTimeout).add("quota-backend-bytes", quota));
    log(context, member, EtcdLine("info", container.started, "etcdserver/quota.go:117",
                                  byDefault ? "enabled backend quota with default value" : "enabled backend quota")
                             .add("quota-name", "v3-applier").add("quota-size-bytes", quota).add("quota-size", humanBytes(quota)));
    log(context, member, EtcdLine::raft(now, fmt::format("{:x} became follower at term {}", member.id, m_term)));
    log(context, member, EtcdLine("info", now, "etcdserver/server.go:2090", "published local member to cluster through raft")
                             .add("local-member-id", memberText(member.id)).add("publish-timeout", kRequestTimeout));
    log(context, member, EtcdLine("info", now, "embed/serve.go:124", "ready to serve client requests"));
    log(context, member, EtcdLine("info", now, "embed/serve.go:275", "serving client traffic securely").add("traffic", "grpc+http")
                             .add("address", member.address.text() + ":2379"));
}

void EtcdGroup::look(Context& context, const Store& store)
{
    findProcesses(context);
    connect(context);
    replicate(context, store);
    const EtcdMember* leader = member(m_leader);
    if (leader != nullptr && !leader->majority)
        loseLeader(context, "stepped down to follower since quorum is not active");
    else if (leader == nullptr && m_electing && candidates().empty())
        m_electing = false;
    else if (leader == nullptr && !m_electing)
        callElection(context);
}

void EtcdGroup::replicate(Context& context, const Store& store)
{
    const std::uint64_t before = m_backend.revision();
    m_backend.observe(store);
    m_index += m_backend.revision() - before;
    const EtcdMember* leader = member(m_leader);
    for (EtcdMember& one : m_members) {
        const bool follows = leader != nullptr
            && (one.host == m_leader || std::find(leader->peers.begin(), leader->peers.end(), one.host) != leader->peers.end());
        if (!follows)
            continue;
        if (m_index - one.applied > kCatchUpEntries && one.host != m_leader) {
            const std::int64_t size = m_backend.inUseBytes();
            log(context, *leader, EtcdLine("info", context.engine.now(), "rafthttp/snapshot_sender.go:84", "sending database snapshot")
                                      .add("snapshot-index", static_cast<std::int64_t>(m_index)).add("remote-peer-id", memberText(one.id))
                                      .add("bytes", size).add("size", humanBytes(size)));
            log(context, one, EtcdLine("info", context.engine.now(), "etcdserver/server.go:1019", "applied snapshot")
                                  .add("current-snapshot-index", static_cast<std::int64_t>(one.applied))
                                  .add("incoming-leader-snapshot-index", static_cast<std::int64_t>(m_index)));
            one.fileBytes = size; // a snapshot comes without free pages
        }
        one.applied = m_index;
        if (one.fileBytes == 0)
            one.fileBytes = m_backend.inUseBytes() + kOldFreeBytes;
        one.fileBytes = std::max(one.fileBytes, m_backend.inUseBytes());
    }
}

void EtcdGroup::poll(Context& context, const Store& store)
{
    ++m_polls;
    m_compacts = std::all_of(m_members.begin(), m_members.end(), [&](const EtcdMember& one) {
        const container::Container* server = componentContainer(context, one.host, "kube-apiserver");
        return server == nullptr || compactsByItself(*server);
    });
    for (EtcdMember& one : m_members)
        one.sync = context.hosts.at(one.host).syncLatency(kPodsSlice);
    look(context, store);
    checkLeaderLoad(context);
    checkQuota(context);
    compactWhenDue(context);
    logElections(context);
    logSlowness(context);
    tellHealth(context);
}

bool EtcdGroup::noSpace() const
{
    return std::any_of(m_members.begin(), m_members.end(), [](const EtcdMember& one) { return one.noSpace; });
}

void EtcdGroup::checkQuota(Context& context)
{
    if (!m_leader.valid())
        return; // an alarm is an entry like any other
    for (EtcdMember& one : m_members) {
        if (!one.majority || one.noSpace || one.quotaBytes < 0 || one.fileBytes < one.quotaBytes)
            continue;
        one.noSpace = true;
        ++m_index;
        for (const EtcdMember& told : m_members)
            if (told.majority)
                log(context, told, EtcdLine("warn", context.engine.now(), "etcdserver/apply.go:753", "alarm raised").add("alarm", "NOSPACE")
                                       .add("from", memberText(one.id)));
    }
}

void EtcdGroup::compactWhenDue(Context& context)
{
    const Instant now = context.engine.now();
    if (now - m_compactedAt < kCompactionInterval || writeFailure(now, true))
        return;
    // One API server is enough: the first that comes compacts for all.
    const bool any = std::any_of(m_members.begin(), m_members.end(), [&](const EtcdMember& one) {
        const container::Container* server = componentContainer(context, one.host, "kube-apiserver");
        return server != nullptr && compactsByItself(*server);
    });
    if (!any)
        return;
    m_compactedAt = now;
    const std::uint64_t upTo = std::exchange(m_revisionAtTick, m_backend.revision());
    if (upTo > m_backend.compacted())
        compact(context, upTo);
}

std::string EtcdGroup::compact(Context& context, std::uint64_t revision)
{
    if (const auto failure = writeFailure(context.engine.now(), true))
        return failure->text;
    if (revision <= m_backend.compacted())
        return "etcdserver: mvcc: required revision has been compacted";
    if (revision > m_backend.revision())
        return "etcdserver: mvcc: required revision is a future revision";
    m_backend.compact(revision);
    ++m_index;
    const std::int64_t inUse = m_backend.inUseBytes();
    for (const EtcdMember& one : m_members)
        if (one.majority) {
            log(context, one, EtcdLine("info", context.engine.now(), "mvcc/index.go:214", "compact tree index")
                                  .add("revision", static_cast<std::int64_t>(revision)));
            log(context, one, EtcdLine("info", context.engine.now(), "mvcc/kvstore_compaction.go:72", "finished scheduled compaction")
                                  .add("compact-revision", static_cast<std::int64_t>(revision)).add("took", scaled(one.sync, 3))
                                  .add("current-db-size-bytes", one.fileBytes).add("current-db-size", humanBytes(one.fileBytes))
                                  .add("current-db-size-in-use-bytes", inUse).add("current-db-size-in-use", humanBytes(inUse)));
        }
    return {};
}

std::string EtcdGroup::disarm(Context& context)
{
    if (const auto failure = writeFailure(context.engine.now(), true))
        return failure->text;
    for (EtcdMember& one : m_members) {
        if (!one.noSpace)
            continue;
        one.noSpace = false;
        ++m_index;
        for (const EtcdMember& told : m_members)
            if (told.majority)
                log(context, told, EtcdLine("warn", context.engine.now(), "etcdserver/apply.go:776", "alarm disarmed").add("alarm", "NOSPACE")
                                       .add("from", memberText(one.id)));
    }
    return {};
}

std::string EtcdGroup::moveLeader(Context& context, HostId asked, std::uint64_t target)
{
    if (!m_leader.valid())
        return "etcdserver: no leader";
    if (asked != m_leader)
        return "no leader endpoint given at [" + member(asked)->address.text() + ":2379]";
    for (EtcdMember& one : m_members)
        if (one.id == target && one.majority) {
            if (one.host != m_leader) {
                ++m_generation;
                win(context, one);
            }
            return {};
        }
    return "etcdserver: bad leader transferee";
}

Duration EtcdGroup::defragment(Context& context, HostId host)
{
    EtcdMember& one = *find(host);
    const std::int64_t before = one.fileBytes;
    const std::int64_t inUse = m_backend.inUseBytes();
    const Duration took = fromSeconds(static_cast<double>(inUse) / kCopyBytesPerSecond) + scaled(one.sync, 4);
    one.fileBytes = inUse;
    const Instant now = context.engine.now();
    log(context, one, EtcdLine("info", now, "v3rpc/maintenance.go:92", "starting defragment"));
    log(context, one, EtcdLine("info", now, "backend/backend.go:517", "defragmenting").add("path", "/var/lib/etcd/member/snap/db")
                          .add("current-db-size-bytes", before).add("current-db-size", humanBytes(before))
                          .add("current-db-size-in-use-bytes", inUse).add("current-db-size-in-use", humanBytes(inUse)));
    log(context, one, EtcdLine("info", now + took, "backend/backend.go:579", "finished defragmenting directory")
                          .add("path", "/var/lib/etcd/member/snap/db").add("current-db-size-bytes-diff", one.fileBytes - before)
                          .add("current-db-size-bytes", one.fileBytes).add("current-db-size", humanBytes(one.fileBytes)).add("took", took));
    log(context, one, EtcdLine("info", now + took, "v3rpc/maintenance.go:100", "finished defragment"));
    return took;
}

void EtcdGroup::addFreePages(std::int64_t bytes)
{
    for (EtcdMember& one : m_members)
        one.fileBytes += bytes;
}

std::optional<Duration> EtcdGroup::commitLatency(Instant now) const
{
    const EtcdMember* leader = member(m_leader);
    if (leader == nullptr)
        return std::nullopt;
    // The leader's own loop waits for its flush; of the followers so many count as a majority still needs.
    std::vector<Duration> followers;
    for (const HostId peer : leader->peers)
        followers.push_back(member(peer)->sync);
    std::sort(followers.begin(), followers.end());
    const std::size_t needed = m_members.size() / 2;
    const Duration quorum = needed == 0 || followers.size() < needed ? Duration{} : followers[needed - 1] + kReplication;
    const Duration usual = std::max(leader->sync, quorum);
    return usual < kNoticed ? usual : varied(usual, now, m_term);
}

Duration EtcdGroup::readLatency(Instant now) const
{
    const Duration commit = commitLatency(now).value_or(Duration{});
    // The confirming heartbeat meets a loop that is in the middle of a flush.
    return commit < kNoticed ? Duration{} : scaled(commit, chance(now, m_term + 1));
}

std::optional<EtcdFailure> EtcdGroup::readFailure(Instant now) const
{
    if (!m_leader.valid())
        return m_electing ? EtcdFailure{"etcdserver: leader changed", 500ms} : timedOut();
    return readLatency(now) < kRequestTimeout ? std::nullopt : std::optional(timedOut());
}

std::optional<EtcdFailure> EtcdGroup::writeFailure(Instant now, bool onlyDeletes) const
{
    if (!m_leader.valid())
        return m_electing ? EtcdFailure{"etcdserver: leader changed", 500ms} : timedOut();
    if (*commitLatency(now) >= kRequestTimeout)
        return timedOut();
    return noSpace() && !onlyDeletes ? std::optional(EtcdFailure{"etcdserver: mvcc: database space exceeded", {}}) : std::nullopt;
}

bool EtcdGroup::answersHealthCheck(Instant now) const
{
    return !readFailure(now) && readLatency(now) <= kHealthPatience;
}

void EtcdGroup::tellHealth(Context& context)
{
    const Instant now = context.engine.now();
    const bool failing = !answersHealthCheck(now);
    for (const EtcdMember& one : m_members) {
        const container::Container* server = componentContainer(context, one.host, "kube-apiserver");
        if (server == nullptr)
            continue;
        container::Container& changed = *context.runtimes.find(server->id);
        const bool before = changed.healthStatus == kFailingStatus;
        changed.healthStatus = failing ? kFailingStatus : 200;
        const auto failure = writeFailure(now);
        if (failure && (failing != before || m_polls % kPollsPerComplaint == 0))
            context.runtimes.log(server->id, now, host::klogHeader('E', now, 1, "status.go:71")
                                 + fmt::format("\"Unhandled Error\" err=\"apiserver received an error that is not an metav1.Status: "
                                               "rpctypes.EtcdError{{code:0xe, desc:\\\"{0}\\\"}}: {0}\"", failure->text));
    }
}

void EtcdGroup::logSlowness(Context& context)
{
    const Instant now = context.engine.now();
    const auto commit = commitLatency(now);
    for (const EtcdMember& one : m_members) {
        if (!one.serving)
            continue;
        const Duration took = varied(one.sync, now, one.id);
        if (took >= kWarnSync)
            log(context, one, EtcdLine("warn", now, "wal/wal.go:805", "slow fdatasync").add("took", took).add("expected-duration", kWarnSync));
        if (one.host == m_leader && took > 2 * kHeartbeat && !one.peers.empty())
            log(context, one, EtcdLine("warn", now, "etcdserver/raft.go:427", "leader failed to send out heartbeat on time; took too long, leader is "
                                                                              "overloaded likely from slow disk")
                                  .add("to", memberText(member(one.peers.front())->id)).add("heartbeat-interval", kHeartbeat)
                                  .add("expected-duration", 2 * kHeartbeat).add("exceeded-duration", took - 2 * kHeartbeat));
        const bool noLeader = !commit && !m_electing;
        const Duration read = noLeader ? kRequestTimeout : readLatency(now);
        if (read <= kWarnApply || (noLeader && m_polls % kPollsPerComplaint != 0))
            continue;
        if (noLeader)
            log(context, one, EtcdLine("warn", now, "etcdserver/v3_server.go:932", "timed out waiting for read index response (local node might have slow network)")
                                  .add("timeout", kRequestTimeout));
        EtcdLine line("warn", now, "etcdserver/util.go:170", "apply request took too long");
        line.add("took", read).add("expected-duration", kWarnApply).add("prefix", "read-only range ")
            .add("request", "key:\"/registry/leases/kube-system/kube-controller-manager\" ").add("response", noLeader ? "" : "range_response_count:1 size:607");
        if (noLeader)
            line.add("error", "etcdserver: request timed out");
        log(context, one, line);
    }
}

void EtcdGroup::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_members);
    sim::addTo(f, m_leader);
    f.add(m_term);
    f.add(m_index);
    f.add(std::uint64_t{m_electing ? 1U : 0U});
    f.add(m_generation);
    m_backend.addTo(f);
    f.add(m_revisionAtTick);
    sim::addTo(f, m_compactedAt);
    f.add(std::uint64_t{m_compacts ? 1U : 0U});
    f.add(m_polls);
}

} // namespace sim::kube
