#pragma once

#include "sim/kube/client/request_rate.h"
#include "sim/kube/operators/reconcile_queue.h"
#include "sim/kube/operators/operator_context.h"

namespace sim::kube {

/// The training-operator's PyTorchJob controller (v1.8.1). Keys are PyTorchJobs. All that it knows is in the store.
struct TrainingOperator {
    static constexpr const char* kProgram = "training-operator";
    static constexpr const char* kStream = "kube/training-operator";
    static constexpr RateLimit kRate{20, 30}; // controller-runtime's client
    ReconcileQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event);
    std::optional<Instant> plan(Instant now, RandomStream& random) { return queue.plan(now, random); }
    /// One key.
    void work(OperatorContext& context);
    void reconcile(OperatorContext& context, const ObjectKey& key);

    bool operator==(const TrainingOperator&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
