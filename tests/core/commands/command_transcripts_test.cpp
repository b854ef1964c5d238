#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

// Transcripts of whole sessions in the lab: "# comment" and "@ MACHINE [USER]" at the head, "$ command" with
// what it prints, "! advance 30s" in between. FAULTLINE_REWRITE=1 writes what was printed.
namespace {

struct Step {
    std::string command;
    std::string expected;
};

struct Transcript {
    std::string head;
    std::string machine = "bastion";
    std::string user = "ops";
    std::vector<Step> steps;
};

Transcript readTranscript(const std::filesystem::path& path)
{
    Transcript result;
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line)) {
        if (line.rfind("$ ", 0) == 0 || line.rfind("! ", 0) == 0) {
            result.steps.push_back({line, {}});
        } else if (result.steps.empty()) {
            result.head += line + "\n";
            if (line.rfind("@ ", 0) == 0) {
                const std::size_t space = line.find(' ', 2);
                result.machine = line.substr(2, space == std::string::npos ? space : space - 2);
                if (space != std::string::npos)
                    result.user = line.substr(space + 1);
            }
        } else {
            result.steps.back().expected += line + "\n";
        }
    }
    return result;
}

class CommandTranscripts : public testing::TestWithParam<std::string> { };

TEST_P(CommandTranscripts, printsWhatIsExpected)
{
    const std::filesystem::path path = std::filesystem::path(FAULTLINE_TRANSCRIPTS) / (GetParam() + ".txt");
    const Transcript transcript = readTranscript(path);
    ASSERT_FALSE(transcript.steps.empty());
    test::CommandLab lab(transcript.machine, transcript.user);
    std::string rewritten = transcript.head;
    for (const Step& step : transcript.steps) {
        rewritten += step.command + "\n";
        if (step.command[0] == '!') {
            lab.advance(
                std::chrono::seconds(std::atoi(step.command.substr(step.command.rfind(' ') + 1).c_str())));
            continue;
        }
        std::string text = lab.run(step.command.substr(2), std::chrono::minutes(10));
        if (!text.empty() && text.back() != '\n')
            text += "\n%\n";
        rewritten += text;
        EXPECT_EQ(step.expected, text) << "after: " << step.command;
    }
    if (std::getenv("FAULTLINE_REWRITE")) {
        std::ofstream out(path);
        out << rewritten;
    }
}

std::vector<std::string> names()
{
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(FAULTLINE_TRANSCRIPTS))
        if (entry.path().extension() == ".txt")
            result.push_back(entry.path().stem().string());
    std::sort(result.begin(), result.end());
    return result;
}

INSTANTIATE_TEST_SUITE_P(Commands, CommandTranscripts, testing::ValuesIn(names()),
                         [](const auto& p) { return p.param; });

} // namespace
