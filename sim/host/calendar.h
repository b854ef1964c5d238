#pragma once

#include "sim/engine/time.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::host {

/// A date and time in UTC.
struct Calendar {
    std::int64_t year = 1970;
    int month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int weekday = 4; ///< 0 is Sunday
};
Calendar calendarOf(Instant at);
Instant instantOf(std::int64_t year, int month, int day, int hour, int minute, int second);

/// The first instant after `after` that fits systemd.time(7)'s expression ("daily", "Mon..Fri 09:00", "*:0/5",
/// "*-*-01 03:10:00"). Nothing: the expression is none, or no such instant comes within five years.
std::optional<Instant> nextElapse(std::string_view expression, Instant after);
bool isCalendarExpression(std::string_view expression);

/// The five fields of crontab(5): "*/5", "1-5", "0,30", "mon"; "@hourly" and its kin. Nothing: bad syntax.
struct CronTime {
    std::array<std::uint64_t, 5> fields{}; ///< bits: minute, hour, day of month, month, day of week
    bool anyDay = true;                    ///< day of month is "*"
    bool anyWeekday = true;
    bool atBoot = false; ///< "@reboot"
    bool fits(const Calendar& at) const;
};
std::optional<CronTime> cronTimeOf(const std::vector<std::string>& fields);

} // namespace sim::host
