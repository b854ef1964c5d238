#include "sim/kube/client/event_types.h"
#include "sim/kube/etcd/etcd_group.h"

#include <fmt/format.h>

#include <algorithm>

// Who leads (raft/raft.go, with PreVote and CheckQuorum as etcd sets them). Log lines are those of etcd 3.5.21.
namespace sim::kube {

namespace {

constexpr std::int64_t kPeerPort = 2380;
constexpr const char* kEtcdStream = "kube/etcd";
// A leader whose own flush takes longer misses so many heartbeats that a follower's timer runs out (randomised between
// one and two election timeouts).
constexpr Duration kOverloaded = 2 * EtcdGroup::kElectionTimeout;
// When every member is that slow, leadership wanders: about once in so many polls.
constexpr std::uint64_t kPollsPerChange = 15;
// rafthttp's prober tells of a peer again and again; here every so many polls.
constexpr std::uint64_t kPollsPerProbe = 5;

const char* probeError(net::Verdict verdict)
{
    switch (verdict) {
    case net::Verdict::TimedOut:
    case net::Verdict::NotPermitted: return "i/o timeout";
    case net::Verdict::HostUnreachable: return "connect: no route to host";
    case net::Verdict::NetworkUnreachable: return "connect: network is unreachable";
    default: return "connect: connection refused";
    }
}

} // namespace

void EtcdGroup::connect(Context& context)
{
    const std::size_t quorum = m_members.size() / 2 + 1;
    const auto reaches = [&](const EtcdMember& from, const EtcdMember& to) {
        const StackId stack = context.hosts.at(from.host).stack;
        return context.network.reach(stack, to.address, net::Protocol::Tcp, kPeerPort).verdict == net::Verdict::Delivered;
    };
    for (EtcdMember& one : m_members) {
        one.peers.clear();
        if (one.serving)
            for (const EtcdMember& other : m_members)
                if (other.host != one.host && other.serving && reaches(one, other) && reaches(other, one))
                    one.peers.push_back(other.host);
        one.majority = one.serving && one.peers.size() + 1 >= quorum;
    }
}

std::vector<EtcdMember*> EtcdGroup::candidates()
{
    std::vector<EtcdMember*> able;
    for (EtcdMember& one : m_members)
        if (one.majority)
            able.push_back(&one);
    // Nobody votes for a log that is behind its own.
    std::uint64_t latest = 0;
    for (const EtcdMember* one : able)
        latest = std::max(latest, one->applied);
    std::erase_if(able, [&](const EtcdMember* one) { return one->applied < latest; });
    const bool anyQuick = std::any_of(able.begin(), able.end(), [](const EtcdMember* one) { return one->sync < kElectionTimeout; });
    if (anyQuick) // one that is stuck in a flush comes too late
        std::erase_if(able, [](const EtcdMember* one) { return one->sync >= kElectionTimeout; });
    return able;
}

void EtcdGroup::loseLeader(Context& context, const std::string& why)
{
    const EtcdMember* leader = member(m_leader);
    for (const EtcdMember& one : m_members)
        if (one.serving && leader != nullptr && one.host != leader->host)
            log(context, one, EtcdLine::raft(context.engine.now(), fmt::format("raft.node: {:x} lost leader {:x} at term {}", one.id, leader->id, m_term)));
    if (leader != nullptr && leader->serving)
        log(context, *leader, EtcdLine::raft(context.engine.now(), fmt::format("{:x} {}", leader->id, why)));
    m_leader = {};
    callElection(context);
}

void EtcdGroup::callElection(Context& context)
{
    ++m_generation;
    m_electing = !candidates().empty();
    if (m_electing)
        context.engine.after(context.engine.random(kEtcdStream).uniform(kElectionTimeout, 2 * kElectionTimeout),
                             kubeEvent(EventType::EtcdElection, 0, m_generation));
}

void EtcdGroup::electionDue(Context& context, const Store& store, std::uint64_t generation)
{
    if (generation != m_generation || m_leader.valid())
        return;
    m_electing = false;
    findProcesses(context);
    connect(context);
    const std::vector<EtcdMember*> able = candidates();
    if (able.empty())
        return; // look() calls the next one as soon as there is a majority
    win(context, *able[context.engine.random(kEtcdStream).below(able.size())]);
    replicate(context, store);
}

void EtcdGroup::win(Context& context, EtcdMember& winner)
{
    const Instant now = context.engine.now();
    const std::uint64_t before = m_term++;
    ++m_index; // a new leader commits an empty entry first
    m_leader = winner.host;
    const auto say = [&](const EtcdMember& one, const std::string& text) { log(context, one, EtcdLine::raft(now, text)); };
    say(winner, fmt::format("{:x} is starting a new election at term {}", winner.id, before));
    say(winner, fmt::format("{:x} became pre-candidate at term {}", winner.id, before));
    say(winner, fmt::format("{:x} became candidate at term {}", winner.id, m_term));
    for (const HostId peer : winner.peers)
        say(winner, fmt::format("{:x} received MsgVoteResp from {:x} at term {}", winner.id, member(peer)->id, m_term));
    say(winner, fmt::format("{:x} became leader at term {}", winner.id, m_term));
    say(winner, fmt::format("raft.node: {0:x} elected leader {0:x} at term {1}", winner.id, m_term));
    for (const HostId peer : winner.peers) {
        const EtcdMember& follower = *member(peer);
        say(follower, fmt::format("{:x} became follower at term {}", follower.id, m_term));
        say(follower, fmt::format("raft.node: {:x} elected leader {:x} at term {}", follower.id, winner.id, m_term));
    }
}

void EtcdGroup::checkLeaderLoad(Context& context)
{
    const EtcdMember* leader = member(m_leader);
    if (leader == nullptr || leader->sync < kOverloaded)
        return;
    const bool otherQuick = std::any_of(m_members.begin(), m_members.end(), [&](const EtcdMember& one) {
        return one.host != m_leader && one.majority && one.sync < kElectionTimeout;
    });
    if (otherQuick || context.engine.random(kEtcdStream).below(kPollsPerChange) == 0)
        loseLeader(context, fmt::format("stepped down to follower since quorum is not active"));
}

void EtcdGroup::logElections(Context& context)
{
    const Instant now = context.engine.now();
    for (const EtcdMember& one : m_members) {
        if (!one.serving)
            continue;
        if (!one.majority) {
            log(context, one, EtcdLine::raft(now, fmt::format("{:x} is starting a new election at term {}", one.id, m_term)));
            log(context, one, EtcdLine::raft(now, fmt::format("{:x} became pre-candidate at term {}", one.id, m_term)));
            log(context, one, EtcdLine::raft(now, fmt::format("{0:x} received MsgPreVoteResp from {0:x} at term {1}", one.id, m_term)));
        }
        if (m_polls % kPollsPerProbe != 0)
            continue;
        for (const EtcdMember& other : m_members) {
            if (other.host == one.host || std::find(one.peers.begin(), one.peers.end(), other.host) != one.peers.end())
                continue;
            const StackId stack = context.hosts.at(one.host).stack;
            const net::Verdict verdict = context.network.reach(stack, other.address, net::Protocol::Tcp, kPeerPort).verdict;
            // Our messages may arrive and the answers not: then the connection hangs.
            const std::string error = verdict == net::Verdict::Delivered ? "context deadline exceeded"
                                                                         : fmt::format("dial tcp {}:{}: {}", other.address.text(), kPeerPort, probeError(verdict));
            EtcdLine line("warn", now, "rafthttp/probing_status.go:68", "prober detected unhealthy status");
            line.add("round-tripper-name", "ROUND_TRIPPER_RAFT_MESSAGE").add("remote-peer-id", memberText(other.id)).add("rtt", "0s").add("error", error);
            log(context, one, line);
        }
    }
}

} // namespace sim::kube
