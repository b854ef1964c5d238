#include "tests/support/lab.h"

#include <algorithm>
#include <ostream>

// What a learner reads in node-not-ready and crash-loop, a variant at a time: the commands that the guide names for
// each show what they should. How the variants play to their end is `faultctl verify`'s business.
namespace {

using namespace std::chrono_literals;

struct Clue {
    std::string incident;
    std::string cause;
    std::string variant;
    std::string command; ///< "NODE" stands for the node
    std::string says;
};

void PrintTo(const Clue& clue, std::ostream* out) { *out << clue.incident << '/' << clue.cause << '/' << clue.variant; }

constexpr const char* kDescribeNode = "kubectl describe node NODE";
constexpr const char* kKubeletLog = "ssh NODE journalctl -u kubelet --no-pager";
constexpr const char* kKubelet = "ssh NODE systemctl status kubelet";
constexpr const char* kContainerd = "ssh NODE systemctl status containerd";
constexpr const char* kDescribe = "kubectl -n shop describe pods -l app=checkout";
constexpr const char* kEvents = "kubectl -n shop get events";
/// The guide says `kubectl logs <pod-name> --previous`.
constexpr const char* kLogs = "for p in $(kubectl -n shop get pods -l app=checkout -o name); do kubectl -n shop logs $p --previous; done";

std::vector<Clue> clues()
{
    const std::string node = "node-not-ready";
    const std::string crash = "crash-loop";
    return {
        {node, "kubelet-stopped", "stopped", kKubelet, "Active: inactive (dead)"},
        {node, "kubelet-stopped", "bad-config", kKubeletLog, "failed to load kubelet config file, path: /var/lib/kubelet/config.yaml"},
        {node, "kubelet-stopped", "removed-flag", kKubeletLog, "failed to parse kubelet flag: unknown flag: --container-runtime"},
        {node, "kubelet-stopped", "frozen", kDescribeNode, "Kubelet stopped posting node status."},
        {node, "kubelet-cert-expired", "rotation-off", kKubeletLog, "\"Failed to update lease\" err=\"Unauthorized\""},
        {node, "kubelet-cert-expired", "exits", kKubeletLog, "part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is expired: "},
        {node, "disk-pressure", "debug-log", kDescribeNode, "node.kubernetes.io/disk-pressure:NoSchedule"},
        {node, "disk-pressure", "core-dumps", kDescribeNode, "KubeletHasDiskPressure"},
        {node, "memory-pressure", "leaking-agent", "ssh NODE free -m", "           0\n"},
        {node, "memory-pressure", "huge-pages", "ssh NODE cat /proc/meminfo", "MemAvailable:          0 kB"},
        {node, "runtime-down", "stopped-runtime", kContainerd, "Active: inactive (dead)"},
        {node, "runtime-down", "bad-runtime-config", kContainerd, "Active: activating (auto-restart)"},
        {node, "runtime-down", "frozen-runtime", kDescribeNode, "container runtime is down"},
        {node, "no-fault", "reboot", kDescribeNode, "has been rebooted, boot id: "},
        {crash, "bad-probe", "wrong-path", kEvents, "Liveness probe failed: HTTP probe failed with statuscode: 404"},
        {crash, "bad-probe", "wrong-port", kEvents, ":9090: connect: connection refused"},
        {crash, "bad-probe", "too-early", kEvents, "Container checkout failed liveness probe, will be restarted"},
        {crash, "missing-config", "new-setting", kLogs, "fatal: required environment variable PAYMENT_ENDPOINT is not set"},
        {crash, "missing-config", "renamed-key", kLogs, "fatal: required environment variable DATABASE_URL is not set"},
        {crash, "oom-killed", "low-limit", kDescribe, "Reason:       OOMKilled\n      Exit Code:    137"},
        {crash, "oom-killed", "grown", kDescribe, "Reason:       OOMKilled\n      Exit Code:    137"},
        {crash, "bad-command", "unknown-flag", kLogs, "flag provided but not defined: -listn"},
        {crash, "bad-command", "listens-elsewhere", kEvents, "Container checkout failed liveness probe, will be restarted"},
        {crash, "bad-command", "greedy-cache", kDescribe, "Reason:       OOMKilled\n      Exit Code:    137"},
        {crash, "bad-command", "empty-environment", kLogs, "fatal: required environment variable DATABASE_URL is not set"},
        {crash, "bad-command", "one-shot", kDescribe, "Reason:       Completed\n      Exit Code:    0"},
        {crash, "no-fault", "slow-start", kEvents, "Readiness probe failed: "},
    };
}

class NodeIncidents : public testing::TestWithParam<Clue> { };

std::string nodeOf(const core::session::Session& session)
{
    const auto& values = session.run()->placeholders();
    const auto node = values.find("node");
    return node == values.end() ? std::string{} : node->second.front();
}

std::string filled(std::string line, const std::string& node)
{
    for (std::size_t at = line.find("NODE"); at != std::string::npos; at = line.find("NODE"))
        line.replace(at, 4, node);
    return line;
}

TEST_P(NodeIncidents, TheGuidesCommandsShowIt)
{
    const Clue& clue = GetParam();
    const auto session = tests::lab(clue.incident, clue.cause, 1, clue.variant);
    ASSERT_TRUE(session);
    const auto terminal = session->openTerminal();
    std::string said;
    for (int i = 0; i < 8 && said.find(clue.says) == std::string::npos; ++i) { // a reboot takes its time
        said = tests::output(*session, terminal, filled(clue.command, nodeOf(*session)));
        session->runFor(20s);
    }
    EXPECT_NE(said.find(clue.says), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(Variants, NodeIncidents, testing::ValuesIn(clues()), [](const auto& one) {
    std::string name = one.param.incident + "_" + one.param.variant;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(NodeIncidents, RestartingTheKubeletMendsAStoppedOne)
{
    for (const char* variant : {"stopped", "frozen"}) {
        const auto session = tests::lab("node-not-ready", "kubelet-stopped", 1, variant);
        ASSERT_TRUE(session);
        const auto terminal = session->openTerminal();
        const std::string node = nodeOf(*session);
        EXPECT_NE(tests::output(*session, terminal, "kubectl get nodes " + node).find("NotReady"), std::string::npos);
        tests::output(*session, terminal, "ssh " + node + " systemctl restart kubelet");
        session->runFor(30s);
        EXPECT_EQ(tests::output(*session, terminal, "kubectl get nodes " + node).find("NotReady"), std::string::npos) << variant;
    }
}

TEST(NodeIncidents, RestartingTheKubeletDoesNotMendItsCertificate)
{
    const auto session = tests::lab("node-not-ready", "kubelet-cert-expired", 1, "rotation-off");
    ASSERT_TRUE(session);
    const auto terminal = session->openTerminal();
    const std::string node = nodeOf(*session);
    tests::output(*session, terminal, "ssh " + node + " systemctl restart kubelet");
    session->runFor(60s);
    EXPECT_NE(tests::output(*session, terminal, "kubectl get nodes " + node).find("NotReady"), std::string::npos);
    EXPECT_NE(tests::output(*session, terminal, "ssh " + node + " systemctl status kubelet").find("auto-restart"), std::string::npos)
        << "started with an expired certificate it wants to bootstrap, and cannot";
}

TEST(NodeIncidents, PodsOfANodeWithoutRuntimeServeUntilTheyAreEvicted)
{
    const auto session = tests::lab("node-not-ready", "runtime-down", 1, "stopped-runtime");
    ASSERT_TRUE(session);
    const auto terminal = session->openTerminal();
    const std::string all = tests::output(*session, terminal, "kubectl -n shop get pods -o wide | grep " + nodeOf(*session));
    EXPECT_NE(all.find("Terminating"), std::string::npos) << "evicted after 300 s, and nobody can end their containers\n" << all;
    EXPECT_EQ(all.find("0/1"), std::string::npos) << "their shims keep them up";
}

TEST(NodeIncidents, DrainingTheNodeTakesThePainAway)
{
    const auto session = tests::lab("node-not-ready", "kubelet-stopped", 1, "stopped");
    ASSERT_TRUE(session);
    const auto terminal = session->openTerminal();
    const std::string node = nodeOf(*session);
    EXPECT_LT(session->world().userLoad().last().success, 0.99);
    session->runLine(terminal, "kubectl drain " + node + " --ignore-daemonsets --delete-emptydir-data --force --timeout=5s", 30s);
    session->runFor(60s);
    EXPECT_GT(session->world().userLoad().last().success, 0.99) << "the pods were made anew on the other nodes";
}

} // namespace
