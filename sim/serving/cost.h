#pragma once

#include "sim/serving/device.h"

#include <memory>
#include <vector>

namespace sim::serving {

/// Whose attention kernels a server runs (`--attention-backend`). Device's figures are those of FlashAttention.
enum class AttentionBackend : std::uint8_t { FlashAttention, FlashInfer, Triton, FlexAttention, Xformers, TorchNative };

/// What is served and on what: decides cost and memory.
struct Deployment {
    ModelShape model;
    Device device;
    std::int64_t tensorParallel = 1;
    Precision weights = Precision::Bfloat16;
    Precision cache = Precision::Bfloat16;
    bool enforceEager = false; ///< no CUDA graphs: every kernel is launched by the host
    AttentionBackend attentionBackend = AttentionBackend::FlashAttention;
    bool operator==(const Deployment&) const = default;
};
BOOST_DESCRIBE_STRUCT(Deployment, (), (model, device, tensorParallel, weights, cache, enforceEager, attentionBackend))

/// One step's work, summed over its sequences.
struct StepWork {
    std::int64_t tokens = 0;         ///< of all sequences
    std::int64_t sampled = 0;        ///< sequences that get a token
    std::int64_t decodes = 0;        ///< sequences with one token
    std::int64_t decodeContext = 0;  ///< tokens that those look at
    std::int64_t windowContext = 0;  ///< the same, each cut at the window of a sliding layer
    std::int64_t chunks = 0;         ///< sequences with more than one token
    std::int64_t longestChunk = 0;
    double chunkScores = 0;       ///< sum of query times key pairs of those, causal
    double windowChunkScores = 0; ///< the same under a sliding layer's window
    bool operator==(const StepWork&) const = default;
};
BOOST_DESCRIBE_STRUCT(StepWork, (),
                      (tokens, sampled, decodes, decodeContext, windowContext, chunks, longestChunk, chunkScores, windowChunkScores))

/// Where a step's time goes, seconds.
struct StepCost {
    double dense = 0;     ///< matrix products of the layers, experts included
    double attention = 0;
    double elementwise = 0;
    double communication = 0;
    double head = 0; ///< logits and sampling
    double total() const { return dense + attention + elementwise + communication + head; }
};

/// What a step moves and computes on one rank's device.
struct StepTraffic {
    double readBytes = 0; ///< weights and cache
    double flops = 0;
    double linkBytes = 0; ///< sent to the other ranks
    bool operator==(const StepTraffic&) const = default;
    StepTraffic& operator+=(const StepTraffic& other)
    {
        readBytes += other.readBytes;
        flops += other.flops;
        linkBytes += other.linkBytes;
        return *this;
    }
};
BOOST_DESCRIBE_STRUCT(StepTraffic, (), (readBytes, flops, linkBytes))

/// Seconds that a step takes on the device: a roofline with measured efficiencies per kernel class. A value whose tables are
/// shared by its copies.
class CostModel {
public:
    CostModel() = default;
    explicit CostModel(const Deployment& deployment);

    StepCost cost(const StepWork& work) const;
    double seconds(const StepWork& work) const { return cost(work).total(); }
    StepTraffic traffic(const StepWork& work) const;
    /// Of one matrix product with `tokens` rows and weights of inner x outer.
    double productSeconds(double tokens, double inner, double outer, Precision weights) const;
    /// Of one all-reduce over the ranks; 0 with one.
    double allReduceSeconds(double bytes) const;

    bool operator==(const CostModel& other) const
    {
        return m_deployment == other.m_deployment
            || (m_deployment && other.m_deployment && *m_deployment == *other.m_deployment);
    }
    void addTo(Fingerprint& f) const { sim::addTo(f, m_deployment); }

private:
    struct Tables {
        // By tokens of the grid, seconds of all layers.
        std::vector<float> layers; ///< products
        std::vector<float> elementwise;
        std::vector<float> communication;
        std::vector<float> head; ///< by sampled sequences
        // Of one rank.
        double weightBytes = 0;
        double activeParameters = 0;
        double kvBytesPerToken = 0;
    };
    double layersSeconds(double tokens) const;
    double expertSeconds(double tokens) const;
    double elementwiseSeconds(double tokens) const;
    double communicationSeconds(double tokens) const;
    double headSeconds(double sequences) const;
    double attentionSeconds(const StepWork& work) const;

    std::shared_ptr<const Deployment> m_deployment;
    std::shared_ptr<const Tables> m_tables;
};

} // namespace sim::serving
