#include "sim/training/model/memory.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sim::training {

namespace {

constexpr double kMiB = 1048576.0;

/// tests/golden/nvidia/h200/heat_and_power.txt: 1011 MiB used while a product of three bf16 matrices of 8192 x 8192 runs
/// (128 MiB each); cuBLAS's workspace is in the rest.
constexpr double kContextBytes = (1011 - 3 * 128) * kMiB;

/// One communicator: 16 channels, a ring and a tree, each with a buffer for every protocol: Simple 4 MiB
/// (NCCL_BUFFSIZE), LL 8 lines x 512 threads x 16 B x 8 steps, LL128 120 elements x 640 threads x 8 B x 8 steps
/// (nccl, src/include/device.h).
constexpr double kCommunicatorBytes = 16 * 2 * (4 * kMiB + 8.0 * 512 * 16 * 8 + 120.0 * 640 * 8 * 8);

double tokensOfMicroBatch(const MemoryPlan& plan)
{
    return static_cast<double>(plan.parallelism.microBatch * plan.shape.sequence)
        / static_cast<double>(plan.parallelism.context);
}

/// Elements per token that the feed-forward part keeps beyond its input: before and after the activation.
double feedForwardBytes(const TransformerShape& shape)
{
    const double width = static_cast<double>(shape.ffn * shape.topK);
    return shape.feedForward == FeedForward::SwiGlu ? 6 * width : 4 * width;
}

double scoreBytes(const MemoryPlan& plan)
{
    if (plan.attention != AttentionKernel::Unfused || plan.recompute != Recompute::None)
        return 0;
    return 5.0 * static_cast<double>(plan.shape.heads) * static_cast<double>(plan.shape.sequence);
}

} // namespace

double parametersOfStage(const TransformerShape& shape, const Parallelism& p, std::int64_t stage)
{
    const double layers = static_cast<double>(layersOfStage(shape, p, stage));
    const double experts = static_cast<double>(expertParameters(shape));
    const double dense = static_cast<double>(layerParameters(shape)) - experts;
    double count = layers * (dense + experts / static_cast<double>(shape.mixture() ? p.expert : 1));
    if (stage == 0)
        count += static_cast<double>(embeddingParameters(shape));
    const std::int64_t finalNorm = parameters(shape) - shape.layers * layerParameters(shape) - embeddingParameters(shape)
        - headParameters(shape);
    // With tied embeddings the last stage has a copy of them.
    const bool copied = shape.tiedEmbeddings && p.pipeline > 1;
    if (stage + 1 == p.pipeline)
        count += static_cast<double>(finalNorm + (copied ? shape.vocabulary * shape.hidden : headParameters(shape)));
    return count / static_cast<double>(p.tensor);
}

double activationsOfLayer(const MemoryPlan& plan)
{
    const TransformerShape& shape = plan.shape;
    const Parallelism& p = plan.parallelism;
    const double tensor = static_cast<double>(p.tensor);
    const double hidden = static_cast<double>(shape.hidden);
    const double tokens = tokensOfMicroBatch(plan);
    if (plan.recompute == Recompute::Full) // the layer's input
        return tokens * 2 * hidden / (p.sequenceParallel ? tensor : 1.0);
    const double masks = plan.attention == AttentionKernel::Unfused ? 2 : 0; // dropout after attention and feed-forward
    // Inputs of both norms, of both column-parallel products: 10 s b h of table 2 with the dropout masks.
    const double whole = hidden * (8 + masks);
    // Queries, keys, values, the attention's output; the feed-forward part: 24 s b h / t for a GPT.
    const double split = 2 * static_cast<double>(2 * shape.queryWidth() + shape.keyValueWidth()) + feedForwardBytes(shape);
    return tokens * (whole / (p.sequenceParallel ? tensor : 1.0) + (split + scoreBytes(plan)) / tensor);
}

double microBatchesInFlight(const Parallelism& p, std::int64_t stage)
{
    const double batches = static_cast<double>(p.microBatches());
    if (p.schedule == PipelineSchedule::GPipe)
        return batches;
    const double behind = static_cast<double>(p.pipeline - stage);
    if (p.interleave == 1)
        return std::min(batches, behind);
    // Interleaved: (1 + (p - 1) / (p v)) of what the first stage holds without (Korthikanti et al., section 4.2.3).
    const double stages = static_cast<double>(p.pipeline);
    const double chunks = static_cast<double>(p.interleave);
    return std::min(batches, behind + (stages - 1) / chunks);
}

