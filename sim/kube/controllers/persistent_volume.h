#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/volume/persistentvolume: brings claims and volumes together, and lets volumes go. Keys are claims,
/// and volumes (without a namespace).
struct PersistentVolumeController {
    static constexpr const char* kStream = "kube/persistentvolume";
    static constexpr int kWorkers = 2; // one for claims, one for volumes
    static constexpr bool kPrompt = true;
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const PersistentVolumeController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }

private:
    void syncClaim(ControllerContext& context, const PersistentVolumeClaim& claim);
    void syncUnbound(ControllerContext& context, const PersistentVolumeClaim& claim);
    void syncVolume(ControllerContext& context, const PersistentVolume& volume);
};

} // namespace sim::kube
