#pragma once

#include "sim/kube/scheduler/placement.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// DefaultPreemption (framework/preemption/preemption.go, plugins/defaultpreemption): on which node could
/// pods of lower priority make room?
struct Preemption {
    struct Candidate {
        int slot = kNoSlot;
        std::vector<PodId> victims; ///< the most important first
        std::int64_t violations = 0; ///< of disruption budgets
    };
    std::optional<Candidate> chosen;
    std::string text;               ///< why nobody is evicted
    bool clearsNomination = false;  ///< an earlier nomination is void

    /// Requires: no node is feasible, as `diagnosis` says.
    static Preemption find(PlacementRun& run, const Diagnosis& diagnosis, RandomStream& random);
};

/// How many candidates are enough among `nodes` that removing pods may help.
std::size_t preemptionCandidatesWanted(std::size_t nodes);

} // namespace sim::kube
