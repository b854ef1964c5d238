#pragma once

#include "sim/engine/time.h"
#include "sim/kube/api/core_v1.h"

#include <cstdint>
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

/// Whoever serves metrics.k8s.io: a metrics-server over the simulated containers, or recorded figures.
class PodMetricsSource {
public:
    virtual ~PodMetricsSource() = default;
    /// False: the API is not there at all.
    virtual bool served() const = 0;
    /// Nothing: no sample of the pod yet.
    virtual std::optional<PodMetrics> podMetrics(const Pod& pod) const = 0;
};

} // namespace sim::kube
