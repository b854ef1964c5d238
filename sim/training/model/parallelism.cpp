#include "sim/training/model/parallelism.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

namespace sim::training {

namespace {

std::int64_t middleStages(const Parallelism& p)
{
    return p.pipeline - (p.firstStageLayers > 0 ? 1 : 0) - (p.lastStageLayers > 0 ? 1 : 0);
}

std::int64_t middleLayers(const TransformerShape& shape, const Parallelism& p)
{
    return shape.layers - p.firstStageLayers - p.lastStageLayers;
}

std::optional<std::string> layerError(const TransformerShape& shape, const Parallelism& p)
{
    const std::int64_t stages = middleStages(p);
    const std::int64_t layers = middleLayers(shape, p);
    const bool even = stages > 0 ? layers >= 0 && layers % stages == 0 : layers == 0;
    if (!even)
        return "AssertionError: Number of layers should be divisible by the pipeline-model-parallel size";
    if (p.interleave == 1)
        return std::nullopt;
    if (p.pipeline == 1)
        return "RuntimeError: pipeline-model-parallel size should be greater than 1 with interleaved schedule";
    // Uneven first and last stages: a chunk may be short of a layer there (Llama 3, arXiv 2407.21783, section 3.3.2).
    if (stages > 0 && layers / stages % p.interleave != 0)
        return "AssertionError: number of layers per pipeline stage must be divisible number of layers per virtual "
               "pipeline stage";
    // Each chunk works on `pipeline` micro-batches in a row.
    const std::int64_t batches = p.microBatches();
    if (batches < p.pipeline)
        return fmt::format("ValueError: The number of contiguous micro-batches in a virtual pipeline stageshould range "
                           "in [PP={} , M={}]",
                           p.pipeline, batches);
    if (batches % p.pipeline != 0)
        return fmt::format("RuntimeError: The remainder of M (the total micro-batches) divided by N (number of contiguous "
                           "micro-batches in a virtual pipeline stage) should be 0, or larger than or equal to the "
                           "pipeline-parallel size, but it is {}. Otherwise, it introduces dependency bubbles in the "
                           "pipeline and reduces throughput.",
                           batches % p.pipeline);
    return std::nullopt;
}

} // namespace

std::optional<std::string> configurationError(const TransformerShape& shape, const Parallelism& p,
                                              std::int64_t worldSize)
{
    const std::int64_t model = p.tensor * p.pipeline * p.context;
    if (worldSize % model != 0)
        return fmt::format("RuntimeError: world_size ({}) is not divisible by {}", worldSize, model);
    const std::int64_t experts = p.tensor * p.expert * p.pipeline;
    if (worldSize % experts != 0)
        return fmt::format("RuntimeError: world_size ({}) is not divisible by expert_tensor_model_pipeline_parallel "
                           "size ({})",
                           worldSize, experts);
    if (shape.heads % p.tensor != 0)
        return fmt::format("ValueError: num_attention_heads ({}) must be a multiple of tensor_model_parallel_size ({}).",
                           shape.heads, p.tensor);
    if (shape.kvHeads % p.tensor != 0 && p.tensor % shape.kvHeads != 0)
        return fmt::format("ValueError: num_query_groups ({}) must be a multiple or divisor of "
                           "tensor_model_parallel_size ({}).",
                           shape.kvHeads, p.tensor);
    if (shape.experts % p.expert != 0)
        return "AssertionError: Number of experts should be a multiple of expert model parallel_size.";
    const std::int64_t data = worldSize / model;
    if (p.globalBatch < 1 || p.globalBatch % (p.microBatch * data) != 0)
        return fmt::format("AssertionError: global batch size ({}) is not divisible by micro batch size ({}) times data "
                           "parallel size ({})",
                           p.globalBatch, p.microBatch, data);
    return layerError(shape, p);
}

RankPlace placeOf(const Parallelism& p, std::int64_t rank)
{
    FL_ASSERT(rank >= 0 && rank < p.worldSize());
    RankPlace place;
    place.tensor = rank % p.tensor;
    place.context = rank / p.tensor % p.context;
    place.data = rank / (p.tensor * p.context) % p.data;
    place.pipeline = rank / (p.tensor * p.context * p.data);
    place.expert = rank / p.tensor % p.expert;
    return place;
}

std::int64_t rankAt(const Parallelism& p, const RankPlace& place)
{
    return place.tensor + p.tensor * (place.context + p.context * (place.data + p.data * place.pipeline));
}

std::int64_t groupSize(const Parallelism& p, Group group)
{
    switch (group) {
    case Group::World: return p.worldSize();
    case Group::Tensor: return p.tensor;
    case Group::Context: return p.context;
    case Group::Data: return p.data * p.context;
    case Group::Pipeline: return p.pipeline;
    case Group::Expert: return p.expert;
    }
    return 1;
}

std::int64_t groupStride(const Parallelism& p, Group group)
{
    switch (group) {
    case Group::World:
    case Group::Tensor: return 1;
    case Group::Context:
    case Group::Data:
    case Group::Expert: return p.tensor;
    case Group::Pipeline: return p.tensor * p.context * p.data;
    }
    return 1;
}

std::vector<std::int64_t> groupOf(const Parallelism& p, Group group, std::int64_t rank)
{
    FL_ASSERT(rank >= 0 && rank < p.worldSize());
    const std::int64_t size = groupSize(p, group);
    const std::int64_t stride = groupStride(p, group);
    const std::int64_t first = rank - rank / stride % size * stride;
    std::vector<std::int64_t> members;
    for (std::int64_t i = 0; i < size; ++i)
        members.push_back(first + i * stride);
    return members;
}

std::int64_t layersOfStage(const TransformerShape& shape, const Parallelism& p, std::int64_t stage)
{
    FL_ASSERT(stage >= 0 && stage < p.pipeline);
    if (stage == 0 && p.firstStageLayers > 0)
        return p.firstStageLayers;
    if (stage + 1 == p.pipeline && p.lastStageLayers > 0)
        return p.lastStageLayers;
    const std::int64_t stages = middleStages(p);
    FL_ASSERT(stages > 0);
    return middleLayers(shape, p) / stages;
}

} // namespace sim::training
