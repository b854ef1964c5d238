#pragma once

#include "sim/serving/arguments.h"

namespace sim::serving {

/// A line without interpreter or shell: the words behind "vllm serve", "api_server", "trtllm-serve" or "sglang.launch_server".
struct EngineLine {
    std::vector<std::string> words;
    const ServerLine* from = nullptr; ///< environment and files
    bool asModule = false;            ///< python3 -m vllm.entrypoints.openai.api_server
};

using ArgumentsOrError = std::variant<ServerArguments, ArgumentError>;

ArgumentsOrError vllmArguments(const EngineLine& line, const std::string& version, const Device& gpu, std::int64_t gpus);
ArgumentsOrError tensorRtArguments(const EngineLine& line, const std::string& version, const Device& gpu, std::int64_t gpus);
ArgumentsOrError sgLangArguments(const EngineLine& line, const std::string& version, const Device& gpu, std::int64_t gpus);

// What transformers prints of a model that is neither mounted nor reachable: the lab has no Hub.
std::vector<std::string> unreachableModelLines();

/// A size that a server takes for at least one.
std::uint32_t atLeastOne(std::int64_t value);
/// Ranks of tensor and pipeline parallelism together. 0: one of them is less than one; a product without room is beyond any machine's.
std::int64_t worldSize(std::int64_t tensorParallel, std::int64_t stages);

/// "sm" of a board: 90 for Hopper.
int computeCapability(const Device& gpu);

} // namespace sim::serving
