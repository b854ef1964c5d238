#include "tests/sim/kube/cluster_lab.h"

#include "sim/kube/controllers/job_failures.h"
#include "sim/kube/controllers/job_indexes.h"

#include <set>

namespace sim::kube {
namespace {

json job(const std::string& name, json spec, json annotations = {{"sim/run-seconds", "1"}})
{
    json made{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", name}}}, {"spec", std::move(spec)}};
    made["spec"]["template"] = podTemplate(name, std::move(annotations));
    made["spec"]["template"]["spec"]["restartPolicy"] = "Never";
    return made;
}

TEST(JobIndexes, AreWrittenAsRanges)
{
    EXPECT_EQ(indexesText({}), "");
    EXPECT_EQ(indexesText({3}), "3");
    EXPECT_EQ(indexesText({0, 1}), "0,1");
    EXPECT_EQ(indexesText({0, 1, 2, 5, 7, 8}), "0-2,5,7,8");
    EXPECT_EQ(parseIndexes("0-2,5,7,8"), (JobIndexes{0, 1, 2, 5, 7, 8}));
    EXPECT_EQ(parseIndexes(""), JobIndexes{});
}

TEST(JobBackOff, DoublesFromTheLastFailureOn)
{
    JobBackOff backOff;
    EXPECT_EQ(backOff.remaining(Instant{100s}), 0s);
    backOff = {1, Instant{100s}};
    EXPECT_EQ(backOff.remaining(Instant{100s}), 10s);
    backOff.failures = 3;
    EXPECT_EQ(backOff.remaining(Instant{110s}), 30s);
    backOff.failures = 40;
    EXPECT_EQ(backOff.remaining(Instant{100s}), 600s);
}

TEST(Job, RunsToCompletionTwoByTwo)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("pi", {{"completions", 4}, {"parallelism", 2}, {"ttlSecondsAfterFinished", 6}}));
    lab.run(500ms);
    EXPECT_EQ(lab.pods().size(), 2u);
    EXPECT_EQ(lab.get<Job>("pi")->status.active, 2);
    EXPECT_EQ(lab.pods().front()->metadata.finalizers, std::vector<std::string>{"batch.kubernetes.io/job-tracking"});
    lab.run(5s);
    const auto done = lab.get<Job>("pi");
    EXPECT_EQ(done->status.succeeded, 4);
    EXPECT_EQ(done->status.active, 0);
    EXPECT_EQ(conditionStatus(done->status.conditions, "SuccessCriteriaMet"), "True");
    EXPECT_EQ(conditionStatus(done->status.conditions, "Complete"), "True");
    EXPECT_TRUE(done->status.completionTime);
    EXPECT_TRUE(lab.hasEvent("pi", "Completed: Job completed"));
    EXPECT_EQ(lab.pods().size(), 4u);
    for (const auto& pod : lab.pods())
        EXPECT_TRUE(pod->metadata.finalizers.empty());
    lab.run(8s);
    EXPECT_FALSE(lab.get<Job>("pi")) << "its time to live is over";
    EXPECT_TRUE(lab.pods().empty());
}

TEST(Job, IndexedPodsCarryTheirIndex)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("idx", {{"completions", 3}, {"parallelism", 3}, {"completionMode", "Indexed"}}));
    lab.run(500ms);
    std::set<std::string> hostnames;
    for (const auto& pod : lab.pods())
        hostnames.insert(pod->spec.hostname);
    EXPECT_EQ(hostnames, (std::set<std::string>{"idx-0", "idx-1", "idx-2"}));
    lab.run(4s);
    EXPECT_EQ(lab.get<Job>("idx")->status.completedIndexes, "0-2");
    EXPECT_EQ(lab.get<Job>("idx")->status.succeeded, 3);
}

TEST(Job, FailsAfterTheBackoffLimit)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("bad", {{"backoffLimit", 2}}, {{"sim/run-seconds", "0.1"}, {"sim/exit-code", "1"}}));
    lab.run(9s);
    EXPECT_EQ(lab.pods().size(), 1u) << "the second try waits 10 s";
    lab.run(5s);
    EXPECT_EQ(lab.pods().size(), 2u);
    lab.run(15s);
    EXPECT_EQ(lab.pods().size(), 2u) << "the third waits 20 s";
    lab.run(15s);
    const auto failed = lab.get<Job>("bad");
    EXPECT_EQ(failed->status.failed, 3);
    EXPECT_EQ(conditionStatus(failed->status.conditions, "FailureTarget"), "True");
    EXPECT_EQ(conditionStatus(failed->status.conditions, "Failed"), "True");
    EXPECT_TRUE(lab.hasEvent("bad", "BackoffLimitExceeded: Job has reached the specified backoff limit"));
}

