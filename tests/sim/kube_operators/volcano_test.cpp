#include "tests/sim/kube_operators/operator_lab.h"

#include <set>

namespace sim::kube {
namespace {

constexpr const char* kQueues = "queues.scheduling.volcano.sh";
constexpr const char* kGroups = "podgroups.scheduling.volcano.sh";

void gangs(OperatorLab& lab)
{
    lab.volcano();
    lab.training({"--gang-scheduler-name=volcano"});
}

/// No job has fewer of its pods placed than it needs, unless it has none.
void expectWholeGangs(const OperatorLab& lab, const std::vector<std::pair<std::string, int>>& jobs)
{
    for (const auto& [name, pods] : jobs) {
        const int placed = lab.placed(name);
        EXPECT_TRUE(placed == 0 || placed == pods) << name << ": " << placed;
    }
}

std::string messageOf(const OperatorLab& lab, const std::string& pod)
{
    const auto found = lab.get<Pod>(pod);
    const Condition* condition = found ? findCondition(found->status.conditions, "PodScheduled") : nullptr;
    return condition != nullptr ? condition->reason + ": " + condition->message : std::string();
}

TEST(Volcano, AGangRunsAsAWhole)
{
    OperatorLab lab;
    gangs(lab);
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 8)).ok());
    lab.run(20s, [&] { expectWholeGangs(lab, {{"llm", 3}}); });
    EXPECT_EQ(lab.state("llm"), "Running");
    EXPECT_EQ(lab.row(kGroups, "llm"), (std::vector<std::string>{"llm", "Running", "3", "3", "20s", "default"}));
    EXPECT_EQ(lab.object(kPodGroups, "llm")["spec"]["minResources"]["nvidia.com/gpu"], "24");
    EXPECT_EQ(lab.condition(kPodGroups, "llm", "Scheduled").value("reason", ""), "tasks in gang are ready to be scheduled");
    EXPECT_TRUE(lab.hasEvent("llm-worker-0", "Scheduled: Successfully assigned shop/llm-worker-0 to " + lab.get<Pod>("llm-worker-0")->spec.nodeName));
    EXPECT_EQ(lab.object(kVolcanoQueues, "default", "")["status"]["allocated"]["nvidia.com/gpu"], "24");
}

TEST(Volcano, AGangThatDoesNotFitHoldsNothing)
{
    OperatorLab lab;
    gangs(lab);
    for (const char* name : {"a", "b", "c"})
        ASSERT_TRUE(lab.make(kJobs, gangJob(name, 1, 5)).ok());
    lab.run(10s);
    EXPECT_EQ(lab.placed("a") + lab.placed("b") + lab.placed("c"), 3);
    // Nine GPUs are free, three on each node: enough for the queue, but not for pods of two.
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 4, 2)).ok());
    lab.run(20s, [&] { expectWholeGangs(lab, {{"llm", 4}}); });
    EXPECT_EQ(lab.placed("llm"), 0);
    EXPECT_EQ(lab.object(kPodGroups, "llm")["status"]["phase"], "Inqueue");
    EXPECT_EQ(lab.condition(kPodGroups, "llm", "Unschedulable").value("message", ""),
              "1/4 tasks in gang unschedulable: pod group is not ready, 4 Pending, 4 minAvailable; Pending: 1 Unschedulable, 3 Schedulable");
    EXPECT_TRUE(lab.hasEvent("llm", "Unschedulable: 4/4 tasks in gang unschedulable: pod group is not ready, 4 Pending, 4 minAvailable; Pending: "
                                    "1 Unschedulable, 3 Schedulable"));
    EXPECT_EQ(messageOf(lab, "llm-worker-2"), "Unschedulable: 0/4 nodes are unavailable: 4 Insufficient nvidia.com/gpu.");
    EXPECT_TRUE(messageOf(lab, "llm-master-0").starts_with("Schedulable: Pod shop/llm-master-0 can possibly be assigned to gpu-"));
    EXPECT_TRUE(lab.hasEvent("llm-worker-2", "FailedScheduling: 0/4 nodes are unavailable: 4 Insufficient nvidia.com/gpu."));
    lab.remove(kJobs, "a");
    lab.run(30s);
    EXPECT_EQ(lab.placed("llm"), 4);
    EXPECT_EQ(lab.state("llm"), "Running");
}

