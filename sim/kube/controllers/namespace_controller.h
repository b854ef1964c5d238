#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/namespace: empties a namespace that is being deleted, then lets it go. Keys are the
/// namespaces' own.
struct NamespaceController {
    static constexpr const char* kStream = "kube/namespace";
    static constexpr int kWorkers = 10; // --concurrent-namespace-syncs
    static constexpr RateLimit kMoreRequests{20, 100};
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const NamespaceController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
