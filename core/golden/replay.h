#pragma once

#include "core/golden/recording.h"
#include "core/golden/text_difference.h"

namespace core::golden {

struct CaseResult {
    std::string name;
    int steps = 0;            ///< commands and HTTP calls that were run
    int stepsPassed = 0;
    std::vector<Difference> differences;
    bool passed() const { return differences.empty(); }
};

/// Runs a recorded case in a fresh simulated control plane and compares everything that was recorded of it.
sim::Result<CaseResult> replayCase(const Recording& recording, std::uint64_t seed = 1);

} // namespace core::golden
