// free and vmstat of procps-ng 4.0.2.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"
#include "sim/host/memory_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

CommandSpec vmstatSpecification();

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

/// A value of a "Name:   123 kB" or "name 123" file of /proc.
std::int64_t procValue(Invocation& inv, const std::string& file, const std::string& name)
{
    const std::string text = "\n" + inv.system().readFile(inv.place(), file).text;
    const std::size_t at = text.find("\n" + name);
    if (at == std::string::npos)
        return 0;
    const std::vector<std::string> words = splitWords(text.substr(at + 1, text.find('\n', at + 1) - at - 1));
    return words.size() > 1 ? parseNumber(words[1]).value_or(0) : 0;
}

/// vmstat -s.
int vmstatTotals(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    std::string text;
    const auto row = [&](std::int64_t value, const char* name) { text += fmt::format("{:>13} {}\n", value, name); };
    row(m.total >> 10, "K total memory");
    row((m.total - m.available) >> 10, "K used memory");
    row(procValue(inv, "/proc/meminfo", "Active:"), "K active memory");
    row(procValue(inv, "/proc/meminfo", "Inactive:"), "K inactive memory");
    row(m.free >> 10, "K free memory");
    row(m.buffers >> 10, "K buffer memory");
    row((m.cached + m.slabReclaimable) >> 10, "K swap cache");
    row(m.swapTotal >> 10, "K total swap");
    row((m.swapTotal - m.swapFree) >> 10, "K used swap");
    row(m.swapFree >> 10, "K free swap");
    const std::string stat = inv.system().readFile(inv.place(), "/proc/stat").text;
    const std::vector<std::string> ticks = splitWords(stat.substr(0, stat.find('\n')));
    constexpr const char* kTicks[] = {"non-nice user cpu ticks", "nice user cpu ticks", "system cpu ticks", "idle cpu ticks", "IO-wait cpu ticks",
                                      "IRQ cpu ticks", "softirq cpu ticks", "stolen cpu ticks", "non-nice guest cpu ticks", "nice guest cpu ticks"};
    for (std::size_t i = 0; i < std::size(kTicks); ++i)
        row(i + 1 < ticks.size() ? parseNumber(ticks[i + 1]).value_or(0) : 0, kTicks[i]);
    row(static_cast<std::int64_t>(machine.totals.readBytes / 1024), "K paged in");
    row(static_cast<std::int64_t>(machine.totals.writtenBytes / 1024), "K paged out");
    row(procValue(inv, "/proc/vmstat", "pswpin"), "pages swapped in");
    row(procValue(inv, "/proc/vmstat", "pswpout"), "pages swapped out");
    // Not counted one by one: what runs now, since the boot.
    const double up = sim::toSeconds(inv.now() - machine.booted);
    row(static_cast<std::int64_t>(interruptsPerSecond(machine) * up), "interrupts");
    row(static_cast<std::int64_t>(switchesPerSecond(machine) * up), "CPU context switches");
    row(procValue(inv, "/proc/stat", "btime"), "boot time");
    row(procValue(inv, "/proc/stat", "processes"), "forks");
    inv.print(text);
    return 0;
}

/// vmstat -m: /proc/slabinfo, which only root may read.
int vmstatSlabs(Invocation& inv)
{
    const ReadFile file = inv.system().readFile(inv.place(), "/proc/slabinfo");
    if (file.error != Errno::None)
        return inv.fail(1, fmt::format("Unable to create slabinfo structure: {}", describe(file.error)));
    std::string text = "Cache                       Num  Total   Size  Pages\n";
    std::size_t line = 0;
    for (std::size_t begin = 0; begin < file.text.size(); ++line) {
        const std::size_t end = std::min(file.text.find('\n', begin), file.text.size());
        const std::vector<std::string> words = splitWords(file.text.substr(begin, end - begin));
        if (line > 1 && words.size() > 4)
            text += fmt::format("{:<24.24} {:>6} {:>6} {:>6} {:>6}\n", words[0], words[1], words[2], words[3], words[4]);
        begin = end + 1;
    }
    inv.print(text);
    return 0;
}

struct VmstatView {
    bool active = false, wide = false, stamp = false;
    std::int64_t unit = 1024;
};

std::string vmstatHeader(const VmstatView& v)
{
    std::string text = v.wide ? "--procs-- -----------------------memory---------------------- ---swap-- -----io---- -system-- ----------cpu----------"
                              : "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----";
    text += v.stamp ? " -----timestamp-----\n" : "\n";
    text += v.wide ? (v.active ? "   r    b         swpd         free        inact       active   si   so    bi    bo   in   cs  us  sy  id  wa  st  gu"
                               : "   r    b         swpd         free         buff        cache   si   so    bi    bo   in   cs  us  sy  id  wa  st  gu")
        : v.active ? " r  b   swpd   free  inact active   si   so    bi    bo   in   cs us sy id wa st"
                   : " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st";
    return text + (v.stamp ? "                 UTC\n" : "\n");
}

