#pragma once

#include "sim/serving/engine.h"

namespace sim::serving {

/// What the line of statistics is made of: an interval's tokens and how things stand at its end.
struct StatsInterval {
    double seconds = 10;
    std::uint64_t promptTokens = 0;
    std::uint64_t generationTokens = 0;
    std::uint64_t preemptions = 0;
    EngineState state;
};

/// vLLM's line of every ten seconds, without its prefix: "Engine 000: Avg prompt throughput: ...".
std::string statsLine(EngineKind kind, int engine, const StatsInterval& interval);
/// What differs between two readings of an engine's counters.
StatsInterval intervalBetween(const Counters& before, const LlmEngine& engine, double seconds);

/// How long the phases of a start take, seconds.
struct StartTimes {
    double weights = 0; ///< reading and copying them
    double compile = 0;
    double capture = 0; ///< of CUDA graphs
    double total() const { return weights + compile + capture; }
};
/// `loadBytesPerSecond`: what the storage of the weights gives.
StartTimes startTimes(const EngineSettings& settings, const MemoryPlan& plan, double loadBytesPerSecond);

/// The INFO lines of a start that succeeds, without prefixes, in order.
std::vector<std::string> startLines(const EngineSettings& settings, const MemoryPlan& plan, const StartTimes& times);
/// The warning that V0 printed at each preemption, without its prefix. V1 prints nothing.
std::string preemptionWarning(std::uint64_t group, std::uint64_t cumulative);
/// After a minute without a message between the ranks.
std::string broadcastTimeoutLine(EngineKind kind);
std::string watchdogLine(int rank, std::uint64_t sequence, std::uint64_t elements, std::int64_t milliseconds);
std::string engineDeadLine();

} // namespace sim::serving
