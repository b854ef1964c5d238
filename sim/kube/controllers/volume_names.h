#pragma once

#include "sim/kube/controllers/controller.h"

#include <optional>
#include <string>

// Names that the volume controllers share (component-helpers/storage/volume, sig-storage-lib-external-provisioner).
namespace sim::kube {

inline constexpr const char* kBindCompleted = "pv.kubernetes.io/bind-completed";
inline constexpr const char* kBoundByController = "pv.kubernetes.io/bound-by-controller";
inline constexpr const char* kProvisionedBy = "pv.kubernetes.io/provisioned-by";
inline constexpr const char* kStorageProvisioner = "volume.kubernetes.io/storage-provisioner";
inline constexpr const char* kBetaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
inline constexpr const char* kSelectedNode = "volume.kubernetes.io/selected-node";
inline constexpr const char* kClaimProtection = "kubernetes.io/pvc-protection";
inline constexpr const char* kVolumeProtection = "kubernetes.io/pv-protection";
inline constexpr const char* kProvisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";
inline constexpr const char* kWaitForConsumer = "WaitForFirstConsumer";

inline constexpr const char* kVolumeAvailable = "Available";
inline constexpr const char* kVolumeBound = "Bound"; // claims', too
inline constexpr const char* kVolumeReleased = "Released";
inline constexpr const char* kVolumeFailed = "Failed";
inline constexpr const char* kClaimPending = "Pending";
inline constexpr const char* kClaimLost = "Lost";

inline std::string annotation(const ObjectMeta& metadata, const char* key)
{
    const auto found = metadata.annotations.find(key);
    return found == metadata.annotations.end() ? std::string() : found->second;
}

/// The volume names this claim, by uid where it has one.
inline bool isBoundTo(const PersistentVolume& volume, const PersistentVolumeClaim& claim)
{
    const auto& ref = volume.spec.claimRef;
    return ref && ref->name == claim.metadata.name && ref->namespace_ == claim.metadata.namespace_
        && (ref->uid.empty() || ref->uid == claim.metadata.uid);
}

} // namespace sim::kube
