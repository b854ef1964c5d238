#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/volume/pvcprotection and pvprotection: a claim that is being deleted stays while a pod uses it, a
/// volume while it is bound. Keys are claims, and volumes (without a namespace).
struct VolumeProtectionController {
    static constexpr const char* kStream = "kube/volumeprotection";
    static constexpr int kWorkers = 2; // one for claims, one for volumes
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const VolumeProtectionController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
