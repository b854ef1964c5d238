#pragma once

#include "sim/serving/cost.h"
#include "sim/serving/kv_cache.h"

#include <optional>
#include <string_view>

namespace sim::serving {

/// Which server is meant: decides defaults, names and log lines.
enum class EngineKind : std::uint8_t { Vllm09, Vllm, TensorRtLlm, SgLang };

enum class SchedulingPolicy : std::uint8_t { Fcfs, Priority };

enum class Batching : std::uint8_t {
    Mixed,        ///< prompts' chunks and decoding in one step (vLLM V1)
    PrefillFirst, ///< steps of prompts alone, before any decoding (vLLM V0, SGLang)
    Static,       ///< a batch runs until its last answer ends; only then the next one is formed. Admits whole answers only
};

/// What must fit before a waiting request is admitted.
enum class AdmissionRule : std::uint8_t {
    FirstChunk,  ///< what this step computes
    WholePrompt, ///< vLLM's scheduler_reserve_full_isl
    WholeAnswer, ///< TensorRT-LLM's GUARANTEED_NO_EVICT: nothing is ever preempted
};

/// Seconds of the host that the device waits for, in every step.
struct HostCost {
    double asyncSeconds = 1.2e-3;     ///< between two steps when the next was scheduled ahead
    double syncSeconds = 2.5e-3;      ///< when it is scheduled after the last one's results
    double perSequenceSeconds = 2e-6; ///< inputs, block tables, results
    double perRankSeconds = 0.15e-3;  ///< for the second and each further rank: messages to workers
    bool operator==(const HostCost&) const = default;
    /// Of one step; `ahead`: it was scheduled while the one before ran.
    double seconds(bool ahead, double sequences, double ranks) const;
};
BOOST_DESCRIBE_STRUCT(HostCost, (), (asyncSeconds, syncSeconds, perSequenceSeconds, perRankSeconds))

struct EngineSettings {
    EngineKind kind = EngineKind::Vllm;
    Deployment deployment;
    double memoryUtilization = 0.92;
    std::optional<std::uint32_t> blocksOverride;       ///< --num-gpu-blocks-override
    std::optional<double> cacheBytes;                  ///< --kv-cache-memory-bytes
    std::uint32_t maxModelLen = 0;
    std::uint32_t maxNumSeqs = 256;
    std::uint32_t maxNumBatchedTokens = 2048;
    std::uint32_t longPrefillTokenThreshold = 0; ///< 0: none
    bool chunkedPrefill = true;
    bool asyncScheduling = true;
    SchedulingPolicy policy = SchedulingPolicy::Fcfs;
    Batching batching = Batching::Mixed;
    AdmissionRule admission = AdmissionRule::WholePrompt;
    double watermark = 0; ///< share of the blocks that admission leaves free while anything runs
    std::uint32_t maxQueuedRequests = 0; ///< waiting and running (vLLM's max_num_queued_reqs); waiting alone for SGLang. 0: no bound
    std::uint32_t blockSize = 16;
    bool prefixCaching = true;
    bool countGraphs = true; ///< CUDA graphs are left room for when the pool is sized (since vLLM 0.21)
    Eviction eviction = Eviction::Lru;
    Reservation reservation = Reservation::Paged;
    HostCost host;
    std::uint32_t recordedSteps = 0; ///< how many of the latest steps are kept with their lanes
    std::uint32_t recordedRequests = 0; ///< how many of the latest accepted requests are kept with their lengths
    bool operator==(const EngineSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(EngineSettings, (),
                      (kind, deployment, memoryUtilization, blocksOverride, cacheBytes, maxModelLen, maxNumSeqs, maxNumBatchedTokens,
                       longPrefillTokenThreshold, chunkedPrefill, asyncScheduling, policy, batching, admission, watermark, maxQueuedRequests,
                       blockSize, prefixCaching, countGraphs, eviction, reservation, host, recordedSteps, recordedRequests))

constexpr bool isVllm(EngineKind kind) { return kind == EngineKind::Vllm || kind == EngineKind::Vllm09; }
/// The newest minor version of vLLM that is known here.
inline constexpr int kNewestVllm = 32;
/// "0.19.1" -> 19. What is no such version ("nightly", "1.2") counts as the newest.
int vllmMinor(std::string_view version);
/// vLLM's defaults by its minor version (0.9 to 0.32), which decides what it does: README.md has the list.
EngineSettings vllmSettings(int minor, const Deployment& deployment);
/// The defaults of `kind` for this deployment: those of an API server, which depend on the GPU's memory.
EngineSettings defaultSettings(EngineKind kind, const Deployment& deployment);

} // namespace sim::serving
