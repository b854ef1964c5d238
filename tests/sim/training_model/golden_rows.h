#pragma once

#include "sim/training/model/step.h"

#include <string>
#include <vector>

namespace tests {

/// One published run of tests/golden/training/mfu_rows.csv and what it measured.
struct GoldenRow {
    std::string id;
    std::string source;
    bool tuned = false;
    sim::training::StepPlan plan;
    sim::training::RingTimes::Links links;
    std::string metric; ///< mfu, hfu, seconds, tokens_per_gpu
    double value = 0;
};

std::vector<GoldenRow> goldenRows();
/// The same quantity as the row's, simulated.
double simulated(const GoldenRow& row);
/// Relative error of the speed: positive when the model is too fast.
double speedError(const GoldenRow& row);

} // namespace tests
