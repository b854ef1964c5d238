#include "sim/programs/corefile.h"
#include "sim/programs/start.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::programs;

constexpr const char* kStandard = ".:53 {\n"
                                  "    errors\n"
                                  "    health {\n"
                                  "       lameduck 5s\n"
                                  "    }\n"
                                  "    ready\n"
                                  "    kubernetes cluster.local in-addr.arpa ip6.arpa {\n"
                                  "       pods insecure\n"
                                  "       fallthrough in-addr.arpa ip6.arpa\n"
                                  "       ttl 30\n"
                                  "    }\n"
                                  "    prometheus :9153\n"
                                  "    forward . /etc/resolv.conf {\n"
                                  "       max_concurrent 1000\n"
                                  "    }\n"
                                  "    cache 30\n"
                                  "    loop\n"
                                  "    reload 10s\n"
                                  "    loadbalance\n"
                                  "}\n";

Corefile good(const std::string& text)
{
    auto parsed = parseCorefile("Corefile", text);
    EXPECT_TRUE(std::holds_alternative<Corefile>(parsed)) << std::get<CorefileError>(parsed).text;
    return std::holds_alternative<Corefile>(parsed) ? std::get<Corefile>(parsed) : Corefile{};
}

CorefileError bad(const std::string& text)
{
    auto parsed = parseCorefile("/etc/coredns/Corefile", text);
    EXPECT_TRUE(std::holds_alternative<CorefileError>(parsed));
    return std::holds_alternative<CorefileError>(parsed) ? std::get<CorefileError>(parsed) : CorefileError{};
}

std::string with(std::string text, const std::string& from, const std::string& to)
{
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST(Corefile, KubeadmsFileIsUnderstood)
{
    const Corefile file = good(kStandard);
    ASSERT_EQ(file.servers.size(), 1u);
    const DnsServerBlock& server = file.servers.front();
    EXPECT_EQ(server.zones, std::vector<std::string>{""});
    EXPECT_EQ(server.port, 53);
    EXPECT_TRUE(server.errors && server.loop && server.cache);
    EXPECT_FALSE(server.log);
    EXPECT_EQ(server.healthPort, 8080);
    EXPECT_EQ(server.readyPort, 8181);
    EXPECT_EQ(server.metricsPort, 9153);
    EXPECT_EQ(server.reload, sim::Duration(std::chrono::seconds(10)));
    ASSERT_TRUE(server.kubernetes);
    EXPECT_EQ(server.kubernetes->zones, (std::vector<std::string>{"cluster.local", "in-addr.arpa", "ip6.arpa"}));
    EXPECT_EQ(server.kubernetes->ttl, 30);
    EXPECT_EQ(server.kubernetes->pods, KubernetesPlugin::Pods::Insecure);
    EXPECT_EQ(server.kubernetes->fallthroughZones, (std::vector<std::string>{"in-addr.arpa", "ip6.arpa"}));
    ASSERT_EQ(server.forwards.size(), 1u);
    EXPECT_EQ(server.forwards.front().to, std::vector<std::string>{"/etc/resolv.conf"});
}

TEST(Corefile, TheLongestZoneAnswers)
{
    const Corefile file = good("lab:53 {\n forward . 10.0.0.2\n}\n.:53 {\n errors\n}\n");
    EXPECT_EQ(file.blockFor("registry.lab"), &file.servers[0]);
    EXPECT_EQ(file.blockFor("slab"), &file.servers[1]);
    EXPECT_EQ(file.blockFor(""), &file.servers[1]);
    EXPECT_EQ(good("lab {\n errors\n}\n").blockFor("example.com"), nullptr);
}

TEST(Corefile, ErrorsNameTheLineInCaddysWords)
{
    EXPECT_EQ(bad(with(kStandard, "loadbalance", "loadbalancer")).text,
              "/etc/coredns/Corefile:19 - Error during parsing: Unknown directive 'loadbalancer'");
    EXPECT_EQ(bad(with(kStandard, "pods insecure", "podz insecure")).text,
              "plugin/kubernetes: /etc/coredns/Corefile:8 - Error during parsing: unknown property 'podz'");
    EXPECT_EQ(bad(with(kStandard, "/etc/resolv.conf", "upstream")).text, "plugin/forward: not an IP address or file: \"upstream\"");
    EXPECT_EQ(bad(with(kStandard, "reload 10s", "reload 1s")).text,
              "plugin/reload: /etc/coredns/Corefile:18 - Error during parsing: interval value must be greater or equal to 2s");
}

TEST(Corefile, BracesAreASyntaxErrorAndWordsAreNot)
{
    EXPECT_FALSE(bad(with(kStandard, "loadbalance", "loadbalancer")).syntax);
    const CorefileError open = bad(".:53 {\n    errors\n    health {\n       lameduck 5s\n");
    EXPECT_TRUE(open.syntax);
    EXPECT_EQ(open.text, "/etc/coredns/Corefile:4 - Error during parsing: Unexpected EOF");
}

TEST(Corefile, DecidesWhetherAndWhereTheProgramListens)
{
    Program program;
    program.name = "coredns";
    Files files;
    EXPECT_EQ(startFailure(program, files)->log.front(), "open /etc/coredns/Corefile: no such file or directory");
    files[kCorefilePath] = with(kStandard, ".:53", ".:5353");
    EXPECT_FALSE(startFailure(program, files));
    const auto ports = listenedPorts(program, files);
    EXPECT_NE(std::find(ports.begin(), ports.end(), ListenedPort{5353, true}), ports.end());
    EXPECT_EQ(std::find(ports.begin(), ports.end(), ListenedPort{53, true}), ports.end());
    EXPECT_NE(std::find(ports.begin(), ports.end(), ListenedPort{8181, false}), ports.end());
    EXPECT_EQ(startLines(program, files).front(), ".:5353");
    Program other;
    other.name = "checkout";
    other.port = 8080;
    EXPECT_EQ(listenedPorts(other, {}), (std::vector<ListenedPort>{{8080, false}}));
}

} // namespace
