#pragma once

#include "sim/engine/fingerprint.h"

#include <array>
#include <cstdint>

namespace sim::training {

/// Loss of a language model of N parameters after D tokens (Hoffmann et al., arXiv 2203.15556, equation 2), with the
/// coefficients of the corrected fit (Besiroglu et al., arXiv 2404.10102). Nats a token.
struct ScalingLaw {
    double irreducible = 1.8172;
    double parameterFactor = 482.01;
    double parameterExponent = 0.3478;
    double tokenFactor = 2085.43;
    double tokenExponent = 0.3658;
    bool operator==(const ScalingLaw&) const = default;

    double floor(double parameters) const; ///< with endless data
    double loss(double parameters, double tokens) const;
};
BOOST_DESCRIBE_STRUCT(ScalingLaw, (), (irreducible, parameterFactor, parameterExponent, tokenFactor, tokenExponent))

/// Peak learning rates that published runs use: 3e-4 at 7B parameters and 8e-5 at 405B (Llama 2 and 3), by a power law.
double usualLearningRate(double parameters);

/// One direction of the parameters that is learnt on its own: a parabola with noise in its slope.
struct Mode {
    double curvature = 0;
    double noise = 0; ///< deviation of one step's gradient, at the usual batch
    double start = 0; ///< distance from the optimum before training
    bool operator==(const Mode&) const = default;
};
BOOST_DESCRIBE_STRUCT(Mode, (), (curvature, noise, start))

/// The first is the sharpest direction, which stability hangs on; the second what a model learns first (how frequent each
/// token is); the others have time scales that follow each other like the scaling law's power of D.
inline constexpr std::size_t kModes = 17;
inline constexpr std::size_t kSharp = 0;
inline constexpr std::size_t kFrequencies = 1;

/// A surrogate for the loss of one model: cheap to descend, with the known loss where the model's training would end.
/// Built once for a run. In its units one step of AdamW moves a parameter by at most about the learning rate.
struct Landscape {
    double parameters = 0;
    double floor = 0;
    double untrained = 0;      ///< loss before the first step: ln(vocabulary)
    double batchTokens = 0;    ///< the usual batch
    double learningRate = 0;   ///< the usual peak
    double basin = 0;          ///< |sharp direction| beyond which activations and gradients grow exponentially
    double gradientUnit = 0;   ///< from the modes' gradients to the norm that a log shows
    std::array<Mode, kModes> modes;
    bool operator==(const Landscape&) const = default;
    void addTo(Fingerprint& f) const;
};

/// Requires: positive arguments.
Landscape landscapeOf(double parameters, double vocabulary, double batchTokens, const ScalingLaw& law = {});

} // namespace sim::training
