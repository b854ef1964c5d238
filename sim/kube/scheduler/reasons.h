#pragma once

// Texts that the scheduler shows. Sources: pkg/scheduler/framework/plugins/*, framework/types.go,
// framework/preemption/preemption.go.
namespace sim::kube::reasons {

inline constexpr const char* kNodeUnschedulable = "node(s) were unschedulable";
inline constexpr const char* kNodeName = "node(s) didn't match the requested node name";
inline constexpr const char* kUntoleratedTaint = "node(s) had untolerated taint {{{}: {}}}";
inline constexpr const char* kNodeAffinity = "node(s) didn't match Pod's node affinity/selector";
inline constexpr const char* kNodePorts = "node(s) didn't have free ports for the requested pod ports";
inline constexpr const char* kTooManyPods = "Too many pods";
inline constexpr const char* kInsufficient = "Insufficient {}";
inline constexpr const char* kSpreadConstraints = "node(s) didn't match pod topology spread constraints";
inline constexpr const char* kSpreadMissingLabel =
    "node(s) didn't match pod topology spread constraints (missing required label)";
inline constexpr const char* kExistingAntiAffinity = "node(s) didn't satisfy existing pods anti-affinity rules";
inline constexpr const char* kAffinityRules = "node(s) didn't match pod affinity rules";
inline constexpr const char* kAntiAffinityRules = "node(s) didn't match pod anti-affinity rules";

inline constexpr const char* kAffinityConflict = "pod affinity terms conflict";
inline constexpr const char* kClaimInUse =
    "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
inline constexpr const char* kTooManyVolumes = "node(s) exceed max volume count";
inline constexpr const char* kUnboundImmediate = "pod has unbound immediate PersistentVolumeClaims";
inline constexpr const char* kClaimNotFound = "persistentvolumeclaim \"{}\" not found";
inline constexpr const char* kClaimLost = "persistentvolumeclaim \"{}\" bound to non-existent persistentvolume \"{}\"";
inline constexpr const char* kClaimBeingDeleted = "persistentvolumeclaim \"{}\" is being deleted";
inline constexpr const char* kVolumeNodeConflict = "node(s) had volume node affinity conflict";
inline constexpr const char* kVolumeBindConflict = "node(s) didn't find available persistent volumes to bind";
inline constexpr const char* kVolumeNotThere = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
inline constexpr const char* kVolumeZone = "node(s) had no available volume zone";

inline constexpr const char* kNotSatisfied = "node(s) didn't satisfy plugin(s) [{}]";
inline constexpr const char* kNoNodes = "no nodes available to schedule pods";
inline constexpr const char* kNodesAvailable = "0/{} nodes are available:";
inline constexpr const char* kNoVictims = "No preemption victims found for incoming pod";
inline constexpr const char* kPreemptionNotHelpful = "Preemption is not helpful for scheduling";
inline constexpr const char* kPreemptionNever = "not eligible due to preemptionPolicy=Never.";
inline constexpr const char* kPreemptionUnderWay = "not eligible due to a terminating pod on the nominated node.";
inline constexpr const char* kPreempted = "Preempted by pod {} on node {}";
inline constexpr const char* kPreempting = "{}: preempting to accommodate a higher priority pod";
inline constexpr const char* kPreemptionByScheduler = "PreemptionByScheduler";
inline constexpr const char* kDisruptionTarget = "DisruptionTarget";

inline constexpr const char* kUnschedulable = "Unschedulable";
inline constexpr const char* kFailedScheduling = "FailedScheduling";
inline constexpr const char* kScheduled = "Scheduled";
inline constexpr const char* kSchedulerError = "SchedulerError";

} // namespace sim::kube::reasons
