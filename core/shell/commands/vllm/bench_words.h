#pragma once

#include "sim/serving/openai/bench_report.h"

#include <string>
#include <variant>
#include <vector>

namespace core::shell::vllm {

/// What `vllm bench serve` was told.
struct BenchWords {
    std::string host = "127.0.0.1";
    std::int64_t port = 8000;
    std::string endpoint = "/v1/completions";
    std::string model;                ///< empty: the first that the server lists
    std::string dataset = "random";
    std::uint32_t prompts = 1000;
    std::uint32_t inputLength = 1024;
    std::uint32_t outputLength = 128;
    std::uint32_t prefixLength = 0;   ///< --random-prefix-len: that all prompts begin with
    double rangeRatio = 0;            ///< lengths are uniform in [len (1-r), len (1+r)]
    double burstiness = 1;
    std::uint64_t seed = 0;
    sim::serving::openai::BenchFlags report;
};

/// The words behind "bench serve", or what argparse says of them.
std::variant<BenchWords, std::string> benchWords(const std::vector<std::string>& words);

} // namespace core::shell::vllm
