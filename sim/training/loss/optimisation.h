#pragma once

#include "sim/engine/random.h"
#include "sim/training/loss/landscape.h"

#include <optional>
#include <string>

namespace sim::training {

/// Autocast keeps fp32 weights; PureFp16 is model.half(): weights, gradients and moments in fp16.
enum class Precision : std::uint8_t { Fp32, Bf16, Fp16, PureFp16 };
enum class LossScaling : std::uint8_t { Off, Static, Dynamic };
/// What happens when a gradient is not finite and no loss scaler looks: the step is taken, left out, or the job stops
/// (Megatron's --check-for-nan-in-loss-and-grad).
enum class NonFinite : std::uint8_t { Taken, Skipped, Fatal };

struct Schedule {
    double peak = 3e-4;
    double minimum = 3e-5;
    std::int64_t warmupSteps = 2000;
    std::int64_t steps = 100000; ///< cosine from the peak to the minimum
    bool operator==(const Schedule&) const = default;
    double rate(std::int64_t step) const;
};
BOOST_DESCRIBE_STRUCT(Schedule, (), (peak, minimum, warmupSteps, steps))

/// The training script's settings.
struct Recipe {
    Schedule schedule;
    double beta1 = 0.9;
    double beta2 = 0.95;
    double weightDecay = 0.1;
    double clip = 1.0; ///< 0: gradients are not clipped
    double batchTokens = 4e6;
    std::int64_t replicas = 1; ///< data-parallel ranks that the gradient is averaged over
    Precision precision = Precision::Bf16;
    LossScaling scaling = LossScaling::Off;
    double scale = 65536; ///< static, or the first dynamic one (torch.amp.GradScaler's)
    NonFinite nonFinite = NonFinite::Taken;
    double heavyTail = 1.5; ///< index of the noise's rare large values; Simsekli et al., arXiv 1901.06053, find 1 to 1.5
    bool operator==(const Recipe&) const = default;
};
BOOST_DESCRIBE_STRUCT(Recipe, (),
                      (schedule, beta1, beta2, weightDecay, clip, batchTokens, replicas, precision, scaling, scale, nonFinite,
                       heavyTail))

/// What is wrong with one step's samples or with a rank that works on them.
struct StepEvents {
    std::int64_t rank = -1;      ///< data-parallel rank that they concern; -1: nothing is wrong
    bool nonFiniteData = false;  ///< a NaN or Inf in its samples
    double mislabelled = 0;      ///< share of the whole batch whose targets are wrong
    double outlier = 0;          ///< its gradient in multiples of the usual, 0: usual
    bool corruptGradient = false; ///< a bit flip in an exponent: its gradient holds an Inf
    double wrongResults = 0;     ///< silent: that part of its gradient is noise of the same size, 0 .. 1
    bool operator==(const StepEvents&) const = default;
};
BOOST_DESCRIBE_STRUCT(StepEvents, (), (rank, nonFiniteData, mislabelled, outlier, corruptGradient, wrongResults))

/// Where the first value that is not finite came from.
enum class Origin : std::uint8_t { None, Data, Activations, Gradients, Optimiser, Weights };
std::string_view nameOf(Origin origin);

/// All that a training run is, as far as its loss goes. A value: a checkpoint is a copy.
struct LossState {
    std::int64_t step = 0;
    std::array<double, kModes> weights{}; ///< distances from the optimum
    std::array<double, kModes> moments{};
    std::array<double, kModes> squares{};
    std::int64_t momentSteps = 0; ///< since the moments were zero: their bias correction
    double squaredNorm = 0;       ///< of all parameters
    double scale = 1;
    std::int64_t finiteSteps = 0; ///< since the scale changed
    std::int64_t skipped = 0;     ///< steps left out, all together
    bool weightsFinite = true;
    bool stopped = false;         ///< by the check for values that are not finite, or at the smallest scale
    Origin origin = Origin::None; ///< of the first value that was not finite
    std::int64_t originRank = -1; ///< -1: all ranks
    std::int64_t originStep = -1;
    bool operator==(const LossState&) const = default;
    void addTo(Fingerprint& f) const;
};

/// One line of a training log.
struct StepReport {
    std::int64_t step = 0;
    double loss = 0;     ///< NaN when it is
    double gradientNorm = 0; ///< before clipping, NaN or Inf when it is
    double learningRate = 0;
    double lossScale = 1;
    double parameterNorm = 0;
    bool skipped = false;
    Origin origin = Origin::None; ///< what went wrong in this very step
    std::int64_t rank = -1;       ///< of the events
    double rankLoss = 0;          ///< on that rank alone, before averaging
    double rankGradientNorm = 0;
    bool operator==(const StepReport&) const = default;
};
BOOST_DESCRIBE_STRUCT(StepReport, (),
                      (step, loss, gradientNorm, learningRate, lossScale, parameterNorm, skipped, origin, rank, rankLoss,
                       rankGradientNorm))

LossState untrained(const Landscape& land, const Recipe& recipe);
/// One optimiser step. Does nothing once the state has stopped. Deterministic from the stream.
StepReport advance(const Landscape& land, const Recipe& recipe, const StepEvents& events, LossState& state,
                   RandomStream& stream);
/// The loss without the noise of a batch; NaN when the weights are not finite.
double trueLoss(const Landscape& land, const LossState& state);

/// What comes back from a checkpoint's files.
enum class Restored : std::uint8_t { Whole, WithoutOptimiser, WithNonFiniteWeights, WithGarbage };
/// `share`: of the parameters that are garbage.
LossState restore(const Landscape& land, const Recipe& recipe, const LossState& checkpoint, Restored what,
                  RandomStream& stream, double share = 0.01);

/// The exception that stops a rank: Megatron's checks of the loss (pretrain_gpt.py), which see what the forward pass brings,
/// and of the gradient's norm (core/distributed/param_and_grad_buffer.py), both through core/rerun_state_machine.py; or
/// DeepSpeed's when the loss scale cannot fall any more (runtime/fp16/loss_scaler.py).
std::string nonFiniteError(std::int64_t rank, std::string_view node, std::int64_t device, std::int64_t iteration,
                           bool infinite, Origin origin = Origin::Gradients);
std::string_view smallestScaleError();

} // namespace sim::training
