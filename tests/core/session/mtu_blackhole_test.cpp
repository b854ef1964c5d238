#include "tests/support/lab.h"

#include <algorithm>
#include <ostream>

// What a learner reads in mtu-blackhole, a variant at a time, and what repairs it.
namespace {

struct SizeClue {
    std::string cause;
    std::string variant;
    std::string command;
    std::string says;
};

void PrintTo(const SizeClue& clue, std::ostream* out) { *out << clue.variant << ": " << clue.command; }

constexpr const char* kLargeToCustomer = "ssh lb-1 ping -M do -s 1472 -c 1 -W 1 192.0.2.50";
constexpr const char* kSmallToCustomer = "ssh lb-1 ping -M do -s 1000 -c 1 -W 1 192.0.2.50";
constexpr const char* kMessagesAtProxy = "ssh lb-1 sudo timeout 3 tcpdump -ni eth0 -c 1 icmp";
constexpr const char* kMessagesAtRouter = "ssh gw-1 sudo timeout 3 tcpdump -ni eth0 -c 1 icmp";

std::vector<SizeClue> sizeClues()
{
    return {
        {"icmp-filtered", "router-output", kSmallToCustomer, "1 received"},
        {"icmp-filtered", "router-output", kLargeToCustomer, "0 received, 100% packet loss"},
        {"icmp-filtered", "router-output", "ssh gw-1 ping -M do -s 1472 -c 1 192.0.2.50", "local error: message too long, mtu=1400"},
        {"icmp-filtered", "router-output", kMessagesAtRouter, "0 packets captured"},
        {"icmp-filtered", "router-output", "ssh gw-1 sudo iptables -S OUTPUT", "--icmp-type 3"},
        {"icmp-filtered", "server-input", kMessagesAtProxy, "ICMP 192.0.2.50 unreachable - need to frag (mtu 1400), length 556"},
        {"icmp-filtered", "server-input", "ssh lb-1 ss -tin", "retrans:"},
        {"line-mtu", "carrier-ingress", kLargeToCustomer, "0 received, 100% packet loss"},
        {"line-mtu", "carrier-ingress", "ssh gw-1 ping -M do -s 1472 -c 1 -W 1 198.51.100.254", "0 received, 100% packet loss"},
        {"line-mtu", "carrier-ingress", kMessagesAtRouter, "0 packets captured"},
        {"line-mtu", "clamp-lost", "ssh gw-1 cat /etc/iptables/rules.v4", "-j TCPMSS --set-mss 1360"},
        {"jumbo-mismatch", "database", kLargeToCustomer, "1480 bytes from 192.0.2.50"},
        {"jumbo-mismatch", "database", "ssh app-1 ping -M do -s 8972 -c 1 -W 1 10.1.0.41", "0 received, 100% packet loss"},
        {"jumbo-mismatch", "database", "ssh app-1 journalctl -u orders -n 1 --no-pager", "read from db-1.lab (10.1.0.41:5432) failed: Connection timed out"},
        {"jumbo-mismatch", "proxy", "ssh lb-1 tail -n 1 /var/log/nginx/error.log", "failed: Connection timed out"},
        {"no-fault", "standby-line", "tail -n 1 runbooks/line.md", "it runs over our standby"},
    };
}

class MtuBlackhole : public testing::TestWithParam<SizeClue> { };

std::unique_ptr<core::session::Session> brokenLab(const std::string& cause, const std::string& variant)
{
    auto session = tests::lab("mtu-blackhole", cause, 1, variant);
    if (session)
        session->runFor(std::chrono::seconds(10));
    return session;
}

TEST_P(MtuBlackhole, ItsToolsShowIt)
{
    const SizeClue& clue = GetParam();
    const auto session = brokenLab(clue.cause, clue.variant);
    ASSERT_TRUE(session);
    const std::string said = tests::output(*session, session->openTerminal(), clue.command);
    EXPECT_NE(said.find(clue.says), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(Variants, MtuBlackhole, testing::ValuesIn(sizeClues()), [](const auto& one) {
    std::string name = one.param.variant + "_" + std::to_string(one.index);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

/// Each repair of the lesson, tried where it should help.
struct Repair {
    std::string cause;
    std::string variant;
    std::string command;
};

class MtuRepairs : public testing::TestWithParam<Repair> { };

TEST_P(MtuRepairs, CustomersAreWellAgain)
{
    const Repair& repair = GetParam();
    const auto session = brokenLab(repair.cause, repair.variant);
    ASSERT_TRUE(session);
    ASSERT_NEAR(session->world().userLoad().last().success, 0.8, 0.01);
    tests::output(*session, session->openTerminal(), repair.command);
    session->runFor(std::chrono::seconds(3));
    EXPECT_GT(session->world().userLoad().last().success, 0.99);
}

constexpr const char* kClamp = "ssh gw-1 sudo iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS";

INSTANTIATE_TEST_SUITE_P(Ways, MtuRepairs,
                         testing::Values(Repair{"icmp-filtered", "router-output", "ssh gw-1 sudo iptables -D OUTPUT 1"},
                                         Repair{"icmp-filtered", "server-input", "ssh lb-1 sudo iptables -I INPUT -p icmp --icmp-type 3 -j ACCEPT"},
                                         Repair{"icmp-filtered", "server-input", std::string(kClamp) + " --clamp-mss-to-pmtu"},
                                         Repair{"line-mtu", "carrier-ingress", "ssh gw-1 sudo ip link set eth2 mtu 1400"},
                                         Repair{"line-mtu", "clamp-lost", "ssh gw-1 sudo iptables-restore /etc/iptables/rules.v4"},
                                         Repair{"line-mtu", "clamp-lost", std::string(kClamp) + " --set-mss 1360"},
                                         Repair{"jumbo-mismatch", "database", "ssh db-1 sudo ip link set eth0 mtu 1500"},
                                         Repair{"jumbo-mismatch", "proxy", "for h in app-1 app-2; do ssh $h sudo ip link set eth0 mtu 1500; done"}),
                         [](const auto& one) {
                             std::string name = one.param.variant + "_" + std::to_string(one.index);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(MtuRepairs, ClampingToARoutersWrongMtuHelpsNobody)
{
    const auto session = brokenLab("line-mtu", "clamp-lost");
    ASSERT_TRUE(session);
    tests::output(*session, session->openTerminal(), std::string(kClamp) + " --clamp-mss-to-pmtu");
    session->runFor(std::chrono::seconds(3));
    EXPECT_LT(session->world().userLoad().last().success, 0.85);
}

TEST(MtuBlackhole, TheRulesCountersBetrayIt)
{
    const auto session = brokenLab("icmp-filtered", "server-input");
    ASSERT_TRUE(session);
    const auto terminal = session->openTerminal();
    const auto dropped = [&] {
        const std::string said = tests::output(*session, terminal, "ssh lb-1 sudo iptables -L INPUT -n -v -x");
        const std::size_t rule = said.find("scan report");
        return rule == std::string::npos ? std::int64_t{-1} : std::int64_t{std::atoll(said.c_str() + said.rfind('\n', rule) + 1)};
    };
    const std::int64_t before = dropped();
    session->runFor(std::chrono::seconds(10));
    EXPECT_GT(before, 0);
    EXPECT_GT(dropped(), before + 1000); // some 60 large answers a second, each sent four times
}

} // namespace
