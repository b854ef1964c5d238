#include "core/shell/commands/linux/disk_load.h"

#include "core/shell/commands/linux/cpu_split.h"
#include "sim/host/disk.h"

#include <algorithm>

namespace core::shell::node {

namespace {

constexpr double kQuietWritesPerSecond = 42;
constexpr double kStreamedKilobytes = 512; // a request of a large sequential write
constexpr double kBootReadBytes = 600.0 * 1024 * 1024; // what a boot leaves in the page cache (sim/host/boot.cpp)
constexpr double kQuietReadMilliseconds = 0.09;
constexpr double kQuietWriteMilliseconds = 0.4;
constexpr double kQuietFlushMilliseconds = 1.2; // sim/host/disk.cpp
constexpr double kSectorBytes = 512;

/// What a request waits in the device at most: whoever waits longer for a flush stands before it, behind the pages that are not
/// written yet. A full queue of writes is nr_requests (1023) of them at the disk's 1.4 GB/s.
double longestInDevice(const sim::host::Machine& machine, double demand)
{
    constexpr double kFullQueueMilliseconds = 1e3 * 1023 * kStreamedKilobytes * 1024 / 1.4e9;
    double writes = 0;
    for (const auto& [pid, process] : machine.processes)
        writes += process.readBytesPerSecond > 0 ? 0 : sim::host::diskDemandOf(process);
    return kQuietFlushMilliseconds / (1 - std::min(demand, 0.97)) + kFullQueueMilliseconds * std::clamp(writes - 0.95, 0.0, 1.0);
}

} // namespace

DiskLoad diskLoad(const sim::host::Machine& machine)
{
    const double demand = machine.diskDemand();
    DiskLoad load;
    load.readKilobytes = diskReadRate(machine) / 1024;
    load.reads = load.readKilobytes / kReadRequestKilobytes;
    load.kilobytes = diskWriteRate(machine) / 1024;
    load.writes = kQuietWritesPerSecond + std::max(0.0, load.kilobytes - kQuietKilobytesPerSecond) / kStreamedKilobytes;
    // What a control group holds back has not reached the device yet.
    load.flushMilliseconds = std::min(sim::toSeconds(machine.syncLatency({})) * 1e3, longestInDevice(machine, demand));
    load.readMilliseconds = load.reads > 0 ? kQuietReadMilliseconds / (1 - std::min(demand, 0.97)) : 0;
    load.utilisation = std::min(1.0, 0.004 + demand);
    return load;
}

DiskTotals& DiskTotals::operator+=(const DiskTotals& other)
{
    reads += other.reads;
    readSectors += other.readSectors;
    readMilliseconds += other.readMilliseconds;
    writes += other.writes;
    mergedWrites += other.mergedWrites;
    writtenSectors += other.writtenSectors;
    writeMilliseconds += other.writeMilliseconds;
    inProgress += other.inProgress;
    busyMilliseconds += other.busyMilliseconds;
    return *this;
}

DiskTotals diskTotals(const sim::host::Machine& machine, sim::Instant now)
{
    const double up = std::max(0.0, sim::toSeconds(now - machine.booted));
    const double read = kBootReadBytes + machine.totals.readBytes;
    const double quiet = kQuietKilobytesPerSecond * 1024 * up;
    const double waited = 1e3 * machine.totals.waitSeconds; // tasks stood in the queue meanwhile
    const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
    DiskTotals t;
    t.reads = whole(read / (kReadRequestKilobytes * 1024));
    t.readSectors = whole(read / kSectorBytes);
    t.writes = whole(kQuietWritesPerSecond * up + machine.totals.writtenBytes / (kStreamedKilobytes * 1024));
    t.mergedWrites = t.writes / 3; // the journal's blocks lie side by side
    t.writtenSectors = whole((quiet + machine.totals.writtenBytes) / kSectorBytes);
    t.readMilliseconds = whole(static_cast<double>(t.reads) * kQuietReadMilliseconds);
    t.writeMilliseconds = whole(static_cast<double>(t.writes) * kQuietWriteMilliseconds + waited);
    t.inProgress = whole(diskLoad(machine).queue());
    t.busyMilliseconds = whole(0.004 * 1e3 * up + waited);
    return t;
}

} // namespace core::shell::node
