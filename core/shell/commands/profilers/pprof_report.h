#pragma once

#include "sim/programs/profile.h"

#include <map>
#include <string>

namespace core::shell::profilers {

/// A profile as pprof reports it: one kind of value, perhaps with another profile taken away.
struct Report {
    enum class Against : std::uint8_t { Whole, Base };
    const sim::programs::Profile* profile = nullptr;
    std::size_t value = 0;                              ///< index of the kind of value
    const sim::programs::Profile* baseline = nullptr;   ///< -base, -diff_base
    Against against = Against::Whole;                   ///< what shares are of: all that is left (-base), the base (-diff_base)
    std::map<std::string, sim::programs::SourceText> sources;
    std::string focus;  ///< only samples through a function that matches
    std::string ignore; ///< no samples through one
    std::int64_t total() const;
    bool has(const sim::programs::Sample& sample) const; ///< by focus and ignore
};

/// Either a report or what pprof says to standard error instead.
struct ReportText {
    std::string text;
    std::string error;
};

/// How many nodes a report shows where nobody said (driver.applyCommandOverrides): all in tables, 80 in trees.
inline constexpr std::size_t kTreeNodes = 80;

/// "File: ... Type: ... Time: ... Duration: ...", as above every report.
std::string reportHead(const Report& report);
/// The table of functions; `most` 0: all that count. `head`: with the lines above it.
ReportText topText(const Report& report, std::size_t most, bool byCum, bool head);
ReportText treeText(const Report& report, std::size_t most, bool byCum, bool head);
ReportText peekText(const Report& report, const std::string& pattern, bool byCum, bool head);
ReportText listText(const Report& report, const std::string& pattern);
std::string tracesText(const Report& report);

/// pprof's figures: "1.20s", "512.05kB", "30".
std::string valueText(std::int64_t value, const std::string& unit);

} // namespace core::shell::profilers
