#include "sim/net/changes.h"
#include "tests/sim/net/small_lab.h"

#include <gtest/gtest.h>

using namespace sim::net;
using What = FirewalldEdit::What;

namespace {

struct ZoneLab : SmallLab {
    ZoneLab() { startFirewalld(net.stack(registry)); }
    std::string edit(What what, const char* value, bool add = true, const char* zone = "", bool permanent = false)
    {
        return editFirewalld(net.stack(registry), {what, add, zone, value, permanent});
    }
    Verdict fromA() { return tcp(a, "10.0.0.20", 5000).verdict; }
};

} // namespace

TEST(Firewalld, ZonesAreRulesOfTheFilterTable)
{
    ZoneLab lab;
    EXPECT_EQ(lab.fromA(), Verdict::Prohibited); // icmp-host-prohibited
    EXPECT_EQ(lab.ping(lab.a, "10.0.0.20").verdict, Verdict::Delivered);
    EXPECT_EQ(lab.edit(What::Port, "5000/tcp"), "");
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    EXPECT_EQ(lab.net.stack(lab.registry).filter.at("IN_public_allow").rules.back().destinationPort, 5000);
    EXPECT_EQ(lab.edit(What::Port, "5000/tcp"), "ALREADY_ENABLED: '5000:tcp' already in 'public'");
    EXPECT_EQ(lab.edit(What::Port, "5000/tcp", false), "");
    EXPECT_EQ(lab.edit(What::Port, "5000/tcp", false), "NOT_ENABLED: '5000:tcp' not in 'public'");
    EXPECT_EQ(lab.fromA(), Verdict::Prohibited);
}

TEST(Firewalld, ReloadKeepsOnlyWhatIsPermanent)
{
    ZoneLab lab;
    EXPECT_EQ(lab.edit(What::Service, "docker-registry"), "");
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    reloadFirewalld(lab.net.stack(lab.registry));
    EXPECT_EQ(lab.fromA(), Verdict::Prohibited);
    EXPECT_EQ(lab.edit(What::Service, "docker-registry", true, "", true), "");
    EXPECT_EQ(lab.fromA(), Verdict::Prohibited); // not yet
    reloadFirewalld(lab.net.stack(lab.registry));
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    stopFirewalld(lab.net.stack(lab.registry));
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    EXPECT_EQ(lab.net.stack(lab.registry).filter.count("IN_public"), 0u);
    EXPECT_TRUE(lab.net.stack(lab.registry).filter.at("INPUT").rules.empty());
}

TEST(Firewalld, SourcesAndRichRulesDecideByAddress)
{
    ZoneLab lab;
    EXPECT_EQ(lab.edit(What::Source, "10.0.0.11/32", true, "trusted"), "");
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    EXPECT_EQ(lab.tcp(lab.b, "10.0.0.20", 5000).verdict, Verdict::Prohibited);
    EXPECT_EQ(lab.edit(What::Source, "10.0.0.11/32", false, "trusted"), "");
    EXPECT_EQ(lab.edit(What::RichRule, "rule family=\"ipv4\" source address=\"10.0.0.12\" port port=\"5000\" protocol=\"tcp\" accept"), "");
    EXPECT_EQ(lab.tcp(lab.b, "10.0.0.20", 5000).verdict, Verdict::Delivered);
    EXPECT_EQ(lab.fromA(), Verdict::Prohibited);
    EXPECT_EQ(lab.edit(What::RichRule, "rule family=\"ipv4\" source address=\"10.0.0.12\" drop"), "");
    EXPECT_EQ(lab.tcp(lab.b, "10.0.0.20", 5000).verdict, Verdict::TimedOut); // deny comes before allow
}

TEST(Firewalld, RefusesWhatItDoesNotKnow)
{
    ZoneLab lab;
    EXPECT_EQ(lab.edit(What::Service, "gopher"), "INVALID_SERVICE: gopher");
    EXPECT_EQ(lab.edit(What::Port, "80", true), "INVALID_PORT: bad port (most likely missing protocol), correct syntax is portid[-portid]/protocol");
    EXPECT_EQ(lab.edit(What::Port, "80/tcp", true, "office"), "INVALID_ZONE: office");
    EXPECT_EQ(lab.edit(What::RichRule, "rule family=ipv4").rfind("INVALID_RULE", 0), 0u);
}

/// A rule typed with iptables is seen by packets beside the zones', and goes when it is deleted.
TEST(Firewalld, IptablesEditsTheSameTables)
{
    ZoneLab lab;
    FirewallRule accept = lab.rule("ACCEPT");
    accept.protocol = Protocol::Tcp;
    accept.destinationPort = 5000;
    EXPECT_EQ(insertRule(lab.net.stack(lab.registry), "filter", "INPUT", 1, accept), "");
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    EXPECT_EQ(lab.edit(What::Port, "80/tcp"), ""); // writes the zones anew, and leaves what is not its own
    EXPECT_EQ(lab.fromA(), Verdict::Delivered);
    EXPECT_EQ(deleteRule(lab.net.stack(lab.registry), "filter", "INPUT", accept), "");
    EXPECT_EQ(lab.fromA(), Verdict::Prohibited);
}
