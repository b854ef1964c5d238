#include "tests/sim/kube/cluster_lab.h"

namespace sim::kube {
namespace {

json cronJob(const std::string& schedule, json more = json::object(), const std::string& runSeconds = "0.5")
{
    json pods = podTemplate("tick", {{"sim/run-seconds", runSeconds}});
    pods["spec"]["restartPolicy"] = "OnFailure";
    json spec{{"schedule", schedule}, {"jobTemplate", {{"spec", {{"template", std::move(pods)}}}}}};
    spec.update(more);
    return {{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", "tick"}}}, {"spec", std::move(spec)}};
}

std::vector<std::string> jobs(const ClusterLab& lab)
{
    std::vector<std::string> names;
    for (const auto& job : lab.store().inNamespace<Job>(kShop))
        names.push_back(job->metadata.name);
    return names;
}

TEST(CronJob, MakesAJobEachMinuteAndKeepsThree)
{
    ClusterLab lab;
    lab.apply("cronjobs.batch", cronJob("*/1 * * * *"));
    const std::int64_t minute = unixSeconds(lab.now()) / 60;
    lab.run(65s);
    const std::string first = "tick-" + std::to_string(minute + 1);
    EXPECT_EQ(jobs(lab), std::vector<std::string>{first});
    EXPECT_TRUE(lab.hasEvent("tick", "SuccessfulCreate: Created job " + first));
    EXPECT_TRUE(lab.hasEvent("tick", "SawCompletedJob: Saw completed job: " + first + ", condition: Complete"));
    const auto cron = lab.get<CronJob>("tick");
    EXPECT_EQ(unixSeconds(cron->status.lastScheduleTime->at), (minute + 1) * 60);
    EXPECT_TRUE(cron->status.lastSuccessfulTime);
    EXPECT_TRUE(cron->status.active.empty());
    lab.run(300s);
    EXPECT_EQ(jobs(lab).size(), 3u);
}

TEST(CronJob, ForbidWaitsForTheOneThatRuns)
{
    ClusterLab lab;
    lab.apply("cronjobs.batch", cronJob("*/1 * * * *", {{"concurrencyPolicy", "Forbid"}}, "90"));
    lab.run(125s);
    EXPECT_EQ(jobs(lab).size(), 1u);
    EXPECT_TRUE(lab.hasEvent("tick", "JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid"));
}

TEST(CronJob, ReplaceEndsTheOneThatRuns)
{
    ClusterLab lab;
    lab.apply("cronjobs.batch", cronJob("*/1 * * * *", {{"concurrencyPolicy", "Replace"}}, "90"));
    lab.run(125s);
    EXPECT_EQ(jobs(lab).size(), 1u);
    EXPECT_EQ(lab.get<CronJob>("tick")->status.active.size(), 1u);
    EXPECT_EQ(lab.events("tick")[1].substr(0, 30), "SuccessfulDelete: Deleted job ");
}

TEST(CronJob, SuspendedMakesNone)
{
    ClusterLab lab;
    lab.apply("cronjobs.batch", cronJob("*/1 * * * *", {{"suspend", true}}));
    lab.run(200s);
    EXPECT_TRUE(jobs(lab).empty());
    lab.patch("cronjobs.batch", "tick", {{"spec", {{"suspend", false}}}});
    lab.run(1s);
    EXPECT_EQ(jobs(lab).size(), 1u) << "the latest missed start is made up for";
}

TEST(CronJob, NamesTheJobsItDidNotMake)
{
    ClusterLab lab;
    lab.apply("cronjobs.batch", cronJob("0 0 1 1 *"));
    lab.run(1s);
    json manual{{"apiVersion", "batch/v1"}, {"kind", "Job"},
                {"metadata", {{"name", "manual"}, {"ownerReferences", {{{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"name", "tick"},
                                                                        {"uid", lab.get<CronJob>("tick")->metadata.uid}, {"controller", true}}}}}},
                {"spec", {{"template", podTemplate("tick", {{"sim/run-seconds", "0.5"}})}}}};
    manual["spec"]["template"]["spec"]["restartPolicy"] = "Never";
    lab.apply("jobs.batch", manual);
    lab.run(3s);
    EXPECT_TRUE(lab.hasEvent("tick", "UnexpectedJob: Saw a job that the controller did not create or forgot: manual"));
    EXPECT_TRUE(lab.get<CronJob>("tick")->status.lastSuccessfulTime);
}

} // namespace
} // namespace sim::kube
