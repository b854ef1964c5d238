#include "sim/training/loss/landscape.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <cmath>

namespace sim::training {

namespace {

/// Preconditioned sharpness times the learning rate at the usual peak. AdamW is stable below 38 (Cohen et al., arXiv
/// 2207.14484): rates of about five times the usual diverge, as sweeps find (Wortsman et al., arXiv 2309.14322, figure 1).
constexpr double kSharpnessAtPeak = 8;
/// The gradient's norm once training is under way, with its usual noise: 0.1 to 0.5 in published logs.
constexpr double kUsualGradientNorm = 0.25;
/// How far an update may carry the sharp direction before the model leaves its basin, in steps of the usual rate. Clipped
/// gradients reach 3, unclipped ones 6 with beta2 = 0.95 and 30 with 0.999.
constexpr double kBasinSteps = 2.3;
constexpr double kFirstSteps = 25;       ///< time scale of the fastest of the scaling law's modes
constexpr double kLastTokens = 4e13;     ///< of the slowest
/// The law speaks of finished runs, whose rate was, over a cosine to a tenth, so much of its peak on average.
constexpr double kMeanRate = 0.55;
constexpr double kFrequencySteps = 60;   ///< the coherent start: about a third of warm-up

} // namespace

double ScalingLaw::floor(double parameters) const
{
    return irreducible + parameterFactor / std::pow(parameters, parameterExponent);
}

double ScalingLaw::loss(double parameters, double tokens) const
{
    return floor(parameters) + tokenFactor / std::pow(tokens, tokenExponent);
}

double usualLearningRate(double parameters)
{
    return 3e-4 * std::pow(parameters / 7e9, -0.326);
}

void Landscape::addTo(Fingerprint& f) const
{
    for (const double value : {parameters, floor, untrained, batchTokens, learningRate, basin, gradientUnit})
        sim::addTo(f, value);
    for (const Mode& mode : modes)
        sim::addTo(f, mode);
}

Landscape landscapeOf(double parameters, double vocabulary, double batchTokens, const ScalingLaw& law)
{
    FL_ASSERT(parameters > 0 && vocabulary > 1 && batchTokens > 0);
    Landscape land;
    land.parameters = parameters;
    land.floor = law.floor(parameters);
    land.untrained = std::log(vocabulary);
    land.batchTokens = batchTokens;
    land.learningRate = usualLearningRate(parameters);
    land.basin = kBasinSteps * land.learningRate;

    // D^-b as a sum of exponentials: 1/Gamma(b) times the integral of r^b e^(-rD) over ln r. A mode's loss falls by e in
    // its time scale when its noise, at the usual batch, is twice its first gradient: Adam then moves it by
    // rate * gradient / noise.
    constexpr std::size_t kFirst = kFrequencies + 1;
    const double slowest = std::max(1e4, kLastTokens / batchTokens);
    const double spacing = std::log(slowest / kFirstSteps) / static_cast<double>(kModes - kFirst - 1);
    double sum = 0;
    double noise = 0;
    for (std::size_t i = kFirst; i < kModes; ++i) {
        const double steps = kFirstSteps * std::exp(spacing * static_cast<double>(i - kFirst));
        const double share = law.tokenFactor / std::tgamma(law.tokenExponent)
            * std::pow(kMeanRate / (steps * batchTokens), law.tokenExponent) * spacing;
        Mode& mode = land.modes[i];
        mode.start = land.learningRate * steps;
        mode.curvature = 2 * share / (mode.start * mode.start);
        mode.noise = 2 * mode.curvature * mode.start;
        sum += share;
        noise += mode.noise * mode.noise;
    }
    Mode& frequencies = land.modes[kFrequencies];
    const double rest = std::max(0.5, land.untrained - land.floor - sum);
    land.untrained = land.floor + sum + rest;
    frequencies.start = land.learningRate * kFrequencySteps;
    frequencies.curvature = 2 * rest / (frequencies.start * frequencies.start);
    frequencies.noise = 0.1 * frequencies.curvature * frequencies.start;
    noise += frequencies.noise * frequencies.noise;

    Mode& sharp = land.modes[kSharp];
    sharp.noise = std::sqrt(noise / static_cast<double>(kModes - 1));
    sharp.curvature = kSharpnessAtPeak * sharp.noise / land.learningRate;
    noise += sharp.noise * sharp.noise;
    land.gradientUnit = kUsualGradientNorm / std::sqrt(noise);
    return land;
}

} // namespace sim::training
