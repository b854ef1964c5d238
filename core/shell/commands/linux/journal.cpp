#include "core/shell/commands/linux/journal.h"

#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <cstdio>

namespace core::shell::node {

namespace {

constexpr std::int64_t kDay = 86'400;

sim::Instant at(std::int64_t unixSeconds)
{
    return sim::Instant{} + std::chrono::seconds(unixSeconds);
}

/// Seconds of "10min", "2h 30min", "1 hour": numbers with systemd's unit words.
std::optional<std::int64_t> spanSeconds(const std::string& text)
{
    std::int64_t sum = 0;
    std::size_t i = 0;
    bool any = false;
    while (i < text.size()) {
        if (text[i] == ' ') {
            ++i;
            continue;
        }
        std::int64_t value = 0;
        std::size_t digits = 0;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9' && digits < 9) {
            value = value * 10 + (text[i++] - '0');
            ++digits;
        }
        if (digits == 0)
            return std::nullopt;
        while (i < text.size() && text[i] == ' ')
            ++i;
        std::string unit;
        while (i < text.size() && text[i] >= 'a' && text[i] <= 'z')
            unit += text[i++];
        constexpr std::int64_t kMonth = 2'629'800, kYear = 31'557'600; // systemd's mean ones
        const std::int64_t scale = unit.rfind("month", 0) == 0 ? kMonth
            : unit == "y" || unit.rfind("year", 0) == 0         ? kYear
            : unit.empty() || unit == "s" || unit.rfind("sec", 0) == 0 ? 1
            : unit == "m" || unit.rfind("min", 0) == 0                                      ? 60
            : unit == "h" || unit == "hr" || unit.rfind("hour", 0) == 0                     ? 3600
            : unit == "d" || unit.rfind("day", 0) == 0                                      ? kDay
            : unit == "w" || unit.rfind("week", 0) == 0                                     ? 7 * kDay
                                                                                            : 0;
        if (scale == 0)
            return std::nullopt;
        sum += value * scale;
        any = true;
    }
    return any ? std::optional(sum) : std::nullopt;
}

/// "09:00" or "09:00:30" as seconds of the day.
std::optional<std::int64_t> clockSeconds(const std::string& text)
{
    int hour = 0, minute = 0, second = 0, used = 0;
    const int parts = std::sscanf(text.c_str(), "%2d:%2d%n:%2d%n", &hour, &minute, &used, &second, &used);
    if (parts < 2 || static_cast<std::size_t>(used) != text.size() || hour > 24 || minute > 59 || second > 59)
        return std::nullopt;
    return hour * 3600 + minute * 60 + second;
}

} // namespace

std::string journalSource(const sim::host::JournalEntry& entry)
{
    return entry.pid > 0 ? fmt::format("{}[{}]", entry.identifier, entry.pid) : entry.identifier;
}

std::string journalLine(const sim::host::JournalEntry& entry, const std::string& hostName)
{
    return fmt::format("{} {} {}: {}", stampShort(entry.at), hostName, journalSource(entry), entry.message);
}

std::optional<sim::Instant> parseJournalTime(const std::string& given, sim::Instant now)
{
    std::string text = given;
    const std::int64_t second = sim::unixSeconds(now);
    const std::int64_t midnight = second - second % kDay;
    if (text == "now")
        return now;
    if (text == "today")
        return at(midnight);
    if (text == "yesterday")
        return at(midnight - kDay);
    if (text == "tomorrow")
        return at(midnight + kDay);
    if (!text.empty() && text[0] == '@') {
        const auto value = parseNumber(text.substr(1));
        return value ? std::optional(at(*value)) : std::nullopt;
    }
    constexpr std::string_view kAgo = " ago";
    if (text.size() > kAgo.size() && text.substr(text.size() - kAgo.size()) == kAgo) {
        const auto span = spanSeconds(text.substr(0, text.size() - kAgo.size()));
        return span ? std::optional(now - std::chrono::seconds(*span)) : std::nullopt;
    }
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        const auto span = spanSeconds(text.substr(1));
        if (!span)
            return std::nullopt;
        return text[0] == '-' ? now - std::chrono::seconds(*span) : now + std::chrono::seconds(*span);
    }
    if (const auto clock = clockSeconds(text))
        return at(midnight + *clock);
    if (text.size() > 4 && text.substr(text.size() - 4) == " UTC")
        text.resize(text.size() - 4);
    int year = 0, month = 0, day = 0, used = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || month < 1 || month > 12
        || day < 1 || day > 31)
        return std::nullopt;
    std::int64_t clock = 0;
    if (static_cast<std::size_t>(used) < text.size()) {
        const char separator = text[static_cast<std::size_t>(used)];
        const auto parsed = clockSeconds(text.substr(static_cast<std::size_t>(used) + 1));
        if ((separator != ' ' && separator != 'T') || !parsed)
            return std::nullopt;
        clock = *parsed;
    }
    return at(unixTime(year, month, day, 0, 0, 0) + clock);
}

std::string unitName(const std::string& name)
{
    for (const char* suffix :
         {".service", ".target", ".socket", ".timer", ".mount", ".path", ".slice", ".scope"}) {
        const std::string_view s = suffix;
        if (name.size() > s.size() && name.compare(name.size() - s.size(), s.size(), s) == 0)
            return name;
    }
    return name + ".service";
}

} // namespace core::shell::node
