#include "tests/tidy/rules.h"
#include "tests/tidy/source_text.h"

#include <gtest/gtest.h>

namespace tidy {

namespace {

/// The messages for a file that has only these lines, each with its line number in front.
std::string messages(const std::string& path, const std::string& text)
{
    std::string out;
    for (const Finding& finding : check(path, text)) {
        EXPECT_EQ(finding.path, path);
        out += std::to_string(finding.line) + ": " + finding.message + "\n";
    }
    return out;
}

bool found(const std::string& path, const std::string& text, const std::string& part)
{
    return messages(path, text).find(part) != std::string::npos;
}

} // namespace

TEST(Tidy, CleanFilesPass)
{
    EXPECT_EQ(
        messages("sim/net/a.h", "#pragma once\n\n#include \"sim/engine/time.h\"\n\n#include <vector>\n"), "");
    EXPECT_EQ(messages("sim/net/a.h", "// a comment may come first\n#pragma once\n"), "");
    EXPECT_EQ(messages("app/desktop/a.cpp",
                       "#include \"core/session/frame.h\"\n#include <QString>\n#include \"a.moc\"\n"),
              "");
    EXPECT_EQ(messages("assets/x.png", std::string("\0\t", 2)), "");
    EXPECT_EQ(messages("core/shell/empty.cpp", ""), "");
}

TEST(Tidy, LayersPointDown)
{
    EXPECT_TRUE(
        found("sim/net/a.cpp", "\n#include \"core/shell/shell.h\"\n", "2: sim must not include core"));
    EXPECT_TRUE(found("core/shell/a.cpp", "#include \"app/cli/x.h\"\n", "core must not include app"));
    EXPECT_TRUE(found("core/shell/a.cpp", "#include <QString>\n", "must not use Qt"));
    EXPECT_TRUE(found("sim/net/a.cpp", "#include <QtCore/QString>\n", "must not use Qt"));
    EXPECT_TRUE(found("core/shell/a.cpp", "#include \"tests/support/lab.h\"\n", "must not include tests"));
    EXPECT_TRUE(found("sim/net/a.cpp", "#include \"network.h\"\n", "from the tree's root"));
    EXPECT_EQ(messages("tests/app/a.cpp", "#include \"app/cli/x.h\"\n#include \"tests/support/lab.h\"\n"),
              "");
}

TEST(Tidy, PartsFollowTheTable)
{
    EXPECT_TRUE(found("sim/engine/a.h", "#pragma once\n#include \"sim/net/stack.h\"\n",
                      "sim/engine must not include sim/net"));
    EXPECT_TRUE(
        found("sim/net/a.cpp", "#include \"sim/host/hosts.h\"\n", "sim/net must not include sim/host"));
    EXPECT_EQ(messages("sim/host/a.cpp", "#include \"sim/net/stack.h\"\n"), "");
    EXPECT_EQ(messages("sim/container/a.cpp", "#include \"sim/programs/program.h\"\n"), "");
    EXPECT_TRUE(
        found("sim/gpu/a.cpp", "#include \"sim/container/image.h\"\n", "must not include sim/container"));
    EXPECT_TRUE(
        found("sim/kube/a.cpp", "#include \"sim/telemetry/x.h\"\n", "must not include sim/telemetry"));
    EXPECT_TRUE(found("sim/kube/a.cpp", "#include \"sim/world/world.h\"\n", "must not include sim/world"));
    EXPECT_EQ(messages("sim/world/a.cpp", "#include \"sim/faults/catalogue.h\"\n"), "");
    EXPECT_TRUE(
        found("core/content/a.cpp", "#include \"core/shell/shell.h\"\n", "must not include core/shell"));
    EXPECT_TRUE(found("sim/weather/a.cpp", "#include \"sim/engine/time.h\"\n", "has no row"));
}

TEST(Tidy, TheSimulationStandsAlone)
{
    for (const char* header :
         {"thread", "mutex", "fstream", "iostream", "filesystem", "random", "unordered_map", "boost/asio.hpp",
          "boost/beast/core.hpp", "sys/socket.h", "unistd.h"})
        EXPECT_TRUE(found("sim/net/a.cpp", std::string("#include <") + header + ">\n", header)) << header;
    EXPECT_EQ(messages("core/session/a.cpp", "#include <thread>\n#include <random>\n"), "");
}

TEST(Tidy, TheSimulationIsDeterministic)
{
    for (const char* line :
         {"auto t = std::chrono::system_clock::now();", "std::chrono::steady_clock c;", "int x = rand();",
          "std::random_device d;", "std::hash<int> h;", "std::unordered_map<int, int> m;", "throw Error{};",
          "printf(\"%p\", this);", "getenv(\"HOME\");"}) {
        EXPECT_TRUE(found("sim/net/a.cpp", std::string("\n") + line + "\n", "2: ")) << line;
        EXPECT_EQ(messages("core/shell/a.cpp", std::string(line) + "\n"), "") << line;
    }
    for (const char* line :
         {"// throw nothing, ever", "/* steady_clock */", "text(\"throw\");", "int operand(int x);",
          "auto s = R\"(rand( throw)\";", "const char c = '\"'; // throw", "int n = 1'000; int throwaway;"})
        EXPECT_EQ(messages("sim/net/a.cpp", std::string(line) + "\n"), "") << line;
}

TEST(Tidy, HeadersAreGuarded)
{
    EXPECT_TRUE(found("core/shell/a.h", "#include <vector>\n#pragma once\n", "#pragma once"));
    EXPECT_TRUE(found("core/shell/a.h", "int x;\n", "#pragma once"));
}

TEST(Tidy, NothingIsPutOff)
{
    const std::string word = std::string("TO") + "DO";
    EXPECT_TRUE(found("core/shell/a.cpp", "// " + word + ": later\n", word));
    EXPECT_TRUE(found("packaging/a.sh", "# " + std::string("FIX") + "ME\n", "FIX"));
    EXPECT_EQ(messages("core/shell/a.cpp", "// my" + word + "list\n"), "");
}

TEST(Tidy, LayoutIsPlain)
{
    EXPECT_TRUE(found("core/shell/a.cpp", "int x;\n\tint y;\n", "2: a tab"));
    EXPECT_TRUE(found("content/a.json", "{}", "1: the file does not end"));
    EXPECT_TRUE(found("packaging/a.sh", "x\r\n", "carriage return"));
    EXPECT_EQ(messages("tests/transcripts/a.txt", "a\tb\r\nc"), "");
}

TEST(Tidy, NoHostsOrPathsOfOurs)
{
    const std::string host = std::string("registry.npmjs") + ".org";
    EXPECT_TRUE(found("packaging/a.sh", "curl https://" + host + "/x\n", host));
    EXPECT_TRUE(found("tests/transcripts/a.txt", host + "\n", host));
    EXPECT_TRUE(found("README.md", "see " + std::string("/work/") + "shared/x\n", "path of one machine"));
}

TEST(Tidy, TranslationsAreComplete)
{
    EXPECT_TRUE(found("a.ts", "<translation type=\"unfinished\">x</translation>\n", "unfinished"));
    EXPECT_TRUE(found("a.ts", "<translation></translation>\n", "empty"));
    EXPECT_TRUE(found("a.ts", "<TS/>\n", "no translation"));
    EXPECT_EQ(
        messages("a.ts", "<translation>好</translation>\n<translation type=\"vanished\">x</translation>\n"),
        "");
}

TEST(SourceText, KeepsLinesAndLengths)
{
    const std::string text = "a /* x\ny */ b \"q\\\"\" 'c' 1'000 R\"x(\n\")x\" // end\n";
    const std::string code = codeOnly(text);
    EXPECT_EQ(code.size(), text.size());
    EXPECT_EQ(linesOf(code).size(), linesOf(text).size());
    for (const char* gone : {"x\ny", "q", "'c'", "end"})
        EXPECT_EQ(code.find(gone), std::string::npos) << gone;
    EXPECT_NE(code.find("1'000"), std::string::npos);
}

} // namespace tidy
