#include "sim/training/loss/optimisation.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sim::training {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr double kFp16Largest = 65504;
constexpr double kBf16LogLargest = 88.7; ///< ln of 3.39e38, fp32's as well
constexpr double kFp16Smallest = 6e-8;   ///< subnormal

/// Largest activations of a healthy model: outlier features of about 60 (Dettmers et al., arXiv 2208.07339).
constexpr double kLogActivation = 4.1;
/// Growth of the logarithms of activations and gradients for each basin's width that the sharp direction is outside: layer
/// after layer multiplies. Ours.
constexpr double kActivationGrowth = 40;
constexpr double kGradientGrowth = 6;
/// What leaving the basin undoes in one step, of the whole way that was learnt. Ours.
constexpr double kDamage = 0.05;

/// Parameters that share the sharp direction: their second moments notice its slope late. Ours; an order of magnitude.
constexpr double kSharpParameters = 4e4;
constexpr double kAdamEpsilon = 1e-8;
constexpr double kScaleGrowthSteps = 2000; ///< torch.amp.GradScaler: doubles after that many finite steps, halves at once
constexpr double kSmallestScale = 1;
/// Largest gradient of an activation against the gradient's norm: dynamic scales then settle at 2^16 to 2^17, as logs show.
constexpr double kPeakGradient = 2;
/// Activation gradients spread over many orders of magnitude (Micikevicius et al., arXiv 1710.03740, figure 3): median and
/// deviation of the natural logarithm. Unscaled, about half of them are below fp16's smallest.
constexpr double kLogMedianGradient = -16.6;
constexpr double kGradientSpread = 3;
/// Deviation of one step's loss with 4M tokens a batch. Ours.
constexpr double kLossNoise = 0.015;
constexpr double kLossNoiseTokens = 4e6;
/// Gradient of a batch whose targets are all wrong, in multiples of the usual: its loss is several times as large. Ours.
constexpr double kWrongTargetNoise = 10;
/// One batch in so many has unusual noise; how unusual follows the recipe's tail.
constexpr double kUnusualBatches = 0.005;

/// Four 16-bit numbers of one draw: nearly normal and cheap. Heavy tails come on top.
double nearlyNormal(RandomStream& stream)
{
    const std::uint64_t bits = stream.next();
    const double sum = static_cast<double>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
    return (sum - 2 * 65535.0) * (1.7320508075688772 / 65536.0);
}

double excessOf(const Landscape& land, const LossState& state)
{
    double excess = 0;
    for (std::size_t i = 0; i < kModes; ++i)
        excess += 0.5 * land.modes[i].curvature * state.weights[i] * state.weights[i];
    const double out = state.weights[kSharp] / land.basin;
    return excess + 0.25 * land.modes[kSharp].curvature * state.weights[kSharp] * state.weights[kSharp] * out * out;
}

/// A model that is worse than an untrained one is confidently wrong: normalised activations let its loss grow slowly.
double compressed(const Landscape& land, double excess)
{
    const double most = land.untrained - land.floor;
    return land.floor + (excess <= most ? excess : most + std::log1p(excess - most));
}

/// How far outside its basin the model is, in widths.
double outside(const Landscape& land, const LossState& state)
{
    return std::max(0.0, std::abs(state.weights[kSharp]) / land.basin - 1);
}

bool overflows(Precision precision, double logActivation)
{
    const bool half = precision == Precision::Fp16 || precision == Precision::PureFp16;
    return logActivation > (half ? std::log(kFp16Largest) : kBf16LogLargest);
}

/// Share of the gradient's entries that fp16 rounds to zero.
double underflown(Precision precision, double scale)
{
    if (precision != Precision::Fp16 && precision != Precision::PureFp16)
        return 0;
    const double distance = (std::log(kFp16Smallest) - kLogMedianGradient - std::log(scale)) / kGradientSpread;
    return 0.5 * std::erfc(-distance / std::numbers::sqrt2);
}

void note(LossState& state, StepReport& report, Origin origin, std::int64_t rank)
{
    report.origin = origin;
    if (state.origin != Origin::None)
        return;
    state.origin = origin;
    state.originRank = rank;
    state.originStep = state.step;
}

