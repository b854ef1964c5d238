#pragma once

#include "sim/engine/time.h"

#include <optional>
#include <string>

namespace core::shell {

/// A calendar date and time in UTC, from the civil-from-days algorithm (proleptic Gregorian calendar).
struct CivilTime {
    std::int64_t year = 1970;
    int month = 1; ///< 1..12
    int day = 1;
    int hour = 0, minute = 0, second = 0;
    int weekday = 4;   ///< 0 is Sunday
    int dayOfYear = 0; ///< 0..365
};

CivilTime civilTime(std::int64_t unixSeconds);
/// Seconds since 1970 of a civil date; the inverse.
std::int64_t unixTime(std::int64_t year, int month, int day, int hour, int minute, int second);
/// What `date -d` reads: "2026-01-02 03:04:05", "2026-01-02T03:04:05Z", "@1700000000", "yesterday", "3 days ago",
/// "2026-01-31 +1 month", ...; nothing for what is none.
std::optional<sim::Instant> parseDate(const std::string& text, sim::Instant now);
/// date(1)'s +FORMAT in the C locale.
std::string formatDate(sim::Instant at, const std::string& format);
/// "Jan  2 15:04" or, when further than half a year from now, "Jan  2  2025".
std::string listingDate(sim::Instant at, sim::Instant now);

} // namespace core::shell
