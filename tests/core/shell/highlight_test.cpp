#include "core/shell/line_editing/highlight.h"
#include "core/shell/line_editing/line_editor.h"

#include <gtest/gtest.h>

#include <set>

namespace {

using core::shell::LineEditor;
using core::shell::LinePart;

bool known(std::string_view name)
{
    static const std::set<std::string_view> kNames = {"kubectl", "sudo", "grep", "echo", "cat", "timeout", "cd", "ls", "curl"};
    return kNames.count(name) > 0;
}

/// A letter per byte: c command, u unknown, k keyword, o option, S string, v variable, O operator, # comment,
/// p plain, blank between.
std::string parts(std::string_view line, std::size_t cursor = std::string::npos)
{
    std::string letters(line.size(), ' ');
    for (const auto& span : core::shell::partsOfLine(line, cursor, known)) {
        for (std::size_t i = span.from; i < span.to; ++i)
            letters[i] = std::string_view("pcukoSvO#")[static_cast<std::size_t>(span.part)];
    }
    return letters;
}

TEST(Highlight, namesThePartsOfALine)
{
    EXPECT_EQ(parts("kubectl -n shop get pods"), "ccccccc oo pppp ppp pppp");
    EXPECT_EQ(parts("kubctl get pods | grep web"), "uuuuuu ppp pppp O cccc ppp");
    EXPECT_EQ(parts("A=1 echo \"x $A\" 'y' # z"), "vvp cccc SSSvvS SSS ###");
    EXPECT_EQ(parts("cat <in >out 2>&1"), "ccc Opp Oppp pOOp");
    EXPECT_EQ(parts("/bin/x ./y"), "cccccc ppp");
}

TEST(Highlight, knowsWhereACommandIsDue)
{
    EXPECT_EQ(parts("sudo -u ops cat x"), "cccc oo uuu ppp p");
    EXPECT_EQ(parts("timeout 5 curl x"), "ccccccc p cccc p");
    EXPECT_EQ(parts("if cat x; then echo y; fi"), "kk ccc pO kkkk cccc pO kk");
    EXPECT_EQ(parts("for i in a b; do echo $i; done"), "kkk p kk p pO kk cccc vvO kkkk");
    EXPECT_EQ(parts("echo $(cat x) y"), "cccc pOccc pO p");
    EXPECT_EQ(parts("(cd /x; ls)"), "Occ ppO ccO");
}

TEST(Highlight, waitsWithABlameUntilTheWordIsDone)
{
    EXPECT_EQ(parts("kubec", 5), "ppppp");
    EXPECT_EQ(parts("kubec x", 7), "uuuuu p");
}

TEST(Highlight, takesUnfinishedLines)
{
    EXPECT_EQ(parts("echo 'abc"), "cccc SSSS");
    EXPECT_EQ(parts("echo \"a$"), "cccc SSS");
    EXPECT_EQ(parts("echo ${a"), "cccc vvv");
    EXPECT_EQ(parts("echo \\"), "cccc p");
    EXPECT_EQ(parts(""), "");
    EXPECT_EQ(parts(") ) ("), "O O O");
}

TEST(Highlight, coloursLeaveTheTextAsItIs)
{
    for (const std::string line : {"kubectl get pods | grep 'x y' > z", "  echo  $A; # done", "for i in 1 2; do", "'", "$("}) {
        std::string plain;
        const std::string coloured = core::shell::colouredLine(line, line.size(), known);
        for (std::size_t i = 0; i < coloured.size(); ++i) {
            if (coloured[i] == '\x1b')
                i = coloured.find('m', i);
            else
                plain += coloured[i];
        }
        EXPECT_EQ(plain, line);
    }
}

TEST(LineEditor, showsWhatCompletionOffersWhereHistoryHasNothing)
{
    LineEditor editor(80);
    editor.setHistory({"kubectl get pods"});
    editor.start("$ ");
    editor.feed("systemctl sta");
    EXPECT_EQ(editor.suggestion(), "");
    editor.offer("systemctl sta", "tus");
    EXPECT_EQ(editor.suggestion(), "tus");
    editor.feed("t");
    EXPECT_EQ(editor.suggestion(), "");
    editor.offer("systemctl sta", "tus"); // came too late
    EXPECT_EQ(editor.suggestion(), "");
    editor.feed("\x15kub");
    editor.offer("kub", "ectl");
    EXPECT_EQ(editor.suggestion(), "ectl get pods");
    editor.feed("\x1b[C");
    EXPECT_EQ(editor.line(), "kubectl get pods");
}

} // namespace
