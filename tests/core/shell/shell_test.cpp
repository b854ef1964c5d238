#include "tests/core/shell/lab.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using test::Lab;

TEST(Shell, singleCommandEndsInSubmit)
{
    Lab lab;
    lab.shell.submit("echo hello");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.shell.takeOutput(), "hello\r\n");
    const auto shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].text, "hello\n");
    EXPECT_EQ(shown[0].commandLine, "echo hello");
    EXPECT_EQ(shown[0].status, 0);
}

TEST(Shell, sleepsOnVirtualTime)
{
    Lab lab;
    lab.shell.submit("sleep 5");
    EXPECT_FALSE(lab.shell.idle());
    EXPECT_EQ(lab.shell.wakeAt(), lab.system.clock + 5s);
    lab.system.clock += 5s;
    lab.shell.resume();
    EXPECT_TRUE(lab.shell.idle());
}

TEST(Shell, unknownCommandHints)
{
    Lab lab(true);
    EXPECT_EQ(lab.run("ech hi"), "bash: ech: command not found\nDid you mean 'echo'?\n");
    EXPECT_EQ(lab.shell.lastStatus(), 127);
    const auto shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_FALSE(shown[0].knownCommand);
}

TEST(Shell, interruptEndsTheJob)
{
    Lab lab(true);
    lab.shell.submit("slow | grep -v nothing");
    lab.advance(2500ms);
    EXPECT_EQ(lab.output(), "tick 1\ntick 2\ntick 3\n");
    lab.shell.interrupt();
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.output(), "^C\n");
    EXPECT_EQ(lab.shell.lastStatus(), 130);
    EXPECT_FALSE(lab.shell.wakeAt());
}

TEST(Shell, longJobsAreShownInPieces)
{
    Lab lab;
    lab.shell.submit("slow");
    lab.advance(1500ms);
    const auto shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0].text, "tick 1\n");
    EXPECT_EQ(shown[0].reads, std::vector<std::string>{"tick/1"});
    EXPECT_EQ(shown[1].text, "tick 2\n");
}

TEST(Shell, brokenPipeEndsTheWriter)
{
    Lab lab;
    EXPECT_EQ(lab.run("slow | head -n 1"), "tick 1\n");
    EXPECT_EQ(lab.run("yes | head -n 2"), "y\ny\n");
    EXPECT_TRUE(lab.shell.idle());
}

TEST(Shell, readsAreGatheredAcrossThePipeline)
{
    Lab lab;
    lab.run("note pod/a one two | grep two");
    auto shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].text, "two\n");
    EXPECT_EQ(shown[0].reads, std::vector<std::string>{"pod/a"});

    lab.run("note pod/a secret >/dev/null; echo forged");
    shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].text, "forged\n");
    EXPECT_TRUE(shown[0].reads.empty());

    lab.run("x=$(note pod/a secret)");
    shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].text, "");

    lab.run("for i in 1 2; do note pod/$i $i; done | cat");
    shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].reads, (std::vector<std::string>{"pod/1", "pod/2"}));
}

TEST(Shell, unfinishedLines)
{
    Lab lab(true);
    lab.shell.submit("for i in 1 2");
    EXPECT_EQ(lab.shell.prompt(), "> ");
    lab.shell.submit("do echo $i");
    EXPECT_EQ(lab.run("done"), "1\n2\n");
    lab.shell.submit("echo 'open");
    lab.shell.interrupt();
    EXPECT_NE(lab.shell.prompt(), "> ");
    EXPECT_EQ(lab.output(), "^C\n");
}

TEST(Shell, nestedShells)
{
    Lab lab(true);
    EXPECT_EQ(lab.shell.prompt(), "\x1b[1;32mops@bastion\x1b[0m:\x1b[1;34m~\x1b[0m$ ");
    lab.shell.submit("ssh worker-2");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.shell.prompt(), "\x1b[1;32mroot@worker-2\x1b[0m:\x1b[1;34m~\x1b[0m# ");
    EXPECT_EQ(lab.run("echo $HOSTNAME; cd /tmp; pwd"), "worker-2\n/tmp\n");
    lab.shell.submit("slow");
    lab.advance(1s);
    lab.shell.interrupt();
    EXPECT_EQ(lab.shell.place().user, "root");
    lab.output();
    lab.shell.submit("exit 3");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.shell.place().user, "ops");
    EXPECT_EQ(lab.shell.lastStatus(), 3);
    lab.shell.submit("ssh worker-2");
    lab.shell.endOfInput();
    EXPECT_EQ(lab.shell.place().user, "ops");
    EXPECT_EQ(lab.output(), "logout\n");
    EXPECT_EQ(lab.run("ssh worker-2 'whoami 2>/dev/null; pwd'"), "/root\n");
    EXPECT_EQ(lab.run("ssh worker-2 <<EOF\npwd\ncd /tmp\npwd\nexit 4\nEOF\n"), "/root\n/tmp\n");
    EXPECT_EQ(lab.shell.lastStatus(), 4);
}

