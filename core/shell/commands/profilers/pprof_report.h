#pragma once

#include "sim/programs/profile.h"

#include <map>
#include <string>

namespace core::shell::profilers {

/// A profile as pprof reports it: one kind of value, perhaps with another profile taken away.
struct Report {
    const sim::programs::Profile* profile = nullptr;
    std::size_t value = 0;                              ///< index of the kind of value
    const sim::programs::Profile* baseline = nullptr;   ///< -diff_base
    std::map<std::string, sim::programs::SourceText> sources;
    std::int64_t total() const;
};

/// "File: ... Type: ... Time: ... Duration: ...", as above every report.
std::string reportHead(const Report& report);
/// The table of functions; `most` 0: all that count.
std::string topText(const Report& report, std::size_t most, bool byCum);
std::string peekText(const Report& report, const std::string& pattern); ///< empty: every function (`tree`)
std::string listText(const Report& report, const std::string& pattern);
std::string tracesText(const Report& report);

/// pprof's figures: "1.20s", "512.05kB", "30".
std::string valueText(std::int64_t value, const std::string& unit);

} // namespace core::shell::profilers
