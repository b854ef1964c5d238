#pragma once

#include "sim/kube/controllers/controller.h"
#include "sim/kube/controllers/scaling_limits.h"

#include <map>

namespace sim::kube {

/// pkg/controller/podautoscaler: sizes Deployments, ReplicaSets and StatefulSets by what their pods use.
struct HorizontalController {
    static constexpr const char* kStream = "kube/horizontal";
    static constexpr int kWorkers = 5; // --concurrent-horizontal-pod-autoscaler-syncs
    static constexpr Duration kSyncPeriod = 15s; // --horizontal-pod-autoscaler-sync-period
    WorkQueue queue;
    std::map<ObjectKey, ScalingMemory> memories;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const HorizontalController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        sim::addTo(f, memories);
    }
};

} // namespace sim::kube
