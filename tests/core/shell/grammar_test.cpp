#include "tests/core/shell/lab.h"
#include "tests/core/shell/tree_text.h"

#include "core/shell/language/parser.h"
#include "core/shell/language/printer.h"

#include <gtest/gtest.h>
#include <initializer_list>
#include <utility>

// Random programs drawn from the grammar: they parse, print, parse again to the same tree and do the same.
namespace {

using core::shell::ParseResult;
using core::shell::parseShell;

class ProgramWriter {
public:
    explicit ProgramWriter(std::uint64_t seed) : m_state(seed) { }

    std::string program()
    {
        m_documents.clear();
        return joined({list(3), newline()});
    }

private:
    std::size_t below(std::size_t bound)
    {
        m_state = m_state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(m_state >> 33) % bound;
    }

    template <std::size_t N>
    std::string oneOf(const char* const (&words)[N])
    {
        return words[below(N)];
    }

    /// Evaluated from left to right, so that here-documents come in the order of their commands.
    static std::string joined(std::initializer_list<std::string> pieces)
    {
        std::string text;
        for (const std::string& piece : pieces)
            text += piece;
        return text;
    }

    std::string documents()
    {
        std::string text;
        for (const std::string& document : std::exchange(m_documents, {}))
            text += document;
        return text;
    }

    std::string newline() { return "\n" + documents(); }

    std::string list(int depth)
    {
        std::string text;
        for (std::size_t i = 1 + below(3); i > 0; --i) {
            text += andOr(depth);
            if (i > 1)
                text += below(4) == 0 ? newline() : below(12) == 0 ? " & " : "; ";
        }
        return text;
    }

    /// A list that ends where a reserved word may follow.
    std::string body(int depth) { return joined({list(depth), below(2) == 0 ? "; " : newline()}); }

    std::string andOr(int depth)
    {
        std::string text = pipeline(depth);
        while (below(4) == 0)
            text += (below(2) == 0 ? " && " : " || ") + pipeline(depth);
        return text;
    }

    std::string pipeline(int depth)
    {
        std::string text = (below(8) == 0 ? "! " : "") + command(depth);
        // Behind a function |& would be its body's redirection.
        bool function = text.find("f() {") != std::string::npos;
        while (below(6) == 0) {
            const std::string next = command(depth);
            text += (below(8) == 0 && !function ? " |& " : " | ") + next;
            function = next.compare(0, 5, "f() {") == 0;
        }
        return text;
    }

    std::string command(int depth)
    {
        if (depth == 0)
            return simple();
        --depth;
        switch (below(16)) {
        case 0: return joined({"if ", body(depth), "then ", body(depth), "fi", redirections()});
        case 1:
            return joined({"if ", body(depth), "then ", body(depth), "elif ", body(depth), "then ", body(depth), "else ",
                           body(depth), "fi"});
        case 2: return joined({"for i in ", words(), "; do ", body(depth), "done", redirections()});
        case 3: return joined({"for i; do ", body(depth), "done"});
        case 4: return joined({"while false; do ", body(depth), "done"});
        case 5: return joined({"until true; do ", body(depth), "done"});
        case 6:
            return joined({"case ", word(), " in ", word(), ") ", list(depth), ";; (a|", word(), ") ", list(depth),
                           oneOf({";;", ";&", ";;&"}), " *) ;; esac"});
        case 7: return joined({"{ ", body(depth), "}", redirections()});
        case 8: return joined({"( ", list(depth), ")", redirections()});
        case 9: return joined({"f() { ", body(depth), "}"});
        case 10: return joined({"[[ ", condition(2), " ]]"});
        case 11: return joined({"((x ", oneOf({"+", "<", "==", "&&"}), " ", std::to_string(below(9)), "))"});
        case 12: return joined({"for ((n = 0; n < 2; n++)); do ", body(depth), "done"});
        default: return simple();
        }
    }

    std::string condition(int depth)
    {
        if (depth > 0 && below(3) == 0)
            return joined({"( ", condition(depth - 1), below(2) == 0 ? " && " : " || ", condition(depth - 1), " )"});
        switch (below(5)) {
        case 0: return "! " + condition(std::max(depth - 1, 0));
        case 1: return joined({oneOf({"-n ", "-z ", "-e ", "-d "}), word()});
        case 2: return joined({word(), oneOf({" == ", " != ", " < "}), word()});
        case 3: return joined({"$x -", oneOf({"eq ", "lt ", "ge "}), std::to_string(below(5))});
        default: return "a" + word();
        }
    }

