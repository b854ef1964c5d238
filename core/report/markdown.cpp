#include "core/report/wording.h"

#include <fmt/format.h>

#include <string_view>

namespace core::report {

namespace {

/// Text as it stands, wherever it is put after a line's start: nothing in it becomes a link, markup, an
/// entity or another table cell, and line ends, which would end a table row, become blanks.
std::string escaped(std::string_view text)
{
    static constexpr std::string_view kSpecial = "\\`*_{}[]<>#|~&$";
    std::string out;
    for (const char c : text) {
        if (c == '\n' || c == '\r') {
            if (!out.empty() && out.back() != ' ')
                out += ' ';
            continue;
        }
        if (kSpecial.find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

/// Ids keep their looks in code spans. A span cannot hold backticks, and in a table not even a bar.
std::string code(const std::string& id)
{
    return id.find_first_of("`|\n\r") != std::string::npos || id.empty() ? escaped(id) : "`" + id + "`";
}

void tableHead(std::string& out, const std::vector<std::string>& columns)
{
    for (const std::string& column : columns)
        out += "| " + column + " ";
    out += "|\n";
    for (std::size_t i = 0; i < columns.size(); ++i)
        out += "|---";
    out += "|\n";
}

void attemptSection(std::string& out, const progress::Attempt& attempt, content::Language language)
{
    const auto in = [language](const content::Text& text) {
        return text.in(language);
    };
    out += fmt::format("### {} · {} · {}\n\n", escaped(dateText(attempt.startedAt)),
                       escaped(in(attempt.title)), scoreText(attempt.score));
    out += fmt::format("- {}: {}\n", in(words::kResult), in(resultWord(attempt.solved)));
    out += fmt::format("- {}: {}\n", in(words::kIncident), code(attempt.incident));
    out += fmt::format("- {}: {}\n", in(words::kCause), code(attempt.cause));
    out += fmt::format("- {}: {}\n", in(words::kNamed),
                       attempt.answeredCause.empty() ? in(words::kNamedNone) : code(attempt.answeredCause));
    out += fmt::format("- {}: {}\n", in(words::kMode), in(modeWord(attempt.mode)));
    out += fmt::format("- {}: {}\n", in(words::kDuration), durationText(attempt.durationSeconds, language));
    out += fmt::format("- {}: {}\n", in(words::kHints), attempt.hintsTaken);
    for (const std::string& clock : clockOrder()) {
        const auto seconds = attempt.clocksSeconds.find(clock);
        if (seconds == attempt.clocksSeconds.end())
            continue;
        out += fmt::format("- {}: {}\n", clockName(clock, language),
                           seconds->second ? durationText(*seconds->second, language)
                                           : in(words::kNotReached));
    }
    out += fmt::format("- {}: {}, {} {}, {} `{:016x}`\n\n", in(words::kTopology), code(attempt.topology),
                       in(words::kSeed), attempt.seed, in(words::kFingerprint), attempt.fingerprint);
    if (!attempt.parts.empty()) {
        tableHead(out, {in(words::kPart), in(words::kPoints), in(words::kReason)});
        for (const progress::AttemptPart& part : attempt.parts) {
            out += fmt::format("| {} | {} / {} | {} |\n", escaped(in(part.title)), scoreText(part.points),
                               scoreText(part.outOf), escaped(in(part.reason)));
        }
        out += '\n';
    }
    if (!attempt.notes.empty())
        out += fmt::format("> {}: {}\n\n", in(words::kNotes), escaped(attempt.notes));
}

} // namespace

std::string toMarkdown(const Report& report)
{
    const content::Language language = report.options.language;
    const auto in = [language](const content::Text& text) {
        return text.in(language);
    };
    std::string out = fmt::format("# Faultline: {}\n\n", in(words::kTitle));
    if (!report.options.learner.empty())
        out += fmt::format("{}: {}  \n", in(words::kLearner), escaped(report.options.learner));
    out += fmt::format("{} {} · Faultline {}  \n{}\n\n", in(words::kGenerated),
                       escaped(dateText(report.options.generatedAt)), escaped(report.options.programVersion),
                       in(words::kTimesAreUtc));
    if (report.attempts.empty())
        return out + in(words::kNothing) + "\n";

    for (const auto& [name, value] : headline(report))
        out += fmt::format("- {}: **{}**\n", name, value);

    out += fmt::format("\n## {}\n\n{}\n\n", in(words::kSkills), in(words::kSkillRule));
    const auto skillsTable = [&](const content::Text& name, const std::vector<progress::Skill>& skills) {
        tableHead(out, {in(name), in(words::kScore), in(words::kIncidents), in(words::kAttempts)});
        for (const progress::Skill& skill : skills)
            out += fmt::format("| {} | {} | {} | {} |\n", in(skill.axis.title), scoreText(skill.score),
                               skill.incidents, skill.attempts);
        out += '\n';
    };
    skillsTable(words::kDirection, report.directions);
    skillsTable(words::kArea, report.areas);

    out += fmt::format("## {}\n\n", in(words::kIncidents));
    tableHead(out,
              {in(words::kIncident), in(words::kArea), in(words::kAttempts), in(words::kSolved),
               in(words::kBest), in(words::kLatest), in(words::kLastTried)});
    for (const IncidentSummary& incident : report.incidents) {
        out += fmt::format("| {} ({}) | {} | {} | {} | {} | {} | {} |\n", escaped(in(incident.title)),
                           code(incident.id), escaped(areaTitle(incident.area, language)), incident.attempts,
                           incident.solved, scoreText(incident.best), scoreText(incident.latest),
                           escaped(dateText(incident.latestAt)));
    }
    out += fmt::format("\n## {}\n\n", in(words::kAllAttempts));
    for (auto attempt = report.attempts.rbegin(); attempt != report.attempts.rend(); ++attempt)
        attemptSection(out, *attempt, language);
    while (out.ends_with("\n\n"))
        out.pop_back();
    return out;
}

} // namespace core::report
