#pragma once

#include "core/report/report.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::report {

/// The words of a report, in both languages.
namespace words {
extern const content::Text kTitle, kNothing, kGenerated, kLearner, kAttempts, kSolved, kNotSolved, kMeanScore,
    kBestScore, kTimeInIncidents, kMedianMitigation, kHints, kSkills, kDirection, kByDirection, kArea,
    kByArea, kScore, kIncidents, kIncident, kScoresOverTime, kMeanOfFive, kPoints, kPointsWon, kBest, kLatest,
    kLastTried, kAllAttempts, kStarted, kMode, kStudy, kExam, kCause, kNamed, kNamedNone, kResult, kDuration,
    kPart, kReason, kNotes, kNotReached, kSkillRule, kTimesAreUtc, kTopology, kSeed, kFingerprint,
    kMoreInHtml;
}

/// How many attempts the trend line averages.
inline constexpr std::size_t kTrendWindow = 5;

std::string scoreText(double score);                                  ///< "87.5", "90"
std::string scoreText(const std::optional<double>& score);            ///< "–" where there is none
std::string durationText(double seconds, content::Language language); ///< "4 min 7 s", "4 分 7 秒"
std::string dateText(std::string_view iso);                           ///< "2026-11-24 09:30"
std::string dayText(std::string_view iso);                            ///< "11-24"
/// The name of a clock of the grade ("detect" → "Detected after"); an unknown one as it is.
std::string clockName(const std::string& id, content::Language language);
/// The grade's clocks in the order in which they are reached.
const std::vector<std::string>& clockOrder();
/// The title of an area, its id where it is unknown.
std::string areaTitle(const std::string& area, content::Language language);
/// The headline figures: what and how much, in the order in which they are shown.
std::vector<std::pair<std::string, std::string>> headline(const Report& report);
const content::Text& modeWord(progress::Mode mode);
const content::Text& resultWord(bool solved);

} // namespace core::report
