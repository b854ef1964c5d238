#include "sim/kube/controllers/job_failures.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

// pkg/controller/job/job_controller.go: DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff
constexpr Duration kFirstBackOff = 10s;
constexpr Duration kLongestBackOff = 600s;

using PodList = std::vector<std::shared_ptr<const Pod>>;

Instant latestOf(const PodList& pods)
{
    Instant latest{};
    for (const auto& pod : pods)
        latest = std::max(latest, finishedAt(*pod));
    return latest;
}

const ContainerStatus* matchingExit(const PodFailurePolicyOnExitCodes& rule, const Pod& pod)
{
    for (const auto* list : {&pod.status.containerStatuses, &pod.status.initContainerStatuses})
        for (const ContainerStatus& status : *list) {
            if (!status.state.terminated || status.state.terminated->exitCode.value == 0
                || (rule.containerName && *rule.containerName != status.name.value))
                continue;
            const bool listed = std::find(rule.values.begin(), rule.values.end(), status.state.terminated->exitCode.value) != rule.values.end();
            if (listed == (rule.operator_.value == "In"))
                return &status;
        }
    return nullptr;
}

const PodFailurePolicyOnCondition* matchingCondition(const std::vector<PodFailurePolicyOnCondition>& patterns, const Pod& pod)
{
    for (const PodFailurePolicyOnCondition& pattern : patterns) {
        const Condition* condition = findCondition(pod.status.conditions, pattern.type.value);
        if (condition && condition->status.value == pattern.status.value)
            return &pattern;
    }
    return nullptr;
}

} // namespace

JobBackOff JobBackOff::after(const PodList& succeeded, const PodList& failed) const
{
    JobBackOff next = *this;
    const Instant lastSuccess = latestOf(succeeded);
    if (!succeeded.empty())
        next = {};
    for (const auto& pod : failed) {
        const Instant at = finishedAt(*pod);
        if (!succeeded.empty() && at <= lastSuccess)
            continue;
        next.failures += 1;
        next.last = std::max(next.last.value_or(at), at);
    }
    return next;
}

Duration JobBackOff::remaining(Instant now) const
{
    if (failures == 0 || !last)
        return {};
    const Duration pause = std::min(kLongestBackOff, kFirstBackOff * (std::int64_t{1} << std::min<std::int64_t>(failures - 1, 10)));
    return std::max(*last + pause - now, Duration{});
}

Instant finishedAt(const Pod& pod)
{
    std::optional<Instant> finished;
    bool all = !pod.status.containerStatuses.empty();
    for (const ContainerStatus& status : pod.status.containerStatuses) {
        all = all && status.state.terminated && status.state.terminated->finishedAt;
        if (all)
            finished = std::max(finished.value_or(Instant{}), status.state.terminated->finishedAt->at);
    }
    if (all && finished)
        return *finished;
    if (const Condition* ready = findCondition(pod.status.conditions, "Ready"); ready && ready->status.value == kFalse && ready->lastTransitionTime)
        return ready->lastTransitionTime->at;
    if (pod.metadata.deletionTimestamp)
        return pod.metadata.deletionTimestamp->at - std::chrono::seconds(pod.metadata.deletionGracePeriodSeconds.value_or(0));
    return pod.metadata.creationTimestamp ? pod.metadata.creationTimestamp->at : Instant{};
}

bool countsAsFailed(const Job& job, const Pod& pod)
{
    if (pod.status.phase == kPodFailed)
        return true;
    if (job.spec.podReplacementPolicy == "Failed")
        return false;
    return pod.metadata.deletionTimestamp && pod.status.phase != kPodSucceeded;
}

bool pastRestartLimit(const Job& job, const PodList& pods)
{
    if (job.spec.template_.spec.restartPolicy != "OnFailure")
        return false;
    std::int64_t restarts = 0;
    for (const auto& pod : pods) {
        if (isTerminal(*pod))
            continue;
        for (const auto* list : {&pod->status.initContainerStatuses, &pod->status.containerStatuses})
            for (const ContainerStatus& status : *list)
                restarts += status.restartCount.value;
    }
    const std::int64_t limit = job.spec.backoffLimit.value_or(6);
    return limit == 0 ? restarts > 0 : restarts >= limit;
}

FailureRuling ruleFailure(const Job& job, const Pod& pod)
{
    if (!job.spec.podFailurePolicy)
        return {};
    int number = -1;
    for (const PodFailurePolicyRule& rule : job.spec.podFailurePolicy->rules) {
        ++number;
        std::string what;
        if (rule.onExitCodes) {
            if (const ContainerStatus* status = matchingExit(*rule.onExitCodes, pod))
                what = fmt::format("Container {} for pod {}/{} failed with exit code {} matching {} rule at index {}", status->name.value,
                                   pod.metadata.namespace_, pod.metadata.name, status->state.terminated->exitCode.value,
                                   rule.action.value, number);
        } else if (const PodFailurePolicyOnCondition* pattern = matchingCondition(rule.onPodConditions, pod)) {
            what = fmt::format("Pod {}/{} has condition {} matching {} rule at index {}", pod.metadata.namespace_, pod.metadata.name,
                               pattern->type.value, rule.action.value, number);
        }
        if (!what.empty())
            return {rule.action.value, rule.action.value != "Ignore", rule.action.value == "FailJob" ? what : std::string()};
    }
    return {};
}

} // namespace sim::kube
