#include "core/shell/options.h"

#include <gtest/gtest.h>

namespace {

using core::shell::CommandSpec;
using core::shell::parseOptions;

CommandSpec spec()
{
    CommandSpec result;
    result.name = "ls";
    result.usage = "ls [OPTION]... [FILE]...";
    result.summary = "list directory contents";
    result.options = {{'a', "all", "", "do not ignore entries starting with ."},
                      {'l', "", "", "use a long listing format"},
                      {'n', "lines", "NUM", "print NUM lines"},
                      {'w', "watch", "BOOL", "watch", true},
                      {0, "label", "KEY", "labels"},
                      {0, "labels-all", "", "all labels"}};
    return result;
}

TEST(Options, clustersAndValues)
{
    const auto parsed = parseOptions(spec(), "ls",
                                     {"-aln5", "file", "--lines", "7", "--label=x=y", "--", "-z"});
    EXPECT_EQ(parsed.error, "");
    EXPECT_TRUE(parsed.options.has("all"));
    EXPECT_TRUE(parsed.options.has("l"));
    EXPECT_EQ(parsed.options.values("lines"), (std::vector<std::string>{"5", "7"}));
    EXPECT_EQ(parsed.options.value("label"), "x=y");
    EXPECT_EQ(parsed.operands, (std::vector<std::string>{"file", "-z"}));
}

TEST(Options, errorsAreGnuText)
{
    const std::string hint = "\nTry 'ls --help' for more information.\n";
    EXPECT_EQ(parseOptions(spec(), "ls", {"--foo"}).error, "ls: unrecognized option '--foo'" + hint);
    EXPECT_EQ(parseOptions(spec(), "ls", {"-z"}).error, "ls: invalid option -- 'z'" + hint);
    EXPECT_EQ(parseOptions(spec(), "ls", {"-n"}).error, "ls: option requires an argument -- 'n'" + hint);
    EXPECT_EQ(parseOptions(spec(), "ls", {"--lines"}).error,
              "ls: option '--lines' requires an argument" + hint);
    EXPECT_EQ(parseOptions(spec(), "ls", {"--all=1"}).error,
              "ls: option '--all' doesn't allow an argument" + hint);
    EXPECT_EQ(parseOptions(spec(), "ls", {"--lab"}).error,
              "ls: option '--lab' is ambiguous; possibilities: '--label' '--labels-all'" + hint);
}

TEST(Options, prefixesAndOptionalValues)
{
    EXPECT_TRUE(parseOptions(spec(), "ls", {"--al"}).options.has("all"));
    EXPECT_EQ(parseOptions(spec(), "ls", {"--watch=false"}).options.value("watch"), "false");
    const auto bare = parseOptions(spec(), "ls", {"--watch", "x"});
    EXPECT_TRUE(bare.options.has("watch"));
    EXPECT_EQ(bare.operands, std::vector<std::string>{"x"});
}

TEST(Options, helpListsEverything)
{
    EXPECT_TRUE(parseOptions(spec(), "ls", {"--help"}).helpAsked);
    const std::string help = helpText(spec());
    EXPECT_EQ(help.find("Usage: ls [OPTION]... [FILE]...\nList directory contents.\n"), 0u);
    EXPECT_NE(help.find("  -n, --lines=NUM            print NUM lines\n"), std::string::npos);
    EXPECT_NE(help.find("      --label=KEY            labels\n"), std::string::npos);
}

TEST(Options, nearestNames)
{
    EXPECT_EQ(core::shell::nearestName("kubeclt", {"kubeadm", "kubectl", "kubelet"}), "kubectl");
    EXPECT_EQ(core::shell::nearestName("xyzzy", {"kubectl", "ls"}), "");
    EXPECT_EQ(core::shell::nearestName("sl", {"cd", "ls"}), "ls");
}

} // namespace
