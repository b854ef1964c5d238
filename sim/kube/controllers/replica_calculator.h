#pragma once

#include "sim/kube/client/pod_metrics.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

// How many replicas a resource metric asks for (pkg/controller/podautoscaler/replica_calculator.go).
namespace sim::kube {

/// The pods of a scale target and what was measured of them.
struct MeasuredPods {
    std::vector<std::shared_ptr<const Pod>> pods;
    std::map<std::string, PodMetrics> metrics; ///< by pod name
    Instant now{};
};

struct ReplicaProposal {
    std::int64_t replicas = 0;
    std::int64_t utilization = 0;  ///< percent of the requests
    std::int64_t averageValue = 0; ///< thousandths, over the pods with metrics
    std::string error;             ///< why there is none; empty when there is
};

/// `container`: only that one; empty: all of the pod. Targets in percent of the request.
ReplicaProposal replicasForUtilization(const MeasuredPods& measured, std::int64_t current, const std::string& resource,
                                       const std::string& container, std::int64_t targetPercent);
/// Target in thousandths of the resource's unit, per pod.
ReplicaProposal replicasForAverageValue(const MeasuredPods& measured, std::int64_t current, const std::string& resource,
                                        const std::string& container, std::int64_t targetMilli);
/// Any figure of the pods, by name and in thousandths, as its target is. Requires: not empty.
ReplicaProposal replicasForFigures(const MeasuredPods& measured, const std::map<std::string, std::int64_t>& figures, std::int64_t current,
                                   std::int64_t targetMilli);

} // namespace sim::kube
