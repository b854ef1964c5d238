#pragma once

#include "sim/programs/running.h"
#include "sim/programs/tasks.h"

#include <optional>

namespace sim::programs {

/// CPU time of one stack, the runtime's own work included.
struct StackTime {
    Stack stack; ///< root first
    double seconds = 0;
};
/// Where the CPU time went between two looks at one program; of two different processes, since the later one's start. The
/// sum is what the machine granted meanwhile.
std::vector<StackTime> cpuBetween(const Running& before, const Running& after);

/// Samples of one stack at a frequency, for a flame graph: function names, root first.
struct StackSamples {
    std::vector<std::string> functions;
    std::int64_t samples = 0;
};
/// The same, rounded so that the whole number of samples is right too. Stacks without any are left out.
std::vector<StackSamples> stackSamples(const Running& before, const Running& after, double hertz = 100);

/// One kind of value of a profile: "cpu/nanoseconds".
struct ValueType {
    std::string name;
    std::string unit;
};
struct Sample {
    Stack stack; ///< root first
    std::vector<std::int64_t> values;
};
/// What net/http/pprof serves, before it is packed.
struct Profile {
    std::vector<ValueType> types;
    std::size_t defaultType = 0;
    std::vector<Sample> samples;
    ValueType period;
    std::int64_t periodValue = 1;
    Instant at{};
    Duration duration{};
    std::string file; ///< the program's path
};

Profile cpuProfile(const Running& before, const Running& after);
Profile heapProfile(const Running& running, bool allocations); ///< `allocations`: /allocs, since the start by default
Profile goroutineProfile(const Running& running);
Profile contentionProfile(const Running& running, bool block); ///< mutex: told by who holds it; block: by who waits
Profile threadProfile(const Running& running);

/// As `go tool pprof -raw` prints a profile; it is also what a saved profile holds in the lab, where the real tool packs
/// the same figures as protobuf.
std::string rawText(const Profile& profile);
std::optional<Profile> readRaw(const std::string& text);

/// Made-up but fixed address of a frame in its program: functions that are near in name are not near in place.
std::uint64_t addressOf(const Frame& frame);
/// The object that perf and gdb find a function in: "catalog-api", "libjvm.so", "libc.so.6", "perf-812.map", "[kernel.kallsyms]".
std::string objectOf(const Running& running, const Frame& frame);

} // namespace sim::programs
