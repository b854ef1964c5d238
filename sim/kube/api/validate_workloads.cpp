#include "sim/kube/api/cron_schedule.h"
#include "sim/kube/api/names.h"
#include "sim/kube/api/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>

// pkg/apis/{apps,batch,autoscaling,policy}/validation.
namespace sim::kube::validation {

namespace {

bool isEmpty(const LabelSelector& selector) { return selector.matchLabels.empty() && selector.matchExpressions.empty(); }

bool isZero(const std::optional<IntOrString>& amount)
{
    if (!amount)
        return false;
    if (const auto* number = std::get_if<std::int64_t>(&amount->value))
        return *number == 0;
    return std::get<std::string>(amount->value) == "0%";
}

void checkSelector(FieldErrors& errors, const LabelSelector& selector)
{
    if (isEmpty(selector))
        errors.required("spec.selector");
    else
        checkLabelSelector(errors, "spec.selector", selector);
}

/// A missing selector selects nothing, so no labels match it.
void checkMatch(FieldErrors& errors, const LabelSelector& selector, const StringMap& labels)
{
    if (isEmpty(selector) || !selector.matches(labels))
        errors.invalidDump("spec.template.metadata.labels", goDump(labels), "`selector` does not match template `labels`");
}

void checkAlwaysRunning(FieldErrors& errors, const PodSpec& spec, const char* owner)
{
    if (spec.restartPolicy != "Always")
        errors.notSupported("spec.template.spec.restartPolicy", spec.restartPolicy, {"Always"});
    if (spec.activeDeadlineSeconds)
        errors.forbidden("spec.template.spec.activeDeadlineSeconds", fmt::format("activeDeadlineSeconds in {} is not Supported", owner));
}

void immutableSelector(FieldErrors& errors, const LabelSelector& selector, const LabelSelector& old)
{
    if (selector != old)
        errors.invalidDump("spec.selector", goDump(selector), "field is immutable");
}

void checkRolling(FieldErrors& errors, const std::string& at, const RollingUpdate& rolling)
{
    if (rolling.maxUnavailable)
        checkIntOrPercent(errors, at + ".maxUnavailable", *rolling.maxUnavailable);
    if (rolling.maxSurge)
        checkIntOrPercent(errors, at + ".maxSurge", *rolling.maxSurge);
    if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge))
        errors.invalidDump(at + ".maxUnavailable", goDump(*rolling.maxUnavailable), "may not be 0 when `maxSurge` is 0");
}

void checkJobSpec(FieldErrors& errors, const std::string& at, const JobSpec& spec)
{
    errors.notNegative(at + ".parallelism", spec.parallelism.value_or(0));
    errors.notNegative(at + ".completions", spec.completions.value_or(0));
    errors.notNegative(at + ".activeDeadlineSeconds", spec.activeDeadlineSeconds.value_or(0));
    errors.notNegative(at + ".backoffLimit", spec.backoffLimit.value_or(0));
    errors.notNegative(at + ".ttlSecondsAfterFinished", spec.ttlSecondsAfterFinished.value_or(0));
    errors.notNegative(at + ".backoffLimitPerIndex", spec.backoffLimitPerIndex.value_or(0));
    const std::string mode = spec.completionMode.value_or("NonIndexed");
    if (mode != "NonIndexed" && mode != "Indexed")
        errors.notSupported(at + ".completionMode", mode, {"Indexed", "NonIndexed"});
    if (mode == "Indexed" && !spec.completions)
        errors.required(at + ".completions", "when completion mode is Indexed");
    if (spec.backoffLimitPerIndex && mode != "Indexed")
        errors.invalid(at + ".backoffLimitPerIndex", *spec.backoffLimitPerIndex, "requires indexed completion mode");
    if (spec.podFailurePolicy && spec.template_.spec.restartPolicy != "Never")
        errors.invalid(at + ".template.spec.restartPolicy", spec.template_.spec.restartPolicy,
                       "only \"Never\" is supported when podFailurePolicy is specified");
    checkPodTemplate(errors, at + ".template", spec.template_);
    const std::string& restart = spec.template_.spec.restartPolicy;
    if (restart.empty() || restart == "Always")
        errors.required(at + ".template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
    else if (restart != "OnFailure" && restart != "Never")
        errors.notSupported(at + ".template.spec.restartPolicy", restart, {"OnFailure", "Never"});
}

} // namespace

