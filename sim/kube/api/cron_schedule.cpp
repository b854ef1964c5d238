#include "sim/kube/api/cron_schedule.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <sstream>
#include <string_view>
#include <vector>

// Rules and words: github.com/robfig/cron/v3, parser.go and spec.go.
namespace sim::kube {

namespace {

struct Bounds {
    unsigned least;
    unsigned most;
    std::vector<std::string_view> names; ///< the first is the name of `firstNamed`
    unsigned firstNamed = 0;
};

struct Field {
    std::uint64_t bits = 0;
    bool star = false;
    std::string error;
};

const Bounds& minuteBounds()
{
    static const Bounds bounds{0, 59, {}, 0};
    return bounds;
}
const Bounds& hourBounds()
{
    static const Bounds bounds{0, 23, {}, 0};
    return bounds;
}
const Bounds& dayBounds()
{
    static const Bounds bounds{1, 31, {}, 0};
    return bounds;
}
const Bounds& monthBounds()
{
    static const Bounds bounds{1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}, 1};
    return bounds;
}
const Bounds& weekdayBounds()
{
    static const Bounds bounds{0, 6, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0};
    return bounds;
}

struct Number {
    unsigned value = 0;
    std::string error;
};

Number numberOf(const std::string& text, const Bounds* bounds = nullptr)
{
    if (bounds != nullptr) {
        const std::string lower = lowered(text);
        for (std::size_t i = 0; i < bounds->names.size(); ++i)
            if (bounds->names[i] == lower)
                return {bounds->firstNamed + static_cast<unsigned>(i), {}};
    }
    int value = 0;
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || last != end)
        return {0, fmt::format("failed to parse int from {0}: strconv.Atoi: parsing \"{0}\": invalid syntax", text)};
    if (value < 0)
        return {0, fmt::format("negative number ({}) not allowed: {}", value, text)};
    return {static_cast<unsigned>(value), {}};
}

/// number | number-number | *, each with /step.
Field rangeOf(const std::string& text, const Bounds& bounds)
{
    Field field;
    const std::vector<std::string> rangeAndStep = split(text, '/');
    const std::vector<std::string> ends = split(rangeAndStep[0], '-');
    Number first{bounds.least, {}};
    Number last{bounds.most, {}};
    if (ends[0] == "*" || ends[0] == "?") {
        field.star = true;
    } else {
        first = last = numberOf(ends[0], &bounds);
        if (ends.size() == 2)
            last = numberOf(ends[1], &bounds);
        else if (ends.size() > 2)
            first.error = fmt::format("too many hyphens: {}", text);
    }
    Number step{1, {}};
    if (rangeAndStep.size() == 2) {
        step = numberOf(rangeAndStep[1]);
        if (ends.size() == 1)
            last.value = bounds.most; // "N/step" means "N-most/step"
        if (step.value > 1)
            field.star = false;
    } else if (rangeAndStep.size() > 2) {
        step.error = fmt::format("too many slashes: {}", text);
    }
    for (const Number* number : {&first, &last, &step})
        if (field.error.empty())
            field.error = number->error;
    if (!field.error.empty())
        return field;
    if (first.value < bounds.least)
        field.error = fmt::format("beginning of range ({}) below minimum ({}): {}", first.value, bounds.least, text);
    else if (last.value > bounds.most)
        field.error = fmt::format("end of range ({}) above maximum ({}): {}", last.value, bounds.most, text);
    else if (first.value > last.value)
        field.error = fmt::format("beginning of range ({}) beyond end of range ({}): {}", first.value, last.value, text);
    else if (step.value == 0)
        field.error = fmt::format("step of range should be a positive number: {}", text);
    if (!field.error.empty())
        return field;
    for (unsigned i = first.value; i <= last.value; i += step.value)
        field.bits |= std::uint64_t{1} << i;
    return field;
}

Field fieldOf(const std::string& text, const Bounds& bounds)
{
    Field field;
    for (const std::string& part : split(text, ',')) {
        if (part.empty())
            continue;
        const Field range = rangeOf(part, bounds);
        if (!range.error.empty())
            return range;
        field.bits |= range.bits;
        field.star |= range.star;
    }
    return field;
}

/// Go's duration in hours, minutes and seconds ("1h30m").
std::optional<Duration> goDurationOf(std::string_view text)
{
    Duration total{};
    const char* at = text.data();
    const char* end = at + text.size();
    if (at == end)
        return std::nullopt;
    while (at < end) {
        std::int64_t value = 0;
        const auto [unit, error] = std::from_chars(at, end, value);
        if (error != std::errc() || unit == end)
            return std::nullopt;
        switch (*unit) {
        case 'h': total += std::chrono::hours(value); break;
        case 'm': total += std::chrono::minutes(value); break;
        case 's': total += std::chrono::seconds(value); break;
        default: return std::nullopt;
        }
        at = unit + 1;
    }
    return total;
}

