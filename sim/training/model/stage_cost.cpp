#include "sim/training/model/stage_cost.h"

#include <algorithm>

namespace sim::training {

namespace {

constexpr double kChannels = 16; ///< "16 coll channels" in NCCL's log of an 8-device machine

/// LayerNorm and GELU are single operators of PyTorch: models with biases run alike, eager or fused.
bool runsEagerly(const StepPlan& plan)
{
    return plan.software.elementwise == Elementwise::Eager && !plan.shape.biases;
}

/// Kernels of one layer, forward: norm, qkv, rotary, attention, projection, add, norm, up, activation, down, add. One by
/// one, RMSNorm takes six more each, rotary embeddings and gates nine.
constexpr double kFusedKernels = 11;
constexpr double kEagerKernels = 32;

struct LayerTimes {
    Work forward;
    Work backward;
    Work attentionForward; ///< the part that selective recomputation repeats
};

double tokensOf(const StepPlan& plan)
{
    return static_cast<double>(plan.parallelism.microBatch * plan.shape.sequence)
        / static_cast<double>(plan.parallelism.context);
}

/// One linear layer forward; backward its gradients by input and by weight.
void addLinear(const StepPlan& plan, double clockHz, double tokens, double out, double in, double copies, LayerTimes& times)
{
    const Accelerator& a = plan.accelerator;
    const double flops = 2 * tokens * out * in;
    const double bytes = 2 * (tokens * in + in * out + tokens * out);
    const double accumulated = 2 * plan.bytes.gradient * out * in;
    times.forward += Work{gemmSeconds(a, clockHz, tokens, out, in), flops, bytes} * copies;
    times.backward += Work{gemmSeconds(a, clockHz, tokens, in, out), flops, bytes} * copies;
    times.backward += Work{gemmSeconds(a, clockHz, out, in, tokens, accumulated), flops, bytes + accumulated} * copies;
}

/// Bytes that norms, residuals, rotary embeddings and activations move for one token, forward: each operand read or
/// written once when fused; counted operator by operator (fp32 inside RMSNorm and rotary embeddings) when not.
double elementwiseBytes(const StepPlan& plan)
{
    const TransformerShape& shape = plan.shape;
    const bool eager = runsEagerly(plan);
    const double tensor = static_cast<double>(plan.parallelism.tensor);
    const double hidden = static_cast<double>(shape.hidden);
    const double masks = plan.software.attention == AttentionKernel::Unfused ? 2 : 0;
    const double norms = 2 * (eager ? 36 : 4);
    const double residuals = 2 * 6 + masks;
    const double rotated = (eager ? 16 : 4) * static_cast<double>(shape.queryWidth() + shape.keyValueWidth());
    const double gate = shape.feedForward == FeedForward::SwiGlu ? (eager ? 10 : 6) : 4;
    const double activated = gate * static_cast<double>(shape.ffn * shape.topK);
    const double routed = shape.mixture() ? 8 * static_cast<double>(shape.topK) * hidden : 0;
    return (norms + residuals) * hidden / (plan.parallelism.sequenceParallel ? tensor : 1)
        + (rotated + activated) / tensor + routed;
}

LayerTimes layerTimes(const StepPlan& plan, double clock)
{
    const TransformerShape& shape = plan.shape;
    const Parallelism& p = plan.parallelism;
    const Accelerator& a = plan.accelerator;
    const double clockHz = a.sustainedClockHz * clock;
    const double tensor = static_cast<double>(p.tensor);
    const double tokens = tokensOf(plan);
    const double hidden = static_cast<double>(shape.hidden);
    const double query = static_cast<double>(shape.queryWidth()) / tensor;
    const double keyValue = static_cast<double>(shape.keyValueWidth()) / tensor;
    LayerTimes times;
    addLinear(plan, clockHz, tokens, query + keyValue, hidden, 1, times);
    addLinear(plan, clockHz, tokens, hidden, query, 1, times);
    const double gates = shape.feedForward == FeedForward::SwiGlu ? 2 : 1;
    const double ffn = static_cast<double>(shape.ffn) / tensor;
    // Experts: every rank works on as many tokens as it sends away, spread over its own experts.
    const double own = static_cast<double>(shape.mixture() ? shape.experts / p.expert : 1);
    const double tokensOfExpert = tokens * static_cast<double>(shape.topK) / own;
    addLinear(plan, clockHz, tokensOfExpert, gates * ffn, hidden, own, times);
    addLinear(plan, clockHz, tokensOfExpert, hidden, ffn, own, times);

    const double context = static_cast<double>(shape.sequence);
    const double heads = static_cast<double>(shape.heads) / tensor;
    const double head = static_cast<double>(shape.headSize);
    Work attention;
    attention.seconds = attentionSeconds(a, clock, plan.software.attention, {tokens, context, heads, head});
    const bool unfused = plan.software.attention == AttentionKernel::Unfused;
    attention.flops = (unfused ? 4.0 : 2.0) * tokens * context * query;
    attention.bytes = unfused ? kUnfusedScoreBytes * tokens * context * heads : 2 * tokens * (2 * query + keyValue);
    times.attentionForward = attention;
    times.forward += attention;
    times.backward += attention * (unfused ? 2.0 : kFlashBackward);

    const double bytes = tokens * elementwiseBytes(plan);
    const Work elementwise = {copySeconds(a, bytes), 0, bytes};
    times.forward += elementwise;
    times.backward += elementwise * 2;
    const double kernels = runsEagerly(plan) ? kEagerKernels : kFusedKernels;
    times.forward.seconds = std::max(times.forward.seconds, kernels * kLaunchSeconds);
    times.backward.seconds = std::max(times.backward.seconds, 2 * kernels * kLaunchSeconds);
    return times;
}

/// Logits and their loss on the last stage; cross entropy in fp32: written, copied up, normalised, and back.
LayerTimes headTimes(const StepPlan& plan, double clock)
{
    constexpr double kLossBytes = 24;
    LayerTimes times;
    const double tokens = tokensOf(plan);
    const double vocabulary = static_cast<double>(plan.shape.vocabulary) / static_cast<double>(plan.parallelism.tensor);
    addLinear(plan, plan.accelerator.sustainedClockHz * clock, tokens, vocabulary,
              static_cast<double>(plan.shape.hidden), 1, times);
    const double bytes = kLossBytes * tokens * vocabulary;
    times.forward += {copySeconds(plan.accelerator, bytes / 2), 0, bytes / 2};
    times.backward += {copySeconds(plan.accelerator, bytes / 2), 0, bytes / 2};
    return times;
}

/// Chunks as many as ranks: one of them comes before anything can start, the others hide under the products.
Traffic exposed(const StepPlan& plan, Traffic traffic, double workSeconds)
{
    if (!plan.software.overlapTensor || traffic.seconds == 0)
        return traffic;
    const double first = traffic.seconds / static_cast<double>(plan.parallelism.tensor);
    const double rest = traffic.seconds - first;
    traffic.seconds = first + std::max(0.0, rest - workSeconds) + std::min(rest, workSeconds) * communicationShare(plan.accelerator);
    return traffic;
}

/// One layer's ZeRO-3 traffic: parameters before the forward and again before the backward pass, gradients after it.
Traffic shardedTraffic(const StepPlan& plan, const CollectiveTimes& collectives, const LayerTimes& layer, double again,
                       double layers, double link)
{
    const Parallelism& p = plan.parallelism;
    if (p.zero != ZeroStage::Parameters || p.shardSize() <= 1)
        return {};
    const double count = static_cast<double>(layerParameters(plan.shape)) / static_cast<double>(p.tensor);
    const Traffic gather = callTraffic(plan, collectives, Collective::AllGather, Group::Data, plan.bytes.weight * count, link);
    const Traffic scatter = callTraffic(plan, collectives, Collective::ReduceScatter, Group::Data, plan.bytes.gradient * count, link);
    const double share = communicationShare(plan.accelerator);
    Traffic all = gather * (2 * layers);
    all += scatter * layers;
    const double backward = layer.backward.seconds + again;
    const double forwardHidden = std::min(gather.seconds, layer.forward.seconds);
    const double backwardHidden = std::min(gather.seconds + scatter.seconds, backward);
    const double hidden = forwardHidden + backwardHidden;
    all.seconds = layers * (2 * gather.seconds + scatter.seconds - hidden + share * hidden) + gather.seconds + scatter.seconds;
    return all;
}

} // namespace

Work& Work::operator+=(const Work& other)
{
    seconds += other.seconds;
    flops += other.flops;
    bytes += other.bytes;
    return *this;
}

Traffic& Traffic::operator+=(const Traffic& other)
{
    seconds += other.seconds;
    nvlinkBytes += other.nvlinkBytes;
    networkBytes += other.networkBytes;
    return *this;
}

double communicationShare(const Accelerator& accelerator)
{
    return kChannels / static_cast<double>(accelerator.multiprocessors);
}

Traffic callTraffic(const StepPlan& plan, const CollectiveTimes& collectives, Collective collective, Group group,
                    double bytes, double link)
{
    const Parallelism& p = plan.parallelism;
    const std::int64_t ranks = group == Group::Data && p.zero != ZeroStage::None ? p.shardSize() : groupSize(p, group);
    if (ranks <= 1 || bytes <= 0)
        return {};
    const CollectiveCall call = {collective, group, ranks, groupStride(p, group), bytes};
    const double moved = collective == Collective::SendReceive ? bytes
        : (collective == Collective::AllReduce ? 2.0 : 1.0) * bytes * static_cast<double>(ranks - 1) / static_cast<double>(ranks);
    Traffic traffic;
    traffic.seconds = collectives.seconds(call) / link;
    (collectives.leavesMachine(call) ? traffic.networkBytes : traffic.nvlinkBytes) = moved;
    return traffic;
}

StageCost stageCost(const StepPlan& plan, const CollectiveTimes& collectives, std::int64_t stage, double clock, double link)
{
    const TransformerShape& shape = plan.shape;
    const Parallelism& p = plan.parallelism;
    const double layers = static_cast<double>(layersOfStage(shape, p, stage));
    const LayerTimes layer = layerTimes(plan, clock);
    StageCost cost;
    cost.forward = layer.forward * layers;
    cost.backward = layer.backward * layers;
    if (plan.recompute == Recompute::Full)
        cost.recompute = layer.forward * layers;
    else if (plan.recompute == Recompute::Selective && plan.software.attention == AttentionKernel::Unfused)
        cost.recompute = layer.attentionForward * layers; // flash attention recomputes by itself
    if (stage + 1 == p.pipeline) {
        const LayerTimes head = headTimes(plan, clock);
        cost.forward += head.forward;
        cost.backward += head.backward;
    }

    const double tokens = tokensOf(plan);
    const double hidden = static_cast<double>(shape.hidden);
    const auto traffic = [&](Collective collective, Group group, double bytes) {
        return callTraffic(plan, collectives, collective, group, bytes, link);
    };
    // Two in each direction of a layer: after attention and after the feed-forward part.
    const double passes = plan.recompute == Recompute::Full ? 3 : 2;
    const double activation = 2 * tokens * hidden;
    if (p.sequenceParallel) {
        Traffic pair = traffic(Collective::AllGather, Group::Tensor, activation);
        pair += traffic(Collective::ReduceScatter, Group::Tensor, activation);
        cost.tensor = exposed(plan, pair, layer.forward.seconds / 2) * (2 * passes * layers);
    } else {
        cost.tensor = exposed(plan, traffic(Collective::AllReduce, Group::Tensor, activation), layer.forward.seconds / 2)
            * (2 * passes * layers);
    }
    // Keys and values of the whole sequence, and their gradients back.
    const double keyValues = 2 * static_cast<double>(p.microBatch * shape.sequence * shape.keyValueWidth())
        / static_cast<double>(p.tensor);
    cost.context = traffic(Collective::AllGather, Group::Context, keyValues) * (passes * layers);
    if (shape.mixture()) // there and back again, in each direction
        cost.expert = traffic(Collective::AllToAll, Group::Expert, 2 * tokens * hidden * static_cast<double>(shape.topK))
            * (2 * passes * layers);
    cost.sharded = shardedTraffic(plan, collectives, layer, cost.recompute.seconds / std::max(1.0, layers), layers, link);
    return cost;
}

} // namespace sim::training
