#include "sim/serving/memory.h"

#include "sim/gpu/out_of_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

/// Tokens of the largest CUDA graph: twice the sequences.
double largestGraph(const EngineSettings& settings) { return std::min<double>(512, 2.0 * settings.maxNumSeqs); }

/// Bytes of the largest tensor of a layer's weights on one rank: the first product of the feed-forward part, of all experts where it has them.
double largestWeight(const Deployment& d)
{
    const ModelShape& m = d.model;
    const double dense = static_cast<double>(m.hidden * m.intermediate) * (m.gated ? 2 : 1);
    const double experts = static_cast<double>(m.experts * m.hidden * m.expertIntermediate) * 2;
    return std::max(dense, experts) / static_cast<double>(d.tensorParallel) * bytesOf(d.weights);
}

/// Bytes a token of that product's output.
double widestOutput(const Deployment& d)
{
    const ModelShape& m = d.model;
    const std::int64_t values = std::max(m.intermediate * (m.gated ? 2 : 1), m.expertIntermediate * 2 * m.expertsPerToken);
    return static_cast<double>(values) / static_cast<double>(d.tensorParallel) * 2;
}

/// What the profiling run has at once, bytes: one layer's activations, or the copies of the logits.
struct Peaks {
    double layer = 0;
    double logits = 0;
};
Peaks profiledPeaks(const EngineSettings& settings)
{
    const Deployment& d = settings.deployment;
    const ModelShape& m = d.model;
    const double tokens = settings.maxNumBatchedTokens;
    const double widest = static_cast<double>(std::max(m.intermediate * (m.gated ? 3 : 2), m.expertIntermediate * 3 * m.expertsPerToken))
        / static_cast<double>(d.tensorParallel);
    return {tokens * 2 * (widest + 4 * static_cast<double>(m.hidden)),
            std::min<double>(settings.maxNumSeqs, tokens) * static_cast<double>(m.vocabulary) * kLogitsBytes};
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
    // Sizes 1, 2, 4 and then every 8.
    return settings.deployment.enforceEager ? 0 : 3 + largestGraph(settings) / 8;
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

    const auto [layer, logits] = profiledPeaks(settings);
    plan.activations = std::max(layer, logits) + settings.maxNumBatchedTokens * 2.0 * 2 * static_cast<double>(m.hidden);
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

double poolBytes(const EngineSettings& settings)
{
    EngineSettings untold = settings;
    untold.cacheBytes.reset();
    switch (settings.kind) {
    case EngineKind::TensorRtLlm: // the share is of what weights and buffers leave, not of the whole memory
        untold.memoryUtilization = 1;
        return planMemory(untold).available * settings.memoryUtilization;
    case EngineKind::SgLang: { // of weights and cache together; activations and graphs live in the rest
        const MemoryPlan plan = planMemory(untold);
        return plan.total * settings.memoryUtilization - plan.weights - plan.framework;
    }
    case EngineKind::Vllm09:
    case EngineKind::Vllm: break;
    }
    return planMemory(untold).available;
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

std::string startError(const EngineSettings& settings, const MemoryPlan& plan, double usedByOthers)
{
    if (plan.total - usedByOthers < plan.requested)
        return deviceBusyError(plan.total - usedByOthers, plan.total, settings.memoryUtilization);
    const double room = plan.total - usedByOthers - plan.framework;
    double taken = 0;
    // Tensors come one by one until the next does not fit.
    const auto outOfMemory = [&](double bytes, double tensor) {
        if (taken + bytes <= room) {
            taken += bytes;
            return std::string();
        }
        gpu::OutOfMemory failure;
        failure.wanted = gpu::allocationFor(tensor);
        failure.allocated = taken + std::floor(std::max(0.0, room - taken) / failure.wanted) * failure.wanted;
        failure.inUse = failure.allocated + plan.framework;
        failure.capacity = plan.total;
        failure.free = std::max(0.0, plan.total - usedByOthers - failure.inUse);
        return gpu::outOfMemoryText(failure);
    };
    // In the order of a start: weights, the profiling run, what is checked then, the pool, the graphs.
    const Deployment& d = settings.deployment;
    if (std::string text = outOfMemory(plan.weights, largestWeight(d)); !text.empty())
        return text;
    const auto [layer, logits] = profiledPeaks(settings);
    const double largest = logits > layer ? std::min(settings.maxNumSeqs, settings.maxNumBatchedTokens) * static_cast<double>(d.model.vocabulary) * 4
                                          : settings.maxNumBatchedTokens * widestOutput(d);
    if (std::string text = outOfMemory(plan.activations, largest); !text.empty())
        return text;
    if (plan.available <= 0 || plan.blocks < 2)
        return noBlocksError();
    const double pool = plan.blockBytes * plan.blocks;
    const double needed = sequenceBytes(settings, settings.maxModelLen);
    if (needed > pool) {
        const double available = settings.blocksOverride ? pool : plan.available;
        return tooLongError(settings.maxModelLen, needed, available, longestSequence(settings, available));
    }
    if (std::string text = outOfMemory(pool, pool / layerGroups(d.model).layers); !text.empty())
        return text;
    return outOfMemory(plan.graphs, largestGraph(settings) * widestOutput(d));
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
