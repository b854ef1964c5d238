#include "core/session/verify.h"
#include "tests/support/lab.h"

namespace {

using namespace std::chrono_literals;

constexpr const char* kClient = "etcdctl --endpoints=https://10.0.0.11:2379,https://10.0.0.12:2379,https://10.0.0.13:2379 "
                                "--cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt "
                                "--key=/etc/kubernetes/pki/etcd/server.key ";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct BrokenStore {
    std::string cause;
    std::string variant;
    std::string says; ///< what a write meets, sooner or later
};

class EtcdSlow : public testing::TestWithParam<BrokenStore> { };

TEST_P(EtcdSlow, HurtsPeopleUntilItIsRepairedAndSpeaksInRealWords)
{
    const auto session = tests::lab("etcd-slow", GetParam().cause, 12, GetParam().variant);
    const auto terminal = session->openTerminal();
    EXPECT_LT(session->world().telemetry().mean("sli.success", 60s), 0.985);
    std::string said;
    for (int i = 0; i < 12 && !has(said, GetParam().says); ++i) {
        said = tests::output(*session, terminal, "kubectl -n shop annotate deployment checkout checked=" + std::to_string(i) + " --overwrite");
        session->runFor(7s);
    }
    EXPECT_TRUE(has(said, "Error from server: " + GetParam().says)) << said;
    session->runFor(10min);
    EXPECT_LT(session->world().telemetry().mean("sli.success", 60s), 0.985) << "waiting does not help";
}

INSTANTIATE_TEST_SUITE_P(AllVariants, EtcdSlow,
                         testing::Values(BrokenStore{"slow-disk", "busy-disk", "etcdserver: request timed out"},
                                         BrokenStore{"slow-disk", "io-limit", "etcdserver: request timed out"},
                                         BrokenStore{"space-quota", "fragmented", "etcdserver: mvcc: database space exceeded"},
                                         BrokenStore{"space-quota", "no-compaction", "etcdserver: mvcc: database space exceeded"},
                                         BrokenStore{"space-quota", "small-quota", "etcdserver: mvcc: database space exceeded"},
                                         BrokenStore{"lost-quorum", "manifests-moved", "etcdserver: request timed out"},
                                         BrokenStore{"lost-quorum", "peer-firewall", "etcdserver: request timed out"},
                                         BrokenStore{"lost-quorum", "powered-off", "etcdserver: request timed out"}),
                         [](const auto& one) {
                             std::string name = one.param.cause + "_" + one.param.variant;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(EtcdSlow, TheContentProvesItself)
{
    core::session::VerifyOptions options;
    options.incident = "etcd-slow";
    options.seeds = {1};
    const auto verdicts = core::session::verify(tests::library(), options);
    EXPECT_GE(verdicts.size(), 50U);
    for (const auto& verdict : verdicts)
        EXPECT_TRUE(verdict.passed) << verdict.subject << " " << verdict.score << ": " << verdict.detail;
}

TEST(Etcdctl, AsksEachMemberAndNeedsItsKeys)
{
    const auto session = tests::lab();
    const auto terminal = session->openTerminal();
    const std::string client = kClient;
    const std::string status = tests::output(*session, terminal, "ssh cp-1 sudo " + client + "endpoint status -w table");
    EXPECT_TRUE(has(status, "|        ENDPOINT        |        ID        | VERSION | DB SIZE | IS LEADER | IS LEARNER | RAFT TERM | RAFT INDEX | "
                            "RAFT APPLIED INDEX | ERRORS |")) << status;
    EXPECT_TRUE(has(status, "| https://10.0.0.12:2379 |")) << status;
    const auto count = [&](const std::string& part) {
        int found = 0;
        for (std::size_t at = status.find(part); at != std::string::npos; at = status.find(part, at + 1))
            ++found;
        return found;
    };
    EXPECT_EQ(count("|      true |"), 1) << status;
    EXPECT_TRUE(has(tests::output(*session, terminal, "ssh cp-2 sudo " + client + "endpoint health --cluster"),
                    "https://10.0.0.13:2379 is healthy: successfully committed proposal: took = "));
    EXPECT_TRUE(has(tests::output(*session, terminal, "ssh cp-1 sudo " + client + "member list"),
                    ", started, cp-3, https://10.0.0.13:2380, https://10.0.0.13:2379, false"));
    EXPECT_TRUE(has(tests::output(*session, terminal, "kubectl -n kube-system exec etcd-cp-2 -- " + client + "get /registry/deployments/shop --prefix --keys-only"),
                    "/registry/deployments/shop/checkout\n"));
    const std::string bare = tests::output(*session, terminal, "ssh cp-1 sudo etcdctl endpoint status");
    EXPECT_TRUE(has(bare, "context deadline exceeded")) << bare;
    EXPECT_TRUE(has(tests::output(*session, terminal, "ssh ops@cp-1 " + client + "endpoint status"), "server.key: permission denied"));
    EXPECT_TRUE(has(tests::output(*session, terminal, "etcdctl version"), "command not found"));
}

TEST(Etcdctl, WithoutAMajorityOnlyStatusAnswers)
{
    const auto session = tests::lab("etcd-slow", "lost-quorum", 3, "manifests-moved");
    const auto terminal = session->openTerminal();
    const std::string other = session->world().injections().front().parameters.at("other_host");
    const std::string client = "ssh " + other + " sudo " + kClient;
    const std::string status = tests::output(*session, terminal, client + "endpoint status");
    EXPECT_TRUE(has(status, "etcdserver: no leader")) << status;
    EXPECT_TRUE(has(status, "connect: connection refused")) << status;
    EXPECT_TRUE(has(status, "Failed to get the status of endpoint https://10.0.0.1")) << status;
    EXPECT_TRUE(has(tests::output(*session, terminal, client + "endpoint health"), "Error: unhealthy cluster"));
    EXPECT_TRUE(has(tests::output(*session, terminal, client + "member list"), "Error: context deadline exceeded"));
    EXPECT_TRUE(has(tests::output(*session, terminal, client + "alarm list"), "Error: context deadline exceeded"));
}

TEST(ApiHealth, TellsOfEtcd)
{
    const auto session = tests::lab();
    const auto terminal = session->openTerminal();
    EXPECT_EQ(tests::output(*session, terminal, "kubectl get --raw /readyz"), "ok");
    EXPECT_TRUE(has(tests::output(*session, terminal, "kubectl get --raw '/readyz?verbose'"), "[+]etcd ok\n"));
    EXPECT_TRUE(has(tests::output(*session, terminal, "curl -sk https://cp-1:6443/livez"), "ok"));
    const auto broken = tests::lab("etcd-slow", "lost-quorum", 4, "peer-firewall");
    const auto there = broken->openTerminal();
    std::string said;
    for (int i = 0; i < 10 && !has(said, "etcd failed"); ++i) { // an API server may be starting anew just now
        said = tests::output(*broken, there, "curl -sk https://cp-1:6443/readyz");
        broken->runFor(15s);
    }
    EXPECT_TRUE(has(said, "[-]etcd failed: reason withheld\n")) << said;
    EXPECT_TRUE(has(said, "readyz check failed")) << said;
}

} // namespace
