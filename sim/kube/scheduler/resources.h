#pragma once

#include "sim/kube/api/core_v1.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sim::kube {

/// Amounts of the resources that the scheduler reckons with, as integers: parsed once per shape of pod and
/// per node. Extended resources ("nvidia.com/gpu", "hugepages-2Mi") are few: a short vector in order of name.
struct Resources {
    std::int64_t milliCpu = 0;
    std::int64_t memoryBytes = 0;
    std::int64_t storageBytes = 0; ///< ephemeral-storage
    std::vector<std::pair<std::string, std::int64_t>> extended;

    std::int64_t extendedOf(const std::string& name) const;
    /// "cpu" in milli-units, the others in units.
    std::int64_t of(const std::string& name) const;
    void add(const Resources& other, std::int64_t sign = 1);
    bool operator==(const Resources&) const = default;

    static Resources ofList(const ResourceList& list);
};

/// What a pod asks for: the sum of its containers and sidecars or the largest need while the init containers
/// run, whichever is more, and the overhead (component-helpers/resource/helpers.go, PodRequests).
Resources podRequests(const PodSpec& spec);
/// The same with 100m / 200Mi for containers that do not say (for scoring; util/pod_resources.go).
Resources podNonZeroRequests(const PodSpec& spec);

inline constexpr std::int64_t kDefaultMilliCpuRequest = 100;
inline constexpr std::int64_t kDefaultMemoryRequest = 200 * 1024 * 1024;

} // namespace sim::kube
