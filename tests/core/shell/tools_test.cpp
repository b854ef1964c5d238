#include "tests/core/shell/lab.h"
#include "tests/core/shell/real_machine.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <ctime>
#include <map>

// The command lines of tests/core/shell/tools run by our tools and by this machine's, on the same files: same
// output, same errors, same status.
namespace {

/// Quotes as they are in an ASCII locale, and awk by the name it is asked for.
std::string plainErrors(std::string text)
{
    for (const auto& [from, to] : {std::pair<std::string, std::string>("\u2018", "'"), {"\u2019", "'"}, {"mawk: ", "awk: "}})
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
    return text;
}

/// Whether this machine has what the line's first word asks for. awk is mawk, Debian's own.
bool hasProgram(const std::string& line)
{
    static std::map<std::string, bool> known;
    const std::string program = line.find("awk ") != std::string::npos ? "mawk" : line.substr(0, line.find_first_of(" \n"));
    if (!known.count(program))
        known[program] = test::RealMachine::has(program);
    return known[program];
}

class Tools : public testing::TestWithParam<std::string> { };

TEST_P(Tools, printWhatTheRealOnesPrint)
{
    test::RealMachine machine;
    if (machine.run("bash", "ls --version").output.find("9.1") == std::string::npos)
        GTEST_SKIP() << "not Debian 12's coreutils 9.1 here, whose words these are";
    constexpr long kModified = 1741064767; // 2025-03-04 05:06:07
    const std::filesystem::path folder(FAULTLINE_TOOLS);
    const auto files = test::readFiles(folder / "files");
    std::string missing;
    for (const std::string& line : test::readCommands(folder / GetParam())) {
        if (!hasProgram(line)) {
            missing += "\n" + line;
            continue;
        }
        machine.clear();
        test::Lab lab(false, true);
        const std::time_t today = std::time(nullptr);
        lab.system.clock = sim::Instant{std::chrono::seconds(kModified)};
        for (const auto& [path, text] : files) {
            machine.addFile(path, text, kModified);
            for (std::string parent = core::shell::parentOf(path); !lab.system.files.count(parent);
                 parent = core::shell::parentOf(parent))
                lab.system.addDirectory(parent, "ops");
            lab.system.addFile(path, text);
        }
        lab.system.clock = sim::Instant{std::chrono::seconds(today)};
        lab.system.addFile("/tmp/case.sh", line);
        const test::Ran expected = machine.run("bash", "awk() { mawk \"$@\"; }\n" + line);
        const std::string output = lab.run("sh /tmp/case.sh", std::chrono::minutes(1));
        EXPECT_EQ(expected.output, output) << line;
        EXPECT_EQ(plainErrors(expected.errors), lab.shell.takeErrors()) << line;
        EXPECT_EQ(expected.status, lab.shell.lastStatus()) << line;
    }
    if (!missing.empty())
        GTEST_SKIP() << "programs missing for:" << missing;
}

std::vector<std::string> lineFiles()
{
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(FAULTLINE_TOOLS))
        if (entry.path().extension() == ".txt")
            result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
}

INSTANTIATE_TEST_SUITE_P(Shell, Tools, testing::ValuesIn(lineFiles()), [](const auto& p) {
    return p.param.substr(0, p.param.find('.'));
});

} // namespace
