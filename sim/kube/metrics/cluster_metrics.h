#pragma once

#include "sim/kube/api/store.h"
#include "sim/kube/client/context.h"
#include "sim/kube/client/pod_metrics.h"
#include "sim/kube/metrics/prometheus_adapter.h"

#include <map>
#include <optional>
#include <string>

namespace sim::kube {

/// What pods without a machine are said to use: the figures of a recording. By namespace and the beginning of the
/// pod's name, of each container; without a namespace of the node of that name.
using RecordedUsage = std::map<ObjectKey, ContainerUsage>;

/// What a metrics-server knows: the kubelets' figures of their containers, as old as its latest round. It serves while
/// a ready pod with the label k8s-app=metrics-server runs in kube-system, or where figures are recorded.
class ClusterMetrics final : public PodMetricsSource {
public:
    ClusterMetrics(const Context& context, const Store& store, const RecordedUsage& recorded)
        : m_context(context)
        , m_store(store)
        , m_recorded(recorded)
    {
    }

    bool served() const override;
    std::optional<PodMetrics> podMetrics(const Pod& pod) const override;
    bool servesCustom() const override { return customMetricsServed(m_store); }
    std::optional<CustomMetric> customMetric(const Pod& pod, const std::string& metric) const override;
    /// All that runs on the node, the system's own processes included; "" as container name. Nothing: no sample.
    std::optional<PodMetrics> nodeMetrics(const Node& node) const;

private:
    Instant latestRound() const;

    const Context& m_context;
    const Store& m_store;
    const RecordedUsage& m_recorded;
};

} // namespace sim::kube
