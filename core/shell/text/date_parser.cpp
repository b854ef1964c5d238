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

/// Position of a name in a list of full names, by its full form or its first three letters (weekdays also "tues", "thurs").
template <std::size_t N>
std::optional<int> namedIn(const char* const (&names)[N], const std::string& word)
{
    for (std::size_t i = 0; i < N; ++i)
        if (const std::string_view name = names[i]; word.size() >= 3 && name.substr(0, word.size()) == word && (word.size() <= 4 || word.size() == name.size() || word == "tues" || word == "thurs"))
            return static_cast<int>(i);
    return {};
}

constexpr const char* kMonthNames[] = {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"};
constexpr const char* kDayNames[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr const char* kOrdinals[] = {"last", "this", "next", "first", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"};
constexpr std::int64_t kOrdinalValues[] = {-1, 0, 1, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

/// Seconds east of Greenwich of a zone's name.
std::optional<std::int64_t> zoneNamed(const std::string& word)
{
    static constexpr std::pair<const char*, int> kZones[] = {{"utc", 0}, {"gmt", 0}, {"z", 0}, {"wet", 0}, {"west", 1}, {"bst", 1}, {"cet", 1}, {"cest", 2}, {"eet", 2}, {"eest", 3},
                                                             {"msk", 3}, {"jst", 9}, {"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    for (const auto& [name, hours] : kZones)
        if (word == name)
            return hours * 3600;
    return {};
}

/// "+02:00", "-0500", "+02".
std::optional<std::int64_t> zoneOffset(const std::string& word)
{
    if (word.size() < 3 || (word[0] != '+' && word[0] != '-'))
        return {};
    std::string digits = word.substr(1);
    if (digits.size() == 5 && digits[2] == ':')
        digits.erase(2, 1);
    if ((digits.size() != 4 && digits.size() != 2) || digits.find_first_not_of("0123456789") != std::string::npos)
        return {};
    const std::int64_t number = *wholeNumber(digits.size() == 2 ? digits + "00" : digits);
    return (word[0] == '-' ? -1 : 1) * (number / 100 * 3600 + number % 100 * 60);
}

bool isDigits(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Reads the words of a date from left to right.
class DateReader {
public:
    explicit DateReader(sim::Instant now) : m_now(sim::unixSeconds(now)), m_base(civilTime(m_now)) { }

    std::optional<sim::Instant> read(const std::string& text)
    {
        if (!text.empty() && text[0] == '@') {
            const std::size_t dot = text.find('.');
            const auto seconds = wholeNumber(std::string_view(text).substr(1, dot == std::string::npos ? dot : dot - 1));
            if (!seconds || (dot != std::string::npos && !fraction(text.substr(dot + 1))))
                return {};
            return sim::Instant{std::chrono::seconds(*seconds) + std::chrono::nanoseconds(m_nanoseconds)};
        }
        m_words = cutAt(sim::lowered(text), " \t\n,");
        joinSigns();
        // 2026-01-02t03:04:05z is a date and a time.
        if (!m_words.empty() && m_words[0].size() > 11 && m_words[0][10] == 't') {
            m_words.insert(m_words.begin() + 1, m_words[0].substr(11));
            m_words[0].resize(10);
        }
        if (m_words.empty())
            m_dated = true; // nothing at all is today's midnight
        for (m_next = 0; m_next < m_words.size();)
            if (!word())
                return {};
        return sim::Instant{std::chrono::seconds(result()) + std::chrono::nanoseconds(m_timed ? m_nanoseconds : 0)};
    }

private:
    /// "now - 5 minutes": a sign belongs to the number after it.
    void joinSigns()
    {
        for (std::size_t i = 0; i + 1 < m_words.size(); ++i)
            if (m_words[i] == "-" || m_words[i] == "+") {
                m_words[i] += m_words[i + 1];
                m_words.erase(m_words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            }
    }

    bool nextIs(std::initializer_list<const char*> words) const
    {
        return m_next < m_words.size() && std::any_of(words.begin(), words.end(), [&](const char* w) { return m_words[m_next] == w; });
    }

    bool word()
    {
        const std::string text = m_words[m_next++];
        if (text == "now" || text == "today")
            return true;
        if (text == "yesterday" || text == "tomorrow") {
            m_days += text == "tomorrow" ? 1 : -1;
            return true;
        }
        if (const auto zone = zoneNamed(text)) {
            m_east = *zone;
            return true;
        }
        if (const auto offset = m_timed && m_next == m_words.size() ? zoneOffset(text) : std::nullopt) {
            m_east = *offset;
            return true;
        }
        if (text.find(':') != std::string::npos)
            return time(text);
        if (const auto month = namedIn(kMonthNames, text))
            return monthFirst(*month + 1);
        if (const auto day = namedIn(kDayNames, text))
            return weekday(*day, 0);
        if (const auto halfDay = withHalfDay(text))
            return *halfDay;
        if ((text.find('-', 1) != std::string::npos || text.find('/') != std::string::npos) && text[0] >= '0' && text[0] <= '9')
            return date(text);
        if (isDigits(text))
            return number(text);
        return relative(text);
    }

    /// "10am", "10 pm": nothing when the word is no such hour.
    std::optional<bool> withHalfDay(const std::string& text)
    {
        const std::string end = text.size() > 2 ? text.substr(text.size() - 2) : std::string();
        std::string hour = text;
        bool afternoon = false;
        if (end == "am" || end == "pm") {
            hour.resize(text.size() - 2);
            afternoon = end == "pm";
        } else if (isDigits(text) && nextIs({"am", "pm"})) {
            afternoon = m_words[m_next++] == "pm";
        } else {
            return {};
        }
        const auto value = isDigits(hour) ? wholeNumber(hour) : std::nullopt;
        if (!value || *value < 1 || *value > 12)
            return false;
        return setTime(static_cast<int>(*value % 12) + (afternoon ? 12 : 0), 0, 0);
    }

    /// A number alone: a day before a month's name, a count before a unit, else what date(1) makes of its digits.
    bool number(const std::string& text)
    {
        if (m_next < m_words.size()) {
            if (const auto month = namedIn(kMonthNames, m_words[m_next])) {
                ++m_next;
                return setDate(yearAhead(), *month + 1, *wholeNumber(text));
            }
            if (isUnit(m_words[m_next]))
                return relative(text);
        }
        const std::int64_t value = *wholeNumber(text);
        if (m_dated && !m_yearGiven && (m_timed || text.size() > 2)) {
            m_yearGiven = true;
            m_base.year = value;
            return true;
        }
        if (text.size() == 8)
            return setDate(value / 10'000, static_cast<int>(value / 100 % 100), value % 100) && (m_yearGiven = true);
        if (text.size() > 4)
            return false;
        const std::int64_t clock = text.size() > 2 ? value : value * 100;
        return clock / 100 < 24 && clock % 100 < 60 && setTime(static_cast<int>(clock / 100), static_cast<int>(clock % 100), 0);
    }

    /// "nov 20 [2026]".
    bool monthFirst(int month)
    {
        if (m_next >= m_words.size() || !isDigits(m_words[m_next]) || m_words[m_next].size() > 2)
            return false;
        const std::int64_t day = *wholeNumber(m_words[m_next++]);
        return setDate(yearAhead(), month, day);
    }

    /// The year that stands next, or this one.
    std::int64_t yearAhead()
    {
        if (m_next < m_words.size() && isDigits(m_words[m_next]) && m_words[m_next].size() == 4) {
            m_yearGiven = true;
            return *wholeNumber(m_words[m_next++]);
        }
        return m_base.year;
    }

    /// The next such day, today included; an ordinal counts weeks on from there, as date(1) does.
    bool weekday(int day, std::int64_t ordinal)
    {
        if (!m_dated) {
            m_days += (day - m_base.weekday + 7) % 7 + 7 * (ordinal - (ordinal > 0 && m_base.weekday != day ? 1 : 0));
            m_startsDay = true;
        }
        return true;
    }

    bool relative(const std::string& text)
    {
        std::optional<std::int64_t> count = wholeNumber(text);
        std::string unit;
        for (std::size_t i = 0; i < std::size(kOrdinals); ++i)
            count = text == kOrdinals[i] ? std::optional(kOrdinalValues[i]) : count;
        if (!count) { // "2days", or a unit alone
            const std::size_t letters = std::min(text.find_first_not_of("+-0123456789"), text.size());
            count = letters == 0 ? std::optional<std::int64_t>(1) : wholeNumber(std::string_view(text).substr(0, letters));
            unit = text.substr(letters);
        } else if (m_next < m_words.size()) {
            unit = m_words[m_next++];
        }
        if (!count || unit.empty())
            return false;
        if (const auto day = namedIn(kDayNames, unit))
            return weekday(*day, *count);
        const bool ago = nextIs({"ago"});
        m_next += ago ? 1 : 0;
        return move(ago ? -*count : *count, unit);
    }

    /// "2026-11-20", "2026/11/20", "11/20", "11/20/2026", "20-nov-2026".
    bool date(const std::string& text)
    {
        const bool slashes = text.find('/') != std::string::npos;
        const std::vector<std::string> pieces = cutAt(text, slashes ? "/" : "-");
        if (pieces.size() != 3 && !(slashes && pieces.size() == 2))
            return false;
        const auto middle = pieces.size() > 1 ? namedIn(kMonthNames, pieces[1]) : std::nullopt;
        std::vector<std::optional<std::int64_t>> numbers;
        for (const std::string& piece : pieces)
            numbers.push_back(isDigits(piece) ? wholeNumber(piece) : std::nullopt);
        m_yearGiven = pieces.size() == 3;
        if (middle && numbers[0] && numbers[2])
            return setDate(*numbers[2], *middle + 1, *numbers[0]);
        if (!std::all_of(numbers.begin(), numbers.end(), [](const auto& n) { return n.has_value(); }))
            return false;
        const auto month = [&](std::size_t i) { return static_cast<int>(std::min<std::int64_t>(*numbers[i], 99)); };
        if (pieces.size() == 2)
            return setDate(m_base.year, month(0), *numbers[1]);
        return slashes && pieces[0].size() < 4 ? setDate(*numbers[2], month(0), *numbers[1]) : setDate(*numbers[0], month(1), *numbers[2]);
    }

    bool setDate(std::int64_t year, int month, std::int64_t day)
    {
        if (month < 1 || month > 12 || day < 1 || day > 31)
            return false;
        m_base.year = year;
        m_base.month = month;
        m_base.day = static_cast<int>(day);
        m_days -= m_startsDay ? m_days : 0; // "fri nov 20": the date says it all
        m_dated = true;
        // There is no 30th of February.
        return civilTime(unixTime(year, month, m_base.day, 0, 0, 0)).day == m_base.day;
    }

    /// Digits behind the point, as nanoseconds.
    bool fraction(std::string digits)
    {
        if (!isDigits(digits))
            return false;
        digits.resize(9, '0');
        m_nanoseconds = *wholeNumber(digits);
        return true;
    }

    /// "10:15", "10:15:30.5", with am or pm, with a zone behind it.
    bool time(std::string text)
    {
        if (text.back() == 'z') {
            text.pop_back();
            m_east = 0;
        } else if (const std::size_t sign = text.find_first_of("+-"); sign != std::string::npos) {
            const auto offset = zoneOffset(text.substr(sign));
            if (!offset)
                return false;
            m_east = *offset;
            text.resize(sign);
        }
        bool halfDay = false, afternoon = false;
        if (text.size() > 2 && (text.substr(text.size() - 2) == "am" || text.substr(text.size() - 2) == "pm")) {
            halfDay = true;
            afternoon = text[text.size() - 2] == 'p';
            text.resize(text.size() - 2);
        } else if (nextIs({"am", "pm"})) {
            halfDay = true;
            afternoon = m_words[m_next++] == "pm";
        }
        if (const std::size_t point = text.find('.'); point != std::string::npos) {
            if (!fraction(text.substr(point + 1)))
                return false;
            text.resize(point);
        }
        const std::vector<std::string> pieces = cutAt(text, ":");
        if (pieces.size() < 2 || pieces.size() > 3)
            return false;
        auto hour = wholeNumber(pieces[0]);
        const auto minute = wholeNumber(pieces[1]);
        const auto second = pieces.size() > 2 ? wholeNumber(pieces[2]) : 0;
        if (!hour || !minute || !second || *hour < (halfDay ? 1 : 0) || *hour > (halfDay ? 12 : 23) || *minute < 0 || *minute > 59 || *second < 0 || *second > 60)
            return false;
        if (halfDay)
            hour = *hour % 12 + (afternoon ? 12 : 0);
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

    /// A unit without the s of its plural.
    static std::string singular(std::string unit)
    {
        if (unit.size() > 1 && unit.back() == 's')
            unit.pop_back();
        return unit;
    }

    static bool isUnit(const std::string& word)
    {
        static constexpr const char* kUnits[] = {"sec", "second", "min", "minute", "hour", "day", "week", "fortnight", "month", "year"};
        const std::string unit = singular(word);
        return std::any_of(std::begin(kUnits), std::end(kUnits), [&](const char* known) { return unit == known; });
    }

    bool move(std::int64_t count, const std::string& word)
    {
        const std::string unit = singular(word);
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
        if ((m_dated || m_startsDay) && !m_timed)
            t.hour = t.minute = t.second = 0;
        const std::int64_t months = t.year * 12 + t.month - 1 + m_months;
        const std::int64_t year = months / 12 - (months % 12 < 0 ? 1 : 0);
        // A day that the month lacks runs over into the next one.
        const bool zoned = m_dated || m_timed || m_startsDay; // what is relative to now has no zone
        return unixTime(year, static_cast<int>(months - year * 12) + 1, 1, t.hour, t.minute, t.second)
            + (t.day - 1 + m_days) * 86400 + m_seconds - (zoned ? m_east : 0);
    }

    std::int64_t m_now;
    CivilTime m_base;
    std::vector<std::string> m_words;
    bool m_dated = false;
    bool m_timed = false;
    bool m_yearGiven = false;
    bool m_startsDay = false; ///< a weekday was named
    std::int64_t m_months = 0, m_days = 0, m_seconds = 0, m_nanoseconds = 0;
    std::int64_t m_east = 0; ///< of the zone, seconds
    std::size_t m_next = 0;
};

} // namespace

std::optional<sim::Instant> parseDate(const std::string& text, sim::Instant now)
{
    return DateReader(now).read(text);
}

} // namespace core::shell
