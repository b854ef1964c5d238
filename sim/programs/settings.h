#pragma once

#include "sim/programs/code.h"
#include "sim/host/machine.h"

#include <map>
#include <string>
#include <vector>

namespace sim::programs {

/// What a runtime reads at its start and never again: environment, arguments, the machine and the control group.
struct Settings {
    double gcPercent = 100;            ///< GOGC; below 0: off
    std::int64_t memoryLimitBytes = 0; ///< GOMEMLIMIT; 0: none
    std::int64_t processors = 1;       ///< GOMAXPROCS; of a JVM: ActiveProcessorCount
    bool traces = false;               ///< GODEBUG=gctrace=1; of a JVM: -Xlog:gc
    std::int64_t heapMaxBytes = 0;     ///< -Xmx
    std::int64_t heapInitialBytes = 0; ///< -Xms
    std::int64_t collectorThreads = 1; ///< ParallelGCThreads
    bool containerSupport = true;      ///< -XX:+UseContainerSupport
    bool exitsWhenFull = false;        ///< -XX:+ExitOnOutOfMemoryError
    bool dumpsWhenFull = false;        ///< -XX:+HeapDumpOnOutOfMemoryError
    std::vector<std::string> options;  ///< of the JVM, in the order given
    std::map<std::string, std::string> environment;
    bool has(const std::string& assignment) const; ///< "NAME=VALUE" is in the environment
    bool operator==(const Settings&) const = default;
};
BOOST_DESCRIBE_STRUCT(Settings, (),
                      (gcPercent, memoryLimitBytes, processors, traces, heapMaxBytes, heapInitialBytes, collectorThreads,
                       containerSupport, exitsWhenFull, dumpsWhenFull, options, environment))

/// The settings of a process that starts now.
Settings settingsOf(const Code& code, const host::Machine& machine, const host::Process& process);

/// The JVM that starts as this process: its options, and the heap that follows from them, the control group and the machine.
Settings settingsOfJvm(const host::Machine& machine, const host::Process& process);
/// What java of the image's JAVA_VERSION says, and does not start, to options that it does not know: the first releases of
/// Java 8 have no UseContainerSupport (it came with 8u191) and size everything from the machine. Empty: it starts.
std::vector<std::string> refusedByJvm(const std::map<std::string, std::string>& environment, const std::vector<std::string>& command);

/// memory.max of the process's control group and those above it, the smallest; 0: none.
std::int64_t memoryLimitOf(const host::Machine& machine, const std::string& cgroup);
/// "512m", "2g", "1073741824" (JVM); "400MiB" (Go). Nothing understood: 0.
std::int64_t sizeOf(const std::string& text);

} // namespace sim::programs
