#include "core/shell/commands/kubectl/klog.h"

#include <fmt/core.h>

#include <chrono>

namespace core::shell::kubectl {

std::string klogLine(const Call& call, char severity, std::string_view source, std::string_view text)
{
    const auto since = call.inv.now().time_since_epoch();
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<sim::Duration>(since));
    const std::chrono::year_month_day date(day);
    const std::int64_t micros = std::chrono::duration_cast<std::chrono::microseconds>(since - day.time_since_epoch()).count();
    const std::int64_t pid = 1000 + micros / 1'000'000 % 30'000; // commands of the shell have no process of their own
    return fmt::format("{}{:02}{:02} {:02}:{:02}:{:02}.{:06} {:>7} {}] {}\n", severity, static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), micros / 3'600'000'000, micros / 60'000'000 % 60, micros / 1'000'000 % 60,
                       micros % 1'000'000, pid, source, text);
}

} // namespace core::shell::kubectl
