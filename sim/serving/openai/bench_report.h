#pragma once

#include "sim/serving/request.h"

#include <optional>

namespace sim::serving::openai {

/// What `vllm bench serve` was told, as far as its report depends on it.
struct BenchFlags {
    std::optional<double> requestRate; ///< a second; nothing: inf
    std::optional<std::uint32_t> maxConcurrency;
    std::vector<std::string> metrics = {"ttft", "tpot", "itl"}; ///< --percentile-metrics; "e2el" too
    std::vector<double> percentiles = {99};                     ///< --metric-percentiles
    int minor = 32;                                             ///< of vLLM
};

/// The table at the end of `vllm bench serve`, from what came back. `seconds`: from the first request to the last answer. Gaps between
/// tokens are taken as even within a request, which completions do not tell more about: the percentiles of ITL are those of the means.
std::string benchReport(const std::vector<Completion>& completions, std::uint64_t failed, double seconds, const BenchFlags& flags);

} // namespace sim::serving::openai
