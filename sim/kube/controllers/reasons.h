#pragma once

// Reasons and messages that learners see from the controllers. Sources: pkg/controller/*.
namespace sim::kube::reasons {

// pkg/controller/deployment/util/deployment_util.go
inline constexpr const char* kNewReplicaSetCreated = "NewReplicaSetCreated";
inline constexpr const char* kFoundNewReplicaSet = "FoundNewReplicaSet";
inline constexpr const char* kReplicaSetUpdated = "ReplicaSetUpdated";
inline constexpr const char* kReplicaSetCreateError = "ReplicaSetCreateError";
inline constexpr const char* kNewReplicaSetAvailable = "NewReplicaSetAvailable";
inline constexpr const char* kProgressDeadlineExceeded = "ProgressDeadlineExceeded";
inline constexpr const char* kDeploymentPaused = "DeploymentPaused";
inline constexpr const char* kDeploymentResumed = "DeploymentResumed";
inline constexpr const char* kMinimumReplicasAvailable = "MinimumReplicasAvailable";
inline constexpr const char* kMinimumReplicasUnavailable = "MinimumReplicasUnavailable";
inline constexpr const char* kHasMinimumAvailability = "Deployment has minimum availability.";
inline constexpr const char* kNoMinimumAvailability = "Deployment does not have minimum availability.";
inline constexpr const char* kScalingReplicaSet = "ScalingReplicaSet";

inline constexpr const char* kRevisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr const char* kRevisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
inline constexpr const char* kDesiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* kMaxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
inline constexpr const char* kPodTemplateHash = "pod-template-hash";

// pkg/controller/controller_utils.go
inline constexpr const char* kSuccessfulCreate = "SuccessfulCreate";
inline constexpr const char* kFailedCreate = "FailedCreate";
inline constexpr const char* kSuccessfulDelete = "SuccessfulDelete";
inline constexpr const char* kFailedDelete = "FailedDelete";
inline constexpr const char* kPodDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

// pkg/controller/statefulset
inline constexpr const char* kRecreatingFailedPod = "RecreatingFailedPod";
inline constexpr const char* kRecreatingTerminatedPod = "RecreatingTerminatedPod";

// pkg/controller/job
inline constexpr const char* kBackoffLimitExceeded = "BackoffLimitExceeded";
inline constexpr const char* kDeadlineExceeded = "DeadlineExceeded";
inline constexpr const char* kPodFailurePolicy = "PodFailurePolicy";
inline constexpr const char* kMaxFailedIndexesExceeded = "MaxFailedIndexesExceeded";
inline constexpr const char* kFailedIndexes = "FailedIndexes";
inline constexpr const char* kSuccessPolicy = "SuccessPolicy";
inline constexpr const char* kCompletionsReached = "CompletionsReached";

// pkg/controller/nodelifecycle, pkg/controller/util/node
inline constexpr const char* kNodeNotReady = "NodeNotReady";
inline constexpr const char* kNodeIsNotReady = "Node is not ready";
inline constexpr const char* kNodeStatusUnknown = "NodeStatusUnknown";
inline constexpr const char* kKubeletStopped = "Kubelet stopped posting node status.";
inline constexpr const char* kNodeStatusNeverUpdated = "NodeStatusNeverUpdated";
inline constexpr const char* kKubeletNever = "Kubelet never posted node status.";

// pkg/controller/tainteviction
inline constexpr const char* kTaintManagerEviction = "TaintManagerEviction";
inline constexpr const char* kDeletionByTaintManager = "DeletionByTaintManager";
inline constexpr const char* kTaintManagerMessage = "Taint manager: deleting due to NoExecute taint";

// pkg/controller/podgc
inline constexpr const char* kDeletionByPodGc = "DeletionByPodGC";
inline constexpr const char* kPodGcMessage = "PodGC: node no longer exists";

inline constexpr const char* kDisruptionTarget = "DisruptionTarget";

} // namespace sim::kube::reasons
