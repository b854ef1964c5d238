#include "sim/storage/ceph/time_text.h"

#include <fmt/format.h>

#include <chrono>

namespace sim::storage::ceph {

namespace {

std::string whole(Instant at)
{
    const std::int64_t seconds = unixSeconds(at);
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
    const std::chrono::year_month_day date(day);
    const std::int64_t rest = seconds - std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count();
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3600,
                       rest / 60 % 60, rest % 60);
}

std::int64_t behind(Instant at) { return at.time_since_epoch().count() % 1'000'000'000; }

} // namespace

std::string timeText(Instant at) { return fmt::format("{}.{:06}+0000", whole(at), behind(at) / 1'000); }

std::string logTimeText(Instant at) { return fmt::format("{}.{:03}+0000", whole(at), behind(at) / 1'000'000); }

std::string spanText(Duration span)
{
    const std::int64_t seconds = span.count() / 1'000'000'000;
    constexpr std::int64_t kMinute = 60;
    constexpr std::int64_t kHour = 60 * kMinute;
    constexpr std::int64_t kDay = 24 * kHour;
    constexpr std::int64_t kWeek = 7 * kDay;
    if (seconds < 2 * kMinute)
        return fmt::format("{}s", seconds);
    if (seconds < 2 * kHour)
        return fmt::format("{}m", seconds / kMinute);
    if (seconds < 2 * kDay)
        return fmt::format("{}h", seconds / kHour);
    if (seconds < 2 * kWeek)
        return fmt::format("{}d", seconds / kDay);
    return fmt::format("{}w", seconds / kWeek);
}

} // namespace sim::storage::ceph
