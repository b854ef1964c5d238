#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

#include <filesystem>

// A disk that is full must never pass for success. /dev/full is one; a link to it stands in for a file there.
namespace app::cli {

namespace {

/// A name under which everything that is written is lost.
std::string fullDisk(const Faultctl& faultctl, const std::string& name)
{
    std::filesystem::create_symlink("/dev/full", faultctl.path(name));
    return faultctl.path(name);
}

} // namespace

TEST(FullDisk, AReplayThatCannotBeWrittenIsToldAndTheGradeIsNotLost)
{
    const Faultctl faultctl;
    const std::string file = fullDisk(faultctl, "run.replay");
    const Outcome outcome = faultctl.run({"play", "image-pull-backoff", "--cause", "no-fault", "--seed", "1", "-c", "# advance 15m",
                                          "--diagnosis", "no-fault", "--json", "--replay-out", file});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, file + ": the replay could not be written; check free space")) << outcome.err;
    EXPECT_TRUE(outcome.json().contains("score")) << outcome.out;
    EXPECT_TRUE(std::filesystem::is_symlink(file)) << "and what stood there still does";
    EXPECT_FALSE(std::filesystem::exists(file + ".part"));
}

TEST(FullDisk, AReplayGoesToADeviceAsItIs)
{
    const Faultctl faultctl;
    std::filesystem::create_symlink("/dev/null", faultctl.path("null"));
    const Outcome outcome = faultctl.run({"shell", "-c", "true", "--replay-out", faultctl.path("null")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(std::filesystem::is_symlink(faultctl.path("null")));
}

TEST(FullDisk, AReplayForAFolderThatIsNotThereIsTold)
{
    const Faultctl faultctl;
    const std::string file = faultctl.path("no-folder/run.replay");
    const Outcome outcome = faultctl.run({"shell", "-c", "true", "--replay-out", file});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, file)) << outcome.err;
}

TEST(FullDisk, AReportFileIsTold)
{
    const Faultctl faultctl;
    for (const char* format : {"md", "html", "json", "csv"}) {
        const std::string file = fullDisk(faultctl, std::string("out.") + format);
        const Outcome outcome = faultctl.run({"report", "--format", format, "-o", file});
        EXPECT_EQ(outcome.status, 1) << format;
        EXPECT_TRUE(contains(outcome.err, file + ": could not be written; check free space")) << outcome.err;
    }
}

TEST(FullDisk, StandardOutputIsTold)
{
    const Faultctl faultctl;
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"incidents"}, {"modules", "--json"}, {"report", "--format", "html"}, {"shell", "-c", "kubectl get nodes"},
          {"shell", "-c", "seq 1 5000"}}) {
        const Outcome outcome = faultctl.run(arguments, {.output = "/dev/full"});
        EXPECT_EQ(outcome.status, 1) << arguments[0];
        EXPECT_TRUE(contains(outcome.err, "cannot write") || contains(outcome.err, "could not be written"))
            << arguments[0] << ": " << outcome.err;
    }
}

} // namespace app::cli
