#pragma once

#include "sim/training/jobs/run_context.h"

namespace sim::training {

/// What the machines make of a step: where a rank differs from the usual.
struct Conditions {
    double clockHz = 0; ///< the usual one of the job's GPUs; 0: none works yet
    std::map<std::int64_t, RankFactors> factors;
};

/// Clock, links and host of every rank, in grains so coarse that jitter does not count.
Conditions conditionsOf(const RunContext& context);
/// Clocks jitter by a step or two; what differs by less is the same.
double usualClock(double hertz);

} // namespace sim::training
