#include "sim/kube/controllers/job_sync.h"

#include "sim/kube/controllers/reasons.h"
#include "sim/kube/controllers/replica_set.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace sim::kube {

namespace {

constexpr const char* kJobUser = "job-controller";
constexpr std::int64_t kJobBurst = 500;     // MaxPodCreateDeletePerSync
constexpr std::int64_t kFirstBatch = 1;  // SlowStartInitialBatchSize
constexpr std::int64_t kLongestHostname = 63;
constexpr const char* kIndexVariable = "JOB_COMPLETION_INDEX";
constexpr const char* kSuspended = "Suspended";

void addIndexVariable(std::vector<Container>& containers)
{
    for (Container& container : containers) {
        if (std::any_of(container.env.begin(), container.env.end(), [](const EnvVar& v) { return v.name == kIndexVariable; }))
            continue;
        EnvVar variable;
        variable.name = kIndexVariable;
        variable.valueFrom.emplace();
        variable.valueFrom->fieldRef = ObjectFieldSelector{"", fmt::format("metadata.labels['{}']", kCompletionIndex)};
        container.env.push_back(std::move(variable));
    }
}

} // namespace

JobSync::JobSync(ControllerContext& context, JobController& controller, const ObjectKey& key, Job job)
    : m_context(context)
    , m_controller(controller)
    , m_key(key)
    , m_job(std::move(job))
{
}

bool JobSync::isTracked(const Pod& pod) const
{
    return listed(pod.metadata.finalizers, kJobTracking);
}

void JobSync::collectPods()
{
    const PodIndex::Keys owned = m_context.pods.ofController(m_job.metadata.uid);
    for (const ObjectKey& key : owned)
        if (auto pod = m_context.store().get<Pod>(key); pod && isControlledBy(pod->metadata, m_job.metadata.uid))
            m_pods.push_back(std::move(pod));
    if (!m_job.spec.manualSelector.value_or(false) || !m_job.spec.selector || m_job.metadata.deletionTimestamp)
        return;
    const PodIndex::Keys orphans = m_context.pods.withoutController(m_key.namespace_);
    for (const ObjectKey& key : orphans) {
        const auto pod = m_context.store().get<Pod>(key);
        if (!pod || controllerOf(pod->metadata) || pod->metadata.deletionTimestamp || !m_job.spec.selector->matches(pod->metadata.labels))
            continue;
        patchObject<Pod>(m_context.client, key, [&](Pod& p) {
            p.metadata.ownerReferences.push_back(controllerReference(m_job));
            p.metadata.finalizers.emplace_back(kJobTracking);
        });
        if (auto adopted = m_context.store().get<Pod>(key))
            m_pods.push_back(std::move(adopted));
    }
}

void JobSync::countPods()
{
    if (!m_job.status.uncountedTerminatedPods)
        m_job.status.uncountedTerminatedPods.emplace();
    const UncountedTerminatedPods& uncounted = *m_job.status.uncountedTerminatedPods;
    std::int64_t failures = 0;
    for (const PodPtr& pod : m_pods) {
        if (isActive(*pod)) {
            m_active.push_back(pod);
            m_readyCount += isReady(*pod) ? 1 : 0;
        }
        m_terminating += pod->metadata.deletionTimestamp && !isTerminal(*pod) ? 1 : 0;
        if (!isTracked(*pod))
            continue;
        if (pod->status.phase == kPodSucceeded && !listed(uncounted.succeeded, pod->metadata.uid)) {
            m_newSucceeded.push_back(pod);
        } else if (countsAsFailed(m_job, *pod) && !listed(uncounted.failed, pod->metadata.uid)) {
            m_newFailed.push_back(pod);
            failures += ruleFailure(m_job, *pod).counts ? 1 : 0;
        }
    }
    m_activeCount = static_cast<std::int64_t>(m_active.size());
    m_succeeded = m_job.status.succeeded + static_cast<std::int64_t>(m_newSucceeded.size() + uncounted.succeeded.size());
    m_failed = m_job.status.failed + failures + static_cast<std::int64_t>(uncounted.failed.size());
    const auto known = m_controller.backOffs.find(m_key);
    m_backOff = (known == m_controller.backOffs.end() ? JobBackOff() : known->second).after(m_newSucceeded, m_newFailed);
}

void JobSync::decide(const char* type, const char* reason, const std::string& message)
{
    Condition condition;
    condition.type = std::string(type);
    condition.status = std::string(kTrue);
    condition.reason = reason;
    condition.message = message;
    condition.lastProbeTime = condition.lastTransitionTime = Time{m_context.now()};
    m_verdict = std::move(condition);
}

