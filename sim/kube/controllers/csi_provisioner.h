#pragma once

#include "sim/kube/controllers/driver_calls.h"

#include <map>

namespace sim::kube {

/// The external-provisioner of every CSI driver that the cluster knows (a CSIDriver object): makes a volume for each
/// claim that names it, and deletes those that are released. Keys are claims, and volumes (without a namespace).
struct CsiProvisioner {
    static constexpr const char* kStream = "kube/csi-provisioner";
    static constexpr int kWorkers = 100; // --worker-threads
    WorkQueue queue;
    DriverCalls underWay;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const CsiProvisioner&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        sim::addTo(f, underWay);
    }

private:
    void createVolume(ControllerContext& context, const PersistentVolumeClaim& claim, const StorageClass& storage);
    void deleteVolume(ControllerContext& context, const PersistentVolume& volume);
};

} // namespace sim::kube
