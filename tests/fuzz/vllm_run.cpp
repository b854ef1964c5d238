#include "core/validation/vllm.h"
#include "sim/engine/assert.h"
#include "sim/engine/split.h"
#include "sim/serving/load.h"
#include "tests/fuzz/fuzz_target.h"

#include <cmath>

/// The four files of a run with "~" between them, or a trace of requests: any bytes are read or are an error that names the file. A run
/// that is short enough is simulated to finite figures or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::uint64_t kMostTokens = 20'000;
    constexpr double kMostSeconds = 1000;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto trace = sim::serving::readTrace(bytes, "trace", sim::Instant{}); !trace)
        FL_ASSERT(trace.error().text().find("trace") != std::string::npos);
    std::vector<std::string> files = sim::split(bytes, '~');
    files.resize(4);
    const auto run = core::validation::readVllmRun("run", {files[0], files[1], files[2], files[3]});
    if (!run) {
        FL_ASSERT(run.error().text().find("run/") != std::string::npos);
        return 0;
    }
    std::uint64_t tokens = 0;
    for (const core::validation::MeasuredRequest& one : run->requests)
        tokens += std::uint64_t{one.promptTokens} + one.answerTokens;
    if (tokens > kMostTokens || run->requests.back().arrival > kMostSeconds)
        return 0;
    const auto comparison = core::validation::simulate(*run);
    if (!comparison)
        return 0;
    for (const core::validation::Figure& figure : comparison->figures)
        FL_ASSERT(std::isfinite(figure.expected) && std::isfinite(figure.simulated) && std::isfinite(figure.error()));
    return 0;
}
