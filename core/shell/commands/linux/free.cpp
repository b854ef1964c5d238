// free of procps-ng 4.0.2.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/memory_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

/// procps' scale_size for -h: "23Gi", "8.7Mi", "0B"; of --si "25G", "9.1M".
std::string human(std::int64_t bytes, bool decimal)
{
    static constexpr const char* kUnits[] = {"", "K", "M", "G", "T", "P"};
    const double base = decimal ? 1000 : 1024;
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= base && unit + 1 < std::size(kUnits)) {
        value /= base;
        ++unit;
    }
    const std::string suffix = unit == 0 ? "B" : std::string(kUnits[unit]) + (decimal ? "" : "i");
    return value < 10 && unit > 0 ? fmt::format("{:.1f}{}", value, suffix) : fmt::format("{}{}", static_cast<std::int64_t>(value), suffix);
}

/// Bytes of the unit that free's options name.
std::int64_t unitOf(const Options& options)
{
    static const std::pair<const char*, std::int64_t> kUnits[] = {{"bytes", 1},           {"kilo", 1'000},        {"mega", 1'000'000},        {"giga", 1'000'000'000}, {"tera", 1'000'000'000'000},
                                                                  {"kibi", 1LL << 10},    {"mebi", 1LL << 20},    {"gibi", 1LL << 30},        {"tebi", 1LL << 40}};
    static const std::map<std::string, std::int64_t> kDecimal{{"kibi", 1'000}, {"mebi", 1'000'000}, {"gibi", 1'000'000'000}};
    for (const auto& [name, bytes] : kUnits)
        if (options.has(name))
            return options.has("si") && kDecimal.count(name) > 0 ? kDecimal.at(name) : bytes;
    return options.has("si") ? 1000 : 1024;
}

int freeOnce(Invocation& inv)
{
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machineOf(inv));
    const std::int64_t unit = unitOf(inv.options);
    const auto cell = [&](std::int64_t bytes) { return inv.options.has("human") ? human(bytes, inv.options.has("si")) : std::to_string(bytes / unit); };
    const std::int64_t cache = m.cached + m.slabReclaimable, used = m.total - m.available;
    std::string text;
    if (inv.options.has("wide"))
        text = fmt::format("               total        used        free      shared     buffers       cache   available\nMem:     {:>11} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11}\n",
                           cell(m.total), cell(used), cell(m.free), cell(m.shared), cell(m.buffers), cell(cache), cell(m.available));
    else
        text = fmt::format("               total        used        free      shared  buff/cache   available\nMem:     {:>11} {:>11} {:>11} {:>11} {:>11} {:>11}\n",
                           cell(m.total), cell(used), cell(m.free), cell(m.shared), cell(m.buffers + cache), cell(m.available));
    const auto line = [&](const char* name, std::int64_t total, std::int64_t taken, std::int64_t free) {
        text += fmt::format("{:<9}{:>11} {:>11} {:>11}\n", name, cell(total), cell(taken), cell(free));
    };
    if (inv.options.has("lohi")) { // no high memory on 64 bits
        line("Low:", m.total, m.total - m.free, m.free);
        line("High:", 0, 0, 0);
    }
    const std::int64_t swapUsed = m.swapTotal - m.swapFree;
    line("Swap:", m.swapTotal, swapUsed, m.swapFree);
    if (inv.options.has("total"))
        line("Total:", m.total + m.swapTotal, used + swapUsed, m.free + m.swapFree);
    inv.print(text);
    return 0;
}

int free(Invocation& inv)
{
    const std::string counted = inv.options.value("count"), waited = inv.options.value("seconds");
    const auto count = inv.options.has("count") ? parseNumber(counted) : std::optional<std::int64_t>(0);
    const auto delay = inv.options.has("seconds") ? parseSeconds(waited) : std::optional<sim::Duration>(std::chrono::seconds(1));
    if (!delay)
        return inv.fail(1, fmt::format("seconds argument failed: '{}': Invalid argument", waited));
    if (delay->count() <= 0)
        return inv.fail(1, fmt::format("seconds argument `{}' is not positive number", waited));
    if (!count)
        return inv.fail(1, fmt::format("failed to parse count argument: '{}'", counted));
    if (inv.options.has("count") && *count < 1)
        return inv.fail(1, fmt::format("failed to parse count argument: '{}': Numerical result out of range", counted));
    noteHost(inv);
    freeOnce(inv);
    // -c without -s repeats each second, as procps does.
    const bool repeats = inv.options.has("seconds") || *count > 1;
    for (std::int64_t n = 1; repeats && (*count == 0 || n < *count); ++n) {
        inv.sleep(std::max<sim::Duration>(*delay, std::chrono::milliseconds(100)));
        inv.print("\n");
        freeOnce(inv);
    }
    return 0;
}

} // namespace

void addFree(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "free";
    spec.summary = "display amount of free and used memory in the system";
    spec.usage = "free [options]";
    spec.options = {{'b', "bytes", "", "show output in bytes"},
                    {0, "kilo", "", "show output in kilobytes"},
                    {0, "mega", "", "show output in megabytes"},
                    {0, "giga", "", "show output in gigabytes"},
                    {0, "tera", "", "show output in terabytes"},
                    {'k', "kibi", "", "show output in kibibytes"},
                    {'m', "mebi", "", "show output in mebibytes"},
                    {'g', "gibi", "", "show output in gibibytes"},
                    {0, "tebi", "", "show output in tebibytes"},
                    {'h', "human", "", "show human-readable output"},
                    {0, "si", "", "use powers of 1000 not 1024"},
                    {'l', "lohi", "", "show detailed low and high memory statistics"},
                    {'t', "total", "", "show total for RAM + swap"},
                    {'s', "seconds", "N", "repeat printing every N seconds"},
                    {'c', "count", "N", "repeat printing N times, then exit"},
                    {'w', "wide", "", "wide output"}};
    spec.run = free;
    table.add(std::move(spec));
}

} // namespace core::shell::node
