#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/ttlafterfinished: deletes finished Jobs, dependents first, ttlSecondsAfterFinished after their end.
struct TtlAfterFinishedController {
    static constexpr const char* kStream = "kube/ttlafterfinished";
    static constexpr int kWorkers = 5; // --concurrent-ttl-after-finished-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const TtlAfterFinishedController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
