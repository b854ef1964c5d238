#include "tests/core/kubectl/kubectl_lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

// Transcripts of sessions with kubectl: "# comment" and "@ MACHINE [USER]" at the head, "$ command" (and
// "> more" lines of it) with what it prints, "! advance 30s" in between. A status other than 0 is shown as
// "[1]". FAULTLINE_REWRITE=1 writes what was printed.
namespace {

struct Step {
    std::string command; ///< with its mark, lines joined by newlines
    std::string expected;
};

struct Transcript {
    std::string head;
    std::string machine = "bastion";
    std::string user = "ops";
    std::vector<Step> steps;
};

void readHead(Transcript& transcript, const std::string& line)
{
    transcript.head += line + "\n";
    if (line.rfind("@ ", 0) != 0)
        return;
    const std::size_t space = line.find(' ', 2);
    transcript.machine = line.substr(2, space == std::string::npos ? space : space - 2);
    if (space != std::string::npos)
        transcript.user = line.substr(space + 1);
}

Transcript readTranscript(const std::filesystem::path& path)
{
    Transcript result;
    std::ifstream in(path);
    std::string line;
    while (std::getline(in, line)) {
        if (line.rfind("$ ", 0) == 0 || line.rfind("! ", 0) == 0)
            result.steps.push_back({line, {}});
        else if (result.steps.empty())
            readHead(result, line);
        else if (line.rfind("> ", 0) == 0 && result.steps.back().expected.empty())
            result.steps.back().command += "\n" + line.substr(2);
        else
            result.steps.back().expected += line + "\n";
    }
    return result;
}

std::string shownCommand(const std::string& command)
{
    std::string shown;
    for (const char c : command) {
        shown += c;
        if (c == '\n')
            shown += "> ";
    }
    return shown + "\n";
}

std::string runStep(test::KubectlLab& lab, const std::string& command)
{
    std::string text = lab.run(command.substr(2));
    if (!text.empty() && text.back() != '\n')
        text += "\n%\n";
    if (lab.status() != 0)
        text += "[" + std::to_string(lab.status()) + "]\n";
    return text;
}

class KubectlTranscripts : public testing::TestWithParam<std::string> { };

TEST_P(KubectlTranscripts, printsWhatIsExpected)
{
    const std::filesystem::path path = std::filesystem::path(FAULTLINE_TRANSCRIPTS) / (GetParam() + ".txt");
    const Transcript transcript = readTranscript(path);
    ASSERT_FALSE(transcript.steps.empty());
    test::KubectlLab lab(transcript.machine, transcript.user);
    std::string rewritten = transcript.head;
    for (const Step& step : transcript.steps) {
        rewritten += shownCommand(step.command);
        if (step.command[0] == '!') {
            lab.advance(
                std::chrono::seconds(std::atoi(step.command.substr(step.command.rfind(' ') + 1).c_str())));
            continue;
        }
        const std::string text = runStep(lab, step.command);
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

INSTANTIATE_TEST_SUITE_P(Kubectl, KubectlTranscripts, testing::ValuesIn(names()),
                         [](const auto& p) { return p.param; });

} // namespace
