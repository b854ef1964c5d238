#include "tests/sim/training_loss/runs.h"

#include <cmath>

namespace tests {

using namespace sim::training;

Landscape sevenBillion()
{
    return landscapeOf(7e9, 128256, 4e6);
}

Recipe usualRecipe(std::int64_t steps)
{
    Recipe recipe;
    recipe.schedule.peak = sevenBillion().learningRate;
    recipe.schedule.minimum = 0.1 * recipe.schedule.peak;
    recipe.schedule.steps = steps;
    recipe.replicas = 64;
    return recipe;
}

std::int64_t TrainingRun::firstNan() const
{
    for (const StepReport& report : reports) {
        if (std::isnan(report.loss))
            return report.step;
    }
    return -1;
}

double TrainingRun::mean(std::size_t first, std::size_t count) const
{
    double sum = 0;
    for (std::size_t i = first; i < first + count; ++i)
        sum += reports[i].loss;
    return sum / static_cast<double>(count);
}

TrainingRun run(const Recipe& recipe, LossState state, std::int64_t steps, std::uint64_t seed, const StepEvents& events,
        std::int64_t first, std::int64_t count)
{
    const Landscape land = sevenBillion();
    sim::RandomStream stream(seed, "training/loss");
    TrainingRun result;
    for (std::int64_t i = 0; i < steps; ++i) {
        const bool concerned = state.step >= first && state.step < first + count;
        result.reports.push_back(advance(land, recipe, concerned ? events : StepEvents{}, state, stream));
    }
    result.state = state;
    return result;
}

LossState trained(const Recipe& recipe, std::int64_t steps, std::uint64_t seed)
{
    return run(recipe, untrained(sevenBillion(), recipe), steps, seed).state;
}

} // namespace tests
