#pragma once

#include "sim/training/model/step.h"

namespace sim::training {

/// Work and its time on one rank: seconds of kernels, operations, bytes of device memory.
struct Work {
    double seconds = 0;
    double flops = 0;
    double bytes = 0;

    Work& operator+=(const Work& other);
    Work operator*(double times) const { return {seconds * times, flops * times, bytes * times}; }
};

/// Collectives that nothing hides: their seconds and bytes by link.
struct Traffic {
    double seconds = 0;
    double nvlinkBytes = 0;
    double networkBytes = 0;

    Traffic& operator+=(const Traffic& other);
    Traffic operator*(double times) const { return {seconds * times, nvlinkBytes * times, networkBytes * times}; }
};

/// What one micro-batch costs a rank of a stage.
struct StageCost {
    Work forward;
    Work backward;
    Work recompute;
    Traffic tensor;
    Traffic context;
    Traffic expert;
    Traffic sharded;     ///< ZeRO-3's gathers and scatters that the layers' work does not hide
    double seconds() const
    {
        return forward.seconds + backward.seconds + recompute.seconds + tensor.seconds + context.seconds + expert.seconds
            + sharded.seconds;
    }
};

/// `clock` and `link`: factors of the slowest rank of the tensor group.
StageCost stageCost(const StepPlan& plan, const CollectiveTimes& collectives, std::int64_t stage, double clock, double link);

/// One collective of a group of the plan; nothing when it has one member. `count` calls.
Traffic callTraffic(const StepPlan& plan, const CollectiveTimes& collectives, Collective collective, Group group,
                    double bytes, double link);

/// The share of multiprocessors that NCCL's kernels hold: 16 channels, a block each (facts from NCCL's own log lines).
double communicationShare(const Accelerator& accelerator);

} // namespace sim::training
