// How the kernel shares processors among those who want them: CFS' group scheduling as a steady state. Every group gets
// its weight's share of what its parent has, at most its quota and at most what its tasks want; what one leaves over
// goes to the others (max-min fair). The counters are integrals of these rates.
#include "sim/host/disk.h"
#include "sim/host/machine.h"

#include <algorithm>
#include <cmath>

namespace sim::host {

namespace {

/// A directory of the cgroup tree, while it is shared.
struct Group {
    double weight = 100;
    double quota = 0; ///< cores; 0: none
    double demand = 0;
    std::map<std::string, Group> children;
    std::vector<Process*> processes;
};

/// CFS gives a task that sits beside groups the weight of a group of 100 (nice 0).
constexpr double kTaskWeight = 100;

/// sched_prio_to_weight of kernel/sched/core.c, from nice -20 to 19: a step is a tenth of a processor between two.
constexpr double kNiceWeights[] = {88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
                                   3906,  3121,  2501,  1991,  1586,  1277,  1024,  820,   655,   526,   423,  335,  272,  215,
                                   172,   137,   110,   87,    70,    56,    45,    36,    29,    23,    18,   15};

double weightOf(const Process& process)
{
    return kTaskWeight * kNiceWeights[std::clamp<std::int64_t>(process.nice, -20, 19) + 20] / kNiceWeights[20];
}

bool wantsProcessor(const Process& process)
{
    return process.runs() && process.cpuCores > 0;
}

Group& groupOf(Group& root, const std::string& path)
{
    Group* group = &root;
    for (std::size_t begin = 1; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        group = &group->children[path.substr(begin, end - begin)];
        begin = end + 1;
    }
    return *group;
}

/// Sums demands up the tree; a quota bounds what a group can ask of its parent.
double sumDemand(Group& group)
{
    group.demand = 0;
    for (const Process* process : group.processes)
        group.demand += process->cpuCores;
    for (auto& [name, child] : group.children)
        group.demand += sumDemand(child);
    return group.quota > 0 ? std::min(group.demand, group.quota) : group.demand;
}

/// One who takes part: how much it wants, its weight, and what it got.
struct Share {
    double wants = 0;
    double weight = kTaskWeight;
    double gets = 0;
};

/// Progressive filling by weight.
void fill(std::vector<Share>& shares, double capacity)
{
    std::vector<Share*> open;
    for (Share& share : shares)
        if (share.wants > 0)
            open.push_back(&share);
    while (!open.empty() && capacity > 1e-9) {
        double weights = 0;
        for (const Share* share : open)
            weights += share->weight;
        const double perWeight = capacity / weights;
        const auto full = std::partition(open.begin(), open.end(), [&](const Share* share) {
            return share->wants - share->gets > perWeight * share->weight + 1e-12;
        });
        if (full == open.end()) {
            for (Share* share : open)
                share->gets += perWeight * share->weight;
            return;
        }
        for (auto i = full; i != open.end(); ++i) {
            capacity -= (*i)->wants - (*i)->gets;
            (*i)->gets = (*i)->wants;
        }
        open.erase(full, open.end());
    }
}

void share(Group& group, double capacity)
{
    if (group.quota > 0)
        capacity = std::min(capacity, group.quota);
    std::vector<Share> shares;
    for (const Process* process : group.processes)
        shares.push_back({process->cpuCores, weightOf(*process)});
    for (auto& [name, child] : group.children)
        shares.push_back({child.quota > 0 ? std::min(child.demand, child.quota) : child.demand, child.weight});
    fill(shares, capacity);
    std::size_t next = 0;
    for (Process* process : group.processes)
        process->cpuGranted = shares[next++].gets;
    for (auto& [name, child] : group.children)
        share(child, shares[next++].gets);
}

/// Time in which a process waits for the disk, on average: all of it where the disk is saturated.
double waitsForDisk(const Process& process, double machineDemand, double ownDemand)
{
    if (process.state == 'D')
        return 1;
    return !process.runs() || ownDemand <= 0 ? 0 : machineDemand >= 1 ? 1 : std::min(1.0, ownDemand);
}

void settle(Machine& machine, Instant now)
{
    const double seconds = std::max(0.0, toSeconds(now - machine.load.at));
    if (seconds <= 0)
        return;
    const LoadAverage load = machine.loadAverage(now);
    machine.pressure = pressureAt(machine, now);
    const double demand = machine.diskDemand();
    const double io = demand > 1 ? 1 / demand : 1;
    const double idle = std::max(0.0, static_cast<double>(machine.cpus) - machine.cpuCoresUsed());
    machine.totals.waitSeconds += std::min(idle, machine.tasksWaitingForDisk()) * seconds;
    machine.load = load;
    for (auto& [pid, process] : machine.processes) {
        const double since = std::max(0.0, toSeconds(now - process.cpuSince));
        process.cpuSince = now;
        if (!process.runs())
            continue;
        const double used = process.cpuGranted * since;
        process.cpuSeconds += used;
        process.systemSeconds += used * process.systemShare;
        machine.totals.userSeconds += used * (1 - process.systemShare);
        machine.totals.systemSeconds += used * process.systemShare;
        process.readBytes += process.readBytesPerSecond * io * since;
        process.writtenBytes += process.syncedBytesPerSecond * io * since;
        machine.totals.readBytes += process.readBytesPerSecond * io * since;
        machine.totals.writtenBytes += process.syncedBytesPerSecond * io * since;
    }
    for (auto& [path, group] : machine.cgroups) {
        if (group.cpuQuotaCores <= 0)
            continue;
        double wanted = 0, granted = 0;
        for (const auto& [pid, process] : machine.processes)
            if (wantsProcessor(process) && inCgroup(process.cgroup, path)) {
                wanted += process.cpuCores;
                granted += process.cpuGranted;
            }
        const double periods = seconds * 1e6 / static_cast<double>(group.cpuPeriodMicros);
        if (wanted > 0)
            group.periods += periods;
        group.throttledPeriods += periods * group.throttledShare;
        group.throttledSeconds += std::max(0.0, wanted - granted) * group.throttledShare * seconds;
    }
}

} // namespace

double Process::cpuSecondsAt(Instant now) const
{
    return cpuSeconds + (runs() ? cpuGranted * std::max(0.0, toSeconds(now - cpuSince)) : 0.0);
}

RateChange::RateChange(Machine& machine, Instant now)
    : m_machine(machine)
{
    settle(machine, now);
}

RateChange::~RateChange()
{
    shareProcessors(m_machine);
}

void shareProcessors(Machine& machine)
{
    double wanted = 0;
    for (auto& [pid, process] : machine.processes) {
        process.cpuGranted = wantsProcessor(process) ? process.cpuCores : 0;
        wanted += process.cpuGranted;
    }
    const bool quotas = std::any_of(machine.cgroups.begin(), machine.cgroups.end(),
                                    [](const auto& entry) { return entry.second.cpuQuotaCores > 0; });
    if (wanted <= static_cast<double>(machine.cpus) && !quotas)
        return;
    Group root;
    for (const auto& [path, group] : machine.cgroups) {
        Group& own = groupOf(root, path);
        own.weight = static_cast<double>(group.cpuWeight);
        own.quota = group.cpuQuotaCores;
    }
    for (auto& [pid, process] : machine.processes)
        if (wantsProcessor(process))
            groupOf(root, process.cgroup).processes.push_back(&process);
    sumDemand(root);
    share(root, static_cast<double>(machine.cpus));
    for (auto& [path, group] : machine.cgroups) {
        const Group& own = groupOf(root, path);
        // Demand is a mean over a period: near the quota some periods run out and others do not.
        const double ratio = group.cpuQuotaCores > 0 ? own.demand / group.cpuQuotaCores : 0;
        group.throttledShare = std::clamp((ratio - 0.8) / 0.2, 0.0, 1.0);
    }
}

double Machine::cpuCoresUsed() const
{
    double cores = 0;
    for (const auto& [pid, process] : processes)
        if (process.runs())
            cores += process.cpuGranted;
    return std::min(cores, static_cast<double>(cpus));
}

double Machine::tasksWaitingForDisk() const
{
    const double demand = diskDemand();
    double waiting = 0;
    for (const auto& [pid, process] : processes)
        waiting += waitsForDisk(process, demand, diskDemandOf(process));
    return waiting;
}

LoadAverage LoadAverage::after(double runnable, Instant now) const
{
    const double seconds = std::max(0.0, toSeconds(now - at));
    const auto damp = [&](double value, double period) {
        return runnable + (value - runnable) * std::exp(-seconds / period);
    };
    return {damp(one, 60), damp(five, 300), damp(fifteen, 900), now};
}

double Machine::activeTasks() const
{
    // Runnable tasks, whether they have a processor or not, and those in uninterruptible sleep, which Linux counts too.
    double active = tasksWaitingForDisk();
    for (const auto& [pid, process] : processes)
        if (process.runs() && process.state != 'D')
            active += process.cpuCores;
    return active;
}

std::int64_t Machine::runningTasks() const
{
    double running = 0.5; // to the nearest
    for (const auto& [pid, process] : processes)
        if (process.runs() && process.state != 'D')
            running += process.cpuCores;
    return 1 + static_cast<std::int64_t>(running); // whoever asks runs too
}

LoadAverage Machine::loadAverage(Instant now) const
{
    return load.after(activeTasks(), now);
}

PressureAverage PressureAverage::after(double some, double full, double seconds) const
{
    const auto damp = [&](double value, double target, double period) {
        return target + (value - target) * std::exp(-seconds / period);
    };
    return {damp(some10, some, 10), damp(some60, some, 60), damp(some300, some, 300),
            damp(full10, full, 10), damp(full60, full, 60), damp(full300, full, 300),
            someSeconds + some * seconds, fullSeconds + full * seconds};
}

Pressure pressureAt(const Machine& machine, Instant now)
{
    const double seconds = std::max(0.0, toSeconds(now - machine.pressure.at));
    double wanted = 0, granted = 0;
    for (const auto& [pid, process] : machine.processes)
        if (wantsProcessor(process)) {
            wanted += process.cpuCores;
            granted += process.cpuGranted;
        }
    const double cpu = wanted > 0 ? std::clamp((wanted - granted) / wanted, 0.0, 1.0) : 0;
    const double waiting = machine.tasksWaitingForDisk();
    const double io = std::min(1.0, waiting);
    // Nothing gets on with its work where all that is not idle waits.
    const double ioFull = waiting > 0 ? io * waiting / (waiting + granted) : 0;
    const double memory = machine.starvedOfMemory() ? 0.6 : machine.swapUsedBytes() > 0 ? 0.15 : 0;
    Pressure after = machine.pressure;
    after.cpu = after.cpu.after(cpu, 0, seconds);
    after.io = after.io.after(io, ioFull, seconds);
    after.memory = after.memory.after(memory, memory * 0.8, seconds);
    after.at = now;
    return after;
}

} // namespace sim::host
