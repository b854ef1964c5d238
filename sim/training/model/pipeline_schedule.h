#pragma once

#include "sim/training/model/parallelism.h"

#include <vector>

namespace sim::training {

/// What one micro-batch costs each stage of a pipeline, all its model chunks together.
struct PipelineCosts {
    std::vector<double> forwardSeconds;  ///< by stage
    std::vector<double> backwardSeconds; ///< the same size; what is computed again counts here
    double sendSeconds = 0;              ///< from a stage to the next; the sender works on meanwhile
};

/// One micro-batch's turn on a stage.
struct PipelineTurn {
    std::int64_t stage = 0;
    std::int64_t microBatch = 0;
    std::int64_t chunk = 0; ///< of the model, below Parallelism::interleave
    bool backward = false;
    double begin = 0; ///< seconds since the pipeline's start
    double end = 0;
    bool operator==(const PipelineTurn&) const = default;
};

/// Every turn of a pipeline in one step: stage by stage, each in the order in which it works. The order is Megatron-Core's
/// (core/pipeline_parallel/schedules.py): GPipe runs all forward passes first; 1F1B fills the pipeline, then takes one of each in
/// turn; with interleaved chunks it fills further. A turn begins once its stage is free and what it needs has arrived.
/// Requires: costs for `parallelism.pipeline` stages; with interleaving, micro-batches in multiples of the stages.
std::vector<PipelineTurn> pipelineTurns(const Parallelism& parallelism, const PipelineCosts& costs);

} // namespace sim::training
