#pragma once

#include "core/incident/record.h"

#include <rapidcheck.h>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace core::incident {

/// One thing a learner did. Its place in the list is its place in the sequence.
struct Step {
    enum class Kind { Look, Change, Answer, Hint };
    Kind kind = Kind::Look;
    std::string id;        ///< the fact seen, the cause named
    double second = 0;     ///< virtual, after at(0)
    Action change;         ///< its time and place are filled in by recordOf()
};

/// An attempt at the quiz, told in order: what fairness is about is easy to change here.
struct Story {
    std::string truth = "wrong-tag";
    std::vector<Step> steps;
    double lostRequests = 1000;
    double lostAtPar = 1000;
    std::optional<double> impactBegan = 0;
    std::optional<double> recovered = 600;
    std::optional<double> repaired = 600; ///< counts only where healed
    bool healed = true;
    bool healthy = true;
    bool intact = true;
};
std::ostream& operator<<(std::ostream& out, const Story& story);

Step look(std::string fact, double second);
Step answer(std::string cause, double second);
Step hint(double second);
Step change(Action action, double second);
/// A change that goes for the cause, one that does not, a restart, a loss, and a rollback.
Action repair();
Action needless(const std::string& object = "deployment/shop/cart");
Action loss(const std::string& object = "deployment/shop/cart");
Action rollback();

/// What an IncidentRun would have written down.
Record recordOf(const Story& story);

/// A story with all of the evidence, the repair, the answer and both looks at the recovery.
Story exemplary();

/// Anything a learner may do, wise or not; times grow.
rc::Gen<Story> anyStory();

} // namespace core::incident