    std::string simple()
    {
        std::string text;
        if (below(5) == 0)
            text += joined({oneOf({"x=", "y=", "x+="}), word(), " "});
        if (!text.empty() && below(2) == 0)
            return text;
        text += oneOf({"echo", "echo", "echo", ":", "true", "false", "printf '%s\\n'", "cat"});
        return joined({text, below(6) == 0 ? "" : " " + words(), redirections()});
    }

    std::string redirections()
    {
        switch (below(14)) {
        case 0: return " > out";
        case 1: return " 2>&1";
        case 2: return " >> out 2>/dev/null";
        case 3: return " < in";
        case 4: m_documents.push_back("a $x\n\tb\nEND\n"); return " <<END";
        case 5: m_documents.push_back("a $x\nEND\n"); return " <<'END'";
        case 6: m_documents.push_back("\ta `echo b`\n\tEND\n"); return " <<-END";
        case 7: return " <<< " + word();
        case 8: return " &> out";
        default: return {};
        }
    }

    std::string words()
    {
        std::string text = word();
        while (below(2) == 0)
            text += " " + word();
        return text;
    }

    std::string word()
    {
        std::string text = piece();
        while (below(3) == 0)
            text += piece();
        return text;
    }

    std::string piece()
    {
        return oneOf({"a", "b1", "'q u'", "\"d $x e\"", "$x", "${x}", "${x:-d}", "\"${y#a}\"", "${x%%b*}", "$(echo s)",
                      "`echo t`", "$((x + 1))", "\\*", "\\\"", "~", "{1,2}", "$'\\t'", "${#x}", "$1", "\"$@\"", "$?",
                      "\"$(echo \"n\")\"", "${y/a/b}", "*", "[a-c]", "if", "done", "=", "a#"});
    }

    std::uint64_t m_state;
    std::vector<std::string> m_documents;
};

TEST(Grammar, printedProgramsParseToTheSameTree)
{
    ProgramWriter writer(7);
    for (int round = 0; round < 3'000; ++round) {
        const std::string program = writer.program();
        const ParseResult first = parseShell(program);
        ASSERT_EQ(first.status, ParseResult::Status::Complete) << program << first.message;
        const std::string printed = core::shell::printShell(*first.tree);
        const ParseResult second = parseShell(printed);
        ASSERT_EQ(second.status, ParseResult::Status::Complete) << program << "printed:\n" << printed << second.message;
        ASSERT_EQ(test::treeText(first.tree), test::treeText(second.tree)) << program << "printed:\n" << printed;
        ASSERT_EQ(printed, core::shell::printShell(*second.tree)) << program;
    }
}

TEST(Grammar, printedProgramsDoTheSame)
{
    ProgramWriter writer(8);
    for (int round = 0; round < 150; ++round) {
        const std::string program = writer.program();
        std::string outputs[2];
        for (int i = 0; i < 2; ++i) {
            test::Lab lab;
            lab.system.addFile("/home/ops/in", "line\n");
            const ParseResult parsed = parseShell(program);
            lab.system.addFile("/tmp/p", i == 0 ? program : core::shell::printShell(*parsed.tree));
            outputs[i] = lab.run("sh /tmp/p; cat out", std::chrono::seconds(30));
            ASSERT_TRUE(lab.shell.idle()) << program;
        }
        EXPECT_EQ(outputs[0], outputs[1]) << program;
    }
}

TEST(Grammar, functionsPrintAsBashPrintsThem)
{
    test::Lab lab;
    EXPECT_EQ(lab.run("f() { if true; then echo a; else echo b; fi; for i in 1 2; do echo $i; done; }; type f"),
              "f is a function\n"
              "f () \n"
              "{ \n"
              "    if true; then\n"
              "        echo a;\n"
              "    else\n"
              "        echo b;\n"
              "    fi;\n"
              "    for i in 1 2;\n"
              "    do\n"
              "        echo $i;\n"
              "    done\n"
              "}\n");
}

} // namespace
