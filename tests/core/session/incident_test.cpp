#include "core/session/script.h"
#include "core/session/verify.h"
#include "tests/support/lab.h"

namespace {

using namespace std::chrono_literals;

struct Variant {
    std::string cause;
    std::string variant;
    std::string says; ///< what describe and events print of the failing pull
};

std::vector<Variant> variants()
{
    return {
        {"wrong-tag", "tag", "shop/checkout:1.8.4: not found"},
        {"wrong-tag", "name", "pull access denied, repository does not exist or may require authorization: server message: "
                              "insufficient_scope: authorization failed"},
        {"bad-pull-secret", "wrong-robot", "insufficient_scope: authorization failed"},
        {"bad-pull-secret", "other-registry", "insufficient_scope: authorization failed"},
        {"node-egress", "firewall-reject", "dial tcp 10.0.0.20:5000: connect: connection refused"},
        {"node-egress", "firewall-drop", "dial tcp 10.0.0.20:5000: i/o timeout"},
        {"node-egress", "dead-route", "dial tcp 10.0.0.20:5000: connect: no route to host"},
        {"node-egress", "stale-hosts", "dial tcp 10.0.0.19:5000: connect: no route to host"},
        {"registry-down", "stopped", "dial tcp 10.0.0.20:5000: connect: connection refused"},
        {"registry-down", "powered-off", "dial tcp 10.0.0.20:5000: connect: no route to host"},
        {"registry-down", "firewall", "dial tcp 10.0.0.20:5000: i/o timeout"},
        {"registry-down", "storage-error", "503 Service Unavailable"},
        {"registry-down", "storage-path", "shop/checkout:1.8.4: not found"},
    };
}

class ImagePull : public testing::TestWithParam<Variant> { };

TEST_P(ImagePull, DescribeReadsAsInARealCluster)
{
    const auto session = tests::lab("image-pull-backoff", GetParam().cause, 11, GetParam().variant);
    const auto terminal = session->openTerminal();
    session->runFor(90s);
    const std::string pods = tests::output(*session, terminal, "kubectl -n shop get pods -l app=checkout");
    EXPECT_TRUE(pods.find("ImagePullBackOff") != std::string::npos || pods.find("ErrImagePull") != std::string::npos
                || pods.find("ContainerCreating") != std::string::npos) << pods;
    const std::string described = tests::output(*session, terminal, "kubectl -n shop describe pods -l app=checkout");
    EXPECT_NE(described.find(GetParam().says), std::string::npos) << described;
    EXPECT_NE(described.find("Failed to pull image"), std::string::npos);
    EXPECT_NE(described.find("Back-off pulling image"), std::string::npos) << described;
}

TEST_P(ImagePull, HurtsPeopleUntilItIsRepaired)
{
    const auto session = tests::lab("image-pull-backoff", GetParam().cause, 12, GetParam().variant);
    session->runFor(3min);
    const double hurt = session->world().telemetry().mean("sli.success", 60s);
    EXPECT_LT(hurt, 0.985);
    // Waiting does not help.
    session->runFor(15min);
    EXPECT_LT(session->world().telemetry().mean("sli.success", 60s), 0.985);
}

INSTANTIATE_TEST_SUITE_P(AllVariants, ImagePull, testing::ValuesIn(variants()), [](const auto& one) {
    std::string name = one.param.cause + "_" + one.param.variant;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(ImagePull, OnlyThatNodesPullsFailForNodeEgress)
{
    const auto session = tests::lab("image-pull-backoff", "node-egress", 3);
    const std::string node = session->world().injections().front().parameters.at("node");
    session->runFor(4min);
    for (const auto& [key, pod] : session->world().cluster().store().all<sim::kube::Pod>()) {
        if (key.namespace_ != "shop" || pod->metadata.labels.count("app") == 0 || pod->metadata.labels.at("app") != "checkout")
            continue;
        const bool waiting = !pod->status.containerStatuses.empty() && pod->status.containerStatuses.front().state.waiting.has_value();
        EXPECT_EQ(waiting, pod->spec.nodeName == node && pod->spec.containers.front().image.find("1.8.4") != std::string::npos)
            << key.name << " on " << pod->spec.nodeName;
    }
    const auto terminal = session->openTerminal();
    for (const std::string worker : {"worker-1", "worker-2", "worker-3"}) {
        const int status = session->runLine(terminal, "ssh " + worker + " curl -sk -m 5 -o /dev/null https://registry.lab:5000/v2/").status;
        EXPECT_EQ(status != 0, worker == node) << worker;
    }
}

TEST(ImagePull, AWrongRepairDoesNotHeal)
{
    const auto session = tests::lab("image-pull-backoff", "bad-pull-secret", 5);
    const auto terminal = session->openTerminal();
    session->runLine(terminal, "ssh registry systemctl restart registry");
    session->runLine(terminal, "kubectl -n shop rollout restart deployment/checkout");
    session->runFor(8min);
    EXPECT_LT(session->world().telemetry().mean("sli.success", 60s), 0.985);
}

TEST(ImagePull, TheContentProvesItself)
{
    core::session::VerifyOptions options;
    options.incident = "image-pull-backoff";
    options.seeds = {1};
    const auto verdicts = core::session::verify(tests::library(), options);
    EXPECT_GE(verdicts.size(), 60u);
    for (const auto& verdict : verdicts)
        EXPECT_TRUE(verdict.passed) << verdict.subject << " " << verdict.score << ": " << verdict.detail;
}

} // namespace
