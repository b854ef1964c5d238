#pragma once

#include "sim/kube/api/store.h"

#include <cstdint>
#include <vector>

namespace sim::kube {

/// How many pods are in which state, kept by the watch: charts ask every second, whatever the size of the cluster.
/// Derived from the store.
struct PodTally {
    std::int64_t running = 0;  ///< phase Running
    std::int64_t ready = 0;    ///< all containers ready
    std::int64_t waiting = 0;  ///< neither ready nor Succeeded

    static PodTally of(const Store& store);
    /// Changes after those that are counted, oldest first.
    void observe(const std::vector<const WatchEvent*>& changes);
    bool operator==(const PodTally&) const = default;

private:
    void add(const Pod& pod, std::int64_t sign);
};

} // namespace sim::kube
