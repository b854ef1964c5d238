#pragma once

#include "core/incident/record.h"
#include "core/session/frame.h"

#include <optional>
#include <string>
#include <vector>

namespace core::incident {

/// The clocks that follow from the record's lists.
struct PostMortemTimes {
    std::optional<sim::Instant> firstEvidence;  ///< t4: first fact that excluded a cause
    std::optional<sim::Instant> rightDiagnosis; ///< t5: first right answer
    std::optional<sim::Instant> verified;       ///< t8: first fact of recovery
};
PostMortemTimes timesOf(const Record& record);

/// What happened in order, each entry with the number of facts the learner knew then: a post-mortem tells
/// what people knew at the time. What one line changed is one entry, with the number of objects and a few names.
std::vector<session::PostMortemEntry> timelineOf(const Record& record);

/// A blameless post-mortem as Markdown, its headings in the usual order, filled as far as the lab knows. What
/// only the team can add (trigger, contributing conditions, action items, luck) is left to write, with a line
/// that says what belongs there. Requires: record.closed.
std::string postMortemMarkdown(const Record& record, const session::GradeView& grade, content::Language language);

} // namespace core::incident
