#include "core/report/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace core::report {

using content::Language;
using content::Text;

namespace words {
const Text kTitle{"Incident practice report", "故障演练报告"};
const Text kNothing{"No attempts yet. Finish an incident and it appears here.",
                    "还没有演练记录。完成一次故障后会显示在这里。"};
const Text kGenerated{"Made on", "生成于"};
const Text kLearner{"Learner", "学员"};
const Text kAttempts{"Attempts", "演练次数"};
const Text kSolved{"Solved", "已解决"};
const Text kNotSolved{"Not solved", "未解决"};
const Text kMeanScore{"Mean score", "平均分"};
const Text kBestScore{"Best score", "最高分"};
const Text kTimeInIncidents{"Time in incidents", "故障中用时"};
const Text kMedianMitigation{"Median time to mitigate", "止损用时中位数"};
const Text kHints{"Hints taken", "使用提示"};
const Text kSkills{"Skills", "能力"};
const Text kDirection{"Direction", "方向"};
const Text kByDirection{"Skills by direction", "各方向能力"};
const Text kArea{"Area", "领域"};
const Text kByArea{"Skills by area", "各领域能力"};
const Text kScore{"Score", "得分"};
const Text kIncidents{"Incidents", "故障"};
const Text kIncident{"Incident", "故障"};
const Text kScoresOverTime{"Scores over time", "得分变化"};
const Text kMeanOfFive{"Mean of the last five", "最近五次平均"};
const Text kPoints{"Points", "分值"};
const Text kPointsWon{"Points won by part of the grade", "各评分项得分率"};
const Text kBest{"Best", "最高"};
const Text kLatest{"Latest", "最近"};
const Text kLastTried{"Last tried", "最近一次"};
const Text kAllAttempts{"Attempts, newest first", "演练记录（由新到旧）"};
const Text kStarted{"Started", "开始时间"};
const Text kMode{"Mode", "模式"};
const Text kStudy{"Study", "学习"};
const Text kExam{"Exam", "考试"};
const Text kCause{"Cause", "根因"};
const Text kNamed{"Named cause", "指出的根因"};
const Text kNamedNone{"none named", "未指出"};
const Text kResult{"Result", "结果"};
const Text kDuration{"Duration", "用时"};
const Text kPart{"Part", "评分项"};
const Text kReason{"Why", "原因"};
const Text kNotes{"Notes", "笔记"};
const Text kNotReached{"not reached", "未达到"};
const Text kSkillRule{
    "Of each incident the best of the newest three attempts counts; a direction is the mean over "
    "incidents, weighted by how much each trains it.",
    "每个故障取最近三次演练中的最高分；每个方向为各故障得分按训练权重的加权平均。"};
const Text kTimesAreUtc{"Dates are UTC; durations are the lab's virtual time.",
                        "日期为 UTC；用时为实验室虚拟时间。"};
const Text kTopology{"Topology", "拓扑"};
const Text kSeed{"Seed", "种子"};
const Text kFingerprint{"Fingerprint", "指纹"};
const Text kMoreInHtml{"{} older attempts are in the HTML report.", "另有 {} 次较早的演练，见 HTML 报告。"};
} // namespace words

std::string scoreText(double score)
{
    const double tenths = std::round(score * 10) / 10;
    return std::fmod(tenths, 1) == 0 ? fmt::format("{:.0f}", tenths) : fmt::format("{:.1f}", tenths);
}

std::string scoreText(const std::optional<double>& score)
{
    return score ? scoreText(*score) : "–";
}

std::string durationText(double seconds, Language language)
{
    const bool chinese = language == Language::Chinese;
    const long long whole = std::llround(std::max(seconds, 0.0));
    if (whole < 60)
        return fmt::format(fmt::runtime(chinese ? "{} 秒" : "{} s"), whole);
    if (whole < 3600)
        return fmt::format(fmt::runtime(chinese ? "{} 分 {} 秒" : "{} min {} s"), whole / 60, whole % 60);
    return fmt::format(fmt::runtime(chinese ? "{} 小时 {} 分" : "{} h {} min"), whole / 3600,
                       whole / 60 % 60);
}

std::string dateText(std::string_view iso)
{
    std::string text(iso.substr(0, 16));
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::string dayText(std::string_view iso)
{
    return iso.size() >= 10 ? std::string(iso.substr(5, 5)) : std::string(iso);
}

std::string clockName(const std::string& id, Language language)
{
    static const std::map<std::string, Text> kNames = {
        {"detect", {"Detected after", "发现用时"}},
        {"first_evidence", {"First evidence after", "首个证据用时"}},
        {"mitigate", {"Mitigated after", "止损用时"}},
        {"resolve", {"Resolved after", "修复用时"}},
        {"verify", {"Verified after", "验证用时"}},
    };
    const auto name = kNames.find(id);
    return name == kNames.end() ? id : name->second.in(language);
}

const std::vector<std::string>& clockOrder()
{
    static const std::vector<std::string> kOrder = {"detect", "first_evidence", "mitigate", "resolve",
                                                    "verify"};
    return kOrder;
}

std::string areaTitle(const std::string& area, Language language)
{
    for (const progress::Axis& axis : progress::areas()) {
        if (axis.id == progress::areaOf(area))
            return axis.title.in(language);
    }
    return area;
}

std::vector<std::pair<std::string, std::string>> headline(const Report& report)
{
    const Summary& summary = report.summary;
    const Language language = report.options.language;
    const auto figure = [language](const Text& name, std::string value) {
        return std::pair(name.in(language), std::move(value));
    };
    return {
        figure(words::kAttempts, std::to_string(summary.attempts)),
        figure(words::kSolved, fmt::format("{} / {}", summary.solved, summary.attempts)),
        figure(words::kMeanScore, scoreText(summary.meanScore)),
        figure(words::kBestScore, scoreText(summary.bestScore)),
        figure(words::kMedianMitigation,
               summary.medianMitigateSeconds ? durationText(*summary.medianMitigateSeconds, language) : "–"),
        figure(words::kTimeInIncidents, durationText(summary.durationSeconds, language)),
        figure(words::kHints, std::to_string(summary.hintsTaken))};
}

const Text& modeWord(progress::Mode mode)
{
    return mode == progress::Mode::Exam ? words::kExam : words::kStudy;
}

const Text& resultWord(bool solved)
{
    return solved ? words::kSolved : words::kNotSolved;
}

} // namespace core::report
