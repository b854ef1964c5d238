// Points in time that repeat: systemd's calendar events and cron's five fields.
#include "sim/host/calendar.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <algorithm>
#include <charconv>

namespace sim::host {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's days_from_civil).
std::int64_t daysOf(std::int64_t year, int month, int day)
{
    year -= month <= 2;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t ofEra = year - era * 400;
    const std::int64_t ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719'468;
}

constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

std::optional<int> numberOf(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Values of one component. "0/5" repeats from 0; "1..5" is systemd's range.
using Values = std::vector<int>;

std::optional<Values> componentOf(std::string_view text, int lowest, int highest)
{
    Values values;
    for (const std::string& item : split(text, ',')) {
        const std::size_t slash = item.find('/');
        const auto step = slash == std::string::npos ? std::optional(0) : numberOf(item.substr(slash + 1));
        std::string range = item.substr(0, slash);
        const std::size_t dots = range.find("..");
        int from = lowest, to = highest;
        if (range != "*") {
            const auto first = numberOf(range.substr(0, dots));
            const auto second = dots == std::string::npos ? first : numberOf(range.substr(dots + 2));
            if (!first || !second)
                return std::nullopt;
            from = *first;
            to = dots == std::string::npos && slash != std::string::npos ? highest : *second;
        }
        if (!step || (slash != std::string::npos && *step <= 0) || from < lowest || to > highest || from > to)
            return std::nullopt;
        for (int value = from; value <= to; value += std::max(1, *step))
            values.push_back(value);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

struct Event {
    std::array<bool, 7> weekdays{true, true, true, true, true, true, true};
    std::optional<Values> years; ///< nothing: any
    Values months, days, hours{0}, minutes{0}, seconds{0};
};

std::optional<std::array<bool, 7>> weekdaysOf(const std::string& text)
{
    std::array<bool, 7> chosen{};
    for (const std::string& item : split(lowered(text), ',')) {
        const std::size_t dots = item.find("..");
        const auto index = [](std::string_view name) {
            for (std::size_t i = 0; i < kDays.size(); ++i)
                if (name.size() >= 3 && name.substr(0, 3) == kDays[i])
                    return static_cast<int>(i);
            return -1;
        };
        const int first = index(item.substr(0, dots)), last = dots == std::string::npos ? first : index(item.substr(dots + 2));
        if (first < 0 || last < 0)
            return std::nullopt;
        for (int i = first;; i = (i + 1) % 7) {
            chosen[static_cast<std::size_t>(i)] = true;
            if (i == last)
                break;
        }
    }
    return chosen;
}

std::optional<Event> eventOf(std::string_view expression)
{
    std::string text = lowered(expression);
    for (const auto& [word, meaning] : {std::pair("minutely", "*-*-* *:*:00"), std::pair("hourly", "*-*-* *:00:00"), std::pair("daily", "*-*-* 00:00:00"),
                                        std::pair("weekly", "mon *-*-* 00:00:00"), std::pair("monthly", "*-*-01 00:00:00"),
                                        std::pair("yearly", "*-01-01 00:00:00"), std::pair("annually", "*-01-01 00:00:00")})
        if (text == word)
            text = meaning;
    Event event;
    const auto every = [](int from, int to) {
        Values all;
        for (int i = from; i <= to; ++i)
            all.push_back(i);
        return all;
    };
    event.months = every(1, 12);
    event.days = every(1, 31);
    for (const std::string& part : split(text, ' ')) {
        if (part.empty() || part == "utc")
            continue;
        if (part.find(':') != std::string::npos) {
            const std::vector<std::string> fields = split(part, ':');
            const auto hours = componentOf(fields[0], 0, 23);
            const auto minutes = fields.size() > 1 ? componentOf(fields[1], 0, 59) : std::nullopt;
            const auto seconds = fields.size() > 2 ? componentOf(fields[2], 0, 59) : std::optional(Values{0});
            if (!hours || !minutes || !seconds || fields.size() > 3)
                return std::nullopt;
            event.hours = *hours;
            event.minutes = *minutes;
            event.seconds = *seconds;
        } else if (part.find('-') != std::string::npos) {
            const std::vector<std::string> fields = split(part, '-');
            const std::size_t skip = fields.size() == 3 ? 1 : 0;
            if (fields.size() < 2 || fields.size() > 3)
                return std::nullopt;
            if (skip == 1 && fields[0] != "*") {
                event.years = componentOf(fields[0], 1970, 2200);
                if (!event.years)
                    return std::nullopt;
            }
            const auto months = componentOf(fields[skip], 1, 12), days = componentOf(fields[skip + 1], 1, 31);
            if (!months || !days)
                return std::nullopt;
            event.months = *months;
            event.days = *days;
        } else if (const auto weekdays = weekdaysOf(part)) {
            event.weekdays = *weekdays;
        } else {
            return std::nullopt;
        }
    }
    return text.empty() ? std::nullopt : std::optional(event);
}

bool holds(const Values& values, int value)
{
    return std::binary_search(values.begin(), values.end(), value);
}

} // namespace

Calendar calendarOf(Instant at)
{
    const std::int64_t seconds = unixSeconds(at);
    const std::int64_t days = seconds / kDaySeconds;
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = shifted / 146'097, ofEra = shifted - era * 146'097;
    const std::int64_t yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36'524 - ofEra / 146'096) / 365;
    const std::int64_t ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t shiftedMonth = (5 * ofYear + 2) / 153;
    Calendar c;
    c.day = static_cast<int>(ofYear - (153 * shiftedMonth + 2) / 5 + 1);
    c.month = static_cast<int>(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9);
    c.year = yearOfEra + era * 400 + (c.month <= 2 ? 1 : 0);
    const std::int64_t rest = seconds % kDaySeconds;
    c.hour = static_cast<int>(rest / 3600);
    c.minute = static_cast<int>(rest / 60 % 60);
    c.second = static_cast<int>(rest % 60);
    c.weekday = static_cast<int>((days + 4) % 7);
    return c;
}

Instant instantOf(std::int64_t year, int month, int day, int hour, int minute, int second)
{
    return Instant{std::chrono::seconds(daysOf(year, month, day) * kDaySeconds + hour * 3600 + minute * 60 + second)};
}

bool isCalendarExpression(std::string_view expression)
{
    return eventOf(expression).has_value();
}

std::optional<Instant> nextElapse(std::string_view expression, Instant after)
{
    const auto event = eventOf(expression);
    if (!event)
        return std::nullopt;
    constexpr int kDaysAhead = 5 * 366;
    const std::int64_t today = unixSeconds(after) / kDaySeconds;
    for (std::int64_t day = today; day < today + kDaysAhead; ++day) {
        const Calendar date = calendarOf(Instant{std::chrono::seconds(day * kDaySeconds)});
        if (!event->weekdays[static_cast<std::size_t>(date.weekday)] || !holds(event->months, date.month) || !holds(event->days, date.day)
            || (event->years && !holds(*event->years, static_cast<int>(date.year))))
            continue;
        for (const int hour : event->hours)
            for (const int minute : event->minutes)
                for (const int second : event->seconds)
                    if (const Instant at = instantOf(date.year, date.month, date.day, hour, minute, second); at > after)
                        return at;
    }
    return std::nullopt;
}

std::optional<CronTime> cronTimeOf(const std::vector<std::string>& given)
{
    std::vector<std::string> fields = given;
    CronTime time;
    if (!fields.empty() && fields[0][0] == '@') {
        for (const auto& [word, meaning] : {std::pair("@hourly", "0 * * * *"), std::pair("@daily", "0 0 * * *"), std::pair("@midnight", "0 0 * * *"),
                                            std::pair("@weekly", "0 0 * * 0"), std::pair("@monthly", "0 0 1 * *"), std::pair("@yearly", "0 0 1 1 *"),
                                            std::pair("@annually", "0 0 1 1 *")})
            if (fields[0] == word)
                return cronTimeOf(split(meaning, ' '));
        if (fields[0] != "@reboot")
            return std::nullopt;
        time.atBoot = true;
        return time;
    }
    if (fields.size() != 5)
        return std::nullopt;
    constexpr std::array<std::pair<int, int>, 5> kRanges{{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}};
    for (std::size_t i = 0; i < 5; ++i) {
        std::string text = lowered(fields[i]);
        for (std::size_t name = 0; i >= 3 && name < (i == 3 ? kMonths.size() : kDays.size()); ++name) {
            const std::string_view word = i == 3 ? kMonths[name] : kDays[name];
            for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word))
                text.replace(at, word.size(), std::to_string(name + (i == 3 ? 1 : 0)));
        }
        for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-'))
            text.replace(at, 1, "..");
        const auto values = componentOf(text, kRanges[i].first, kRanges[i].second);
        if (!values)
            return std::nullopt;
        for (const int value : *values)
            time.fields[i] |= std::uint64_t{1} << (i == 4 && value == 7 ? 0 : value);
    }
    time.anyDay = fields[2][0] == '*';
    time.anyWeekday = fields[4][0] == '*';
    return time;
}

bool CronTime::fits(const Calendar& at) const
{
    const auto has = [&](std::size_t field, int value) { return ((fields[field] >> value) & 1U) != 0; };
    if (atBoot || !has(0, at.minute) || !has(1, at.hour) || !has(3, at.month))
        return false;
    // Where both days are restricted, either will do.
    const bool day = has(2, at.day), weekday = has(4, at.weekday);
    return anyDay || anyWeekday ? day && weekday : day || weekday;
}

} // namespace sim::host
