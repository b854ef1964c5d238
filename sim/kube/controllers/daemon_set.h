#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/daemon: one pod on each node that fits, pinned by node affinity.
struct DaemonSetController {
    static constexpr const char* kStream = "kube/daemonset";
    static constexpr int kWorkers = 2; // --concurrent-daemonset-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const DaemonSetController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

/// The tolerations that daemon pods get (daemon/util/daemonset_util.go).
std::vector<Toleration> daemonTolerations(const PodSpec& spec);

} // namespace sim::kube