TEST(Volcano, WhatTheClusterCannotPromiseWaitsWithoutPods)
{
    OperatorLab lab;
    gangs(lab);
    ASSERT_TRUE(lab.make(kJobs, gangJob("huge", 4, 8)).ok());
    lab.run(20s);
    EXPECT_TRUE(lab.pods().empty());
    EXPECT_EQ(lab.row(kGroups, "huge")[1], "Pending");
    EXPECT_TRUE(lab.hasEvent("huge", "Unschedulable: resource in cluster is overused"));
    EXPECT_EQ(lab.state("huge"), "Created");
}

/// Two jobs of three nodes each wait for four nodes to become free; a pod of the first was made anew and stands behind
/// the second one's.
void letTwoGangsMeet(OperatorLab& lab)
{
    for (int i = 0; i < 4; ++i) {
        json pod = podTemplate("filler");
        pod["apiVersion"] = "v1";
        pod["kind"] = "Pod";
        pod["metadata"]["name"] = "filler-" + std::to_string(i);
        pod["spec"]["containers"][0]["resources"]["limits"] = {{kGpu, 8}};
        lab.apply("pods", pod);
    }
    lab.run(5s);
    ASSERT_TRUE(lab.make(kJobs, gangJob("one", 3, 8)).ok());
    lab.run(5s);
    ASSERT_TRUE(lab.make(kJobs, gangJob("two", 3, 8)).ok());
    lab.run(5s);
    lab.remove("pods", "one-worker-1");
    lab.run(5s);
    for (int i = 0; i < 4; ++i)
        lab.remove("pods", "filler-" + std::to_string(i));
    lab.run(120s);
}

TEST(Volcano, TwoGangsBlockEachOtherWithoutIt)
{
    OperatorLab lab(4);
    lab.training();
    letTwoGangsMeet(lab);
    EXPECT_EQ(lab.placed("one"), 2);
    EXPECT_EQ(lab.placed("two"), 2);
    // Neither can begin; both masters hold their GPUs and are said to be running.
    EXPECT_EQ(lab.object(kPyTorchJobs, "one")["status"]["replicaStatuses"]["Worker"].value("active", 0), 1);
    EXPECT_EQ(lab.object(kPyTorchJobs, "two")["status"]["replicaStatuses"]["Worker"].value("active", 0), 1);
}

TEST(Volcano, OfTwoGangsThatDoNotBothFitOneRuns)
{
    OperatorLab lab(4);
    gangs(lab);
    letTwoGangsMeet(lab);
    EXPECT_EQ(lab.placed("one"), 3);
    EXPECT_EQ(lab.placed("two"), 0);
    lab.remove(kJobs, "one");
    lab.run(60s);
    EXPECT_EQ(lab.placed("two"), 3);
}

TEST(Volcano, AQueueGetsNoMoreThanItsCapability)
{
    OperatorLab lab;
    gangs(lab);
    ASSERT_TRUE(lab.make(kQueues, {{"apiVersion", "scheduling.volcano.sh/v1beta1"}, {"kind", "Queue"}, {"metadata", {{"name", "research"}}},
                                   {"spec", {{"weight", 1}, {"capability", {{"nvidia.com/gpu", 8}}}}}}).ok());
    const json policy{{"schedulingPolicy", {{"queue", "research"}}}};
    ASSERT_TRUE(lab.make(kJobs, gangJob("fits", 2, 4, policy)).ok());
    lab.run(10s);
    ASSERT_TRUE(lab.make(kJobs, gangJob("over", 2, 4, policy)).ok());
    ASSERT_TRUE(lab.make(kJobs, gangJob("other", 2, 4)).ok());
    lab.run(20s);
    EXPECT_EQ(lab.placed("fits"), 2);
    EXPECT_EQ(lab.placed("over"), 0);
    EXPECT_EQ(lab.placed("other"), 2);
    EXPECT_TRUE(lab.hasEvent("over", "Unschedulable: queue resource quota insufficient"));
    EXPECT_EQ(lab.object(kVolcanoQueues, "research", "")["status"]["running"], 1);
    EXPECT_EQ(lab.object(kVolcanoQueues, "research", "")["status"]["pending"], 1);
}

