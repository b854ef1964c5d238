#include "sim/net/conntrack.h"
#include "tests/sim/net/small_lab.h"

#include <gtest/gtest.h>

#include <random>

using namespace sim::net;
using namespace std::chrono_literals;

namespace {

struct ConnectionLab : SmallLab {
    ConnectionId connect(const char* to, std::int64_t port, Opening opening = {})
    {
        return net.open(engine, a, ip(to), port, opening);
    }
    const Connection& at(ConnectionId id) { return net.connections().at(id); }
    TcpState client(ConnectionId id) { return at(id).client.state; }
    TcpState server(ConnectionId id) { return at(id).server.state; }
    void pass(sim::Duration time)
    {
        runUntil(engine.now() + time);
        net.tick(engine);
    }
    FirewallRule dropPort(std::int64_t port)
    {
        FirewallRule r = rule("DROP");
        r.protocol = Protocol::Tcp;
        r.destinationPort = port;
        return r;
    }
};

} // namespace

TEST(Connection, OpensTalksAndClosesThroughEveryState)
{
    ConnectionLab lab;
    const ConnectionId id = lab.connect("10.0.0.20", 5000);
    EXPECT_EQ(lab.client(id), TcpState::Established);
    EXPECT_EQ(lab.server(id), TcpState::Established);
    EXPECT_EQ(lab.at(id).server.port, 5000);
    EXPECT_EQ(lab.at(id).server.peerPort, lab.at(id).client.port);
    lab.net.transfer(lab.engine, id, false, 100'000);
    EXPECT_EQ(lab.at(id).client.sentBytes, 100'000);
    EXPECT_EQ(lab.at(id).client.sendQueue, 0);
    lab.net.close(lab.engine, id);
    EXPECT_EQ(lab.client(id), TcpState::TimeWait); // the server's program closes at once
    EXPECT_EQ(lab.server(id), TcpState::Closed);
    lab.pass(59s);
    EXPECT_EQ(lab.client(id), TcpState::TimeWait);
    lab.pass(2s);
    EXPECT_EQ(lab.client(id), TcpState::Closed);
    lab.pass(200s);
    EXPECT_EQ(lab.net.connections().count(id), 0u);
}

TEST(Connection, AServerThatDoesNotCloseKeepsCloseWait)
{
    ConnectionLab lab;
    const ConnectionId id = lab.connect("10.0.0.20", 5000, {.serverCloses = false});
    lab.net.close(lab.engine, id);
    EXPECT_EQ(lab.client(id), TcpState::FinWait2);
    EXPECT_EQ(lab.server(id), TcpState::CloseWait);
    lab.pass(120s); // the kernel forgets an orphan's half; the leak stays
    EXPECT_EQ(lab.client(id), TcpState::Closed);
    EXPECT_EQ(lab.server(id), TcpState::CloseWait);
}

TEST(Connection, SynsAreSentAgainUntilTheRuleIsGoneOrTheKernelGivesUp)
{
    ConnectionLab lab;
    lab.net.stack(lab.registry).filter["INPUT"] = {"ACCEPT", {lab.dropPort(5000)}};
    const ConnectionId id = lab.connect("10.0.0.20", 5000);
    EXPECT_EQ(lab.client(id), TcpState::SynSent);
    EXPECT_EQ(lab.server(id), TcpState::Closed);
    lab.pass(8s); // 1 s, 3 s, 7 s
    EXPECT_EQ(lab.at(id).client.allRetransmits, 3);
    EXPECT_EQ(lab.net.stack(lab.a).statistics.synRetransmits, 3);
    const ConnectionId hopeless = lab.connect("10.0.0.20", 5000);
    lab.net.stack(lab.registry).filter.clear();
    lab.pass(8s);
    EXPECT_EQ(lab.client(id), TcpState::Established);
    lab.net.stack(lab.registry).filter["INPUT"] = {"ACCEPT", {lab.dropPort(5000)}};
    EXPECT_EQ(lab.client(hopeless), TcpState::Established);
    const ConnectionId last = lab.connect("10.0.0.20", 5000);
    lab.pass(126s);
    EXPECT_EQ(lab.client(last), TcpState::SynSent);
    lab.pass(3s); // 127 s and the timers' grain
    EXPECT_EQ(lab.client(last), TcpState::Closed);
    EXPECT_EQ(lab.at(last).failure, "Connection timed out");
}

TEST(Connection, ALostAnswerLeavesSynReceived)
{
    ConnectionLab lab;
    lab.net.stack(lab.registry).filter["OUTPUT"] = {"ACCEPT", {lab.rule("DROP")}};
    const ConnectionId id = lab.connect("10.0.0.20", 5000);
    EXPECT_EQ(lab.client(id), TcpState::SynSent);
    EXPECT_EQ(lab.server(id), TcpState::SynReceived);
    EXPECT_EQ(lab.connect("10.0.0.20", 5000).value, id.value + 1);
}

TEST(Connection, RefusedAndUnreachableEndAtOnce)
{
    ConnectionLab lab;
    EXPECT_EQ(lab.at(lab.connect("10.0.0.20", 81)).failure, "Connection refused");
    EXPECT_EQ(lab.at(lab.connect("192.0.2.1", 81)).failure, "Network is unreachable");
    const ConnectionId nobody = lab.connect("10.0.0.250", 81);
    EXPECT_EQ(lab.client(nobody), TcpState::SynSent); // until ARP gives up
    lab.pass(4s);
    EXPECT_EQ(lab.at(nobody).failure, "No route to host");
    EXPECT_EQ(lab.net.stack(lab.a).statistics.attemptFails, 3);
}

TEST(Connection, AFullAcceptQueueDropsSyns)
{
    ConnectionLab lab;
    lab.net.stack(lab.registry).listeners.front().backlog = 2;
    std::vector<ConnectionId> ids;
    for (int i = 0; i < 5; ++i)
        ids.push_back(lab.connect("10.0.0.20", 5000, {.accepts = false}));
    // A queue of 2 holds three: the kernel refuses when it is above the backlog.
    EXPECT_EQ(lab.net.stack(lab.registry).listeners.front().waiting, 3);
    EXPECT_EQ(lab.client(ids[2]), TcpState::Established);
    EXPECT_EQ(lab.client(ids[3]), TcpState::SynSent);
    EXPECT_EQ(lab.net.stack(lab.registry).statistics.listenOverflows, 2);
    lab.net.transfer(lab.engine, ids[0], false, 300);
    EXPECT_EQ(lab.at(ids[0]).server.receiveQueue, 300); // acknowledged by the kernel, read by nobody
    for (int i = 0; i < 3; ++i)
        lab.net.accept(ids[static_cast<std::size_t>(i)]);
    EXPECT_EQ(lab.net.stack(lab.registry).listeners.front().waiting, 0);
    lab.pass(4s);
    EXPECT_EQ(lab.client(ids[4]), TcpState::Established);
}

TEST(Connection, UnacknowledgedDataIsSentAgainAndTimesOut)
{
    ConnectionLab lab;
    const ConnectionId id = lab.connect("10.0.0.20", 5000);
    lab.net.link(lab.linkRegistry).up = false;
    lab.net.transfer(lab.engine, id, false, 1000);
    EXPECT_EQ(lab.at(id).client.sendQueue, 1000);
    lab.pass(10s);
    EXPECT_GT(lab.at(id).client.retransmits, 3);
    EXPECT_GT(lab.net.stack(lab.a).statistics.retransmitted, 3);
    lab.net.link(lab.linkRegistry).up = true;
    lab.pass(20s);
    EXPECT_EQ(lab.at(id).client.sendQueue, 0);
    lab.net.link(lab.linkRegistry).up = false;
    lab.net.transfer(lab.engine, id, false, 1000);
    lab.pass(1000s); // tcp_retries2: 924.6 s
    EXPECT_EQ(lab.net.connections().at(id).failure, "Connection timed out");
}

/// Whatever is dropped, closed or cut: the ends' states can be seen together, queues never go below nothing, and what
/// nobody uses is forgotten.
TEST(Connection, SwarmKeepsBothEndsCompatible)
{
    for (unsigned seed = 1; seed <= 20; ++seed) {
        ConnectionLab lab;
        std::mt19937 draw(seed);
        std::vector<ConnectionId> ids;
        for (int step = 0; step < 120; ++step) {
            switch (draw() % 8) {
            case 0:
            case 1: ids.push_back(lab.connect(draw() % 4 == 0 ? "10.0.0.20" : "10.0.0.20", draw() % 5 == 0 ? 81 : 5000,
                                              {.keepAlive = draw() % 2 == 0, .accepts = draw() % 3 != 0, .serverCloses = draw() % 4 != 0})); break;
            case 2:
                if (!ids.empty())
                    lab.net.close(lab.engine, ids[draw() % ids.size()], draw() % 2 == 0);
                break;
            case 3:
                if (!ids.empty())
                    lab.net.transfer(lab.engine, ids[draw() % ids.size()], draw() % 2 == 0, 1 + draw() % 5000);
                break;
            case 4: lab.net.link(lab.linkRegistry).up = draw() % 3 != 0; break;
            case 5:
                lab.net.stack(lab.registry).filter["INPUT"] = {"ACCEPT", {}};
                if (draw() % 3 == 0)
                    lab.net.stack(lab.registry).filter["INPUT"].rules.push_back(lab.dropPort(5000));
                break;
            case 6:
                if (!ids.empty())
                    lab.net.accept(ids[draw() % ids.size()]);
                break;
            default: lab.pass(std::chrono::milliseconds(draw() % 40'000));
            }
            for (const auto& [id, c] : lab.net.connections()) {
                EXPECT_TRUE(statesFit(c.client.state, c.server.state))
                    << "seed " << seed << " step " << step << ": " << stateName(c.client.state) << " with " << stateName(c.server.state);
                EXPECT_GE(c.client.sendQueue, 0);
                EXPECT_GE(c.server.sendQueue, 0);
            }
            EXPECT_GE(lab.net.stack(lab.registry).listeners.front().waiting, 0);
        }
        lab.net.link(lab.linkRegistry).up = true;
        lab.net.stack(lab.registry).filter.clear();
        for (const ConnectionId id : ids) {
            lab.net.accept(id);
            lab.net.close(lab.engine, id);
            lab.net.close(lab.engine, id, true);
        }
        for (int i = 0; i < 40; ++i)
            lab.pass(60s);
        EXPECT_TRUE(lab.net.connections().empty()) << "seed " << seed;
    }
}

/// A packet is seen leaving before it is seen coming in, and what leaves comes in somewhere or was dropped there.
TEST(Wire, PacketsNeitherVanishNorMultiply)
{
    ConnectionLab lab;
    for (const char* to : {"10.0.0.20", "10.244.2.9", "10.0.0.250", "10.0.0.11"}) {
        lab.net.sendDatagram(lab.engine, lab.podA, lab.ip(to), {.protocol = Protocol::Icmp, .bytes = 84, .sourcePort = 7, .sequence = 1});
        lab.pass(1ms);
    }
    std::map<std::uint64_t, std::vector<WirePacket>> byNumber;
    for (const WirePacket& p : lab.net.wire())
        byNumber[p.number].push_back(p);
    EXPECT_GE(byNumber.size(), 6u);
    for (const auto& [number, seen] : byNumber) {
        std::int64_t open = 0;
        for (const WirePacket& p : seen) {
            open += p.outwards ? 1 : -1;
            EXPECT_GE(open, seen.size() == 1 ? -1 : 0) << number;
            EXPECT_LE(open, 1) << number;
        }
    }
}

TEST(Conntrack, AFullTableDropsNewConnectionsAndRecovers)
{
    ConnectionLab lab;
    FirewallRule known = lab.rule("ACCEPT");
    known.match = "ctstate ESTABLISHED";
    lab.net.stack(lab.registry).filter["INPUT"] = {"ACCEPT", {known}};
    const ConnectionId old = lab.connect("10.0.0.20", 5000);
    Stream scan;
    scan.from = lab.b;
    scan.destination = lab.ip("10.0.0.20");
    scan.port = 5000;
    scan.perSecond = 10;
    lab.net.setStreams(lab.engine, 1, {scan});
    lab.net.stack(lab.registry).conntrack.max = 500;
    lab.pass(30s);
    EXPECT_EQ(lab.net.stack(lab.registry).conntrack.count, trackedCount(lab.net, lab.registry, lab.engine.now()));
    EXPECT_EQ(static_cast<std::int64_t>(trackedConnections(lab.net, lab.registry, lab.engine.now()).size()),
              trackedCount(lab.net, lab.registry, lab.engine.now()));
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::Delivered);
    lab.pass(60s);
    EXPECT_TRUE(lab.net.stack(lab.registry).conntrack.full());
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).stoppedBy, "registry nf_conntrack: table full, dropping packet");
    EXPECT_EQ(lab.client(old), TcpState::Established);
    lab.net.transfer(lab.engine, old, false, 100); // old ones go on
    EXPECT_EQ(lab.at(old).client.sendQueue, 0);
    lab.pass(1s);
    EXPECT_GT(lab.net.stack(lab.registry).conntrack.drops, 0);
    lab.net.stack(lab.registry).conntrack.max = 5000;
    lab.pass(1s);
    EXPECT_EQ(lab.tcp(lab.a, "10.0.0.20", 5000).verdict, Verdict::Delivered);
    lab.net.setStreams(lab.engine, 1, {});
    lab.pass(130s);
    EXPECT_EQ(lab.net.stack(lab.registry).conntrack.count, 1);
}

TEST(Conntrack, StreamsAreCountedAsTheyAreListed)
{
    Stream s;
    s.perSecond = 3.7;
    s.since = sim::Instant{} + 10s;
    for (int ms = 0; ms < 60'000; ms += 137) {
        const sim::Instant now = sim::Instant{} + std::chrono::milliseconds(ms);
        const std::int64_t count = streamCount(s, now, 12s);
        EXPECT_GE(count, 0);
        EXPECT_LE(count, 46);
        if (ms > 30'000) {
            EXPECT_NEAR(static_cast<double>(count), 44.4, 1.0);
        }
    }
}
