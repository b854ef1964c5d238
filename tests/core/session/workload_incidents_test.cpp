#include "tests/support/lab.h"

#include <algorithm>
#include <ostream>

// What a learner reads in pod-pending, stuck-rollout, webhook-down and stuck-terminating, a variant at a time. How the
// variants play to their end is `faultctl verify`'s business.
namespace {

using namespace std::chrono_literals;

struct Seen {
    std::string incident;
    std::string cause;
    std::string variant;
    std::string command;
    std::string says;
};

void PrintTo(const Seen& seen, std::ostream* out) { *out << seen.incident << '/' << seen.cause << '/' << seen.variant; }

constexpr const char* kPods = "kubectl -n shop describe pods -l app=checkout";
constexpr const char* kSets = "kubectl -n shop describe replicaset -l app=checkout";

const std::string kSelectorText = "2 node(s) had untolerated taint {nvidia.com/gpu: present}, 3 node(s) didn't match Pod's node affinity/selector, "
                                  "3 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.";
const std::string kUnboundText = "0/8 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
const std::string kCall = "Error creating: Internal error occurred: failed calling webhook \"images.policy.lab\": failed to call webhook: ";
const std::string kPost = kCall + "Post \"https://policy-gate.policy-system.svc:443/validate?timeout=10s\": ";

std::vector<Seen> podPending()
{
    const std::string id = "pod-pending";
    return {
        {id, "insufficient-resources", "cpu-typo", kPods, "3 Insufficient cpu"},
        {id, "insufficient-resources", "memory-typo", kPods, "3 Insufficient memory"},
        {id, "insufficient-resources", "crowded", kPods, "3 Insufficient cpu"},
        {id, "insufficient-resources", "gpus-taken", kPods, "5 Insufficient nvidia.com/gpu"},
        {id, "unbound-pvc", "class-missing", kPods, kUnboundText},
        {id, "unbound-pvc", "no-matching-volume", kPods, kUnboundText},
        {id, "unbound-pvc", "provisioner-missing", kPods, kUnboundText},
        {id, "selector-mismatch", "label-missing", kPods, kSelectorText},
        {id, "selector-mismatch", "affinity-typo", kPods, kSelectorText},
        {id, "untolerated-taint", "gpu-pool", kPods, kSelectorText},
        {id, "untolerated-taint", "maintenance", kPods, "had untolerated taint {lab.ops/maintenance: kernel-update}"},
        {id, "quota-exceeded", "cpu", kSets, "exceeded quota: shop-quota, requested: requests.cpu=2, used: requests.cpu="},
        {id, "quota-exceeded", "count", kSets, "exceeded quota: shop-quota, requested: pods=1, used: pods=9, limited: pods=9"},
        {id, "quota-exceeded", "must-specify", kSets, "failed quota: shop-quota: must specify limits.cpu for: checkout"},
        {id, "no-fault", "batch-window", kPods, "3 Insufficient cpu"},
        {id, "no-fault", "quota-busy", kSets, "exceeded quota: shop-quota, requested: requests.cpu=2, used: requests.cpu="},
        {id, "no-fault", "slow-clone", kPods, kUnboundText},
    };
}

std::vector<Seen> stuckRollout()
{
    const std::string id = "stuck-rollout";
    return {
        {id, "failing-readiness", "wrong-path", kPods, "Readiness probe failed: HTTP probe failed with statuscode: 404"},
        {id, "failing-readiness", "wrong-port", kPods, ":8081: connect: connection refused"},
        {id, "quota-exceeded", "surge", kSets, "exceeded quota: shop-compute, requested: requests.cpu=500m"},
        {id, "quota-exceeded", "must-specify", kSets, "failed quota: shop-compute: must specify limits.cpu for: checkout"},
        {id, "admission-denied", "service-account", kSets, "error looking up service account shop/checkout-payments: serviceaccount \"checkout-payments\" not found"},
        {id, "admission-denied", "priority-class", kSets, "no PriorityClass with name shop-critical was found"},
        {id, "admission-denied", "limit-range", kSets, "maximum memory usage per Container is 768Mi, but limit is 1Gi"},
        {id, "paused", "paused", "kubectl -n shop describe deployment checkout", "DeploymentPaused"},
        {id, "no-room", "anti-affinity", kPods, "3 node(s) didn't match pod anti-affinity rules"},
        {id, "no-room", "host-port", kPods, "3 node(s) didn't have free ports for the requested pod ports"},
        {id, "no-room", "full-nodes", kPods, "3 Insufficient cpu"},
        {id, "no-fault", "slow-start", kPods, "delay=240s"},
        {id, "no-fault", "batch-window", kPods, "3 Insufficient cpu"},
    };
}

std::vector<Seen> webhookDown()
{
    const std::string id = "webhook-down";
    return {
        {id, "no-endpoints", "scaled-to-zero", kSets, kPost + "no endpoints available for service \"policy-gate\""},
        {id, "no-endpoints", "selector-typo", kSets, kPost + "no endpoints available for service \"policy-gate\""},
        {id, "bad-certificate", "expired", kSets, kPost + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time "},
        {id, "bad-certificate", "ca-rotated", kSets, kPost + "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "},
        {id, "bad-certificate", "wrong-name", kSets, "x509: certificate is valid for policy-gate.policy-system.svc, policy-gate.policy-system.svc.cluster.local, "
                                                     "not image-policy.policy-system.svc"},
        {id, "timeout", "network-policy", kSets, kPost + "context deadline exceeded"},
        {id, "timeout", "hung", kSets, kPost + "context deadline exceeded"},
        {id, "wrong-port", "target-port", kSets, ":443: connect: connection refused"},
        {id, "wrong-port", "service-port", kSets, "no service port 8443 found for service \"policy-gate\""},
        {id, "wrong-port", "path", kSets, kCall + "the server could not find the requested resource"},
        {id, "self-deadlock", "own-namespace", "kubectl -n policy-system describe replicaset", kPost + "no endpoints available for service \"policy-gate\""},
        {id, "no-fault", "restarting", kSets, kPost + "no endpoints available for service \"policy-gate\""},
    };
}

std::vector<Seen> stuckTerminating()
{
    const std::string id = "stuck-terminating";
    const std::string space = "kubectl describe namespace preview-42";
    const std::string pods = "kubectl -n preview-42 get pods";
    return {
        {id, "orphaned-finalizer", "custom-resource", space, "databases.lab.ops/drop in 1 resource instances"},
        {id, "orphaned-finalizer", "config-map", space, "preview.lab.ops/teardown in 1 resource instances"},
        {id, "node-unreachable", "kubelet-stopped", pods, "Terminating"},
        {id, "node-unreachable", "powered-off", pods, "Terminating"},
        {id, "apiservice-unavailable", "no-endpoints", space, "Discovery failed for some groups, 1 failing"},
        {id, "apiservice-unavailable", "service-missing", space, "Discovery failed for some groups, 1 failing"},
        {id, "long-grace", "frozen", pods, "Terminating"},
        {id, "long-grace", "pre-stop", pods, "Terminating"},
        {id, "no-fault", "draining", pods, "Terminating"},
    };
}

class WorkloadIncident : public testing::TestWithParam<Seen> { };

TEST_P(WorkloadIncident, ReadsAsInARealCluster)
{
    const Seen& seen = GetParam();
    const auto session = tests::lab(seen.incident, seen.cause, 11, seen.variant);
    ASSERT_NE(session, nullptr);
    const auto terminal = session->openTerminal();
    const std::string output = tests::output(*session, terminal, seen.command);
    EXPECT_NE(output.find(seen.says), std::string::npos) << output;
}

std::string nameOf(const testing::TestParamInfo<Seen>& one)
{
    std::string name = one.param.cause + "_" + one.param.variant;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(PodPending, WorkloadIncident, testing::ValuesIn(podPending()), nameOf);
INSTANTIATE_TEST_SUITE_P(StuckRollout, WorkloadIncident, testing::ValuesIn(stuckRollout()), nameOf);
INSTANTIATE_TEST_SUITE_P(WebhookDown, WorkloadIncident, testing::ValuesIn(webhookDown()), nameOf);
INSTANTIATE_TEST_SUITE_P(StuckTerminating, WorkloadIncident, testing::ValuesIn(stuckTerminating()), nameOf);

TEST(PodPending, HurtsPeopleUntilItIsRepaired)
{
    for (const char* cause : {"insufficient-resources", "unbound-pvc", "selector-mismatch", "untolerated-taint", "quota-exceeded"}) {
        const auto session = tests::lab("pod-pending", cause, 12);
        session->runFor(15min);
        EXPECT_LT(session->world().telemetry().mean("sli.success", 60s), 0.985) << cause;
    }
}

TEST(StuckRollout, CustomersDoNotNotice)
{
    for (const char* cause : {"failing-readiness", "quota-exceeded", "admission-denied", "paused", "no-room", "no-fault"}) {
        const auto session = tests::lab("stuck-rollout", cause, 12);
        session->runFor(5min);
        EXPECT_GT(session->world().telemetry().mean("sli.success", 60s), 0.99) << cause;
    }
}

TEST(WebhookDown, TheGateStillKeepsForeignImagesOutOnceItIsUp)
{
    const auto session = tests::lab("webhook-down", "no-fault", 12);
    session->runFor(6min);
    const auto terminal = session->openTerminal();
    EXPECT_EQ(tests::output(*session, terminal, "kubectl -n shop run intruder --image=docker.io/library/busybox:1.36"),
              "Error from server (Forbidden): admission webhook \"images.policy.lab\" denied the request: image "
              "\"docker.io/library/busybox:1.36\" does not come from registry.lab:5000,registry.k8s.io,docker.io/calico\n");
    EXPECT_EQ(tests::output(*session, terminal, "kubectl -n shop run guest --image=registry.lab:5000/shop/cart:3.1.0"), "pod/guest created\n");
}

} // namespace