/// Whether the Job has failed, or had been found to have ended in an earlier round.
void JobSync::judge()
{
    if (const Condition* met = findCondition(m_job.status.conditions, "SuccessCriteriaMet"); met && met->status.value == kTrue) {
        decide("SuccessCriteriaMet", met->reason.c_str(), met->message);
        return;
    }
    if (const Condition* target = findCondition(m_job.status.conditions, "FailureTarget"); target && target->status.value == kTrue) {
        decide("FailureTarget", target->reason.c_str(), target->message);
        return;
    }
    for (const PodPtr& pod : m_pods)
        if (countsAsFailed(m_job, *pod))
            if (const FailureRuling ruling = ruleFailure(m_job, *pod); !ruling.message.empty()) {
                decide("FailureTarget", reasons::kPodFailurePolicy, ruling.message);
                return;
            }
    if (m_failed > m_job.spec.backoffLimit.value_or(6) || pastRestartLimit(m_job, m_pods)) {
        decide("FailureTarget", reasons::kBackoffLimitExceeded, "Job has reached the specified backoff limit");
        return;
    }
    if (!m_job.spec.activeDeadlineSeconds || suspended() || !m_job.status.startTime)
        return;
    const Instant deadline = m_job.status.startTime->at + std::chrono::seconds(*m_job.spec.activeDeadlineSeconds);
    if (deadline <= m_context.now())
        decide("FailureTarget", reasons::kDeadlineExceeded, "Job was active longer than specified deadline");
    else
        m_controller.queue.addAt(m_key, deadline);
}

void JobSync::judgeIndexes()
{
    m_counted = parseIndexes(m_job.status.completedIndexes);
    m_succeededIndexes = m_counted;
    for (const PodPtr& pod : m_pods)
        if (pod->status.phase == kPodSucceeded && isTracked(*pod) && hasValidIndex(m_job, *pod))
            m_succeededIndexes.insert(*completionIndex(*pod));
    m_succeeded = static_cast<std::int64_t>(m_succeededIndexes.size());
    if (perIndex()) {
        m_failedIndexes = parseIndexes(m_job.status.failedIndexes.value_or(std::string()));
        for (const PodPtr& pod : m_pods)
            if (countsAsFailed(m_job, *pod) && hasValidIndex(m_job, *pod)
                && (failuresOfIndex(*completionIndex(*pod)) > *m_job.spec.backoffLimitPerIndex || ruleFailure(m_job, *pod).action == "FailIndex"))
                m_failedIndexes.insert(*completionIndex(*pod));
        const auto failed = static_cast<std::int64_t>(m_failedIndexes.size());
        if (!m_verdict && m_job.spec.maxFailedIndexes && failed > *m_job.spec.maxFailedIndexes)
            decide("FailureTarget", reasons::kMaxFailedIndexesExceeded, "Job has exceeded the specified maximal number of failed indexes");
        else if (!m_verdict && failed > 0 && failed + m_succeeded >= m_job.spec.completions.value_or(1))
            decide("FailureTarget", reasons::kFailedIndexes, "Job has failed indexes");
    }
    if (m_verdict)
        return;
    if (const auto met = metSuccessPolicy(m_job, m_succeededIndexes))
        decide("SuccessCriteriaMet", reasons::kSuccessPolicy, *met);
}

/// Failures of an index so far: what its latest pod knew of, and its own.
std::int64_t JobSync::failuresOfIndex(std::int64_t index) const
{
    std::int64_t most = 0;
    for (const PodPtr& pod : m_pods)
        if (completionIndex(*pod) == index)
            most = std::max(most, indexFailures(*pod) + (countsAsFailed(m_job, *pod) && ruleFailure(m_job, *pod).counts ? 1 : 0));
    return most;
}

/// `untrack`: the finalizer goes first, so that a pod that the Job does not want any more is not counted as one that failed
/// (deleteJobPods of job_controller.go; pods of a Job that has ended keep theirs until they are counted).
void JobSync::deletePods(const PodList& pods, bool untrack)
{
    for (const PodPtr& pod : pods) {
        const ObjectKey key = keyOf(pod->metadata);
        if (untrack && isTracked(*pod))
            patchObject<Pod>(m_context.client, key, [](Pod& p) { std::erase(p.metadata.finalizers, kJobTracking); });
        const auto removed = m_context.store().remove<Pod>(key, m_context.now());
        if (!removed) {
            m_error = removed.error.message;
            m_context.client.event(kJobReporter, m_job, kWarning, reasons::kFailedDelete, "Error deleting: " + m_error);
            continue;
        }
        m_context.client.event(kJobReporter, m_job, kNormal, reasons::kSuccessfulDelete, "Deleted pod: " + key.name);
        m_activeCount -= 1;
        m_terminating += 1;
        m_readyCount -= isReady(*pod) ? 1 : 0;
    }
}

