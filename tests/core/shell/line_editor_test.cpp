#include "core/shell/line_editing/line_editor.h"

#include <gtest/gtest.h>

namespace {

using core::shell::LineEditor;
using Result = LineEditor::Result;

struct Editing {
    Editing()
    {
        editor.setHistory({"kubectl get pods -A", "ssh worker-2", "kubectl logs web-1", "ls /var/log"});
        editor.start("$ ");
    }
    /// What the line is after some keys.
    std::string after(std::string_view keys)
    {
        editor.feed(keys);
        return editor.line().substr(0, editor.cursor()) + "|" + editor.line().substr(editor.cursor());
    }
    LineEditor editor{40};
};

TEST(LineEditor, insertsAndMoves)
{
    Editing e;
    EXPECT_EQ(e.after("echo ab"), "echo ab|");
    EXPECT_EQ(e.after("\x1b[D\x1b[D"), "echo |ab");
    EXPECT_EQ(e.after("X"), "echo X|ab");
    EXPECT_EQ(e.after("\x01"), "|echo Xab");
    EXPECT_EQ(e.after("\x05"), "echo Xab|");
    EXPECT_EQ(e.after("\x1b"
                      "b"),
              "echo |Xab");
    EXPECT_EQ(e.after("\x1b[1;5D"), "|echo Xab");
    EXPECT_EQ(e.after("\x1b"
                      "f"),
              "echo| Xab");
    EXPECT_EQ(e.after("\x7f"), "ech| Xab");
    EXPECT_EQ(e.after("\x1b[3~"), "ech|Xab");
    EXPECT_EQ(e.editor.feed("\r"), Result::Submitted);
    EXPECT_EQ(e.editor.line(), "echXab");
}

TEST(LineEditor, killsAndYanks)
{
    Editing e;
    EXPECT_EQ(e.after("one two three"), "one two three|");
    EXPECT_EQ(e.after("\x17"), "one two |");
    EXPECT_EQ(e.after("\x17"), "one |");
    EXPECT_EQ(e.after("\x19"), "one two three|");
    EXPECT_EQ(e.after("\x01\x1b"
                      "d"),
              "| two three");
    EXPECT_EQ(e.after("\x0b"), "|");
    EXPECT_EQ(e.after("\x19"), "one two three|");
    EXPECT_EQ(e.after("\x15x\x19"), "xone two three|");
    EXPECT_EQ(e.after("\x1b"
                      "y"),
              "xone two three|");
    EXPECT_EQ(e.after("\x1b"
                      "y"),
              "xtwo three|");
    EXPECT_EQ(e.after("\x1b\x7f"), "xtwo |");
    EXPECT_EQ(e.after("\x1f"), "xtwo three|");
}

TEST(LineEditor, transposes)
{
    Editing e;
    EXPECT_EQ(e.after("ab\x14"), "ba|");
    EXPECT_EQ(e.after("\x1b[D\x14"), "ab|");
}

TEST(LineEditor, historyFiltersByPrefix)
{
    Editing e;
    EXPECT_EQ(e.after("\x1b[A"), "ls /var/log|");
    EXPECT_EQ(e.after("\x1b[B"), "|");
    EXPECT_EQ(e.after("kube\x1b[A"), "kubectl logs web-1|");
    EXPECT_EQ(e.after("\x1b[A"), "kubectl get pods -A|");
    EXPECT_EQ(e.after("\x1b[A"), "kubectl get pods -A|");
    EXPECT_EQ(e.after("\x1b[B\x1b[B"), "kube|");
}

TEST(LineEditor, incrementalSearch)
{
    Editing e;
    EXPECT_EQ(e.after("\x12kube"), "|kubectl logs web-1");
    EXPECT_EQ(e.after("\x12"), "|kubectl get pods -A");
    EXPECT_EQ(e.after("\x13"), "|kubectl logs web-1");
    EXPECT_NE(e.editor.output().find("(i-search)`kube': "), std::string::npos);
    EXPECT_EQ(e.after("\x07"), "|");
    EXPECT_EQ(e.after("\x12ssh\x05"), "ssh worker-2|");
    EXPECT_EQ(e.editor.feed("\r"), Result::Submitted);
}

TEST(LineEditor, lastArgument)
{
    Editing e;
    EXPECT_EQ(e.after("cat \x1b."), "cat /var/log|");
    EXPECT_EQ(e.after("\x1b."), "cat web-1|");
}

TEST(LineEditor, suggestions)
{
    Editing e;
    EXPECT_EQ(e.after("ssh"), "ssh|");
    EXPECT_EQ(e.editor.suggestion(), " worker-2");
    EXPECT_EQ(e.after("\x1b[C"), "ssh worker-2|");
    EXPECT_EQ(e.editor.suggestion(), "");
}

TEST(LineEditor, completes)
{
    Editing e;
    e.editor.complete = [](const std::string& line, std::size_t cursor) {
        LineEditor::Completions result;
        result.start = line.rfind(' ', cursor - 1) + 1;
        for (const char* name : {"pods", "podtemplates", "my file"})
            if (std::string(name).compare(0, cursor - result.start, line, result.start, cursor - result.start)
                == 0)
                result.candidates.push_back({name, "a note"});
        return result;
    };
    EXPECT_EQ(e.after("get p\t"), "get pod|");
    e.editor.output();
    EXPECT_EQ(e.after("\t"), "get pod|");
    EXPECT_EQ(e.after("\t"), "get pod|");
    const std::string listed = e.editor.output();
    EXPECT_NE(listed.find("pods          \x1b[90ma note\x1b[0m\r\npodtemplates"), std::string::npos)
        << listed;
    EXPECT_EQ(e.after("s\t"), "get pods |");
    EXPECT_EQ(e.after("m\t"), "get pods my\\ file |");
}

TEST(LineEditor, results)
{
    Editing e;
    EXPECT_EQ(e.editor.feed("abc\x03"), Result::Interrupt);
    EXPECT_NE(e.editor.output().find("^C\r\n"), std::string::npos);
    e.editor.start("$ ");
    EXPECT_EQ(e.editor.feed("\x04"), Result::EndOfFile);
    EXPECT_EQ(e.editor.feed("a\rb\r"), Result::Submitted);
    EXPECT_EQ(e.editor.line(), "a");
    e.editor.start("$ ");
    EXPECT_EQ(e.editor.feed(""), Result::Submitted);
    EXPECT_EQ(e.editor.line(), "b");
}

TEST(LineEditor, pasteIsTakenLiterally)
{
    Editing e;
    EXPECT_EQ(e.after("\x1b[200~one\rtwo\x03\x1b[2"), "one\ntwo|");
    EXPECT_EQ(e.after("01~!"), "one\ntwo!|");
    EXPECT_EQ(e.editor.feed("\r"), Result::Submitted);
    EXPECT_EQ(e.editor.line(), "one\ntwo!");
}

TEST(LineEditor, wideGlyphsTakeTwoCells)
{
    Editing e;
    e.editor.output();
    EXPECT_EQ(e.after("\xe4\xbd\xa0\xe5\xa5\xbd"), "\xe4\xbd\xa0\xe5\xa5\xbd|");
    const std::string drawn = e.editor.output();
    EXPECT_EQ(drawn.substr(drawn.rfind('\r')), "\r\x1b[6C"); // two of the prompt, four of the glyphs
    EXPECT_EQ(e.after("\x1b[D\x7f"), "|\xe5\xa5\xbd");
}

TEST(LineEditor, longLinesWrap)
{
    Editing e;
    e.editor.output();
    e.editor.feed(std::string(45, 'x'));
    e.editor.output();
    e.editor.feed("y");
    // The cursor was on the second row, so the redraw starts one row up.
    EXPECT_EQ(e.editor.output().substr(0, 8), "\r\x1b[1A\x1b[J");
}

TEST(LineEditor, anyBytesAreSafe)
{
    std::uint32_t state = 7;
    for (int round = 0; round < 300; ++round) {
        LineEditor editor(20);
        editor.setHistory({"a b c", "\xe4\xbd\xa0 x", ""});
        editor.complete = [](const std::string&, std::size_t cursor) {
            return LineEditor::Completions{cursor, {{"x y", ""}, {"x z", ""}}};
        };
        editor.start("p> ");
        for (int i = 0; i < 200; ++i) {
            state = state * 1664525u + 1013904223u;
            static constexpr char kBytes[]
                = "\x01\x02\x05\x0b\x12\x13\x14\x15\x17\x19\x1b[ABCD~bfdy.\x7f\x1f\t \xe4\xbd\xa0\xff xyz\x07"
                  "200~";
            editor.feed(std::string_view(&kBytes[(state >> 16) % (sizeof kBytes - 1)], 1));
            ASSERT_LE(editor.cursor(), editor.line().size());
        }
    }
}

} // namespace
