#include "sim/serving/cost.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <cmath>

namespace sim::serving {

namespace {

// A grid over tokens: steps of 8 up to 512 (CUDA graphs are captured for these), of 64 beyond.
constexpr std::int64_t kFineStep = 8;
constexpr std::int64_t kFineEnd = 512;
constexpr std::int64_t kCoarseStep = 64;
constexpr std::int64_t kGridEnd = 16384;

std::size_t gridSize() { return static_cast<std::size_t>(kFineEnd / kFineStep + (kGridEnd - kFineEnd) / kCoarseStep + 1); }

double gridTokens(std::size_t row)
{
    const auto i = static_cast<std::int64_t>(row);
    const std::int64_t fine = kFineEnd / kFineStep;
    return static_cast<double>(i == 0 ? 1 : i <= fine ? i * kFineStep : kFineEnd + (i - fine) * kCoarseStep);
}

/// Between two rows of the grid.
double at(const std::vector<float>& table, std::int64_t tokens)
{
    const std::int64_t fine = kFineEnd / kFineStep;
    const bool isFine = tokens <= kFineEnd;
    const std::int64_t beyond = isFine ? tokens : tokens - kFineEnd;
    const std::int64_t step = isFine ? kFineStep : kCoarseStep;
    const auto row = static_cast<std::size_t>(std::min<std::int64_t>((isFine ? 0 : fine) + beyond / step, static_cast<std::int64_t>(table.size()) - 2));
    const double low = table[row];
    const double from = gridTokens(row);
    return low + (table[row + 1] - low) * (static_cast<double>(tokens) - from) / (gridTokens(row + 1) - from);
}

/// Rows that a product computes: beyond the first tile of 128 they come in tiles, half of which other tiles' sizes hide.
double rowsComputed(double tokens)
{
    constexpr double kTileRows = 128;
    return tokens <= kTileRows ? tokens : (tokens + std::ceil(tokens / kTileRows) * kTileRows) / 2;
}

double together(double memory, double compute, double sharpness)
{
    const double larger = std::max(memory, compute);
    const double smaller = std::min(memory, compute);
    return larger == 0 ? 0 : larger * std::pow(1 + std::pow(smaller / larger, sharpness), 1 / sharpness);
}

// Attention kernels, from the profiles of an RTX PRO 6000 and an RTX 4090 (README.md).
constexpr std::int64_t kAttentionSequences = 128;
/// Keys at which a causal tile reaches half of its rate.
constexpr double kHalfKeys = 300;
/// Rows of a tile that one decoding sequence fills in a mixed batch, and how well it runs against a full one.
constexpr double kDecodeTileRows = 64;
constexpr double kDecodeTileRate = 0.74;
/// Query rows that a block of threads takes, and the time a block without work holds a multiprocessor.
constexpr double kBlockRows = 128;
constexpr double kEmptyBlockSeconds = 0.53e-6;

/// How a backend's kernels compare with FlashAttention's on the same device (README.md).
struct BackendRates {
    double reading = 1; ///< of the cache, while decoding
    double prompts = 1;
    bool apart = false; ///< decoding sequences of a mixed batch get a kernel of their own, so that none fills a prompt's tile
    double stepSeconds = 0; ///< to build what the kernels need, once a step
};

BackendRates ratesOf(AttentionBackend backend)
{
    switch (backend) {
    case AttentionBackend::FlashAttention: return {};
    case AttentionBackend::FlashInfer: return {1, 1, true, 0.1e-3};
    case AttentionBackend::Triton: return {0.95, 0.75, true, 0};
    case AttentionBackend::FlexAttention: return {0.9, 0.64, true, 1e-3};
    case AttentionBackend::Xformers: return {0.7, 0.27, true, 0};
    case AttentionBackend::TorchNative: return {0.25, 0.52, true, 0};
    }
    return {};
}

// Experts: routing, sorting, activation and summing are kernels of their own; their products run in small tiles.
constexpr double kExpertFloorSeconds = 36e-6;
constexpr double kExpertComputeRate = 0.75;
constexpr double kExpertSharpness = 1.8;

constexpr double kSamplerSeconds = 25e-6;
/// Passes over the float32 logits.
constexpr double kSamplerPasses = 1.6;
/// Host seconds to launch one layer's kernels without a graph.
constexpr double kEagerLayerSeconds = 250e-6;

} // namespace

CostModel::CostModel(const Deployment& deployment) : m_deployment(std::make_shared<const Deployment>(deployment))
{
    FL_ASSERT(deployment.model.layers > 0 && deployment.device.bf16Flops > 0 && deployment.tensorParallel > 0);
    auto tables = std::make_shared<Tables>();
    for (std::size_t row = 0; row < gridSize(); ++row) {
        const double tokens = gridTokens(row);
        tables->layers.push_back(static_cast<float>(layersSeconds(tokens)));
        tables->elementwise.push_back(static_cast<float>(elementwiseSeconds(tokens)));
        tables->communication.push_back(static_cast<float>(communicationSeconds(tokens)));
        tables->head.push_back(static_cast<float>(headSeconds(tokens)));
    }
    const double ranks = static_cast<double>(deployment.tensorParallel);
    tables->weightBytes = serving::weightBytes(deployment.model, deployment.weights, deployment.tensorParallel);
    tables->activeParameters = deployment.model.activeParameters() / ranks;
    tables->kvBytesPerToken = kvBytesPerToken(deployment.model, deployment.cache, deployment.tensorParallel);
    m_tables = std::move(tables);
}

double CostModel::productSeconds(double tokens, double inner, double outer, Precision weights) const
{
    const Device& d = m_deployment->device;
    const double activation = std::max(1.0, std::min(2.0, bytesOf(weights)));
    const double rows = rowsComputed(tokens);
    const double bytes = inner * outer * bytesOf(weights) * (1 + rows / d.rereadTokens) + tokens * (inner * activation + outer * 2);
    const double memory = bytes / (d.bandwidthBytesPerSecond * d.weightReadEfficiency);
    const double compute = 2 * rows * inner * outer / (peakFlops(d, weights) * d.computeEfficiency);
    return d.floorSeconds + together(memory, compute, d.sharpness);
}

double CostModel::allReduceSeconds(double bytes) const
{
    const double ranks = static_cast<double>(m_deployment->tensorParallel);
    if (ranks <= 1)
        return 0;
    const Device& d = m_deployment->device;
    return d.linkLatencySeconds + 2 * (ranks - 1) / ranks * bytes / d.linkBytesPerSecond;
}

double CostModel::expertSeconds(double tokens) const
{
    const ModelShape& m = m_deployment->model;
    const Device& d = m_deployment->device;
    const double experts = static_cast<double>(m.experts);
    const double each = static_cast<double>(m.expertsPerToken);
    // Experts that at least one token chose, were all equally likely.
    const double chosen = experts * (1 - std::pow(1 - each / experts, tokens));
    const double ranks = static_cast<double>(m_deployment->tensorParallel);
    const double share = m.expertParameters() / ranks;
    const double memory = chosen * share * bytesOf(m_deployment->weights) / (d.bandwidthBytesPerSecond * d.weightReadEfficiency);
    const double compute = 2 * tokens * each * share / (peakFlops(d, m_deployment->weights) * d.computeEfficiency * kExpertComputeRate);
    double seconds = kExpertFloorSeconds + together(memory, compute, kExpertSharpness);
    if (m.sharedExperts > 0)
        seconds += productSeconds(tokens, static_cast<double>(m.hidden),
                                  static_cast<double>(3 * m.expertIntermediate * m.sharedExperts) / ranks, m_deployment->weights);
    return seconds;
}

double CostModel::layersSeconds(double tokens) const
{
    const ModelShape& m = m_deployment->model;
    const Precision weights = m_deployment->weights;
    const double ranks = static_cast<double>(m_deployment->tensorParallel);
    const double hidden = static_cast<double>(m.hidden);
    double attention = 0;
    if (m.isLatent()) {
        attention = productSeconds(tokens, m.attentionParameters() / ranks / hidden, hidden, weights);
    } else {
        const double query = static_cast<double>(m.queryHeads * m.headDim) / ranks;
        const double keys = static_cast<double>(kvHeadsPerRank(m, m_deployment->tensorParallel) * m.headDim);
        attention = productSeconds(tokens, hidden, query + 2 * keys, weights) + productSeconds(tokens, query, hidden, weights);
    }
    const double dense = static_cast<double>(m.layers - m.expertLayers());
    double seconds = static_cast<double>(m.layers) * attention;
    if (dense > 0) {
        const double intermediate = static_cast<double>(m.intermediate) / ranks;
        seconds += dense
            * (productSeconds(tokens, hidden, intermediate * (m.gated ? 2 : 1), weights) + productSeconds(tokens, intermediate, hidden, weights));
    }
    if (m.expertLayers() > 0)
        seconds += static_cast<double>(m.expertLayers()) * expertSeconds(tokens);
    return seconds;
}

double CostModel::elementwiseSeconds(double tokens) const
{
    const ModelShape& m = m_deployment->model;
    const Device& d = m_deployment->device;
    const double ranks = static_cast<double>(m_deployment->tensorParallel);
    // Two norms with their residuals, rotary embedding, activation, storing keys and values; two norms more on q and k.
    const double kernels = m.queryKeyNorm ? 7 : 5;
    const double query = static_cast<double>((m.queryHeads + 2 * m.kvHeads) * m.headDim) / ranks;
    const double intermediate = static_cast<double>(m.intermediate > 0 ? m.intermediate : m.expertIntermediate * m.expertsPerToken) / ranks;
    const double values = 8 * static_cast<double>(m.hidden) + 2 * query * (m.queryKeyNorm ? 2 : 1) + 3 * intermediate;
    const double bytes = tokens * values * 2 / (d.bandwidthBytesPerSecond * d.weightReadEfficiency * d.elementwiseBandwidthFactor);
    return static_cast<double>(m.layers) * std::max(kernels * d.elementwiseFloorSeconds, bytes);
}

double CostModel::communicationSeconds(double tokens) const
{
    const ModelShape& m = m_deployment->model;
    return 2 * static_cast<double>(m.layers) * allReduceSeconds(tokens * static_cast<double>(m.hidden) * 2);
}

double CostModel::headSeconds(double sequences) const
{
    const ModelShape& m = m_deployment->model;
    const Device& d = m_deployment->device;
    const double vocabulary = static_cast<double>(m.vocabulary);
    const double head = productSeconds(sequences, static_cast<double>(m.hidden),
                                       vocabulary / static_cast<double>(m_deployment->tensorParallel), Precision::Bfloat16);
    return head + kSamplerSeconds + kSamplerPasses * 4 * sequences * vocabulary / d.bandwidthBytesPerSecond;
}

double CostModel::attentionSeconds(const StepWork& work) const
{
    const Deployment& deployment = *m_deployment;
    const ModelShape& m = deployment.model;
    const Device& d = deployment.device;
    const double heads = std::max(1.0, static_cast<double>(m.queryHeads) / static_cast<double>(deployment.tensorParallel));
    const double width = static_cast<double>(m.isLatent() ? (2 * m.latentRank + m.latentRope) / 2 : m.headDim);
    const BackendRates backend = ratesOf(deployment.attentionBackend);
    const double rate = d.bf16Flops * d.prefillEfficiency * backend.prompts;
    const double bytesPerToken = kvBytesPerLayer(m, deployment.cache, deployment.tensorParallel);
    const auto layer = [&](std::int64_t context, double scores) {
        const double reading = static_cast<double>(context) * bytesPerToken / (d.bandwidthBytesPerSecond * d.kvReadEfficiency * backend.reading);
        double seconds = d.attentionFloorSeconds;
        if (work.chunks == 0)
            return seconds + reading + d.attentionPerSequenceSeconds * static_cast<double>(std::min(work.decodes, kAttentionSequences));
        const double keys = scores / static_cast<double>(std::max<std::int64_t>(1, work.tokens - work.decodes));
        seconds += 4 * heads * width * scores / rate * (1 + kHalfKeys / std::max(1.0, keys));
        if (work.decodes == 0)
            return seconds;
        if (backend.apart)
            return seconds + reading + d.attentionFloorSeconds;
        if (d.attention == AttentionKernel::Flash3)
            return seconds + reading;
        const double tiles = 4 * heads * width * kDecodeTileRows * static_cast<double>(context) / (rate * kDecodeTileRate);
        const double blocks = static_cast<double>(work.decodes) * heads * std::ceil(static_cast<double>(work.longestChunk) / kBlockRows);
        return seconds + std::max(reading, tiles) + blocks * kEmptyBlockSeconds / static_cast<double>(d.multiprocessors);
    };
    const double full = static_cast<double>(m.layers - m.slidingLayers);
    double seconds = backend.stepSeconds;
    if (full > 0)
        seconds += full * layer(work.decodeContext, work.chunkScores);
    if (m.slidingLayers > 0)
        seconds += static_cast<double>(m.slidingLayers) * layer(work.windowContext, work.windowChunkScores);
    return seconds;
}

StepCost CostModel::cost(const StepWork& work) const
{
    StepCost cost;
    if (work.tokens == 0)
        return cost;
    // Graphs are captured for multiples of 8.
    const bool padded = !m_deployment->enforceEager && work.tokens <= kFineEnd && work.tokens > 4;
    const std::int64_t tokens = padded ? (work.tokens + kFineStep - 1) / kFineStep * kFineStep : work.tokens;
    cost.dense = at(m_tables->layers, tokens);
    cost.elementwise = at(m_tables->elementwise, tokens);
    cost.communication = at(m_tables->communication, tokens);
    cost.attention = attentionSeconds(work);
    if (work.sampled > 0)
        cost.head = at(m_tables->head, work.sampled);
    if (m_deployment->enforceEager) {
        const double launches = kEagerLayerSeconds * static_cast<double>(m_deployment->model.layers);
        const double device = cost.dense + cost.elementwise + cost.communication + cost.attention;
        cost.elementwise += std::max(0.0, launches - device);
    }
    return cost;
}

StepTraffic CostModel::traffic(const StepWork& work) const
{
    const ModelShape& m = m_deployment->model;
    const double tokens = static_cast<double>(work.tokens);
    const double ranks = static_cast<double>(m_deployment->tensorParallel);
    StepTraffic traffic;
    if (work.tokens == 0)
        return traffic;
    // A prompt's chunk reads what is before it once; its scores count the pairs.
    const double chunkTokens = static_cast<double>(work.tokens - work.decodes);
    const double looked = static_cast<double>(work.decodeContext) + (chunkTokens > 0 ? work.chunkScores / chunkTokens * static_cast<double>(work.chunks) : 0);
    traffic.readBytes = m_tables->weightBytes + looked * m_tables->kvBytesPerToken;
    const double pairs = static_cast<double>(work.decodeContext) + work.chunkScores;
    traffic.flops = 2 * m_tables->activeParameters * tokens
        + 4 * static_cast<double>(m.layers * m.queryHeads * m.headDim) / ranks * pairs;
    traffic.linkBytes = 2 * static_cast<double>(m.layers) * 2 * (ranks - 1) / ranks * tokens * static_cast<double>(m.hidden) * 2;
    return traffic;
}

} // namespace sim::serving
