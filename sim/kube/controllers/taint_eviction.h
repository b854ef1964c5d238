#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/tainteviction: deletes pods from nodes with NoExecute taints, each when the shortest of its
/// tolerations has run out. Keys are pods, and nodes (no namespace).
struct TaintEvictionController {
    static constexpr const char* kStream = "kube/tainteviction";
    static constexpr int kWorkers = 8; // UpdateWorkerSize
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const TaintEvictionController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); sim::addTo(f, m_deadlines); }

private:
    void reconcilePod(ControllerContext& context, const ObjectKey& key);
    void evict(ControllerContext& context, const Pod& pod);

    struct Deadline {
        Instant started{};
        Instant due{};
        bool operator==(const Deadline&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, started); sim::addTo(f, due); }
    };
    std::map<ObjectKey, Deadline> m_deadlines;
};

} // namespace sim::kube
