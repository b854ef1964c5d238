#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/metrics/cluster_metrics.h"

namespace sim::kube {

/// The request is for metrics.k8s.io ("pods.metrics.k8s.io", "nodes.metrics.k8s.io").
bool isMetricsRequest(const Request& request);
/// PodMetrics and NodeMetrics, one or a list; 404 where nobody serves them. Requires: isMetricsRequest().
Response metricsResponse(const Store& store, const ClusterMetrics& metrics, const Request& request);

} // namespace sim::kube
