#include "core/report/chart_svg.h"
#include "core/report/wording.h"

#include <fmt/format.h>

namespace core::report {

namespace {

// The light theme of assets/themes, because the report is read on paper too.
constexpr const char* kStyle = R"css(
:root { --window: #f4f6f8; --panel: #fff; --line: #dbe2e9; --text: #16202b; --muted: #566473;
  --accent: #0072b2;
  --ok: #00805c; --critical: #c22f2c; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--window); color: var(--text); font: 13px/1.5 Inter, "Noto Sans CJK SC",
  "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 940px; margin: 0 auto; padding: 24px 16px 48px; }
header { display: flex; gap: 12px; align-items: center; margin-bottom: 16px; }
header svg { width: 40px; height: 40px; flex: none; }
h1 { font-size: 20px; font-weight: 600; margin: 0; line-height: 1.3; }
h2 { font-size: 16px; font-weight: 600; margin: 0 0 8px; }
h3 { font-size: 13px; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; } .muted, th { color: var(--muted); } .muted { font-size: 12px; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px;
  margin-bottom: 8px; }
.figures { margin: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(112px, 1fr)); gap: 12px; }
.figures dt { color: var(--muted); font-size: 12px; }
.figures dd { margin: 0; font-size: 16px; font-weight: 600; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin-bottom: 8px; }
.two section { margin: 0; min-width: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; font-size: 12px; }
th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; } td { overflow-wrap: anywhere; }
th.n, td.n { text-align: right; white-space: nowrap; }
td.t { white-space: nowrap; }
code { font: 12px/1.5 "JetBrains Mono", "Noto Sans Mono CJK SC", monospace; overflow-wrap: anywhere; }
.chart { width: 100%; height: auto; display: block; }
.chart text { fill: var(--text); font-size: 12px; } .chart .tick { fill: var(--muted); font-size: 11px; }
.chart .value { font-weight: 600; } .grid { fill: none; stroke: var(--line); }
.shape { fill: var(--accent); fill-opacity: .16; stroke: var(--accent); stroke-width: 2;
  stroke-linejoin: round; }
.corner { fill: var(--accent); } .trend { fill: none; stroke: var(--accent); stroke-width: 2;
  stroke-linejoin: round; }
.ok { fill: var(--ok); color: var(--ok); } .bad { fill: var(--critical); color: var(--critical); }
.bar { display: grid; grid-template-columns: 130px 1fr 48px; gap: 12px; align-items: center; padding: 3px 0; }
.bar i { height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; display: block; }
.bar b { height: 8px; background: var(--accent); display: block; } .bar span:last-child { text-align: right; }
article { border-top: 1px solid var(--line); padding: 12px 0; }
article:first-of-type { border-top: 0; padding-top: 0; }
.title { display: flex; justify-content: space-between; gap: 12px; } .title strong { white-space: nowrap; }
.facts { display: flex; flex-wrap: wrap; gap: 0 20px; margin: 2px 0 6px; }
.notes { border-left: 3px solid var(--line); padding-left: 10px; margin-top: 6px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
@media (max-width: 720px) { .two { grid-template-columns: 1fr; } }
@page { size: A4; margin: 14mm 13mm; }
@media print {
  body { background: #fff; font-size: 10.5px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } th, .muted, code { font-size: 9px; }
  th, td { padding: 2px 10px 2px 0; }
  article { padding: 8px 0; } section { break-inside: auto; }
  .two, .two section, .bar { break-inside: avoid; }
  .figures { grid-template-columns: repeat(7, 1fr); gap: 8px; } .figures dd { font-size: 13px; }
  article, tr { break-inside: avoid; } h2 { break-after: avoid; }
}
)css";

// The offset line of the program's icon.
constexpr const char* kMark =
    R"svg(<svg viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" rx="14" fill="#0d1117"/>
<path d="M10 25H27L35 9M29 55L37 39H54" fill="none" stroke="#4cc2ff" stroke-width="5" stroke-linecap="round"
stroke-linejoin="round"/></svg>)svg";

class Page {
public:
    explicit Page(const Report& report) : m_report(report), m_language(report.options.language) { }

