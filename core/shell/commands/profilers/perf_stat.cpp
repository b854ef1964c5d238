// perf stat: counters of one process or of the whole machine.
#include "core/shell/commands/profilers/perf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {

/// A mixed server program retires 1.3 instructions a cycle, one in five of them a branch, of which one in a hundred is
/// guessed wrong. Spinning on a lock or in a loop retires more, walking a heap less.
constexpr double kMixedIpc = 1.3, kCollectorIpc = 0.6, kSpinIpc = 2.6;
constexpr double kBranchShare = 0.2, kMissShare = 0.011;

std::string row(const std::string& value, const std::string& name, const std::string& metric)
{
    // perf 6.1: the value, its unit, the event, and its metric padded to 35 columns.
    const bool timed = name.compare(0, 5, "msec ") == 0;
    std::string comment = " # " + metric;
    comment.append(comment.size() < 35 ? 35 - comment.size() : 0, ' ');
    return fmt::format("{:>18} {:<4} {:<32}{}\n", value, timed ? "msec" : "", timed ? name.substr(5) : name, comment);
}

struct Totals {
    double cpuSeconds = 0, switches = 0, faults = 0, instructions = 0;
};

Totals totalsOf(const PerfLook& before, const PerfLook& after, const std::vector<std::pair<sim::host::Pid, double>>& cpuBefore, double seconds, sim::Instant now)
{
    Totals totals;
    for (const Target& target : after.targets) {
        const auto was = std::find_if(cpuBefore.begin(), cpuBefore.end(), [&](const auto& entry) { return entry.first == target.process->pid; });
        const double used = target.process->cpuSecondsAt(now) - (was == cpuBefore.end() ? 0 : was->second);
        totals.cpuSeconds += used;
        totals.switches += target.process->switchesPerSecond * seconds;
        double collector = 0, spins = 0, bytes = 0;
        if (target.running)
            for (const Target& then : before.targets)
                if (then.running && then.running->pid == target.running->pid) {
                    collector = target.running->collector.cpuSeconds - then.running->collector.cpuSeconds;
                    for (std::size_t i = 0; i < target.running->paths.size(); ++i) {
                        spins += target.running->paths[i].lockSeconds - then.running->paths[i].lockSeconds;
                        if (target.running->code->paths[i].spins > 0)
                            spins += target.running->paths[i].ownSeconds - then.running->paths[i].ownSeconds;
                    }
                    bytes = std::max(0.0, target.running->residentBytes() - then.running->residentBytes());
                }
        totals.faults += bytes / 4096;
        const double mixed = std::max(0.0, used - collector - spins);
        totals.instructions += (mixed * kMixedIpc + collector * kCollectorIpc + spins * kSpinIpc) * kCyclesPerSecond;
    }
    return totals;
}

} // namespace

int perfStat(Invocation& inv, const std::vector<std::string>& words)
{
    const PerfRange range = rangeOf(words);
    if (range.pid == 0 && !range.all && range.command.empty()) {
        inv.err().write("\n Usage: perf stat [<options>] [<command>]\n\n    -p, --pid <pid>       stat events on existing process id\n\n");
        return 129;
    }
    if (range.pid > 0 && targetOf(inv, range.pid).process == nullptr) {
        inv.err().write("Problems finding threads of monitor\n\n Usage: perf stat [<options>] [<command>]\n\n    -p, --pid <pid>       stat events on existing process id\n"
                        "    -t, --tid <tid>       stat events on existing thread id\n");
        return 234; // -EINVAL
    }
    if (!perfAllowed(inv, range))
        return 255;
    const bool ownCommand = range.pid == 0 && !range.all; // counts what the command itself uses
    const PerfLook before = lookNow(inv, range.pid);
    std::vector<std::pair<sim::host::Pid, double>> cpu;
    for (const Target& target : before.targets)
        cpu.emplace_back(target.process->pid, target.process->cpuSecondsAt(before.at));
    int status = 0;
    if (range.seconds >= 0)
        inv.sleep(sim::fromSeconds(range.seconds));
    else if (!range.command.empty())
        status = inv.run(range.command);
    else
        inv.sleep(std::chrono::hours(24)); // until Ctrl-C
    const PerfLook after = lookNow(inv, range.pid);
    const double seconds = sim::toSeconds(after.at - before.at);
    Totals totals;
    if (ownCommand)
        totals = {0.0009, 1, 62, 0.0009 * kCyclesPerSecond};
    else
        totals = totalsOf(before, after, cpu, seconds, after.at);
    const double milliseconds = totals.cpuSeconds * 1e3;
    const double cycles = totals.cpuSeconds * kCyclesPerSecond;
    const double branches = totals.instructions * kBranchShare;
    const auto perSecond = [&](double count) {
        const double rate = totals.cpuSeconds > 0 ? count / totals.cpuSeconds : 0;
        return rate >= 1e9 ? fmt::format("{:>8.3f} G/sec", rate / 1e9) : rate >= 1e6 ? fmt::format("{:>8.3f} M/sec", rate / 1e6) : rate >= 1e3 ? fmt::format("{:>8.3f} K/sec", rate / 1e3)
                                                                                                                      : fmt::format("{:>8.3f} /sec", rate);
    };
    std::string what = range.pid > 0 ? fmt::format("process id '{}'", range.pid) : range.all ? "'system wide'" : "";
    if (ownCommand) {
        for (const std::string& word : range.command)
            what += (what.empty() ? "" : " ") + word;
        what = "'" + what + "'";
    }
    std::string text = fmt::format("\n Performance counter stats for {}:\n\n", what);
    text += row(fmt::format("{:.2f}", milliseconds), range.all ? "msec cpu-clock" : "msec task-clock", fmt::format("{:>8.3f} CPUs utilized", seconds > 0 ? totals.cpuSeconds / seconds : 0));
    text += row(grouped(totals.switches), "context-switches", perSecond(totals.switches));
    text += row(grouped(std::floor(totals.switches * 0.02)), "cpu-migrations", perSecond(totals.switches * 0.02));
    text += row(grouped(totals.faults), "page-faults", perSecond(totals.faults));
    text += row(grouped(cycles), "cycles", fmt::format("{:>8.3f} GHz", kCyclesPerSecond / 1e9));
    text += row(grouped(totals.instructions), "instructions", fmt::format("{:>7.2f}  insn per cycle", cycles > 0 ? totals.instructions / cycles : 0));
    text += row(grouped(branches), "branches", perSecond(branches));
    text += row(grouped(branches * kMissShare), "branch-misses", fmt::format("{:>7.2f}% of all branches", kMissShare * 100));
    text += fmt::format("\n{:>18.9f} seconds time elapsed\n\n", seconds);
    if (ownCommand)
        text += fmt::format("{:>18.9f} seconds user\n{:>18.9f} seconds sys\n\n\n", 0.0, 0.0009);
    inv.err().write(text);
    return status;
}

} // namespace core::shell::profilers
