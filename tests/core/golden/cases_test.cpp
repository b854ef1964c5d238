#include "core/golden/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

// Recorded cases of a real control plane, replayed (tests/golden/kubernetes).

namespace {

using core::golden::Recording;

std::vector<std::string> cases()
{
    return core::golden::casesIn(FAULTLINE_GOLDEN);
}

std::string report(const core::golden::CaseResult& result)
{
    std::string text;
    for (const auto& one : result.differences)
        text += "step " + std::to_string(one.step) + ", " + one.where + "\n" + one.unified + "\n";
    return text;
}

std::vector<core::golden::Difference> differencesOf(const Recording& recording)
{
    const auto result = core::golden::replayCase(recording);
    return result ? result->differences : std::vector<core::golden::Difference>{{0, result.error().text(), {}, {}, {}}};
}

class GoldenCase : public testing::TestWithParam<std::string> { };

TEST_P(GoldenCase, RunsAsRecorded)
{
    const auto recording = core::golden::readRecording(GetParam());
    ASSERT_TRUE(recording) << recording.error().text();
    const auto result = core::golden::replayCase(*recording);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_TRUE(result->passed()) << report(*result);
    EXPECT_EQ(result->steps, result->stepsPassed);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenCase);
INSTANTIATE_TEST_SUITE_P(Kubernetes, GoldenCase, testing::ValuesIn(cases()), [](const auto& info) {
    std::string name = std::filesystem::path(info.param).filename().string();
    for (char& c : name)
        c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    return "case_" + name;
});

/// The runner must be able to fail: a recording that was tampered with is not as recorded.
class GoldenTampered : public testing::Test {
protected:
    void SetUp() override
    {
        if (cases().empty())
            GTEST_SKIP() << "no case has been copied to " FAULTLINE_GOLDEN;
        auto read = core::golden::readRecording(cases().front());
        ASSERT_TRUE(read) << read.error().text();
        recording = std::move(*read);
        ASSERT_TRUE(differencesOf(recording).empty());
    }

    core::golden::Step& firstCommand()
    {
        for (auto& step : recording.steps)
            if (step.kind == core::golden::Step::Kind::Command)
                return step;
        ADD_FAILURE() << "no command";
        return recording.steps.front();
    }

    Recording recording;
};

TEST_F(GoldenTampered, AnotherExitStatus)
{
    firstCommand().status ^= 1;
    const auto differences = differencesOf(recording);
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].where, "exit status");
}

TEST_F(GoldenTampered, AnotherWordOnStandardOutput)
{
    firstCommand().output += "and more\n";
    const auto differences = differencesOf(recording);
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].expected, "and more");
    EXPECT_EQ(differences[0].got, "(nothing)");
}

TEST_F(GoldenTampered, AnotherWordOnStandardError)
{
    firstCommand().errors += "Warning: no\n";
    EXPECT_EQ(differencesOf(recording).size(), 1U);
}

TEST_F(GoldenTampered, AnEventThatNeverWas)
{
    ASSERT_FALSE(recording.watch.empty());
    recording.watch.push_back({1, "events", "x.0000000000000001",
                               {{"type", "Warning"}, {"reason", "Made"}, {"message", "up"}, {"count", 1}, {"regarding", "Pod/x"},
                                {"reportingComponent", "test"}}});
    const auto differences = differencesOf(recording);
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].where.rfind("watch of events", 0), 0U);
}

TEST_F(GoldenTampered, AChangeThatIsMissing)
{
    const auto pod = std::find_if(recording.watch.begin(), recording.watch.end(),
                                  [](const auto& line) { return line.kind == "pods" && line.body.at("type") == "ADDED"; });
    ASSERT_NE(pod, recording.watch.end());
    recording.watch.erase(pod);
    EXPECT_FALSE(differencesOf(recording).empty());
}

TEST_F(GoldenTampered, AnotherObjectAtTheEnd)
{
    recording.objects["nodes"][0]["spec"]["unschedulable"] = true;
    EXPECT_FALSE(differencesOf(recording).empty());
}

TEST(GoldenRecording, SaysWhatIsWrongWithAFolder)
{
    const auto nothing = core::golden::readRecording(FAULTLINE_GOLDEN "/none");
    ASSERT_FALSE(nothing);
    EXPECT_NE(nothing.error().text().find("steps.json"), std::string::npos);
    EXPECT_TRUE(core::golden::casesIn(FAULTLINE_GOLDEN "/none").empty());
}

} // namespace