    std::string html()
    {
        head();
        if (m_report.attempts.empty()) {
            m_out += "<section><p>" + word(words::kNothing) + "</p></section>\n";
        } else {
            figures();
            m_out += "<div class=\"two\">\n<section>\n" + heading(words::kSkills) + radarSvg(m_report)
                + "<p class=\"muted\">" + word(words::kSkillRule) + "</p></section>\n<section>\n"
                + heading(words::kScoresOverTime) + scoreSvg(m_report) + "</section>\n</div>\n";
            m_out += "<div class=\"two\">\n";
            skills(words::kByDirection, words::kDirection, m_report.directions, true);
            parts();
            m_out += "</div>\n";
            incidents();
            skills(words::kByArea, words::kArea, m_report.areas, false);
            m_out += "<section>\n" + heading(words::kAllAttempts);
            for (auto attempt = m_report.attempts.rbegin(); attempt != m_report.attempts.rend(); ++attempt)
                article(*attempt);
            m_out += "</section>\n";
        }
        m_out += "</main>\n</body>\n</html>\n";
        return std::move(m_out);
    }

private:
    std::string word(const content::Text& text) const { return escapedHtml(text.in(m_language)); }
    std::string heading(const content::Text& text) const { return "<h2>" + word(text) + "</h2>\n"; }

    std::string result(bool solved) const
    {
        return fmt::format("<span class=\"{}\">{} {}</span>", solved ? "ok" : "bad", solved ? "●" : "■",
                           word(resultWord(solved)));
    }

    std::string tableHead(std::initializer_list<std::pair<const content::Text*, bool>> columns) const
    {
        std::string out = "<div class=\"wide\"><table>\n<thead><tr>";
        for (const auto& [text, number] : columns)
            out += fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"n\"" : "", word(*text));
        return out + "</tr></thead>\n<tbody>\n";
    }

    void head()
    {
        const ReportOptions& options = m_report.options;
        m_out += fmt::format(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'\">\n<title>Faultline · {}</title>\n<style>{}</style>\n</head>\n",
            m_language == content::Language::Chinese ? "zh-CN" : "en", word(words::kTitle), kStyle);
        std::string who;
        if (!options.learner.empty())
            who = fmt::format("{}: {} · ", word(words::kLearner), escapedHtml(options.learner));
        m_out += fmt::format(
            "<body>\n<main>\n<header>{}<div><h1>{}</h1>\n<p class=\"muted\">{}{} {} · Faultline {} · "
            "{}</p></div></header>\n",
            kMark, word(words::kTitle), who, word(words::kGenerated),
            escapedHtml(dateText(options.generatedAt)), escapedHtml(options.programVersion),
            word(words::kTimesAreUtc));
    }

