#include "core/progress/from_session.h"

#include "core/progress/axes.h"

namespace core::progress {

Attempt startedAttempt(const session::StartRequest& request, const content::Text& title,
                       const std::string& area, const std::string& startedAt)
{
    Attempt attempt;
    attempt.incident = request.incident;
    attempt.title = title;
    attempt.cause = request.cause;
    attempt.seed = request.seed;
    attempt.topology = request.topology;
    attempt.startedAt = startedAt;
    attempt.language = request.language;
    attempt.mode = request.studyMode ? Mode::Study : Mode::Exam;
    attempt.area = area;
    attempt.directionWeights = directionWeights(area);
    return attempt;
}

void takeGrade(Attempt& attempt, const session::GradeView& grade, int hintsTaken)
{
    attempt.cause = grade.trueCause;
    attempt.answeredCause = grade.answeredCause;
    attempt.solved = grade.solved;
    attempt.score = grade.score;
    attempt.clocksSeconds = grade.clocksSeconds;
    attempt.hintsTaken = hintsTaken;
    attempt.parts.clear();
    for (const session::ScorePart& part : grade.parts)
        attempt.parts.push_back({part.id, part.title, part.points, part.outOf, part.reason});
}

} // namespace core::progress
