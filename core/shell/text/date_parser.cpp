#include "core/shell/text/dates.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace core::shell {

namespace {

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    if (!text.empty() && text[0] == '+')
        text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr std::int64_t kMost = 1'000'000'000'000;
    if (error != std::errc() || end != text.data() + text.size() || value > kMost || value < -kMost)
        return {};
    return value;
}

std::vector<std::string> cutAt(const std::string& text, std::string_view separators)
{
    std::vector<std::string> pieces;
    for (std::size_t i = 0; (i = text.find_first_not_of(separators, i)) != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_of(separators, i), text.size());
        pieces.push_back(text.substr(i, end - i));
        i = end;
    }
    return pieces;
}

/// Reads the words of a date from left to right.
class DateReader {
public:
    explicit DateReader(sim::Instant now) : m_now(sim::unixSeconds(now)), m_base(civilTime(m_now)) { }

    std::optional<sim::Instant> read(const std::string& text)
    {
        if (!text.empty() && text[0] == '@') {
            const auto seconds = wholeNumber(std::string_view(text).substr(1));
            return seconds ? std::optional(sim::Instant{std::chrono::seconds(*seconds)}) : std::nullopt;
        }
        std::vector<std::string> words = cutAt(text, " \t");
        // 2026-01-02T03:04:05Z is a date, a time and a zone.
        if (!words.empty() && words[0].size() > 10 && words[0][10] == 'T') {
            const std::string whole = words[0];
            words[0] = whole.substr(0, 10);
            const bool utc = whole.back() == 'Z';
            words.insert(words.begin() + 1, whole.substr(11, whole.size() - 11 - (utc ? 1 : 0)));
        }
        for (m_next = 0; m_next < words.size();)
            if (!word(words))
                return {};
        return sim::Instant{std::chrono::seconds(result())};
    }

private:
    bool word(const std::vector<std::string>& words)
    {
        const std::string text = sim::lowered(words[m_next++]);
        if (text == "now" || text == "today" || text == "utc" || text == "gmt" || text == "z" || text == "+00:00"
            || text == "+0000")
            return true;
        if (text == "yesterday" || text == "tomorrow") {
            m_days += text == "tomorrow" ? 1 : -1;
            return true;
        }
        if (text == "midnight" || text == "noon")
            return setTime(text == "noon" ? 12 : 0, 0, 0);
        if (text.find(':') != std::string::npos)
            return time(text);
        if (text.find('-', 1) != std::string::npos && text[0] >= '0' && text[0] <= '9')
            return date(text);
        std::optional<std::int64_t> count = text == "next" ? 1 : text == "last" ? -1 : wholeNumber(text);
        std::string unit;
        if (!count) { // "2days", or a unit alone
            const std::size_t letters = text.find_first_not_of("+-0123456789");
            count = letters == 0 ? std::optional<std::int64_t>(1) : wholeNumber(std::string_view(text).substr(0, letters));
            unit = text.substr(std::min(letters, text.size()));
        } else if (m_next < words.size()) {
            unit = words[m_next++];
        }
        if (!count || unit.empty())
            return false;
        const bool ago = m_next < words.size() && words[m_next] == "ago";
        m_next += ago ? 1 : 0;
        return move(ago ? -*count : *count, unit);
    }

    bool date(const std::string& text)
    {
        const std::vector<std::string> pieces = cutAt(text, "-");
        if (pieces.size() != 3)
            return false;
        const auto year = wholeNumber(pieces[0]);
        const auto month = wholeNumber(pieces[1]);
        const auto day = wholeNumber(pieces[2]);
        if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31)
            return false;
        m_base.year = *year;
        m_base.month = static_cast<int>(*month);
        m_base.day = static_cast<int>(*day);
        m_dated = true;
        // There is no 30th of February.
        return civilTime(unixTime(m_base.year, m_base.month, m_base.day, 0, 0, 0)).day == m_base.day;
    }

    bool time(const std::string& text)
    {
        const std::vector<std::string> pieces = cutAt(text.substr(0, text.find_first_of(".,")), ":");
        if (pieces.size() < 2 || pieces.size() > 3)
            return false;
        const auto hour = wholeNumber(pieces[0]);
        const auto minute = wholeNumber(pieces[1]);
        const auto second = pieces.size() > 2 ? wholeNumber(pieces[2]) : 0;
        if (!hour || !minute || !second || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0
            || *second > 60)
            return false;
        return setTime(static_cast<int>(*hour), static_cast<int>(*minute), static_cast<int>(*second));
    }

    bool setTime(int hour, int minute, int second)
    {
        m_base.hour = hour;
        m_base.minute = minute;
        m_base.second = second;
        m_timed = true;
        return true;
    }

    bool move(std::int64_t count, std::string unit)
    {
        if (unit.size() > 1 && unit.back() == 's' && unit != "s")
            unit.pop_back();
        if (unit == "sec" || unit == "second" || unit == "s")
            m_seconds += count;
        else if (unit == "min" || unit == "minute")
            m_seconds += count * 60;
        else if (unit == "hour")
            m_seconds += count * 3600;
        else if (unit == "day")
            m_days += count;
        else if (unit == "week")
            m_days += count * 7;
        else if (unit == "fortnight")
            m_days += count * 14;
        else if (unit == "month")
            m_months += count;
        else if (unit == "year")
            m_months += count * 12;
        else
            return false;
        return true;
    }

    std::int64_t result() const
    {
        CivilTime t = m_base;
        if (m_dated && !m_timed)
            t.hour = t.minute = t.second = 0;
        const std::int64_t months = t.year * 12 + t.month - 1 + m_months;
        const std::int64_t year = months / 12 - (months % 12 < 0 ? 1 : 0);
        // A day that the month lacks runs over into the next one.
        return unixTime(year, static_cast<int>(months - year * 12) + 1, 1, t.hour, t.minute, t.second)
            + (t.day - 1 + m_days) * 86400 + m_seconds;
    }

    std::int64_t m_now;
    CivilTime m_base;
    bool m_dated = false;
    bool m_timed = false;
    std::int64_t m_months = 0, m_days = 0, m_seconds = 0;
    std::size_t m_next = 0;
};

} // namespace

std::optional<sim::Instant> parseDate(const std::string& text, sim::Instant now)
{
    return DateReader(now).read(text);
}

} // namespace core::shell
