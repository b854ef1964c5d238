#pragma once

#include "sim/kube/api/store.h"
#include "sim/kube/client/context.h"
#include "sim/kube/etcd/backend.h"
#include "sim/kube/etcd/etcd_log.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// One member: the static pod "etcd" of a control-plane machine.
struct EtcdMember {
    HostId host;
    std::string name;           ///< "cp-1"
    net::Ipv4 address;
    std::uint64_t id = 0;
    ContainerId container;      ///< of its running process; none otherwise
    host::Pid pid = 0;
    bool serving = false;       ///< answers clients and peers
    bool majority = false;      ///< exchanges messages with a majority, itself included
    std::vector<HostId> peers;  ///< whom it exchanges messages with
    Duration sync{};            ///< what a flush of its log takes now
    std::uint64_t applied = 0;  ///< index of the latest entry it has
    std::int64_t fileBytes = 0; ///< of its database; only defragmentation makes it smaller
    std::int64_t quotaBytes = 2'147'483'648; ///< --quota-backend-bytes of its process; negative: none
    bool noSpace = false;       ///< its NOSPACE alarm is up

    bool operator==(const EtcdMember&) const = default;
};
BOOST_DESCRIBE_STRUCT(EtcdMember, (), (host, name, address, id, container, pid, serving, majority, peers, sync, applied, fileBytes, quotaBytes, noSpace))

/// Why etcd did not do what it was asked: its own words, and how long that took.
struct EtcdFailure {
    std::string text;
    Duration took{};
};

/// The Raft group behind the API servers. Heartbeats and flushes are no events: who leads, what a commit takes and
/// who has missed too many heartbeats follow from which processes run, which of them reach each other at port 2380, and
/// how long their machines' disks take to flush. Works on nothing but that state; a hosted control plane has none.
class EtcdGroup {
public:
    // etcd's defaults (server/embed/config.go) and the API server's (--etcd-compaction-interval).
    static constexpr Duration kHeartbeat = 100ms;
    static constexpr Duration kElectionTimeout = 1000ms;
    static constexpr std::int64_t kDefaultQuota = 2'147'483'648;
    static constexpr Duration kCompactionInterval = 300s;
    /// etcdserver.Config.ReqTimeout: 5 s and two election timeouts.
    static constexpr Duration kRequestTimeout = 7s;

    void start(const Context& context, const ClusterSettings& settings);
    /// Who lives and who reaches whom; loses the leader, and calls for an election. After each change of processes.
    void look(Context& context, const Store& store);
    /// look(), and everything that changes with time: disks, size, quota, compaction, logs. Every two seconds.
    void poll(Context& context, const Store& store);
    /// EventType::EtcdElection. A stale generation is ignored.
    void electionDue(Context& context, const Store& store, std::uint64_t generation);

    const std::vector<EtcdMember>& members() const { return m_members; }
    const EtcdMember* member(HostId host) const;
    HostId leader() const { return m_leader; } ///< none: no leader
    std::uint64_t term() const { return m_term; }
    std::uint64_t index() const { return m_index; } ///< of the latest committed entry
    const EtcdBackend& backend() const { return m_backend; }
    bool noSpace() const;
    /// The API servers that run have compaction switched on.
    bool compacts() const { return m_compacts; }

    /// From a proposal until the majority has it on disk; nothing without a leader.
    std::optional<Duration> commitLatency(Instant now) const;
    /// Of a linearizable read: the leader asks a majority whether it still leads. Zero when nobody is slow.
    Duration readLatency(Instant now) const;
    std::optional<EtcdFailure> readFailure(Instant now) const;
    /// Of a transaction that stores something; deletions pass a NOSPACE alarm.
    std::optional<EtcdFailure> writeFailure(Instant now, bool onlyDeletes = false) const;
    /// Within the patience of the API server's health check.
    bool answersHealthCheck(Instant now) const;
    bool takesWrites(Instant now) const { return !writeFailure(now); }

    // What etcdctl changes. The text is etcd's error; empty: done.
    std::string compact(Context& context, std::uint64_t revision);
    std::string disarm(Context& context);
    std::string moveLeader(Context& context, HostId asked, std::uint64_t target);
    /// How long the member was busy with it.
    Duration defragment(Context& context, HostId host);

    /// Old revisions that have been written before now, and pages that compaction freed but nobody gave back.
    void addHistory(std::int64_t bytes) { m_backend.addHistory(bytes); }
    void addFreePages(std::int64_t bytes);

    bool operator==(const EtcdGroup&) const = default;
    void addTo(Fingerprint& f) const;

private:
    // raft.cpp
    void connect(Context& context);
    void loseLeader(Context& context, const std::string& why);
    void callElection(Context& context);
    void win(Context& context, EtcdMember& winner);
    std::vector<EtcdMember*> candidates();
    void checkLeaderLoad(Context& context);
    void logElections(Context& context);

    // etcd_group.cpp
    void findProcesses(Context& context);
    void started(Context& context, EtcdMember& member, const container::Container& container);
    void replicate(Context& context, const Store& store);
    void checkQuota(Context& context);
    void compactWhenDue(Context& context);
    void tellHealth(Context& context);
    void logSlowness(Context& context);
    void log(Context& context, const EtcdMember& member, const EtcdLine& line) const;
    EtcdMember* find(HostId host);

    std::vector<EtcdMember> m_members; ///< in the order of the control plane's machines
    HostId m_leader;
    std::uint64_t m_term = 1;
    std::uint64_t m_index = 3;         ///< the configuration entries of three members
    bool m_electing = false;
    std::uint64_t m_generation = 0;    ///< of pending elections
    EtcdBackend m_backend;
    std::uint64_t m_revisionAtTick = 0; ///< what the API server's next compaction goes up to
    Instant m_compactedAt{};
    bool m_compacts = true;
    std::uint64_t m_polls = 0;
};

} // namespace sim::kube
