#include "sim/serving/fleet/log_prefix.h"

#include "sim/host/calendar.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::serving {

namespace {

/// Where vLLM logs what; the line numbers move with every release, these are of 0.19.
struct Place {
    std::string_view begins;
    std::string_view file;
};
constexpr Place kPlaces[] = {
    {"vLLM API server version", "utils.py:299"},
    {"non-default args", "utils.py:233"},
    {"Initializing a V1", "core.py:105"},
    {"Starting to load model", "gpu_model_runner.py:4735"},
    {"Using ", "cuda.py:334"},
    {"Loading weights took", "default_loader.py:384"},
    {"Model loading took", "gpu_model_runner.py:4820"},
    {"torch.compile takes", "monitor.py:48"},
    {"Estimated CUDA graph memory", "gpu_model_runner.py:5877"},
    {"Available KV cache memory", "gpu_worker.py:436"},
    {"GPU KV cache size", "kv_cache_utils.py:1319"},
    {"Maximum concurrency", "kv_cache_utils.py:1324"},
    {"Graph capturing finished", "gpu_model_runner.py:5946"},
    {"init engine", "core.py:281"},
    {"Starting vLLM server", "api_server.py:580"},
    {"Engine 0", "loggers.py:271"},
    {"EngineCore failed", "core.py:1110"},
    {"EngineCore encountered", "core.py:1119"},
    {"No available", "shm_broadcast.py:681"},
    {"Worker proc", "multiproc_executor.py:273"},
    {"AsyncLLM output_handler failed", "async_llm.py:708"},
};

constexpr int kPrefixedLines = 11;
/// As the container's own processes see it: Python's resource tracker and what the shell of the start took come before.
constexpr std::int64_t kCorePid = 135;

std::string fileOf(std::string_view text)
{
    const auto found = std::find_if(std::begin(kPlaces), std::end(kPlaces), [&](const Place& place) { return text.starts_with(place.begins); });
    return std::string(found == std::end(kPlaces) ? std::string_view("core.py:1110") : found->file);
}

} // namespace

bool tellsProcess(const Server& server)
{
    return isVllm(server.arguments.settings.kind) && vllmMinor(server.arguments.version) >= kPrefixedLines;
}

std::string logPrefix(const Server& server, Writer writer, const char* level, Instant at, std::string_view text)
{
    const host::Calendar t = host::calendarOf(at);
    switch (server.arguments.settings.kind) {
    case EngineKind::TensorRtLlm:
        return fmt::format("[{:02}/{:02}/{:04}-{:02}:{:02}:{:02}] [TRT-LLM] [{}] ", t.month, t.day, t.year, t.hour, t.minute, t.second, level[0]);
    case EngineKind::SgLang:
        return server.ranks() > 1 ? fmt::format("[{:04}-{:02}-{:02} {:02}:{:02}:{:02} TP0] ", t.year, t.month, t.day, t.hour, t.minute, t.second)
                                  : fmt::format("[{:04}-{:02}-{:02} {:02}:{:02}:{:02}] ", t.year, t.month, t.day, t.hour, t.minute, t.second);
    default: break;
    }
    std::string who;
    if (tellsProcess(server))
        who = writer == Writer::ApiServer                        ? "(APIServer pid=1) "
            : writer == Writer::Core || server.ranks() == 1 ? fmt::format("(EngineCore pid={}) ", kCorePid)
                                                            : fmt::format("(Worker_TP0 pid={}) ", kCorePid + 1);
    return who + fmt::format("{} {:02}-{:02} {:02}:{:02}:{:02} [{}] ", level, t.month, t.day, t.hour, t.minute, t.second, fileOf(text));
}

std::string uvicornLine(const Server& server, std::string_view text)
{
    return fmt::format("{}INFO:     {}", tellsProcess(server) ? "(APIServer pid=1) " : "", text);
}

} // namespace sim::serving