TEST(Volcano, StaysBelowAsFewLeavesAsItCanAndPacksNodes)
{
    OperatorLab lab(8, 7, 8, 2); // four leaves of two nodes
    gangs(lab);
    lab.make("configmaps", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "volcano-scheduler-configmap"}, {"namespace", "operators"}}},
                            {"data", {{"volcano-scheduler.conf",
                                       "actions: \"enqueue, allocate, backfill\"\ntiers:\n- plugins:\n  - name: gang\n  - name: binpack\n    arguments:\n"
                                       "      binpack.resources: nvidia.com/gpu\n      binpack.resources.nvidia.com/gpu: 10\n"}}}});
    const auto leavesOf = [&](const std::string& job) {
        std::set<std::string> leaves;
        for (const auto& pod : lab.pods())
            if (pod->metadata.labels.at("training.kubeflow.org/job-name") == job)
                leaves.insert(lab.get<Node>(pod->spec.nodeName)->metadata.labels.at("network.topology.nvidia.com/leaf"));
        return leaves;
    };
    const auto nodesOf = [&](const std::string& job) {
        std::set<std::string> nodes;
        for (const auto& pod : lab.pods())
            if (pod->metadata.labels.at("training.kubeflow.org/job-name") == job)
                nodes.insert(pod->spec.nodeName);
        return nodes;
    };
    ASSERT_TRUE(lab.make(kJobs, gangJob("small", 4, 2)).ok());
    lab.run(10s);
    EXPECT_EQ(nodesOf("small").size(), 1U);
    ASSERT_TRUE(lab.make(kJobs, gangJob("pair", 2, 8)).ok());
    lab.run(10s);
    EXPECT_EQ(leavesOf("pair").size(), 1U);
    EXPECT_NE(leavesOf("pair"), leavesOf("small"));
    // The rest of the first leaf is just right for this one.
    ASSERT_TRUE(lab.make(kJobs, gangJob("rest", 1, 8)).ok());
    lab.run(10s);
    EXPECT_EQ(leavesOf("rest"), leavesOf("small"));
    ASSERT_TRUE(lab.make(kJobs, gangJob("wide", 4, 8)).ok());
    lab.run(10s);
    EXPECT_EQ(leavesOf("wide").size(), 2U);
}

TEST(Volcano, AThousandGpusAreShared)
{
    OperatorLab lab(128, 7, 8, 8); // 16 leaves of 8 nodes
    gangs(lab);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(lab.make(kJobs, gangJob("big-" + std::to_string(i), 40, 8)).ok());
    ASSERT_TRUE(lab.make(kJobs, gangJob("last", 16, 8)).ok());
    lab.run(60s, [] {});
    std::set<std::string> leaves;
    for (const auto& pod : lab.pods())
        if (pod->metadata.labels.at("training.kubeflow.org/job-name") == "big-0")
            leaves.insert(lab.get<Node>(pod->spec.nodeName)->metadata.labels.at("network.topology.nvidia.com/leaf"));
    EXPECT_EQ(leaves.size(), 5U);
    for (const char* name : {"big-0", "big-1", "big-2"})
        EXPECT_EQ(lab.placed(name), 40);
    EXPECT_EQ(lab.placed("last"), 0);
}

TEST(Volcano, PodsWithoutAGroupGetOneOfTheirOwn)
{
    OperatorLab lab;
    lab.volcano();
    json pod = podTemplate("bare");
    pod["apiVersion"] = "v1";
    pod["kind"] = "Pod";
    pod["metadata"]["name"] = "bare";
    pod["spec"]["schedulerName"] = "volcano";
    lab.apply("pods", pod);
    lab.run(10s);
    EXPECT_EQ(lab.get<Pod>("bare")->status.phase, "Running");
    EXPECT_EQ(lab.object(kPodGroups, "podgroup-" + lab.get<Pod>("bare")->metadata.uid)["status"]["phase"], "Running");
}

TEST(Volcano, NobodyPlacesItsPodsWhileItIsDown)
{
    OperatorLab lab;
    gangs(lab);
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 2, 8)).ok());
    lab.run(10s);
    lab.scale("volcano-scheduler", 0);
    lab.run(5s);
    lab.fail("llm-worker-0", 1);
    lab.run(30s);
    EXPECT_EQ(lab.get<Pod>("llm-worker-0")->spec.nodeName, "");
    lab.scale("volcano-scheduler", 1);
    lab.run(20s);
    EXPECT_EQ(lab.get<Pod>("llm-worker-0")->status.phase, "Running");
    EXPECT_EQ(lab.object(kPodGroups, "llm")["status"]["phase"], "Running");
}

} // namespace
} // namespace sim::kube
