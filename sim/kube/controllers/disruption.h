#pragma once

#include "sim/kube/controllers/controller.h"
#include "sim/kube/controllers/selected_pods.h"

namespace sim::kube {

/// pkg/controller/disruption: how many pods of each PodDisruptionBudget may be evicted now.
struct DisruptionController {
    static constexpr const char* kStream = "kube/disruption";
    static constexpr int kWorkers = 1;
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const DisruptionController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }

private:
    SelectedPods m_selected;
};

} // namespace sim::kube
