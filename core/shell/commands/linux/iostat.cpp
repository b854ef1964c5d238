// iostat of sysstat 12.6.1 and iotop 0.6: the machine's one disk, and who writes to it.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/disk_load.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

void printIostat(Invocation& inv, bool extended, double seconds)
{
    const sim::host::Machine& machine = machineOf(inv);
    const DiskLoad load = diskLoad(machine);
    if (inv.options.has("t"))
        inv.print(formatDate(inv.now(), "%m/%d/%y %H:%M:%S") + "\n");
    if (!inv.options.has("d")) {
        const CpuSplit cpu = cpuSplit(machine);
        inv.print("avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n");
        inv.print(fmt::format("        {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f}\n\n", cpu.user, cpu.nice, cpu.system, cpu.wait, 0.0, cpu.idle));
    }
    if (inv.options.has("c"))
        return;
    const bool mega = inv.options.has("m");
    const double unit = mega ? 1024 : 1;
    const bool idle = load.writes + load.reads <= 0;
    if (!extended) {
        inv.print(mega ? "Device             tps    MB_read/s    MB_wrtn/s    MB_dscd/s    MB_read    MB_wrtn    MB_dscd\n"
                       : "Device             tps    kB_read/s    kB_wrtn/s    kB_dscd/s    kB_read    kB_wrtn    kB_dscd\n");
        if (!inv.options.has("z") || !idle)
            inv.print(fmt::format("{:<14}{:8.2f} {:12.2f} {:12.2f} {:12.2f} {:10} {:10} {:10}\n", kDisk, load.writes + load.reads, load.readKilobytes / unit, load.kilobytes / unit, 0.0,
                                  static_cast<std::int64_t>(load.readKilobytes * seconds / unit), static_cast<std::int64_t>(load.kilobytes * seconds / unit), 0));
        inv.print("\n\n");
        return;
    }
    inv.print(mega ? "Device            r/s     rMB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wMB/s   wrqm/s  %wrqm w_await wareq-sz     "
                     "d/s     dMB/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util\n"
                   : "Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wkB/s   wrqm/s  %wrqm w_await wareq-sz     "
                     "d/s     dkB/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util\n");
    if (!inv.options.has("z") || !idle)
        inv.print(fmt::format("{:<14}{:7.2f} {:9.2f} {:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:9.2f} {:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:9.2f} "
                              "{:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:7.2f} {:7.2f} {:6.2f}\n",
                              kDisk, load.reads, load.readKilobytes / unit, 0.0, 0.0, load.readMilliseconds, load.reads > 0 ? kReadRequestKilobytes : 0.0, load.writes,
                              load.kilobytes / unit, 0.0, 0.0, load.writeMilliseconds(), load.kilobytes / load.writes, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.5,
                              load.flushMilliseconds, load.queue(), load.utilisation * 100));
    inv.print("\n\n");
}

int iostat(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::vector<std::int64_t> numbers;
    for (const std::string& word : inv.operands)
        if (const auto number = parseNumber(word)) {
            numbers.push_back(*number);
        } else if (!numbers.empty()) { // a device after the interval
            inv.err().write(sysstatUsage("iostat"));
            return 1;
        }
    if ((!numbers.empty() && numbers[0] < 1) || (numbers.size() > 1 && numbers[1] < 1)) {
        inv.err().write(sysstatUsage("iostat"));
        return 1;
    }
    noteHost(inv);
    inv.print(fmt::format("Linux {} ({}) \t{} \t_x86_64_\t({} CPU)\n\n", machine.kernel, machine.name, formatDate(inv.now(), "%m/%d/%y"), machine.cpus));
    const bool extended = inv.options.has("x");
    // The first report is about all the time since the boot; -y leaves it out.
    double seconds = sim::toSeconds(inv.now() - machine.booted);
    const bool skips = inv.options.has("y") && !numbers.empty();
    for (std::int64_t shown = skips ? 0 : 1;; ++shown) {
        if (shown > 0)
            printIostat(inv, extended, seconds);
        if (numbers.empty() || (numbers.size() > 1 && shown >= numbers[1]))
            return 0;
        seconds = static_cast<double>(numbers[0]);
        inv.sleep(std::chrono::seconds(numbers[0]));
    }
}

std::string rateText(double bytes)
{
    static constexpr const char* kUnits[] = {"B/s", "K/s", "M/s", "G/s"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.2f} {}", bytes, kUnits[unit]);
}

int iotop(Invocation& inv)
{
    if (!isRoot(inv))
        return inv.fail(1, "netlink: permission denied; run it as root (sudo iotop -b -n 1)");
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    const double scale = std::max(1.0, machine.diskDemand());
    std::vector<const sim::host::Process*> shown;
    double total = kQuietKilobytesPerSecond * 1024;
    for (const sim::host::Process* process : visibleProcesses(inv)) {
        const double rate = process->state == 'T' ? 0 : process->syncedBytesPerSecond / scale;
        total += rate;
        if (rate > 0 || (process->runs() && process->readBytesPerSecond > 0) || (!inv.options.has("only") && !process->kernelThread))
            shown.push_back(process);
    }
    std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->syncedBytesPerSecond > b->syncedBytesPerSecond; });
    inv.print(fmt::format("Total DISK READ:   {:>14} | Total DISK WRITE:   {:>14}\n", rateText(diskReadRate(machine)), rateText(total)));
    inv.print(fmt::format("Current DISK READ: {:>14} | Current DISK WRITE: {:>14}\n", rateText(diskReadRate(machine)), rateText(total)));
    inv.print("    TID  PRIO  USER     DISK READ  DISK WRITE  COMMAND\n");
    for (const sim::host::Process* process : shown) {
        std::string command;
        for (const std::string& word : process->command)
            command += (command.empty() ? "" : " ") + word;
        inv.print(fmt::format("{:>7} be/4 {:<8} {:>10} {:>11}  {}\n", process->pid, process->user.substr(0, 8), rateText(process->runs() ? process->readBytesPerSecond / scale : 0),
                              rateText(process->state == 'T' ? 0 : process->syncedBytesPerSecond / scale), command.empty() ? process->name : command));
    }
    return 0;
}

} // namespace

void addIostat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "iostat";
    spec.summary = "report CPU statistics and input/output statistics for devices and partitions";
    spec.usage = "iostat [ options ] [ <interval> [ <count> ] ]";
    spec.options = {{'x', "", "", "display extended statistics"}, {'d', "", "", "display the device utilization report"}, {'c', "", "", "display the CPU utilization report"},
                    {'z', "", "", "omit devices without activity"}, {'k', "", "", "kilobytes per second"}, {'m', "", "", "megabytes per second"}, {'t', "", "", "print the time of each report"}, {'N', "", "", "names of device mapper devices"},
                    {'p', "", "device", "statistics of partitions"}, {'y', "", "", "omit the first report"}};
    spec.run = iostat;
    table.add(spec);
    spec = {};
    spec.name = "iotop";
    spec.summary = "simple top-like I/O monitor";
    spec.usage = "iotop [OPTIONS]";
    spec.options = {{'o', "only", "", "only show processes or threads actually doing I/O"}, {'b', "batch", "", "non-interactive mode"},
                    {'n', "iter", "NUM", "number of iterations before ending"}, {'P', "processes", "", "only show processes, not all threads"}};
    spec.run = iotop;
    table.add(std::move(spec));
}

} // namespace core::shell::node
