#include "sim/kube/controllers/job_sync.h"
#include "sim/kube/controllers/reasons.h"

#include <algorithm>

// Counts each ended pod exactly once: its uid goes to the status, then its finalizer goes, then the uid becomes a
// number (trackJobStatusAndRemoveFinalizers of job_controller.go). A crash between two steps loses nothing.
namespace sim::kube {

namespace {

constexpr std::size_t kMostUncounted = 500; // MaxUncountedPods

} // namespace

void JobSync::write()
{
    // A writer's time of the conditions is cut to seconds by the store, hence the read back.
    Job copy = m_job;
    copy.metadata.resourceVersion.clear();
    const auto written = m_context.store().update(std::move(copy), m_context.now());
    if (written)
        m_job = *written.object;
    else
        m_error = written.error.message;
}

bool JobSync::setCondition(const Condition& condition)
{
    if (Condition* known = findCondition(m_job.status.conditions, condition.type.value)) {
        if (known->status == condition.status && known->reason == condition.reason && known->message == condition.message)
            return false;
        *known = condition;
        return true;
    }
    m_job.status.conditions.push_back(condition);
    return true;
}

/// Uids whose pods have lost the finalizer become numbers.
bool JobSync::cleanUncounted()
{
    UncountedTerminatedPods& uncounted = *m_job.status.uncountedTerminatedPods;
    const auto settle = [&](std::vector<std::string>& uids) {
        return static_cast<std::int64_t>(std::erase_if(uids, [&](const std::string& uid) {
            return std::none_of(m_pods.begin(), m_pods.end(),
                                [&](const PodPtr& pod) { return pod->metadata.uid == uid && isTracked(*pod); });
        }));
    };
    const std::int64_t succeeded = settle(uncounted.succeeded);
    const std::int64_t failed = settle(uncounted.failed);
    m_job.status.succeeded += isIndexed(m_job) ? 0 : succeeded;
    m_job.status.failed += failed;
    return succeeded + failed > 0;
}

/// Notes a pod that has ended. True: the status changed.
bool JobSync::countEnded(const Pod& pod)
{
    UncountedTerminatedPods& uncounted = *m_job.status.uncountedTerminatedPods;
    const std::string& uid = pod.metadata.uid;
    if (pod.status.phase == kPodSucceeded && !listed(uncounted.failed, uid)) {
        if (isIndexed(m_job))
            return hasValidIndex(m_job, pod) && m_counted.insert(*completionIndex(pod)).second;
        if (listed(uncounted.succeeded, uid))
            return false;
        uncounted.succeeded.push_back(uid);
        return true;
    }
    const bool failedJob = m_verdict && m_verdict->type.value == "FailureTarget";
    if (!countsAsFailed(m_job, pod) && !failedJob)
        return false;
    if (listed(uncounted.failed, uid) || (isIndexed(m_job) && !hasValidIndex(m_job, pod)) || !ruleFailure(m_job, pod).counts)
        return false;
    uncounted.failed.push_back(uid);
    return true;
}

bool JobSync::addInterimCondition()
{
    if (!m_verdict || findCondition(m_job.status.conditions, m_verdict->type.value))
        return false;
    m_job.status.conditions.push_back(*m_verdict);
    return true;
}

void JobSync::track(bool flush)
{
    flush |= cleanUncounted();
    std::vector<ObjectKey> release;
    const UncountedTerminatedPods& uncounted = *m_job.status.uncountedTerminatedPods;
    std::size_t fresh = 0;
    if (isIndexed(m_job))
        std::sort(m_pods.begin(), m_pods.end(), [](const PodPtr& a, const PodPtr& b) { return completionIndex(*a) < completionIndex(*b); });
    bool all = true;
    for (const PodPtr& pod : m_pods) {
        if (!isTracked(*pod))
            continue;
        const bool ended = m_job.metadata.deletionTimestamp || m_verdict || pod->status.phase == kPodSucceeded || countsAsFailed(m_job, *pod);
        if (!ended)
            continue;
        if (fresh + uncounted.succeeded.size() + uncounted.failed.size() >= kMostUncounted) {
            all = false;
            break;
        }
        release.push_back(keyOf(pod->metadata));
        if (countEnded(*pod)) {
            flush = true;
            fresh += isIndexed(m_job) && pod->status.phase == kPodSucceeded ? 1 : 0;
        }
    }
    if (isIndexed(m_job)) {
        const std::string completed = indexesText(m_counted);
        flush |= completed != m_job.status.completedIndexes;
        m_job.status.completedIndexes = completed;
        m_job.status.succeeded = static_cast<std::int64_t>(m_counted.size());
        if (perIndex()) {
            const std::string failed = indexesText(m_failedIndexes);
            flush |= failed != m_job.status.failedIndexes;
            m_job.status.failedIndexes = failed;
        }
    }
    flush |= addInterimCondition();
    if (flush)
        write();
    if (!m_backOff.last && m_backOff.failures == 0)
        m_controller.backOffs.erase(m_key);
    else
        m_controller.backOffs[m_key] = m_backOff;
    if (flush && !release.empty()) { // the finalizers go when the status has been taken
        ++m_context.asked;
        m_controller.queue.addAt(m_key, m_context.request());
        return;
    }

    for (const ObjectKey& key : release)
        patchObject<Pod>(m_context.client, key, [](Pod& p) { std::erase(p.metadata.finalizers, kJobTracking); });
    std::erase_if(m_pods, [&](const PodPtr& pod) {
        return std::find(release.begin(), release.end(), keyOf(pod->metadata)) != release.end();
    });
    const bool counted = cleanUncounted();
    const bool ended = all && finish();
    if (counted || ended)
        write();
    if (ended)
        recordEnd();
    if (!all)
        m_controller.queue.add(m_key);
}

/// The final condition, once every pod is counted and none is still stopping.
bool JobSync::finish()
{
    const UncountedTerminatedPods& uncounted = *m_job.status.uncountedTerminatedPods;
    if (!m_verdict || !uncounted.succeeded.empty() || !uncounted.failed.empty() || m_terminating > 0)
        return false;
    Condition last = *m_verdict;
    const bool good = last.type.value == "SuccessCriteriaMet";
    last.type = std::string(good ? "Complete" : "Failed");
    last.lastProbeTime = last.lastTransitionTime = Time{m_context.now()};
    setCondition(last);
    if (good)
        m_job.status.completionTime = last.lastTransitionTime;
    return true;
}

void JobSync::recordEnd()
{
    m_controller.backOffs.erase(m_key);
    if (m_verdict->type.value == "SuccessCriteriaMet") {
        if (m_job.spec.completions && m_job.status.succeeded > *m_job.spec.completions)
            m_context.client.event(kJobReporter, m_job, kWarning, "TooManySucceededPods",
                                   "Too many succeeded pods running after completion count reached");
        m_context.client.event(kJobReporter, m_job, kNormal, "Completed", "Job completed");
        return;
    }
    m_context.client.event(kJobReporter, m_job, kWarning, m_verdict->reason, m_verdict->message);
}

} // namespace sim::kube