JobSync::PodList JobSync::podsToRemove(std::int64_t count) const
{
    PodList first;
    PodList rest;
    if (isIndexed(m_job)) {
        JobIndexes seen;
        for (const PodPtr& pod : m_active)
            (hasValidIndex(m_job, *pod) && seen.insert(*completionIndex(*pod)).second ? rest : first).push_back(pod);
    } else {
        rest = m_active;
    }
    if (static_cast<std::int64_t>(first.size()) < count)
        for (PodPtr& pod : inDeletionOrder(std::move(rest), {}, m_context.now()))
            if (static_cast<std::int64_t>(first.size()) < count)
                first.push_back(std::move(pod));
    first.resize(static_cast<std::size_t>(std::min<std::int64_t>(count, static_cast<std::int64_t>(first.size()))));
    return first;
}

/// Ended, one way or the other: what still runs goes.
void JobSync::stopPods()
{
    deletePods(m_active);
}

Pod JobSync::podFor(std::optional<std::int64_t> index) const
{
    const PodTemplateSpec& from = m_job.spec.template_;
    Pod pod;
    pod.metadata.namespace_ = m_key.namespace_;
    pod.metadata.generateName = m_key.name + "-";
    pod.metadata.labels = from.metadata.labels;
    pod.metadata.annotations = from.metadata.annotations;
    pod.metadata.finalizers = from.metadata.finalizers;
    if (!listed(pod.metadata.finalizers, kJobTracking))
        pod.metadata.finalizers.emplace_back(kJobTracking);
    pod.metadata.ownerReferences.push_back(controllerReference(m_job));
    pod.spec = from.spec;
    if (!index)
        return pod;
    pod.metadata.generateName = fmt::format("{}-{}-", m_key.name, *index);
    pod.metadata.annotations[kCompletionIndex] = pod.metadata.labels[kCompletionIndex] = std::to_string(*index);
    if (perIndex())
        pod.metadata.annotations[kIndexFailureCount] = std::to_string(failuresOfIndex(*index));
    pod.spec.hostname = fmt::format("{}-{}", m_key.name, *index);
    if (static_cast<std::int64_t>(pod.spec.hostname.size()) > kLongestHostname)
        pod.spec.hostname.clear();
    addIndexVariable(pod.spec.containers.edit());
    addIndexVariable(pod.spec.initContainers.edit());
    return pod;
}

/// The lowest indexes that nobody works on.
std::vector<std::int64_t> JobSync::pendingIndexes(std::int64_t count)
{
    JobIndexes taken = m_succeededIndexes;
    taken.insert(m_failedIndexes.begin(), m_failedIndexes.end());
    for (const PodPtr& pod : m_active)
        if (hasValidIndex(m_job, *pod))
            taken.insert(*completionIndex(*pod));
    std::vector<std::int64_t> indexes;
    std::optional<Instant> soonest;
    for (std::int64_t i = 0; i < m_job.spec.completions.value_or(1) && static_cast<std::int64_t>(indexes.size()) < count; ++i) {
        if (taken.count(i) != 0)
            continue;
        if (perIndex()) {
            // Each index has a back-off of its own.
            JobBackOff own;
            own.failures = failuresOfIndex(i);
            for (const PodPtr& pod : m_pods)
                if (completionIndex(*pod) == i && countsAsFailed(m_job, *pod))
                    own.last = std::max(own.last.value_or(Instant{}), finishedAt(*pod));
            if (const Duration wait = own.remaining(m_context.now()); wait > 0s) {
                soonest = std::min(soonest.value_or(m_context.now() + wait), m_context.now() + wait);
                continue;
            }
        }
        indexes.push_back(i);
    }
    if (soonest)
        m_controller.queue.addAt(m_key, *soonest);
    return indexes;
}

