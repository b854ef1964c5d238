#include "tests/core/shell/lab.h"

#include "core/shell/language/parser.h"

#include <gtest/gtest.h>

// Random lines: nothing may crash or hang. (tests/fuzz has the coverage-guided version.)
namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : m_state(seed) { }
    std::size_t below(std::size_t bound)
    {
        m_state = m_state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>(m_state >> 33) % bound;
    }

private:
    std::uint64_t m_state;
};

std::string randomLine(Dice& dice, std::size_t pieces)
{
    static const std::vector<std::string> kPieces = {"echo ",      "$x",
                                                     "${x",        "}",
                                                     "$(",         ")",
                                                     "`",          "\"",
                                                     "'",          "|",
                                                     "&&",         "||",
                                                     ";",          "&",
                                                     ">",          "<",
                                                     ">>",         "<<EOF\n",
                                                     "EOF\n",      "2>&1",
                                                     "{",          "(",
                                                     "[[ ",        " ]]",
                                                     "if ",        "then ",
                                                     "fi",         "for i in ",
                                                     "do ",        "done",
                                                     "while ",     "case ",
                                                     "esac",       " in ",
                                                     "a",          "1",
                                                     " ",          "\n",
                                                     "*",          "?",
                                                     "[",          "]",
                                                     "{a,b}",      "{1..9}",
                                                     "$((",        "))",
                                                     "+",          "-",
                                                     "=",          "~",
                                                     "#",          "\\",
                                                     "!",          "f() ",
                                                     "cat",        "grep a",
                                                     "sed s/a/b/", "awk '{print $1}'",
                                                     "true ",      "false ",
                                                     "x=",         "${x:-",
                                                     "${x%%",      "${x//",
                                                     "$@",         "$1",
                                                     ":",          "read y",
                                                     "test ",      "xargs ",
                                                     "sort",       "head -n1",
                                                     "jq .",       "sleep 1",
                                                     "exit",       "return",
                                                     "break",      "local x",
                                                     "set -u;"};
    std::string line;
    for (std::size_t i = 0; i < pieces; ++i)
        line += kPieces[dice.below(kPieces.size())];
    return line;
}

TEST(Robustness, parserTakesAnything)
{
    Dice dice(1);
    for (int round = 0; round < 6'000; ++round) {
        std::string text = randomLine(dice, 1 + dice.below(25));
        core::shell::parseShell(text);
        for (std::size_t i = 0; i < 3 && !text.empty(); ++i)
            text[dice.below(text.size())] = static_cast<char>(dice.below(256));
        core::shell::parseShell(text);
    }
}

TEST(Robustness, evaluatorTakesAnything)
{
    Dice dice(2);
    for (int round = 0; round < 40; ++round) {
        test::Lab lab(round % 2 == 0);
        lab.system.addFile("/home/ops/a", "a b\nc d\n");
        for (int i = 0; i < 50; ++i) {
            const std::string line = randomLine(dice, 1 + dice.below(12));
            lab.run(line, std::chrono::seconds(20));
            if (lab.shell.prompt() == "> ")
                lab.shell.interrupt();
            ASSERT_TRUE(lab.shell.idle()) << line;
        }
    }
}

TEST(Robustness, shellTakesAnyBytes)
{
    Dice dice(4);
    test::Lab lab;
    for (int round = 0; round < 600; ++round) {
        std::string text;
        for (std::size_t i = 1 + dice.below(60); i > 0; --i)
            text += static_cast<char>(dice.below(round % 2 == 0 ? 256 : 128));
        lab.system.addFile("/home/ops/bytes", text);
        lab.run(". ./bytes; sh bytes", std::chrono::seconds(5));
        lab.run(text, std::chrono::seconds(5));
        if (lab.shell.prompt() == "> ")
            lab.shell.interrupt();
        ASSERT_TRUE(lab.shell.idle()) << text;
    }
}

TEST(Robustness, toolsTakeAnything)
{
    Dice dice(3);
    static const std::vector<std::string> kTools = {
        "awk",          "sed",       "grep -E", "grep",    "jq",           "tr",
        "cut -f",       "sort -k",   "date +",  "printf",  "find . -name", "seq",
        "column -t -s", "base64 -d", "diff a",  "head -n", "expr",
        "paste -d",     "join -o",   "comm",    "nl -b",   "fold -w",      "expand -t",
        "unexpand -t",  "tac -s",    "cmp -i",  "split -b", "md5sum -c",   "realpath",
        "file",         "getopts",   "trap",    "umask",   "kill -l",      "find . -size"};
    static const std::string kCharacters = "abc019 .*+?[]{}()|^$/\\,;:!=<>&%#@~-_\"\n\t\xe4\xbd\xa0";
    test::Lab lab;
    lab.system.addFile("/home/ops/a", "a b\nc d\n{\"a\":1}\n");
    for (int round = 0; round < 1000; ++round) {
        std::string argument;
        for (std::size_t i = dice.below(14); i > 0; --i)
            argument += kCharacters[dice.below(kCharacters.size())];
        const std::string line = "cat a | " + kTools[dice.below(kTools.size())] + " '" + argument + "' a";
        lab.run(line, std::chrono::seconds(5));
        ASSERT_TRUE(lab.shell.idle()) << line;
    }
}

} // namespace