    void figures()
    {
        m_out += "<section><dl class=\"figures\">\n";
        for (const auto& [name, value] : headline(m_report))
            m_out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escapedHtml(name),
                                 escapedHtml(value));
        m_out += "</dl></section>\n";
    }

    void skills(const content::Text& title, const content::Text& name,
                const std::vector<progress::Skill>& list, bool all)
    {
        m_out += "<section>\n" + heading(title)
            + tableHead({{&name, false},
                         {&words::kScore, true},
                         {&words::kIncidents, true},
                         {&words::kAttempts, true}});
        for (const progress::Skill& skill : list) {
            if (all || skill.score)
                m_out += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                                     "<td class=\"n\">{}</td></tr>\n",
                                     word(skill.axis.title), scoreText(skill.score), skill.incidents,
                                     skill.attempts);
        }
        m_out += "</tbody></table></div></section>\n";
    }

    void parts()
    {
        m_out += "<section>\n" + heading(words::kPointsWon);
        for (const PartSummary& part : m_report.parts)
            m_out += fmt::format("<div class=\"bar\"><span>{}</span><i><b style=\"width:{:.1f}%\"></b></i>"
                                 "<span>{:.0f} %</span></div>\n",
                                 word(part.title), part.share * 100, part.share * 100);
        m_out += "</section>\n";
    }

    void incidents()
    {
        m_out += "<section>\n" + heading(words::kIncidents)
            + tableHead({{&words::kIncident, false},
                         {&words::kArea, false},
                         {&words::kAttempts, true},
                         {&words::kSolved, true},
                         {&words::kBest, true},
                         {&words::kLatest, true},
                         {&words::kLastTried, true}});
        for (const IncidentSummary& incident : m_report.incidents) {
            m_out += fmt::format(
                "<tr><td>{}<br><code class=\"muted\">{}</code></td><td>{}</td><td class=\"n\">{}</td>"
                "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                "<td class=\"n\">{}</td></tr>\n",
                word(incident.title), escapedHtml(incident.id),
                escapedHtml(areaTitle(incident.area, m_language)), incident.attempts, incident.solved,
                scoreText(incident.best), scoreText(incident.latest),
                escapedHtml(dateText(incident.latestAt)));
        }
        m_out += "</tbody></table></div></section>\n";
    }

    void fact(const std::string& name, const std::string& html)
    {
        m_out += fmt::format("<span><span class=\"muted\">{}</span> {}</span>\n", name, html);
    }

    void article(const progress::Attempt& attempt)
    {
        m_out += fmt::format("<article>\n<div class=\"title\"><h3>{}</h3><strong>{} · {}</strong></div>\n",
                             word(attempt.title), result(attempt.solved), scoreText(attempt.score));
        m_out += fmt::format("<p class=\"muted\">{} · <code>{}</code> · {} · {} <code>{}</code> · {} {} · {} "
                             "<code>{:016x}</code></p>\n<p class=\"facts\">\n",
                             escapedHtml(dateText(attempt.startedAt)), escapedHtml(attempt.incident),
                             word(modeWord(attempt.mode)), word(words::kTopology),
                             escapedHtml(attempt.topology), word(words::kSeed), attempt.seed,
                             word(words::kFingerprint), attempt.fingerprint);
        fact(word(words::kCause), "<code>" + escapedHtml(attempt.cause) + "</code>");
        fact(word(words::kNamed),
             attempt.answeredCause.empty() ? word(words::kNamedNone)
                                           : "<code>" + escapedHtml(attempt.answeredCause) + "</code>");
        fact(word(words::kDuration), durationText(attempt.durationSeconds, m_language));
        fact(word(words::kHints), std::to_string(attempt.hintsTaken));
        for (const std::string& clock : clockOrder()) {
            const auto seconds = attempt.clocksSeconds.find(clock);
            if (seconds != attempt.clocksSeconds.end())
                fact(escapedHtml(clockName(clock, m_language)),
                     seconds->second ? durationText(*seconds->second, m_language) : word(words::kNotReached));
        }
        m_out += "</p>\n";
        if (!attempt.parts.empty()) {
            m_out += tableHead({{&words::kPart, false}, {&words::kPoints, true}, {&words::kReason, false}});
            for (const progress::AttemptPart& part : attempt.parts)
                m_out += fmt::format(
                    "<tr><td class=\"t\">{}</td><td class=\"n\">{} / {}</td><td>{}</td></tr>\n",
                    word(part.title), scoreText(part.points), scoreText(part.outOf), word(part.reason));
            m_out += "</tbody></table></div>\n";
        }
        if (!attempt.notes.empty())
            m_out += "<p class=\"notes\">" + escapedHtml(attempt.notes) + "</p>\n";
        m_out += "</article>\n";
    }

    const Report& m_report;
    content::Language m_language;
    std::string m_out;
};

} // namespace

std::string toHtml(const Report& report)
{
    return Page(report).html();
}

} // namespace core::report
