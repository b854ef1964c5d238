#include "sim/kube/controllers/deployment_sync.h"
#include "sim/kube/controllers/reasons.h"
#include "sim/kube/controllers/rollout.h"

#include <fmt/core.h>

#include <algorithm>

// Conditions and progress of a Deployment (pkg/controller/deployment/progress.go, sync.go).
namespace sim::kube {

namespace {

constexpr const char* kProgressing = "Progressing";
constexpr const char* kAvailable = "Available";
constexpr const char* kReplicaFailure = "ReplicaFailure";

void removeCondition(DeploymentStatus& status, const char* type)
{
    std::erase_if(status.conditions, [&](const Condition& c) { return c.type.value == type; });
}

} // namespace

void DeploymentSync::setCondition(DeploymentStatus& status, const char* type, const char* value, const char* reason,
                                  const std::string& message) const
{
    const Condition* current = findCondition(status.conditions, type);
    if (current && current->status.value == value && current->reason == reason)
        return;
    Condition next;
    next.type = std::string(type);
    next.status = std::string(value);
    next.reason = reason;
    next.message = message;
    next.lastUpdateTime = Time{m_context.now()};
    next.lastTransitionTime = current && current->status.value == value ? current->lastTransitionTime : Time{m_context.now()};
    removeCondition(status, type);
    status.conditions.push_back(std::move(next));
}

bool DeploymentSync::isComplete(const DeploymentStatus& status) const
{
    return status.updatedReplicas == replicas() && status.replicas == replicas() && status.availableReplicas == replicas()
        && status.observedGeneration >= m_deployment.metadata.generation;
}

void DeploymentSync::writeStatus(DeploymentStatus status)
{
    Deployment copy = m_deployment;
    copy.status = std::move(status);
    markStatus(copy.metadata, m_context.now());
    const auto written = m_context.store().update(std::move(copy), m_context.now());
    if (!written) {
        m_failed = true;
        return;
    }
    m_deployment = *written.object;
}

void DeploymentSync::checkPaused()
{
    if (!hasDeadline())
        return;
    const Condition* progressing = findCondition(m_deployment.status.conditions, kProgressing);
    if (progressing && progressing->reason == reasons::kProgressDeadlineExceeded)
        return;
    const bool shownPaused = progressing && progressing->reason == reasons::kDeploymentPaused;
    if (m_deployment.spec.paused == shownPaused)
        return;
    DeploymentStatus status = m_deployment.status;
    if (m_deployment.spec.paused)
        setCondition(status, kProgressing, kUnknown, reasons::kDeploymentPaused, "Deployment is paused");
    else
        setCondition(status, kProgressing, kUnknown, reasons::kDeploymentResumed, "Deployment is resumed");
    writeStatus(std::move(status));
}

DeploymentStatus DeploymentSync::calculateStatus() const
{
    DeploymentStatus status;
    status.collisionCount = m_deployment.status.collisionCount;
    status.conditions = m_deployment.status.conditions;
    status.observedGeneration = m_deployment.metadata.generation;
    std::int64_t wanted = 0;
    for (const ReplicaSetPtr& set : allSets()) {
        wanted += set->spec.replicas.value_or(1);
        status.replicas += set->status.replicas;
        status.readyReplicas += set->status.readyReplicas;
        status.availableReplicas += set->status.availableReplicas;
    }
    status.updatedReplicas = m_new ? m_new->status.replicas.value : 0;
    status.unavailableReplicas = std::max<std::int64_t>(wanted - status.availableReplicas, 0);
    const std::int64_t unavailable = replicas() == 0 ? 0 : rolloutLimits(m_deployment.spec).unavailable;
    if (status.availableReplicas >= replicas() - unavailable)
        setCondition(status, kAvailable, kTrue, reasons::kMinimumReplicasAvailable, reasons::kHasMinimumAvailability);
    else
        setCondition(status, kAvailable, kFalse, reasons::kMinimumReplicasUnavailable, reasons::kNoMinimumAvailability);
    return status;
}

void DeploymentSync::syncStatus()
{
    DeploymentStatus status = calculateStatus();
    if (!(status == m_deployment.status))
        writeStatus(std::move(status));
}

void DeploymentSync::syncRolloutStatus()
{
    DeploymentStatus status = calculateStatus();
    const DeploymentStatus& before = m_deployment.status;
    if (!hasDeadline())
        removeCondition(status, kProgressing);
    const Condition* current = findCondition(before.conditions, kProgressing);
    const bool wasComplete = status.replicas == status.updatedReplicas && current
        && current->reason == reasons::kNewReplicaSetAvailable;
    const std::string subject = m_new ? fmt::format("ReplicaSet \"{}\"", m_new->metadata.name)
                                      : fmt::format("Deployment \"{}\"", m_key.name);
    if (hasDeadline() && !wasComplete) {
        const bool progressed = status.updatedReplicas > before.updatedReplicas
            || status.replicas - status.updatedReplicas < before.replicas - before.updatedReplicas
            || status.readyReplicas > before.readyReplicas || status.availableReplicas > before.availableReplicas;
        if (isComplete(status)) {
            setCondition(status, kProgressing, kTrue, reasons::kNewReplicaSetAvailable, subject + " has successfully progressed.");
        } else if (progressed) {
            // Also refreshes lastUpdateTime, from which the deadline counts.
            Condition next;
            next.type = std::string(kProgressing);
            next.status = std::string(kTrue);
            next.reason = reasons::kReplicaSetUpdated;
            next.message = subject + " is progressing.";
            next.lastUpdateTime = Time{m_context.now()};
            next.lastTransitionTime =
                current && current->status.value == kTrue ? current->lastTransitionTime : Time{m_context.now()};
            removeCondition(status, kProgressing);
            status.conditions.push_back(std::move(next));
        } else if (const Condition* c = findCondition(status.conditions, kProgressing);
                   c && c->reason != reasons::kNewReplicaSetAvailable && c->lastUpdateTime) {
            const Instant deadline =
                c->lastUpdateTime->at + std::chrono::seconds(*m_deployment.spec.progressDeadlineSeconds);
            if (c->reason == reasons::kProgressDeadlineExceeded || deadline < m_context.now())
                setCondition(status, kProgressing, kFalse, reasons::kProgressDeadlineExceeded,
                             subject + " has timed out progressing.");
        }
    }

    const Condition* failure = m_new ? findCondition(m_new->status.conditions, kReplicaFailure) : nullptr;
    for (const ReplicaSetPtr& set : m_old)
        if (!failure)
            failure = findCondition(set->status.conditions, kReplicaFailure);
    if (failure)
        setCondition(status, kReplicaFailure, failure->status.value.c_str(), failure->reason.c_str(), failure->message);
    else
        removeCondition(status, kReplicaFailure);

    if (!(status == before)) {
        writeStatus(std::move(status));
        return;
    }
    // Nothing moves: look again when the deadline has passed.
    if (!hasDeadline() || !current || isComplete(status) || current->reason == reasons::kProgressDeadlineExceeded
        || !current->lastUpdateTime)
        return;
    const Instant due =
        current->lastUpdateTime->at + std::chrono::seconds(*m_deployment.spec.progressDeadlineSeconds) + 1s;
    m_queue.addAt(m_key, std::max(due, m_context.now() + 1s));
}

} // namespace sim::kube
