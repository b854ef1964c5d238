#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- batch/v1: Job ------------------------------------------------------------------------------

struct PodFailurePolicyOnExitCodes {
    std::optional<std::string> containerName;
    Always<std::string> operator_; ///< In, NotIn
    std::vector<std::int64_t> values;
    bool operator==(const PodFailurePolicyOnExitCodes&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodFailurePolicyOnExitCodes, (), (containerName, operator_, values))

struct PodFailurePolicyOnCondition {
    Always<std::string> status;
    Always<std::string> type;
    bool operator==(const PodFailurePolicyOnCondition&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodFailurePolicyOnCondition, (), (status, type))

struct PodFailurePolicyRule {
    Always<std::string> action; ///< FailJob, FailIndex, Ignore, Count
    std::optional<PodFailurePolicyOnExitCodes> onExitCodes;
    std::vector<PodFailurePolicyOnCondition> onPodConditions;
    bool operator==(const PodFailurePolicyRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodFailurePolicyRule, (), (action, onExitCodes, onPodConditions))

struct PodFailurePolicy {
    std::vector<PodFailurePolicyRule> rules;
    bool operator==(const PodFailurePolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodFailurePolicy, (), (rules))

struct SuccessPolicyRule {
    std::optional<std::int64_t> succeededCount;
    std::optional<std::string> succeededIndexes;
    bool operator==(const SuccessPolicyRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(SuccessPolicyRule, (), (succeededCount, succeededIndexes))

struct SuccessPolicy {
    std::vector<SuccessPolicyRule> rules;
    bool operator==(const SuccessPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(SuccessPolicy, (), (rules))

struct JobSpec {
    std::optional<std::int64_t> activeDeadlineSeconds;
    std::optional<std::int64_t> backoffLimit;
    std::optional<std::int64_t> backoffLimitPerIndex;
    std::optional<std::string> completionMode; ///< NonIndexed, Indexed
    std::optional<std::int64_t> completions;
    std::optional<std::string> managedBy;
    std::optional<bool> manualSelector;
    std::optional<std::int64_t> maxFailedIndexes;
    std::optional<std::int64_t> parallelism;
    std::optional<PodFailurePolicy> podFailurePolicy;
    std::optional<std::string> podReplacementPolicy; ///< TerminatingOrFailed, Failed
    std::optional<LabelSelector> selector;
    std::optional<SuccessPolicy> successPolicy;
    std::optional<bool> suspend;
    PodTemplateSpec template_;
    std::optional<std::int64_t> ttlSecondsAfterFinished;
    bool operator==(const JobSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(JobSpec, (), (activeDeadlineSeconds, backoffLimit, backoffLimitPerIndex, completionMode,
    completions, managedBy, manualSelector, maxFailedIndexes, parallelism, podFailurePolicy, podReplacementPolicy,
    selector, successPolicy, suspend, template_, ttlSecondsAfterFinished))

struct UncountedTerminatedPods {
    std::vector<std::string> failed;
    std::vector<std::string> succeeded;
    bool operator==(const UncountedTerminatedPods&) const = default;
};
BOOST_DESCRIBE_STRUCT(UncountedTerminatedPods, (), (failed, succeeded))

struct JobStatus {
    std::int64_t active = 0;
    std::string completedIndexes;
    std::optional<Time> completionTime;
    std::vector<Condition> conditions;
    std::int64_t failed = 0;
    std::optional<std::string> failedIndexes;
    std::optional<std::int64_t> ready;
    std::optional<Time> startTime;
    std::int64_t succeeded = 0;
    std::optional<std::int64_t> terminating;
    std::optional<UncountedTerminatedPods> uncountedTerminatedPods;
    bool operator==(const JobStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(JobStatus, (), (active, completedIndexes, completionTime, conditions, failed, failedIndexes,
    ready, startTime, succeeded, terminating, uncountedTerminatedPods))

struct Job {
    ObjectMeta metadata;
    JobSpec spec;
    JobStatus status;
    bool operator==(const Job&) const = default;
};
BOOST_DESCRIBE_STRUCT(Job, (), (metadata, spec, status))

// ---- batch/v1: CronJob --------------------------------------------------------------------------

struct JobTemplateSpec {
    ObjectMeta metadata;
    JobSpec spec;
    bool operator==(const JobTemplateSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(JobTemplateSpec, (), (metadata, spec))

struct CronJobSpec {
    std::string concurrencyPolicy; ///< Allow, Forbid, Replace
    std::optional<std::int64_t> failedJobsHistoryLimit;
    JobTemplateSpec jobTemplate;
    Always<std::string> schedule;
    std::optional<std::int64_t> startingDeadlineSeconds;
    std::optional<std::int64_t> successfulJobsHistoryLimit;
    std::optional<bool> suspend;
    std::optional<std::string> timeZone;
    bool operator==(const CronJobSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(CronJobSpec, (), (concurrencyPolicy, failedJobsHistoryLimit, jobTemplate, schedule,
    startingDeadlineSeconds, successfulJobsHistoryLimit, suspend, timeZone))

struct CronJobStatus {
    std::vector<ObjectReference> active;
    std::optional<Time> lastScheduleTime;
    std::optional<Time> lastSuccessfulTime;
    bool operator==(const CronJobStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(CronJobStatus, (), (active, lastScheduleTime, lastSuccessfulTime))

struct CronJob {
    ObjectMeta metadata;
    CronJobSpec spec;
    CronJobStatus status;
    bool operator==(const CronJob&) const = default;
};
BOOST_DESCRIBE_STRUCT(CronJob, (), (metadata, spec, status))

} // namespace sim::kube
