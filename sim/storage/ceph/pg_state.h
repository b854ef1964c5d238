#pragma once

#include <cstdint>
#include <string>

namespace sim::storage::ceph {

/// Bits of a placement group's state; Ceph's own values, because health messages list states in their order.
using PgStates = std::uint32_t;
inline constexpr PgStates kActive = 1U << 1;
inline constexpr PgStates kClean = 1U << 2;
inline constexpr PgStates kDown = 1U << 4;
inline constexpr PgStates kScrubbing = 1U << 8;
inline constexpr PgStates kDegraded = 1U << 10;
inline constexpr PgStates kInconsistent = 1U << 11;
inline constexpr PgStates kPeering = 1U << 12;
inline constexpr PgStates kRepair = 1U << 13;
inline constexpr PgStates kRecovering = 1U << 14;
inline constexpr PgStates kBackfillWait = 1U << 15;
inline constexpr PgStates kIncomplete = 1U << 16;
inline constexpr PgStates kStale = 1U << 17;
inline constexpr PgStates kRemapped = 1U << 18;
inline constexpr PgStates kDeepScrub = 1U << 19;
inline constexpr PgStates kBackfilling = 1U << 20;
inline constexpr PgStates kBackfillTooFull = 1U << 21;
inline constexpr PgStates kRecoveryWait = 1U << 22;
inline constexpr PgStates kUndersized = 1U << 23;
inline constexpr PgStates kPeered = 1U << 25;
inline constexpr PgStates kRecoveryTooFull = 1U << 28;

/// "active+undersized+degraded+remapped+backfilling"; "unknown" for none.
std::string pgStateName(PgStates states);
/// The bit of a name such as "backfill_toofull"; 0: there is none.
PgStates pgStateNamed(const std::string& name);

} // namespace sim::storage::ceph
