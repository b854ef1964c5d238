// iostat of sysstat 12.6.1 and iotop 0.6: the machine's one disk, and who writes to it.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

// As disk.cpp of sim/host takes it; and what a quiet machine writes (journal, etcd's or a kubelet's files).
constexpr double kDiskKilobytesPerSecond = 1.4e6;
constexpr double kQuietKilobytesPerSecond = 310;
constexpr double kQuietWritesPerSecond = 42;
constexpr double kStreamedKilobytes = 512; // a request of a large sequential write
constexpr const char* kDisk = "nvme0n1";

struct DiskLoad {
    double kilobytes = 0;   ///< a second
    double writes = 0;      ///< requests a second
    double flushMilliseconds = 0;
    double utilisation = 0; ///< 0..1
};

DiskLoad loadOf(const sim::host::Machine& machine)
{
    const double demand = machine.diskDemand();
    const double streamed = std::min(demand, 1.0) * kDiskKilobytesPerSecond;
    DiskLoad load;
    load.kilobytes = kQuietKilobytesPerSecond + streamed;
    load.writes = kQuietWritesPerSecond + streamed / kStreamedKilobytes;
    // What a control group holds back has not reached the device yet.
    load.flushMilliseconds = sim::toSeconds(machine.syncLatency({})) * 1e3;
    load.utilisation = std::min(1.0, 0.004 + demand);
    return load;
}

void printIostat(Invocation& inv, bool extended)
{
    const sim::host::Machine& machine = machineOf(inv);
    const DiskLoad load = loadOf(machine);
    const double user = 100 * machine.cpuCoresUsed() / static_cast<double>(machine.cpus);
    const double waiting = load.utilisation > 0.9 ? std::min(60.0, 90 - user) : 0.1;
    inv.print("avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n");
    inv.print(fmt::format("        {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f}\n\n", user * 0.75, 0.0, user * 0.25, waiting, 0.0,
                          std::max(0.0, 100 - user - waiting)));
    if (!extended) {
        inv.print("Device             tps    kB_read/s    kB_wrtn/s    kB_dscd/s    kB_read    kB_wrtn    kB_dscd\n");
        inv.print(fmt::format("{:<14}{:8.2f} {:12.2f} {:12.2f} {:12.2f} {:10} {:10} {:10}\n\n", kDisk, load.writes, 0.0, load.kilobytes, 0.0, 0,
                              static_cast<std::int64_t>(load.kilobytes), 0));
        return;
    }
    inv.print("Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wkB/s   wrqm/s  %wrqm w_await wareq-sz     "
              "d/s     dkB/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util\n");
    inv.print(fmt::format("{:<14}{:7.2f} {:9.2f} {:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:9.2f} {:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:9.2f} "
                          "{:8.2f} {:6.2f} {:7.2f} {:8.2f} {:7.2f} {:7.2f} {:7.2f} {:6.2f}\n\n",
                          kDisk, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, load.writes, load.kilobytes, 0.0, 0.0, load.flushMilliseconds * 0.6,
                          load.kilobytes / load.writes, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.5, load.flushMilliseconds,
                          load.writes * load.flushMilliseconds * 0.6 / 1e3, load.utilisation * 100));
}

int iostat(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    noteHost(inv);
    std::vector<std::int64_t> numbers;
    for (const std::string& word : inv.operands)
        if (const auto number = parseNumber(word))
            numbers.push_back(*number);
    inv.print(fmt::format("Linux {} ({}) \t{} \t_x86_64_\t({} CPU)\n\n", machine.kernel, machine.name, formatDate(inv.now(), "%m/%d/%Y"), machine.cpus));
    const bool extended = inv.options.has("x");
    for (std::int64_t shown = 1;; ++shown) {
        printIostat(inv, extended);
        if (numbers.empty() || (numbers.size() > 1 && shown >= numbers[1]))
            return 0;
        inv.sleep(std::chrono::seconds(std::max<std::int64_t>(1, numbers[0])));
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
        if (rate > 0 || (!inv.options.has("only") && !process->kernelThread))
            shown.push_back(process);
    }
    std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->syncedBytesPerSecond > b->syncedBytesPerSecond; });
    inv.print(fmt::format("Total DISK READ:   {:>14} | Total DISK WRITE:   {:>14}\n", rateText(0), rateText(total)));
    inv.print(fmt::format("Current DISK READ: {:>14} | Current DISK WRITE: {:>14}\n", rateText(0), rateText(total)));
    inv.print("    TID  PRIO  USER     DISK READ  DISK WRITE  COMMAND\n");
    for (const sim::host::Process* process : shown) {
        std::string command;
        for (const std::string& word : process->command)
            command += (command.empty() ? "" : " ") + word;
        inv.print(fmt::format("{:>7} be/4 {:<8} {:>10} {:>11}  {}\n", process->pid, process->user.substr(0, 8), rateText(0),
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
    spec.options = {{'x', "", "", "display extended statistics"}, {'d', "", "", "display the device utilization report"},
                    {'z', "", "", "omit devices without activity"}, {'k', "", "", "kilobytes per second"}, {'y', "", "", "omit the first report"}};
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
