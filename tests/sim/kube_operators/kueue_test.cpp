#include "sim/kube/operators/kueue_objects.h"
#include "tests/sim/kube_operators/operator_lab.h"

namespace sim::kube {
namespace {

constexpr const char* kLocal = "localqueues.kueue.x-k8s.io";
constexpr const char* kCluster = "clusterqueues.kueue.x-k8s.io";
constexpr const char* kFlavors = "resourceflavors.kueue.x-k8s.io";
constexpr const char* kWork = "workloads.kueue.x-k8s.io";

json kueueObject(const char* kind, const std::string& name, json spec)
{
    return {{"apiVersion", "kueue.x-k8s.io/v1beta2"}, {"kind", kind}, {"metadata", {{"name", name}}}, {"spec", std::move(spec)}};
}

json clusterQueue(const std::string& name, int gpus, const std::string& cohort = "", const std::string& strategy = "BestEffortFIFO")
{
    json quota{{{"name", "cpu"}, {"nominalQuota", "1000"}}, {{"name", kGpu}, {"nominalQuota", gpus}}};
    json spec{{"namespaceSelector", json::object()}, {"queueingStrategy", strategy},
              {"resourceGroups", {{{"coveredResources", {"cpu", kGpu}}, {"flavors", {{{"name", "h100"}, {"resources", std::move(quota)}}}}}}}};
    if (!cohort.empty())
        spec["cohortName"] = cohort;
    return kueueObject("ClusterQueue", name, std::move(spec));
}

json localQueue(const std::string& name, const std::string& clusterQueue)
{
    json queue = kueueObject("LocalQueue", name, {{"clusterQueue", clusterQueue}});
    queue["metadata"]["namespace"] = kShop;
    return queue;
}

json queuedJob(const std::string& name, int pods, int gpus, const std::string& queue, const std::string& runSeconds = "")
{
    json job = gangJob(name, pods, gpus, json::object(), runSeconds.empty() ? json::object() : json{{"sim/run-seconds", runSeconds}});
    job["metadata"]["labels"][kQueueNameLabel] = queue;
    return job;
}

class KueueLab : public OperatorLab {
public:
    explicit KueueLab(int gpus = 16, const std::string& strategy = "BestEffortFIFO", std::uint64_t seed = 7) : OperatorLab(6, seed)
    {
        training();
        install("kueue");
        start("kueue-controller-manager");
        EXPECT_TRUE(make(kFlavors, kueueObject("ResourceFlavor", "h100", json::object())).ok());
        EXPECT_TRUE(make(kCluster, clusterQueue("gpus", gpus, "", strategy)).ok());
        EXPECT_TRUE(make(kLocal, localQueue("team", "gpus")).ok());
        run(2s);
    }
    std::string workloadOf(const std::string& job) const
    {
        for (const CustomObjectPtr& one : allCustom(store(), kWorkloads))
            if (one->metadata.ownerReferences.size() == 1 && one->metadata.ownerReferences[0].name == job)
                return one->metadata.name;
        return {};
    }
};

TEST(Kueue, QueuesSayThatTheyAreReady)
{
    KueueLab lab;
    EXPECT_EQ(lab.condition(kClusterQueues, "gpus", "Active", "").value("message", ""), "Can admit new workloads");
    EXPECT_EQ(lab.condition(kLocalQueues, "team", "Active").value("message", ""), "Can submit new workloads to localQueue");
    ASSERT_TRUE(lab.make(kCluster, [] {
        json queue = clusterQueue("odd", 8);
        queue["spec"]["resourceGroups"][0]["flavors"][0]["name"] = "b200";
        return queue;
    }()).ok());
    lab.run(2s);
    EXPECT_EQ(lab.condition(kClusterQueues, "odd", "Active", "").value("message", ""), "Can't admit new workloads: references missing ResourceFlavor(s): b200.");
}

TEST(Kueue, AJobIsAdmittedAndRuns)
{
    KueueLab lab;
    ASSERT_TRUE(lab.make(kJobs, queuedJob("llm", 2, 8, "team")).ok());
    EXPECT_EQ(lab.object(kPyTorchJobs, "llm")["spec"]["runPolicy"]["suspend"], true);
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Running");
    const std::string workload = lab.workloadOf("llm");
    EXPECT_TRUE(workload.starts_with("pytorchjob-llm-"));
    EXPECT_EQ(lab.row(kWork, workload), (std::vector<std::string>{workload, "team", "gpus", "True", "", "10s"}));
    EXPECT_EQ(lab.condition(kWorkloads, workload, "QuotaReserved").value("message", ""), "Quota reserved in ClusterQueue gpus");
    EXPECT_EQ(lab.condition(kWorkloads, workload, "Admitted").value("message", ""), "The workload is admitted");
    EXPECT_TRUE(lab.hasEvent("llm", "CreatedWorkload: Created Workload: shop/" + workload));
    EXPECT_TRUE(lab.hasEvent("llm", "Started: Admitted by clusterQueue gpus"));
    EXPECT_FALSE(lab.object(kWorkloads, workload)["spec"]["podSets"][0]["template"]["spec"]["containers"][0].contains("ports"));
    EXPECT_TRUE(lab.hasEvent(workload, "Admitted: Admitted by ClusterQueue gpus, wait time since reservation was 0s"));
    EXPECT_EQ(lab.row(kLocal, "team"), (std::vector<std::string>{"team", "gpus", "0", "1"}));
    EXPECT_EQ(lab.object(kClusterQueues, "gpus", "")["status"]["flavorsUsage"][0]["resources"][1]["total"], "16");
}

TEST(Kueue, WhatIsOverTheQuotaWaitsForIt)
{
    KueueLab lab;
    ASSERT_TRUE(lab.make(kJobs, queuedJob("first", 2, 8, "team", "60")).ok());
    lab.run(10s);
    ASSERT_TRUE(lab.make(kJobs, queuedJob("second", 2, 4, "team")).ok());
    lab.run(10s);
    const std::string workload = lab.workloadOf("second");
    EXPECT_EQ(lab.state("second"), "Suspended");
    EXPECT_EQ(lab.placed("second"), 0);
    EXPECT_EQ(lab.condition(kWorkloads, workload, "QuotaReserved").value("reason", ""), "Pending");
    EXPECT_EQ(lab.condition(kWorkloads, workload, "QuotaReserved").value("message", ""),
              "couldn't assign flavors to pod set master: insufficient unused quota for nvidia.com/gpu in flavor h100, 4 more needed");
    EXPECT_EQ(lab.row(kCluster, "gpus", ""), (std::vector<std::string>{"gpus", "", "BestEffortFIFO", "1", "1"}));
    lab.run(90s);
    EXPECT_EQ(lab.state("first"), "Succeeded");
    EXPECT_EQ(lab.state("second"), "Running");
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("first"), "Finished").value("message", ""), "PyTorchJob first is successfully completed.");
}

