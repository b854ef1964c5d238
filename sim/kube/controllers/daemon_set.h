#pragma once

#include "sim/kube/controllers/controller.h"
#include "sim/kube/controllers/slow_start.h"

#include <map>
#include <string>

namespace sim::kube {

/// How long a failed pod of one set on one node is left alone: 1 s at first, doubling to 15 min, forgotten after
/// twice that (BackoffGCInterval, NewDaemonSetsController).
struct DaemonBackoff {
    Duration delay{};
    Instant updated{};
    bool operator==(const DaemonBackoff&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, delay); sim::addTo(f, updated); }
};

/// pkg/controller/daemon: one pod on each node that fits, pinned by node affinity.
struct DaemonSetController {
    static constexpr const char* kStream = "kube/daemonset";
    static constexpr int kWorkers = 2; // --concurrent-daemonset-syncs
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const DaemonSetController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        sim::addTo(f, failedPods);
        sim::addTo(f, creations);
    }

    std::map<std::string, DaemonBackoff> failedPods; ///< by uid of the set and node
    std::map<ObjectKey, SlowStart> creations;        ///< under way; the rest of the sync waits for them
};

/// The tolerations that daemon pods get (daemon/util/daemonset_util.go).
std::vector<Toleration> daemonTolerations(const PodSpec& spec);

} // namespace sim::kube
