#pragma once

#include "sim/kube/api/store.h"

#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

/// The claims of a pod, as volumebinding/binder.go sorts them.
struct VolumeNeeds {
    struct BoundClaim {
        std::shared_ptr<const PersistentVolumeClaim> claim;
        std::shared_ptr<const PersistentVolume> volume; ///< none: it does not exist
    };
    std::vector<BoundClaim> bound;
    std::vector<std::shared_ptr<const PersistentVolumeClaim>> toBind; ///< they wait for the pod's node
    bool immediateUnbound = false;
    std::string error;                                                ///< a claim that cannot be used

    static VolumeNeeds of(const Store& store, const Pod& pod);
};

/// What a node offers to the claims that wait for it.
struct VolumeMatch {
    struct Static {
        std::shared_ptr<const PersistentVolumeClaim> claim;
        std::shared_ptr<const PersistentVolume> volume;
    };
    std::vector<Static> existing;
    std::vector<std::shared_ptr<const PersistentVolumeClaim>> toProvision;
    bool satisfied = true;
};
VolumeMatch matchVolumes(const Store& store, const VolumeNeeds& needs, const Node& node);

/// The node that the provisioner is told to make a volume for.
inline constexpr const char* kSelectedNodeAnnotation = "volume.kubernetes.io/selected-node";
inline constexpr const char* kBindCompletedAnnotation = "pv.kubernetes.io/bind-completed";
inline constexpr const char* kBoundByControllerAnnotation = "pv.kubernetes.io/bound-by-controller";
inline constexpr const char* kNoProvisioner = "kubernetes.io/no-provisioner";

bool isBound(const PersistentVolumeClaim& claim);
bool volumeReaches(const PersistentVolume& volume, const Node& node);

} // namespace sim::kube