TEST(Kueue, WhatTheQueueCanNeverGiveIsSaid)
{
    KueueLab lab;
    ASSERT_TRUE(lab.make(kJobs, queuedJob("huge", 3, 8, "team")).ok());
    ASSERT_TRUE(lab.make(kJobs, queuedJob("lost", 1, 8, "nowhere")).ok());
    lab.run(10s);
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("huge"), "QuotaReserved").value("message", ""),
              "couldn't assign flavors to pod set worker: insufficient quota for nvidia.com/gpu in flavor h100, previously considered podsets requests (8) + "
              "current podset request (16) > maximum capacity (16)");
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("lost"), "QuotaReserved").value("message", ""), "LocalQueue nowhere doesn't exist");
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("lost"), "QuotaReserved").value("reason", ""), "Inadmissible");
}

TEST(Kueue, OnlyAStrictQueueLetsNobodyOvertake)
{
    for (const bool strict : {true, false}) {
        KueueLab lab(16, strict ? "StrictFIFO" : "BestEffortFIFO");
        ASSERT_TRUE(lab.make(kJobs, queuedJob("first", 1, 8, "team")).ok());
        lab.run(5s);
        ASSERT_TRUE(lab.make(kJobs, queuedJob("big", 2, 8, "team")).ok());
        lab.run(5s);
        ASSERT_TRUE(lab.make(kJobs, queuedJob("small", 1, 8, "team")).ok());
        lab.run(10s);
        EXPECT_EQ(lab.placed("big"), 0);
        EXPECT_EQ(lab.placed("small"), strict ? 0 : 1);
    }
}

