#pragma once

#include "sim/kube/api/apps_v1.h"

#include <cstdint>
#include <vector>

// The arithmetic of rollouts, apart from the objects (pkg/controller/deployment/util/deployment_util.go).
namespace sim::kube {

struct RolloutLimits {
    std::int64_t surge = 0;       ///< pods above `replicas`, rounded up
    std::int64_t unavailable = 0; ///< pods below `replicas`, rounded down; 1 when both come to 0
};
/// Zero surge for Recreate.
RolloutLimits rolloutLimits(const DeploymentSpec& spec);

/// What the new ReplicaSet may have now, given the sum of all sets' sizes.
std::int64_t newSetSize(const DeploymentSpec& spec, std::int64_t newSize, std::int64_t allSizes);

struct SetSize {
    std::int64_t size = 0;
    std::int64_t available = 0;
};
/// Sizes of the old sets (oldest first) after one step down: unhealthy pods first, then as many as
/// availability allows.
std::vector<std::int64_t> oldSetSizes(const DeploymentSpec& spec, const std::vector<SetSize>& old, SetSize newSet);

struct ProportionalSet {
    std::int64_t size = 0;
    std::int64_t maxReplicas = 0; ///< its annotation; 0: none
};
/// Sizes of all active sets when the Deployment is scaled in mid-rollout. `sets` must be sorted by size,
/// largest first (ties: newer first when growing, older first when shrinking).
std::vector<std::int64_t> proportionalSizes(const DeploymentSpec& spec, const std::vector<ProportionalSet>& sets,
                                            std::int64_t statusReplicas);
/// replicas + surge, and 0 for 0.
std::int64_t allowedSize(const DeploymentSpec& spec);

} // namespace sim::kube
