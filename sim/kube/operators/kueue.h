#pragma once

#include "sim/kube/client/request_rate.h"
#include "sim/kube/operators/operator_context.h"
#include "sim/kube/operators/reconcile_queue.h"

namespace sim::kube {

/// Kueue's manager: a Workload for every PyTorchJob and Job that names a LocalQueue, quota for Workloads in the order in which they
/// came, and the jobs started and stopped accordingly. Keys are jobs, and one that stands for an admission cycle.
struct KueueManager {
    static constexpr const char* kProgram = "kueue-controller-manager";
    static constexpr const char* kStream = "kube/kueue";
    static constexpr RateLimit kRate{50, 100}; // config: clientConnection
    ReconcileQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event);
    std::optional<Instant> plan(Instant now, RandomStream& random) { return queue.plan(now, random); }
    void work(OperatorContext& context);

    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
