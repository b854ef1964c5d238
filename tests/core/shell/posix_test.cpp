#include "tests/core/shell/lab.h"
#include "tests/core/shell/real_machine.h"

#include <gtest/gtest.h>
#include <algorithm>

// The scripts of tests/core/shell/posix run in our shell and in this machine's dash: same output, same status.
namespace {

class Posix : public testing::TestWithParam<std::string> { };

TEST_P(Posix, runsAsInDash)
{
    if (!test::RealMachine::has("dash"))
        GTEST_SKIP() << "no dash on the PATH";
    test::RealMachine machine;
    for (const std::string& script : test::readCommands(std::filesystem::path(FAULTLINE_POSIX) / GetParam())) {
        machine.clear();
        const test::Ran expected = machine.run("dash", script);
        test::Lab lab(false, true);
        lab.system.addFile("/tmp/case.sh", script);
        const std::string output = lab.run("sh /tmp/case.sh", std::chrono::minutes(1));
        EXPECT_EQ(expected.output, output) << script << lab.shell.takeErrors();
        EXPECT_EQ(expected.status, lab.shell.lastStatus()) << script << lab.shell.takeErrors();
    }
}

std::vector<std::string> scriptFiles()
{
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(FAULTLINE_POSIX))
        result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
}

INSTANTIATE_TEST_SUITE_P(Shell, Posix, testing::ValuesIn(scriptFiles()), [](const auto& p) {
    return p.param.substr(0, p.param.find('.'));
});

} // namespace