struct Gradient {
    std::array<double, kModes> parts{};
    double sharpSlope = 0; ///< without the noise
    double sharpNoise = 0; ///< deviation of the noise that was drawn
    double norm = 0;
    bool finite = true;
};

Gradient gradientOf(const Landscape& land, const Recipe& recipe, const StepEvents& events, const LossState& state, RandomStream& stream)
{
    Gradient gradient;
    double unusual = 1;
    if (stream.unit() < kUnusualBatches)
        unusual = std::min(1e6, std::pow(1 - stream.unit(), -1 / recipe.heavyTail));
    unusual = std::max({unusual, events.outlier, 1 + kWrongTargetNoise * events.mislabelled});
    const double share = 1 / static_cast<double>(recipe.replicas);
    const double batch = std::sqrt(land.batchTokens / recipe.batchTokens);
    const double kept = 1 - underflown(recipe.precision, state.scale);
    const double growth = kGradientGrowth * outside(land, state);
    const double grown = growth > 0 ? std::exp(std::min(growth, 600.0)) : 1;
    const double out = state.weights[kSharp] / land.basin;
    for (std::size_t i = 0; i < kModes; ++i) {
        const Mode& mode = land.modes[i];
        double slope = mode.curvature * state.weights[i];
        if (i == kSharp)
            slope *= 1 + out * out;
        if (events.mislabelled > 0 && i != kSharp) // wrong targets pull back to where the model knew nothing
            slope += events.mislabelled * mode.curvature * (state.weights[i] - mode.start);
        const double deviation = mode.noise * (i == kSharp ? 1 : batch);
        double noise = unusual * deviation * nearlyNormal(stream);
        if (events.wrongResults > 0)
            noise += share * events.wrongResults * 10 * deviation * nearlyNormal(stream);
        const double part = (kept * slope * (1 - share * events.wrongResults) + noise) * grown;
        gradient.parts[i] = part;
        if (i == kSharp) {
            gradient.sharpSlope = part - noise * grown;
            gradient.sharpNoise = unusual * deviation * grown;
        }
        gradient.norm += part * part;
    }
    gradient.norm = std::sqrt(gradient.norm) * land.gradientUnit;
    return gradient;
}

void decreaseScale(const Recipe& recipe, LossState& state)
{
    state.finiteSteps = 0;
    if (recipe.scaling != LossScaling::Dynamic)
        return;
    if (state.scale <= kSmallestScale)
        state.stopped = true;
    state.scale = std::max(kSmallestScale, state.scale / 2);
}

void increaseScale(const Recipe& recipe, LossState& state)
{
    ++state.finiteSteps;
    if (recipe.scaling == LossScaling::Dynamic && static_cast<double>(state.finiteSteps) >= kScaleGrowthSteps) {
        state.scale *= 2;
        state.finiteSteps = 0;
    }
}

/// The step is not taken, is taken with values that ruin the weights, or ends the job.
void meetNonFinite(const Recipe& recipe, LossState& state, StepReport& report)
{
    if (recipe.scaling != LossScaling::Off) {
        report.skipped = true;
        decreaseScale(recipe, state);
    } else if (recipe.nonFinite == NonFinite::Skipped) {
        report.skipped = true;
    } else if (recipe.nonFinite == NonFinite::Fatal) {
        state.stopped = true;
    } else {
        state.weightsFinite = false;
    }
    state.skipped += report.skipped ? 1 : 0;
}

