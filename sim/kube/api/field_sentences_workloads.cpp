#include "sim/kube/api/field_sentences.h"

namespace sim::kube {

namespace {

const StructSentences kWorkloadSentences[] = {
    {"ContainerResourceMetricSource", {
        {"container", "The container of each pod that is measured."},
        {"name", "cpu or memory."},
        {"target", "The value that is aimed at."}}},
    {"ControllerRevision", {
        {"data", "The template as it was, as a patch."},
        {"revision", "Counts up with each new template."}}},
    {"CronJobSpec", {
        {"concurrencyPolicy", "Allow starts a Job beside one that still runs, Forbid leaves the turn out, Replace ends the old one."},
        {"failedJobsHistoryLimit", "How many failed Jobs are kept; 1 when left out."},
        {"jobTemplate", "The Job to make at each turn."},
        {"schedule", "Minute, hour, day, month and weekday, as in a crontab."},
        {"startingDeadlineSeconds", "A turn that is later than this is left out."},
        {"successfulJobsHistoryLimit", "How many finished Jobs are kept; 3 when left out."},
        {"suspend", "Whether no further Jobs are started."},
        {"timeZone", "The zone the schedule is meant in; the controller manager's when left out."}}},
    {"CronJobStatus", {
        {"active", "Jobs that run now."},
        {"lastScheduleTime", "When the last Job was due."},
        {"lastSuccessfulTime", "When a Job last finished well."}}},
    {"CrossVersionObjectReference", {
        {"apiVersion", "Group and version of the object."},
        {"kind", "Kind of the object."},
        {"name", "Name of the object."}}},
    {"DaemonSetSpec", {
        {"revisionHistoryLimit", "How many old templates are kept to roll back to; 10 when left out."},
        {"selector", "Which pods belong to it. Cannot be changed."},
        {"template", "The pod that every fitting node gets."},
        {"updateStrategy", "How old pods are replaced by new ones."}}},
    {"DaemonSetStatus", {
        {"currentNumberScheduled", "Nodes that should have a pod and do."},
        {"desiredNumberScheduled", "Nodes that should have a pod."},
        {"numberAvailable", "Nodes whose pod is available."},
        {"numberMisscheduled", "Nodes that have a pod and should not."},
        {"numberReady", "Nodes whose pod is ready."},
        {"numberUnavailable", "Nodes that should have an available pod and do not."},
        {"updatedNumberScheduled", "Nodes whose pod is of the present template."}}},
    {"DaemonSetUpdateStrategy", {
        {"rollingUpdate", "How many at a time, for RollingUpdate."},
        {"type", "RollingUpdate, or OnDelete: new pods come when old ones are deleted."}}},
    {"DeploymentSpec", {
        {"paused", "Whether changes of the template wait."},
        {"progressDeadlineSeconds", "A rollout without progress for so long is reported as failed; 600 when left out."},
        {"replicas", "How many pods are wanted; 1 when left out."},
        {"revisionHistoryLimit", "How many old ReplicaSets are kept to roll back to; 10 when left out."},
        {"selector", "Which pods belong to it. Cannot be changed."},
        {"strategy", "How old pods are replaced by new ones."},
        {"template", "The pod to make copies of."}}},
    {"DeploymentStatus", {
        {"availableReplicas", "Pods that have been ready for long enough."},
        {"readyReplicas", "Pods that are ready."},
        {"replicas", "Pods that there are, old and new."},
        {"terminatingReplicas", "Pods that are on their way out."},
        {"unavailableReplicas", "Pods still missing until all are available."},
        {"updatedReplicas", "Pods of the present template."}}},
    {"DeploymentStrategy", {
        {"rollingUpdate", "How many at a time, for RollingUpdate."},
        {"type", "RollingUpdate, or Recreate: all old pods go before new ones come."}}},
    {"ExternalMetricSource", {{"metric", "The metric that is not about an object of the cluster."}, {"target", "The value that is aimed at."}}},
    {"ExternalMetricStatus", {{"current", "The value as it is."}, {"metric", "The metric."}}},
    {"HPAScalingPolicy", {
        {"periodSeconds", "The time within which the value holds."},
        {"type", "Pods or Percent."},
        {"value", "How much may change in that time."}}},
    {"HPAScalingRules", {
        {"policies", "Limits of how fast it goes."},
        {"selectPolicy", "Max takes the policy that allows most, Min the one that allows least; Disabled forbids this direction."},
        {"stabilizationWindowSeconds", "How far back recommendations are looked at before acting; 300 for down, 0 for up."}}},
    {"HorizontalPodAutoscalerBehavior", {
        {"scaleDown", "How fast it may go down."},
        {"scaleUp", "How fast it may go up."}}},
    {"HorizontalPodAutoscalerSpec", {
        {"behavior", "How fast it may go up and down."},
        {"maxReplicas", "It never goes above this."},
        {"metrics", "What is measured; the metric that asks for most decides."},
        {"minReplicas", "It never goes below this; 1 when left out."},
        {"scaleTargetRef", "What is scaled."}}},
    {"HorizontalPodAutoscalerStatus", {
        {"currentMetrics", "The values as last read."},
        {"currentReplicas", "Pods that the target had when last looked at."},
        {"desiredReplicas", "Pods that were last asked for."},
        {"lastScaleTime", "When it last changed the number."}}},
    {"JobSpec", {
        {"activeDeadlineSeconds", "The Job fails when it has been active for so long."},
        {"backoffLimit", "So many failed pods are made up for before the Job fails; 6 when left out."},
        {"backoffLimitPerIndex", "As backoffLimit, for each index by itself."},
        {"completionMode", "NonIndexed counts successes; Indexed wants one for each index."},
        {"completions", "So many pods must succeed."},
        {"managedBy", "The controller in charge; the built-in one when left out."},
        {"manualSelector", "Whether the selector was written by hand."},
        {"maxFailedIndexes", "The Job fails when more indexes than this have failed."},
        {"parallelism", "So many pods run at most at the same time; 1 when left out."},
        {"podFailurePolicy", "What a failed pod means, by exit code or condition."},
        {"podReplacementPolicy", "Whether a pod is made up for when it begins to end or only when it has failed."},
        {"selector", "Which pods belong to it; made up unless manualSelector is set."},
        {"successPolicy", "When the Job counts as done before all indexes are."},
        {"suspend", "Whether its pods are taken away and none are made."},
        {"template", "The pod to run."},
        {"ttlSecondsAfterFinished", "So long after its end the Job is deleted; never when left out."}}},
    {"JobStatus", {
        {"active", "Pods that are pending or running."},
        {"completedIndexes", "Indexes that succeeded: 1,3-5."},
        {"completionTime", "When it finished well."},
        {"failed", "Pods that failed."},
        {"failedIndexes", "Indexes that failed for good."},
        {"ready", "Active pods that are ready."},
        {"startTime", "When it was started, or resumed last."},
        {"succeeded", "Pods that succeeded."},
        {"terminating", "Pods that are on their way out."},
        {"uncountedTerminatedPods", "Ended pods whose count is not yet written down."}}},
    {"JobTemplateSpec", {{"metadata", "Labels and annotations of the Jobs made."}, {"spec", "What the Jobs made are to do."}}},
    {"MetricIdentifier", {
        {"name", "Name of the metric."},
        {"selector", "Labels that narrow it down."}}},
    {"MetricSpec", {
        {"containerResource", "CPU or memory of one container of each pod."},
        {"external", "A metric from outside of the cluster."},
        {"object", "A metric of one object."},
        {"pods", "A metric of each pod, averaged."},
        {"resource", "CPU or memory of each pod, averaged."},
        {"type", "Which of the others is filled in."}}},
    {"MetricStatus", {
        {"external", "A metric from outside of the cluster."},
        {"pods", "A metric of each pod, averaged."},
        {"resource", "CPU or memory of each pod, averaged."},
        {"type", "Which of the others is filled in."}}},
    {"MetricTarget", {
        {"averageUtilization", "Percent of the requests, averaged over the pods."},
        {"averageValue", "Amount for each pod."},
        {"type", "Utilization, AverageValue or Value."},
        {"value", "Amount as a whole."}}},
    {"MetricValueStatus", {
        {"averageUtilization", "Percent of the requests, averaged over the pods."},
        {"averageValue", "Amount for each pod."},
        {"value", "Amount as a whole."}}},
    {"ObjectMetricSource", {
        {"describedObject", "The object that is measured."},
        {"metric", "The metric."},
        {"target", "The value that is aimed at."}}},
    {"PodDisruptionBudgetSpec", {
        {"maxUnavailable", "So many pods, absolute or in percent, may be missing after an eviction."},
        {"minAvailable", "So many pods, absolute or in percent, must be left after an eviction."},
        {"selector", "The pods that are guarded; an empty one guards all of the namespace."},
        {"unhealthyPodEvictionPolicy", "Whether pods that are not ready may be evicted at any time."}}},
    {"PodDisruptionBudgetStatus", {
        {"currentHealthy", "Pods that are ready."},
        {"desiredHealthy", "Pods that must be left ready."},
        {"disruptedPods", "Pods whose eviction was granted and which are not gone yet."},
        {"disruptionsAllowed", "How many pods may be evicted now."},
        {"expectedPods", "Pods that the guarded workloads want."}}},
    {"PodFailurePolicy", {{"rules", "Looked at in order; the first that matches decides."}}},
    {"PodFailurePolicyOnExitCodesRequirement", {
        {"containerName", "The container in question; any when left out."},
        {"operator", "In or NotIn."},
        {"values", "The exit codes."}}},
    {"PodFailurePolicyOnPodConditionsPattern", {
        {"status", "The status it must have; True when left out."},
        {"type", "The condition the pod must have, such as DisruptionTarget."}}},
    {"PodFailurePolicyRule", {
        {"action", "FailJob, FailIndex, Ignore or Count."},
        {"onExitCodes", "Matches by exit code."},
        {"onPodConditions", "Matches by condition."}}},
    {"PodsMetricSource", {{"metric", "The metric."}, {"target", "The value that is aimed at."}}},
    {"PodsMetricStatus", {{"current", "The value as it is."}, {"metric", "The metric."}}},
    {"ReplicaSetSpec", {
        {"replicas", "How many pods are wanted; 1 when left out."},
        {"selector", "Which pods belong to it. Cannot be changed."},
        {"template", "The pod to make copies of."}}},
    {"ReplicaSetStatus", {
        {"availableReplicas", "Pods that have been ready for long enough."},
        {"fullyLabeledReplicas", "Pods with all labels of the template."},
        {"readyReplicas", "Pods that are ready."},
        {"replicas", "Pods that there are."},
        {"terminatingReplicas", "Pods that are on their way out."}}},
    {"ResourceMetricSource", {{"name", "cpu or memory."}, {"target", "The value that is aimed at."}}},
    {"ResourceMetricStatus", {{"current", "The value as it is."}, {"name", "cpu or memory."}}},
    {"RollingUpdateDaemonSet", {
        {"maxSurge", "Nodes that may have an old and a new pod at the same time, absolute or in percent."},
        {"maxUnavailable", "Nodes that may be without a pod during the update, absolute or in percent."}}},
    {"RollingUpdateDeployment", {
        {"maxSurge", "Pods that may exist above the wanted number, absolute or in percent, rounded up."},
        {"maxUnavailable", "Pods that may be missing during the update, absolute or in percent, rounded down."}}},
    {"RollingUpdateStatefulSetStrategy", {
        {"maxUnavailable", "Pods that may be missing during the update; behind a feature gate."},
        {"partition", "Only pods with this number and above are updated."}}},
    {"StatefulSetOrdinals", {{"start", "The number that the first pod has; 0 when left out."}}},
    {"StatefulSetPersistentVolumeClaimRetentionPolicy", {
        {"whenDeleted", "Retain or Delete the claims when the StatefulSet is deleted."},
        {"whenScaled", "Retain or Delete a pod's claims when it is scaled away."}}},
    {"StatefulSetSpec", {
        {"ordinals", "How pods are numbered."},
        {"persistentVolumeClaimRetentionPolicy", "What becomes of claims whose pods are no longer wanted."},
        {"podManagementPolicy", "OrderedReady makes and removes pods one by one; Parallel all at once."},
        {"replicas", "How many pods are wanted; 1 when left out."},
        {"revisionHistoryLimit", "How many old templates are kept to roll back to; 10 when left out."},
        {"selector", "Which pods belong to it. Cannot be changed."},
        {"serviceName", "The headless Service that gives the pods their names."},
        {"template", "The pod to make copies of."},
        {"updateStrategy", "How old pods are replaced by new ones."},
        {"volumeClaimTemplates", "Claims that each pod gets for itself."}}},
    {"StatefulSetStatus", {
        {"availableReplicas", "Pods that have been ready for long enough."},
        {"currentReplicas", "Pods of the revision that was current before the update."},
        {"currentRevision", "The revision that pods below the update are of."},
        {"readyReplicas", "Pods that are ready."},
        {"replicas", "Pods that there are."},
        {"updateRevision", "The revision of the present template."},
        {"updatedReplicas", "Pods of the present template."}}},
    {"StatefulSetUpdateStrategy", {
        {"rollingUpdate", "From which pod on, for RollingUpdate."},
        {"type", "RollingUpdate from the highest number down, or OnDelete."}}},
    {"SuccessPolicy", {{"rules", "One that holds is enough."}}},
    {"SuccessPolicyRule", {
        {"succeededCount", "So many indexes must have succeeded."},
        {"succeededIndexes", "The indexes in question: 1,3-5; all when left out."}}},
    {"UncountedTerminatedPods", {
        {"failed", "Uids of the ones that failed."},
        {"succeeded", "Uids of the ones that succeeded."}}},
};

} // namespace

std::span<const StructSentences> workloadSentences() { return kWorkloadSentences; }

} // namespace sim::kube
