#include "core/shell/commands/linux/here.h"

#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

const sim::host::Machine& machineOf(Invocation& inv)
{
    return inv.door().world().hosts().at(inv.place().host);
}

const sim::container::Container* containerOf(Invocation& inv)
{
    return inv.place().container ? inv.door().world().runtimes().find(*inv.place().container) : nullptr;
}

sim::StackId stackIdOf(Invocation& inv)
{
    const auto* container = containerOf(inv);
    return container != nullptr && inv.door().world().network().hasStack(container->stack)
        ? container->stack
        : machineOf(inv).stack;
}

const sim::net::Stack& stackOf(Invocation& inv)
{
    return inv.door().world().network().stack(stackIdOf(inv));
}

bool isRoot(Invocation& inv)
{
    return inv.place().user == "root" || inv.place().user.empty();
}

bool alive(Invocation& inv)
{
    if (inv.place().container) {
        const auto* container = containerOf(inv);
        return container != nullptr && container->state == sim::container::Container::State::Running;
    }
    const sim::host::Machine& machine = machineOf(inv);
    if (inv.place().console) {
        using Stage = sim::host::BootStage;
        return machine.boot.stage == Stage::Running || machine.boot.stage == Stage::Emergency || machine.boot.stage == Stage::Rescue;
    }
    return machine.power != sim::host::Machine::Power::Off
        && inv.door().world().network().hasStack(machine.stack)
        && inv.door().world().network().stack(machine.stack).up;
}

std::string placeName(Invocation& inv)
{
    const auto* container = containerOf(inv);
    return container == nullptr ? machineOf(inv).name : container->podName;
}

void noteHost(Invocation& inv)
{
    const auto* container = containerOf(inv);
    inv.noteRead(container == nullptr ? "host/" + machineOf(inv).name
                                      : "pod/" + container->podNamespace + "/" + container->podName);
}

std::vector<const sim::host::Process*> visibleProcesses(Invocation& inv)
{
    std::vector<const sim::host::Process*> seen;
    const auto* container = containerOf(inv);
    for (const auto& [pid, process] : machineOf(inv).processes)
        if (container == nullptr || (process.container && *process.container == container->id))
            seen.push_back(&process);
    return seen;
}

double cpuSeconds(const sim::host::Process& process, sim::Instant now)
{
    return process.cpuSecondsAt(now);
}

std::string stampShort(sim::Instant at)
{
    return formatDate(at, "%b %d %H:%M:%S");
}

std::string stampSystemd(sim::Instant at)
{
    return formatDate(at, "%a %Y-%m-%d %H:%M:%S UTC");
}

std::string agoSystemd(sim::Duration age)
{
    // format_timestamp_relative(): the two largest units that still matter.
    constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400, kWeek = 7 * kDay, kMonth = 2'629'800,
                           kYear = 31'557'600;
    const std::int64_t s = age.count() / 1'000'000'000;
    const auto many = [](std::int64_t n, const char* word) {
        return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
    };
    if (s < 0)
        return "now";
    if (s >= kYear)
        return many(s / kYear, "year") + " " + many(s % kYear / kMonth, "month") + " ago";
    if (s >= kMonth)
        return many(s / kMonth, "month") + " " + many(s % kMonth / kDay, "day") + " ago";
    if (s >= kWeek)
        return many(s / kWeek, "week") + " " + many(s % kWeek / kDay, "day") + " ago";
    if (s >= 2 * kDay)
        return many(s / kDay, "day") + " ago";
    if (s >= kDay)
        return fmt::format("1 day {}h ago", s % kDay / kHour);
    if (s >= kHour)
        return fmt::format("{}h {}min ago", s / kHour, s % kHour / kMinute);
    if (s >= 5 * kMinute)
        return fmt::format("{}min ago", s / kMinute);
    if (s >= kMinute)
        return fmt::format("{}min {}s ago", s / kMinute, s % kMinute);
    if (s > 0)
        return fmt::format("{}s ago", s);
    return age.count() >= 1'000'000 ? fmt::format("{}ms ago", age.count() / 1'000'000) : "now";
}

std::string memoryText(std::int64_t bytes)
{
    static constexpr const char* kUnits[] = {"B", "K", "M", "G", "T"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(kUnits)) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{}B", bytes) : fmt::format("{:.1f}{}", value, kUnits[unit]);
}

std::string spanText(double seconds)
{
    const auto ms = static_cast<std::int64_t>(seconds * 1000);
    if (ms < 1000)
        return fmt::format("{}ms", ms);
    std::string text;
    const auto add = [&](std::int64_t value, const char* word) {
        if (value > 0)
            text += fmt::format("{}{} ", value, word);
    };
    add(ms / 86'400'000, "d");
    add(ms / 3'600'000 % 24, "h");
    add(ms / 60'000 % 60, "min");
    return text + fmt::format("{}.{:03}s", ms / 1000 % 60, ms % 1000);
}

std::optional<sim::Duration> parseSeconds(std::string_view text)
{
    const std::size_t dot = text.find('.');
    const auto whole = dot == 0 ? std::optional<std::int64_t>(0) : parseNumber(text.substr(0, dot));
    if (!whole || *whole < 0 || *whole > 1'000'000)
        return std::nullopt;
    std::int64_t ns = *whole * 1'000'000'000;
    if (dot != std::string_view::npos) {
        std::int64_t scale = 100'000'000;
        for (const char c : text.substr(dot + 1)) {
            if (c < '0' || c > '9')
                return std::nullopt;
            ns += (c - '0') * scale;
            scale /= 10;
        }
    }
    return sim::Duration{ns};
}

std::optional<std::int64_t> parseBytes(std::string_view text)
{
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
        ++digits;
    const auto value = parseNumber(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    if (!value)
        return std::nullopt;
    if (unit.empty() || unit == "c" || unit == "B")
        return *value;
    const bool decimal = unit.size() == 2 && unit[1] == 'B';
    if (!decimal && unit.size() > 1 && unit.substr(1) != "iB")
        return std::nullopt;
    const std::size_t power = std::string_view("KMGT").find(
        static_cast<char>(unit[0] == 'k' ? 'K' : unit[0]));
    if (power == std::string_view::npos)
        return std::nullopt;
    std::int64_t bytes = *value;
    for (std::size_t i = 0; i <= power; ++i)
        bytes = bytes > (INT64_MAX >> 12) ? bytes : bytes * (decimal ? 1000 : 1024);
    return bytes;
}

std::vector<std::string> splitWords(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
        if (end > 0)
            words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

} // namespace core::shell::node
