#pragma once

#include "sim/engine/time.h"
#include "sim/kube/api/core_v1.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

struct ContainerUsage {
    std::string name;
    std::int64_t milliCpu = 0;
    std::int64_t memoryBytes = 0;
    bool operator==(const ContainerUsage&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerUsage, (), (name, milliCpu, memoryBytes))

/// metrics.k8s.io PodMetrics: what a pod used over a window that ends at `timestamp`.
struct PodMetrics {
    Instant timestamp{};
    Duration window{};
    std::vector<ContainerUsage> containers;
    bool operator==(const PodMetrics&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodMetrics, (), (timestamp, window, containers))

/// What a pod tells of itself at its /metrics: "vllm:num_requests_waiting" -> 3.
using PodSeries = std::map<std::string, double>;

/// Who scrapes pods. The world answers.
class PodSeriesSource {
public:
    virtual ~PodSeriesSource() = default;
    /// What it told last, not after `scraped`; empty: nothing.
    virtual PodSeries podSeries(const Pod& pod, Instant scraped) const = 0;
};

/// custom.metrics.k8s.io: a figure of a pod, in thousandths.
struct CustomMetric {
    Instant timestamp{};
    std::int64_t milli = 0;
    bool operator==(const CustomMetric&) const = default;
};
BOOST_DESCRIBE_STRUCT(CustomMetric, (), (timestamp, milli))

/// Whoever serves metrics.k8s.io (a metrics-server over the simulated containers, or recorded figures) and custom.metrics.k8s.io.
class PodMetricsSource {
public:
    virtual ~PodMetricsSource() = default;
    /// False: the API is not there at all.
    virtual bool served() const = 0;
    /// Nothing: no sample of the pod yet.
    virtual std::optional<PodMetrics> podMetrics(const Pod& pod) const = 0;
    /// Of custom.metrics.k8s.io.
    virtual bool servesCustom() const = 0;
    virtual std::optional<CustomMetric> customMetric(const Pod& pod, const std::string& metric) const = 0;
};

} // namespace sim::kube
