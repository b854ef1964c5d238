#include "sim/serving/log_lines.h"

#include <fmt/format.h>

namespace sim::serving {

namespace {

/// torch.compile and graph capture of one layer or one graph; logs of 8B to 70B models (README.md).
constexpr double kCompileSeconds = 12;
constexpr double kCompileLayerSeconds = 0.35;
constexpr double kCaptureSeconds = 0.25;
constexpr std::int64_t kWatchdogMilliseconds = 600'000;

std::string_view nameOf(AttentionBackend backend)
{
    switch (backend) {
    case AttentionBackend::FlashAttention: return "Flash Attention";
    case AttentionBackend::FlashInfer: return "FlashInfer";
    case AttentionBackend::Triton: return "Triton";
    case AttentionBackend::FlexAttention: return "FlexAttention";
    case AttentionBackend::Xformers: return "XFormers";
    case AttentionBackend::TorchNative: return "Torch SDPA";
    }
    return "";
}

} // namespace

std::string statsLine(EngineKind kind, int engine, const StatsInterval& interval)
{
    const EngineState& state = interval.state;
    std::string line = fmt::format("Engine {:03}: Avg prompt throughput: {:.1f} tokens/s, Avg generation throughput: {:.1f} tokens/s, Running: {} reqs, "
                                   "Waiting: {} reqs",
                                   engine, static_cast<double>(interval.promptTokens) / interval.seconds,
                                   static_cast<double>(interval.generationTokens) / interval.seconds, state.running, state.waiting);
    if (kind == EngineKind::Vllm && interval.preemptions > 0)
        line += fmt::format(", Preemptions: {}", interval.preemptions);
    return line + fmt::format(", GPU KV cache usage: {:.1f}%, Prefix cache hit rate: {:.1f}%", 100 * state.cacheUsage, 100 * state.prefixHitRate);
}

StatsInterval intervalBetween(const Counters& before, const LlmEngine& engine, double seconds)
{
    const Counters& now = engine.metrics().counters;
    return {seconds, now.promptTokens - before.promptTokens, now.generationTokens - before.generationTokens, now.preemptions - before.preemptions,
            engine.state()};
}

StartTimes startTimes(const EngineSettings& settings, const MemoryPlan& plan, double loadBytesPerSecond)
{
    StartTimes times;
    times.weights = plan.weights / loadBytesPerSecond;
    if (!settings.deployment.enforceEager) {
        times.compile = kCompileSeconds + kCompileLayerSeconds * static_cast<double>(settings.deployment.model.layers);
        times.capture = kCaptureSeconds * capturedGraphs(settings);
    }
    return times;
}

std::vector<std::string> startLines(const EngineSettings& settings, const MemoryPlan& plan, const StartTimes& times)
{
    std::vector<std::string> lines = {fmt::format("Using {} backend...", nameOf(settings.deployment.attentionBackend)),
                                      fmt::format("Loading weights took {:.2f} seconds", times.weights),
                                      fmt::format("Model loading took {:.4f} GiB memory and {:.6f} seconds", plan.weights / kGiB, times.weights)};
    const bool eager = settings.deployment.enforceEager;
    if (!eager)
        lines.push_back(fmt::format("torch.compile takes {:.2f} s in total", times.compile));
    if (!eager && settings.countGraphs)
        lines.push_back(fmt::format("Estimated CUDA graph memory: {:.2f} GiB total", plan.graphs / kGiB));
    lines.push_back(availableMemoryLine(plan.available));
    // A token takes a block of each group; vLLM divides whole blocks, as here.
    const auto tokens = std::uint64_t{plan.blocks / layerGroups(settings.deployment.model).count()} * settings.blockSize;
    for (std::string& line : cacheSizeLines(settings.kind, tokens, settings.maxModelLen, maximumConcurrency(settings, plan)))
        lines.push_back(std::move(line));
    if (!eager)
        lines.push_back(fmt::format("Graph capturing finished in {:.0f} secs, took {:.2f} GiB", times.capture, plan.graphs / kGiB));
    lines.push_back(fmt::format("init engine (profile, create kv cache, warmup model) took {:.2f} seconds", times.compile + times.capture));
    lines.push_back("Application startup complete.");
    return lines;
}

std::string preemptionWarning(std::uint64_t group, std::uint64_t cumulative)
{
    return fmt::format("Sequence group {} is preempted by PreemptionMode.RECOMPUTE mode because there is not enough KV cache space. This can affect the "
                       "end-to-end performance. Increase gpu_memory_utilization or tensor_parallel_size to provide more KV cache memory. "
                       "total_cumulative_preemption_cnt={}",
                       group, cumulative);
}

std::string broadcastTimeoutLine(EngineKind kind)
{
    if (kind == EngineKind::Vllm09)
        return "No available block found in 60 second.";
    return "No available shared memory broadcast block found in 60 seconds. This typically happens when some processes are hanging or doing some "
           "time-consuming work (e.g. compilation).";
}

std::string watchdogLine(int rank, std::uint64_t sequence, std::uint64_t elements, std::int64_t milliseconds)
{
    return fmt::format("[Rank {0}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum={1}, OpType=ALLREDUCE, NumelIn={2}, NumelOut={2}, "
                       "Timeout(ms)={3}) ran for {4} milliseconds before timing out.",
                       rank, sequence, elements, kWatchdogMilliseconds, milliseconds);
}

std::string engineDeadLine()
{
    return "vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.";
}

} // namespace sim::serving
