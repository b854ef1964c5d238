#include "core/progress/skills.h"

#include "tests/core/progress/sample_attempts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace core::progress {

namespace {

const Skill& skill(const std::vector<Skill>& skills, const std::string& id)
{
    const auto found = std::find_if(skills.begin(), skills.end(),
                                    [&](const Skill& s) { return s.axis.id == id; });
    EXPECT_NE(found, skills.end()) << id;
    return *found;
}

Attempt attemptOf(const std::string& incident, const std::string& area, double score,
                  const std::string& startedAt)
{
    Attempt attempt = sampleAttempt(incident, score, startedAt);
    attempt.area = area;
    attempt.directionWeights = directionWeights(area);
    return attempt;
}

} // namespace

TEST(Skills, NothingAttemptedIsNotZero)
{
    EXPECT_EQ(directionSkills({}).size(), 5U);
    EXPECT_EQ(areaSkills({}).size(), 15U);
    for (const Skill& each : directionSkills({}))
        EXPECT_FALSE(each.score);
}

TEST(Skills, EveryAreaTrainsSomething)
{
    for (const Axis& area : areas()) {
        const auto weights = directionWeights(area.id);
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0,
                                           [](double s, const auto& weight) { return s + weight.second; });
        EXPECT_NEAR(sum, 1, 1e-12) << area.id;
        EXPECT_FALSE(area.title.en.empty());
        EXPECT_FALSE(area.title.zh.empty());
    }
    EXPECT_EQ(directionWeights("serving"), directionWeights("training-and-inference"));
    EXPECT_TRUE(directionWeights("knitting").empty());
}

TEST(Skills, BestOfTheNewestThreeCounts)
{
    std::vector<Attempt> attempts = {attemptOf("disk-full", "linux", 100, "2026-01-01T00:00:00Z"),
                                     attemptOf("disk-full", "linux", 20, "2026-01-02T00:00:00Z"),
                                     attemptOf("disk-full", "linux", 60, "2026-01-03T00:00:00Z")};
    EXPECT_EQ(skill(areaSkills(attempts), "linux").score, 100);
    attempts.push_back(attemptOf("disk-full", "linux", 50, "2026-01-04T00:00:00Z"));
    EXPECT_EQ(skill(areaSkills(attempts), "linux").score, 60) << "the 100 is the fourth newest by now";
    std::reverse(attempts.begin(), attempts.end());
    const Skill row = skill(areaSkills(attempts), "linux");
    EXPECT_EQ(row.score, 60);
    EXPECT_EQ(row.incidents, 1);
    EXPECT_EQ(row.attempts, 4);
}

TEST(Skills, DirectionsWeighIncidentsByWhatTheyTrain)
{
    // Platform: kubernetes 0.5, linux 0.2. Scheduling: kubernetes alone.
    const std::vector<Attempt> attempts = {attemptOf("cluster-dns", "kubernetes", 80, "2026-01-01T00:00:00Z"),
                                           attemptOf("disk-full", "linux", 40, "2026-01-02T00:00:00Z")};
    const std::vector<Skill> skills = directionSkills(attempts);
    EXPECT_NEAR(*skill(skills, "cloud-native-platform").score, (0.5 * 80 + 0.2 * 40) / 0.7, 1e-9);
    EXPECT_NEAR(*skill(skills, "distributed-scheduling").score, 80, 1e-9);
    EXPECT_FALSE(skill(skills, "ai-compute-infrastructure").score);
}

TEST(Skills, UnfinishedAndDeletedAttemptsDoNotCount)
{
    Attempt unfinished = attemptOf("disk-full", "linux", 0, "2026-01-05T00:00:00Z");
    unfinished.finished = false;
    Attempt deleted = attemptOf("memory-leak", "linux", 0, "2026-01-05T00:00:00Z");
    deleted.deletedAt = "2026-01-06T00:00:00Z";
    const Attempt good = attemptOf("disk-full", "linux", 90, "2026-01-01T00:00:00Z");
    EXPECT_EQ(skill(areaSkills({unfinished, deleted, good}), "linux").score, 90);
}

TEST(Skills, ServingIncidentsBelongToTheirSection)
{
    const Attempt attempt = attemptOf("inference-oom", "serving", 75, "2026-01-01T00:00:00Z");
    EXPECT_EQ(skill(areaSkills({attempt}), "training-and-inference").score, 75);
}

} // namespace core::progress
