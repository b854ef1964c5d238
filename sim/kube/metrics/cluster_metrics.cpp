#include "sim/kube/metrics/cluster_metrics.h"

#include "sim/kube/client/objects.h"

#include <algorithm>
#include <cmath>

namespace sim::kube {

namespace {

// metrics-server: --metric-resolution; Prometheus scrapes as often here
constexpr Duration kResolution = 15s;
// Recorded figures are of the moment.
constexpr Duration kRecordedWindow = 1s;
constexpr const char* kSystemNamespace = "kube-system";
constexpr const char* kServerLabel = "k8s-app";
constexpr const char* kServerName = "metrics-server";

std::int64_t milli(double cores)
{
    return static_cast<std::int64_t>(std::ceil(cores * 1000));
}

} // namespace

bool ClusterMetrics::served() const
{
    if (!m_recorded.empty())
        return true;
    const auto pods = m_store.inNamespace<Pod>(kSystemNamespace);
    return std::any_of(pods.begin(), pods.end(), [](const auto& pod) {
        const auto label = pod->metadata.labels.find(kServerLabel);
        return label != pod->metadata.labels.end() && label->second == kServerName && isReady(*pod);
    });
}

Instant ClusterMetrics::latestRound() const
{
    return Instant{kResolution * (m_context.engine.now().time_since_epoch() / kResolution)};
}

std::optional<PodMetrics> ClusterMetrics::podMetrics(const Pod& pod) const
{
    PodMetrics metrics{latestRound(), kResolution, {}};
    for (const auto& [key, usage] : m_recorded) {
        if (key.namespace_ != pod.metadata.namespace_ || pod.metadata.name.compare(0, key.name.size(), key.name) != 0)
            continue;
        metrics.timestamp = m_context.engine.now();
        metrics.window = kRecordedWindow;
        for (const Container& container : pod.spec.containers)
            metrics.containers.push_back({container.name, usage.milliCpu, usage.memoryBytes});
        return metrics;
    }
    for (const auto& [id, container] : m_context.runtimes.containers()) {
        if (container.sandbox || container.podUid != pod.metadata.uid || container.state != container::Container::State::Running
            || container.started > metrics.timestamp)
            continue;
        ContainerUsage usage{container.name, 0, 0};
        double cores = 0;
        for (const auto& [pid, process] : m_context.hosts.at(container.host).processes)
            if (process.container == id) {
                cores += process.cpuGranted;
                usage.memoryBytes += process.residentBytes;
            }
        usage.milliCpu = milli(cores);
        metrics.containers.push_back(std::move(usage));
    }
    if (metrics.containers.empty())
        return std::nullopt;
    return metrics;
}

std::optional<CustomMetric> ClusterMetrics::customMetric(const Pod& pod, const std::string& metric) const
{
    if (m_context.series == nullptr || !servesCustom())
        return std::nullopt;
    const Instant scraped = latestRound();
    const PodSeries series = m_context.series->podSeries(pod, scraped);
    for (const AdapterRule& rule : adapterRules(m_store))
        for (const auto& [name, value] : series)
            if (rule.metricOf(name) == metric)
                return CustomMetric{scraped, static_cast<std::int64_t>(value * 1000)};
    return std::nullopt;
}

std::optional<PodMetrics> ClusterMetrics::nodeMetrics(const Node& node) const
{
    if (const auto recorded = m_recorded.find({"", node.metadata.name}); recorded != m_recorded.end())
        return PodMetrics{m_context.engine.now(), kResolution, {{"", recorded->second.milliCpu, recorded->second.memoryBytes}}};
    const host::Machine* machine = m_context.hosts.find(node.metadata.name);
    if (machine == nullptr || !m_context.hosts.unitActive(machine->id, "kubelet.service"))
        return std::nullopt;
    return PodMetrics{latestRound(), kResolution, {{"", milli(machine->cpuCoresUsed()), machine->memoryUsedBytes()}}};
}

} // namespace sim::kube
