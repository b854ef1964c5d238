#include "core/report/report.h"

#include "core/report/charts.h"
#include "core/report/wording.h"
#include "tests/core/report/sample_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace core::report {

using content::Language;

TEST(Report, WorksOutTheSummary)
{
    std::vector<progress::Attempt> attempts = sampleAttempts(4);
    attempts[0].clocksSeconds["mitigate"] = 100;
    attempts[1].clocksSeconds["mitigate"] = 300;
    attempts[2].clocksSeconds["mitigate"] = std::nullopt;
    attempts[3].clocksSeconds.clear();
    const double mean = (attempts[0].score + attempts[1].score + attempts[2].score + attempts[3].score) / 4;
    progress::Attempt running = attempts[0];
    running.finished = false;
    progress::Attempt thrownAway = attempts[0];
    thrownAway.deletedAt = "2026-11-24T00:00:00Z";
    attempts.insert(attempts.begin(), {running, thrownAway});

    const Report report = makeReport(attempts, {});
    EXPECT_EQ(report.summary.attempts, 4);
    EXPECT_EQ(report.summary.solved, 3);
    EXPECT_NEAR(report.summary.meanScore, mean, 1e-9);
    EXPECT_EQ(report.summary.medianMitigateSeconds, 200);
    EXPECT_EQ(report.summary.hintsTaken, 0 + 1 + 2 + 0);
}

TEST(Report, OrdersAttemptsAndIncidentsByTime)
{
    std::vector<progress::Attempt> attempts = sampleAttempts(12);
    std::reverse(attempts.begin(), attempts.end());
    const Report report = makeReport(attempts, {});
    for (std::size_t i = 1; i < report.attempts.size(); ++i)
        EXPECT_LT(report.attempts[i - 1].startedAt, report.attempts[i].startedAt);
    ASSERT_EQ(report.incidents.size(), 6U);
    EXPECT_EQ(report.incidents.front().id, report.attempts.back().incident);
    EXPECT_EQ(report.incidents.front().latest, report.attempts.back().score);
    EXPECT_EQ(report.incidents.front().attempts, 2);
    ASSERT_EQ(report.parts.size(), 6U);
    EXPECT_EQ(report.parts[0].id, "impact");
    EXPECT_EQ(report.parts[3].share, 1) << "safety was never lost in the sample";
}

TEST(Report, JsonHoldsEverythingInBothLanguages)
{
    const Report report = sampleReport(Language::English);
    const auto json = nlohmann::json::parse(toJson(report));
    EXPECT_EQ(json.at("format"), 1);
    EXPECT_EQ(json.at("summary").at("attempts"), 24);
    EXPECT_EQ(json.at("attempts").size(), 24U);
    EXPECT_EQ(json.at("skills").at("directions").size(), 5U);
    EXPECT_EQ(json.at("skills").at("areas").size(), 15U);
    EXPECT_TRUE(json.at("skills").at("areas").at(9).at("score").is_null()) << "retrieval was not tried";
    const auto& first = json.at("attempts").at(0);
    EXPECT_EQ(first.at("title").at("zh"), "结账服务失败");
    EXPECT_EQ(first.at("seed"), 7);
    EXPECT_EQ(first.at("fingerprint"), "9e3779b97f4a7c15");
    EXPECT_TRUE(first.at("clocks_seconds").at("verify").is_null());
    EXPECT_EQ(first.at("parts").at(2).at("id"), "evidence");
}

TEST(Report, IsTheSameWhateverTheOrderOfTheAttempts)
{
    std::vector<progress::Attempt> attempts = sampleAttempts(20);
    const Report report = makeReport(attempts, {});
    std::reverse(attempts.begin(), attempts.end());
    EXPECT_EQ(toJson(makeReport(attempts, {})), toJson(report));
}

TEST(Wording, WritesFiguresAsPeopleDo)
{
    EXPECT_EQ(scoreText(87.5), "87.5");
    EXPECT_EQ(scoreText(90.04), "90");
    EXPECT_EQ(scoreText(99.96), "100");
    EXPECT_EQ(scoreText(std::optional<double>()), "–");
    EXPECT_EQ(durationText(59.4, Language::English), "59 s");
    EXPECT_EQ(durationText(59.6, Language::English), "1 min 0 s");
    EXPECT_EQ(durationText(247, Language::Chinese), "4 分 7 秒");
    EXPECT_EQ(durationText(3725, Language::English), "1 h 2 min");
    EXPECT_EQ(dateText("2026-11-24T09:30:00Z"), "2026-11-24 09:30");
    EXPECT_EQ(dayText("odd"), "odd");
    EXPECT_EQ(clockName("mitigate", Language::Chinese), "止损用时");
    EXPECT_EQ(clockName("lunch", Language::English), "lunch");
    EXPECT_EQ(areaTitle("serving", Language::English), "Training and inference");
}

TEST(Charts, RadarStandsOnItsAxes)
{
    std::vector<progress::Skill> skills = progress::directionSkills({});
    EXPECT_TRUE(RadarChart(skills, {0, 0}, 100).empty());
    skills[0].score = 50;
    skills[1].score = 100;
    const RadarChart chart(skills, {200, 100}, 100);
    EXPECT_FALSE(chart.empty());
    EXPECT_NEAR(chart.outline()[0].x, 200, 1e-9);
    EXPECT_NEAR(chart.outline()[0].y, 50, 1e-9);
    EXPECT_GT(chart.outline()[1].x, 200) << "clockwise";
    EXPECT_NEAR(chart.outline()[2].x, 200, 1e-9) << "not tried: the centre";
    EXPECT_NEAR(chart.outline()[2].y, 100, 1e-9);
    EXPECT_EQ(chart.labels()[0].side, 0);
    EXPECT_EQ(chart.labels()[1].side, 1);
    EXPECT_EQ(chart.labels()[4].side, -1);
    EXPECT_EQ(chart.labels()[4].lines(Language::English),
              (std::vector<std::string>{"Reliability", "engineering", "–"}));
    EXPECT_EQ(chart.labels()[4].lines(Language::Chinese), (std::vector<std::string>{"可靠性工程", "–"}));
}

TEST(Charts, ScoresSpreadEvenlyAndTheTrendLooksBackFive)
{
    std::vector<progress::Attempt> attempts(7);
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        attempts[i].score = i < 2 ? 0 : 100;
        attempts[i].startedAt = "2026-11-0" + std::to_string(1 + i / 3) + "T10:00:00Z";
    }
    const ScoreChart chart(attempts, {10, 20, 60, 200});
    EXPECT_NEAR(chart.points()[0].x, 10, 1e-9);
    EXPECT_NEAR(chart.points()[6].x, 70, 1e-9);
    EXPECT_NEAR(chart.points()[0].y, 220, 1e-9);
    EXPECT_NEAR(chart.points()[6].y, 20, 1e-9);
    EXPECT_NEAR(chart.trend()[3].y, chart.y(50), 1e-9);
    EXPECT_NEAR(chart.trend()[6].y, chart.y(100), 1e-9) << "the two zeros have left the window";
    ASSERT_EQ(chart.ticks().size(), 3U);
    EXPECT_EQ(chart.ticks()[1].text, "11-02");

    attempts.resize(1);
    EXPECT_NEAR(ScoreChart(attempts, {10, 20, 60, 200}).points()[0].x, 40, 1e-9);
    EXPECT_TRUE(ScoreChart({}, {10, 20, 60, 200}).points().empty());
}

} // namespace core::report
