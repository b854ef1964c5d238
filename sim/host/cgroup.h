#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::host {

struct Machine;

/// Limits and counters of one cgroup v2 directory; a directory without any needs no entry (see cgroupPaths()).
struct Cgroup {
    double cpuQuotaCores = 0;      ///< cpu.max over its period; 0: max
    std::int64_t cpuPeriodMicros = 100'000;
    std::int64_t cpuWeight = 100;  ///< cpu.weight, 1 .. 10000
    std::int64_t memoryMax = 0;    ///< bytes; 0: max
    std::int64_t memoryHigh = 0;   ///< bytes; 0: max
    std::int64_t pidsMax = 0;      ///< 0: max
    double throttledShare = 0;     ///< of its periods now in which the quota ran out
    double throttledSeconds = 0;   ///< of all its tasks, up to the machine's last RateChange
    double throttledPeriods = 0;
    double periods = 0;
    std::int64_t memoryPeak = 0;
    std::int64_t maxEvents = 0;    ///< memory.events: max
    std::int64_t oomKills = 0;     ///< memory.events: oom_kill
    std::int64_t forksRefused = 0; ///< pids.events: max
    bool operator==(const Cgroup&) const = default;
};
BOOST_DESCRIBE_STRUCT(Cgroup, (),
                      (cpuQuotaCores, cpuPeriodMicros, cpuWeight, memoryMax, memoryHigh, pidsMax, throttledShare,
                       throttledSeconds, throttledPeriods, periods, memoryPeak, maxEvents, oomKills, forksRefused))

/// Share of time in which some (or all) tasks wait for a resource, damped over 10, 60 and 300 s: /proc/pressure.
struct PressureAverage {
    double some10 = 0, some60 = 0, some300 = 0;
    double full10 = 0, full60 = 0, full300 = 0;
    double someSeconds = 0; ///< total
    double fullSeconds = 0;
    bool operator==(const PressureAverage&) const = default;
    PressureAverage after(double some, double full, double seconds) const;
};
BOOST_DESCRIBE_STRUCT(PressureAverage, (), (some10, some60, some300, full10, full60, full300, someSeconds, fullSeconds))
struct Pressure {
    PressureAverage cpu, memory, io;
    Instant at{};
    bool operator==(const Pressure&) const = default;
};
BOOST_DESCRIBE_STRUCT(Pressure, (), (cpu, memory, io, at))
/// Up to `now`, by what the machine's tasks wait for at present.
Pressure pressureAt(const Machine& machine, Instant now);

/// As the kernel prints it: two lines.
std::string pressureText(const PressureAverage& average);

/// Every directory below /sys/fs/cgroup, sorted: those of processes, their ancestors, and those with limits.
std::vector<std::string> cgroupPaths(const Machine& machine);
bool inCgroup(const std::string& cgroup, const std::string& ancestor);
/// Resident bytes of the processes at and below `path`.
std::int64_t cgroupMemoryBytes(const Machine& machine, const std::string& path);
std::int64_t cgroupTasks(const Machine& machine, const std::string& path);
/// CPU seconds up to now of the processes that live at and below `path`.
double cgroupCpuSeconds(const Machine& machine, const std::string& path, Instant now);

/// Files that every (non-root) directory has: "cpu.max", "memory.current", ...
const std::vector<std::string>& cgroupFiles();
/// Text of one of them; empty when there is no such file.
std::string cgroupFileText(const Machine& machine, const std::string& path, const std::string& file, Instant now);
/// Writes cpu.max, cpu.weight, memory.max, memory.high or pids.max in the kernel's syntax. False: EINVAL.
/// Requires: a RateChange is held, for the processors are shared by it.
bool setCgroupLimit(Machine& machine, const std::string& path, const std::string& file, const std::string& text);

} // namespace sim::host
