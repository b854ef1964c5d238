#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/deployment: rollouts by ReplicaSets, one per pod template.
struct DeploymentController {
    static constexpr const char* kStream = "kube/deployment";
    static constexpr int kWorkers = 5; // --concurrent-deployment-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const DeploymentController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
