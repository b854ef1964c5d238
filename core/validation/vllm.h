#pragma once

#include "core/validation/figure.h"
#include "sim/serving/engine.h"

#include <string_view>
#include <vector>

namespace core::validation {

/// One request of a measured run: instants in seconds since the first one was queued.
struct MeasuredRequest {
    std::uint32_t promptTokens = 0;
    std::uint32_t answerTokens = 0;
    double arrival = 0; ///< by the client's clock, since its first
    double queued = 0;
    double firstToken = 0;
    double lastToken = 0;
    std::string where; ///< "RUN/requests.jsonl:12", for errors
};

/// A second of the run, as the server's log told it.
struct MeasuredSecond {
    double second = 0;
    double running = 0;
    double waiting = 0;
};

/// A run of a real vLLM server: what it was given and what it did.
struct VllmRun {
    std::string name;
    sim::serving::EngineSettings settings;
    std::vector<MeasuredRequest> requests; ///< by arrival
    /// The prompts are turns of conversations (ShareGPT), whose later turns begin with earlier ones. Which do is not told, so
    /// simulate() assumes as many as the token ids of the data sets show: README.md.
    bool conversations = false;
    std::vector<MeasuredSecond> seconds;
};

/// The files of a run's folder (see the README of the folder of runs).
struct VllmFiles {
    std::string config;     ///< config.json: the hardware
    std::string meta;       ///< meta.json: the engine's arguments
    std::string requests;   ///< requests.jsonl
    std::string timeseries; ///< timeseries.csv; may be empty
};
/// Every figure is bounded; an error tells file, line, member and remedy.
sim::Result<VllmRun> readVllmRun(const std::string& name, const VllmFiles& files);

struct VllmComparison {
    std::vector<Figure> figures; ///< RUN/tpot_mean, RUN/ttft_p99, ...; milliseconds, tokens/s and counts
    std::vector<MeasuredSecond> simulatedSeconds;
    sim::serving::MemoryPlan memory;
    std::uint64_t preemptions = 0;
};
/// Replays the run's requests through the engine.
sim::Result<VllmComparison> simulate(const VllmRun& run);

} // namespace core::validation
