#pragma once

#include "sim/serving/settings.h"

#include "sim/engine/result.h"

namespace sim::serving {

/// What one GPU's memory goes to when an engine starts, bytes.
struct MemoryPlan {
    double total = 0;       ///< of the device
    double requested = 0;   ///< total * memoryUtilization
    double weights = 0;
    double activations = 0; ///< peak of the profiling run
    double framework = 0;   ///< CUDA libraries' workspaces and the collective library's buffers
    double graphs = 0;      ///< captured CUDA graphs
    double graphsCounted = 0; ///< what of them the plan leaves room for: nothing before vLLM 0.21
    double available = 0;   ///< for keys and values; may be negative
    double blockBytes = 0;  ///< of one block: its tokens in one group's layers
    std::uint32_t blocks = 0;
    bool operator==(const MemoryPlan&) const = default;

    double used() const { return weights + activations + framework + graphs + blockBytes * blocks; }
};
BOOST_DESCRIBE_STRUCT(MemoryPlan, (),
                      (total, requested, weights, activations, framework, graphs, graphsCounted, available, blockBytes, blocks))

/// Groups of layers of equal size and kind that share the pool's blocks.
struct LayerGroups {
    std::uint32_t layers = 0; ///< of each
    std::uint32_t full = 1;
    std::uint32_t sliding = 0;
    std::uint32_t count() const { return full + sliding; }
};
LayerGroups layerGroups(const ModelShape& model);

/// How many CUDA graphs a start captures; 0: none.
double capturedGraphs(const EngineSettings& settings);

MemoryPlan planMemory(const EngineSettings& settings);
/// What such a server gives to its cache unless it is told how much: by the rule of its kind. May be negative.
double poolBytes(const EngineSettings& settings);
/// The pool that the plan leaves room for.
CacheSettings cacheSettings(const EngineSettings& settings, const MemoryPlan& plan);

/// Bytes of keys and values of one sequence of this length on one rank.
double sequenceBytes(const EngineSettings& settings, std::uint32_t tokens);
/// The longest sequence that fits into `bytes`, as vLLM estimates it: a multiple of the block size; 0: none does.
std::uint32_t longestSequence(const EngineSettings& settings, double bytes);

/// Why the engine cannot start, as vLLM or torch prints it: what fails first, with `usedByOthers` bytes of the device taken. Empty: it can.
std::string startError(const EngineSettings& settings, const MemoryPlan& plan, double usedByOthers = 0);
// The single messages, from figures.
std::string noBlocksError();
std::string tooLongError(std::uint32_t maxModelLen, double neededBytes, double availableBytes, std::uint32_t longest);
std::string deviceBusyError(double freeBytes, double totalBytes, double utilization);

/// How many sequences of the longest kind the cache holds at once.
double maximumConcurrency(const EngineSettings& settings, const MemoryPlan& plan);
/// "GPU KV cache size: 41,408 tokens, Maximum concurrency ...": one line, or two before the texts were joined.
std::vector<std::string> cacheSizeLines(EngineKind kind, std::uint64_t tokens, std::uint32_t maxModelLen, double concurrency);
std::string availableMemoryLine(double bytes);

} // namespace sim::serving