/// 1 - beta^steps, without the power once it is nothing.
double biasCorrection(double beta, std::int64_t steps)
{
    return static_cast<double>(steps) * (1 - beta) > 40 ? 1.0 : 1 - std::pow(beta, static_cast<double>(steps));
}

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101).
void takeStep(const Landscape& land, const Recipe& recipe, double rate, const Gradient& gradient, LossState& state)
{
    const double factor = recipe.clip > 0 && gradient.norm > recipe.clip ? recipe.clip / gradient.norm : 1;
    ++state.momentSteps;
    const double correction1 = 1 / biasCorrection(recipe.beta1, state.momentSteps);
    const double correction2 = 1 / biasCorrection(recipe.beta2, state.momentSteps);
    double moved = 0;
    for (std::size_t i = 0; i < kModes; ++i) {
        const double part = gradient.parts[i] * factor;
        state.moments[i] = recipe.beta1 * state.moments[i] + (1 - recipe.beta1) * part;
        double square = part * part;
        if (i == kSharp) { // its slope is spread over many parameters whose second moments are their noise
            const double slope = gradient.sharpSlope * factor;
            const double noise = gradient.sharpNoise * factor;
            square = noise * noise + slope * slope / kSharpParameters;
        }
        state.squares[i] = recipe.beta2 * state.squares[i] + (1 - recipe.beta2) * square;
        const double update = state.moments[i] * correction1 / (std::sqrt(state.squares[i] * correction2) + kAdamEpsilon);
        state.weights[i] -= rate * update;
        moved += update * update;
    }
    // Updates of many parameters add up like a walk whose steps momentum repeats; decay pulls back.
    const double repeated = (1 + recipe.beta1) / (1 - recipe.beta1);
    state.squaredNorm += land.parameters * rate * rate * repeated * moved / static_cast<double>(kModes);
    state.squaredNorm *= (1 - rate * recipe.weightDecay) * (1 - rate * recipe.weightDecay);
}

} // namespace

double Schedule::rate(std::int64_t step) const
{
    if (step < warmupSteps)
        return peak * static_cast<double>(step + 1) / static_cast<double>(warmupSteps);
    if (step >= steps)
        return minimum;
    const double part = static_cast<double>(step - warmupSteps) / static_cast<double>(std::max<std::int64_t>(1, steps - warmupSteps));
    return minimum + 0.5 * (peak - minimum) * (1 + std::cos(std::numbers::pi * part));
}

std::string_view nameOf(Origin origin)
{
    static constexpr std::array<std::string_view, 6> kNames = {"none", "data", "activations", "gradients", "optimiser", "weights"};
    return kNames[static_cast<std::size_t>(origin)];
}

void LossState::addTo(Fingerprint& f) const
{
    f.add(static_cast<std::uint64_t>(step));
    for (const auto* values : {&weights, &moments, &squares}) {
        for (const double value : *values)
            sim::addTo(f, value);
    }
    f.add(static_cast<std::uint64_t>(momentSteps));
    sim::addTo(f, squaredNorm);
    sim::addTo(f, scale);
    for (const std::int64_t value : {finiteSteps, skipped, originRank, originStep})
        f.add(static_cast<std::uint64_t>(value));
    for (const bool value : {weightsFinite, stopped})
        f.add(std::uint64_t{value ? 1u : 0u});
    sim::addTo(f, origin);
}

LossState untrained(const Landscape& land, const Recipe& recipe)
{
    LossState state;
    for (std::size_t i = 0; i < kModes; ++i)
        state.weights[i] = land.modes[i].start;
    state.squaredNorm = land.parameters * 0.02 * 0.02; // the usual initialisation
    state.scale = recipe.scaling == LossScaling::Off ? 1 : recipe.scale;
    return state;
}

double trueLoss(const Landscape& land, const LossState& state)
{
    return state.weightsFinite ? compressed(land, excessOf(land, state)) : kNan;
}