TEST(Shell, destructionUnwindsJobs)
{
    for (const char* line :
         {"slow", "slow | cat | cat", "slow & slow", "keys", "ssh worker-2", "timeout 9 slow | cat",
          "while true; do :; done", "yes | cat > /dev/null", "cat"}) {
        Lab lab(true);
        lab.shell.submit(line);
        lab.advance(100ms);
    }
    Lab lab(true);
    lab.shell.submit("ssh worker-2");
    lab.shell.submit("slow | cat");
    lab.advance(1s);
}

TEST(Shell, keysReachRawPrograms)
{
    Lab lab(true);
    lab.shell.submit("keys");
    EXPECT_TRUE(lab.shell.wantsKeys());
    lab.shell.sendKey("a");
    lab.shell.sendKey("\x1b[A");
    EXPECT_EQ(lab.output(), "<a>\n<\x1b[A>\n");
    lab.shell.sendKey("q");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_FALSE(lab.shell.wantsKeys());
}

TEST(Shell, keyboardIsStandardInput)
{
    Lab lab(true);
    lab.shell.submit("read name; echo \"hello $name\"");
    for (const char* key : {"b", "x", "\x7f", "o", "b", "\r"})
        lab.shell.sendKey(key);
    lab.advance(1s);
    EXPECT_EQ(lab.output(), "bx\b \bob\nhello bob\n");
}

TEST(Shell, backgroundJobs)
{
    Lab lab(true);
    EXPECT_EQ(lab.run("sleep 3 &"), "[1] 4201\n");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.run("jobs"), "[1]+  Running                 sleep 3 &\n");
    lab.advance(5s);
    EXPECT_EQ(lab.output(), "[1]+  Done                    sleep 3\n");
    lab.run("slow > /tmp/log &");
    lab.advance(3s);
    EXPECT_EQ(lab.run("kill %1"), "[1]+  Terminated              slow > /tmp/log\n");
    lab.advance(10s);
    EXPECT_FALSE(lab.shell.wakeAt());
    EXPECT_EQ(lab.system.files.at("/tmp/log").text.substr(0, 14), "tick 1\ntick 2\n");
}

TEST(Shell, timeoutEndsACommand)
{
    Lab lab;
    const sim::Instant start = lab.system.clock;
    EXPECT_EQ(lab.run("timeout 2.5 slow | cat; echo ${PIPESTATUS:-done}"), "tick 1\ntick 2\ntick 3\ndone\n");
    EXPECT_LT(lab.system.clock - start, 3s);
    lab.run("timeout 1 sleep 5");
    EXPECT_EQ(lab.shell.lastStatus(), 124);
}

TEST(Shell, completion)
{
    Lab lab(true);
    lab.system.addFile("/home/ops/notes.txt", "x");
    lab.system.addDirectory("/home/ops/nodes", "ops");
    auto result = lab.shell.complete("cat no", 6);
    ASSERT_EQ(result.candidates.size(), 2u);
    EXPECT_EQ(result.start, 4u);
    EXPECT_EQ(result.candidates[0].text, "nodes/");
    EXPECT_EQ(result.candidates[1].text, "notes.txt");
    result = lab.shell.complete("echo a | his", 12);
    ASSERT_EQ(result.candidates.size(), 1u);
    EXPECT_EQ(result.candidates[0].text, "history");
}

TEST(Shell, historyKeepsLines)
{
    Lab lab(true);
    lab.run("echo a");
    lab.run("echo a");
    lab.run(" echo hidden");
    EXPECT_EQ(lab.shell.history(), std::vector<std::string>{"echo a"});
    EXPECT_EQ(lab.run("history"), "    1  echo a\n    2  history\n");
}

} // namespace
