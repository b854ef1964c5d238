#include "core/progress/store.h"

#include "tests/core/progress/sample_attempts.h"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <thread>

#include <sys/wait.h>

namespace core::progress {

namespace {

/// What the writing process says through the pipe once finish() has returned.
struct Finished {
    std::int64_t id = 0;
    double score = 0;
};

[[noreturn]] void writeUntilKilled(const std::string& folder, int pipe, int round)
{
    auto store = Store::open(folder);
    if (!store)
        _exit(1);
    for (int i = 0;; ++i) {
        Attempt attempt = sampleAttempt();
        attempt.score = round * 1000 + i;
        // Long enough to span several pages, so that a kill can fall between them.
        attempt.replay.assign(static_cast<std::size_t>(1000 + i % 7 * 3000), static_cast<char>('a' + i % 26));
        if (i % 2 == 0) {
            const auto id = store->begin(attempt);
            if (!id || !store->checkpoint(*id, attempt.replay, i))
                _exit(1);
            attempt.id = *id;
        }
        const auto id = store->finish(attempt);
        if (!id)
            _exit(1);
        const Finished finished{*id, attempt.score};
        if (::write(pipe, &finished, sizeof finished) != sizeof finished)
            _exit(1);
    }
}

} // namespace

TEST(Store, FinishedAttemptsSurviveAKill)
{
    const TemporaryFolder folder;
    std::map<std::int64_t, double> promised;
    std::mt19937 random(20261124);
    // At least so many kills, and more where the machine is so busy that the writers got nowhere.
    constexpr int kRounds = 25;
    constexpr std::size_t kPromises = 50;
    for (int round = 0; round < kRounds || (promised.size() <= kPromises && round < 20 * kRounds); ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(ends[0]);
            writeUntilKilled(folder.path(), ends[1], round);
        }
        ::close(ends[1]);
        // From before the file is open to the middle of writing.
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself, exit status " << WEXITSTATUS(status);
        Finished finished;
        while (::read(ends[0], &finished, sizeof finished) == sizeof finished)
            promised[finished.id] = finished.score;
        ::close(ends[0]);

        const auto store = Store::open(folder.path());
        ASSERT_TRUE(store) << store.error().text();
        std::map<std::int64_t, double> stored;
        const auto listed = store->list();
        ASSERT_TRUE(listed) << listed.error().text();
        for (const Attempt& attempt : *listed)
            stored[attempt.id] = attempt.score;
        for (const auto& [id, score] : promised) {
            ASSERT_TRUE(stored.contains(id)) << "attempt " << id << " was reported finished and is lost";
            EXPECT_EQ(stored[id], score);
        }
    }
    EXPECT_GT(promised.size(), kPromises) << "the writer must have got somewhere for this to mean anything";
    SQLite::Database database(folder.path(Store::kFileName));
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

} // namespace core::progress
