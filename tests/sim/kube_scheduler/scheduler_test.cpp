#include "tests/sim/kube_scheduler/scheduler_lab.h"

#include <algorithm>

using namespace sim;
using namespace sim::kube;

TEST(SchedulerTest, BindsAndTells)
{
    SchedulerLab lab;
    lab.add(makeNode("node-1"));
    lab.start();
    lab.add(makePod("p"));
    lab.run(1s);
    EXPECT_EQ(lab.nodeOf("p"), "node-1");
    EXPECT_EQ(lab.events("p"), std::vector<std::string>{"Scheduled: Successfully assigned shop/p to node-1"});
    const auto& events = lab.store.all<KubeEvent>();
    EXPECT_EQ(events.begin()->second->action, "Binding");
    EXPECT_EQ(findCondition(lab.pod("p")->status.conditions, "PodScheduled")->status.value, "True");
}

TEST(SchedulerTest, WithoutNodesThenWithOneThatIsNotReady)
{
    SchedulerLab lab;
    lab.start();
    lab.add(makePod("p"));
    lab.run(100ms);
    EXPECT_EQ(lab.whyNot("p"), "no nodes available to schedule pods");
    Node node = makeNode("node-1");
    Taint taint;
    taint.key = kTaintNotReady;
    taint.effect = kNoSchedule;
    node.spec.taints.push_back(taint);
    lab.add(node);
    lab.run(100ms);
    EXPECT_EQ(lab.whyNot("p"), "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. preemption: "
                               "0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
    node.spec.taints.clear();
    lab.change(node);
    lab.run(200ms);
    EXPECT_EQ(lab.nodeOf("p"), "node-1");
}

/// Golden case 66: one attempt after each node that came, though too small, once its taint is gone.
TEST(SchedulerTest, ANewNodeIsTriedWhenItsTaintGoes)
{
    SchedulerLab lab;
    lab.add(makeNode("node-0", "1"));
    lab.start();
    lab.add(makePod("big", "4"));
    lab.run(3s);
    const auto attempts = [&] { return lab.scheduler.lastDecision({"shop", "big"})->attempt; };
    EXPECT_EQ(attempts(), 1);
    for (int i = 1; i <= 3; ++i) {
        Node node = makeNode("node-" + std::to_string(i), "1");
        Taint taint;
        taint.key = kTaintNotReady;
        taint.effect = kNoSchedule;
        node.spec.taints.push_back(taint);
        lab.add(node);
        lab.run(100ms);
        node.spec.taints.clear();
        lab.change(node);
        lab.run(3900ms);
        EXPECT_EQ(attempts(), i + 1);
    }
}

TEST(SchedulerTest, OtherSchedulersPodsAreLeftAlone)
{
    SchedulerLab lab;
    lab.add(makeNode("node-1"));
    lab.start();
    Pod pod = makePod("p");
    pod.spec.schedulerName = "volcano";
    lab.add(pod);
    lab.run(1s);
    EXPECT_EQ(lab.nodeOf("p"), "");
}

TEST(SchedulerTest, DecisionsShowEveryPluginOnEveryNode)
{
    SchedulerLab lab;
    lab.add(makeNode("small", "50m"));
    lab.add(makeNode("node-1"));
    lab.add(makeNode("node-2"));
    lab.start();
    lab.add(makePod("p"));
    lab.run(1s);
    const Decision* d = lab.scheduler.lastDecision({"shop", "p"});
    ASSERT_TRUE(d);
    EXPECT_EQ(d->node, lab.nodeOf("p"));
    EXPECT_EQ(d->nodes, 3u);
    EXPECT_EQ(d->feasible, 2u);
    ASSERT_EQ(d->rows.size(), 3u);
    EXPECT_EQ(d->rows[0].node, "small");
    EXPECT_STREQ(d->rows[0].rejectedBy, "NodeResourcesFit");
    EXPECT_EQ(d->rows[0].reasons, std::vector<std::string>{"Insufficient cpu"});
    std::int64_t total = 0;
    for (const Decision::Points& p : d->rows[1].points)
        total += p.weighted;
    EXPECT_EQ(d->rows[1].points.size(), 4u);
    EXPECT_EQ(d->rows[1].total, total);
}

TEST(SchedulerTest, DecisionsOfALargeClusterHaveATableToo)
{
    SchedulerLab lab;
    for (int i = 0; i < 1000; ++i)
        lab.store.create(makeNode("node-" + std::to_string(i)), lab.engine.now(), lab.random());
    lab.start();
    lab.add(makePod("one"));
    lab.run(1s);
    const Decision* d = lab.scheduler.lastDecision({"shop", "one"});
    EXPECT_TRUE(d->tabled);
    EXPECT_EQ(d->nodes, 1000u);
    EXPECT_EQ(d->offered, 1000u);
    EXPECT_EQ(d->looked, 420u) << "percentageOfNodesToScore: 50 - 1000 / 125";
    EXPECT_EQ(d->rows.size(), d->looked);
    EXPECT_EQ(std::count(d->skipped.begin(), d->skipped.end(), std::string("NodePorts")), 1);
    EXPECT_EQ(std::count(d->skipped.begin(), d->skipped.end(), std::string("NodeResourcesFit")), 0);
    // With many pods to place, a table for each would cost more than the placing.
    for (int i = 0; i < 300; ++i)
        lab.store.create(makePod("p" + std::to_string(i)), lab.engine.now(), lab.random());
    lab.run(10s);
    std::size_t rows = 0;
    std::size_t bare = 0;
    for (const auto& kept : lab.scheduler.decisions()) {
        rows += kept->rows.size();
        bare += kept->tabled ? 0 : 1;
        EXPECT_EQ(kept->tabled, !kept->rows.empty());
        EXPECT_EQ(kept->looked, 420u);
    }
    EXPECT_LE(rows, Scheduler::kMostKeptRows);
    EXPECT_GT(bare, 100u);
    EXPECT_TRUE(lab.scheduler.decisions().back()->tabled);
}

TEST(SchedulerTest, TheHistoryMayBeGone)
{
    SchedulerLab lab;
    lab.add(makeNode("node-1", "8"));
    lab.start();
    for (int i = 0; i < 50; ++i)
        lab.store.create(makePod("p-" + std::to_string(i)), lab.engine.now(), lab.random());
    for (std::size_t i = 0; i <= Store::kHistory; ++i) {
        ConfigMap map;
        map.metadata.namespace_ = "shop";
        map.metadata.name = "m-" + std::to_string(i);
        lab.store.create(map, lab.engine.now(), lab.random());
    }
    lab.run(1s);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(lab.nodeOf("p-" + std::to_string(i)), "node-1");
}

namespace {

bool permitted = false;

} // namespace

TEST(SchedulerTest, APermitPluginMayHoldABinding)
{
    permitted = false;
    auto plugins = std::make_shared<Plugins>(defaultPlugins());
    Plugin gang{"Gang"};
    gang.permit = [](const Binding&) { return BindingStatus{permitted ? BindingVerdict::Go : BindingVerdict::Wait, {}}; };
    plugins->push_back(gang);
    SchedulerLab lab;
    lab.add(makeNode("node-1", "1"));
    lab.scheduler.setPlugins(plugins);
    lab.start();
    lab.add(makePod("p", "900m"));
    lab.add(makePod("q", "900m"));
    lab.run(3s);
    EXPECT_EQ(lab.nodeOf("p"), "");
    EXPECT_NE(lab.whyNot("q"), ""); // the room is taken while p waits
    permitted = true;
    lab.run(2s);
    EXPECT_EQ(lab.nodeOf("p"), "node-1");
}

TEST(NodeSampling, FeasibleNodesWanted)
{
    EXPECT_EQ(feasibleNodesWanted(99, 0), 99u);
    EXPECT_EQ(feasibleNodesWanted(100, 0), 100u);
    EXPECT_EQ(feasibleNodesWanted(1000, 0), 420u);
    EXPECT_EQ(feasibleNodesWanted(5000, 0), 500u);
    EXPECT_EQ(feasibleNodesWanted(6000, 0), 300u);
    EXPECT_EQ(feasibleNodesWanted(1000, 70), 700u);
}

TEST(NodeSampling, EachCycleBeginsWhereTheLastEnded)
{
    SchedulerLab lab;
    for (int i = 0; i < 300; ++i)
        lab.add(makeNode("node-" + std::to_string(1000 + i)));
    lab.start();
    for (int i = 0; i < 3; ++i)
        lab.add(makePod("p-" + std::to_string(i)));
    lab.run(1s);
    // 300 nodes: 48 percent, 144 nodes. The third look begins at 288.
    std::vector<int> at;
    for (int i = 0; i < 3; ++i)
        at.push_back(std::stoi(lab.nodeOf("p-" + std::to_string(i)).substr(5)) - 1000);
    EXPECT_LT(at[0], 144);
    EXPECT_GE(at[1], 144);
    EXPECT_LT(at[1], 288);
    EXPECT_TRUE(at[2] >= 288 || at[2] < 132);
}
