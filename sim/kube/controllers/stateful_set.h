#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/statefulset: pods with an ordinal, a name and a storage of their own, one after the other.
struct StatefulSetController {
    static constexpr const char* kStream = "kube/statefulset";
    static constexpr int kWorkers = 5; // --concurrent-statefulset-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const StatefulSetController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