void check(FieldErrors& errors, const Deployment& deployment)
{
    const DeploymentSpec& spec = deployment.spec;
    errors.notNegative("spec.replicas", spec.replicas.value_or(1));
    checkSelector(errors, spec.selector);
    checkMatch(errors, spec.selector, spec.template_.metadata.labels);
    checkPodTemplate(errors, "spec.template", spec.template_);
    checkAlwaysRunning(errors, spec.template_.spec, "ReplicaSet");
    if (spec.strategy.type == "Recreate") {
        if (spec.strategy.rollingUpdate)
            errors.forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
    } else if (spec.strategy.type == "RollingUpdate") {
        if (spec.strategy.rollingUpdate)
            checkRolling(errors, "spec.strategy.rollingUpdate", *spec.strategy.rollingUpdate);
    } else {
        errors.add({"FieldValueNotSupported", "spec.strategy",
                    fmt::format("Unsupported value: apps.DeploymentStrategy{{Type:{}, RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}}: "
                                "supported values: \"Recreate\", \"RollingUpdate\"", goQuoted(spec.strategy.type))});
    }
    errors.notNegative("spec.minReadySeconds", spec.minReadySeconds);
    errors.notNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit.value_or(0));
    if (spec.progressDeadlineSeconds) {
        errors.notNegative("spec.progressDeadlineSeconds", *spec.progressDeadlineSeconds);
        if (*spec.progressDeadlineSeconds <= spec.minReadySeconds)
            errors.invalid("spec.progressDeadlineSeconds", *spec.progressDeadlineSeconds, "must be greater than minReadySeconds");
    }
}

void checkUpdate(FieldErrors& errors, const Deployment& deployment, const Deployment& old)
{
    immutableSelector(errors, deployment.spec.selector, old.spec.selector);
}

void check(FieldErrors& errors, const ReplicaSet& set)
{
    errors.notNegative("spec.replicas", set.spec.replicas.value_or(1));
    errors.notNegative("spec.minReadySeconds", set.spec.minReadySeconds);
    checkSelector(errors, set.spec.selector);
    checkMatch(errors, set.spec.selector, set.spec.template_.metadata.labels);
    checkPodTemplate(errors, "spec.template", set.spec.template_);
    checkAlwaysRunning(errors, set.spec.template_.spec, "ReplicaSet");
}

void checkUpdate(FieldErrors& errors, const ReplicaSet& set, const ReplicaSet& old)
{
    immutableSelector(errors, set.spec.selector, old.spec.selector);
}

void check(FieldErrors& errors, const DaemonSet& set)
{
    checkSelector(errors, set.spec.selector);
    checkMatch(errors, set.spec.selector, set.spec.template_.metadata.labels);
    checkPodTemplate(errors, "spec.template", set.spec.template_);
    checkAlwaysRunning(errors, set.spec.template_.spec, "DaemonSet");
    errors.notNegative("spec.minReadySeconds", set.spec.minReadySeconds);
    const UpdateStrategy& strategy = set.spec.updateStrategy;
    if (strategy.type != "OnDelete" && strategy.type != "RollingUpdate")
        errors.notSupported("spec.updateStrategy.type", strategy.type, {"OnDelete", "RollingUpdate"});
    else if (strategy.type == "RollingUpdate" && strategy.rollingUpdate)
        checkRolling(errors, "spec.updateStrategy.rollingUpdate", *strategy.rollingUpdate);
    errors.notNegative("spec.revisionHistoryLimit", set.spec.revisionHistoryLimit.value_or(0));
}

void checkUpdate(FieldErrors& errors, const DaemonSet& set, const DaemonSet& old)
{
    immutableSelector(errors, set.spec.selector, old.spec.selector);
}

