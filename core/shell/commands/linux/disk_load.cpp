#include "core/shell/commands/linux/disk_load.h"

#include "core/shell/commands/linux/cpu_split.h"

#include <algorithm>

namespace core::shell::node {

namespace {

constexpr double kQuietWritesPerSecond = 42;
constexpr double kStreamedKilobytes = 512; // a request of a large sequential write

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
    load.flushMilliseconds = sim::toSeconds(machine.syncLatency({})) * 1e3;
    load.readMilliseconds = load.reads > 0 ? 0.09 / (1 - std::min(demand, 0.97)) : 0;
    load.utilisation = std::min(1.0, 0.004 + demand);
    return load;
}

} // namespace core::shell::node
