// mpstat of sysstat 12.6.1.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/disk_load.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace core::shell::node {

namespace {

/// How busy each processor is, 0..1: whole busy tasks fill processors one after another, as the load balancer leaves them;
/// the rest is spread.
std::vector<double> busyProcessors(const sim::host::Machine& machine)
{
    std::vector<double> busy(static_cast<std::size_t>(std::max<std::int64_t>(1, machine.cpus)), 0);
    double rest = 0;
    for (const auto& [pid, p] : machine.processes) {
        double granted = p.runs() ? p.cpuGranted : 0;
        for (std::size_t i = 0; granted >= 0.9 && i < busy.size(); ++i)
            if (busy[i] == 0) {
                busy[i] = std::min(1.0, granted);
                granted -= busy[i];
            }
        rest += granted;
    }
    double room = 0;
    for (const double b : busy)
        room += 1 - b;
    for (double& b : busy)
        b += room > 0 ? std::min(1.0, rest / room) * (1 - b) : 0;
    return busy;
}

/// Of all processors' time what one of them has, by how busy it is.
CpuSplit splitOfOne(const CpuSplit& all, double busy)
{
    const double used = all.user + all.nice + all.system;
    CpuSplit one;
    one.user = used > 0 ? 100 * busy * all.user / used : 0;
    one.nice = used > 0 ? 100 * busy * all.nice / used : 0;
    one.system = used > 0 ? 100 * busy * all.system / used : 0;
    const double left = std::max(0.0, 100 - 100 * busy), allLeft = all.wait + all.idle;
    one.wait = allLeft > 0 ? left * all.wait / allLeft : 0;
    one.idle = left - one.wait;
    return one;
}

struct MpstatRequest {
    bool each = false;                 ///< lines for processors beside that for all
    std::vector<std::int64_t> chosen;  ///< of -P; empty: all of them
    bool usage = true, sum = false, hard = false, soft = false;
    std::optional<std::int64_t> seconds;
    std::int64_t count = 1;
    bool shows(std::size_t cpu) const { return chosen.empty() || std::count(chosen.begin(), chosen.end(), static_cast<std::int64_t>(cpu)) > 0; }
};

/// Nothing: sysstat answers with its usage.
std::optional<MpstatRequest> parseMpstat(Invocation& inv)
{
    MpstatRequest r;
    const std::int64_t cpus = machineOf(inv).cpus;
    for (std::string list : inv.options.values("P")) {
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& word : splitWords(list))
            if (const auto cpu = parseNumber(word); cpu && *cpu >= 0 && *cpu < cpus)
                r.chosen.push_back(*cpu);
            else if (word != "ALL" && word != "all" && word != "ON")
                return std::nullopt;
    }
    const std::vector<std::string> interrupts = inv.options.values("I");
    for (const std::string& kind : interrupts) {
        if (kind != "SUM" && kind != "CPU" && kind != "SCPU" && kind != "ALL")
            return std::nullopt;
        r.sum = r.sum || kind == "SUM" || kind == "ALL";
        r.hard = r.hard || kind == "CPU" || kind == "ALL";
        r.soft = r.soft || kind == "SCPU" || kind == "ALL";
    }
    r.each = inv.options.has("P");
    r.usage = interrupts.empty() || inv.options.has("u");
    if (inv.options.has("A"))
        r.each = r.usage = r.sum = r.hard = r.soft = true;
    for (const std::string& word : inv.operands)
        if (parseNumber(word).value_or(0) < 1)
            return std::nullopt;
    if (inv.operands.size() > 2)
        return std::nullopt;
    if (!inv.operands.empty())
        r.seconds = parseNumber(inv.operands[0]);
    r.count = inv.operands.size() > 1 ? parseNumber(inv.operands[1]).value_or(1) : r.seconds ? 0 : 1;
    return r;
}

/// One kind of interrupt, a second, on each processor.
struct InterruptSource {
    std::string name;
    std::vector<double> perSecond;
};