const char* descriptor(std::string_view text)
{
    if (text == "@yearly" || text == "@annually")
        return "0 0 1 1 *";
    if (text == "@monthly")
        return "0 0 1 * *";
    if (text == "@weekly")
        return "0 0 * * 0";
    if (text == "@daily" || text == "@midnight")
        return "0 0 * * *";
    if (text == "@hourly")
        return "0 * * * *";
    return nullptr;
}

bool has(std::uint64_t bits, unsigned n)
{
    return (bits >> n & 1) != 0;
}

} // namespace

ParsedSchedule CronSchedule::parse(const std::string& text)
{
    ParsedSchedule parsed;
    if (text.empty()) {
        parsed.error = "empty spec string";
        return parsed;
    }
    if (text[0] == '@') {
        if (const char* fields = descriptor(text))
            return parse(fields);
        constexpr std::string_view kEvery = "@every ";
        if (text.compare(0, kEvery.size(), kEvery) != 0) {
            parsed.error = fmt::format("unrecognized descriptor: {}", text);
            return parsed;
        }
        const auto every = goDurationOf(std::string_view(text).substr(kEvery.size()));
        if (!every)
            parsed.error = fmt::format("failed to parse duration {}: time: invalid duration \"{}\"", text, text.substr(kEvery.size()));
        else // anything below a second is a second
            parsed.schedule.m_every = std::max<Duration>(*every, 1s);
        return parsed;
    }
    for (const char* prefix : {"TZ=", "CRON_TZ="}) // a zone of its own, which the API server refuses elsewhere
        if (const std::size_t end = text.find(' '); text.starts_with(prefix) && end != std::string::npos)
            return parse(text.substr(std::min(text.find_first_not_of(' ', end), text.size())));
    std::istringstream words(text);
    std::vector<std::string> fields;
    for (std::string word; words >> word;)
        fields.push_back(word);
    if (fields.size() != 5) {
        std::string list;
        for (const std::string& field : fields)
            list += (list.empty() ? "" : " ") + field;
        parsed.error = fmt::format("expected exactly 5 fields, found {}: [{}]", fields.size(), list);
        return parsed;
    }
    const std::array read = {fieldOf(fields[0], minuteBounds()), fieldOf(fields[1], hourBounds()), fieldOf(fields[2], dayBounds()),
                             fieldOf(fields[3], monthBounds()), fieldOf(fields[4], weekdayBounds())};
    for (const Field& field : read)
        if (!field.error.empty()) {
            parsed.error = field.error;
            return parsed;
        }
    CronSchedule& schedule = parsed.schedule;
    schedule.m_minutes = read[0].bits;
    schedule.m_hours = read[1].bits;
    schedule.m_days = read[2].bits;
    schedule.m_months = read[3].bits;
    schedule.m_weekdays = read[4].bits;
    schedule.m_anyDay = read[2].star;
    schedule.m_anyWeekday = read[4].star;
    return parsed;
}

bool CronSchedule::dayMatches(unsigned dayOfMonth, unsigned dayOfWeek) const
{
    const bool day = has(m_days, dayOfMonth);
    const bool weekday = has(m_weekdays, dayOfWeek);
    return m_anyDay || m_anyWeekday ? day && weekday : day || weekday;
}

std::optional<Instant> CronSchedule::next(Instant after, const TimeZone& zone) const
{
    using namespace std::chrono;
    if (m_every > Duration{})
        return Instant{floor<seconds>(after.time_since_epoch())} + m_every;
    const Instant end = after + hours(24 * 366 * 5);
    Instant at{floor<std::chrono::minutes>(after.time_since_epoch()) + std::chrono::minutes(1)};
    while (at < end) {
        const Duration local = at.time_since_epoch() + zone.offset(at);
        const sys_days day{floor<std::chrono::days>(local)};
        const Duration ofDay = local - day.time_since_epoch();
        const auto hour = duration_cast<std::chrono::hours>(ofDay);
        const auto minute = duration_cast<std::chrono::minutes>(ofDay - hour);
        const year_month_day date(day);
        if (!has(m_months, static_cast<unsigned>(date.month())) || !dayMatches(static_cast<unsigned>(date.day()), weekday(day).c_encoding())) {
            const Instant midnight = at + std::chrono::hours(24) - ofDay;
            at = midnight + zone.offset(at) - zone.offset(midnight);
        } else if (!has(m_hours, static_cast<unsigned>(hour.count()))) {
            at += std::chrono::hours(1) - minute;
        } else if (!has(m_minutes, static_cast<unsigned>(minute.count()))) {
            at += std::chrono::minutes(1);
        } else {
            return at;
        }
    }
    return std::nullopt;
}

} // namespace sim::kube