TEST(Kueue, ACohortLendsWhatItDoesNotUse)
{
    KueueLab lab(0);
    ASSERT_TRUE(lab.make(kCluster, clusterQueue("a", 8, "all")).ok());
    ASSERT_TRUE(lab.make(kCluster, clusterQueue("b", 8, "all")).ok());
    ASSERT_TRUE(lab.make(kLocal, localQueue("team-a", "a")).ok());
    ASSERT_TRUE(lab.make(kLocal, localQueue("team-b", "b")).ok());
    ASSERT_TRUE(lab.make(kJobs, queuedJob("borrows", 2, 8, "team-a")).ok());
    lab.run(10s);
    EXPECT_EQ(lab.state("borrows"), "Running");
    ASSERT_TRUE(lab.make(kJobs, queuedJob("waits", 1, 8, "team-b")).ok());
    lab.run(10s);
    EXPECT_EQ(lab.state("waits"), "Suspended");
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("waits"), "QuotaReserved").value("message", ""),
              "couldn't assign flavors to pod set master: insufficient unused quota for nvidia.com/gpu in flavor h100, 8 more needed");
}

TEST(Kueue, AJobThatIsStartedByHandIsStoppedAgain)
{
    KueueLab lab(8);
    ASSERT_TRUE(lab.make(kJobs, queuedJob("first", 1, 8, "team")).ok());
    ASSERT_TRUE(lab.make(kJobs, queuedJob("second", 1, 8, "team")).ok());
    lab.run(10s);
    lab.patch(kJobs, "second", {{"spec", {{"runPolicy", {{"suspend", false}}}}}});
    lab.run(10s);
    EXPECT_EQ(lab.object(kPyTorchJobs, "second")["spec"]["runPolicy"]["suspend"], true);
    EXPECT_TRUE(lab.hasEvent("second", "Stopped: Not admitted by cluster queue"));
    EXPECT_EQ(lab.placed("second"), 0);
}

TEST(Kueue, DeactivatingAWorkloadStopsItsJob)
{
    KueueLab lab;
    ASSERT_TRUE(lab.make(kJobs, queuedJob("llm", 2, 8, "team")).ok());
    lab.run(10s);
    const std::string workload = lab.workloadOf("llm");
    lab.patch(kWork, workload, {{"spec", {{"active", false}}}});
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Suspended");
    EXPECT_EQ(lab.condition(kWorkloads, workload, "Evicted").value("message", ""), "The workload is deactivated");
    lab.patch(kWork, workload, {{"spec", {{"active", true}}}});
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Running");
}

TEST(Kueue, ABatchJobIsQueuedAsWell)
{
    KueueLab lab(8);
    const auto batchJob = [](const std::string& name) {
        const json container{{"name", "c"}, {"image", "lab/eval:v1"}, {"resources", {{"limits", {{kGpu, 4}}}}}};
        return json{{"apiVersion", "batch/v1"}, {"kind", "Job"},
                    {"metadata", {{"name", name}, {"namespace", kShop}, {"labels", {{kQueueNameLabel, "team"}}}}},
                    {"spec", {{"parallelism", 2}, {"completions", 2},
                              {"template", {{"metadata", {{"annotations", {{"sim/run-seconds", "20"}}}}},
                                            {"spec", {{"restartPolicy", "Never"}, {"containers", {container}}}}}}}}};
    };
    for (const char* name : {"first", "second"})
        ASSERT_TRUE(lab.make("jobs.batch", batchJob(name)).ok());
    EXPECT_EQ(lab.get<Job>("first")->spec.suspend, true);
    lab.run(10s);
    EXPECT_EQ(lab.get<Job>("first")->spec.suspend, false);
    EXPECT_EQ(lab.get<Job>("first")->status.active, 2);
    EXPECT_EQ(lab.get<Job>("second")->spec.suspend, true);
    EXPECT_TRUE(lab.workloadOf("second").starts_with("job-second-"));
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("second"), "QuotaReserved").value("message", ""),
              "couldn't assign flavors to pod set main: insufficient unused quota for nvidia.com/gpu in flavor h100, 8 more needed");
    lab.run(60s);
    EXPECT_EQ(conditionStatus(lab.get<Job>("first")->status.conditions, "Complete"), "True");
    EXPECT_EQ(conditionStatus(lab.get<Job>("second")->status.conditions, "Complete"), "True");
    EXPECT_EQ(lab.condition(kWorkloads, lab.workloadOf("first"), "Finished").value("status", ""), "True");
}

