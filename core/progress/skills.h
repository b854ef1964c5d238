#pragma once

#include "core/progress/attempt.h"
#include "core/progress/axes.h"

#include <optional>
#include <vector>

namespace core::progress {

/// How well one axis stands.
struct Skill {
    Axis axis;
    std::optional<double> score; ///< 0..100; no value: nothing attempted yet
    int incidents = 0;           ///< different incidents attempted
    int attempts = 0;
};

/// Of an incident only this many of the newest attempts count.
inline constexpr int kRecentAttempts = 3;

/// The rule, for directions and areas alike:
///   s(i) = the best score among the newest kRecentAttempts finished attempts at incident i
///   axis = sum over i of w(i) s(i) / sum over i of w(i)
/// where w(i) is the share that the newest attempt at i gives to the axis (for an area: 1 for its own
/// incidents, else 0). So a bad first try is forgotten once it is bettered, an old success fades when newer
/// tries fail, and repeating one easy incident does not lift an axis beyond that incident's share.
/// Unfinished and deleted attempts are passed over. The order of `attempts` does not matter.
std::vector<Skill> directionSkills(const std::vector<Attempt>& attempts);
std::vector<Skill> areaSkills(const std::vector<Attempt>& attempts);

} // namespace core::progress
