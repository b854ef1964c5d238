#pragma once

#include "sim/gpu/out_of_memory.h"
#include "sim/training/model/accelerator.h"
#include "sim/training/model/parallelism.h"

namespace sim::training {

/// What one parameter costs. Mixed precision with Adam: bf16 weights, gradients in fp32 (Megatron) or bf16, an fp32
/// master copy and two moments.
struct ParameterBytes {
    double weight = 2;
    double gradient = 4;
    double optimiser = 12;
    bool operator==(const ParameterBytes&) const = default;
};
BOOST_DESCRIBE_STRUCT(ParameterBytes, (), (weight, gradient, optimiser))

struct MemoryPlan {
    TransformerShape shape;
    Parallelism parallelism;
    Recompute recompute = Recompute::None;
    AttentionKernel attention = AttentionKernel::Flash2;
    ParameterBytes bytes;
    std::int64_t communicators = 4;    ///< NCCL communicators that the process has
    double fragmentation = 0.02;       ///< of the allocated bytes, reserved and unusable
    bool operator==(const MemoryPlan&) const = default;
};
BOOST_DESCRIBE_STRUCT(MemoryPlan, (),
                      (shape, parallelism, recompute, attention, bytes, communicators, fragmentation))

/// Bytes on one rank at the peak of a step.
struct MemoryUse {
    double weights = 0;
    double gradients = 0;
    double optimiser = 0;
    double gathered = 0;    ///< full layers that ZeRO-3 holds for the moment
    double activations = 0;
    double logits = 0;      ///< of the last stage, with their gradient, in fp32
    double fragments = 0;
    double context = 0;     ///< the CUDA context and cuBLAS's workspace
    double communication = 0;
    bool operator==(const MemoryUse&) const = default;

    double allocated() const { return weights + gradients + optimiser + gathered + activations + logits; }
    double total() const { return allocated() + fragments + context + communication; }
};
BOOST_DESCRIBE_STRUCT(MemoryUse, (),
                      (weights, gradients, optimiser, gathered, activations, logits, fragments, context, communication))

/// Parameters of one pipeline stage that each tensor rank holds, before ZeRO spreads them.
double parametersOfStage(const TransformerShape& shape, const Parallelism& parallelism, std::int64_t stage);
/// Activations that one layer keeps for one micro-batch on one rank (Korthikanti et al., table 2; for SwiGLU,
/// grouped-query attention and flash attention the same count with their tensors).
double activationsOfLayer(const MemoryPlan& plan);
/// Micro-batches whose activations a stage holds at once.
double microBatchesInFlight(const Parallelism& parallelism, std::int64_t stage);
MemoryUse memoryOf(const MemoryPlan& plan, std::int64_t stage);

/// Where a rank's first step runs out of memory, in the order in which it allocates: weights, activations of the forward
/// pass, logits, gradients, the optimiser's moments. Nothing when it fits. `others`: bytes that another process holds.
std::optional<gpu::OutOfMemory> allocationFailure(const MemoryPlan& plan, const Accelerator& accelerator, std::int64_t stage,
                                                  std::int64_t device, double others = 0, std::int64_t otherPid = 0);

} // namespace sim::training
