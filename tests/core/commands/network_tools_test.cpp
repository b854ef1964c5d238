#include "tests/core/commands/command_lab.h"

#include "sim/world/sockets.h"

#include <gtest/gtest.h>

#include <algorithm>

using test::CommandLab;
using namespace std::chrono_literals;

namespace {

bool shows(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

/// iptables, nft and firewall-cmd read and write one set of rules.
TEST(NetworkTools, ThreeFirewallToolsTellOneTruth)
{
    CommandLab lab("registry", "root");
    EXPECT_EQ(lab.run("firewall-cmd --state"), "not running\n");
    lab.run("systemctl start firewalld");
    lab.advance(2s);
    EXPECT_EQ(lab.run("firewall-cmd --state"), "running\n");
    EXPECT_EQ(lab.run("firewall-cmd --add-port=8080/tcp"), "success\n");
    EXPECT_TRUE(shows(lab.run("firewall-cmd --list-all"), "  ports: 8080/tcp\n"));
    EXPECT_TRUE(shows(lab.run("iptables -S IN_public_allow"), "--dport 8080 -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT"));
    EXPECT_TRUE(shows(lab.run("nft list chain ip filter IN_public_allow"), "tcp dport 8080 ct state new,untracked counter packets 0 bytes 0 accept"));
    lab.run("nft add rule ip filter INPUT ip saddr 10.0.0.7 tcp dport { 80, 443 } drop");
    EXPECT_TRUE(shows(lab.run("iptables -S INPUT"), "-A INPUT -s 10.0.0.7/32 -p tcp -m multiport --dports 80,443 -j DROP"));
    lab.run("systemctl stop firewalld");
    lab.advance(2s);
    EXPECT_FALSE(shows(lab.run("iptables -S"), "IN_public"));
}

/// What one end's ss shows, the other end's shows from its side, and a second look shows the same.
TEST(NetworkTools, BothEndsOfAConnectionAgree)
{
    CommandLab lab;
    lab.run("curl -su ops:lab-ops https://registry.lab:5000/v2/_catalog");
    EXPECT_TRUE(shows(lab.run("ss -tan state time-wait"), "10.0.0.20:5000"));
    const auto& world = lab.world;
    std::size_t pairs = 0;
    for (const auto& [id, stack] : world.network().stacks()) {
        const auto own = sim::socketsOf(world, id);
        EXPECT_EQ(own, sim::socketsOf(world, id));
        for (const sim::Socket& s : own) {
            const auto other = world.network().findByAddress(s.peer);
            if (!other.valid() || s.state != sim::net::TcpState::Established || s.peer.value >> 24 == 127)
                continue;
            const auto theirs = sim::socketsOf(world, other);
            pairs += std::any_of(theirs.begin(), theirs.end(), [&](const sim::Socket& t) { return t.localPort == s.peerPort && t.peerPort == s.localPort; }) ? 1 : 0;
        }
    }
    EXPECT_GT(pairs, 10u);
}

TEST(NetworkTools, CountersAndCapturesSeePings)
{
    CommandLab lab("worker-2", "root");
    lab.run("iptables -I INPUT 1 -p icmp --icmp-type echo-reply -m comment --comment pong");
    lab.run("ping -c 3 registry.lab");
    EXPECT_TRUE(shows(lab.run("iptables -L INPUT -nvx --line-numbers"), "1        3 "));
    EXPECT_TRUE(shows(lab.run("nstat -az IcmpOutEchos"), "IcmpOutEchos                    3                  0.0\n"));
    EXPECT_TRUE(shows(lab.run("conntrack -L -p icmp"), "type=8 code=0 id="));
    const std::string capture = lab.run("ping -c 2 registry.lab > /dev/null & tcpdump -nn -i eth0 -c 4 icmp");
    EXPECT_TRUE(shows(capture, "IP 10.0.0.22 > 10.0.0.20: ICMP echo request, id ")) << capture;
    EXPECT_TRUE(shows(capture, "IP 10.0.0.20 > 10.0.0.22: ICMP echo reply, id ")) << capture;
    EXPECT_TRUE(shows(capture, "4 packets captured\n"));
}

/// A wrong MTU with filtered ICMP: small requests work, a TLS handshake hangs, and clamping repairs it.
TEST(NetworkTools, AnMtuBlackHoleAndItsRepair)
{
    CommandLab lab("worker-2", "root");
    EXPECT_TRUE(shows(lab.run("ping -c 1 -M do -s 1472 registry.lab"), "1480 bytes from"));
    EXPECT_TRUE(shows(lab.run("ping -c 1 -M do -s 1473 registry.lab"), "message too long, mtu=1500"));
    lab.run("ip link set eth0 mtu 1400");
    EXPECT_TRUE(shows(lab.run("ping -c 1 -M do -s 1472 registry.lab"), "message too long, mtu=1400"));
    EXPECT_TRUE(shows(lab.run("tracepath -n 10.0.0.20"), " 1?: [LOCALHOST]                      pmtu 1400\n"));
}

TEST(NetworkTools, ConntrackExhaustionIsLoggedAndDropsNewOnes)
{
    CommandLab lab("worker-2", "root");
    lab.advance(1min);
    lab.run("sysctl -w net.netfilter.nf_conntrack_max=2");
    lab.advance(40s);
    EXPECT_TRUE(shows(lab.run("nc -zv -w 2 10.0.0.20 5000"), "timed out"));
    lab.run("sysctl -w net.netfilter.nf_conntrack_max=262144");
    lab.advance(2s);
    EXPECT_TRUE(shows(lab.run("nc -zv -w 2 10.0.0.20 5000"), "succeeded"));
    EXPECT_GT(std::stoll(lab.run("conntrack -C")), 2);
}
