#pragma once

#include "sim/engine/ids.h"
#include "sim/programs/code.h"
#include "sim/programs/settings.h"

#include <set>

namespace sim::programs {

/// Counters of one code path since the program started. CPU is what the machine granted.
struct PathCounters {
    double calls = 0;
    double ownSeconds = 0;       ///< CPU in its leaf
    double allocatorSeconds = 0; ///< CPU in the allocator below it
    double lockSeconds = 0;      ///< CPU on the slow way of its lock: spinning, futex
    double waits = 0;            ///< calls that found the lock taken
    double delaySeconds = 0;     ///< what those waited, all together
    bool operator==(const PathCounters&) const = default;
};
BOOST_DESCRIBE_STRUCT(PathCounters, (), (calls, ownSeconds, allocatorSeconds, lockSeconds, waits, delaySeconds))

/// Counters of one Allocation of one path.
struct SiteCounters {
    double bytes = 0; ///< allocated since the start
    double objects = 0;
    double retainedBytes = 0; ///< of them never won back
    double retainedObjects = 0;
    bool operator==(const SiteCounters&) const = default;
};
BOOST_DESCRIBE_STRUCT(SiteCounters, (), (bytes, objects, retainedBytes, retainedObjects))

/// The collector's figures since the start; of a program without one only the heap's size.
struct Collector {
    double cycles = 0;        ///< Go: all; Java: young collections; Python: collections of the oldest generation
    double fullCycles = 0;    ///< Java
    double concurrent = 0;    ///< Java: pauses of concurrent cycles (two each)
    double pauseSeconds = 0;  ///< of `cycles`
    double fullSeconds = 0;
    double concurrentSeconds = 0;
    double cpuSeconds = 0;    ///< of all of it, granted
    double allocatedSince = 0; ///< bytes since the last cycle
    double committedBytes = 0; ///< of the heap, taken from the machine
    double garbageBytes = 0;   ///< unreachable and not collected: where no collector runs (GOGC=off)
    std::string lastCause = "No GC";
    bool operator==(const Collector&) const = default;
};
BOOST_DESCRIBE_STRUCT(Collector, (),
                      (cycles, fullCycles, concurrent, pauseSeconds, fullSeconds, concurrentSeconds, cpuSeconds, allocatedSince,
                       committedBytes, garbageBytes, lastCause))

/// Per second, from one tick to the next.
struct Rates {
    std::vector<PathCounters> paths;
    std::vector<SiteCounters> sites;
    std::vector<double> waiting; ///< of Code::waiting: new ones
    std::vector<double> opened;  ///< descriptors by path
    double cycles = 0, fullCycles = 0, concurrent = 0;
    double pauseSeconds = 0, fullSeconds = 0, concurrentSeconds = 0; ///< per second
    double collectorCpu = 0;
    double allocated = 0; ///< bytes
    double wanted = 0;    ///< cores
    double granted = 0;   ///< cores
    double idleWork = 0;  ///< cores of the runtime's own housekeeping (scheduler, timers, compilers), granted
    bool operator==(const Rates&) const = default;
};
BOOST_DESCRIBE_STRUCT(Rates, (),
                      (paths, sites, waiting, opened, cycles, fullCycles, concurrent, pauseSeconds, fullSeconds, concurrentSeconds,
                       collectorCpu, allocated, wanted, granted, idleWork))

/// Why a program ends by itself.
enum class Ending : std::uint8_t { None, HeapFull };

/// One process of a program and all that its profilers can ask for. Invariant: the CPU counters of all paths, of the
/// collector and of the housekeeping grow together by what the machine grants.
struct Running {
    HostId host;
    host::Pid pid = 0;
    std::shared_ptr<const Code> code;
    std::string version;
    std::set<std::string> variants; ///< those that its build or its files have
    Settings settings;
    double requestsPerSecond = 0;   ///< what users ask of it
    Instant started{};
    Instant settled{};              ///< the counters hold up to here
    std::vector<PathCounters> paths;
    std::vector<SiteCounters> sites; ///< path after path, in the order of their allocations
    std::vector<double> waiting;     ///< grown beyond Waiting::count
    std::vector<double> opened;      ///< descriptors that a path opened and nobody closed
    double idleSeconds = 0;          ///< CPU of the housekeeping
    Collector collector;
    Rates rates;
    double cyclesTold = 0;           ///< of the collector, in the journal
    double fullTold = 0, marksTold = 0; ///< of a JVM's full collections and marking cycles
    std::size_t descriptorsPlaced = 0; ///< entries of Process::openFiles that stand for `opened`
    bool heapFull = false;           ///< an allocation has failed
    std::int64_t complaints = 0;     ///< log lines about a limit that was hit

    bool has(const Scope& scope) const;
    bool active(const CodePath& path) const;
    /// What is reachable at `settled`, by allocation and altogether.
    double heldBytes(std::size_t path, std::size_t allocation) const;
    double liveBytes() const;
    double liveObjects() const;
    /// Resident in memory: code, stacks, the heap as its collector keeps it.
    double residentBytes() const;
    double waitingCount(std::size_t group) const;
    double descriptors() const;
    std::size_t siteOf(std::size_t path) const; ///< index of its first allocation in `sites`
    double cpuSeconds() const;                  ///< of everything, granted since the start
    /// The share of what its users ask for that gets done at the present rates: 1 while neither processors nor a lock are short.
    double servedShare() const;
    /// How busy the scarcest of them is; 1 and more when requests pile up.
    double utilisation() const;

    /// Counters as they will be (or were) at `now` at the present rates. Requires: now >= settled.
    Running at(Instant now) const;
    void advance(Instant now);
    void addTo(Fingerprint& f) const;
};

/// The program has just started. Requires: the version is one of the code's.
Running startOf(std::shared_ptr<const Code> code, const std::string& version, const std::map<std::string, std::string>& files,
                Settings settings, Instant now);

/// What it would use if the machine gave it everything: sets Rates::wanted and all rates for it.
void plan(Running& running);
/// Scales the plan to what the machine grants. Requires: plan() came before.
void grant(Running& running, double cores);

/// Cores that the collector needs to keep up, and its cycles, at an allocation rate (collector.cpp).
void planCollector(Running& running);
/// The heap has no room left for what it must hold.
Ending endingOf(const Running& running);

} // namespace sim::programs
