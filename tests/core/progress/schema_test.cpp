#include "core/progress/schema.h"

#include "core/progress/store.h"
#include "tests/core/progress/sample_attempts.h"

#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <sys/wait.h>

namespace core::progress {

namespace {

SQLite::Database fresh(const TemporaryFolder& folder)
{
    return {folder.path("x.sqlite3"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
}

std::string bytesOf(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST(Schema, VersionsCountFromOneWithoutGaps)
{
    int expected = 1;
    for (const SchemaStep& step : schemaSteps())
        EXPECT_EQ(step.version, expected++);
}

TEST(Schema, RunsOnlyTheStepsThatAreMissing)
{
    const TemporaryFolder folder;
    SQLite::Database database = fresh(folder);
    std::vector<SchemaStep> steps = {{1, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);"}};
    migrate(database, steps);
    steps.push_back({2, "ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 5;"});
    steps.push_back({3, "UPDATE t SET b = a + b;"});
    migrate(database, steps);
    migrate(database, steps);
    EXPECT_EQ(schemaVersion(database), 3);
    EXPECT_EQ(database.execAndGet("SELECT b FROM t").getInt(), 6);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM t").getInt(), 1);
}

TEST(Schema, AFailedStepIsUndoneAsAWhole)
{
    const TemporaryFolder folder;
    SQLite::Database database = fresh(folder);
    const std::vector<SchemaStep> steps = {{1, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);"},
                                           {2, "INSERT INTO t VALUES (2); INSERT INTO missing VALUES (3);"}};
    EXPECT_THROW(migrate(database, steps), SQLite::Exception);
    EXPECT_EQ(schemaVersion(database), 1);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM t").getInt(), 1);
}

TEST(Schema, ProcessesThatOpenAtOnceMakeOneDatabase)
{
    for (int round = 0; round < 5; ++round) {
        const TemporaryFolder folder;
        std::vector<pid_t> children;
        for (int i = 0; i < 6; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                auto store = Store::open(folder.path());
                _exit(store && store->finish(sampleAttempt()) ? 0 : 1);
            }
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
            EXPECT_EQ(status, 0);
        }
        const auto store = Store::open(folder.path());
        ASSERT_TRUE(store) << store.error().text();
        EXPECT_EQ(store->list()->size(), 6U);
    }
}

TEST(Schema, ANewerFileIsRefusedAndLeftAlone)
{
    const TemporaryFolder folder;
    const std::string path = Store::open(folder.path())->path();
    SQLite::Database(path, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    const std::string before = bytesOf(path);
    const auto store = Store::open(folder.path());
    ASSERT_FALSE(store);
    const std::string text = store.error().text();
    EXPECT_NE(text.find(path), std::string::npos) << text;
    EXPECT_NE(text.find("version 99"), std::string::npos) << text;
    EXPECT_NE(text.find("Update Faultline"), std::string::npos) << text;
    EXPECT_EQ(bytesOf(path), before);
}

TEST(Schema, AnotherProgramsDatabaseIsRefused)
{
    const TemporaryFolder folder;
    SQLite::Database(folder.path(Store::kFileName), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE cookies (name TEXT)");
    const std::string before = bytesOf(folder.path(Store::kFileName));
    const auto store = Store::open(folder.path());
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().text().find("another program"), std::string::npos) << store.error().text();
    EXPECT_EQ(bytesOf(folder.path(Store::kFileName)), before);
}

} // namespace core::progress
