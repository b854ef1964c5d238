#pragma once

#include "core/incident/record.h"
#include "core/session/frame.h"

#include <optional>

namespace core::incident {

/// How far one attempt got, in parts that a learner can argue with. All of it in virtual time, from the
/// record alone, with IEEE additions and multiplications only: the same record gives the same bits anywhere.
///
/// impact 25        what users lost beyond par, against the allowance; 0 when they still lose at the end
/// diagnosis 25     right 25, same mechanism 15, another fault 5; second answer half, third a quarter,
///                  none without a look at evidence in between; scaled by the rivals excluded when it was given
/// evidence 20      rivals excluded before the first change that repairs (before the answer, when the only
///                  change was a mitigation)
/// safety 15        -3 a needless change, -5 a second change at once elsewhere, -8 what cannot be undone
/// fix 10           5 root cause gone, 3 healthy at the end, 2 no workaround left
/// verification 5   users' side and repaired part looked at after recovery, 2.5 each
///
/// Where the fault is left as it is (no change goes for it; a false alarm is not called one) impact, safety, fix
/// and verification count nothing: what looks good then is not the learner's doing.
///
/// Hints multiply diagnosis and evidence. Impact counts 40 % to 100 % with the evidence behind the repair:
/// a lucky guess heals, and is still a guess.
///
/// `lostWithoutActions`: what the same world loses when nobody acts, up to the same instant. With it a
/// false alarm is not charged for what no one could have saved, and harm done shows.
/// Requires: record.closed.
session::GradeView grade(const Record& record, std::optional<double> lostWithoutActions = std::nullopt);

/// The share of rivals that had been excluded when the learner committed to a repair (or an answer).
double groundedness(const Record& record);

/// The price of the highest rung taken.
double hintFactor(const Record& record);

} // namespace core::incident
