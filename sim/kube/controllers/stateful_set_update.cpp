#include "sim/kube/controllers/reasons.h"
#include "sim/kube/controllers/stateful_set_pods.h"
#include "sim/kube/controllers/stateful_set_sync.h"

#include <fmt/core.h>

#include <algorithm>

// What a StatefulSet does to its pods, in order: missing ones from the lowest ordinal, surplus ones and old
// ones from the highest (updateStatefulSet of stateful_set_control.go).
namespace sim::kube {

namespace {

const Reporter kStatefulSetReporter{"statefulset-controller", "", false, ""};
constexpr const char* kStatefulSetUser = "statefulset-controller";

} // namespace

void StatefulSetSync::recordPod(const char* verb, const std::string& pod, const std::string& error)
{
    const bool create = std::string_view(verb) == "create";
    if (error.empty())
        m_context.client.event(kStatefulSetReporter, *m_set, kNormal, create ? reasons::kSuccessfulCreate : reasons::kSuccessfulDelete,
                               fmt::format("{} Pod {} in StatefulSet {} successful", verb, pod, m_set->metadata.name));
    else
        m_context.client.event(kStatefulSetReporter, *m_set, kWarning, create ? reasons::kFailedCreate : reasons::kFailedDelete,
                               fmt::format("{} Pod {} in StatefulSet {} failed error: {}", verb, pod, m_set->metadata.name, error));
}

void StatefulSetSync::recordClaim(const std::string& claim, const std::string& pod, const std::string& error)
{
    if (error.empty())
        m_context.client.event(kStatefulSetReporter, *m_set, kNormal, reasons::kSuccessfulCreate,
                               fmt::format("create Claim {} Pod {} in StatefulSet {} success", claim, pod, m_set->metadata.name));
    else
        m_context.client.event(kStatefulSetReporter, *m_set, kWarning, reasons::kFailedCreate,
                               fmt::format("create Claim {} for Pod {} in StatefulSet {} failed error: {}", claim, pod,
                                           m_set->metadata.name, error));
}

bool StatefulSetSync::createClaims(std::int64_t ordinal, const std::string& podName)
{
    for (const PersistentVolumeClaim& claimTemplate : m_set->spec.volumeClaimTemplates) {
        PersistentVolumeClaim claim = statefulClaim(*m_set, claimTemplate, ordinal);
        const ObjectKey key = keyOf(claim.metadata);
        if (const auto known = m_context.store().get<PersistentVolumeClaim>(key)) {
            if (!known->metadata.deletionTimestamp)
                continue;
            m_error = fmt::format("pvc {} is being deleted", key.name);
            recordClaim(key.name, podName, m_error);
            return false;
        }
        std::shared_ptr<const PersistentVolumeClaim> created;
        const std::string error = createObject(m_context.client, claim, kStatefulSetUser, created);
        recordClaim(key.name, podName, error);
        if (!error.empty()) {
            m_error = error;
            return false;
        }
    }
    return true;
}

bool StatefulSetSync::createReplica(std::int64_t index)
{
    const std::int64_t ordinal = firstOrdinal(*m_set) + index;
    const StatefulSetUpdateStrategy& strategy = m_set->spec.updateStrategy;
    const bool rolling = strategy.type != "OnDelete";
    // Below the partition, pods stay at the current revision, also when they are made anew.
    const std::int64_t partition = rolling && strategy.rollingUpdate
        ? strategy.rollingUpdate->partition.value_or(0)
        : rolling ? firstOrdinal(*m_set) + m_set->status.currentReplicas : 0;
    const bool old = m_current != m_update && ordinal < partition;
    const std::optional<PodTemplateSpec> stored = old ? templateOf(*m_current) : std::nullopt;
    Pod pod = statefulPod(*m_set, stored ? *stored : m_set->spec.template_,
                          stored ? m_current->metadata.name : m_update->metadata.name, ordinal);
    const std::string name = pod.metadata.name;
    if (!createClaims(ordinal, name))
        return false;
    std::shared_ptr<const Pod> created;
    m_error = createPod(m_context.client, std::move(pod), kStatefulSetUser, created);
    recordPod("create", name, m_error);
    return m_error.empty();
}

bool StatefulSetSync::deletePod(const Pod& pod)
{
    const auto removed = m_context.store().remove<Pod>(keyOf(pod.metadata), m_context.now());
    if (!removed)
        m_error = removed.error.message;
    recordPod("delete", pod.metadata.name, removed ? std::string() : removed.error.message);
    return static_cast<bool>(removed);
}

/// Claims that are to go with a scaled-down pod belong to it (persistentVolumeClaimRetentionPolicy.whenScaled).
void StatefulSetSync::alignClaims(const Pod& pod, bool condemned)
{
    const auto& policy = m_set->spec.persistentVolumeClaimRetentionPolicy;
    if (!policy || policy->whenScaled != "Delete")
        return;
    const auto ordinal = ordinalOf(*m_set, pod.metadata.name);
    for (const PersistentVolumeClaim& claimTemplate : m_set->spec.volumeClaimTemplates)
        patchObject<PersistentVolumeClaim>(
            m_context.client, {pod.metadata.namespace_, claimName(claimTemplate, *m_set, *ordinal)}, [&](PersistentVolumeClaim& claim) {
                std::erase_if(claim.metadata.ownerReferences.edit(), [&](const OwnerReference& r) { return r.uid == pod.metadata.uid; });
                if (condemned)
                    claim.metadata.ownerReferences.push_back(controllerReference(pod));
            });
}

/// True: nothing more this round.
bool StatefulSetSync::processReplica(std::int64_t index)
{
    const PodPtr pod = m_replicas[static_cast<std::size_t>(index)];
    if (!pod)
        return !createReplica(index) || inOrder();
    if (isTerminal(*pod)) {
        if (pod->metadata.deletionTimestamp)
            return true;
        const bool failed = pod->status.phase == kPodFailed;
        m_context.client.event(kStatefulSetReporter, *m_set, failed ? kWarning : kNormal,
                               failed ? reasons::kRecreatingFailedPod : reasons::kRecreatingTerminatedPod,
                               fmt::format("StatefulSet {}/{} is recreating {} Pod {}", m_set->metadata.namespace_, m_set->metadata.name,
                                           failed ? "failed" : "terminated", pod->metadata.name));
        deletePod(*pod);
        return true;
    }
    if (pod->status.phase == kPodPending && !createClaims(firstOrdinal(*m_set) + index, pod->metadata.name))
        return true;
    if (inOrder() && (pod->metadata.deletionTimestamp || !isHealthy(*pod) || !isSteady(*pod)))
        return true;
    alignClaims(*pod, false);
    if (!hasIdentity(*m_set, *pod))
        patchObject<Pod>(m_context.client, keyOf(pod->metadata), [&](Pod& p) { giveIdentity(*m_set, p); });
    return false;
}

bool StatefulSetSync::processCondemned(const PodPtr& pod, const PodPtr& firstUnhealthy)
{
    if (pod->metadata.deletionTimestamp)
        return inOrder();
    if (inOrder() && (!isHealthy(*pod) || !isSteady(*pod)) && pod != firstUnhealthy)
        return true;
    alignClaims(*pod, true);
    return !deletePod(*pod) || inOrder();
}

void StatefulSetSync::scaleUp()
{
    bool ends = false;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(m_replicas.size()) && !ends; ++i)
        ends = processReplica(i) && inOrder();
    if (!ends && m_error.empty())
        return;
    m_replicas.clear(); // this round ends here
    m_condemned.clear();
}

