#include "app/cli/lab_commands.h"

#include "app/cli/grade_text.h"
#include "core/session/script.h"
#include "core/shell/command_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace app::cli {

namespace {

using core::content::Language;
using core::content::Text;
using core::session::Frame;
using core::session::IncidentView;

const std::string& in(const Text& text, Language language)
{
    return text.in(language);
}

LabAnswer help(Language language)
{
    LabAnswer answer;
    for (const LabCommand& command : labCommands())
        answer.text += fmt::format("  :{:<30} {}\n", fmt::format("{} {}", command.name, in(command.arguments, language)),
                                   in(command.summary, language));
    answer.text += say(language, "Everything else is typed into the lab's shell. Ctrl-R searches, Tab completes, Ctrl-C stops a command.\n",
                       "其余内容都交给实验室里的 shell。Ctrl-R 搜索历史，Tab 补全，Ctrl-C 中断命令。\n");
    return answer;
}

LabAnswer facts(const IncidentView& incident, Language language)
{
    LabAnswer answer;
    for (const auto& fact : incident.facts)
        answer.text += fmt::format("  {}  {}\n", clockText(fact.seenAt), in(fact.text, language));
    if (incident.facts.empty())
        answer.text = say(language, "Nothing yet that tells the causes apart.\n", "还没有能区分各个原因的发现。\n");
    for (const Text& text : incident.ruledOut)
        answer.text += fmt::format("  {}{}\n", say(language, "ruled out: ", "已排除："), in(text, language));
    return answer;
}

LabAnswer causes(const IncidentView& incident, Language language)
{
    LabAnswer answer;
    for (const auto& choice : incident.choices)
        answer.text += fmt::format("  {:<20} {}\n", choice.id, in(choice.means, language));
    return answer;
}

LabAnswer hint(LabContext& context)
{
    const int before = context.session.frame().incident->hints.taken;
    context.session.takeHint();
    const auto hints = context.session.frame().incident->hints;
    LabAnswer answer;
    if (hints.taken == before) {
        answer.text = hints.unlocksAt ? fmt::format(fmt::runtime(say(context.language, "The next hint opens at {}.\n", "下一条提示在 {} 开放。\n")),
                                                    clockText(*hints.unlocksAt))
                                      : say(context.language, "There are no more hints.\n", "没有更多提示了。\n");
        return answer;
    }
    answer.text = in(hints.texts.back(), context.language) + "\n";
    if (hints.nextFactor < 1)
        answer.text += fmt::format(fmt::runtime(say(context.language, "The next one would bring diagnosis and evidence to {:.0f} %.\n",
                                                    "再看下一条，诊断和证据两项将按 {:.0f} % 计分。\n")), hints.nextFactor * 100);
    return answer;
}

LabAnswer diagnose(LabContext& context, const IncidentView& incident, std::istringstream& words)
{
    std::string cause;
    double confidence = 100;
    words >> cause >> confidence;
    const auto known = [&](const auto& choice) { return choice.id == cause; };
    if (std::none_of(incident.choices.begin(), incident.choices.end(), known)) {
        LabAnswer answer = causes(incident, context.language);
        answer.text = say(context.language, "Name one of these:\n", "请从下面选一个：\n") + answer.text;
        return answer;
    }
    context.session.diagnose(cause, std::clamp(confidence, 0.0, 100.0) / 100, {});
    return {.text = say(context.language, "Noted. It counts when you close the incident with :close.\n", "已记录，用 :close 关闭故障时计分。\n")};
}

LabAnswer rewind(LabContext& context, std::istringstream& words)
{
    std::string span;
    words >> span;
    const auto back = core::session::parseDuration(span);
    if (!back)
        return {.text = say(context.language, ":rewind needs a duration such as 90s or 5m\n", ":rewind 需要时长，例如 90s 或 5m\n")};
    context.session.rewind(std::max(context.session.world().start(), context.session.now() - *back));
    return {.text = fmt::format(fmt::runtime(say(context.language, "It is {} again.\n", "时间回到 {}。\n")), clockText(context.session.now())),
            .rewound = true};
}

LabAnswer step(LabContext& context, std::istringstream& words)
{
    std::string span = "30s";
    words >> span;
    const auto forward = core::session::parseDuration(span);
    if (!forward)
        return {.text = say(context.language, ":step needs a duration such as 30s or 5m\n", ":step 需要时长，例如 30s 或 5m\n")};
    context.session.runFor(*forward);
    return {.text = fmt::format(fmt::runtime(say(context.language, "It is {}.\n", "现在是 {}。\n")), clockText(context.session.now()))};
}

LabAnswer speed(LabContext& context, std::istringstream& words)
{
    double factor = 0;
    if (!(words >> factor) || factor < core::session::Pacer::kSlowest || factor > core::session::Pacer::kFastest)
        return {.text = say(context.language, ":speed needs a number from 1 to 120\n", ":speed 需要 1 到 120 之间的数字\n")};
    context.pacer.setSpeed(factor);
    return {.text = fmt::format(fmt::runtime(say(context.language, "{:g} virtual seconds per second.\n", "现实 1 秒等于实验室 {:g} 秒。\n")), factor)};
}

LabAnswer unknown(const std::string& name, Language language)
{
    std::vector<std::string> names;
    for (const LabCommand& command : labCommands())
        names.emplace_back(command.name);
    const std::string near = core::shell::nearestName(name, names);
    const std::string meant = near.empty() ? "" : fmt::format(fmt::runtime(say(language, " (did you mean :{}?)", "（是不是 :{}？）")), near);
    return {.text = fmt::format(fmt::runtime(say(language, ":{} is not known{}; :help lists what is\n", "没有 :{} 这个命令{}；:help 列出全部命令\n")), name, meant)};
}

} // namespace

