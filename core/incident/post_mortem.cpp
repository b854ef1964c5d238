#include "core/incident/post_mortem.h"

#include "core/incident/impact_words.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>
#include <string_view>

namespace core::incident {

namespace {

using content::Text;
using session::PostMortemEntry;

int factsKnownAt(const Record& record, sim::Instant at)
{
    return static_cast<int>(std::count_if(record.facts.begin(), record.facts.end(),
                                          [&](const SeenFact& fact) { return fact.at <= at && record.stands(fact); }));
}

/// What one line of the learner's changed, told as the one thing it was: `find -delete` removes a file at a time.
struct Act {
    const Action* first = nullptr;
    Effect gravest = Effect::None;
    std::vector<std::string> changed; ///< each object once, in order
};

std::vector<Act> actsOf(const Record& record)
{
    std::vector<Act> acts;
    std::set<std::string_view> told;
    for (const Action& action : record.actions) {
        if (acts.empty() || action.line == 0 || action.line != acts.back().first->line) {
            acts.push_back({&action, {}, {}});
            told.clear();
        }
        acts.back().gravest = std::max(acts.back().gravest, action.effect);
        for (const std::string& object : action.changed)
            if (told.insert(object).second)
                acts.back().changed.push_back(object);
    }
    return acts;
}

/// The objects by name, of many the first few and how many more.
std::string named(const std::vector<std::string>& objects)
{
    constexpr std::size_t kMostNamed = 3;
    const std::size_t shown = objects.size() > kMostNamed + 1 ? kMostNamed : objects.size(); // "and 1 more" saves nothing
    const auto list = fmt::format("{}", fmt::join(objects.begin(), objects.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    return shown == objects.size() ? list : fmt::format("{}, … +{}", list, objects.size() - shown);
}

Text kindOf(const Act& act)
{
    if (act.first->mitigation)
        return {"Mitigating change", "缓解性变更"};
    switch (act.gravest) {
    case Effect::Restart:
        return {"Restart", "重启"};
    case Effect::Irreversible:
        return {"Change that cannot be undone", "不可撤销的变更"};
    default:
        return {"Change", "变更"};
    }
}

Text actText(const Act& act)
{
    const Text kind = kindOf(act);
    if (act.changed.size() < 2 || act.first->commandLine.empty()) // the detail says which
        return kind;
    const std::string objects = named(act.changed);
    return {fmt::format("{}: {} objects ({})", kind.en, act.changed.size(), objects),
            fmt::format("{}：{} 个对象（{}）", kind.zh, act.changed.size(), objects)};
}

/// How it was done, or what by.
std::string detailOf(const Act& act)
{
    return act.first->commandLine.empty() ? named(act.changed) : act.first->commandLine;
}

std::string utc(sim::Instant at, const char* format)
{
    const std::time_t seconds = sim::unixSeconds(at);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format(fmt::runtime(format), parts);
}

/// A text as one cell of a Markdown table: hints and preventions may have paragraphs and pipes.
std::string cell(const std::string& text)
{
    std::string out;
    for (const char c : text.substr(0, text.find_last_not_of("\n ") + 1)) {
        if (c == '|')
            out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string duration(std::optional<double> seconds)
{
    if (!seconds)
        return "–";
    const auto whole = static_cast<long long>(*seconds + (*seconds < 0 ? -0.5 : 0.5));
    const long long size = whole < 0 ? -whole : whole;
    return fmt::format("{}{}:{:02}", whole < 0 ? "-" : "", size / 60, size % 60);
}

} // namespace

PostMortemTimes timesOf(const Record& record)
{
    PostMortemTimes times;
    KnownFacts known;
    for (const SeenFact& fact : record.facts) { // in the order they were learnt
        if (!fact.evidence)
            continue;
        known.insert(fact.id);
        if (!times.firstEvidence && exclusion(*record.incident, record.cause, known) > 0)
            times.firstEvidence = fact.at;
    }
    for (const Diagnosis& diagnosis : record.diagnoses)
        if (!times.rightDiagnosis && diagnosis.cause == record.cause)
            times.rightDiagnosis = diagnosis.at;
    if (record.recovered || !record.impactBegan)
        for (const SeenFact& seen : record.facts) {
            const content::Fact* fact = record.incident->fact(seen.id);
            if (fact != nullptr && fact->recovery != content::Fact::Recovery::No && record.stands(seen))
                times.verified = times.verified ? std::min(*times.verified, seen.at) : seen.at;
        }
    return times;
}

std::vector<PostMortemEntry> timelineOf(const Record& record)
{
    std::vector<PostMortemEntry> entries;
    const auto add = [&](std::optional<sim::Instant> at, const char* kind, Text text, std::string detail = {}) {
        if (at)
            entries.push_back({*at, kind, std::move(text), std::move(detail), factsKnownAt(record, *at)});
    };
    add(record.impactBegan, "impact", impactBeganText(record.incident->impact), record.incident->service);
    add(record.alerted, "alert", {"An alert fires", "告警触发"});
    add(record.acknowledged, "acknowledge", {"The incident is acknowledged", "确认事件"});
    for (const SeenFact& seen : record.facts)
        if (const content::Fact* fact = record.incident->fact(seen.id); fact != nullptr && record.stands(seen))
            add(seen.at, "fact", fact->text, seen.commandLine);
    for (const Act& act : actsOf(record))
        add(act.first->at, "action", actText(act), detailOf(act));
    for (const TakenHint& hint : record.hints)
        add(hint.at, "hint", hint.text);
    for (const Diagnosis& diagnosis : record.diagnoses) {
        const content::Cause* cause = record.incident->cause(diagnosis.cause);
        add(diagnosis.at, "diagnosis", cause != nullptr ? cause->means : Text{diagnosis.cause, diagnosis.cause}, diagnosis.note);
    }
    add(record.recovered, "mitigated", impactEndedText(record.incident->impact), record.incident->service);
    if (record.cause != "no-fault")
        add(record.repaired, "resolved", {"The root cause is gone", "根本原因消除"});
    add(timesOf(record).verified, "verified", {"Recovery is verified", "确认恢复"});
    add(record.closed, "closed", {"The incident is closed", "关闭事件"});
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return entries;
}

std::string postMortemMarkdown(const Record& record, const session::GradeView& grade, content::Language language)
{
    const bool zh = language == content::Language::Chinese;
    const auto say = [&](const char* en, const char* chinese) { return std::string(zh ? chinese : en); };
    const content::Incident& incident = *record.incident;
    std::string out;
    const auto heading = [&](const char* en, const char* chinese) { out += "\n## " + say(en, chinese) + "\n\n"; };
    const auto clock = [&](const char* name) {
        const auto it = grade.clocksSeconds.find(name);
        return duration(it == grade.clocksSeconds.end() ? std::nullopt : it->second);
    };
    const auto clockRow = [&](const char* en, const char* chinese, const char* name) {
        out += fmt::format("| {} | {} |\n", say(en, chinese), clock(name));
    };
    const auto toWrite = [&](const char* en, const char* chinese) { out += "_" + say(en, chinese) + "_\n"; };

    out += fmt::format("# {}\n\n", incident.title.in(language));
    out += fmt::format("- {}: {}\n", say("Date", "日期"), utc(record.injected, "{:%Y-%m-%d}"));
    out += fmt::format("- {}: \n", say("Authors", "作者"));
    out += fmt::format("- {}: {}\n", say("Status", "状态"),
                       record.healthyAtClose ? say("closed, service healthy", "已关闭，服务健康")
                                             : say("closed, service not healthy", "已关闭，服务尚未健康"));
    out += "\n" + say("This account looks at the system, not for a culprit: it tells what people knew at each moment.",
                      "本文只看系统，不追究个人：它记录每个时刻大家知道什么。") + "\n";

    heading("Summary", "概要");
    out += fmt::format("{} {}\n", grade.trueCauseMeans.in(language) + (zh ? "。" : "."), grade.explanation.in(language));
    heading("Impact", "影响");
    const Text lost = lossText(incident.impact, record.lostRequests);
    const Text measure = impactMeasureText(incident.impact);
    const double dollars = record.lostRequests * incident.impact.dollarsPerRequest;
    out += zh ? fmt::format("服务 {}：丢失 {}，{}最低 {:.1f} %，损失约 ${:.0f}。\n", incident.service, lost.zh, measure.zh,
                            record.lowestSuccess * 100, dollars)
              : fmt::format("Service {}: {} lost, {} down to {:.1f} %, about ${:.0f}.\n", incident.service, lost.en, measure.en,
                            record.lowestSuccess * 100, dollars);
    heading("Root causes and contributing conditions", "根本原因与促成条件");
    out += "- " + grade.trueCauseMeans.in(language) + "\n- ";
    toWrite("Which other conditions had to be there? Name at least one.", "还需要哪些条件同时成立？至少写出一条。");
    heading("Trigger", "触发因素");
    toWrite("What started it: a release, a change, a date, a load?", "由什么引发：发布、变更、日期还是负载？");
    heading("Resolution", "处置");
    for (const Act& act : actsOf(record))
        out += fmt::format("- {} `{}`\n", utc(act.first->at, "{:%H:%M:%S}"), firstLine(detailOf(act)));
    if (record.actions.empty())
        out += (record.healedAtClose ? say("Nothing had to be changed.", "无需任何变更。") : say("Nothing was changed.", "没有做任何变更。")) + "\n";
    heading("Detection", "发现");
    out += say("| clock | min:s |", "| 时钟 | 分:秒 |") + "\n|---|---|\n";
    clockRow("impact to alert", "影响到告警", "detect");
    clockRow("alert to acknowledgement", "告警到确认", "acknowledge");
    clockRow("acknowledgement to first evidence", "确认到首个证据", "first_evidence");
    clockRow("acknowledgement to right diagnosis", "确认到正确诊断", "diagnose");
    clockRow("impact to mitigation", "影响到缓解", "mitigate");
    clockRow("impact to resolution", "影响到根除", "resolve");
    clockRow("verification to close", "验证到关闭", "verify");
    heading("Action items", "改进项");
    out += say("| action | owner (a role) | prevents or detects | how to check it works |",
               "| 措施 | 负责人（角色） | 预防或发现 | 如何验证有效 |") + "\n|---|---|---|---|\n";
    out += fmt::format("| {} | | | |\n", cell(grade.prevention.in(language)));
    heading("Lessons learned", "经验教训");
    for (const auto& [en, chinese] : {std::pair{"What went well", "做得好的"}, {"What went wrong", "做得不好的"},
                                      {"Where we got lucky", "侥幸之处"}})
        out += "### " + say(en, chinese) + "\n\n- \n\n";
    heading("Timeline (UTC)", "时间线（UTC）");
    out += say("| time | what | detail | facts known |", "| 时间 | 事件 | 细节 | 已知事实 |") + "\n|---|---|---|---|\n";
    for (const PostMortemEntry& entry : grade.timeline) {
        const std::string detail = cell(firstLine(entry.detail));
        out += fmt::format("| {} | {} | {} | {} |\n", utc(entry.at, "{:%H:%M:%S}"), cell(entry.text.in(language)),
                           detail.empty() ? "" : "`" + detail + "`", entry.factsKnown);
    }
    heading("Supporting information", "附件");
    out += fmt::format("{}: {:.0f} / 100\n", say("Score", "得分"), grade.score);
    for (const session::ScorePart& part : grade.parts)
        out += fmt::format("- {} {:.1f} / {:.0f}: {}\n", part.title.in(language), part.points, part.outOf, part.reason.in(language));
    return out;
}

} // namespace core::incident