std::string vmstatLine(Invocation& inv, const VmstatView& v)
{
    const sim::host::Machine& machine = machineOf(inv);
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    const TaskCounts tasks = taskCounts(machine);
    const CpuSplit cpu = cpuSplit(machine);
    const auto whole = [](double value) { return static_cast<std::int64_t>(value + 0.5); };
    const std::int64_t swapped = m.swapTotal - m.swapFree;
    const std::int64_t paging = swapped > 0 && machine.starvedOfMemory() ? swapped >> 18 : 0;
    const std::int64_t third = v.active ? procValue(inv, "/proc/meminfo", "Inactive:") << 10 : m.buffers;
    const std::int64_t fourth = v.active ? procValue(inv, "/proc/meminfo", "Active:") << 10 : m.cached + m.slabReclaimable;
    std::string text = fmt::format(fmt::runtime(v.wide ? "{:4} {:4} {:12} {:12} {:12} {:12} {:4} {:4} {:5} {:5} {:4} {:4} {:3} {:3} {:3} {:3} {:3}"
                                                       : "{:2} {:2} {:6} {:6} {:6} {:6} {:4} {:4} {:5} {:5} {:4} {:4} {:2} {:2} {:2} {:2} {:2}"),
                                   tasks.runnable, tasks.blocked, swapped / v.unit, m.free / v.unit, third / v.unit, fourth / v.unit, paging, paging * 2,
                                   whole(diskReadRate(machine) / 1024), whole(diskWriteRate(machine) / 1024), whole(interruptsPerSecond(machine)), whole(switchesPerSecond(machine)),
                                   whole(cpu.user + cpu.nice), whole(cpu.system), whole(cpu.idle), whole(cpu.wait), 0);
    text += v.wide ? fmt::format(" {:3}", 0) : "";
    return text + (v.stamp ? " " + formatDate(inv.now(), "%Y-%m-%d %H:%M:%S") : "") + "\n";
}

int vmstat(Invocation& inv)
{
    std::vector<std::int64_t> numbers;
    for (const std::string& word : inv.operands) {
        const auto number = parseNumber(word);
        if (!number)
            return inv.fail(1, fmt::format("failed to parse argument: '{}'", word));
        numbers.push_back(*number);
    }
    if (!numbers.empty() && numbers[0] < 1)
        return inv.fail(1, "delay must be positive integer");
    if (numbers.size() > 2) {
        inv.err().write(procpsUsage(vmstatSpecification()));
        return 1;
    }
    VmstatView view;
    view.active = inv.options.has("active");
    view.wide = inv.options.has("wide");
    view.stamp = inv.options.has("timestamp");
    if (inv.options.has("unit")) {
        static const std::map<std::string, std::int64_t> kUnits{{"k", 1000}, {"K", 1024}, {"m", 1'000'000}, {"M", 1 << 20}};
        const auto unit = kUnits.find(inv.options.value("unit"));
        if (unit == kUnits.end())
            return inv.fail(1, "-S requires k, K, m or M (default is KiB)");
        view.unit = unit->second;
    }
    noteHost(inv);
    if (inv.options.has("forks")) {
        inv.print(fmt::format("{:>13} forks\n", procValue(inv, "/proc/stat", "processes")));
        return 0;
    }
    if (inv.options.has("stats"))
        return vmstatTotals(inv);
    if (inv.options.has("slabs"))
        return vmstatSlabs(inv);
    const std::int64_t count = numbers.size() > 1 ? std::max<std::int64_t>(1, numbers[1]) : numbers.empty() ? 1 : 0;
    inv.print(vmstatHeader(view));
    for (std::int64_t n = 0; count == 0 || n < count; ++n) {
        if (n > 0 || inv.options.has("no-first"))
            inv.sleep(std::chrono::seconds(numbers.empty() ? 1 : numbers[0]));
        inv.print(vmstatLine(inv, view));
    }
    return 0;
}

CommandSpec vmstatSpecification()
{
    CommandSpec spec;
    spec.name = "vmstat";
    spec.summary = "report virtual memory statistics";
    spec.usage = "vmstat [options] [delay [count]]";
    spec.options = {{'a', "active", "", "active/inactive memory"},
                    {'f', "forks", "", "number of forks since boot"},
                    {'m', "slabs", "", "slabinfo"},
                    {'n', "one-header", "", "do not redisplay header"},
                    {'s', "stats", "", "event counter statistics"},
                    {'S', "unit", "char", "define display unit"},
                    {'w', "wide", "", "wide output"},
                    {'t', "timestamp", "", "show timestamp"},
                    {'y', "no-first", "", "skips first line of output"}};
    return spec;
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
    table.add(spec);
    spec = vmstatSpecification();
    spec.run = vmstat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
