#include "core/report/report.h"

#include "core/progress/attempt_json.h"
#include "core/report/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace core::report {

namespace {

/// Spreadsheets run a cell that begins with one of these, even from a CSV file. The wide forms are what a
/// Chinese or Japanese keyboard types, and Excel takes them for the same.
bool looksLikeFormula(std::string_view text)
{
    static constexpr std::array<std::string_view, 10> kStarts = {"=",  "+",  "-",  "@",  "\t",
                                                                 "\r", "＝", "＋", "－", "＠"};
    // Blanks in front are cut off by some of them before they look.
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return std::any_of(kStarts.begin(), kStarts.end(),
                       [text](std::string_view start) { return text.starts_with(start); });
}

std::string quoted(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos && !text.starts_with(' ') && !text.ends_with(' '))
        return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"')
            out += '"';
        out += c;
    }
    return out + '"';
}

class Line {
public:
    void text(const std::string& value) { add(quoted(looksLikeFormula(value) ? "'" + value : value)); }
    void number(double value) { add(fmt::format("{:.10g}", value)); } // 5.55, not 5.550000000000001
    void number(long long value) { add(std::to_string(value)); }
    void number(unsigned long long value) { add(std::to_string(value)); }
    void number(const std::optional<double>& value)
    {
        if (value)
            number(*value);
        else
            add({});
    }
    void endIn(std::string& out) const { out += m_cells + "\r\n"; }

private:
    void add(const std::string& cell)
    {
        if (m_any)
            m_cells += ',';
        m_any = true;
        m_cells += cell;
    }

    std::string m_cells;
    bool m_any = false;
};

/// The clocks that occur, the known ones first and in their order.
std::vector<std::string> clocksOf(const Report& report)
{
    std::vector<std::string> clocks = clockOrder();
    for (const progress::Attempt& attempt : report.attempts) {
        for (const auto& [name, seconds] : attempt.clocksSeconds) {
            if (std::find(clocks.begin(), clocks.end(), name) == clocks.end())
                clocks.push_back(name);
        }
    }
    return clocks;
}

} // namespace

std::string toCsv(const Report& report)
{
    const std::vector<std::string> clocks = clocksOf(report);
    std::string out;
    Line head;
    for (const char* column :
         {"id", "started_at", "incident", "title", "area", "mode", "language", "topology", "seed", "cause",
          "answered_cause", "solved", "score", "hints_taken", "duration_seconds"})
        head.text(column);
    for (const std::string& clock : clocks)
        head.text(clock + "_seconds");
    for (const PartSummary& part : report.parts) {
        head.text(part.id + "_points");
        head.text(part.id + "_out_of");
    }
    head.text("fingerprint");
    head.text("notes");
    head.endIn(out);

    for (const progress::Attempt& attempt : report.attempts) {
        Line line;
        line.number(static_cast<long long>(attempt.id));
        line.text(attempt.startedAt);
        line.text(attempt.incident);
        line.text(attempt.title.in(report.options.language));
        line.text(attempt.area);
        line.text(progress::modeName(attempt.mode));
        line.text(progress::languageName(attempt.language));
        line.text(attempt.topology);
        line.number(static_cast<unsigned long long>(attempt.seed));
        line.text(attempt.cause);
        line.text(attempt.answeredCause);
        line.text(attempt.solved ? "true" : "false");
        line.number(attempt.score);
        line.number(static_cast<long long>(attempt.hintsTaken));
        line.number(attempt.durationSeconds);
        for (const std::string& clock : clocks) {
            const auto seconds = attempt.clocksSeconds.find(clock);
            line.number(seconds == attempt.clocksSeconds.end() ? std::nullopt : seconds->second);
        }
        for (const PartSummary& column : report.parts) {
            const auto part = std::find_if(attempt.parts.begin(), attempt.parts.end(),
                                           [&](const auto& p) { return p.id == column.id; });
            const bool has = part != attempt.parts.end();
            line.number(has ? std::optional(part->points) : std::nullopt);
            line.number(has ? std::optional(part->outOf) : std::nullopt);
        }
        line.text(fmt::format("{:016x}", attempt.fingerprint));
        line.text(attempt.notes);
        line.endIn(out);
    }
    return out;
}

} // namespace core::report
