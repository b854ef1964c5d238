#include "core/shell/commands/kubectl/age.h"

#include "sim/kube/api/time_text.h"

#include <fmt/core.h>

#include <array>
#include <cctype>
#include <chrono>

namespace core::shell::kubectl {

namespace {

std::string pair(std::int64_t large, char largeUnit, std::int64_t small, char smallUnit)
{
    return small == 0 ? fmt::format("{}{}", large, largeUnit)
                      : fmt::format("{}{}{}{}", large, largeUnit, small, smallUnit);
}

} // namespace

std::string humanDuration(sim::Duration duration)
{
    const std::int64_t seconds = duration.count() / 1'000'000'000;
    if (seconds < -1)
        return "<invalid>";
    if (seconds < 0)
        return "0s";
    if (seconds < 60 * 2)
        return fmt::format("{}s", seconds);
    const std::int64_t minutes = seconds / 60;
    if (minutes < 10)
        return pair(minutes, 'm', seconds % 60, 's');
    if (minutes < 60 * 3)
        return fmt::format("{}m", minutes);
    const std::int64_t hours = minutes / 60;
    if (hours < 8)
        return pair(hours, 'h', minutes % 60, 'm');
    if (hours < 48)
        return fmt::format("{}h", hours);
    if (hours < 24 * 8)
        return pair(hours / 24, 'd', hours % 24, 'h');
    if (hours < 24 * 365 * 2)
        return fmt::format("{}d", hours / 24);
    if (hours < 24 * 365 * 8)
        return pair(hours / 24 / 365, 'y', hours / 24 % 365, 'd');
    return fmt::format("{}y", hours / 24 / 365);
}

std::string since(const std::optional<sim::kube::Time>& at, sim::Instant now)
{
    return at ? humanDuration(now - at->at) : "<unknown>";
}

std::string longDate(sim::Instant at)
{
    static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    using namespace std::chrono;
    const sys_seconds whole{floor<seconds>(at.time_since_epoch())};
    const sys_days day = floor<days>(whole);
    const year_month_day date{day};
    const hh_mm_ss time{whole - day};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

std::string longDate(const std::optional<sim::kube::Time>& at)
{
    return at ? longDate(at->at) : "Mon, 01 Jan 0001 00:00:00 +0000";
}

std::string rfc3339Nano(sim::Instant at)
{
    std::string text = sim::kube::rfc3339(at);
    text.pop_back();
    return text + fmt::format(".{:09}Z", at.time_since_epoch().count() % 1'000'000'000);
}

std::optional<sim::Duration> parseDuration(std::string_view text)
{
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text == "0")
        return sim::Duration{};
    if (text.empty())
        return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        double number = 0, scale = 1;
        bool digits = false, fraction = false;
        while (!text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) || text[0] == '.')) {
            if (text[0] == '.') {
                if (fraction)
                    return std::nullopt;
                fraction = true;
            } else {
                digits = true;
                number = number * 10 + (text[0] - '0');
                if (fraction)
                    scale *= 10;
            }
            text.remove_prefix(1);
        }
        if (!digits)
            return std::nullopt;
        static constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{{{"ns", 1},
                                                                                  {"us", 1e3},
                                                                                  {"\u00b5s", 1e3},
                                                                                  {"ms", 1e6},
                                                                                  {"s", 1e9},
                                                                                  {"m", 60e9},
                                                                                  {"h", 3600e9}}};
        bool found = false;
        for (const auto& [unit, nanoseconds] : kUnits) {
            if (text.substr(0, unit.size()) == unit) {
                total += number / scale * nanoseconds;
                text.remove_prefix(unit.size());
                found = true;
                break;
            }
        }
        if (!found)
            return std::nullopt;
    }
    return sim::fromSeconds((negative ? -total : total) / 1e9);
}

std::string durationError(std::string_view text)
{
    const bool number = !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
    return fmt::format("time: {} duration \"{}\"", number ? "missing unit in" : "invalid", text);
}

std::string durationText(sim::Duration duration)
{
    const std::int64_t nanoseconds = duration.count();
    if (nanoseconds == 0)
        return "0s";
    if (nanoseconds < 0)
        return "-" + durationText(-duration);
    if (nanoseconds < 1'000'000'000)
        return fmt::format("{}ms", static_cast<double>(nanoseconds) / 1e6);
    const std::int64_t hours = nanoseconds / 3'600'000'000'000;
    const std::int64_t minutes = nanoseconds / 60'000'000'000 % 60;
    const double seconds = static_cast<double>(nanoseconds % 60'000'000'000) / 1e9;
    std::string text = hours > 0 ? fmt::format("{}h", hours) : "";
    if (hours > 0 || minutes > 0)
        text += fmt::format("{}m", minutes);
    return text + fmt::format("{}s", seconds);
}

} // namespace core::shell::kubectl
