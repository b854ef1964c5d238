#pragma once

#include "core/shell/commands/profilers/target.h"
#include "sim/programs/profile.h"

namespace core::shell::profilers {

/// The lab's servers (Xeon Platinum 8480+) run near 3 GHz under load.
inline constexpr double kCyclesPerSecond = 2.9e9;

/// Samples of one stack of one thread's program, as perf record keeps them.
struct PerfSample {
    std::string comm;
    sim::host::Pid pid = 0;
    std::vector<std::pair<std::string, std::string>> frames; ///< symbol and object, root first
    double seconds = 0;
};
/// CPU of a second look less that of a first, of one process or (pid 0) of the whole machine. Processes that no program of
/// the catalogue runs show what perf shows of a stripped binary: addresses.
struct PerfLook {
    std::vector<Target> targets;
    sim::Instant at{};
};
PerfLook lookNow(Invocation& inv, sim::host::Pid pid);
std::vector<PerfSample> samplesBetween(Invocation& inv, const PerfLook& before, const PerfLook& after);

int perfStat(Invocation& inv, const std::vector<std::string>& words);
int perfRecord(Invocation& inv, const std::vector<std::string>& words);
int perfReport(Invocation& inv, const std::vector<std::string>& words);
int perfScript(Invocation& inv, const std::vector<std::string>& words);
int perfTop(Invocation& inv, const std::vector<std::string>& words);

/// "-p PID ... -- sleep N" of a perf command.
struct PerfRange {
    sim::host::Pid pid = 0;
    bool all = false;
    double seconds = -1; ///< nothing said: -1
    double hertz = 4000;
    bool graph = false;
    std::string file = "perf.data";
    std::vector<std::string> events;
    std::vector<std::string> command;
    std::string problem;
};
PerfRange rangeOf(const std::vector<std::string>& words);
/// May a user other than root ask? Prints perf's words when not.
bool perfAllowed(Invocation& inv, const PerfRange& range);

} // namespace core::shell::profilers
