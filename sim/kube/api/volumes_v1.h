#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- core/v1: PersistentVolumeClaim -------------------------------------------------------------

struct TypedObjectReference {
    std::optional<std::string> apiGroup;
    Always<std::string> kind;
    Always<std::string> name;
    std::optional<std::string> namespace_;
    bool operator==(const TypedObjectReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(TypedObjectReference, (), (apiGroup, kind, name, namespace_))

struct PvcSpec {
    std::vector<std::string> accessModes;
    std::optional<TypedObjectReference> dataSource;
    ResourceRequirements resources;
    std::optional<LabelSelector> selector;
    std::optional<std::string> storageClassName;
    std::optional<std::string> volumeMode;
    std::string volumeName;
    bool operator==(const PvcSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(PvcSpec, (), (accessModes, dataSource, resources, selector, storageClassName, volumeMode,
    volumeName))

struct PvcStatus {
    std::vector<std::string> accessModes;
    ResourceList capacity;
    std::vector<Condition> conditions;
    std::string phase; ///< Pending, Bound, Lost
    bool operator==(const PvcStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(PvcStatus, (), (accessModes, capacity, conditions, phase))

struct PersistentVolumeClaim {
    ObjectMeta metadata;
    PvcSpec spec;
    PvcStatus status;
    bool operator==(const PersistentVolumeClaim&) const = default;
};
BOOST_DESCRIBE_STRUCT(PersistentVolumeClaim, (), (metadata, spec, status))

// ---- core/v1: PersistentVolume ------------------------------------------------------------------

struct CsiVolumeSource {
    Always<std::string> driver;
    std::string fsType;
    bool readOnly = false;
    StringMap volumeAttributes;
    Always<std::string> volumeHandle;
    bool operator==(const CsiVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(CsiVolumeSource, (), (driver, fsType, readOnly, volumeAttributes, volumeHandle))

struct LocalVolumeSource {
    std::optional<std::string> fsType;
    Always<std::string> path;
    bool operator==(const LocalVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(LocalVolumeSource, (), (fsType, path))

struct VolumeNodeAffinity {
    std::optional<NodeSelector> required;
    bool operator==(const VolumeNodeAffinity&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeNodeAffinity, (), (required))

struct PvSpec {
    std::vector<std::string> accessModes;
    ResourceList capacity;
    std::optional<ObjectReference> claimRef;
    std::optional<CsiVolumeSource> csi;
    std::optional<HostPathVolumeSource> hostPath;
    std::optional<LocalVolumeSource> local;
    std::vector<std::string> mountOptions;
    std::optional<NfsVolumeSource> nfs;
    std::optional<VolumeNodeAffinity> nodeAffinity;
    std::string persistentVolumeReclaimPolicy; ///< Delete, Retain
    std::string storageClassName;
    std::optional<std::string> volumeMode;
    bool operator==(const PvSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(PvSpec, (), (accessModes, capacity, claimRef, csi, hostPath, local, mountOptions, nfs,
    nodeAffinity, persistentVolumeReclaimPolicy, storageClassName, volumeMode))

struct PvStatus {
    std::optional<Time> lastPhaseTransitionTime;
    std::string message;
    std::string phase; ///< Available, Bound, Released, Failed
    std::string reason;
    bool operator==(const PvStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(PvStatus, (), (lastPhaseTransitionTime, message, phase, reason))

struct PersistentVolume {
    ObjectMeta metadata;
    PvSpec spec;
    PvStatus status;
    bool operator==(const PersistentVolume&) const = default;
};
BOOST_DESCRIBE_STRUCT(PersistentVolume, (), (metadata, spec, status))

// ---- storage.k8s.io/v1 --------------------------------------------------------------------------

struct TopologySelectorLabelRequirement {
    Always<std::string> key;
    std::vector<std::string> values;
    bool operator==(const TopologySelectorLabelRequirement&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopologySelectorLabelRequirement, (), (key, values))

struct TopologySelectorTerm {
    std::vector<TopologySelectorLabelRequirement> matchLabelExpressions;
    bool operator==(const TopologySelectorTerm&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopologySelectorTerm, (), (matchLabelExpressions))

struct StorageClass {
    std::optional<bool> allowVolumeExpansion;
    std::vector<TopologySelectorTerm> allowedTopologies;
    ObjectMeta metadata;
    std::vector<std::string> mountOptions;
    StringMap parameters;
    Always<std::string> provisioner;
    std::optional<std::string> reclaimPolicy;
    std::optional<std::string> volumeBindingMode; ///< Immediate, WaitForFirstConsumer
    bool operator==(const StorageClass&) const = default;
};
BOOST_DESCRIBE_STRUCT(StorageClass, (), (allowVolumeExpansion, allowedTopologies, metadata, mountOptions, parameters,
    provisioner, reclaimPolicy, volumeBindingMode))

struct CsiDriverSpec {
    std::optional<bool> attachRequired;
    std::optional<std::string> fsGroupPolicy;
    std::optional<bool> podInfoOnMount;
    std::optional<bool> requiresRepublish;
    std::optional<bool> seLinuxMount;
    std::optional<bool> storageCapacity;
    std::vector<std::string> volumeLifecycleModes;
    bool operator==(const CsiDriverSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(CsiDriverSpec, (), (attachRequired, fsGroupPolicy, podInfoOnMount, requiresRepublish,
    seLinuxMount, storageCapacity, volumeLifecycleModes))

struct CSIDriver {
    ObjectMeta metadata;
    CsiDriverSpec spec;
    bool operator==(const CSIDriver&) const = default;
};
BOOST_DESCRIBE_STRUCT(CSIDriver, (), (metadata, spec))

struct VolumeNodeResources {
    std::optional<std::int64_t> count;
    bool operator==(const VolumeNodeResources&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeNodeResources, (), (count))

struct CsiNodeDriver {
    std::optional<VolumeNodeResources> allocatable;
    Always<std::string> name;
    Always<std::string> nodeID;
    std::vector<std::string> topologyKeys;
    bool operator==(const CsiNodeDriver&) const = default;
};
BOOST_DESCRIBE_STRUCT(CsiNodeDriver, (), (allocatable, name, nodeID, topologyKeys))

struct CsiNodeSpec {
    std::vector<CsiNodeDriver> drivers;
    bool operator==(const CsiNodeSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(CsiNodeSpec, (), (drivers))

struct CSINode {
    ObjectMeta metadata;
    CsiNodeSpec spec;
    bool operator==(const CSINode&) const = default;
};
BOOST_DESCRIBE_STRUCT(CSINode, (), (metadata, spec))

struct VolumeAttachmentSource {
    std::optional<std::string> persistentVolumeName;
    bool operator==(const VolumeAttachmentSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeAttachmentSource, (), (persistentVolumeName))

struct VolumeAttachmentSpec {
    Always<std::string> attacher;
    Always<std::string> nodeName;
    VolumeAttachmentSource source;
    bool operator==(const VolumeAttachmentSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeAttachmentSpec, (), (attacher, nodeName, source))

struct VolumeAttachmentStatus {
    Always<bool> attached;
    bool operator==(const VolumeAttachmentStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeAttachmentStatus, (), (attached))

struct VolumeAttachment {
    ObjectMeta metadata;
    VolumeAttachmentSpec spec;
    VolumeAttachmentStatus status;
    bool operator==(const VolumeAttachment&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeAttachment, (), (metadata, spec, status))

} // namespace sim::kube
