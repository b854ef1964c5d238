#include "core/progress/store.h"
#include "tests/app/cli/faultctl.h"
#include "tests/core/progress/sample_attempts.h"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include <filesystem>

#include <unistd.h>

namespace app::cli {

namespace {

namespace fs = std::filesystem;
using core::progress::Store;

/// A data folder with three attempts.
std::string attemptsIn(const Faultctl& faultctl)
{
    const std::string folder = faultctl.path("attempts");
    auto store = Store::open(folder);
    EXPECT_TRUE(store);
    for (const double score : {40.0, 70.0, 95.0})
        EXPECT_TRUE(store->finish(core::progress::sampleAttempt("image-pull-backoff", score)));
    return folder;
}

} // namespace

TEST(Report, HasEveryFormat)
{
    const Faultctl faultctl;
    const std::string data = attemptsIn(faultctl);
    const auto report = [&](const std::string& format) { return faultctl.run({"report", "--data", data, "--format", format}); };
    for (const char* format : {"json", "html", "md", "csv"}) {
        EXPECT_EQ(report(format).status, 0) << format;
        EXPECT_TRUE(contains(report(format).out, "image-pull-backoff") || contains(report(format).out, "Checkout is failing")) << format;
        EXPECT_EQ(report(format).err, "") << format;
    }
    EXPECT_EQ(report("json").json().at("attempts").size(), 3U);
    EXPECT_EQ(report("html").out.rfind("<!", 0), 0U) << report("html").out.substr(0, 80);
    EXPECT_TRUE(contains(report("html").out, "</html>"));
    EXPECT_EQ(report("md").out.rfind("# ", 0), 0U) << report("md").out.substr(0, 80);
    EXPECT_EQ(faultctl.run({"report", "--data", data}).out.rfind("# ", 0), 0U) << "Markdown unless told otherwise";
    EXPECT_TRUE(faultctl.run({"report", "--data", data, "--json"}).json().is_object());
}

TEST(Report, SpeaksChineseAndNamesTheLearner)
{
    const Faultctl faultctl;
    const std::string data = attemptsIn(faultctl);
    const Outcome zh = faultctl.run({"report", "--data", data, "--lang", "zh", "--learner", "王小明"});
    EXPECT_TRUE(contains(zh.out, "结账服务失败")) << zh.out;
    EXPECT_TRUE(contains(zh.out, "王小明")) << zh.out;
}

TEST(Report, GoesToAFile)
{
    const Faultctl faultctl;
    const std::string data = attemptsIn(faultctl);
    const Outcome outcome = faultctl.run({"report", "--data", data, "--format", "html", "-o", faultctl.path("out.html")});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(contains(contentOf(faultctl.path("out.html")), "</html>"));
    const Outcome blocked = faultctl.run({"report", "--data", data, "-o", faultctl.path("no-folder/out.md")});
    EXPECT_EQ(blocked.status, 1);
    EXPECT_TRUE(contains(blocked.err, faultctl.path("no-folder/out.md") + ": could not be written")) << blocked.err;
}

TEST(Report, APdfNeedsAFile)
{
    const Faultctl faultctl;
    const std::string data = attemptsIn(faultctl);
#ifdef FAULTLINE_WITH_PDF
    EXPECT_EQ(faultctl.run({"report", "--data", data, "--format", "pdf"}).status, 2);
    const Outcome outcome = faultctl.run({"report", "--data", data, "--format", "pdf", "-o", faultctl.path("out.pdf")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(contentOf(faultctl.path("out.pdf")).rfind("%PDF-", 0), 0U);
#else
    const Outcome outcome = faultctl.run({"report", "--data", data, "--format", "pdf", "-o", faultctl.path("out.pdf")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "--format html")) << outcome.err;
#endif
}

TEST(Report, WithoutAnyAttemptIsAReportAllTheSame)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run({"report", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(outcome.json().at("attempts").empty());
}

TEST(Report, ADatabaseOfANewerFaultlineIsRefusedAndLeftAlone)
{
    const Faultctl faultctl;
    const std::string data = attemptsIn(faultctl);
    const std::string file = data + "/" + Store::kFileName;
    SQLite::Database(file, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    const std::string before = contentOf(file);
    const Outcome outcome = faultctl.run({"report", "--data", data});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, file)) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "newer Faultline")) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(contentOf(file), before);
}

TEST(Report, AFolderThatCannotBeWrittenIsNamed)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run({"report", "--data", "/proc/faultline"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "/proc/faultline")) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "cannot be made")) << outcome.err;
}

TEST(Report, AReadOnlyFolderIsNamed)
{
    const Faultctl faultctl;
    const std::string data = attemptsIn(faultctl);
    fs::permissions(data, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
    const Outcome outcome = faultctl.run({"report", "--data", data}, {.ordinaryUser = true});
    fs::permissions(data, fs::perms::owner_all);
    if (outcome.status == 127)
        GTEST_SKIP() << "an ordinary user may not run what was built here";
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, data)) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "cannot be written")) << outcome.err;
}

} // namespace app::cli
