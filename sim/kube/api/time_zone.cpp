#include "sim/kube/api/time_zone.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace sim::kube {

namespace {

using Saving = TimeZone::Saving;

struct Zone {
    std::string_view name;
    int minutes;
    Saving saving;
};

// IANA time zone database 2024b.
constexpr std::array kZones = {
    Zone{"UTC", 0, Saving::None},
    Zone{"Etc/UTC", 0, Saving::None},
    Zone{"Etc/GMT", 0, Saving::None},
    Zone{"GMT", 0, Saving::None},
    Zone{"Africa/Cairo", 120, Saving::None},
    Zone{"Africa/Johannesburg", 120, Saving::None},
    Zone{"Africa/Lagos", 60, Saving::None},
    Zone{"Africa/Nairobi", 180, Saving::None},
    Zone{"America/Chicago", -360, Saving::UnitedStates},
    Zone{"America/Denver", -420, Saving::UnitedStates},
    Zone{"America/Los_Angeles", -480, Saving::UnitedStates},
    Zone{"America/Mexico_City", -360, Saving::None},
    Zone{"America/New_York", -300, Saving::UnitedStates},
    Zone{"America/Phoenix", -420, Saving::None},
    Zone{"America/Sao_Paulo", -180, Saving::None},
    Zone{"America/Toronto", -300, Saving::UnitedStates},
    Zone{"Asia/Bangkok", 420, Saving::None},
    Zone{"Asia/Dubai", 240, Saving::None},
    Zone{"Asia/Ho_Chi_Minh", 420, Saving::None},
    Zone{"Asia/Hong_Kong", 480, Saving::None},
    Zone{"Asia/Jakarta", 420, Saving::None},
    Zone{"Asia/Karachi", 300, Saving::None},
    Zone{"Asia/Kolkata", 330, Saving::None},
    Zone{"Asia/Manila", 480, Saving::None},
    Zone{"Asia/Seoul", 540, Saving::None},
    Zone{"Asia/Shanghai", 480, Saving::None},
    Zone{"Asia/Singapore", 480, Saving::None},
    Zone{"Asia/Taipei", 480, Saving::None},
    Zone{"Asia/Tokyo", 540, Saving::None},
    Zone{"Australia/Brisbane", 600, Saving::None},
    Zone{"Australia/Melbourne", 600, Saving::Australia},
    Zone{"Australia/Sydney", 600, Saving::Australia},
    Zone{"Europe/Amsterdam", 60, Saving::Europe},
    Zone{"Europe/Berlin", 60, Saving::Europe},
    Zone{"Europe/Dublin", 0, Saving::Europe},
    Zone{"Europe/Istanbul", 180, Saving::None},
    Zone{"Europe/Kyiv", 120, Saving::Europe},
    Zone{"Europe/Lisbon", 0, Saving::Europe},
    Zone{"Europe/London", 0, Saving::Europe},
    Zone{"Europe/Madrid", 60, Saving::Europe},
    Zone{"Europe/Moscow", 180, Saving::None},
    Zone{"Europe/Paris", 60, Saving::Europe},
    Zone{"Europe/Rome", 60, Saving::Europe},
    Zone{"Europe/Stockholm", 60, Saving::Europe},
    Zone{"Europe/Warsaw", 60, Saving::Europe},
    Zone{"Europe/Zurich", 60, Saving::Europe},
};

using std::chrono::last;
using std::chrono::sys_days;
using std::chrono::Sunday;
using std::chrono::year;

Instant at(sys_days day, Duration time)
{
    return Instant{std::chrono::duration_cast<Duration>(day.time_since_epoch()) + time};
}

} // namespace

std::optional<TimeZone> TimeZone::named(std::string_view name)
{
    const auto* found = std::find_if(kZones.begin(), kZones.end(), [&](const Zone& z) { return z.name == name; });
    if (found == kZones.end())
        return std::nullopt;
    return TimeZone(std::chrono::minutes(found->minutes), found->saving);
}

bool TimeZone::mayExist(std::string_view name)
{
    constexpr std::string_view kAreas[] = {"Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Brazil/",
                                           "Canada/", "Chile/", "Etc/", "Europe/", "Indian/", "Mexico/", "Pacific/", "US/"};
    return named(name) || std::any_of(std::begin(kAreas), std::end(kAreas), [&](std::string_view area) { return name.starts_with(area); });
}

Duration TimeZone::offset(Instant instant) const
{
    const sys_days day{std::chrono::floor<std::chrono::days>((instant + m_standard).time_since_epoch())};
    const year y = std::chrono::year_month_day(day).year();
    switch (m_saving) {
    case Saving::None: break;
    case Saving::UnitedStates: {
        const Instant begins = at(sys_days(y / 3 / Sunday[2]), 2h - m_standard);
        const Instant ends = at(sys_days(y / 11 / Sunday[1]), 1h - m_standard); // 2:00 of summer time
        return m_standard + (begins <= instant && instant < ends ? 1h : 0h);
    }
    case Saving::Europe: {
        const Instant begins = at(sys_days(y / 3 / Sunday[last]), 1h);
        const Instant ends = at(sys_days(y / 10 / Sunday[last]), 1h);
        return m_standard + (begins <= instant && instant < ends ? 1h : 0h);
    }
    case Saving::Australia: {
        const Instant ends = at(sys_days(y / 4 / Sunday[1]), 2h - m_standard);
        const Instant begins = at(sys_days(y / 10 / Sunday[1]), 2h - m_standard);
        return m_standard + (begins <= instant || instant < ends ? 1h : 0h);
    }
    }
    return m_standard;
}

} // namespace sim::kube
