#include "core/shell/text/commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>
#include <array>
#include <cstdio>

namespace core::shell {

namespace {

constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};
constexpr std::array<const char*, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

std::int64_t floorDivide(std::int64_t a, std::int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

std::int64_t daysFromCivil(std::int64_t year, int month, int day)
{
    // Years start in March, so that the leap day is the last of its year.
    const std::int64_t y = month <= 2 ? year - 1 : year;
    const std::int64_t era = floorDivide(y, 400);
    const std::int64_t yearOfEra = y - era * 400;
    const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146097 + dayOfEra - 719468;
}

int date(Invocation& invocation)
{
    std::string format = "%a %b %e %H:%M:%S UTC %Y";
    sim::Instant at = invocation.now();
    if (invocation.options.has("iso-8601")) {
        const std::string precision = invocation.options.value("iso-8601", "date");
        format = precision == "date" || precision == "d" ? "%Y-%m-%d"
            : precision == "hours"                       ? "%Y-%m-%dT%H%:z"
            : precision == "minutes"                     ? "%Y-%m-%dT%H:%M%:z"
            : precision == "ns"                          ? "%Y-%m-%dT%H:%M:%S,%N%:z"
                                                         : "%Y-%m-%dT%H:%M:%S%:z";
    }
    if (invocation.options.has("rfc-3339")) {
        const std::string precision = invocation.options.value("rfc-3339");
        format = precision == "date" ? "%Y-%m-%d" : precision == "ns" ? "%Y-%m-%d %H:%M:%S.%N%:z" : "%Y-%m-%d %H:%M:%S%:z";
    }
    if (invocation.options.has("rfc-email"))
        format = "%a, %d %b %Y %H:%M:%S %z";
    if (invocation.options.has("date") && invocation.options.has("reference")) {
        invocation.err().write("date: the options to specify dates for printing are mutually exclusive\nTry 'date --help' for more information.\n");
        return 1;
    }
    if (invocation.options.has("date")) {
        const auto parsed = parseDate(invocation.options.value("date"), at);
        if (!parsed)
            return invocation.fail(1, "invalid date '" + invocation.options.value("date") + "'");
        at = *parsed;
    }
    if (invocation.options.has("reference")) {
        const std::string path = invocation.options.value("reference");
        const auto stat = invocation.system().stat(invocation.place(), invocation.absolutePath(path));
        if (!stat)
            return invocation.fail(1, path + ": No such file or directory");
        at = stat->modified;
    }
    for (const std::string& word : invocation.operands) {
        if (word.empty() || word[0] != '+')
            return invocation.fail(1, "invalid date '" + word + "'");
        format = word.substr(1);
    }
    invocation.print(formatDate(at, format) + "\n");
    return 0;
}

/// ISO 8601's year and week: a week belongs to the year that its Thursday is in.
std::pair<std::int64_t, int> isoWeek(const CivilTime& t)
{
    const int weekday = (t.weekday + 6) % 7;
    const CivilTime thursday = civilTime(unixTime(t.year, t.month, t.day, 0, 0, 0) + (3 - weekday) * 86400LL);
    return {thursday.year, thursday.dayOfYear / 7 + 1};
}

} // namespace

CivilTime civilTime(std::int64_t unixSeconds)
{
    const std::int64_t days = floorDivide(unixSeconds, 86400);
    const std::int64_t rest = unixSeconds - days * 86400;
    const std::int64_t z = days + 719468;
    const std::int64_t era = floorDivide(z, 146097);
    const std::int64_t dayOfEra = z - era * 146097;
    const std::int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const std::int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t month = (5 * dayOfYear + 2) / 153;
    CivilTime result;
    result.day = static_cast<int>(dayOfYear - (153 * month + 2) / 5 + 1);
    result.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    result.year = yearOfEra + era * 400 + (result.month <= 2 ? 1 : 0);
    result.hour = static_cast<int>(rest / 3600);
    result.minute = static_cast<int>(rest / 60 % 60);
    result.second = static_cast<int>(rest % 60);
    result.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    result.dayOfYear = static_cast<int>(days - daysFromCivil(result.year, 1, 1));
    return result;
}

std::int64_t unixTime(std::int64_t year, int month, int day, int hour, int minute, int second)
{
    return daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

std::string formatDate(sim::Instant at, const std::string& format)
{
    const std::int64_t seconds = sim::unixSeconds(at);
    const CivilTime t = civilTime(seconds);
    const std::int64_t nanoseconds = at.time_since_epoch().count() - seconds * 1'000'000'000;
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 >= format.size()) {
            out += format[i];
            continue;
        }
        char c = format[++i];
        bool unpadded = false;
        bool upper = false;
        while ((c == '-' || c == '^' || c == '_') && i + 1 < format.size()) {
            unpadded |= c == '-';
            upper |= c == '^';
            c = format[++i];
        }
        const auto two = [&](int value) {
            return unpadded ? std::to_string(value) : fmt::format("{:02}", value);
        };
        std::string piece;
        const int hour12 = t.hour % 12 == 0 ? 12 : t.hour % 12;
        switch (c) {
        case 'Y': piece = std::to_string(t.year); break;
        case 'C': piece = two(static_cast<int>(t.year / 100)); break;
        case 'y': piece = two(static_cast<int>(t.year % 100)); break;
        case 'm': piece = two(t.month); break;
        case 'd': piece = two(t.day); break;
        case 'e': piece = unpadded ? std::to_string(t.day) : fmt::format("{:2}", t.day); break;
        case 'H': piece = two(t.hour); break;
        case 'k': piece = fmt::format("{:2}", t.hour); break;
        case 'I': piece = two(hour12); break;
        case 'l': piece = fmt::format("{:2}", hour12); break;
        case 'M': piece = two(t.minute); break;
        case 'S': piece = two(t.second); break;
        case 'j':
            piece = unpadded ? std::to_string(t.dayOfYear + 1) : fmt::format("{:03}", t.dayOfYear + 1);
            break;
        case 'p': piece = t.hour < 12 ? "AM" : "PM"; break;
        case 'a': piece = std::string(kDays[static_cast<std::size_t>(t.weekday)]).substr(0, 3); break;
        case 'A': piece = kDays[static_cast<std::size_t>(t.weekday)]; break;
        case 'h':
        case 'b': piece = std::string(kMonths[static_cast<std::size_t>(t.month - 1)]).substr(0, 3); break;
        case 'B': piece = kMonths[static_cast<std::size_t>(t.month - 1)]; break;
        case 'u': piece = std::to_string(t.weekday == 0 ? 7 : t.weekday); break;
        case 'w': piece = std::to_string(t.weekday); break;
        case 'U': piece = two((t.dayOfYear + 7 - t.weekday) / 7); break;
        case 'W': piece = two((t.dayOfYear + 7 - (t.weekday + 6) % 7) / 7); break;
        case 'V': piece = two(isoWeek(t).second); break;
        case 'G': piece = std::to_string(isoWeek(t).first); break;
        case 'g': piece = two(static_cast<int>(isoWeek(t).first % 100)); break;
        case 'q': piece = std::to_string((t.month + 2) / 3); break;
        case 'P': piece = t.hour < 12 ? "am" : "pm"; break;
        case 's': piece = std::to_string(seconds); break;
        case 'N': piece = fmt::format("{:09}", nanoseconds); break;
        case '3':
            if (i + 1 < format.size() && format[i + 1] == 'N') {
                ++i;
                piece = fmt::format("{:03}", nanoseconds / 1'000'000);
            } else {
                piece = "%3";
            }
            break;
        case 'F': piece = fmt::format("{}-{:02}-{:02}", t.year, t.month, t.day); break;
        case 'T': piece = fmt::format("{:02}:{:02}:{:02}", t.hour, t.minute, t.second); break;
        case 'R': piece = fmt::format("{:02}:{:02}", t.hour, t.minute); break;
        case 'r':
            piece = fmt::format("{:02}:{:02}:{:02} {}", hour12, t.minute, t.second,
                                t.hour < 12 ? "AM" : "PM");
            break;
        case 'D': piece = fmt::format("{:02}/{:02}/{:02}", t.month, t.day, t.year % 100); break;
        case 'c': piece = formatDate(at, "%a %b %e %H:%M:%S %Y"); break;
        case 'x': piece = formatDate(at, "%m/%d/%y"); break;
        case 'X': piece = formatDate(at, "%H:%M:%S"); break;
        case 'Z': piece = "UTC"; break;
        case 'z': piece = "+0000"; break;
        case ':':
            piece = i + 1 < format.size() && format[i + 1] == 'z' ? "+00:00" : "%:";
            i += piece == "+00:00" ? 1 : 0;
            break;
        case 'n': piece = "\n"; break;
        case 't': piece = "\t"; break;
        case '%': piece = "%"; break;
        default: piece = std::string("%") + c; break;
        }
        if (upper)
            for (char& letter : piece)
                letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
        out += piece;
    }
    return out;
}

std::string listingDate(sim::Instant at, sim::Instant now)
{
    constexpr auto kHalfYear = std::chrono::seconds(31556952 / 2);
    const bool recent = at <= now && now - at < kHalfYear;
    return formatDate(at, recent ? "%b %e %H:%M" : "%b %e  %Y");
}

void addDate(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "date";
    spec.summary = "print the system date and time";
    spec.usage = "date [OPTION]... [+FORMAT]";
    spec.options = {{'d', "date", "STRING", "display time described by STRING, not 'now'"},
                    {'I', "iso-8601", "FMT", "output date/time in ISO 8601 format", true},
                    {'r', "reference", "FILE", "display the last modification time of FILE"},
                    {'R', "rfc-email", "", "output date and time in RFC 5322 format"},
                    {0, "rfc-3339", "FMT", "output date/time in RFC 3339 format"},
                    {'u', "utc", "", "print Coordinated Universal Time (UTC)"}};
    spec.run = date;
    table.add(std::move(spec));
}

} // namespace core::shell
