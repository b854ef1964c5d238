#include "core/progress/store.h"

#include "core/progress/attempt_json.h"
#include "core/progress/data_folder.h"
#include "core/progress/from_session.h"
#include "tests/core/progress/sample_attempts.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace core::progress {

namespace {

Store opened(const TemporaryFolder& folder)
{
    auto store = Store::open(folder.path("data"));
    if (!store) {
        ADD_FAILURE() << store.error().text();
        std::abort();
    }
    return std::move(*store);
}

std::vector<std::string> incidentsOf(const sim::Result<std::vector<Attempt>>& attempts)
{
    std::vector<std::string> names;
    EXPECT_TRUE(attempts) << attempts.error().text();
    for (const Attempt& attempt : *attempts)
        names.push_back(attempt.incident);
    return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST(Store, KeepsEveryFieldAcrossOpenings)
{
    const TemporaryFolder folder;
    Attempt attempt = sampleAttempt();
    {
        Store store = opened(folder);
        const auto id = store.finish(attempt);
        ASSERT_TRUE(id) << id.error().text();
        attempt.id = *id;
    }
    const Store store = opened(folder);
    const auto stored = store.get(attempt.id);
    ASSERT_TRUE(stored) << stored.error().text();
    EXPECT_EQ(attemptJson(*stored), attemptJson(attempt));
    EXPECT_EQ(stored->seed, 0xfedcba9876543210);
    EXPECT_EQ(stored->fingerprint, 0x8000000000000001);

    const auto listed = store.list();
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_TRUE(listed->front().replay.empty());
    attempt.replay.clear();
    EXPECT_EQ(attemptJson(listed->front()), attemptJson(attempt));
}

TEST(Store, BeginsCheckpointsAndFinishesOneAttempt)
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    Attempt attempt = sampleAttempt();
    attempt.notes.clear();
    const auto id = store.begin(attempt);
    ASSERT_TRUE(id);
    EXPECT_TRUE(store.list()->empty());
    ASSERT_TRUE(store.checkpoint(*id, "half way", 30));
    ASSERT_TRUE(store.setNotes(*id, "my notes"));
    AttemptFilter unfinished;
    unfinished.finished = false;
    EXPECT_EQ(store.list(unfinished)->size(), 1U);
    EXPECT_EQ(store.get(*id)->replay, "half way");

    attempt.id = *id;
    const auto finished = store.finish(attempt);
    ASSERT_TRUE(finished) << finished.error().text();
    EXPECT_EQ(*finished, *id);
    EXPECT_TRUE(store.list(unfinished)->empty());
    EXPECT_EQ(store.get(*id)->notes, "my notes");
    EXPECT_EQ(store.get(*id)->replay, attempt.replay);

    EXPECT_FALSE(store.finish(attempt)) << "a grade is given once";
    EXPECT_FALSE(store.checkpoint(*id, "late", 1));
    EXPECT_EQ(store.get(*id)->replay, attempt.replay);
}

TEST(Store, ListsNewestFirstAndFilters)
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    Attempt dns = sampleAttempt("cluster-dns", 40, "2026-11-20T08:00:00Z");
    dns.mode = Mode::Study;
    dns.notes = "Corefile 100%_sure";
    Attempt disk = sampleAttempt("disk-full", 95, "2026-11-22T08:00:00Z");
    disk.area = "linux";
    for (const Attempt& attempt : {sampleAttempt(), dns, disk})
        ASSERT_TRUE(store.finish(attempt));

    EXPECT_EQ(incidentsOf(store.list()), (Names{"image-pull-backoff", "disk-full", "cluster-dns"}));
    const auto with = [&store](auto change) {
        AttemptFilter filter;
        change(filter);
        return incidentsOf(store.list(filter));
    };
    EXPECT_EQ(with([](AttemptFilter& f) { f.area = "linux"; }), Names{"disk-full"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.incident = "cluster-dns"; }), Names{"cluster-dns"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.solved = false; }), Names{"cluster-dns"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.mode = Mode::Study; }), Names{"cluster-dns"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.minScore = 90; }), Names{"disk-full"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.since = "2026-11-22"; }),
              (Names{"image-pull-backoff", "disk-full"}));
    EXPECT_EQ(with([](AttemptFilter& f) { f.until = "2026-11-22"; }), Names{"cluster-dns"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.limit = 2; }), (Names{"image-pull-backoff", "disk-full"}));
    EXPECT_EQ(with([](AttemptFilter& f) { f.text = "COREFILE 100%_S"; }), Names{"cluster-dns"});
    EXPECT_EQ(with([](AttemptFilter& f) { f.text = "结账"; }).size(), 3U);
    EXPECT_EQ(with([](AttemptFilter& f) { f.text = "'; DROP TABLE attempts; --"; }), Names{});
}

