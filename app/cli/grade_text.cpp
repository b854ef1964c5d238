#include "app/cli/grade_text.h"

#include <fmt/format.h>

#include <chrono>
#include <map>

namespace app::cli {

namespace {

using core::content::Language;
using nlohmann::json;

/// A clock's or an entry's name, which is a word of the JSON as well.
std::string gradeWord(const std::string& name, Language language)
{
    static const std::map<std::string, const char*> kChinese{
        {"impact", "影响"}, {"alert", "告警"}, {"fact", "事实"}, {"action", "变更"}, {"hint", "提示"}, {"diagnosis", "诊断"},
        {"mitigated", "止损"}, {"resolved", "修复"}, {"verified", "验证"}, {"closed", "关闭"}, {"acknowledge", "确认"},
        {"detect", "发现"}, {"first_evidence", "首个证据"}, {"diagnose", "诊断"}, {"mitigate", "止损"}, {"resolve", "修复"},
        {"verify", "验证"}};
    const auto word = kChinese.find(name);
    return word == kChinese.end() ? name : say(language, name.c_str(), word->second);
}

} // namespace

const char* say(Language language, const char* en, const char* zh) { return language == Language::Chinese ? zh : en; }

std::string clockText(sim::Instant at)
{
    const std::int64_t seconds = sim::unixSeconds(at) % 86400;
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

json gradeJson(const core::session::Session& session)
{
    const core::session::Frame frame = session.frame();
    json out{{"seed", session.request().seed}, {"fingerprint", fmt::format("{:016x}", session.fingerprint())},
             {"incident", session.request().incident}, {"at", clockText(session.now())}};
    if (!frame.incident)
        return out;
    const auto& incident = *frame.incident;
    out["facts"] = json::array();
    for (const auto& fact : incident.facts)
        out["facts"].push_back({{"id", fact.id}, {"text", fact.text.en}, {"at", clockText(fact.seenAt)}});
    out["actions"] = json::array();
    if (!incident.grade)
        return out;
    const auto& grade = *incident.grade;
    out["cause"] = grade.trueCause;
    out["solved"] = grade.solved;
    out["diagnosis"] = grade.answeredCause;
    out["score"] = grade.score;
    out["parts"] = json::object();
    for (const auto& part : grade.parts)
        out["parts"][part.id] = {{"points", part.points}, {"outOf", part.outOf}, {"reason", part.reason.en}};
    out["clocks"] = json::object();
    for (const auto& [name, seconds] : grade.clocksSeconds)
        out["clocks"][name] = seconds ? json(*seconds) : json();
    for (const auto& entry : grade.timeline)
        if (entry.kind == "action")
            out["actions"].push_back({{"at", clockText(entry.at)}, {"did", entry.detail}, {"what", entry.text.en}, {"factsKnown", entry.factsKnown}});
    return out;
}

void printGrade(const core::session::Session& session, Language language)
{
    const core::session::Frame frame = session.frame();
    if (!frame.incident || !frame.incident->grade) {
        fmt::print("{}\n", say(language, "No grade: the incident was not closed.", "没有评分：故障尚未关闭。"));
        return;
    }
    const auto& grade = *frame.incident->grade;
    fmt::print("\n{} {:.0f}/100  {}\n", say(language, "Score", "得分"), grade.score,
               grade.solved ? say(language, "solved", "已解决") : say(language, "not solved", "未解决"));
    for (const auto& part : grade.parts)
        fmt::print("  {:>4.1f} / {:<4.0f}{}: {}\n", part.points, part.outOf, part.title.in(language), part.reason.in(language));
    fmt::print("{} ", say(language, "Clocks (s):", "用时（秒）："));
    for (const auto& [name, seconds] : grade.clocksSeconds)
        fmt::print(" {}={}", gradeWord(name, language), seconds ? fmt::format("{:.0f}", *seconds) : std::string("-"));
    fmt::print("\n{} {}: {}\n", say(language, "Cause:", "根因："), grade.trueCause, grade.trueCauseMeans.in(language));
    if (!grade.answeredCause.empty())
        fmt::print("{} {}\n", say(language, "Your answer:", "你的答案："), grade.answeredCause);
    fmt::print("\n{}\n", say(language, "What was known when", "何时知道什么"));
    for (const auto& entry : grade.timeline)
        fmt::print("  {}  {:<12} {}{}{}\n", clockText(entry.at), gradeWord(entry.kind, language), entry.text.in(language),
                   entry.detail.empty() ? "" : "  ", entry.detail);
    if (!grade.explanation.in(language).empty())
        fmt::print("\n{}\n", grade.explanation.in(language));
}

} // namespace app::cli
