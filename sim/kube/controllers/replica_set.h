#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/replicaset: keeps the number of pods of each ReplicaSet.
struct ReplicaSetController {
    static constexpr const char* kStream = "kube/replicaset";
    static constexpr int kWorkers = 5; // --concurrent-replicaset-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const ReplicaSetController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

/// Pods in the order in which a ReplicaSet would delete them (controller_utils.go, ActivePodsWithRanks).
/// `colocated` counts related pods per node.
std::vector<std::shared_ptr<const Pod>> inDeletionOrder(std::vector<std::shared_ptr<const Pod>> pods,
                                                        const std::map<std::string, std::int64_t>& colocated, Instant now);

} // namespace sim::kube
