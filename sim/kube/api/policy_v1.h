#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- policy/v1 ----------------------------------------------------------------------------------

struct PdbSpec {
    std::optional<IntOrString> maxUnavailable;
    std::optional<IntOrString> minAvailable;
    std::optional<LabelSelector> selector;
    std::optional<std::string> unhealthyPodEvictionPolicy; ///< IfHealthyBudget (default), AlwaysAllow
    bool operator==(const PdbSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(PdbSpec, (), (maxUnavailable, minAvailable, selector, unhealthyPodEvictionPolicy))

struct PdbStatus {
    std::vector<Condition> conditions;
    Always<std::int64_t> currentHealthy;
    Always<std::int64_t> desiredHealthy;
    std::map<std::string, Time> disruptedPods; ///< pods whose eviction was granted and which are not gone yet
    Always<std::int64_t> disruptionsAllowed;
    Always<std::int64_t> expectedPods;
    std::int64_t observedGeneration = 0;
    bool operator==(const PdbStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(PdbStatus, (), (conditions, currentHealthy, desiredHealthy, disruptedPods, disruptionsAllowed,
    expectedPods, observedGeneration))

struct PodDisruptionBudget {
    ObjectMeta metadata;
    PdbSpec spec;
    PdbStatus status;
    bool operator==(const PodDisruptionBudget&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodDisruptionBudget, (), (metadata, spec, status))

} // namespace sim::kube
