#include "core/session/kube_detail.h"
#include "core/session/runner.h"
#include "tests/support/content.h"
#include "tests/support/lab.h"

#include <algorithm>
#include <future>

namespace {

using namespace std::chrono_literals;
using core::session::KubeInterest;
using core::session::OwnedObject;

/// The healthy lab with a terminal.
struct HealthyLab {
    std::unique_ptr<core::session::Session> session = tests::lab();
    core::session::TerminalId terminal = session->openTerminal();
    void run(const std::string& line) { session->runLine(terminal, line); }
};

const OwnedObject* found(const core::session::OwnersDetail& owners, const std::string& kind, const std::string& prefix)
{
    const auto it = std::find_if(owners.objects.begin(), owners.objects.end(),
                                 [&](const OwnedObject& one) { return one.kind == kind && one.name.rfind(prefix, 0) == 0; });
    return it == owners.objects.end() ? nullptr : &*it;
}

TEST(KubeDetail, OwnersLeadFromContainersToTheDeployment)
{
    HealthyLab lab;
    const auto owners = core::session::ownersOf(lab.session->world());
    std::vector<std::string> kinds;
    const OwnedObject* pod = found(owners, "Pod", "checkout-");
    ASSERT_NE(pod, nullptr);
    const auto container = std::find_if(owners.objects.begin(), owners.objects.end(), [&](const OwnedObject& one) { return one.uid == pod->uid + "/" + one.name; });
    ASSERT_NE(container, owners.objects.end());
    EXPECT_EQ(container->state, "Running");
    for (const OwnedObject* one = &*container;; one = &owners.objects[static_cast<std::size_t>(one->parent)]) {
        kinds.push_back(one->kind);
        if (one->parent < 0)
            break;
        EXPECT_LT(one->parent, one - owners.objects.data()) << "owners come first";
    }
    EXPECT_EQ(kinds, (std::vector<std::string>{"Container", "Pod", "ReplicaSet", "Deployment"}));
}

TEST(KubeDetail, FinalizersAndDeletionShow)
{
    HealthyLab lab;
    lab.run("kubectl run held --image=registry.lab:5000/shop/checkout:1.8.0");
    lab.run("kubectl patch pod held -p '{\"metadata\":{\"finalizers\":[\"lab.example/hold\"]}}'");
    lab.run("kubectl delete pod held --wait=false");
    lab.session->runFor(90s);
    const auto owners = core::session::ownersOf(lab.session->world());
    const OwnedObject* pod = found(owners, "Pod", "held");
    ASSERT_NE(pod, nullptr);
    EXPECT_TRUE(pod->deleting);
    EXPECT_EQ(pod->finalizers, std::vector<std::string>{"lab.example/hold"});
}

TEST(KubeDetail, AControllersTurnsTellWhatItWrote)
{
    HealthyLab lab;
    lab.run("kubectl -n shop scale deployment checkout --replicas=8");
    lab.session->runFor(2s);
    KubeInterest interest;
    interest.controllers = true;
    interest.controller = "replicaset";
    const auto detail = core::session::controllersOf(lab.session->world(), interest);
    EXPECT_TRUE(detail.running);
    ASSERT_TRUE(detail.chosen);
    EXPECT_EQ(detail.chosen->name, "replicaset-controller");
    std::size_t added = 0;
    for (const auto& turn : detail.chosen->turns)
        for (const auto& write : turn.writes)
            added += write.type == "ADDED" && write.kind == "Pod" && write.object.rfind("shop/checkout-", 0) == 0;
    EXPECT_GE(added, 1u);
    EXPECT_TRUE(std::any_of(detail.chosen->arrivals.begin(), detail.chosen->arrivals.end(),
                            [](const auto& change) { return change.kind == "ReplicaSet" && change.what == "spec"; }));
    const auto& differences = detail.chosen->differences;
    const auto replicas = std::find_if(differences.begin(), differences.end(), [](const auto& one) { return one.what == "status.replicas"; });
    ASSERT_NE(replicas, differences.end());
    EXPECT_EQ(replicas->wanted, "8");
}

TEST(KubeDetail, AFailingKeyIsSeenToBeRetried)
{
    HealthyLab lab;
    lab.run("kubectl create namespace tight");
    lab.run("kubectl -n tight create quota none --hard=pods=0");
    lab.run("kubectl -n tight create deployment web --image=registry.lab:5000/shop/checkout:1.8.0");
    lab.session->runFor(2s);
    KubeInterest interest;
    interest.controllers = true;
    interest.controller = "replicaset";
    const auto detail = core::session::controllersOf(lab.session->world(), interest);
    ASSERT_TRUE(detail.chosen);
    const auto retried = std::find_if(detail.chosen->delayed.begin(), detail.chosen->delayed.end(),
                                      [](const auto& one) { return one.key.rfind("tight/web-", 0) == 0; });
    ASSERT_NE(retried, detail.chosen->delayed.end());
    EXPECT_GE(retried->failures, 2);
    EXPECT_GT(retried->due, lab.session->now());
}

TEST(KubeDetail, ARewoundLoopIsAsItWas)
{
    HealthyLab lab;
    lab.run("kubectl -n shop scale deployment checkout --replicas=8");
    lab.session->runFor(1s);
    const sim::Instant then = lab.session->now();
    KubeInterest interest;
    interest.controllers = true;
    interest.controller = "replicaset";
    const auto before = core::session::controllersOf(lab.session->world(), interest);
    lab.run("kubectl -n shop scale deployment checkout --replicas=1");
    lab.session->runFor(20s);
    lab.session->rewind(then);
    const auto after = core::session::controllersOf(lab.session->world(), interest);
    ASSERT_EQ(before.chosen->turns.size(), after.chosen->turns.size());
    for (std::size_t i = 0; i < before.chosen->turns.size(); ++i) {
        EXPECT_EQ(before.chosen->turns[i].at, after.chosen->turns[i].at);
        EXPECT_EQ(before.chosen->turns[i].writes.size(), after.chosen->turns[i].writes.size());
    }
}

TEST(KubeDetail, ADecisionIsFoundByItsPod)
{
    HealthyLab lab;
    lab.run("echo '{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"big\"},\"spec\":{\"containers\":[{\"name\":\"big\","
            "\"image\":\"nginx\",\"resources\":{\"requests\":{\"cpu\":\"64\"}}}]}}' | kubectl apply -f -");
    lab.session->runFor(1s);
    KubeInterest interest;
    interest.decisions = true;
    interest.pod = "default/big";
    const auto detail = core::session::decisionsOf(lab.session->world(), interest);
    ASSERT_NE(detail.chosen, nullptr);
    EXPECT_TRUE(detail.chosen->node.empty());
    EXPECT_EQ(detail.chosen->rows.size(), detail.chosen->looked);
    EXPECT_EQ(detail.place, "unschedulable");
    for (const auto& row : detail.chosen->rows)
        EXPECT_TRUE(std::any_of(detail.filters.begin(), detail.filters.end(), [&](const auto& one) { return one.name == row.rejectedBy; }));
    interest.pod = "default/nobody";
    EXPECT_EQ(core::session::decisionsOf(lab.session->world(), interest).chosen, nullptr);
}

TEST(KubeDetail, EtcdFollowsItsMembers)
{
    HealthyLab lab;
    const auto well = core::session::etcdOf(lab.session->world(), {});
    ASSERT_EQ(well.members.size(), 3u);
    EXPECT_FALSE(well.leader.empty());
    EXPECT_TRUE(well.refusal.empty());
    EXPECT_TRUE(well.commitLatency);
    ASSERT_FALSE(well.entries.empty());
    EXPECT_EQ(well.entries.front().key.rfind("/registry/", 0), 0u);
    for (std::size_t i = 1; i < well.entries.size(); ++i)
        EXPECT_LT(well.entries[i].revision, well.entries[i - 1].revision);
    lab.run("ssh " + well.leader + " -- sudo systemctl stop kubelet containerd");
    lab.run("ssh " + well.leader + " -- sudo pkill -9 etcd");
    lab.session->runFor(10s);
    const auto after = core::session::etcdOf(lab.session->world(), {});
    EXPECT_NE(after.leader, well.leader);
    EXPECT_GT(after.term, well.term);
    EXPECT_EQ(std::count_if(after.members.begin(), after.members.end(), [](const auto& one) { return one.serving; }), 2);
}

TEST(KubeDetail, APathGoesByNameAndServiceToAPod)
{
    HealthyLab lab;
    const auto owners = core::session::ownersOf(lab.session->world());
    const OwnedObject* gateway = found(owners, "Pod", "gateway-");
    ASSERT_NE(gateway, nullptr);
    KubeInterest interest;
    interest.path = true;
    interest.pathFrom = gateway->nameSpace + "/" + gateway->name;
    interest.pathTo = "checkout"; // the Service's port is found
    const auto path = core::session::pathOf(lab.session->world(), interest);
    EXPECT_EQ(path.problem, "");
    ASSERT_TRUE(path.question);
    EXPECT_TRUE(path.question->delivered);
    ASSERT_TRUE(path.connection);
    EXPECT_TRUE(path.connection->delivered) << path.connection->stoppedBy;
    const auto& stations = path.connection->stations;
    EXPECT_TRUE(std::any_of(stations.begin(), stations.end(), [](const auto& one) { return one.kind == "service"; }));
    EXPECT_EQ(stations.front().name, interest.pathFrom);
    EXPECT_EQ(stations.back().name.rfind("shop/checkout-", 0), 0u);
    interest.pathTo = "no-such-service";
    EXPECT_EQ(core::session::pathOf(lab.session->world(), interest).problem, core::session::PathDetail::kNoName);
    interest.pathFrom = "shop/nobody";
    EXPECT_EQ(core::session::pathOf(lab.session->world(), interest).problem, core::session::PathDetail::kNoSource);
}

TEST(KubeDetail, TheRunnerRehearsesWithoutATrace)
{
    core::session::Runner runner(tests::library(), [](auto) {}, [](const core::session::TerminalUpdate&) {});
    runner.start({});
    runner.setPaused(true);
    const auto ask = [&](void (core::session::Runner::*how)(sim::kube::Request, core::session::Runner::ResponseCallback), sim::kube::Request request) {
        std::promise<sim::kube::Response> answer;
        auto waits = answer.get_future();
        (runner.*how)(std::move(request), [&](sim::kube::Response response) { answer.set_value(std::move(response)); });
        return waits.get();
    };
    sim::kube::Request create;
    create.verb = sim::kube::Verb::Create;
    create.resource = "configmaps";
    create.namespace_ = "shop";
    create.body = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "note"}}}, {"data", {{"a", "b"}}}};
    sim::kube::Request get;
    get.resource = "configmaps";
    get.namespace_ = "shop";
    get.name = "note";
    EXPECT_EQ(ask(&core::session::Runner::rehearse, create).code, 201);
    EXPECT_EQ(ask(&core::session::Runner::request, get).code, 404);
    EXPECT_EQ(ask(&core::session::Runner::request, create).code, 201);
    EXPECT_EQ(ask(&core::session::Runner::request, get).code, 200);
    create.body["metadata"]["name"] = "Bad Name";
    const auto refused = ask(&core::session::Runner::rehearse, create);
    EXPECT_EQ(refused.code, 422);
    EXPECT_EQ(refused.body["details"]["causes"][0]["field"], "metadata.name");
}

} // namespace
