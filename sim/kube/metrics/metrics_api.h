#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/metrics/cluster_metrics.h"

namespace sim::kube {

/// The request is for metrics.k8s.io ("pods.metrics.k8s.io", "nodes.metrics.k8s.io") or for a figure of custom.metrics.k8s.io
/// ("pods.custom.metrics.k8s.io", whose subresource is the metric, and whose name may be "*").
bool isMetricsRequest(const Request& request);
/// PodMetrics and NodeMetrics, one or a list, or a MetricValueList; 404 where nobody serves them. Requires: isMetricsRequest().
Response metricsResponse(const Store& store, const ClusterMetrics& metrics, const Request& request);

} // namespace sim::kube
