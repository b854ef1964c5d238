#pragma once

#include "sim/host/machine.h"

namespace core::shell::node {

/// The machine's one disk, nvme0n1, as iostat -x shows it now.
struct DiskLoad {
    double readKilobytes = 0; ///< a second
    double reads = 0;         ///< requests a second
    double kilobytes = 0;     ///< written
    double writes = 0;
    double readMilliseconds = 0;
    double flushMilliseconds = 0;
    double utilisation = 0; ///< 0..1
    double writeMilliseconds() const { return flushMilliseconds * 0.6; }
    double queue() const { return reads * readMilliseconds / 1e3 + writes * writeMilliseconds() / 1e3; }
};
DiskLoad diskLoad(const sim::host::Machine& machine);

/// What /proc/diskstats has counted of that disk since the boot.
struct DiskTotals {
    std::int64_t reads = 0, readSectors = 0, readMilliseconds = 0;
    std::int64_t writes = 0, mergedWrites = 0, writtenSectors = 0, writeMilliseconds = 0;
    std::int64_t inProgress = 0, busyMilliseconds = 0;
    DiskTotals& operator+=(const DiskTotals& other);
};
DiskTotals diskTotals(const sim::host::Machine& machine, sim::Instant now);

// What a quiet machine writes (journal, etcd's or a kubelet's files).
inline constexpr double kQuietKilobytesPerSecond = 310;
inline constexpr double kReadRequestKilobytes = 128; ///< read-ahead's requests
inline constexpr const char* kDisk = "nvme0n1";

} // namespace core::shell::node