/// interruptsPerSecond() by source: the timer follows the busy processors, each processor has a queue of the disk and of the
/// network device, and what is left of a quiet machine's are wake-ups between processors.
std::vector<InterruptSource> hardInterrupts(const sim::host::Machine& machine, const std::vector<double>& busy)
{
    const double total = interruptsPerSecond(machine);
    const DiskLoad disk = diskLoad(machine);
    const double requests = std::min(total / 4, disk.reads + disk.writes);
    const double ticks = std::min(total - requests, 250 * machine.cpuCoresUsed() + 0.4 * (total - requests - 250 * machine.cpuCoresUsed()));
    const double rest = std::max(0.0, total - requests - ticks);
    const double cpus = static_cast<double>(busy.size());
    double used = 0;
    for (const double b : busy)
        used += b;
    InterruptSource timer{"LOC", {}}, calls{"RES", {}};
    std::vector<InterruptSource> sources;
    const auto own = [&](std::size_t cpu, int first, double rate) {
        InterruptSource source{std::to_string(first + static_cast<int>(cpu)), std::vector<double>(busy.size(), 0)};
        source.perSecond[cpu] = rate;
        sources.push_back(std::move(source));
    };
    constexpr int kFirstDiskQueue = 33, kFirstNetworkQueue = 60;
    for (std::size_t cpu = 0; cpu < busy.size(); ++cpu)
        own(cpu, kFirstDiskQueue, requests / cpus);
    for (std::size_t cpu = 0; cpu < busy.size(); ++cpu)
        own(cpu, kFirstNetworkQueue, 0.5 * rest / cpus);
    for (const double b : busy) {
        timer.perSecond.push_back(ticks * (used > 0 ? b / used : 1 / cpus));
        calls.perSecond.push_back(0.5 * rest / cpus);
    }
    sources.push_back(std::move(timer));
    sources.push_back(std::move(calls));
    return sources;
}

/// Each hardware interrupt leaves its kind of work for later.
std::vector<InterruptSource> softInterrupts(const std::vector<InterruptSource>& hard, std::size_t cpus)
{
    const auto sumOf = [&](std::size_t first, std::size_t last, double share) {
        std::vector<double> rates(cpus, 0);
        for (std::size_t i = first; i < last; ++i)
            for (std::size_t cpu = 0; cpu < cpus; ++cpu)
                rates[cpu] += share * hard[i].perSecond[cpu];
        return rates;
    };
    const std::size_t timer = 2 * cpus;
    const std::vector<double> none(cpus, 0);
    return {{"HI", none}, {"TIMER", sumOf(timer, timer + 1, 0.3)}, {"NET_TX", none}, {"NET_RX", sumOf(cpus, 2 * cpus, 1)}, {"BLOCK", sumOf(0, cpus, 1)},
            {"IRQ_POLL", none}, {"TASKLET", none}, {"SCHED", sumOf(timer, timer + 1, 0.5)}, {"HRTIMER", none}, {"RCU", sumOf(timer, timer + 1, 0.4)}};
}

std::string interruptTable(const MpstatRequest& r, const std::string& before, const std::string& stamp, const std::vector<InterruptSource>& sources, std::size_t cpus)
{
    std::string text = fmt::format("{:<8}     CPU", before);
    const auto width = [](const InterruptSource& source) { return std::max<std::size_t>(8, source.name.size()); };
    for (const InterruptSource& source : sources)
        text += fmt::format(" {:>{}}/s", source.name, width(source));
    text += "\n";
    for (std::size_t cpu = 0; cpu < cpus; ++cpu) {
        if (!r.shows(cpu))
            continue;
        text += fmt::format("{:<8}     {:>3}", stamp, cpu);
        for (const InterruptSource& source : sources)
            text += fmt::format(" {:>{}.2f}", source.perSecond[cpu], width(source) + 2);
        text += "\n";
    }
    return text;
}

