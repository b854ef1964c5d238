#include "tests/core/shell/lab.h"

#include <gtest/gtest.h>

// Programs that take the whole screen, driven by keys.
namespace {

using namespace std::chrono_literals;
using test::Lab;

void type(Lab& lab, std::string_view keys)
{
    for (const char key : keys)
        lab.shell.sendKey(std::string(1, key));
}

std::string numbers(int count)
{
    std::string text;
    for (int i = 1; i <= count; ++i)
        text += "line " + std::to_string(i) + "\n";
    return text;
}

TEST(FullScreen, lessPagesAndSearches)
{
    Lab lab(true);
    lab.system.addFile("/home/ops/long", numbers(100));
    lab.shell.submit("less long");
    ASSERT_TRUE(lab.shell.wantsKeys());
    std::string screen = lab.output();
    EXPECT_NE(screen.find("\x1b[?1049h"), std::string::npos);
    EXPECT_NE(screen.find("line 23\n"), std::string::npos);
    EXPECT_EQ(screen.find("line 24\n"), std::string::npos);
    lab.shell.sendKey(" ");
    EXPECT_NE(lab.output().find("line 46\n"), std::string::npos);
    type(lab, "/line 9\r");
    EXPECT_NE(lab.output().find("\x1b[7mline 9"), std::string::npos);
    lab.shell.sendKey("G");
    EXPECT_NE(lab.output().find("(END)"), std::string::npos);
    lab.shell.sendKey("q");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_NE(lab.output().find("\x1b[?1049l"), std::string::npos);
}

TEST(FullScreen, shortTextNeedsNoPager)
{
    Lab lab(true);
    EXPECT_EQ(lab.run("echo short | less"), "short\n");
    Lab script;
    script.system.addFile("/home/ops/long", numbers(100));
    EXPECT_EQ(script.run("less long"), numbers(100));
}

TEST(FullScreen, watchRedraws)
{
    Lab lab(true);
    lab.shell.submit("watch -n 5 'date +%S; echo end'");
    lab.advance(10ms); // the second command inside costs a little
    std::string screen = lab.output();
    EXPECT_NE(screen.find("Every 5.0s: date +%S; echo end"), std::string::npos);
    EXPECT_NE(screen.find("bastion: Thu Jan  1 00:00:00 2026\x1b[K\n"), std::string::npos) << screen;
    lab.advance(10990ms);
    screen = lab.output();
    EXPECT_NE(screen.find("\n05"), std::string::npos) << screen;
    EXPECT_NE(screen.find("\n10"), std::string::npos);
    lab.shell.sendKey("\x03");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_NE(lab.output().find("\x1b[?1049l"), std::string::npos);
    Lab script;
    EXPECT_EQ(script.run("watch -n 10 date +%S | head -n 3"), "00\n10\n20\n");
    EXPECT_EQ(script.run("timeout 3 watch -n 2 echo x"), "x\nx\n");
}

TEST(FullScreen, watchIsReadByGrading)
{
    Lab lab(true);
    lab.shell.submit("watch note pod/a text");
    lab.advance(3s);
    const auto shown = lab.shell.takeShown();
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0].reads, std::vector<std::string>{"pod/a"});
    EXPECT_NE(shown[0].text.find("text"), std::string::npos);
}

TEST(FullScreen, viEdits)
{
    Lab lab(true);
    lab.system.addFile("/home/ops/f", "one\ntwo\nthree\n");
    lab.shell.submit("vi f");
    type(lab, "jdd");
    type(lab, "Ofirst\x1b");
    type(lab, "xu:w\r");
    EXPECT_EQ(lab.system.files.at("/home/ops/f").text, "one\nfirst\nthree\n");
    type(lab, "GAend\x1b:q\r");
    EXPECT_NE(lab.output().find("E37: No write since last change"), std::string::npos);
    type(lab, ":wq\r");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.system.files.at("/home/ops/f").text, "one\nfirst\nthreeend\n");
    lab.shell.submit("vi f");
    type(lab, "ix\x1b:q!\r");
    EXPECT_TRUE(lab.shell.idle());
}

TEST(FullScreen, nanoEdits)
{
    Lab lab(true);
    lab.shell.submit("nano new.txt");
    type(lab, "hello\rworld");
    type(lab, "\x0f\r");
    EXPECT_EQ(lab.system.files.at("/home/ops/new.txt").text, "hello\nworld\n");
    type(lab, "!\x18y\r");
    EXPECT_TRUE(lab.shell.idle());
    EXPECT_EQ(lab.system.files.at("/home/ops/new.txt").text, "hello\nworld!\n");
}

TEST(FullScreen, tailFollows)
{
    Lab lab(true);
    lab.system.addFile("/home/ops/log", numbers(3));
    lab.shell.submit("tail -n 1 -f log | grep --line-buffered line");
    lab.advance(1s);
    EXPECT_EQ(lab.output(), "\x1b[01;31m\x1b[Kline\x1b[m\x1b[K 3\n");
    lab.system.files.at("/home/ops/log").text += "other\nline 4\n";
    lab.advance(1s);
    EXPECT_EQ(lab.output(), "\x1b[01;31m\x1b[Kline\x1b[m\x1b[K 4\n");
    lab.shell.interrupt();
    EXPECT_TRUE(lab.shell.idle());
}

TEST(FullScreen, anyKeysAreSafe)
{
    std::uint32_t state = 3;
    for (const char* line : {"vi f", "nano f", "less f", "cat"}) {
        Lab lab(true);
        lab.system.addFile("/home/ops/f", numbers(60));
        for (int i = 0; i < 3000; ++i) {
            if (lab.shell.idle()) {
                lab.shell.submit(line);
                lab.output();
            }
            state = state * 1664525u + 1013904223u;
            static constexpr std::string_view kKeys
                = "hjklxdygGiaoO0$wbpuDn/: 1f\r\x1b\x7f\x18\x0f\x0b\x15\x04q\xe4";
            lab.shell.sendKey(std::string(1, kKeys[(state >> 16) % kKeys.size()]));
        }
    }
}

} // namespace
