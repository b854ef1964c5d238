#pragma once

#include "sim/training/model/transformer.h"

#include <optional>

namespace sim::training {

enum class PipelineSchedule : std::uint8_t { GPipe, OneForwardOneBackward };

/// What data parallelism spreads instead of copying (Rajbhandari et al., arXiv 1910.02054). Parameters is ZeRO-3, FSDP.
enum class ZeroStage : std::uint8_t { None, Optimiser, Gradients, Parameters };

/// The groups of ranks that talk to each other.
enum class Group : std::uint8_t { World, Tensor, Context, Data, Pipeline, Expert };

/// How a job is cut over its ranks. All counts are at least 1.
struct Parallelism {
    std::int64_t tensor = 1;
    std::int64_t context = 1;
    std::int64_t pipeline = 1;
    std::int64_t data = 1;       ///< replicas, without context
    std::int64_t expert = 1;     ///< lies inside data (and context)
    std::int64_t interleave = 1; ///< model chunks of a pipeline rank ("virtual pipeline")
    std::int64_t shard = 0;      ///< ranks over which ZeRO spreads; 0: all of data * context (else hybrid sharding)
    bool sequenceParallel = false; ///< norms and dropout split along the sequence inside a tensor group
    PipelineSchedule schedule = PipelineSchedule::OneForwardOneBackward;
    ZeroStage zero = ZeroStage::None;
    std::int64_t firstStageLayers = 0; ///< of the first and last stage; 0: as many as the others
    std::int64_t lastStageLayers = 0;
    std::int64_t microBatch = 1;  ///< samples
    std::int64_t globalBatch = 1; ///< samples
    bool operator==(const Parallelism&) const = default;

    std::int64_t worldSize() const { return tensor * context * pipeline * data; }
    std::int64_t microBatches() const { return globalBatch / (microBatch * data); }
    std::int64_t shardSize() const
    {
        return zero == ZeroStage::None ? 1 : shard > 0 ? shard : data * context;
    }
};
BOOST_DESCRIBE_STRUCT(Parallelism, (),
                      (tensor, context, pipeline, data, expert, interleave, shard, sequenceParallel, schedule, zero,
                       firstStageLayers, lastStageLayers, microBatch, globalBatch))

/// Where a rank stands. `expert` is its place among those that share the experts.
struct RankPlace {
    std::int64_t tensor = 0;
    std::int64_t context = 0;
    std::int64_t data = 0;
    std::int64_t pipeline = 0;
    std::int64_t expert = 0;
    bool operator==(const RankPlace&) const = default;
};
BOOST_DESCRIBE_STRUCT(RankPlace, (), (tensor, context, data, pipeline, expert))

/// What the framework says of a job that cannot start on `worldSize` ranks, nothing when it can. The last line of the
/// traceback, as Megatron-Core prints it (core/parallel_state.py, core/transformer/transformer_config.py,
/// core/num_microbatches_calculator.py, core/pipeline_parallel/schedules.py, training/arguments.py of v0.20).
std::optional<std::string> configurationError(const TransformerShape& shape, const Parallelism& parallelism,
                                              std::int64_t worldSize);

/// Megatron-Core's order "tp-cp-ep-dp-pp": tensor ranks are neighbours, pipeline stages farthest apart.
/// Requires: rank < parallelism.worldSize().
RankPlace placeOf(const Parallelism& parallelism, std::int64_t rank);
std::int64_t rankAt(const Parallelism& parallelism, const RankPlace& place); ///< `place.expert` follows from the others

/// Members of the group of a kind that `rank` belongs to, ascending. Data groups reduce gradients: they hold the
/// replicas' context ranks too.
std::vector<std::int64_t> groupOf(const Parallelism& parallelism, Group group, std::int64_t rank);
std::int64_t groupSize(const Parallelism& parallelism, Group group);
/// From a member to the next: members of one machine with `n` devices are n / stride of them.
std::int64_t groupStride(const Parallelism& parallelism, Group group);

/// Layers of a pipeline stage, all chunks. Requires: no configurationError().
std::int64_t layersOfStage(const TransformerShape& shape, const Parallelism& parallelism, std::int64_t stage);

} // namespace sim::training