StepReport advance(const Landscape& land, const Recipe& recipe, const StepEvents& events, LossState& state, RandomStream& stream)
{
    FL_ASSERT(recipe.replicas > 0 && recipe.batchTokens > 0 && recipe.heavyTail > 0);
    StepReport report;
    report.step = state.step;
    report.learningRate = recipe.schedule.rate(state.step);
    report.lossScale = state.scale;
    report.parameterNorm = state.weightsFinite ? std::sqrt(state.squaredNorm) : kNan;
    report.rank = events.rank;
    if (state.stopped)
        return report;

    Gradient gradient = gradientOf(land, recipe, events, state, stream);
    report.loss = trueLoss(land, state) + kLossNoise * std::sqrt(kLossNoiseTokens / recipe.batchTokens) * nearlyNormal(stream)
        + events.mislabelled * (land.untrained - land.floor);
    report.gradientNorm = gradient.norm;
    const double replicas = static_cast<double>(recipe.replicas);
    // All wrong targets are the rank's own, as far as they fit into its part of the batch.
    const double own = std::min(1.0, events.mislabelled * replicas);
    report.rankLoss = report.loss + (own - events.mislabelled) * (land.untrained - land.floor) + events.wrongResults;
    report.rankGradientNorm = gradient.norm * (1 + 10 * events.wrongResults);
    const double wobble = 1 + 0.3 * nearlyNormal(stream); // of the largest entry

    if (!state.weightsFinite) {
        note(state, report, Origin::Weights, -1);
        report.loss = report.gradientNorm = report.rankLoss = report.rankGradientNorm = kNan;
        gradient.finite = false;
    } else if (events.nonFiniteData) {
        note(state, report, Origin::Data, events.rank);
        report.loss = report.gradientNorm = report.rankLoss = report.rankGradientNorm = kNan;
        gradient.finite = false;
    } else if (overflows(recipe.precision, kLogActivation + kActivationGrowth * outside(land, state))) {
        note(state, report, Origin::Activations, -1);
        report.loss = report.gradientNorm = report.rankLoss = report.rankGradientNorm = kNan;
        gradient.finite = false;
    } else if (events.corruptGradient) {
        note(state, report, Origin::Gradients, events.rank);
        report.gradientNorm = report.rankGradientNorm = kInfinity;
        gradient.finite = false;
    } else if ((recipe.precision == Precision::Fp16 || recipe.precision == Precision::PureFp16)
               && state.scale * kPeakGradient * gradient.norm * wobble > kFp16Largest) {
        if (recipe.scaling == LossScaling::Off) // a scaler's overflow is its everyday work
            note(state, report, Origin::Gradients, -1);
        else
            report.origin = Origin::Gradients;
        report.gradientNorm = report.rankGradientNorm = kInfinity;
        gradient.finite = false;
    }

    if (!gradient.finite) {
        meetNonFinite(recipe, state, report);
    } else if (recipe.precision == Precision::PureFp16) {
        // Squares of usual gradients (1e-10 and less) and epsilon are 0 in fp16: the first update divides by nothing.
        note(state, report, Origin::Optimiser, -1);
        state.weightsFinite = false;
    } else {
        takeStep(land, recipe, report.learningRate, gradient, state);
        increaseScale(recipe, state);
        const double out = std::min(1.0, outside(land, state));
        for (std::size_t i = kFrequencies; out > 0 && i < kModes; ++i)
            state.weights[i] += kDamage * out * (land.modes[i].start - state.weights[i]);
    }
    ++state.step;
    return report;
}

LossState restore(const Landscape& land, const Recipe& recipe, const LossState& checkpoint, Restored what, RandomStream& stream,
                  double share)
{
    LossState state = checkpoint;
    // A run without a scaler saved none: then a dynamic one begins where it would at the first step.
    const bool hadScaler = state.scale > 1;
    state.scale = recipe.scaling == LossScaling::Off ? 1 : recipe.scaling == LossScaling::Static || !hadScaler ? recipe.scale : state.scale;
    state.stopped = false;
    state.origin = Origin::None;
    state.originRank = -1;
    state.originStep = -1;
    switch (what) {
    case Restored::Whole: break;
    case Restored::WithoutOptimiser: // fresh moments under the step count of an old run: no bias correction, no warm-up
        state.moments = {};
        state.squares = {};
        state.momentSteps = std::max<std::int64_t>(state.momentSteps, 1000);
        break;
    case Restored::WithNonFiniteWeights: state.weightsFinite = false; break;
    case Restored::WithGarbage:
        for (std::size_t i = kFrequencies; i < kModes; ++i)
            state.weights[i] += std::sqrt(share) * land.modes[i].start * (1 + std::abs(nearlyNormal(stream)));
        break;
    }
    return state;
}

std::string nonFiniteError(std::int64_t rank, std::string_view node, std::int64_t device, std::int64_t iteration, bool infinite,
                           Origin origin)
{
    const bool forward = origin == Origin::Data || origin == Origin::Activations || origin == Origin::Weights;
    const std::string_view where = forward
        ? "forward loss calculation"
        : "grad norm for bucket #0 in backward pass before data-parallel communication collective";
    return fmt::format("RuntimeError: Rank {}, node {}, device {}, iteration {}: Unexpected result {} (message='found {} in local {}')",
                       rank, node, device, iteration, infinite ? "inf" : "nan", infinite ? "Inf" : "NaN", where);
}

std::string_view smallestScaleError()
{
    return "Exception: Current loss scale already at minimum - cannot decrease scale anymore. Exiting run.";
}

} // namespace sim::training
