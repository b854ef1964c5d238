#include "sim/kube/controllers/stateful_set_sync.h"

#include "sim/kube/controllers/stateful_set_pods.h"

#include <algorithm>

namespace sim::kube {

namespace {

// history.ControllerRevisionHashLabel
constexpr RevisionLabel kRevisionLabel{"controller.kubernetes.io/hash"};

bool isRunningAndReady(const Pod& pod)
{
    return pod.status.phase == kPodRunning && isReady(pod);
}

} // namespace

StatefulSetSync::StatefulSetSync(ControllerContext& context, std::shared_ptr<const StatefulSet> set)
    : m_context(context)
    , m_set(std::move(set))
    , m_status(m_set->status)
{
}

bool StatefulSetSync::isHealthy(const Pod& pod) const
{
    return isRunningAndReady(pod) && !pod.metadata.deletionTimestamp;
}

bool StatefulSetSync::isSteady(const Pod& pod) const
{
    return pod.status.phase == kPodRunning && isAvailable(pod, m_set->spec.minReadySeconds, m_context.now());
}

void StatefulSetSync::claimPods()
{
    const std::string& uid = m_set->metadata.uid;
    const PodIndex::Keys owned = m_context.pods.ofController(uid);
    for (const ObjectKey& key : owned) {
        auto pod = m_context.store().get<Pod>(key);
        if (!pod || !isControlledBy(pod->metadata, uid))
            continue;
        if (m_set->spec.selector.matches(pod->metadata.labels) && ordinalOf(*m_set, key.name))
            m_pods.push_back(std::move(pod));
        else if (!m_set->metadata.deletionTimestamp)
            patchObject<Pod>(m_context.client, key, [&](Pod& p) {
                std::erase_if(p.metadata.ownerReferences.edit(), [&](const OwnerReference& r) { return r.uid == uid; });
            });
    }
    if (m_set->metadata.deletionTimestamp)
        return;
    const PodIndex::Keys orphans = m_context.pods.withoutController(m_set->metadata.namespace_);
    for (const ObjectKey& key : orphans) {
        const auto pod = m_context.store().get<Pod>(key);
        if (!pod || controllerOf(pod->metadata) || pod->metadata.deletionTimestamp || !ordinalOf(*m_set, key.name)
            || !m_set->spec.selector.matches(pod->metadata.labels))
            continue;
        patchObject<Pod>(m_context.client, key, [&](Pod& p) { p.metadata.ownerReferences.push_back(controllerReference(*m_set)); });
        if (auto adopted = m_context.store().get<Pod>(key))
            m_pods.push_back(std::move(adopted));
    }
}

bool StatefulSetSync::findRevisions()
{
    m_revisions = revisionsOf(m_context.store(), m_set->metadata.namespace_, m_set->metadata.uid);
    m_update = ensureRevision(m_context, *m_set, kRevisionLabel, m_revisions);
    if (!m_update)
        return false;
    m_current = m_update;
    for (const RevisionPtr& revision : m_revisions)
        if (revision->metadata.name == m_set->status.currentRevision)
            m_current = revision;
    return true;
}

void StatefulSetSync::countPods()
{
    m_status.observedGeneration = m_set->metadata.generation;
    m_status.currentRevision = m_current->metadata.name;
    m_status.updateRevision = m_update->metadata.name;
    if (!m_status.collisionCount)
        m_status.collisionCount = 0;
    m_status.replicas = m_status.availableReplicas = 0;
    m_status.readyReplicas = m_status.currentReplicas = m_status.updatedReplicas = 0;
    for (const PodPtr& pod : m_pods) {
        m_status.replicas.value += 1;
        if (isRunningAndReady(*pod)) {
            m_status.readyReplicas += 1;
            m_status.availableReplicas.value += isSteady(*pod) ? 1 : 0;
        }
        if (pod->metadata.deletionTimestamp)
            continue;
        m_status.currentReplicas += revisionOf(*pod) == m_current->metadata.name ? 1 : 0;
        m_status.updatedReplicas += revisionOf(*pod) == m_update->metadata.name ? 1 : 0;
    }
}

void StatefulSetSync::arrange()
{
    const std::int64_t first = firstOrdinal(*m_set);
    m_replicas.resize(static_cast<std::size_t>(std::max<std::int64_t>(m_set->spec.replicas.value_or(1), 0)));
    for (const PodPtr& pod : m_pods) {
        const std::int64_t index = *ordinalOf(*m_set, pod->metadata.name) - first;
        if (index >= 0 && index < static_cast<std::int64_t>(m_replicas.size()))
            m_replicas[static_cast<std::size_t>(index)] = pod;
        else
            m_condemned.push_back(pod);
    }
    std::sort(m_condemned.begin(), m_condemned.end(), [&](const PodPtr& a, const PodPtr& b) {
        return ordinalOf(*m_set, a->metadata.name) > ordinalOf(*m_set, b->metadata.name);
    });
}

/// All pods are of the new revision: it is the current one from now on.
void StatefulSetSync::completeUpdate()
{
    const std::int64_t wanted = m_set->spec.replicas.value_or(1);
    if (m_set->spec.updateStrategy.type == "OnDelete" || m_status.updatedReplicas != wanted || m_status.readyReplicas != wanted
        || m_status.replicas.value != wanted)
        return;
    m_status.currentReplicas = m_status.updatedReplicas;
    m_status.currentRevision = m_status.updateRevision;
}

void StatefulSetSync::writeStatus()
{
    if (m_status == m_set->status)
        return;
    patchObject<StatefulSet>(m_context.client, keyOf(m_set->metadata), [&](StatefulSet& s) {
        s.status = m_status;
        markStatus(s.metadata, m_context.now());
    });
}

std::string StatefulSetSync::run()
{
    claimPods();
    if (!findRevisions())
        return "the revision could not be written";
    countPods();
    arrange();
    if (!m_set->metadata.deletionTimestamp)
        update();
    completeUpdate();
    writeStatus();
    truncateHistory(m_context, m_revisions, m_set->spec.revisionHistoryLimit.value_or(10), [&](const ControllerRevision& revision) {
        const std::string& name = revision.metadata.name;
        return name == m_current->metadata.name || name == m_update->metadata.name
            || std::any_of(m_pods.begin(), m_pods.end(), [&](const PodPtr& pod) { return revisionOf(*pod) == name; });
    });
    return m_error;
}

void StatefulSetController::relist(const Store& store)
{
    for (const auto& [key, set] : store.all<StatefulSet>())
        queue.add(key);
}

void StatefulSetController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<StatefulSet>) {
        queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Pod>)
        return;
    const auto enqueueOwner = [&](const Pod& pod) {
        const OwnerReference* owner = controllerOf(pod.metadata);
        if (!owner || owner->kind != "StatefulSet")
            return;
        const ObjectKey key{event.key.namespace_, owner->name};
        if (const auto set = store.get<StatefulSet>(key); set && set->metadata.uid == owner->uid)
            queue.add(key);
    };
    const Pod& pod = event.as<Pod>();
    enqueueOwner(pod);
    if (const Pod* before = event.before<Pod>(); before && before->metadata.ownerReferences != pod.metadata.ownerReferences)
        enqueueOwner(*before);
    if (!controllerOf(pod.metadata) && event.type == WatchEvent::Type::Added)
        for (const auto& set : store.inNamespace<StatefulSet>(event.key.namespace_))
            if (ordinalOf(*set, event.key.name) && set->spec.selector.matches(pod.metadata.labels))
                queue.add(keyOf(set->metadata));
}

void StatefulSetController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    auto set = context.store().get<StatefulSet>(key);
    if (!set) {
        queue.forget(key);
        return;
    }
    const Duration minReady = std::chrono::seconds(set->spec.minReadySeconds);
    StatefulSetSync sync(context, std::move(set));
    if (sync.run().empty())
        queue.forget(key);
    else
        queue.addRateLimited(key, context.now());
    if (minReady > 0s && sync.status().availableReplicas.value < sync.status().readyReplicas)
        queue.addAt(key, context.now() + minReady);
}

} // namespace sim::kube