/// Creates in batches of 1, 2, 4, ...; a batch with an error is the last.
void JobSync::createPods(std::int64_t count)
{
    std::vector<std::optional<std::int64_t>> wanted(static_cast<std::size_t>(count));
    if (isIndexed(m_job)) {
        const auto indexes = pendingIndexes(count);
        wanted.assign(indexes.begin(), indexes.end());
    }
    std::size_t next = 0;
    for (std::int64_t batch = kFirstBatch; next < wanted.size() && m_error.empty(); batch *= 2)
        for (std::int64_t i = 0; i < batch && next < wanted.size(); ++i, ++next) {
            std::shared_ptr<const Pod> created;
            const std::string error = createPod(m_context.client, podFor(wanted[next]), kJobUser, created);
            if (refusedByNamespace(error))
                return;
            if (!error.empty()) {
                m_context.client.event(kJobReporter, m_job, kWarning, reasons::kFailedCreate, "Error creating: " + error);
                m_error = error;
                continue;
            }
            m_activeCount += 1;
            m_context.client.event(kJobReporter, m_job, kNormal, reasons::kSuccessfulCreate, "Created pod: " + created->metadata.name);
        }
}

/// Brings the number of active pods to what is wanted: either deletes or creates, never both in one round.
void JobSync::manage()
{
    if (suspended()) {
        deletePods(podsToRemove(m_activeCount), true);
        return;
    }
    const std::int64_t parallelism = m_job.spec.parallelism.value_or(1);
    std::int64_t wanted = parallelism;
    if (!m_job.spec.completions)
        wanted = m_succeeded > 0 ? m_activeCount : parallelism;
    else
        wanted = std::clamp<std::int64_t>(*m_job.spec.completions - m_succeeded - static_cast<std::int64_t>(m_failedIndexes.size()), 0, parallelism);
    if (m_activeCount > wanted) {
        deletePods(podsToRemove(std::min(m_activeCount - wanted, kJobBurst)), true);
        return;
    }
    const std::int64_t replaced = m_job.spec.podReplacementPolicy == "Failed" ? m_terminating : 0;
    const std::int64_t missing = wanted - replaced - m_activeCount;
    if (missing <= 0)
        return;
    if (const Duration wait = m_backOff.remaining(m_context.now()); wait > 0s && !perIndex()) {
        m_controller.queue.addAt(m_key, m_context.now() + wait);
        m_activeCount = 0; // the real controller reports none while it backs off
        return;
    }
    createPods(std::min(missing, kJobBurst));
}

void JobSync::setSuspended()
{
    const Condition* current = findCondition(m_job.status.conditions, kSuspended);
    Condition next;
    next.type = std::string(kSuspended);
    next.lastProbeTime = next.lastTransitionTime = Time{m_context.now()};
    if (suspended() && (!current || current->status.value != kTrue)) {
        next.status = std::string(kTrue);
        next.reason = "JobSuspended";
        next.message = "Job suspended";
        m_context.client.event(kJobReporter, m_job, kNormal, kSuspended, next.message);
    } else if (!suspended() && current && current->status.value == kTrue) {
        next.status = std::string(kFalse);
        next.reason = "JobResumed";
        next.message = "Job resumed";
        m_job.status.startTime = Time{m_context.now()};
        m_context.client.event(kJobReporter, m_job, kNormal, "Resumed", next.message);
    } else {
        return;
    }
    setCondition(next);
}

std::string JobSync::run()
{
    const JobStatus before = m_job.status;
    collectPods();
    countPods();
    if (!m_job.status.startTime && !suspended())
        m_job.status.startTime = Time{m_context.now()};
    judge();
    if (isIndexed(m_job))
        judgeIndexes();
    if (m_verdict) {
        stopPods();
    } else {
        if (!m_job.metadata.deletionTimestamp)
            manage();
        const bool complete = m_job.spec.completions ? m_succeeded >= *m_job.spec.completions && m_activeCount == 0
                                                     : m_succeeded > 0 && m_activeCount == 0;
        if (complete)
            decide("SuccessCriteriaMet", reasons::kCompletionsReached, "Reached expected number of succeeded pods");
        else if (!m_job.metadata.deletionTimestamp)
            setSuspended();
    }
    m_job.status.active = m_activeCount;
    m_job.status.ready = m_readyCount;
    m_job.status.terminating = m_terminating;
    const bool changed = before.active != m_job.status.active || before.ready != m_job.status.ready
        || before.terminating != m_job.status.terminating || before.conditions != m_job.status.conditions
        || before.startTime != m_job.status.startTime;
    track(changed);
    return m_error;
}

} // namespace sim::kube
