#pragma once

#include "core/session/session.h"

#include <functional>
#include <string>
#include <vector>

namespace core::session {

/// One line of a script as it ran.
struct ScriptStep {
    sim::Instant at{};
    std::string line;
    LineOutcome outcome;
};

/// What a line with a word for the lab itself came to.
struct LabOutcome {
    std::string text;
    bool leave = false; ///< the rest of the script is not run
};
using LabWords = std::function<LabOutcome(const std::string& line)>;

/// ":hint", as at the prompt. ": > file" is the shell's own colon.
bool isLabLine(const std::string& line);

/// Runs lines as a learner would type them, one after the other. A line that begins with "# " and one of
/// these words is for the lab instead of the shell:
///   # advance 30s        lets virtual time pass (ns, us, ms, s, m, h)
///   # ack, # acknowledge acknowledges the alert
///   # hint               takes the next hint
///   # diagnose CAUSE [CONFIDENCE]
///   # close              declares the incident closed
///   # rewind 5m          goes back that far
///   # interrupt          Ctrl-C
/// Any other line that begins with # is a comment. Here-documents and loops may span lines. A line that
/// does not end by itself is stopped with Ctrl-C after `lineLimit` of virtual time. `fill` may change each line
/// just before it runs (placeholders). `lab` gets the lines for which isLabLine() holds; without it they are the shell's.
std::vector<ScriptStep> runScript(Session& session, TerminalId terminal, const std::string& text,
                                  const std::function<void(const ScriptStep&)>& onStep = {},
                                  sim::Duration lineLimit = std::chrono::minutes(15),
                                  const std::function<std::string(const std::string&)>& fill = {},
                                  const LabWords& lab = {});

/// "1m30s", "500ms", "2h"; nothing when it is no duration.
std::optional<sim::Duration> parseDuration(const std::string& text);

} // namespace core::session
