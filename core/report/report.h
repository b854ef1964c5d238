#pragma once

#include "core/progress/attempt.h"
#include "core/progress/skills.h"

#include <optional>
#include <string>
#include <vector>

namespace core::report {

struct ReportOptions {
    content::Language language = content::Language::English;
    std::string generatedAt;    ///< ISO 8601 in UTC
    std::string programVersion; ///< "0.1.0"
    std::string learner;        ///< as the learner wants to be called; may be empty
};

/// All attempts at one incident together.
struct IncidentSummary {
    std::string id;
    content::Text title; ///< of the newest attempt
    std::string area;
    int attempts = 0;
    int solved = 0;
    double best = 0;
    double latest = 0;
    std::string latestAt;
};

/// How many of a grade part's points were won, over all attempts that have the part.
struct PartSummary {
    std::string id;
    content::Text title;
    double share = 0; ///< 0..1
};

struct Summary {
    int attempts = 0;
    int solved = 0;
    double meanScore = 0; ///< 0 without attempts
    double bestScore = 0;
    double durationSeconds = 0; ///< virtual, all attempts together
    int hintsTaken = 0;
    std::optional<double> medianMitigateSeconds; ///< over the attempts that got there
};

/// What every format shows, worked out once.
struct Report {
    ReportOptions options;
    std::vector<progress::Attempt> attempts; ///< finished and not deleted, oldest first
    Summary summary;
    std::vector<progress::Skill> directions;
    std::vector<progress::Skill> areas;
    std::vector<IncidentSummary> incidents; ///< the one tried last comes first
    std::vector<PartSummary> parts;         ///< in the order of the grade
};

/// Unfinished and deleted attempts are left out. An empty list gives a report that says so.
Report makeReport(std::vector<progress::Attempt> attempts, ReportOptions options);

/// One object: format, version, summary, skills, incidents, attempts. Both languages, whatever the options
/// say.
std::string toJson(const Report& report);
/// CommonMark with tables. Everything a learner or a content file wrote is escaped.
std::string toMarkdown(const Report& report);
/// RFC 4180, one line an attempt, in UTF-8. A text that a spreadsheet would take for a formula gets an
/// apostrophe in front.
std::string toCsv(const Report& report);
/// One file without scripts or anything to load, for the screen and for A4.
std::string toHtml(const Report& report);

} // namespace core::report