MemoryUse memoryOf(const MemoryPlan& plan, std::int64_t stage)
{
    const Parallelism& p = plan.parallelism;
    const double count = parametersOfStage(plan.shape, p, stage);
    const double shard = static_cast<double>(p.shardSize());
    const double layers = static_cast<double>(layersOfStage(plan.shape, p, stage));
    MemoryUse use;
    use.weights = plan.bytes.weight * count / (p.zero >= ZeroStage::Parameters ? shard : 1);
    use.gradients = plan.bytes.gradient * count / (p.zero >= ZeroStage::Gradients ? shard : 1);
    use.optimiser = plan.bytes.optimiser * count / (p.zero >= ZeroStage::Optimiser ? shard : 1);
    if (p.zero >= ZeroStage::Parameters) { // the layer that computes and the next, gathered; one layer's gradients
        const double layer = static_cast<double>(layerParameters(plan.shape)) / static_cast<double>(p.tensor);
        use.gathered = layer * (2 * plan.bytes.weight + plan.bytes.gradient);
    }
    use.activations = layers * activationsOfLayer(plan) * microBatchesInFlight(p, stage);
    if (plan.recompute == Recompute::Full) { // one layer at a time in full
        MemoryPlan whole = plan;
        whole.recompute = Recompute::None;
        use.activations += activationsOfLayer(whole);
    }
    if (stage + 1 == p.pipeline)
        use.logits = tokensOfMicroBatch(plan) * static_cast<double>(plan.shape.vocabulary) / static_cast<double>(p.tensor)
            * (2 + 4 + 4);
    use.fragments = plan.fragmentation * use.allocated();
    use.context = kContextBytes;
    use.communication = p.worldSize() > 1 ? static_cast<double>(plan.communicators) * kCommunicatorBytes : 0;
    return use;
}

std::optional<gpu::OutOfMemory> allocationFailure(const MemoryPlan& plan, const Accelerator& accelerator, std::int64_t stage,
                                                  std::int64_t device, double others, std::int64_t otherPid)
{
    const MemoryUse use = memoryOf(plan, stage);
    const double layers = static_cast<double>(std::max<std::int64_t>(1, layersOfStage(plan.shape, plan.parallelism, stage)));
    const double widest = static_cast<double>(plan.shape.hidden * plan.shape.ffn) / static_cast<double>(plan.parallelism.tensor);
    struct Phase {
        double bytes;
        double request; ///< of its usual tensor
    };
    const double activation = tokensOfMicroBatch(plan) * 2 * static_cast<double>(plan.shape.ffn)
        / static_cast<double>(plan.parallelism.tensor);
    const std::array<Phase, 5> phases = {{
        {use.weights, std::min(use.weights / layers, plan.bytes.weight * widest)},
        {use.activations + use.gathered, std::max(activation, 2.0)},
        {use.logits, use.logits * 0.4},
        {use.gradients, std::min(use.gradients / layers, plan.bytes.gradient * widest)},
        {use.optimiser, std::min(use.optimiser / layers, 4 * widest)},
    }};
    const double room = accelerator.memoryBytes - others - use.context - use.communication;
    double allocated = 0;
    for (const Phase& phase : phases) {
        const double request = gpu::allocationFor(phase.request);
        if ((allocated + phase.bytes) * (1 + plan.fragmentation) <= room) {
            allocated += phase.bytes;
            continue;
        }
        // The phase's tensors come one by one until the next does not fit.
        const double fits = std::max(0.0, room / (1 + plan.fragmentation) - allocated);
        allocated += std::floor(fits / request) * request;
        gpu::OutOfMemory failure;
        failure.device = device;
        failure.wanted = request;
        failure.capacity = accelerator.memoryBytes;
        failure.allocated = allocated;
        const double left = (fits - std::floor(fits / request) * request) * (1 + plan.fragmentation);
        failure.reserved = allocated * plan.fragmentation + std::max(0.0, left - request + kMiB);
        failure.inUse = failure.allocated + failure.reserved + use.context + use.communication;
        failure.free = std::max(0.0, failure.capacity - failure.inUse - others);
        failure.others = others;
        failure.otherPid = otherPid;
        return failure;
    }
    return std::nullopt;
}

} // namespace sim::training
