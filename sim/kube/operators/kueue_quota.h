#pragma once

#include "sim/kube/operators/kueue_objects.h"

namespace sim::kube {

/// Whether a workload may have quota, and of which flavors (pkg/scheduler/flavorassigner). Nobody is preempted for it.
struct FlavorDecision {
    std::vector<PodSetAssignment> assignments;
    std::string message; ///< why not; empty: it fits
    bool fits() const { return message.empty(); }
};

/// Requires: `queue` is one of `queues`, whose `used` is up to date.
FlavorDecision assignFlavors(const Workload& workload, const ClusterQueue& queue, const std::vector<ClusterQueue>& queues,
                             const std::map<std::string, ResourceFlavor>& flavors);

} // namespace sim::kube
