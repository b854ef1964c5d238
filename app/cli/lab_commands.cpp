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

LabAnswer help()
{
    LabAnswer answer;
    for (const LabCommand& command : labCommands())
        answer.text += fmt::format("  :{:<30} {}\n", fmt::format("{} {}", command.name, command.arguments), command.summary);
    answer.text += "Everything else is typed into the lab's shell. Ctrl-R searches, Tab completes, Ctrl-C stops a command.\n";
    return answer;
}

LabAnswer facts(const IncidentView& incident, Language language)
{
    LabAnswer answer;
    for (const auto& fact : incident.facts)
        answer.text += fmt::format("  {}  {}\n", clockText(fact.seenAt), in(fact.text, language));
    if (incident.facts.empty())
        answer.text = "Nothing yet that tells the causes apart.\n";
    for (const Text& text : incident.ruledOut)
        answer.text += fmt::format("  ruled out: {}\n", in(text, language));
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
        answer.text = hints.unlocksAt ? fmt::format("The next hint opens at {}.\n", clockText(*hints.unlocksAt))
                                      : "There are no more hints.\n";
        return answer;
    }
    answer.text = in(hints.texts.back(), context.language) + "\n";
    if (hints.nextFactor < 1)
        answer.text += fmt::format("The next one would bring diagnosis and evidence to {:.0f} %.\n", hints.nextFactor * 100);
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
        answer.text = "Name one of these:\n" + answer.text;
        return answer;
    }
    context.session.diagnose(cause, std::clamp(confidence, 0.0, 100.0) / 100, {});
    return {.text = "Noted. It counts when you close the incident with :close.\n"};
}

LabAnswer rewind(LabContext& context, std::istringstream& words)
{
    std::string span;
    words >> span;
    const auto back = core::session::parseDuration(span);
    if (!back)
        return {.text = ":rewind needs a duration such as 90s or 5m\n"};
    context.session.rewind(std::max(context.session.world().start(), context.session.now() - *back));
    return {.text = fmt::format("It is {} again.\n", clockText(context.session.now())), .rewound = true};
}

LabAnswer step(LabContext& context, std::istringstream& words)
{
    std::string span = "30s";
    words >> span;
    const auto forward = core::session::parseDuration(span);
    if (!forward)
        return {.text = ":step needs a duration such as 30s or 5m\n"};
    context.session.runFor(*forward);
    return {.text = fmt::format("It is {}.\n", clockText(context.session.now()))};
}

LabAnswer speed(LabContext& context, std::istringstream& words)
{
    double factor = 0;
    if (!(words >> factor) || factor < core::session::Pacer::kSlowest || factor > core::session::Pacer::kFastest)
        return {.text = ":speed needs a number from 1 to 120\n"};
    context.pacer.setSpeed(factor);
    return {.text = fmt::format("{:g} virtual seconds per second.\n", factor)};
}

LabAnswer unknown(const std::string& name)
{
    std::vector<std::string> names;
    for (const LabCommand& command : labCommands())
        names.emplace_back(command.name);
    const std::string near = core::shell::nearestName(name, names);
    return {.text = fmt::format(":{} is not known{}; :help lists what is\n", name, near.empty() ? "" : fmt::format(" (did you mean :{}?)", near))};
}

} // namespace

const std::vector<LabCommand>& labCommands()
{
    static const std::vector<LabCommand> kCommands{
        {"help", "", "this list"},
        {"brief", "", "the task"},
        {"lesson", "", "the background"},
        {"ack", "", "acknowledge the alert"},
        {"facts", "", "what you have found out"},
        {"causes", "", "what it can be"},
        {"hint", "", "the next hint; each has its price"},
        {"diagnose", "CAUSE [CONFIDENCE %]", "name the cause"},
        {"close", "", "declare the incident over and be graded"},
        {"time", "", "the lab's clock"},
        {"speed", "1..120", "virtual seconds per second"},
        {"pause", "", "stop the clock (:resume goes on)"},
        {"resume", "", "let the clock run"},
        {"step", "[DURATION]", "let 30s, or so much, pass at once"},
        {"rewind", "DURATION", "go back that far"},
        {"quit", "", "leave; an open incident is graded as it stands"},
    };
    return kCommands;
}

LabAnswer runLabCommand(LabContext& context, const std::string& line)
{
    std::istringstream words(line.substr(1));
    std::string name;
    words >> name;
    if (name == "help" || name.empty())
        return help();
    if (name == "quit")
        return {.leave = true};
    if (name == "time")
        return {.text = fmt::format("{}  {:g}x{}\n", clockText(context.session.now()), context.pacer.speed(), context.pacer.paused() ? ", paused" : "")};
    if (name == "speed")
        return speed(context, words);
    if (name == "pause" || name == "resume") {
        context.pacer.setPaused(name == "pause");
        return {.text = name == "pause" ? "The clock stands still.\n" : "The clock runs.\n"};
    }
    if (name == "step")
        return step(context, words);
    if (name == "rewind")
        return rewind(context, words);

    static const std::vector<std::string> kIncidentOnly{"brief", "lesson", "ack", "facts", "causes", "hint", "diagnose", "close"};
    if (std::find(kIncidentOnly.begin(), kIncidentOnly.end(), name) == kIncidentOnly.end())
        return unknown(name);
    const Frame frame = context.session.frame();
    if (!frame.incident)
        return {.text = "This is the healthy lab: there is no incident.\n"};
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
        return {.text = "Acknowledged: the incident is yours.\n"};
    }
    context.session.close();
    return {.leave = true};
}

} // namespace app::cli