TEST(Job, StopsAtItsDeadline)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("dead", {{"activeDeadlineSeconds", 2}}, {{"sim/run-seconds", "30"}}));
    lab.run(5s);
    const auto dead = lab.get<Job>("dead");
    EXPECT_EQ(findCondition(dead->status.conditions, "Failed")->reason, "DeadlineExceeded");
    EXPECT_EQ(dead->status.failed, 1);
    EXPECT_TRUE(lab.hasEvent("dead", "DeadlineExceeded: Job was active longer than specified deadline"));
    EXPECT_TRUE(lab.pods().empty());
}

TEST(Job, WaitsWhileItIsSuspended)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("sus", {{"suspend", true}}));
    lab.run(2s);
    EXPECT_TRUE(lab.pods().empty());
    EXPECT_EQ(conditionStatus(lab.get<Job>("sus")->status.conditions, "Suspended"), "True");
    EXPECT_FALSE(lab.get<Job>("sus")->status.startTime);
    lab.patch("jobs.batch", "sus", {{"spec", {{"suspend", false}}}});
    lab.run(5s);
    EXPECT_EQ(conditionStatus(lab.get<Job>("sus")->status.conditions, "Suspended"), "False");
    EXPECT_EQ(conditionStatus(lab.get<Job>("sus")->status.conditions, "Complete"), "True");
    EXPECT_EQ(lab.events("sus").front(), "Suspended: Job suspended");
    EXPECT_TRUE(lab.hasEvent("sus", "Resumed: Job resumed"));
}

TEST(Job, PodsThatASuspensionStopsAreNoFailures)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("held", {{"parallelism", 2}, {"completions", 2}, {"backoffLimit", 0}}, {{"sim/run-seconds", "1000"}}));
    lab.run(2s);
    lab.patch("jobs.batch", "held", {{"spec", {{"suspend", true}}}});
    lab.run(40s);
    EXPECT_TRUE(lab.pods().empty());
    EXPECT_EQ(conditionStatus(lab.get<Job>("held")->status.conditions, "Suspended"), "True");
    EXPECT_EQ(lab.get<Job>("held")->status.failed, 0);
    EXPECT_NE(conditionStatus(lab.get<Job>("held")->status.conditions, "Failed"), "True");
    lab.patch("jobs.batch", "held", {{"spec", {{"suspend", false}}}});
    lab.run(5s);
    EXPECT_EQ(lab.pods().size(), 2u);
}

TEST(Job, ItsPodsGoWithIt)
{
    ClusterLab lab;
    lab.apply("jobs.batch", job("long", {{"parallelism", 2}}, {{"sim/run-seconds", "1000"}}));
    lab.run(2s);
    EXPECT_EQ(lab.pods().size(), 2u);
    lab.remove("jobs.batch", "long");
    lab.run(3s);
    EXPECT_TRUE(lab.pods().empty()) << "the tracking finalizer must not keep them";
}

/// However pods end or are deleted: what succeeded is what the status says, and never above the completions.
TEST(Job, CountsEachCompletionOnce)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        ClusterLab lab(3, seed);
        lab.apply("jobs.batch", job("many", {{"completions", 12}, {"parallelism", 4}, {"backoffLimit", 100}}));
        std::set<std::string> succeeded;
        const auto check = [&] {
            for (const auto& pod : lab.pods())
                if (pod->status.phase == kPodSucceeded)
                    succeeded.insert(pod->metadata.uid);
            const auto status = lab.get<Job>("many")->status;
            EXPECT_LE(status.succeeded, static_cast<std::int64_t>(succeeded.size()));
            EXPECT_LE(status.succeeded, 12);
        };
        for (int step = 0; step < 30; ++step) {
            if (!lab.pods().empty() && lab.random().below(3) == 0)
                lab.remove("pods", lab.podNames()[lab.random().below(lab.pods().size())]);
            lab.run(lab.random().uniform(Duration{100ms}, Duration{3s}), check);
        }
        lab.run(3600s, check);
        const auto done = lab.get<Job>("many");
        EXPECT_EQ(conditionStatus(done->status.conditions, "Complete"), "True") << "seed " << seed;
        EXPECT_EQ(done->status.succeeded, 12) << "seed " << seed;
        EXPECT_GE(succeeded.size(), 12u) << "seed " << seed;
    }
}

} // namespace
} // namespace sim::kube
