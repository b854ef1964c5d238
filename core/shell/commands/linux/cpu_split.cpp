#include "core/shell/commands/linux/cpu_split.h"

#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::node {

namespace {

constexpr double kQuietWriteBytes = 310 * 1024; // journal, a kubelet's or etcd's files
constexpr double kTicksPerBusyCore = 250;       // CONFIG_HZ of Debian's kernel; idle cores are tickless
constexpr double kQuietInterrupts = 350;

} // namespace

CpuSplit cpuSplit(const sim::host::Machine& machine)
{
    const double whole = static_cast<double>(std::max<std::int64_t>(1, machine.cpus));
    CpuSplit split;
    for (const auto& [pid, p] : machine.processes) {
        if (!p.runs())
            continue;
        const double share = 100 * p.cpuGranted / whole;
        split.system += share * p.systemShare;
        (p.nice > 0 ? split.nice : split.user) += share * (1 - p.systemShare);
    }
    const double left = std::max(0.0, 100 - split.user - split.nice - split.system);
    split.wait = std::min(left, 100 * machine.tasksWaitingForDisk() / whole);
    split.idle = left - split.wait;
    return split;
}

TaskCounts taskCounts(const sim::host::Machine& machine)
{
    double runnable = 0;
    for (const auto& [pid, p] : machine.processes)
        if (p.runs() && p.state != 'D')
            runnable += p.cpuCores;
    return {static_cast<std::int64_t>(std::lround(runnable)), static_cast<std::int64_t>(std::lround(machine.tasksWaitingForDisk()))};
}

double switchesPerSecond(const sim::host::Machine& machine)
{
    double rate = 2 * kQuietInterrupts;
    for (const auto& [pid, p] : machine.processes)
        if (p.runs())
            rate += p.switchesPerSecond + p.cpuGranted * (p.cpuGranted + 1e-9 < p.cpuCores ? 90 : 16);
    return rate + diskReadRate(machine) / 131'072 + diskWriteRate(machine) / 262'144;
}

double interruptsPerSecond(const sim::host::Machine& machine)
{
    return kQuietInterrupts + kTicksPerBusyCore * machine.cpuCoresUsed() + diskReadRate(machine) / 131'072 + diskWriteRate(machine) / 262'144;
}

double diskReadRate(const sim::host::Machine& machine)
{
    double rate = 0;
    for (const auto& [pid, p] : machine.processes)
        rate += p.runs() ? p.readBytesPerSecond : 0;
    return rate / std::max(1.0, machine.diskDemand());
}

double diskWriteRate(const sim::host::Machine& machine)
{
    double rate = 0;
    for (const auto& [pid, p] : machine.processes)
        rate += p.runs() ? p.syncedBytesPerSecond : 0;
    return kQuietWriteBytes + rate / std::max(1.0, machine.diskDemand());
}

std::string sysstatBanner(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    return fmt::format("Linux {} ({}) \t{} \t_x86_64_\t({} CPU)\n\n", machine.kernel, machine.name, formatDate(inv.now(), "%m/%d/%y"), machine.cpus);
}

} // namespace core::shell::node
