#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sim::kube {

/// How NodeResourcesFit turns fractions into points (KubeSchedulerConfiguration, NodeResourcesFitArgs).
struct ScoringStrategy {
    enum class Type : std::uint8_t { LeastAllocated, MostAllocated, RequestedToCapacityRatio };
    struct ResourceWeight {
        std::string name;
        std::int64_t weight = 1;
        bool operator==(const ResourceWeight&) const = default;
        void addTo(Fingerprint& f) const { f.add(name); sim::addTo(f, weight); }
    };
    struct Point {
        std::int64_t utilization = 0; ///< percent
        std::int64_t score = 0;       ///< 0..10
        bool operator==(const Point&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, utilization); sim::addTo(f, score); }
    };
    Type type = Type::LeastAllocated;
    std::vector<ResourceWeight> resources{{"cpu", 1}, {"memory", 1}};
    std::vector<Point> shape; ///< RequestedToCapacityRatio: rising utilization
    bool operator==(const ScoringStrategy&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, type); sim::addTo(f, resources); sim::addTo(f, shape); }
};

/// A profile of KubeSchedulerConfiguration: the options in use.
struct Profile {
    std::string schedulerName = "default-scheduler";
    ScoringStrategy fit;
    std::int64_t percentageOfNodesToScore = 0; ///< 0: by the cluster's size
    bool systemDefaultSpreading = true;        ///< PodTopologySpreadArgs.defaultingType System
    std::map<std::string, std::string> draws;  ///< "namespace/pod" -> which of equally good nodes; else chance
    bool operator==(const Profile&) const = default;
    void addTo(Fingerprint& f) const
    {
        f.add(schedulerName);
        fit.addTo(f);
        sim::addTo(f, percentageOfNodesToScore);
        sim::addTo(f, systemDefaultSpreading);
        sim::addTo(f, draws);
    }
};

} // namespace sim::kube