void check(FieldErrors& errors, const StatefulSet& set)
{
    const StatefulSetSpec& spec = set.spec;
    if (spec.podManagementPolicy != "OrderedReady" && spec.podManagementPolicy != "Parallel")
        errors.invalid("spec.podManagementPolicy", spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'");
    if (spec.updateStrategy.type != "OnDelete" && spec.updateStrategy.type != "RollingUpdate")
        errors.invalid("spec.updateStrategy", spec.updateStrategy.type, "must be 'RollingUpdate' or 'OnDelete'");
    else if (spec.updateStrategy.rollingUpdate)
        errors.notNegative("spec.updateStrategy.rollingUpdate.partition", spec.updateStrategy.rollingUpdate->partition.value_or(0));
    errors.notNegative("spec.replicas", spec.replicas.value_or(1));
    errors.notNegative("spec.minReadySeconds", spec.minReadySeconds);
    if (spec.ordinals)
        errors.notNegative("spec.ordinals.start", spec.ordinals->start.value);
    checkSelector(errors, spec.selector);
    checkMatch(errors, spec.selector, spec.template_.metadata.labels);
    checkLabels(errors, "spec.template.labels", spec.template_.metadata.labels);
    checkAnnotations(errors, "spec.template.annotations", spec.template_.metadata.annotations);
    checkAlwaysRunning(errors, spec.template_.spec, "StatefulSet");
}

void checkUpdate(FieldErrors& errors, const StatefulSet& set, const StatefulSet& old)
{
    StatefulSetSpec spec = set.spec; // with what may not change, against the old
    spec.replicas = old.spec.replicas;
    spec.template_ = old.spec.template_;
    spec.updateStrategy = old.spec.updateStrategy;
    spec.minReadySeconds = old.spec.minReadySeconds;
    spec.ordinals = old.spec.ordinals;
    spec.revisionHistoryLimit = old.spec.revisionHistoryLimit;
    spec.persistentVolumeClaimRetentionPolicy = old.spec.persistentVolumeClaimRetentionPolicy;
    if (spec != old.spec)
        errors.forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                                 "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
}

void check(FieldErrors& errors, const Job& job)
{
    if (!job.spec.selector)
        errors.required("spec.selector");
    else
        checkLabelSelector(errors, "spec.selector", *job.spec.selector);
    checkJobSpec(errors, "spec", job.spec);
    if (job.spec.selector && !job.spec.selector->matches(job.spec.template_.metadata.labels))
        errors.invalidDump("spec.template.metadata.labels", goDump(job.spec.template_.metadata.labels),
                           "`selector` does not match template `labels`");
}

void checkUpdate(FieldErrors& errors, const Job& job, const Job& old)
{
    const bool indexed = old.spec.completionMode == "Indexed";
    if (job.spec.completions != old.spec.completions && !(indexed && job.spec.completions == job.spec.parallelism))
        errors.invalidDump("spec.completions", job.spec.completions ? std::to_string(*job.spec.completions) : "null", "field is immutable");
    if (job.spec.selector != old.spec.selector)
        errors.invalidDump("spec.selector", job.spec.selector ? goDump(*job.spec.selector) : "null", "field is immutable");
    PodTemplateSpec podTemplate = job.spec.template_;
    if (old.spec.suspend.value_or(false) && !old.status.startTime) { // scheduling directives may change while it waits
        podTemplate.metadata = old.spec.template_.metadata;
        podTemplate.spec.nodeSelector = old.spec.template_.spec.nodeSelector;
        podTemplate.spec.tolerations = old.spec.template_.spec.tolerations;
        podTemplate.spec.affinity = old.spec.template_.spec.affinity;
        podTemplate.spec.schedulingGates = old.spec.template_.spec.schedulingGates;
    }
    if (podTemplate != old.spec.template_)
        errors.invalidDump("spec.template", "core.PodTemplateSpec{...}", "field is immutable");
    if (job.spec.completionMode != old.spec.completionMode)
        errors.invalid("spec.completionMode", job.spec.completionMode.value_or(""), "field is immutable");
    if (job.spec.backoffLimitPerIndex != old.spec.backoffLimitPerIndex)
        errors.invalid("spec.backoffLimitPerIndex", job.spec.backoffLimitPerIndex.value_or(0), "field is immutable");
}

void check(FieldErrors& errors, const CronJob& job)
{
    constexpr std::size_t kNameMost = 52; // a job's name ends in "-" and ten digits
    if (job.metadata.name.size() > kNameMost)
        errors.invalid("metadata.name", job.metadata.name, "must be no more than 52 characters");
    const std::string& schedule = job.spec.schedule.value;
    if (schedule.empty())
        errors.required("spec.schedule");
    else if (const std::string problem = CronSchedule::parse(schedule).error; !problem.empty())
        errors.invalid("spec.schedule", schedule, problem);
    if (schedule.find("TZ") != std::string::npos)
        errors.invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    errors.notNegative("spec.startingDeadlineSeconds", job.spec.startingDeadlineSeconds.value_or(0));
    if (const auto& zone = job.spec.timeZone; zone && zone->empty())
        errors.invalid("spec.timeZone", "", "timeZone must be nil or non-empty string");
    else if (zone && *zone == "Local")
        errors.invalid("spec.timeZone", *zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    else if (zone && !TimeZone::mayExist(*zone))
        errors.invalid("spec.timeZone", *zone, "unknown time zone " + *zone);
    errors.oneOf("spec.concurrencyPolicy", job.spec.concurrencyPolicy, {"Allow", "Forbid", "Replace"});
    if (job.spec.jobTemplate.spec.manualSelector.value_or(false))
        errors.notSupported("spec.jobTemplate.spec.manualSelector", "true", {"nil", "false"});
    checkJobSpec(errors, "spec.jobTemplate.spec", job.spec.jobTemplate.spec);
    errors.notNegative("spec.successfulJobsHistoryLimit", job.spec.successfulJobsHistoryLimit.value_or(0));
    errors.notNegative("spec.failedJobsHistoryLimit", job.spec.failedJobsHistoryLimit.value_or(0));
}

void check(FieldErrors& errors, const HorizontalPodAutoscaler& autoscaler)
{
    const HpaSpec& spec = autoscaler.spec;
    if (spec.minReplicas && *spec.minReplicas < 1)
        errors.invalid("spec.minReplicas", *spec.minReplicas, "must be greater than or equal to 1");
    if (spec.maxReplicas.value < 1)
        errors.invalid("spec.maxReplicas", spec.maxReplicas.value, "must be greater than 0");
    if (spec.minReplicas && spec.maxReplicas.value < *spec.minReplicas)
        errors.invalid("spec.maxReplicas", spec.maxReplicas.value, "must be greater than or equal to `minReplicas`");
    if (spec.scaleTargetRef.kind.value.empty())
        errors.required("spec.scaleTargetRef.kind");
    else
        errors.each("spec.scaleTargetRef.kind", spec.scaleTargetRef.kind, names::pathSegment(spec.scaleTargetRef.kind));
    if (spec.scaleTargetRef.name.value.empty())
        errors.required("spec.scaleTargetRef.name");
    else
        errors.each("spec.scaleTargetRef.name", spec.scaleTargetRef.name, names::pathSegment(spec.scaleTargetRef.name));
    for (std::size_t i = 0; i < spec.metrics.size(); ++i) {
        const MetricSpec& metric = spec.metrics[i];
        const std::string at = fmt::format("spec.metrics[{}]", i);
        if (metric.type.value.empty())
            errors.required(at + ".type", "must specify a metric source type");
        else if (metric.type.value == "Resource" && !metric.resource)
            errors.required(at + ".resource", "must populate information for the given metric source");
        else if (metric.type.value == "Pods" && !metric.pods)
            errors.required(at + ".pods", "must populate information for the given metric source");
        else if (metric.type.value == "Object" && !metric.object)
            errors.required(at + ".object", "must populate information for the given metric source");
        else if (metric.type.value == "External" && !metric.external_)
            errors.required(at + ".external", "must populate information for the given metric source");
        if (metric.resource && metric.resource->target.averageUtilization && *metric.resource->target.averageUtilization < 1)
            errors.invalid(at + ".resource.target.averageUtilization", *metric.resource->target.averageUtilization, "must be greater than 0");
    }
}

void check(FieldErrors& errors, const PodDisruptionBudget& budget)
{
    const PdbSpec& spec = budget.spec;
    if (spec.minAvailable && spec.maxUnavailable)
        errors.invalidDump("spec", "policy.PodDisruptionBudgetSpec{MinAvailable:(*intstr.IntOrString)(0xc004297d40), "
                                   "Selector:(*v1.LabelSelector)(0xc004297d60), MaxUnavailable:(*intstr.IntOrString)(0xc004297ce0), "
                                   "UnhealthyPodEvictionPolicy:(*policy.UnhealthyPodEvictionPolicyType)(nil)}",
                           "minAvailable and maxUnavailable cannot be both set");
    if (spec.minAvailable)
        checkIntOrPercent(errors, "spec.minAvailable", *spec.minAvailable);
    if (spec.maxUnavailable)
        checkIntOrPercent(errors, "spec.maxUnavailable", *spec.maxUnavailable);
    if (spec.unhealthyPodEvictionPolicy && *spec.unhealthyPodEvictionPolicy != "AlwaysAllow"
        && *spec.unhealthyPodEvictionPolicy != "IfHealthyBudget")
        errors.notSupported("spec.unhealthyPodEvictionPolicy", *spec.unhealthyPodEvictionPolicy, {"AlwaysAllow", "IfHealthyBudget"});
    if (spec.selector)
        checkLabelSelector(errors, "spec.selector", *spec.selector);
}

} // namespace sim::kube::validation
