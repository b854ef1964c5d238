#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <chrono>

namespace sim::kube {

namespace {

struct Civil {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t micros = 0;
};

Civil civilOf(Instant at)
{
    using namespace std::chrono;
    const auto sinceEpoch = at.time_since_epoch();
    const auto wholeDays = floor<days>(sinceEpoch);
    const year_month_day date{sys_days{wholeDays}};
    const std::int64_t micros = floor<microseconds>(sinceEpoch - wholeDays).count();
    const auto seconds = static_cast<int>(micros / 1'000'000);
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
            seconds / 3600, seconds / 60 % 60, seconds % 60, micros % 1'000'000};
}

/// Reads exactly `count` digits at `i` and moves past them.
bool readNumber(std::string_view text, std::size_t& i, std::size_t count, int& out)
{
    if (i + count > text.size())
        return false;
    out = 0;
    for (const std::size_t end = i + count; i < end; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        out = out * 10 + (text[i] - '0');
    }
    return true;
}

bool readChar(std::string_view text, std::size_t& i, char wanted)
{
    if (i >= text.size() || text[i] != wanted)
        return false;
    ++i;
    return true;
}

} // namespace

std::string rfc3339(Instant at)
{
    const Civil c = civilOf(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string rfc3339Micro(Instant at)
{
    const Civil c = civilOf(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", c.year, c.month, c.day, c.hour, c.minute, c.second,
                       c.micros);
}

std::optional<Instant> parseRfc3339(std::string_view text)
{
    using namespace std::chrono;
    std::size_t i = 0;
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    if (!readNumber(text, i, 4, y) || !readChar(text, i, '-') || !readNumber(text, i, 2, mo) || !readChar(text, i, '-')
        || !readNumber(text, i, 2, d) || !readChar(text, i, 'T') || !readNumber(text, i, 2, h) || !readChar(text, i, ':')
        || !readNumber(text, i, 2, mi) || !readChar(text, i, ':') || !readNumber(text, i, 2, s))
        return std::nullopt;
    std::int64_t nanos = 0;
    if (i < text.size() && text[i] == '.') {
        ++i;
        std::int64_t unit = 100'000'000;
        const std::size_t first = i;
        for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
            nanos += (text[i] - '0') * unit;
            unit /= 10;
        }
        if (i == first)
            return std::nullopt;
    }
    int offsetMinutes = 0;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) {
        const bool west = text[i++] == '-';
        int oh = 0, om = 0;
        if (!readNumber(text, i, 2, oh) || !readChar(text, i, ':') || !readNumber(text, i, 2, om) || oh > 23 || om > 59)
            return std::nullopt;
        offsetMinutes = (west ? -1 : 1) * (oh * 60 + om);
    } else if (!readChar(text, i, 'Z')) {
        return std::nullopt;
    }
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    if (i != text.size() || !date.ok() || y < 1678 || y > 2261 || h > 23 || mi > 59 || s > 59)
        return std::nullopt;
    const auto sinceEpoch = sys_days{date}.time_since_epoch() + hours{h} + minutes{mi - offsetMinutes} + seconds{s};
    return Instant{duration_cast<Duration>(sinceEpoch) + Duration{nanos}};
}

} // namespace sim::kube
