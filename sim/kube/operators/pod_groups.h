#pragma once

#include "sim/kube/operators/custom_kinds.h"
#include "sim/kube/operators/pytorch_job.h"
#include "sim/kube/operators/resource_amounts.h"

#include <string>

// Volcano's PodGroups and Queues (scheduling.volcano.sh/v1beta1), read and written.
namespace sim::kube {

inline constexpr const char* kVolcanoScheduler = "volcano";
inline constexpr const char* kGroupNameAnnotation = "scheduling.k8s.io/group-name";

inline constexpr const char* kGroupPending = "Pending";
inline constexpr const char* kGroupInqueue = "Inqueue";
inline constexpr const char* kGroupRunning = "Running";
inline constexpr const char* kGroupUnknown = "Unknown";
inline constexpr const char* kGroupCompleted = "Completed";

struct PodGroupSpec {
    std::int64_t minMember = 0;
    std::string queue;
    std::string priorityClassName;
    std::optional<nlohmann::json> minResources; ///< none: the group may always be queued
    nlohmann::json toJson() const;
    static PodGroupSpec of(const nlohmann::json& spec);
};

struct PodGroupStatus {
    std::string phase; ///< empty: nobody has looked at it
    std::int64_t running = 0;
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    nlohmann::json conditions = nlohmann::json::array();
    nlohmann::json toJson() const;
    static PodGroupStatus of(const nlohmann::json& status);
    /// Replaces the condition of that type. Its time and transition stay when nothing else changes.
    void set(const std::string& type, const std::string& reason, const std::string& message, const std::string& transition, Instant now);
};

/// A group of the owner's name, owned by it.
nlohmann::json podGroupManifest(const PodGroupSpec& spec, const CustomObject& owner);
/// What the first `members` replicas ask for, those of higher priority first (common/util.go, CalcPGMinResources).
nlohmann::json leastResources(const Store& store, const PyTorchJob& job, std::int64_t members);

struct VolcanoQueue {
    std::string name;
    std::int64_t weight = 1;
    std::optional<Amounts> capability; ///< none: the whole cluster
    bool open = true;
};
std::vector<VolcanoQueue> volcanoQueues(const Store& store);

} // namespace sim::kube
