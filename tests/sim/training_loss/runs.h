#pragma once

#include "sim/training/loss/optimisation.h"

#include <vector>

namespace tests {

/// A 7B model with a batch of 4M tokens.
sim::training::Landscape sevenBillion();
/// Its usual recipe for so many steps: bf16, AdamW with 0.9 and 0.95, clipped at 1.
sim::training::Recipe usualRecipe(std::int64_t steps);

struct TrainingRun {
    sim::training::LossState state;
    std::vector<sim::training::StepReport> reports;

    /// First step whose loss is not a number; -1: none.
    std::int64_t firstNan() const;
    double mean(std::size_t first, std::size_t count) const; ///< of the loss
};

/// `steps` steps from a state; `events` concern the steps [first, first + count).
TrainingRun run(const sim::training::Recipe& recipe, sim::training::LossState state, std::int64_t steps, std::uint64_t seed,
        const sim::training::StepEvents& events = {}, std::int64_t first = -1, std::int64_t count = 1);
/// The usual recipe's state after so many steps.
sim::training::LossState trained(const sim::training::Recipe& recipe, std::int64_t steps, std::uint64_t seed);

} // namespace tests
