#pragma once

#include "sim/kube/controllers/controller.h"
#include "sim/kube/controllers/slow_start.h"

#include <map>
#include <vector>

namespace sim::kube {

/// What a ReplicaSet counts of its active pods.
struct ReplicaCounts {
    std::int64_t active = 0;
    std::int64_t fullyLabeled = 0;
    std::int64_t ready = 0;
    std::int64_t strangers = 0; ///< owned, but not selected any more: to be released
    bool operator==(const ReplicaCounts&) const = default;
};

/// A ReplicaSet's counts, kept by the watch, so that a round does not walk its pods. Derived from the store.
struct ReplicaTally {
    std::string uid;             ///< of the ReplicaSet
    std::int64_t generation = 0; ///< of the ReplicaSet that was counted for
    std::uint64_t version = 0;   ///< resourceVersion of the count: later changes are added to it
    ReplicaCounts counts;
    bool operator==(const ReplicaTally&) const = default;
};

/// One sync under way: its requests take time, and the set is not looked at again before the last is done.
struct ReplicaSync {
    std::string uid;                ///< of the ReplicaSet
    std::int64_t generation = 0;    ///< of the ReplicaSet that is brought about
    Instant began{};
    SlowStart requests;
    std::int64_t missing = 0;       ///< pods to be made that have not been asked for
    std::deque<ObjectKey> victims;  ///< pods that are being deleted, in the order of their requests
    ReplicaCounts counts;           ///< as the sync found them
    std::int64_t available = 0;
    std::string failure;            ///< of a creation
    std::optional<Instant> statusAt; ///< the status is being written
    bool operator==(const ReplicaSync&) const = default;
    void addTo(Fingerprint& f) const { requests.addTo(f); sim::addTo(f, missing); sim::addTo(f, statusAt); }
};

/// pkg/controller/replicaset: keeps the number of pods of each ReplicaSet.
struct ReplicaSetController {
    static constexpr const char* kStream = "kube/replicaset";
    static constexpr int kWorkers = 5; // --concurrent-replicaset-syncs
    static constexpr bool kAsksItself = true;
    WorkQueue queue;
    std::map<ObjectKey, ReplicaTally> tallies; ///< of sets whose pods are all claimed
    std::map<ObjectKey, ReplicaSync> syncs;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const ReplicaSetController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        for (const auto& [key, sync] : syncs)
            sync.addTo(f);
    }

private:
    void goOn(ControllerContext& context, const ObjectKey& key, ReplicaSync& sync);
    /// Null: the set's pods have to be looked at.
    const ReplicaTally* tallyOf(const ReplicaSet& rs) const;
    void tally(std::uint64_t version, const Store& store, const Pod& pod, std::int64_t sign);
};

/// Pods in the order in which a ReplicaSet would delete them (controller_utils.go, ActivePodsWithRanks).
/// `colocated` counts related pods per node.
std::vector<std::shared_ptr<const Pod>> inDeletionOrder(std::vector<std::shared_ptr<const Pod>> pods,
                                                        const std::map<std::string, std::int64_t>& colocated, Instant now);

} // namespace sim::kube