TEST(Kueue, AJobsWorkloadGoesWithIt)
{
    KueueLab lab;
    ASSERT_TRUE(lab.make(kJobs, queuedJob("llm", 2, 8, "team")).ok());
    lab.run(10s);
    lab.remove(kJobs, "llm");
    lab.run(30s);
    EXPECT_EQ(lab.workloadOf("llm"), "");
    EXPECT_EQ(lab.row(kCluster, "gpus", "")[4], "0");
}

/// No quota is given twice, and nobody runs without any.
void checkQuotas(const OperatorLab& lab)
{
    std::map<std::string, std::int64_t> used;
    std::map<std::string, bool> admitted;
    for (const CustomObjectPtr& one : allCustom(lab.store(), kWorkloads)) {
        const Workload workload = readWorkload(one);
        admitted[one->metadata.ownerReferences[0].name] = workload.admitted;
        if (!workload.finished)
            for (const auto& [at, amount] : workload.usage())
                if (at.resource == kGpu)
                    used[workload.reservedIn] += amount / 1000;
    }
    EXPECT_LE(used["a"], 12); // eight of its own, four of b's
    EXPECT_LE(used["a"] + used["b"], 24);
    for (const auto& [name, yes] : admitted) {
        const json job = lab.object(kPyTorchJobs, name);
        if (!yes && job.is_object()) {
            EXPECT_TRUE(job["spec"]["runPolicy"].value("suspend", false) || lab.placed(name) == 0) << name;
        }
    }
}

TEST(KueueSwarm, GivesNoQuotaTwiceAndTellsWhoWaits)
{
    for (std::uint64_t seed = 1; seed <= 8 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        KueueLab lab(0, "BestEffortFIFO", seed);
        json a = clusterQueue("a", 8, "all");
        a["spec"]["resourceGroups"][0]["flavors"][0]["resources"][1]["borrowingLimit"] = 4;
        ASSERT_TRUE(lab.make(kCluster, a).ok());
        ASSERT_TRUE(lab.make(kCluster, clusterQueue("b", 16, "all")).ok());
        ASSERT_TRUE(lab.make(kLocal, localQueue("team-a", "a")).ok());
        ASSERT_TRUE(lab.make(kLocal, localQueue("team-b", "b")).ok());
        std::vector<std::string> jobs;
        for (int i = 0; i < 20; ++i) {
            RandomStream& random = lab.random();
            if (random.below(4) != 0 || jobs.empty()) {
                jobs.push_back("j" + std::to_string(i));
                const bool ends = random.below(3) != 0;
                ASSERT_TRUE(lab.make(kJobs, queuedJob(jobs.back(), static_cast<int>(1 + random.below(3)), static_cast<int>(1 + random.below(6)),
                                                      random.below(2) == 0 ? "team-a" : "team-b", ends ? std::to_string(5 + random.below(40)) : "")).ok());
            } else if (random.below(2) == 0) {
                lab.remove(kJobs, jobs[random.below(jobs.size())]);
            } else {
                lab.scale("kueue-controller-manager", static_cast<int>(random.below(2)));
            }
            lab.run(std::chrono::seconds(1 + random.below(15)), [&] { checkQuotas(lab); });
        }
        lab.scale("kueue-controller-manager", 1);
        lab.run(120s, [&] { checkQuotas(lab); });
        for (const std::string& name : jobs) {
            const std::string state = lab.state(name);
            if (state != "Suspended")
                continue;
            const json waits = lab.condition(kWorkloads, lab.workloadOf(name), "QuotaReserved");
            EXPECT_TRUE(waits.value("message", "").starts_with("couldn't assign flavors to pod set")) << name << waits.dump();
        }
    }
}

} // namespace
} // namespace sim::kube
