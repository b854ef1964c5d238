#include "tests/app/support/fake_kube.h"

#include "tests/app/support/fake_world.h"

namespace app::desktop::testing {

namespace {

using namespace std::chrono_literals;
using core::session::OwnedObject;
using Row = sim::kube::Decision::Row;

Row scored(const char* node, std::int64_t fit, std::int64_t balance, std::int64_t image)
{
    Row row;
    row.node = node;
    row.points = {{"NodeResourcesFit", fit, fit}, {"NodeResourcesBalancedAllocation", balance, balance}, {"ImageLocality", image, image},
                  {"PodTopologySpread", 100, 200}};
    for (const auto& points : row.points)
        row.total += points.weighted;
    return row;
}

Row refused(const char* node, const char* plugin, const char* reason)
{
    Row row;
    row.node = node;
    row.rejectedBy = plugin;
    row.reasons = {reason};
    return row;
}

core::session::DecisionsDetail frameOfDecisions()
{
    core::session::DecisionsDetail detail;
    detail.running = true;
    for (const char* name : {"NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodeResourcesFit", "PodTopologySpread"})
        detail.filters.push_back({name, 0});
    detail.scores = {{"TaintToleration", 3}, {"NodeResourcesFit", 1}, {"NodeResourcesBalancedAllocation", 1}, {"ImageLocality", 1},
                     {"PodTopologySpread", 2}};
    return detail;
}

OwnedObject owned(const char* kind, const char* space, const char* name, int parent, const char* state, sim::Health health)
{
    OwnedObject object;
    object.kind = kind;
    object.nameSpace = space;
    object.name = name;
    object.uid = std::string(kind) + "/" + space + "/" + name + (parent >= 0 ? std::to_string(parent) : "");
    object.parent = parent;
    object.state = state;
    object.health = health;
    return object;
}

} // namespace

std::shared_ptr<const core::session::DecisionsDetail> sketchDecisions()
{
    auto detail = std::make_shared<core::session::DecisionsDetail>(frameOfDecisions());
    auto decision = std::make_shared<sim::kube::Decision>();
    decision->at = sketchWorld()->now - 30s;
    decision->namespace_ = "shop";
    decision->pod = "checkout-7c9f5d6b8-2xk4q";
    decision->attempt = 1;
    decision->node = "worker-1";
    decision->nodes = decision->offered = decision->looked = 4;
    decision->tabled = true;
    decision->feasible = 2;
    decision->rows = {refused("cp-1", "TaintToleration", "node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"),
                      scored("worker-3", 61, 80, 0), scored("worker-1", 72, 91, 12),
                      refused("worker-2", "NodeResourcesFit", "Insufficient cpu")};
    detail->chosen = decision;
    detail->latest = {{decision->at, "shop/checkout-7c9f5d6b8-2xk4q", "worker-1", 1, false},
                      {decision->at - 5s, "ml/trainer-0", "", 3, false}};
    return detail;
}

std::shared_ptr<const core::session::DecisionsDetail> sketchPending()
{
    auto detail = std::make_shared<core::session::DecisionsDetail>(frameOfDecisions());
    auto decision = std::make_shared<sim::kube::Decision>();
    decision->at = sketchWorld()->now - 10s;
    decision->namespace_ = "ml";
    decision->pod = "trainer-0";
    decision->attempt = 3;
    decision->nodes = decision->offered = decision->looked = 2;
    decision->tabled = true;
    decision->message = "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.";
    decision->rows = {refused("gpu-1", "NodeResourcesFit", "Insufficient nvidia.com/gpu"),
                      refused("gpu-2", "NodeResourcesFit", "Insufficient nvidia.com/gpu")};
    detail->chosen = decision;
    detail->place = "backoff";
    detail->backoffEnd = sketchWorld()->now + 10s;
    return detail;
}

std::shared_ptr<const core::session::OwnersDetail> sketchOwners()
{
    using sim::Health;
    auto owners = std::make_shared<core::session::OwnersDetail>();
    owners->objects = {owned("Pod", "ml", "trainer-0", -1, "Terminating", Health::Warn),
                       owned("Container", "ml", "trainer", 0, "Running", Health::Ok),
                       owned("Deployment", "shop", "checkout", -1, "1/2", Health::Warn),
                       owned("ReplicaSet", "shop", "checkout-7c9f5d6b8", 2, "1/2", Health::Warn),
                       owned("Pod", "shop", "checkout-7c9f5d6b8-2xk4q", 3, "Running", Health::Ok),
                       owned("Container", "shop", "checkout", 4, "Running", Health::Ok),
                       owned("Pod", "shop", "checkout-7c9f5d6b8-9dwlz", 3, "ImagePullBackOff", Health::Critical),
                       owned("Container", "shop", "checkout", 6, "ImagePullBackOff", Health::Critical)};
    owners->objects[0].deleting = true;
    owners->objects[0].ownerGone = true;
    owners->objects[0].finalizers = {"batch.kubernetes.io/job-tracking"};
    return owners;
}

std::shared_ptr<const core::session::ControllersDetail> sketchControllers()
{
    const sim::Instant now = sketchWorld()->now;
    auto detail = std::make_shared<core::session::ControllersDetail>();
    detail->running = true;
    detail->rows = {{"deployment", "deployment-controller", 1, 1, 1, 14}, {"replicaset", "replicaset-controller", 0, 0, 0, 31},
                    {"gc", "garbage-collector-controller", 0, 3, 0, 8}};
    core::session::ControllerDetail one;
    one.id = "deployment";
    one.name = "deployment-controller";
    one.keyKind = "Deployment";
    one.arrivals = {{now - 1s, "MODIFIED", "ReplicaSet", "shop/checkout-7c9f5d6b8", "status"}, {now - 4s, "ADDED", "Deployment", "shop/cart", ""}};
    one.waiting = {"shop/checkout"};
    one.waitingInAll = 1;
    one.delayed = {{"ml/trainer", now + 4s, 6}};
    one.delayedInAll = 1;
    one.turns = {{now - 2s, "shop/cart", {{now - 2s, "ADDED", "ReplicaSet", "shop/cart-5d9c", ""}, {now - 2s, "MODIFIED", "Deployment", "shop/cart", "status"}}, false},
                 {now - 3s, "shop/checkout", {}, false}};
    one.key = "shop/cart";
    one.differences = {{"status.observedGeneration", "1", "1", true}, {"status.availableReplicas", "3", "1", false}};
    detail->chosen = one;
    return detail;
}

std::shared_ptr<const core::session::EtcdDetail> sketchEtcd()
{
    auto detail = std::make_shared<core::session::EtcdDetail>();
    const auto member = [&](const char* name, bool leader, std::vector<std::string> peers, std::uint64_t applied) {
        core::session::EtcdMemberDetail one;
        one.name = name;
        one.id = "8e9e05c52164694d";
        one.address = "10.0.0.11";
        one.serving = true;
        one.leader = leader;
        one.majority = !peers.empty();
        one.peers = std::move(peers);
        one.sync = 2ms;
        one.applied = applied;
        one.fileBytes = 74'000'000;
        one.quotaBytes = 2'147'483'648;
        detail->members.push_back(std::move(one));
    };
    member("cp-1", true, {"cp-2"}, 812);
    member("cp-2", false, {"cp-1"}, 812);
    member("cp-3", false, {}, 640);
    detail->leader = detail->logOf = "cp-1";
    detail->term = 3;
    detail->index = 812;
    detail->revision = 790;
    detail->compacted = 500;
    detail->inUseBytes = 61'000'000;
    detail->commitLatency = 4ms;
    detail->entries = {{790, "PUT", "/registry/leases/kube-node-lease/worker-1"}, {789, "DELETE", "/registry/pods/shop/checkout-x"}};
    detail->log = {"{\"level\":\"warn\",\"msg\":\"prober detected unhealthy status\"}"};
    return detail;
}

std::shared_ptr<const core::session::PathDetail> sketchPath()
{
    auto detail = std::make_shared<core::session::PathDetail>();
    detail->destinations = {"checkout.shop:8080", "kube-dns.kube-system:53"};
    detail->resolved = "checkout.shop.svc.cluster.local → 10.96.31.4";
    core::session::PathLeg question;
    question.asked = "10.96.0.10:53/udp";
    question.verdict = "delivered";
    question.delivered = true;
    question.rttMilliseconds = 0.31;
    question.stations = {{"pod", "shop/gateway-1", "eth0", "", "", "10.244.1.7", "10.96.0.10:53"},
                         {"service", "worker-1", "", "KUBE-SEP-A1", "kube-system/kube-dns:dns", "10.244.1.7", "10.244.2.5:53"},
                         {"pod", "kube-system/coredns-1", "eth0", "", "", "10.244.1.7", "10.244.2.5:53"}};
    core::session::PathLeg connection;
    connection.asked = "10.96.31.4:8080/tcp";
    connection.verdict = "timed out";
    connection.stoppedBy = "NetworkPolicy shop/deny-all on worker-2";
    connection.stations = {{"pod", "shop/gateway-1", "eth0", "", "", "10.244.1.7", "10.96.31.4:8080"},
                           {"machine", "worker-1", "vxlan.calico", "10.244.2.0/24 via 10.0.0.22", "", "10.244.1.7", "10.244.2.9:8080"},
                           {"switch", "leaf-1", "", "", "", "10.244.1.7", "10.244.2.9:8080"},
                           {"policy", "worker-2", "", "cali-tw-1 drops it", "shop/deny-all", "10.244.1.7", "10.244.2.9:8080"}};
    detail->question = question;
    detail->connection = connection;
    return detail;
}

std::shared_ptr<const core::session::KubeDetail> sketchKube()
{
    auto detail = std::make_shared<core::session::KubeDetail>();
    detail->decisions = sketchDecisions();
    detail->owners = sketchOwners();
    detail->controllers = sketchControllers();
    detail->etcd = sketchEtcd();
    detail->path = sketchPath();
    return detail;
}

} // namespace app::desktop::testing
