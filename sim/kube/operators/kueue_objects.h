#pragma once

#include "sim/kube/operators/custom_kinds.h"
#include "sim/kube/operators/resource_amounts.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

// Kueue's objects (kueue.x-k8s.io/v1beta2), read for a decision.
namespace sim::kube {

inline constexpr const char* kQueueNameLabel = "kueue.x-k8s.io/queue-name";

/// A quantity of one resource in one flavor.
struct FlavorResource {
    std::string flavor;
    std::string resource;
    auto operator<=>(const FlavorResource&) const = default;
};
using FlavorAmounts = std::map<FlavorResource, std::int64_t>; ///< thousandths

struct FlavorQuota {
    std::int64_t nominal = 0;
    std::optional<std::int64_t> borrowingLimit; ///< none: whatever the cohort has
    std::optional<std::int64_t> lendingLimit;   ///< none: all that is not used
};

struct ClusterQueue {
    struct Group {
        std::vector<std::string> resources; ///< covered
        std::vector<std::string> flavors;   ///< in the order in which they are tried
    };
    CustomObjectPtr object;
    std::string name;
    std::string cohort;
    bool strictFifo = false;
    bool stopped = false;
    std::vector<Group> groups;
    std::map<FlavorResource, FlavorQuota> quotas;
    std::vector<std::string> missingFlavors;
    FlavorAmounts used; ///< reserved by its workloads
    bool active() const { return !stopped && missingFlavors.empty(); }
};

struct ResourceFlavor {
    StringMap nodeLabels;
    std::vector<Taint> taints;
    std::vector<Toleration> tolerations;
};

struct LocalQueue {
    CustomObjectPtr object;
    std::string clusterQueue;
    bool stopped = false;
};

struct PodSet {
    std::string name;
    std::int64_t count = 0;
    PodSpec spec;
    Amounts requests; ///< of one pod
};

struct PodSetAssignment {
    std::string name;
    std::int64_t count = 0;
    std::map<std::string, std::string> flavors; ///< by resource
    Amounts usage;                              ///< of all pods
};

struct Workload {
    CustomObjectPtr object;
    std::string queue;        ///< LocalQueue
    std::int64_t priority = 0;
    bool active = true;
    std::vector<PodSet> podSets;
    std::string reservedIn;   ///< ClusterQueue; empty: no quota
    std::vector<PodSetAssignment> assignments;
    bool finished = false;
    bool admitted = false;
    const std::string& name() const { return object->metadata.name; }
    FlavorAmounts usage() const;
};

std::map<std::string, ResourceFlavor> resourceFlavors(const Store& store);
/// By name, with nothing used yet.
std::vector<ClusterQueue> clusterQueues(const Store& store, const std::map<std::string, ResourceFlavor>& flavors);
std::map<ObjectKey, LocalQueue> localQueues(const Store& store);
std::vector<PodSet> readPodSets(const nlohmann::json& list);
Workload readWorkload(CustomObjectPtr object);

/// metav1 conditions: sets one; its time is of the last change of its status. False: nothing changed.
bool setMetaCondition(nlohmann::json& conditions, const std::string& type, bool value, const std::string& reason, const std::string& message,
                      std::int64_t generation, Instant now);
bool metaConditionTrue(const nlohmann::json& status, const std::string& type);

} // namespace sim::kube
