#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/resourcequota: keeps status.used right. What admission has counted already stays as it is; what
/// goes away is given back here.
struct ResourceQuotaController {
    static constexpr const char* kStream = "kube/resourcequota";
    static constexpr int kWorkers = 5; // --concurrent-resource-quota-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const ResourceQuotaController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
