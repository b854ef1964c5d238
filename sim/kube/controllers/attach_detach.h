#pragma once

#include "sim/kube/controllers/driver_calls.h"

#include <map>

namespace sim::kube {

/// pkg/controller/volume/attachdetach together with the CSI drivers' external-attacher: a VolumeAttachment for each
/// CSI volume on each node whose pods use it. Keys are volumes on nodes: the node, and the volume.
struct AttachDetachController {
    static constexpr const char* kStream = "kube/attachdetach";
    static constexpr int kWorkers = 10;
    WorkQueue queue;
    DriverCalls underWay;
    std::map<ObjectKey, Instant> unusedSince; ///< attached, without a pod

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const AttachDetachController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        sim::addTo(f, underWay);
        sim::addTo(f, unusedSince);
    }

private:
    void attach(ControllerContext& context, const ObjectKey& key, const PersistentVolume& volume, const Pod& user);
    void detach(ControllerContext& context, const ObjectKey& key);
};

/// The VolumeAttachment of a volume on a node.
std::string attachmentName(const std::string& driver, const std::string& handle, const std::string& node);

} // namespace sim::kube
