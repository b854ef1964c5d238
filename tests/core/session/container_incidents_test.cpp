#include "tests/support/lab.h"

#include <algorithm>
#include <ostream>

// What a learner reads in container-exits, container-network and container-memory, a variant at a time: the commands that the
// guide names for each show what they should. How the variants play to their end is `faultctl verify`'s business.
namespace {

using namespace std::chrono_literals;

struct DockerClue {
    std::string incident;
    std::string cause;
    std::string variant;
    std::string command;
    std::string says;
};

void PrintTo(const DockerClue& clue, std::ostream* out) { *out << clue.incident << '/' << clue.cause << '/' << clue.variant; }

constexpr const char* kWebLogs = "ssh docker-1 docker logs web";
constexpr const char* kInspect = "ssh docker-1 docker inspect web";
constexpr const char* kStats = "ssh docker-1 docker stats --no-stream";
constexpr const char* kSystem = "ssh docker-1 docker system df";

std::vector<DockerClue> dockerClues()
{
    const std::string exits = "container-exits";
    const std::string network = "container-network";
    const std::string memory = "container-memory";
    return {
        {exits, "app-error", "missing-setting", kWebLogs, "required environment variable PAYMENT_URL is not set"},
        {exits, "app-error", "settings-folder", kWebLogs, "read /app/web.yaml: is a directory"},
        {exits, "bad-entrypoint", "unknown-flag", kWebLogs, "flag provided but not defined: -listn"},
        {exits, "bad-entrypoint", "env-cleared", kWebLogs, "required environment variable API_URL is not set"},
        {exits, "bad-entrypoint", "greedy-cache", kInspect, "\"OOMKilled\": true"},
        {exits, "port-conflict", "other-container", kInspect, "port is already allocated"},
        {exits, "port-conflict", "host-process", kInspect, "address already in use"},
        {exits, "port-conflict", "host-network", kWebLogs, "listen tcp :80: bind: address already in use"},
        {exits, "memory-limit", "low-limit", kInspect, "\"OOMKilled\": true"},
        {exits, "memory-limit", "grown", kInspect, "\"OOMKilled\": true"},
        {exits, "memory-limit", "grown", "ssh docker-1 'docker run --rm -i registry.lab:5000/shop/web:1.2 sh -c \"echo inside\"'", "inside"},
        {exits, "no-fault", "warming", "ssh docker-1 docker ps", "(health: starting)"},
        {network, "different-networks", "default-bridge", "ssh docker-1 docker network inspect bridge", "\"Name\": \"api\""},
        {network, "different-networks", "split-network", "ssh docker-1 docker network ls", " data "},
        {network, "stale-address", "env-address", "ssh docker-1 'docker inspect report | grep IPAddress'", "172.18.0.3"},
        {network, "stale-address", "hosts-entry", "ssh docker-1 docker exec api cat /etc/hosts", "172.18.0.2\tredis"},
        {network, "host-firewall", "user-chain", "ssh docker-1 sudo iptables -L DOCKER-USER -n -v", "dpt:9000"},
        {network, "host-firewall", "accept-missing", "ssh docker-1 sudo iptables -S FORWARD", "-P FORWARD DROP"},
        {network, "host-firewall", "user-chain", "ssh docker-1 docker exec web ping -c 1 -W 1 api", "1 received"},
        {network, "cni-down", "not-scheduled", "kubectl -n kube-system get daemonset calico-node", "calico-node   7         7"},
        {network, "no-fault", "restarting", "ssh docker-1 docker logs api", "reading the catalogue"},
        {memory, "leaking-container", "api-sessions", kStats, "GiB / 16GiB"},
        {memory, "leaking-container", "worker-jobs", "ssh docker-1 docker exec worker ps aux", "/app/worker"},
        {memory, "jvm-ignores-cgroup", "old-java", "ssh docker-1 docker logs billing-eu", "maximum heap 4096 MiB"},
        {memory, "jvm-ignores-cgroup", "support-off", "ssh docker-1 docker inspect billing-eu", "-XX:-UseContainerSupport"},
        {memory, "unused-objects", "orphaned-volumes", kSystem, "15.92GB (100%)"},
        {memory, "unused-objects", "dead-containers", kSystem, "13.89GB (100%)"},
        {memory, "no-fault", "page-cache", "ssh docker-1 free -m", "Mem:"},
        {memory, "no-fault", "page-cache", "ssh docker-1 sudo conntrack -L", "dport=9000"}, // web calls api, on the port of its container
    };
}

class ContainerIncidents : public testing::TestWithParam<DockerClue> { };

TEST_P(ContainerIncidents, TheGuidesCommandsShowIt)
{
    const DockerClue& clue = GetParam();
    const auto session = tests::lab(clue.incident, clue.cause, 1, clue.variant);
    ASSERT_TRUE(session);
    session->runFor(std::chrono::seconds(10)); // some faults take a moment: a release that starts after another
    const auto terminal = session->openTerminal();
    const std::string said = tests::output(*session, terminal, clue.command);
    EXPECT_NE(said.find(clue.says), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(Variants, ContainerIncidents, testing::ValuesIn(dockerClues()), [](const auto& one) {
    std::string name = one.param.incident + "_" + one.param.variant + "_" + std::to_string(one.index);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(ContainerIncidents, AVariantOfTheClusterPlaysInTheCluster)
{
    const auto docker = tests::lab("container-network", "host-firewall", 1, "user-chain");
    const auto cluster = tests::lab("container-network", "host-firewall", 1, "node-rules");
    ASSERT_TRUE(docker && cluster);
    EXPECT_NE(docker->world().machine("docker-1"), nullptr);
    EXPECT_EQ(cluster->world().machine("docker-1"), nullptr);
    EXPECT_NE(cluster->world().machine("worker-1"), nullptr);
}

} // namespace
