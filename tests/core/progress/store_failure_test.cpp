#include "core/progress/store.h"

#include "tests/core/progress/sample_attempts.h"
#include "tests/support/own_process.h"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include <sys/resource.h>

namespace core::progress {

namespace {

std::string fileBytes(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void overwrite(const std::string& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::string errorOfOpening(const std::string& folder)
{
    const auto store = Store::open(folder);
    return store ? "opened" : store.error().text();
}

} // namespace

TEST(StoreFailure, ADamagedFileIsNamedAndLeftAlone)
{
    const TemporaryFolder folder;
    std::string path;
    {
        auto store = Store::open(folder.path());
        ASSERT_TRUE(store);
        path = store->path();
        for (int i = 0; i < 30; ++i)
            ASSERT_TRUE(store->finish(sampleAttempt()));
    }
    const std::string whole = fileBytes(path);
    std::string scribbled = whole;
    for (std::size_t i = 4096; i < scribbled.size(); ++i)
        scribbled[i] = static_cast<char>(i * 7);
    for (const std::string& bytes :
         {std::string("this is a text file, not a database at all\n") + std::string(500, 'x'),
          whole.substr(0, whole.size() / 2), scribbled, whole.substr(0, 50)}) {
        overwrite(path, bytes);
        const std::string error = errorOfOpening(folder.path());
        EXPECT_TRUE(contains(error, path)) << error;
        EXPECT_TRUE(contains(error, "damaged")) << error;
        EXPECT_TRUE(contains(error, "recover")) << error;
        EXPECT_EQ(fileBytes(path), bytes);
    }
    overwrite(path, whole);
    EXPECT_EQ(Store::open(folder.path())->list()->size(), 30U);
}

TEST(StoreFailure, DamageFoundLaterIsAnError)
{
    const TemporaryFolder folder;
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    const auto id = store->finish(sampleAttempt());
    SQLite::Database(store->path(), SQLite::OPEN_READWRITE).exec("UPDATE attempts SET parts = '[{\"id\":'");
    const auto attempt = store->get(*id);
    ASSERT_FALSE(attempt);
    EXPECT_TRUE(contains(attempt.error().text(), "damaged")) << attempt.error().text();
}

TEST(StoreFailure, APlaceThatCannotBeWrittenIsNamed)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(Store::open(folder.path("old"))->finish(sampleAttempt()));
    std::filesystem::create_directory(folder.path("empty"));
    namespace fs = std::filesystem;
    fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    for (const char* name : {"old", "empty"}) {
        fs::permissions(folder.path(name),
                        fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read
                            | fs::perms::others_exec);
        const std::string error = tests::asOrdinaryUser([&] { return errorOfOpening(folder.path(name)); });
        EXPECT_TRUE(contains(error, folder.path(name))) << error;
        EXPECT_TRUE(contains(error, "cannot be written")) << error;
    }
    const std::string error = tests::asOrdinaryUser([&] { return errorOfOpening(folder.path("empty/further/down")); });
    EXPECT_TRUE(contains(error, "cannot be made")) << error;
    for (const char* name : {"old", "empty"})
        fs::permissions(folder.path(name), fs::perms::owner_all);
    EXPECT_EQ(Store::open(folder.path("old"))->list()->size(), 1U);
}

TEST(StoreFailure, AFileInTheFoldersPlaceIsNamed)
{
    const TemporaryFolder folder;
    overwrite(folder.path("file"), "x");
    EXPECT_TRUE(contains(errorOfOpening(folder.path("file")), folder.path("file")));
    std::filesystem::create_directories(folder.path("data") + "/" + Store::kFileName);
    EXPECT_TRUE(contains(errorOfOpening(folder.path("data")), "cannot be written"));
}

TEST(StoreFailure, WithoutRoomACallFailsAndNothingIsLost)
{
    const TemporaryFolder folder;
    const std::string report = tests::inOwnProcess([&]() -> std::string {
        // A write beyond the limit then fails as one on a full disk does.
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{200'000, 200'000};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
            return "no limit set";
        auto store = Store::open(folder.path());
        if (!store)
            return store.error().text();
        for (int stored = 0; stored < 1000; ++stored) {
            Attempt attempt = sampleAttempt();
            attempt.replay.assign(5000, 'r');
            const auto id = store->finish(attempt);
            if (id)
                continue;
            const auto listed = store->list();
            return listed && static_cast<int>(listed->size()) == stored && stored > 0
                ? std::to_string(stored) + "|" + id.error().text()
                : "what was stored before cannot be read";
        }
        return "the limit did not bite";
    });
    const int stored = std::atoi(report.c_str());
    ASSERT_GT(stored, 0) << report;
    EXPECT_TRUE(contains(report, Store::kFileName)) << report;
    EXPECT_TRUE(contains(report, "nothing was stored")) << report;

    auto store = Store::open(folder.path());
    ASSERT_TRUE(store) << store.error().text();
    EXPECT_EQ(store->list()->size(), static_cast<std::size_t>(stored));
    EXPECT_TRUE(store->finish(sampleAttempt())) << "with room again it goes on";
}

TEST(StoreFailure, ALockedFileSaysSo)
{
    const TemporaryFolder folder;
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    SQLite::Database other(store->path(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN EXCLUSIVE");
    const auto blocked = store->finish(sampleAttempt());
    ASSERT_FALSE(blocked);
    EXPECT_TRUE(contains(blocked.error().text(), "locked")) << blocked.error().text();
    other.exec("ROLLBACK");
    EXPECT_TRUE(store->finish(sampleAttempt()));
}

} // namespace core::progress
