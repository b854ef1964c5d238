#include "tests/sim/kube_scheduler/scheduler_lab.h"

using namespace sim;
using namespace sim::kube;

namespace {

Pod withPriority(Pod pod, std::int64_t priority)
{
    pod.spec.priority = priority;
    return pod;
}

Pod running(const std::string& name, const std::string& node, std::int64_t priority, Instant started, const std::string& cpu = "900m")
{
    Pod pod = withPriority(onNode(labelled(makePod(name, cpu), name), node), priority);
    pod.status.startTime = Time{started};
    return pod;
}

struct PreemptionTest : testing::Test {
    SchedulerLab lab;
    Instant start = lab.engine.now();

    bool dying(const std::string& name) { return lab.pod(name)->metadata.deletionTimestamp.has_value(); }
};

} // namespace

TEST_F(PreemptionTest, VictimsGetTheConditionTheEventAndTheirGrace)
{
    lab.add(makeNode("node-1", "2"));
    lab.start();
    lab.add(running("low-0", "node-1", 10, start));
    lab.add(running("low-2", "node-1", 10, start));
    const auto high = lab.add(withPriority(makePod("high-0", "1500m"), 1000));
    lab.run(1s);
    EXPECT_EQ(lab.whyNot("high-0"), "0/1 nodes are available: 1 Insufficient cpu.");
    EXPECT_EQ(lab.pod("high-0")->status.nominatedNodeName, "node-1");
    for (const char* name : {"low-0", "low-2"}) {
        const Condition* c = findCondition(lab.pod(name)->status.conditions, "DisruptionTarget");
        ASSERT_TRUE(c) << name;
        EXPECT_EQ(c->reason, "PreemptionByScheduler");
        EXPECT_EQ(c->message, "default-scheduler: preempting to accommodate a higher priority pod");
        EXPECT_TRUE(dying(name));
        EXPECT_EQ(lab.events(name), std::vector<std::string>{"Preempted: Preempted by pod " + high->metadata.uid + " on node node-1"});
    }
    // One victim is gone, the other not yet: golden case 31.
    lab.remove("low-0");
    lab.run(500ms);
    EXPECT_EQ(lab.whyNot("high-0"),
              "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.");
    lab.remove("low-2");
    lab.run(500ms);
    EXPECT_EQ(lab.nodeOf("high-0"), "node-1");
}

TEST_F(PreemptionTest, TheRoomIsKeptForTheNominatedPod)
{
    lab.add(makeNode("node-1", "2"));
    lab.start();
    lab.add(running("low", "node-1", 10, start, "1900m"));
    lab.add(withPriority(makePod("high", "1500m"), 1000));
    lab.run(1s);
    lab.add(withPriority(makePod("cheeky", "1"), 5));
    lab.remove("low");
    lab.run(5s);
    EXPECT_EQ(lab.nodeOf("high"), "node-1");
    EXPECT_EQ(lab.nodeOf("cheeky"), "");
}

TEST_F(PreemptionTest, NoMoreThanNeededAndTheLeastImportant)
{
    lab.add(makeNode("node-1", "3"));
    lab.start();
    lab.add(running("a", "node-1", 30, start));
    lab.add(running("b", "node-1", 20, start));
    lab.add(running("c", "node-1", 10, start));
    lab.add(withPriority(makePod("high", "900m"), 1000));
    lab.run(1s);
    EXPECT_FALSE(dying("a"));
    EXPECT_FALSE(dying("b"));
    EXPECT_TRUE(dying("c"));
}

TEST_F(PreemptionTest, NodesAreChosenByBudgetsPrioritiesNumbersAndStart)
{
    for (const char* name : {"node-1", "node-2", "node-3", "node-4", "node-5"})
        lab.add(makeNode(name, "2"));
    lab.start();
    lab.add(running("guarded", "node-1", 1, start, "1900m"));
    lab.add(running("high-victim", "node-2", 20, start, "1900m"));
    lab.add(running("two-a", "node-3", 10, start));
    lab.add(running("two-b", "node-3", 10, start));
    lab.add(running("old", "node-4", 10, start - 1h, "1900m"));
    lab.add(running("young", "node-5", 10, start, "1900m"));
    PodDisruptionBudget budget;
    budget.metadata.name = "guard";
    budget.metadata.namespace_ = "shop";
    budget.spec.selector = appIs("guarded");
    lab.add(budget);
    lab.add(withPriority(makePod("high", "1500m"), 1000));
    lab.run(1s);
    EXPECT_EQ(lab.pod("high")->status.nominatedNodeName, "node-5");
    EXPECT_TRUE(dying("young"));
}

TEST_F(PreemptionTest, NeverMeansNever)
{
    lab.add(makeNode("node-1", "2"));
    lab.start();
    lab.add(running("low", "node-1", 10, start, "1900m"));
    Pod polite = withPriority(makePod("polite", "1500m"), 1000);
    polite.spec.preemptionPolicy = "Never";
    lab.add(polite);
    lab.run(1s);
    EXPECT_EQ(lab.whyNot("polite"), "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.");
    EXPECT_FALSE(dying("low"));
}

TEST_F(PreemptionTest, TooLittleEvenWithoutTheLower)
{
    lab.add(makeNode("node-1", "2"));
    lab.start();
    lab.add(running("low", "node-1", 10, start, "500m"));
    lab.add(running("equal", "node-1", 1000, start, "1"));
    lab.add(withPriority(makePod("high", "1500m"), 1000));
    lab.run(1s);
    EXPECT_EQ(lab.whyNot("high"), "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.");
    EXPECT_FALSE(dying("low"));
}

TEST(PreemptionCandidates, ATenthButAHundred)
{
    EXPECT_EQ(preemptionCandidatesWanted(20), 20u);
    EXPECT_EQ(preemptionCandidatesWanted(500), 100u);
    EXPECT_EQ(preemptionCandidatesWanted(5000), 500u);
}
