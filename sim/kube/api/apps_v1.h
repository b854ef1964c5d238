#pragma once

#include "sim/kube/api/core_v1.h"

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
BOOST_DESCRIBE_STRUCT(DaemonSetStatus, (), (currentNumberScheduled, desiredNumberScheduled, numberAvailable,
    numberMisscheduled, numberReady, numberUnavailable, observedGeneration, updatedNumberScheduled))

struct DaemonSet {
    ObjectMeta metadata;
    DaemonSetSpec spec;
    DaemonSetStatus status;
    bool operator==(const DaemonSet&) const = default;
};
BOOST_DESCRIBE_STRUCT(DaemonSet, (), (metadata, spec, status))

} // namespace sim::kube
