#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

inline constexpr const char* kTtlAnnotation = "node.alpha.kubernetes.io/ttl";

/// pkg/controller/ttl: annotates every node with how long its kubelet may cache Secrets and ConfigMaps, which grows
/// with the cluster.
struct NodeTtlController {
    static constexpr const char* kStream = "kube/ttl";
    static constexpr int kWorkers = 5;
    WorkQueue queue;
    std::int64_t nodes = 0;
    std::size_t step = 0; ///< index into the boundaries; has hysteresis

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const NodeTtlController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        f.add(static_cast<std::uint64_t>(nodes));
        f.add(static_cast<std::uint64_t>(step));
    }

private:
    void follow();
};

} // namespace sim::kube
