#pragma once

#include "core/progress/attempt.h"
#include "core/session/frame.h"
#include "core/session/runner.h"

#include <string>

namespace core::progress {

/// What to hand to Store::begin() when a run starts. `area` is the incident's own field, `startedAt` the wall
/// clock in UTC, "2026-11-24T09:30:00Z".
Attempt startedAttempt(const session::StartRequest& request, const content::Text& title,
                       const std::string& area, const std::string& startedAt);

/// Fills in the grade of a closed incident. Id, notes, replay, fingerprint and duration are left alone.
void takeGrade(Attempt& attempt, const session::GradeView& grade, int hintsTaken);

} // namespace core::progress
