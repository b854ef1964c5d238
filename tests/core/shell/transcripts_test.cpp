#include "tests/core/shell/lab.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

/// One "$ command" with its continuation lines ("> ...") and what it printed.
struct Step {
    std::vector<std::string> lines;
    std::string expected;
};

/// A transcript: "# comment" lines, "@ path" blocks that make files, then steps. An output that ends
/// without a newline is followed by a line "%".
struct Transcript {
    std::string head;
    std::vector<std::pair<std::string, std::string>> files;
    std::vector<Step> steps;
};

Transcript readTranscript(const std::filesystem::path& path)
{
    Transcript result;
    std::ifstream in(path);
    std::string line;
    enum { Head, File, Output } where = Head;
    while (std::getline(in, line)) {
        if (line.compare(0, 2, "$ ") == 0) {
            result.steps.push_back({{line.substr(2)}, {}});
            where = Output;
        } else if (where == Output && line.compare(0, 2, "> ") == 0 && result.steps.back().expected.empty()) {
            result.steps.back().lines.push_back(line.substr(2));
        } else if (where != Output && line.compare(0, 2, "@ ") == 0) {
            result.files.emplace_back(line.substr(2), std::string());
            result.head += line + "\n";
            where = File;
        } else if (where == File) {
            if (line.compare(0, 1, "|") == 0)
                result.files.back().second += line.substr(1) + "\n";
            else
                where = Head;
            result.head += line + "\n";
        } else if (where == Head) {
            result.head += line + "\n";
        } else {
            result.steps.back().expected += line + "\n";
        }
    }
    return result;
}

class Transcripts : public testing::TestWithParam<std::string> { };

TEST_P(Transcripts, printsWhatIsExpected)
{
    const std::filesystem::path path = std::filesystem::path(FAULTLINE_TRANSCRIPTS) / (GetParam() + ".txt");
    const Transcript transcript = readTranscript(path);
    ASSERT_FALSE(transcript.steps.empty());
    test::Lab lab;
    for (const auto& [name, text] : transcript.files) {
        if (const std::string parent = core::shell::parentOf(name); !lab.system.files.count(parent))
            lab.system.addDirectory(parent, "ops");
        lab.system.addFile(name, text);
    }
    std::string rewritten = transcript.head;
    for (const Step& step : transcript.steps) {
        std::string text;
        for (std::size_t i = 0; i < step.lines.size(); ++i) {
            rewritten += (i == 0 ? "$ " : "> ") + step.lines[i] + "\n";
            text += lab.run(step.lines[i], std::chrono::minutes(5));
        }
        EXPECT_TRUE(lab.shell.prompt() != "> ") << "unfinished: " << step.lines[0];
        if (!text.empty() && text.back() != '\n')
            text += "\n%\n";
        rewritten += text;
        EXPECT_EQ(step.expected, text) << "after: " << step.lines[0];
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

INSTANTIATE_TEST_SUITE_P(Shell, Transcripts, testing::ValuesIn(names()),
                         [](const auto& p) { return p.param; });

} // namespace
