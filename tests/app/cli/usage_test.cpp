#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

namespace app::cli {

namespace {

const std::vector<std::string>& commands()
{
    static const std::vector<std::string> kCommands{"incidents", "causes", "topologies", "modules", "play",
                                                    "shell",     "verify", "replay",     "report",  "bench",
                                                    "validate",  "trace"};
    return kCommands;
}

} // namespace

TEST(Usage, HelpListsEveryCommand)
{
    const Faultctl faultctl;
    const Outcome help = faultctl.run({"--help"});
    EXPECT_EQ(help.status, 0);
    for (const std::string& command : commands())
        EXPECT_TRUE(contains(help.out, "\n  " + command)) << command << "\n" << help.out;
    EXPECT_EQ(help.err, "");
}

TEST(Usage, EveryCommandHasHelpOfItsOwn)
{
    const Faultctl faultctl;
    for (const std::string& command : commands()) {
        const Outcome help = faultctl.run({command, "--help"});
        EXPECT_EQ(help.status, 0) << command;
        EXPECT_TRUE(contains(help.out, "Usage: faultctl " + command)) << help.out;
    }
}

TEST(Usage, PlayNamesTheFlagsThatOthersRelyOn)
{
    const Faultctl faultctl;
    const Outcome help = faultctl.run({"play", "--help"});
    for (const char* flag :
         {"--cause", "--blind", "--seed", "--lang", "-c", "--script", "--speed", "--diagnosis", "--replay-out", "--report"})
        EXPECT_TRUE(contains(help.out, flag)) << flag << "\n" << help.out;
}

TEST(Usage, TellsItsVersion)
{
    const Faultctl faultctl;
    const Outcome version = faultctl.run({"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_TRUE(contains(version.out, "faultctl 0.")) << version.out;
}

TEST(Usage, WrongWordsEndWithStatusTwoAndSayWhichOne)
{
    struct Case {
        std::vector<std::string> arguments;
        std::string says;
    };
    const std::vector<Case> cases{
        {{}, "a command is required; faultctl --help"},
        {{"dance"}, "dance"},
        {{"incidents", "--dance"}, "--dance"},
        {{"causes"}, "INCIDENT is required"},
        {{"play"}, "INCIDENT is required"},
        {{"play", "image-pull-backoff", "--lang", "fr"}, "--lang"},
        {{"play", "image-pull-backoff", "--speed", "0"}, "--speed"},
        {{"play", "image-pull-backoff", "--speed", "121"}, "--speed"},
        {{"play", "image-pull-backoff", "--seed", "many"}, "--seed"},
        {{"play", "image-pull-backoff", "--blind", "--cause", "wrong-tag"}, "--blind and --cause"},
        {{"replay"}, "FILE is required"},
        {{"report", "--format", "docx"}, "--format"},
        {{"report", "--lang", "xx"}, "--lang"},
        {{"bench", "everything"}, "SUITE"},
        {{"incidents", "--content", "/no/such/folder"}, "--content"},
    };
    const Faultctl faultctl;
    for (const Case& one : cases) {
        const Outcome outcome = faultctl.run(one.arguments);
        const std::string words = testing::PrintToString(one.arguments);
        EXPECT_EQ(outcome.status, 2) << words << outcome.err;
        EXPECT_TRUE(contains(outcome.err, one.says)) << words << outcome.err;
        EXPECT_EQ(outcome.out, "") << words;
    }
}

} // namespace app::cli
