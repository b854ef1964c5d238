#pragma once

#include "core/content/text.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace core::progress {

/// Study shows what is ruled out and offers hints freely; exam does neither.
enum class Mode { Study, Exam };

/// One part of a grade, as it was told to the learner.
struct AttemptPart {
    std::string id; ///< impact, diagnosis, evidence, safety, fix, verification
    content::Text title;
    double points = 0;
    double outOf = 0;
    content::Text reason;
};

/// One run at an incident. What is stored is what the learner was told, so a later change of the grading
/// rules does not rewrite history; `replay` lets anyone look again.
struct Attempt {
    std::int64_t id = 0; ///< given by the store, from 1; 0: not stored yet
    std::string incident;
    content::Text title;       ///< the incident's, as it was then
    std::string cause;         ///< what it really was
    std::string answeredCause; ///< empty: none named
    std::uint64_t seed = 0;
    std::string topology;
    std::string startedAt; ///< wall clock, ISO 8601 in UTC: "2026-11-24T09:30:00Z"
    content::Language language = content::Language::English;
    Mode mode = Mode::Study;
    bool finished = false; ///< set by Store::finish; an unfinished attempt has no grade
    bool solved = false;
    double score = 0; ///< 0..100
    std::vector<AttemptPart> parts;
    std::map<std::string, std::optional<double>>
        clocksSeconds; ///< detect, mitigate, ...; no value: never reached
    int hintsTaken = 0;
    double durationSeconds = 0; ///< virtual time from the first symptom to the end
    std::string replay;         ///< the replay file's text; left out of lists
    std::uint64_t fingerprint = 0;
    std::string area;                               ///< as in coverage.json
    std::map<std::string, double> directionWeights; ///< how much each direction is trained, summing to 1
    std::string notes;                              ///< the learner's own words
    std::string deletedAt;                          ///< empty: not in the bin
};

} // namespace core::progress