TEST(Store, DeletedAttemptsCanBeRestored)
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const auto id = store.finish(sampleAttempt());
    ASSERT_TRUE(id);
    ASSERT_TRUE(store.remove(*id));
    ASSERT_TRUE(store.remove(*id));
    EXPECT_TRUE(store.list()->empty());
    AttemptFilter bin;
    bin.deleted = true;
    ASSERT_EQ(store.list(bin)->size(), 1U);
    EXPECT_FALSE(store.list(bin)->front().deletedAt.empty());

    EXPECT_EQ(*store.emptyBin(false), 0) << "it has not been there for long";
    ASSERT_TRUE(store.restore(*id));
    EXPECT_EQ(store.list()->size(), 1U);
    EXPECT_EQ(*store.emptyBin(true), 0);

    ASSERT_TRUE(store.remove(*id));
    EXPECT_EQ(*store.emptyBin(true), 1);
    EXPECT_FALSE(store.restore(*id));
    const auto again = store.finish(sampleAttempt());
    EXPECT_GT(*again, *id) << "an id is never used twice";
}

TEST(Store, SaysWhenAnAttemptIsNotThere)
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    const auto missing = store.get(41);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().text().find("41"), std::string::npos);
    EXPECT_FALSE(store.setNotes(41, "x"));
    EXPECT_FALSE(store.remove(41));
}

TEST(Store, TwoStoresSeeEachOther)
{
    const TemporaryFolder folder;
    Store window = opened(folder);
    Store tool = opened(folder);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(window.finish(sampleAttempt()));
        ASSERT_TRUE(tool.finish(sampleAttempt()));
    }
    EXPECT_EQ(window.list()->size(), 40U);
    EXPECT_EQ(tool.list()->size(), 40U);
}

TEST(Store, BytesThatAreNotTextDoNotStopIt)
{
    const TemporaryFolder folder;
    Store store = opened(folder);
    Attempt attempt = sampleAttempt();
    attempt.parts[0].reason.en = "a\xff\xfe"
                                 "b";
    attempt.replay = std::string("nul\0inside", 10);
    const auto id = store.finish(attempt);
    ASSERT_TRUE(id) << id.error().text();
    EXPECT_EQ(store.get(*id)->replay, attempt.replay);
    EXPECT_EQ(store.get(*id)->parts[0].reason.en,
              "a\uFFFD\uFFFD"
              "b");
}

TEST(DataFolder, FollowsTheXdgRules)
{
    ::setenv("HOME", "/home/ada", 1);
    ::unsetenv("XDG_DATA_HOME");
    EXPECT_EQ(defaultDataFolder(), "/home/ada/.local/share/faultline");
    ::setenv("XDG_DATA_HOME", "/data", 1);
    EXPECT_EQ(defaultDataFolder(), "/data/faultline");
    ::setenv("XDG_DATA_HOME", "relative/is/ignored", 1);
    EXPECT_EQ(defaultDataFolder(), "/home/ada/.local/share/faultline");
    ::unsetenv("XDG_DATA_HOME");
    ::unsetenv("HOME");
    EXPECT_EQ(defaultDataFolder(), "");
    EXPECT_FALSE(Store::open(defaultDataFolder()));
}

TEST(FromSession, TakesTheGradeAsItWasTold)
{
    session::StartRequest request;
    request.incident = "cluster-dns";
    request.seed = 7;
    request.studyMode = false;
    Attempt attempt = startedAttempt(request, {"Names do not resolve", "域名无法解析"}, "kubernetes",
                                     "2026-11-24T09:30:00Z");
    EXPECT_EQ(attempt.mode, Mode::Exam);
    EXPECT_FALSE(attempt.directionWeights.empty());

    session::GradeView grade;
    grade.score = 71;
    grade.solved = true;
    grade.trueCause = "corefile-error";
    grade.answeredCause = "coredns-down";
    grade.parts = {{"safety", {"Safety", "安全"}, 10, 15, {"One needless restart", "一次不必要的重启"}}};
    grade.clocksSeconds = {{"detect", std::nullopt}};
    takeGrade(attempt, grade, 3);
    EXPECT_EQ(attempt.cause, "corefile-error");
    EXPECT_EQ(attempt.answeredCause, "coredns-down");
    EXPECT_EQ(attempt.hintsTaken, 3);
    ASSERT_EQ(attempt.parts.size(), 1U);
    EXPECT_EQ(attempt.parts[0].reason.zh, "一次不必要的重启");
    EXPECT_FALSE(attempt.clocksSeconds.at("detect"));
}

} // namespace core::progress
