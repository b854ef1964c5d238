#pragma once

#include "sim/kube/api/time_zone.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sim::kube {

struct ParsedSchedule;

/// A CronJob's schedule as robfig/cron v3 reads the standard form: five fields with names, ranges and steps, the
/// descriptors (@hourly, ...), and @every.
class CronSchedule {
public:
    static ParsedSchedule parse(const std::string& text);

    /// The first moment after `after` that the schedule names; nothing within five years: it never comes
    /// (31 February).
    std::optional<Instant> next(Instant after, const TimeZone& zone) const;

private:
    bool dayMatches(unsigned dayOfMonth, unsigned dayOfWeek) const;

    // Bit n of a field: n is in it. Star bits: the field was a star, so the other day field decides alone.
    std::uint64_t m_minutes = 0;
    std::uint64_t m_hours = 0;
    std::uint64_t m_days = 0;
    std::uint64_t m_months = 0;
    std::uint64_t m_weekdays = 0;
    bool m_anyDay = false;
    bool m_anyWeekday = false;
    Duration m_every{}; ///< of @every; 0: the fields count
};

struct ParsedSchedule {
    CronSchedule schedule;
    std::string error; ///< the parser's words; empty when the text was a schedule
};

} // namespace sim::kube