void StatefulSetSync::scaleDown()
{
    PodPtr firstUnhealthy;
    const auto consider = [&](const PodPtr& pod) {
        if (!firstUnhealthy && pod && !isHealthy(*pod))
            firstUnhealthy = pod;
    };
    std::for_each(m_replicas.begin(), m_replicas.end(), consider);
    std::for_each(m_condemned.rbegin(), m_condemned.rend(), consider);
    for (const PodPtr& pod : m_condemned)
        if (processCondemned(pod, firstUnhealthy)) {
            m_replicas.clear();
            return;
        }
}

void StatefulSetSync::update()
{
    scaleUp();
    scaleDown();
    if (m_set->spec.updateStrategy.type == "OnDelete")
        return;
    const auto& rolling = m_set->spec.updateStrategy.rollingUpdate;
    const std::int64_t partition = rolling ? rolling->partition.value_or(0) : 0;
    const std::int64_t lowest = std::max<std::int64_t>(partition - firstOrdinal(*m_set), 0);
    for (std::int64_t i = static_cast<std::int64_t>(m_replicas.size()) - 1; i >= lowest; --i) {
        const PodPtr& pod = m_replicas[static_cast<std::size_t>(i)];
        if (!pod)
            return; // created in this round
        if (revisionOf(*pod) != m_update->metadata.name && !pod->metadata.deletionTimestamp) {
            if (deletePod(*pod))
                m_status.currentReplicas -= 1;
            return;
        }
        if (!isHealthy(*pod))
            return;
    }
}

} // namespace sim::kube
