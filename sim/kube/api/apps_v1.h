#pragma once

#include "sim/kube/api/volumes_v1.h"

namespace sim::kube {

struct RollingUpdate { // of Deployments and DaemonSets
    std::optional<IntOrString> maxSurge;
    std::optional<IntOrString> maxUnavailable;
    bool operator==(const RollingUpdate&) const = default;
};
BOOST_DESCRIBE_STRUCT(RollingUpdate, (), (maxSurge, maxUnavailable))

struct UpdateStrategy {
    std::optional<RollingUpdate> rollingUpdate;
    std::string type; ///< RollingUpdate, Recreate (Deployment), OnDelete (DaemonSet)
    bool operator==(const UpdateStrategy&) const = default;
};
BOOST_DESCRIBE_STRUCT(UpdateStrategy, (), (rollingUpdate, type))

struct DeploymentSpec {
    std::int64_t minReadySeconds = 0;
    bool paused = false;
    std::optional<std::int64_t> progressDeadlineSeconds;
    std::optional<std::int64_t> replicas;
    std::optional<std::int64_t> revisionHistoryLimit;
    LabelSelector selector;
    UpdateStrategy strategy;
    PodTemplateSpec template_;
    bool operator==(const DeploymentSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentSpec, (), (minReadySeconds, paused, progressDeadlineSeconds, replicas, revisionHistoryLimit,
    selector, strategy, template_))

struct DeploymentStatus {
    std::int64_t availableReplicas = 0;
    std::optional<std::int64_t> collisionCount;
    std::vector<Condition> conditions;
    std::int64_t observedGeneration = 0;
    std::int64_t readyReplicas = 0;
    std::int64_t replicas = 0;
    std::int64_t unavailableReplicas = 0;
    std::int64_t updatedReplicas = 0;
    bool operator==(const DeploymentStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(DeploymentStatus, (), (availableReplicas, collisionCount, conditions, observedGeneration, readyReplicas,
    replicas, unavailableReplicas, updatedReplicas))

struct Deployment {
    ObjectMeta metadata;
    DeploymentSpec spec;
    DeploymentStatus status;
    bool operator==(const Deployment&) const = default;
};
BOOST_DESCRIBE_STRUCT(Deployment, (), (metadata, spec, status))

struct ReplicaSetSpec {
    std::int64_t minReadySeconds = 0;
    std::optional<std::int64_t> replicas;
    LabelSelector selector;
    PodTemplateSpec template_;
    bool operator==(const ReplicaSetSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ReplicaSetSpec, (), (minReadySeconds, replicas, selector, template_))

struct ReplicaSetStatus {
    std::int64_t availableReplicas = 0;
    std::vector<Condition> conditions;
    std::int64_t fullyLabeledReplicas = 0;
    std::int64_t observedGeneration = 0;
    std::int64_t readyReplicas = 0;
    Always<std::int64_t> replicas;
    bool operator==(const ReplicaSetStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ReplicaSetStatus, (), (availableReplicas, conditions, fullyLabeledReplicas, observedGeneration,
    readyReplicas, replicas))

struct ReplicaSet {
    ObjectMeta metadata;
    ReplicaSetSpec spec;
    ReplicaSetStatus status;
    bool operator==(const ReplicaSet&) const = default;
};
BOOST_DESCRIBE_STRUCT(ReplicaSet, (), (metadata, spec, status))

struct DaemonSetSpec {
    std::int64_t minReadySeconds = 0;
    std::optional<std::int64_t> revisionHistoryLimit;
    LabelSelector selector;
    PodTemplateSpec template_;
    UpdateStrategy updateStrategy;
    bool operator==(const DaemonSetSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(DaemonSetSpec, (), (minReadySeconds, revisionHistoryLimit, selector, template_, updateStrategy))

struct DaemonSetStatus {
    std::optional<std::int64_t> collisionCount;
    std::vector<Condition> conditions;
    Always<std::int64_t> currentNumberScheduled;
    Always<std::int64_t> desiredNumberScheduled;
    std::int64_t numberAvailable = 0;
    Always<std::int64_t> numberMisscheduled;
    Always<std::int64_t> numberReady;
    std::int64_t numberUnavailable = 0;
    std::int64_t observedGeneration = 0;
    std::int64_t updatedNumberScheduled = 0;
    bool operator==(const DaemonSetStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(DaemonSetStatus, (), (collisionCount, conditions, currentNumberScheduled, desiredNumberScheduled, numberAvailable,
    numberMisscheduled, numberReady, numberUnavailable, observedGeneration, updatedNumberScheduled))

struct DaemonSet {
    ObjectMeta metadata;
    DaemonSetSpec spec;
    DaemonSetStatus status;
    bool operator==(const DaemonSet&) const = default;
};
BOOST_DESCRIBE_STRUCT(DaemonSet, (), (metadata, spec, status))

struct StatefulSetRollingUpdate {
    std::optional<IntOrString> maxUnavailable;
    std::optional<std::int64_t> partition;
    bool operator==(const StatefulSetRollingUpdate&) const = default;
};
BOOST_DESCRIBE_STRUCT(StatefulSetRollingUpdate, (), (maxUnavailable, partition))

struct StatefulSetUpdateStrategy {
    std::optional<StatefulSetRollingUpdate> rollingUpdate;
    std::string type; ///< RollingUpdate, OnDelete
    bool operator==(const StatefulSetUpdateStrategy&) const = default;
};
BOOST_DESCRIBE_STRUCT(StatefulSetUpdateStrategy, (), (rollingUpdate, type))

struct PvcRetentionPolicy {
    std::string whenDeleted;
    std::string whenScaled; ///< Retain, Delete
    bool operator==(const PvcRetentionPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(PvcRetentionPolicy, (), (whenDeleted, whenScaled))

struct StatefulSetOrdinals {
    Always<std::int64_t> start;
    bool operator==(const StatefulSetOrdinals&) const = default;
};
BOOST_DESCRIBE_STRUCT(StatefulSetOrdinals, (), (start))

struct StatefulSetSpec {
    std::int64_t minReadySeconds = 0;
    std::optional<StatefulSetOrdinals> ordinals;
    std::optional<PvcRetentionPolicy> persistentVolumeClaimRetentionPolicy;
    std::string podManagementPolicy; ///< OrderedReady, Parallel
    std::optional<std::int64_t> replicas;
    std::optional<std::int64_t> revisionHistoryLimit;
    LabelSelector selector;
    Always<std::string> serviceName;
    PodTemplateSpec template_;
    StatefulSetUpdateStrategy updateStrategy;
    std::vector<PersistentVolumeClaim> volumeClaimTemplates;
    bool operator==(const StatefulSetSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(StatefulSetSpec, (), (minReadySeconds, ordinals, persistentVolumeClaimRetentionPolicy,
    podManagementPolicy, replicas, revisionHistoryLimit, selector, serviceName, template_, updateStrategy,
    volumeClaimTemplates))

struct StatefulSetStatus {
    Always<std::int64_t> availableReplicas;
    std::optional<std::int64_t> collisionCount;
    std::vector<Condition> conditions;
    std::int64_t currentReplicas = 0;
    std::string currentRevision;
    std::int64_t observedGeneration = 0;
    std::int64_t readyReplicas = 0;
    Always<std::int64_t> replicas;
    std::string updateRevision;
    std::int64_t updatedReplicas = 0;
    bool operator==(const StatefulSetStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(StatefulSetStatus, (), (availableReplicas, collisionCount, conditions, currentReplicas,
    currentRevision, observedGeneration, readyReplicas, replicas, updateRevision, updatedReplicas))

struct StatefulSet {
    ObjectMeta metadata;
    StatefulSetSpec spec;
    StatefulSetStatus status;
    bool operator==(const StatefulSet&) const = default;
};
BOOST_DESCRIBE_STRUCT(StatefulSet, (), (metadata, spec, status))

struct ControllerRevision {
    RawJson data;
    ObjectMeta metadata;
    Always<std::int64_t> revision;
    bool operator==(const ControllerRevision&) const = default;
};
BOOST_DESCRIBE_STRUCT(ControllerRevision, (), (data, metadata, revision))

} // namespace sim::kube