const std::vector<LabCommand>& labCommands()
{
    static const std::vector<LabCommand> kCommands{
        {"help", {}, {"this list", "显示本列表"}},
        {"brief", {}, {"the task", "任务说明"}},
        {"lesson", {}, {"the background", "背景知识"}},
        {"ack", {}, {"acknowledge the alert", "确认告警"}},
        {"facts", {}, {"what you have found out", "目前的发现"}},
        {"causes", {}, {"what it can be", "可能的原因"}},
        {"hint", {}, {"the next hint; each has its price", "下一条提示，会扣分"}},
        {"diagnose", {"CAUSE [CONFIDENCE %]", "原因 [把握 %]"}, {"name the cause", "指出根因"}},
        {"close", {}, {"declare the incident over and be graded", "关闭故障并评分"}},
        {"time", {}, {"the lab's clock", "实验室时间"}},
        {"speed", {"1..120", "1..120"}, {"virtual seconds per second", "时间流速：现实 1 秒等于实验室多少秒"}},
        {"pause", {}, {"stop the clock (:resume goes on)", "暂停时间（:resume 继续）"}},
        {"resume", {}, {"let the clock run", "继续计时"}},
        {"step", {"[DURATION]", "[时长]"}, {"let 30s, or so much, pass at once", "立即快进，默认 30s"}},
        {"rewind", {"DURATION", "时长"}, {"go back that far", "回退这么久"}},
        {"quit", {}, {"leave; an open incident is graded as it stands", "退出；未关闭的故障按现状评分"}},
    };
    return kCommands;
}

LabAnswer runLabCommand(LabContext& context, const std::string& line)
{
    std::istringstream words(line.substr(1));
    std::string name;
    words >> name;
    if (name == "help" || name.empty())
        return help(context.language);
    if (name == "quit")
        return {.leave = true};
    if (name == "time")
        return {.text = fmt::format("{}  {:g}x{}\n", clockText(context.session.now()), context.pacer.speed(),
                                    context.pacer.paused() ? say(context.language, ", paused", "，已暂停") : "")};
    if (name == "speed")
        return speed(context, words);
    if (name == "pause" || name == "resume") {
        context.pacer.setPaused(name == "pause");
        return {.text = name == "pause" ? say(context.language, "The clock stands still.\n", "时间已暂停。\n")
                                        : say(context.language, "The clock runs.\n", "时间继续走动。\n")};
    }
    if (name == "step")
        return step(context, words);
    if (name == "rewind")
        return rewind(context, words);

    static const std::vector<std::string> kIncidentOnly{"brief", "lesson", "ack", "facts", "causes", "hint", "diagnose", "close"};
    if (std::find(kIncidentOnly.begin(), kIncidentOnly.end(), name) == kIncidentOnly.end())
        return unknown(name, context.language);
    const Frame frame = context.session.frame();
    if (!frame.incident)
        return {.text = say(context.language, "This is the healthy lab: there is no incident.\n", "这是健康的实验室，没有故障。\n")};
    if (name == "brief")
        return {.text = in(frame.incident->brief, context.language) + "\n"};
    if (name == "lesson")
        return {.text = in(frame.incident->lesson, context.language) + "\n"};
    if (name == "facts")
        return facts(*frame.incident, context.language);
    if (name == "causes")
        return causes(*frame.incident, context.language);
    if (name == "hint")
        return hint(context);
    if (name == "diagnose")
        return diagnose(context, *frame.incident, words);
    if (name == "ack") {
        context.session.acknowledge();
        return {.text = say(context.language, "Acknowledged: the incident is yours.\n", "已确认：这个故障由你负责。\n")};
    }
    context.session.close();
    return {.leave = true};
}

} // namespace app::cli
