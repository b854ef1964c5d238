#pragma once

#include "sim/serving/arguments.h"
#include "sim/serving/engine.h"
#include "sim/serving/sample.h"

#include <map>
#include <string>

namespace sim::serving::openai {

/// What a server process shows of itself beside its engine.
struct ServerProcess {
    Instant started{};
    double cpuSeconds = 0;
    double residentBytes = 0;
    std::uint32_t openFiles = 0;
    /// Requests answered, by handler ("/v1/chat/completions"), method and status.
    struct Handled {
        std::string handler;
        std::string method;
        int status = 200;
        std::uint64_t count = 0;
        bool operator==(const Handled&) const = default;
        BOOST_DESCRIBE_CLASS(Handled, (), (handler, method, status, count), (), ())
    };
    std::vector<Handled> handled;
    bool operator==(const ServerProcess&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServerProcess, (), (started, cpuSeconds, residentBytes, openFiles, handled))

/// Prometheus's text as prometheus_client writes it: vLLM's names, or SGLang's.
std::string metricsText(const ServerArguments& arguments, const LlmEngine& engine, const ServerProcess& process);
/// Its gauges of load, by the names of that page, as a scrape at the sample's instant saw them; TensorRT-LLM has none.
std::map<std::string, double> gaugesOf(EngineKind kind, const ServingSample& sample);
/// TensorRT-LLM's /metrics: JSON statistics of the latest steps, as many as the engine records.
std::string iterationStatistics(const ServerArguments& arguments, const LlmEngine& engine);

} // namespace sim::serving::openai