std::string usageRows(const sim::host::Machine& machine, const MpstatRequest& r, const std::string& stamp)
{
    const CpuSplit all = cpuSplit(machine);
    const auto line = [&](const std::string& cpu, const CpuSplit& c) {
        return fmt::format("{:<8}     {:>3}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}\n", stamp, cpu, c.user, c.nice, c.system, c.wait, 0.0, 0.0,
                           0.0, 0.0, 0.0, c.idle);
    };
    std::string text = r.chosen.empty() ? line("all", all) : std::string();
    const std::vector<double> busy = busyProcessors(machine);
    for (std::size_t cpu = 0; r.each && cpu < busy.size(); ++cpu)
        if (r.shows(cpu))
            text += line(std::to_string(cpu), splitOfOne(all, busy[cpu]));
    return text;
}

std::string sumRows(const sim::host::Machine& machine, const MpstatRequest& r, const std::string& stamp)
{
    std::string text = r.chosen.empty() ? fmt::format("{:<8}     all {:>9.2f}\n", stamp, interruptsPerSecond(machine)) : std::string();
    const std::vector<double> busy = busyProcessors(machine);
    const std::vector<InterruptSource> sources = hardInterrupts(machine, busy);
    for (std::size_t cpu = 0; r.each && cpu < busy.size(); ++cpu) {
        double total = 0;
        for (const InterruptSource& source : sources)
            total += source.perSecond[cpu];
        text += r.shows(cpu) ? fmt::format("{:<8}     {:>3} {:>9.2f}\n", stamp, cpu, total) : std::string();
    }
    return text;
}

constexpr const char* kUsageHeader = "     CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n";

/// The reports of one sample, an empty line between two. A report of one line needs its header only once (`bare`).
std::string mpstatSample(Invocation& inv, const MpstatRequest& r, const std::string& before, const std::string& stamp, bool bare)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::vector<std::string> reports;
    if (r.usage)
        reports.push_back((bare ? std::string() : fmt::format("{:<8}", before) + kUsageHeader) + usageRows(machine, r, stamp));
    if (r.sum)
        reports.push_back((bare ? std::string() : fmt::format("{:<8}     CPU    intr/s\n", before)) + sumRows(machine, r, stamp));
    if (r.hard || r.soft) {
        const std::vector<double> busy = busyProcessors(machine);
        const std::vector<InterruptSource> hard = hardInterrupts(machine, busy);
        if (r.hard)
            reports.push_back(interruptTable(r, before, stamp, hard, busy.size()));
        if (r.soft)
            reports.push_back(interruptTable(r, before, stamp, softInterrupts(hard, busy.size()), busy.size()));
    }
    std::string text;
    for (const std::string& report : reports)
        text += (text.empty() ? "" : "\n") + report;
    return text;
}

int mpstat(Invocation& inv)
{
    const auto request = parseMpstat(inv);
    if (!request) {
        inv.err().write(sysstatUsage("mpstat"));
        return 1;
    }
    const MpstatRequest& r = *request;
    noteHost(inv);
    inv.print(sysstatBanner(inv));
    const bool single = !r.each && !r.hard && !r.soft && r.usage != r.sum;
    for (std::int64_t n = 0; r.count == 0 || n < r.count; ++n) {
        const std::string before = formatDate(inv.now(), "%H:%M:%S");
        if (r.seconds)
            inv.sleep(std::chrono::seconds(*r.seconds));
        inv.print((n > 0 && !single ? "\n" : "") + mpstatSample(inv, r, before, formatDate(inv.now(), "%H:%M:%S"), n > 0 && single));
    }
    if (r.seconds)
        inv.print((single ? "" : "\n") + mpstatSample(inv, r, "Average:", "Average:", single));
    return 0;
}

} // namespace

void addMpstat(CommandTable& table)
{
    table.add("mpstat", "report processors related statistics", "mpstat [ options ] [ <interval> [ <count> ] ]",
              {{'A', "", "", "all reports"},
               {'I', "", "KIND", "report interrupts: SUM, CPU, SCPU or ALL"},
               {'P', "", "CPU_LIST", "processors to be reported, or ALL"},
               {'u', "", "", "report CPU utilization"}},
              mpstat);
}

} // namespace core::shell::node
