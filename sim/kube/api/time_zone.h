#pragma once

#include "sim/engine/time.h"

#include <optional>
#include <string_view>

namespace sim::kube {

/// A named zone of the time zone database, for CronJobs: its offset from UTC and the daylight saving rule it has
/// today. A simulation must not depend on the host's database, so the zones that people schedule in are listed here.
class TimeZone {
public:
    /// "Etc/UTC", "Asia/Shanghai"; nothing for one that is not known.
    static std::optional<TimeZone> named(std::string_view name);
    /// Whether the database has, or may have, a zone of that name: one listed here, or any of its areas.
    static bool mayExist(std::string_view name);
    static TimeZone utc() { return {}; }

    /// Local time less UTC at that instant.
    Duration offset(Instant at) const;

    enum class Saving : unsigned char {
        None,
        UnitedStates, ///< second Sunday of March to first Sunday of November, 2:00 local
        Europe,       ///< last Sunday of March to last Sunday of October, 1:00 UTC
        Australia,    ///< first Sunday of October to first Sunday of April, 2:00 standard
    };

private:
    TimeZone() = default;
    TimeZone(Duration standard, Saving saving) : m_standard(standard), m_saving(saving) { }

    Duration m_standard{};
    Saving m_saving = Saving::None;
};

} // namespace sim::kube
