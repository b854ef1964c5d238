#include "sim/serving/memory.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::serving {

namespace {

/// Workspaces of the matrix libraries and the allocator's slack, which the profiling run sees as used.
constexpr double kFrameworkBytes = 920 * kMiB;
/// The collective library's buffers for each rank beyond the first.
constexpr double kCommunicatorBytes = 384 * kMiB;
constexpr double kCommunicatorRankBytes = 48 * kMiB;
/// Copies of the logits that sampling makes: bfloat16, float32, sorted, probabilities.
constexpr double kLogitsBytes = 2 + 4 + 4 + 4;
/// Of one captured graph for each layer: its nodes and the static buffers.
constexpr double kGraphLayerBytes = 0.25 * kMiB;

/// 41408 as "41,408".
std::string grouped(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

/// As Python prints round(value, 2).
std::string rounded(double value)
{
    std::string text = fmt::format("{:.2f}", value);
    if (text.ends_with('0'))
        text.pop_back();
    return text;
}

/// Of one block: its tokens in the layers of one group.
double blockBytes(const EngineSettings& settings)
{
    const Deployment& d = settings.deployment;
    return static_cast<double>(layerGroups(d.model).layers) * settings.blockSize * kvBytesPerLayer(d.model, d.cache, d.tensorParallel);
}

} // namespace

double capturedGraphs(const EngineSettings& settings)
{
    // Sizes 1, 2, 4 and then every 8 up to twice the sequences, at most 512.
    return settings.deployment.enforceEager ? 0 : 3 + std::min<double>(512, 2.0 * settings.maxNumSeqs) / 8;
}

LayerGroups layerGroups(const ModelShape& model)
{
    const auto layers = static_cast<std::uint32_t>(model.layers);
    const auto sliding = static_cast<std::uint32_t>(model.slidingLayers);
    if (sliding == 0)
        return {layers, 1, 0};
    if (sliding == layers)
        return {layers, 0, 1};
    // The kind with fewer layers sets the size; the other's last group is filled up.
    const std::uint32_t size = std::min(sliding, layers - sliding);
    return {size, (layers - sliding + size - 1) / size, (sliding + size - 1) / size};
}

MemoryPlan planMemory(const EngineSettings& settings)
{
    const Deployment& d = settings.deployment;
    const ModelShape& m = d.model;
    const double ranks = static_cast<double>(d.tensorParallel);
    MemoryPlan plan;
    plan.total = d.device.memoryBytes;
    plan.requested = plan.total * settings.memoryUtilization;
    plan.weights = weightBytes(m, d.weights, d.tensorParallel);

    const double tokens = settings.maxNumBatchedTokens;
    const double widest = static_cast<double>(std::max(m.intermediate * (m.gated ? 3 : 2), m.expertIntermediate * 3 * m.expertsPerToken)) / ranks;
    const double layer = tokens * 2 * (widest + 4 * static_cast<double>(m.hidden));
    const double logits = std::min<double>(settings.maxNumSeqs, tokens) * static_cast<double>(m.vocabulary) * kLogitsBytes;
    plan.activations = std::max(layer, logits) + tokens * 2 * 2 * static_cast<double>(m.hidden);
    plan.framework = kFrameworkBytes + (ranks > 1 ? kCommunicatorBytes + (ranks - 2) * kCommunicatorRankBytes : 0);
    plan.graphs = capturedGraphs(settings) * static_cast<double>(m.layers) * kGraphLayerBytes;
    plan.graphsCounted = settings.countGraphs ? plan.graphs : 0;
    plan.available = settings.cacheBytes.value_or(plan.requested - plan.weights - plan.activations - plan.framework - plan.graphsCounted);
    plan.blockBytes = blockBytes(settings);
    plan.blocks = plan.available <= 0 ? 0 : static_cast<std::uint32_t>(plan.available / plan.blockBytes);
    if (settings.blocksOverride)
        plan.blocks = *settings.blocksOverride;
    return plan;
}

CacheSettings cacheSettings(const EngineSettings& settings, const MemoryPlan& plan)
{
    const LayerGroups groups = layerGroups(settings.deployment.model);
    CacheSettings cache;
    cache.reservation = settings.reservation;
    cache.blocks = plan.blocks > 0 ? plan.blocks - 1 : 0; // block 0 is vLLM's null block
    cache.blockSize = settings.blockSize;
    cache.prefixCaching = settings.prefixCaching;
    cache.eviction = settings.eviction;
    cache.maxModelLen = settings.maxModelLen;
    cache.fullGroups = groups.full;
    cache.slidingGroups = groups.sliding;
    cache.window = static_cast<std::uint32_t>(settings.deployment.model.window);
    cache.stepTokens = settings.maxNumBatchedTokens;
    return cache;
}

double sequenceBytes(const EngineSettings& settings, std::uint32_t tokens)
{
    return blockBytes(settings) * blocksFor(cacheSettings(settings, {}), tokens);
}

std::uint32_t longestSequence(const EngineSettings& settings, double bytes)
{
    std::uint32_t low = 0; // in blocks; fits
    std::uint32_t high = settings.maxModelLen / settings.blockSize + 1;
    while (low < high) {
        const std::uint32_t middle = (low + high + 1) / 2;
        if (sequenceBytes(settings, middle * settings.blockSize) <= bytes)
            low = middle;
        else
            high = middle - 1;
    }
    return std::min(low * settings.blockSize, settings.maxModelLen);
}

std::string noBlocksError()
{
    return "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.";
}

std::string tooLongError(std::uint32_t maxModelLen, double neededBytes, double availableBytes, std::uint32_t longest)
{
    std::string text = fmt::format("ValueError: To serve at least one request with the model's max seq len ({}), ({:.2f} GiB KV cache is needed, which "
                                   "is larger than the available KV cache memory ({:.2f} GiB). ",
                                   maxModelLen, neededBytes / kGiB, availableBytes / kGiB);
    if (longest > 0)
        text += fmt::format("Based on the available memory, the estimated maximum model length is {}. ", longest);
    return text + "Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine.";
}

std::string deviceBusyError(double freeBytes, double totalBytes, double utilization)
{
    // Python prints both rounded to hundredths, without a last zero.
    return fmt::format("ValueError: Free memory on device ({}/{} GiB) on startup is less than desired GPU memory utilization ({}, {} GiB). "
                       "Decrease GPU memory utilization or reduce GPU memory used by other processes.",
                       rounded(freeBytes / kGiB), rounded(totalBytes / kGiB), utilization, rounded(utilization * totalBytes / kGiB));
}

std::string outOfMemoryError(double triedBytes, int gpu, double totalBytes, double freeBytes)
{
    const auto size = [](double bytes) {
        return bytes >= kGiB ? fmt::format("{:.2f} GiB", bytes / kGiB)
            : bytes >= kMiB  ? fmt::format("{:.2f} MiB", bytes / kMiB)
                             : fmt::format("{:.2f} KiB", bytes / 1024);
    };
    return fmt::format("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {}. GPU {} has a total capacity of {} of which {} is free.",
                       size(triedBytes), gpu, size(totalBytes), size(freeBytes));
}

std::string startError(const EngineSettings& settings, const MemoryPlan& plan, double usedByOthers)
{
    if (plan.total - usedByOthers < plan.requested)
        return deviceBusyError(plan.total - usedByOthers, plan.total, settings.memoryUtilization);
    if (plan.available <= 0 || plan.blocks < 2)
        return noBlocksError();
    const double room = plan.blockBytes * plan.blocks;
    const double needed = sequenceBytes(settings, settings.maxModelLen);
    if (needed > room)
        return tooLongError(settings.maxModelLen, needed, plan.available, longestSequence(settings, plan.available));
    if (plan.used() > plan.total - usedByOthers)
        return outOfMemoryError(plan.graphs / 64, 0, plan.total, std::max(0.0, plan.total - usedByOthers - (plan.used() - plan.graphs)));
    return {};
}

double maximumConcurrency(const EngineSettings& settings, const MemoryPlan& plan)
{
    return plan.blockBytes * plan.blocks / sequenceBytes(settings, settings.maxModelLen);
}

std::vector<std::string> cacheSizeLines(EngineKind kind, std::uint64_t tokens, std::uint32_t maxModelLen, double concurrency)
{
    const std::string size = fmt::format("GPU KV cache size: {} tokens", grouped(tokens));
    const std::string together = fmt::format("Maximum concurrency for {} tokens per request: {:.2f}x", grouped(maxModelLen), concurrency);
    if (kind == EngineKind::Vllm09)
        return {size, together};
    return {size + ", " + together};
}

std::string availableMemoryLine(double bytes)
{
    return fmt::format("Available KV cache memory: {} GiB", rounded(bytes / kGiB));
}

} // namespace sim::serving
