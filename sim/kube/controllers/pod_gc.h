#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/podgc: removes the pods of nodes that no longer exist. Its loop of 20 s is reckoned, not
/// run: nothing happens while every pod's node exists. Keys are node names. (Terminated pods above 12,500
/// are left alone.)
struct PodGarbageCollector {
    static constexpr const char* kStream = "kube/podgc";
    static constexpr int kWorkers = 1;
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const PodGarbageCollector&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); sim::addTo(f, m_missingSince); }

private:
    std::map<std::string, Instant> m_missingSince; ///< node -> found missing by a loop
};

} // namespace sim::kube
