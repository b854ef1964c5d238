#include "sim/kube/controllers/deployment.h"

#include "sim/kube/controllers/deployment_sync.h"
#include "sim/kube/controllers/reasons.h"
#include "sim/kube/controllers/rollout.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

namespace sim::kube {

namespace {

const Reporter kDeploymentReporter{"deployment-controller", "", false, ""};

std::int64_t number(const StringMap& map, const char* key)
{
    const auto it = map.find(key);
    std::int64_t value = 0;
    if (it != map.end())
        std::from_chars(it->second.data(), it->second.data() + it->second.size(), value);
    return value;
}

/// Annotations that a Deployment does not hand down to its ReplicaSets.
bool staysOnDeployment(const std::string& key)
{
    static const std::set<std::string> kKeys{
        "kubectl.kubernetes.io/last-applied-configuration", reasons::kRevisionAnnotation,
        reasons::kRevisionHistoryAnnotation, reasons::kDesiredReplicasAnnotation, reasons::kMaxReplicasAnnotation,
        "deprecated.deployment.rollback.to"};
    return kKeys.count(key) != 0;
}

/// But for the hash that a ReplicaSet's template has.
bool sameTemplateLabels(const StringMap& a, const StringMap& b)
{
    const std::string hash = reasons::kPodTemplateHash;
    return a.size() - a.count(hash) == b.size() - b.count(hash) && std::all_of(a.begin(), a.end(), [&](const auto& label) {
        const auto other = b.find(label.first);
        return label.first == hash || (other != b.end() && other->second == label.second);
    });
}

bool sameTemplate(const PodTemplateSpec& a, const PodTemplateSpec& b)
{
    if (!(a.spec == b.spec) || !sameTemplateLabels(a.metadata.labels, b.metadata.labels))
        return false;
    ObjectMeta left = a.metadata;
    left.labels = b.metadata.labels;
    return left == b.metadata;
}

bool older(const ReplicaSetPtr& a, const ReplicaSetPtr& b)
{
    const Instant ca = a->metadata.creationTimestamp ? a->metadata.creationTimestamp->at : Instant{};
    const Instant cb = b->metadata.creationTimestamp ? b->metadata.creationTimestamp->at : Instant{};
    return ca != cb ? ca < cb : a->metadata.name < b->metadata.name;
}

std::int64_t sizeOf(const ReplicaSetPtr& set) { return set->spec.replicas.value_or(1); }

bool setReplicaAnnotations(ReplicaSet& set, std::int64_t desired, std::int64_t most)
{
    StringMap& annotations = set.metadata.annotations.edit();
    const std::string desiredText = std::to_string(desired);
    const std::string mostText = std::to_string(most);
    std::string& d = annotations[reasons::kDesiredReplicasAnnotation];
    std::string& m = annotations[reasons::kMaxReplicasAnnotation];
    if (d == desiredText && m == mostText)
        return false;
    d = desiredText;
    m = mostText;
    return true;
}

} // namespace

DeploymentSync::DeploymentSync(ControllerContext& context, WorkQueue& queue, const ObjectKey& key, Deployment deployment)
    : m_context(context), m_queue(queue), m_key(key), m_deployment(std::move(deployment))
{
}

bool DeploymentSync::hasDeadline() const
{
    const auto& deadline = m_deployment.spec.progressDeadlineSeconds;
    return deadline && *deadline != std::numeric_limits<std::int32_t>::max();
}

std::vector<ReplicaSetPtr> DeploymentSync::allSets() const
{
    std::vector<ReplicaSetPtr> all = m_old;
    if (m_new)
        all.push_back(m_new);
    return all;
}

void DeploymentSync::claimSets()
{
    m_sets.clear();
    const bool deleting = m_deployment.metadata.deletionTimestamp.has_value();
    for (const auto& set : m_context.store().inNamespace<ReplicaSet>(m_key.namespace_)) {
        const bool matches = m_deployment.spec.selector.matches(set->metadata.labels);
        const OwnerReference* owner = controllerOf(set->metadata);
        if (owner && owner->uid != m_deployment.metadata.uid)
            continue;
        if (owner && !matches && !deleting) {
            patchObject<ReplicaSet>(m_context.client, keyOf(set->metadata), [&](ReplicaSet& r) {
                std::erase_if(r.metadata.ownerReferences.edit(),
                              [&](const OwnerReference& o) { return o.uid == m_deployment.metadata.uid; });
            });
            continue;
        }
        if (!owner && (!matches || deleting || set->metadata.deletionTimestamp))
            continue;
        if (!owner)
            patchObject<ReplicaSet>(m_context.client, keyOf(set->metadata), [&](ReplicaSet& r) {
                r.metadata.ownerReferences.push_back(controllerReference(m_deployment));
            });
        if (auto claimed = m_context.store().get<ReplicaSet>(keyOf(set->metadata)))
            m_sets.push_back(std::move(claimed));
    }
    std::sort(m_sets.begin(), m_sets.end(), older);
}

void DeploymentSync::splitSets()
{
    m_new.reset();
    m_old.clear();
    for (const ReplicaSetPtr& set : m_sets) {
        if (!m_new && sameTemplate(set->spec.template_, m_deployment.spec.template_))
            m_new = set;
        else
            m_old.push_back(set);
    }
}

/// Finds or makes the ReplicaSet of the present template and gives it the highest revision.
bool DeploymentSync::syncRevision(bool createIfMissing)
{
    splitSets();
    if (m_new)
        return updateNewSetAnnotations();
    return !createIfMissing || createNewSet();
}

bool DeploymentSync::updateNewSetAnnotations()
{
    std::int64_t highest = 0;
    for (const ReplicaSetPtr& set : m_old)
        highest = std::max(highest, number(set->metadata.annotations, reasons::kRevisionAnnotation));

    const StringMap& inherited = std::as_const(m_deployment).metadata.annotations;
    const StringMap& present = m_new->metadata.annotations;
    const bool annotated = std::all_of(inherited.begin(), inherited.end(), [&](const auto& annotation) {
        const auto known = present.find(annotation.first);
        return (known != present.end() && known->second == annotation.second) || staysOnDeployment(annotation.first);
    });
    const std::int64_t had = number(present, reasons::kRevisionAnnotation);
    if (!annotated || had < highest + 1 || m_new->spec.minReadySeconds != m_deployment.spec.minReadySeconds) {
        ReplicaSet copy = *m_new;
        for (const auto& [key, value] : inherited)
            if (!staysOnDeployment(key))
                copy.metadata.annotations[key] = value;
        if (had < highest + 1) {
            // A roll-back to this set: its former numbers are kept for `kubectl rollout history`.
            if (had > 0) {
                std::string& history = copy.metadata.annotations[reasons::kRevisionHistoryAnnotation];
                history += (history.empty() ? "" : ",") + std::to_string(had);
            }
            copy.metadata.annotations[reasons::kRevisionAnnotation] = std::to_string(highest + 1);
        }
        copy.spec.minReadySeconds = m_deployment.spec.minReadySeconds;
        markWritten(copy.metadata, kControllerManager, "", m_context.now());
        const auto written = m_context.store().update(std::move(copy), m_context.now());
        if (!written)
            return false;
        m_new = written.object;
    }

    bool changed = false;
    const std::string revision = m_new->metadata.annotations.count(reasons::kRevisionAnnotation)
        ? m_new->metadata.annotations.at(reasons::kRevisionAnnotation)
        : std::string();
    const auto told = inherited.find(reasons::kRevisionAnnotation);
    if (told == inherited.end() || told->second != revision) {
        m_deployment.metadata.annotations[reasons::kRevisionAnnotation] = revision;
        changed = true;
    }
    if (hasDeadline() && !findCondition(m_deployment.status.conditions, "Progressing")) {
        setCondition(m_deployment.status, "Progressing", kTrue, reasons::kFoundNewReplicaSet,
                     fmt::format("Found new replica set \"{}\"", m_new->metadata.name));
        changed = true;
    }
    if (changed)
        writeStatus(m_deployment.status);
    return !m_failed;
}

bool DeploymentSync::createNewSet()
{
    std::int64_t highest = 0;
    std::int64_t allSizes = 0;
    for (const ReplicaSetPtr& set : m_old) {
        highest = std::max(highest, number(set->metadata.annotations, reasons::kRevisionAnnotation));
        allSizes += sizeOf(set);
    }
    const std::string revision = std::to_string(highest + 1);

    // The collision count takes part so that a second try gets another name (controller.ComputeHash).
    const std::string hash = m_deployment.status.collisionCount
        ? templateHash(std::pair(m_deployment.spec.template_, *m_deployment.status.collisionCount))
        : templateHash(m_deployment.spec.template_);
    ReplicaSet set;
    set.metadata.namespace_ = m_key.namespace_;
    set.metadata.name = m_key.name + "-" + hash;
    set.metadata.ownerReferences.push_back(controllerReference(m_deployment));
    set.spec.minReadySeconds = m_deployment.spec.minReadySeconds;
    set.spec.selector = m_deployment.spec.selector;
    set.spec.selector.matchLabels[reasons::kPodTemplateHash] = hash;
    set.spec.template_ = m_deployment.spec.template_;
    set.spec.template_.metadata.labels[reasons::kPodTemplateHash] = hash;
    set.metadata.labels = set.spec.template_.metadata.labels;
    const std::int64_t size = newSetSize(m_deployment.spec, 0, allSizes);
    set.spec.replicas = size;
    for (const auto& [key, value] : m_deployment.metadata.annotations)
        if (!staysOnDeployment(key))
            set.metadata.annotations[key] = value;
    set.metadata.annotations[reasons::kRevisionAnnotation] = revision;
    setReplicaAnnotations(set, replicas(), replicas() + rolloutLimits(m_deployment.spec).surge);

    const std::string name = set.metadata.name;
    if (!namespaceRefusal(m_context.client, "replicasets.apps", name, m_key.namespace_).empty())
        return false;
    const auto written = m_context.store().create(std::move(set), m_context.now(), m_context.client.random(kIdentityStream));
    if (!written) {
        if (written.error.reason == "AlreadyExists") {
            m_deployment.status.collisionCount = m_deployment.status.collisionCount.value_or(0) + 1;
            writeStatus(m_deployment.status);
            return false;
        }
        const std::string message = fmt::format("Failed to create new replica set \"{}\": {}", name, written.error.message);
        if (hasDeadline()) {
            setCondition(m_deployment.status, "Progressing", kFalse, reasons::kReplicaSetCreateError, message);
            writeStatus(m_deployment.status);
        }
        m_context.client.event(kDeploymentReporter, m_deployment, kWarning, reasons::kReplicaSetCreateError, message);
        return false;
    }
    m_new = written.object;
    m_sets.push_back(m_new);
    if (size > 0)
        m_context.client.event(kDeploymentReporter, m_deployment, kNormal, reasons::kScalingReplicaSet,
                               fmt::format("Scaled up replica set {} from 0 to {}", name, size));
    m_deployment.metadata.annotations[reasons::kRevisionAnnotation] = revision;
    if (hasDeadline())
        setCondition(m_deployment.status, "Progressing", kTrue, reasons::kNewReplicaSetCreated,
                     fmt::format("Created new replica set \"{}\"", name));
    writeStatus(m_deployment.status);
    return !m_failed;
}

/// An active set was last sized for another number of replicas.
bool DeploymentSync::isScaling() const
{
    for (const ReplicaSetPtr& set : allSets()) {
        if (sizeOf(set) == 0 || set->metadata.annotations.count(reasons::kDesiredReplicasAnnotation) == 0)
            continue;
        if (number(set->metadata.annotations, reasons::kDesiredReplicasAnnotation) != replicas())
            return true;
    }
    return false;
}

bool DeploymentSync::scaleSet(const ReplicaSetPtr& set, std::int64_t size)
{
    ReplicaSet copy = *set;
    const std::int64_t before = sizeOf(set);
    copy.spec.replicas = size;
    const bool annotated =
        setReplicaAnnotations(copy, replicas(), replicas() + rolloutLimits(m_deployment.spec).surge);
    if (before == size && !annotated)
        return false;
    markWritten(copy.metadata, kControllerManager, "", m_context.now());
    const auto written = m_context.store().update(std::move(copy), m_context.now());
    if (!written) {
        m_failed = true;
        return false;
    }
    for (ReplicaSetPtr& old : m_old)
        if (old->metadata.uid == written.object->metadata.uid)
            old = written.object;
    if (m_new && m_new->metadata.uid == written.object->metadata.uid)
        m_new = written.object;
    if (before == size)
        return false;
    m_context.client.event(kDeploymentReporter, m_deployment, kNormal, reasons::kScalingReplicaSet,
                           fmt::format("Scaled {} replica set {} from {} to {}", before < size ? "up" : "down",
                                       written.object->metadata.name, before, size));
    return true;
}

/// Paused or scaled in mid-rollout: resizes what is there without moving the rollout on (sync.go, scale).
void DeploymentSync::scale()
{
    std::vector<ReplicaSetPtr> active;
    for (const ReplicaSetPtr& set : allSets())
        if (sizeOf(set) > 0)
            active.push_back(set);
    if (active.size() <= 1) {
        const ReplicaSetPtr only = !active.empty() ? active.front() : m_new ? m_new : m_old.empty() ? nullptr : m_old.back();
        if (only && sizeOf(only) != replicas())
            scaleSet(only, replicas());
        return;
    }
    const bool saturated = m_new && sizeOf(m_new) == replicas()
        && number(m_new->metadata.annotations, reasons::kDesiredReplicasAnnotation) == replicas()
        && m_new->status.availableReplicas == replicas();
    if (saturated) {
        for (const ReplicaSetPtr& set : std::vector<ReplicaSetPtr>(m_old))
            if (sizeOf(set) > 0)
                scaleSet(set, 0);
        return;
    }
    if (m_deployment.spec.strategy.type == "Recreate")
        return;
    std::int64_t total = 0;
    for (const ReplicaSetPtr& set : active)
        total += sizeOf(set);
    const bool growing = allowedSize(m_deployment.spec) > total;
    std::sort(active.begin(), active.end(), [&](const ReplicaSetPtr& a, const ReplicaSetPtr& b) {
        if (sizeOf(a) != sizeOf(b))
            return sizeOf(a) > sizeOf(b);
        return growing ? older(b, a) : older(a, b);
    });
    std::vector<ProportionalSet> sets;
    for (const ReplicaSetPtr& set : active)
        sets.push_back({sizeOf(set), number(set->metadata.annotations, reasons::kMaxReplicasAnnotation)});
    const auto sizes = proportionalSizes(m_deployment.spec, sets, m_deployment.status.replicas);
    for (std::size_t i = 0; i < active.size(); ++i)
        scaleSet(active[i], sizes[i]);
}

void DeploymentSync::rollRolling()
{
    if (!syncRevision(true)) {
        m_failed = true;
        return;
    }
    std::int64_t all = 0;
    for (const ReplicaSetPtr& set : allSets())
        all += sizeOf(set);
    const std::int64_t size =
        sizeOf(m_new) > replicas() ? replicas() : newSetSize(m_deployment.spec, sizeOf(m_new), all);
    bool scaled = sizeOf(m_new) != replicas() && sizeOf(m_new) != size && scaleSet(m_new, size);
    if (!scaled) {
        std::vector<SetSize> old;
        for (const ReplicaSetPtr& set : m_old)
            old.push_back({sizeOf(set), set->status.availableReplicas});
        const auto sizes = oldSetSizes(m_deployment.spec, old, {sizeOf(m_new), m_new->status.availableReplicas});
        for (std::size_t i = 0; i < sizes.size(); ++i)
            if (sizes[i] != old[i].size)
                scaled |= scaleSet(ReplicaSetPtr(m_old[i]), sizes[i]);
    }
    if (!scaled && isComplete(m_deployment.status))
        cleanUpHistory();
    syncRolloutStatus();
}

bool DeploymentSync::oldPodsRunning() const
{
    for (const ReplicaSetPtr& set : m_old) {
        if (set->status.replicas.value > 0)
            return true;
        for (const ObjectKey& key : m_context.pods.ofController(set->metadata.uid))
            if (const auto pod = m_context.store().get<Pod>(key); pod && !isTerminal(*pod))
                return true;
    }
    return false;
}

void DeploymentSync::rollRecreate()
{
    syncRevision(false);
    bool scaled = false;
    for (const ReplicaSetPtr& set : std::vector<ReplicaSetPtr>(m_old))
        if (sizeOf(set) > 0)
            scaled |= scaleSet(set, 0);
    if (scaled || oldPodsRunning()) {
        syncRolloutStatus();
        return;
    }
    if (!m_new && !createNewSet()) {
        m_failed = true;
        return;
    }
    if (sizeOf(m_new) != replicas())
        scaleSet(m_new, replicas());
    if (isComplete(m_deployment.status))
        cleanUpHistory();
    syncRolloutStatus();
}

/// Deletes the lowest revisions beyond revisionHistoryLimit that have no pods.
void DeploymentSync::cleanUpHistory()
{
    if (!m_deployment.spec.revisionHistoryLimit
        || *m_deployment.spec.revisionHistoryLimit == std::numeric_limits<std::int32_t>::max())
        return;
    std::vector<ReplicaSetPtr> sets;
    for (const ReplicaSetPtr& set : m_old)
        if (!set->metadata.deletionTimestamp)
            sets.push_back(set);
    const std::int64_t surplus = static_cast<std::int64_t>(sets.size()) - *m_deployment.spec.revisionHistoryLimit;
    std::stable_sort(sets.begin(), sets.end(), [](const ReplicaSetPtr& a, const ReplicaSetPtr& b) {
        return number(a->metadata.annotations, reasons::kRevisionAnnotation)
            < number(b->metadata.annotations, reasons::kRevisionAnnotation);
    });
    for (std::int64_t i = 0; i < surplus; ++i) {
        const ReplicaSetPtr& set = sets[static_cast<std::size_t>(i)];
        if (set->status.replicas.value == 0 && sizeOf(set) == 0 && set->metadata.generation <= set->status.observedGeneration)
            m_context.store().remove<ReplicaSet>(keyOf(set->metadata), m_context.now());
    }
}

bool DeploymentSync::run()
{
    claimSets();
    if (m_deployment.metadata.deletionTimestamp) {
        syncRevision(false);
        syncStatus();
        return true;
    }
    checkPaused();
    if (m_deployment.spec.paused) {
        syncRevision(false);
        scale();
        cleanUpHistory();
        syncStatus();
        return !m_failed;
    }
    syncRevision(false);
    if (isScaling()) {
        scale();
        syncStatus();
    } else if (m_deployment.spec.strategy.type == "Recreate") {
        rollRecreate();
    } else {
        rollRolling();
    }
    return !m_failed;
}

void DeploymentController::relist(const Store& store)
{
    for (const auto& [key, deployment] : store.all<Deployment>())
        queue.add(key);
}

void DeploymentController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    const auto enqueue = [&](const std::string& ns, const OwnerReference* owner) {
        if (!owner || owner->kind != "Deployment")
            return;
        const ObjectKey key{ns, owner->name};
        if (const auto d = store.get<Deployment>(key); d && d->metadata.uid == owner->uid)
            queue.add(key);
    };
    if (event.kind == kindIdOf<Deployment>) {
        queue.add(event.key);
    } else if (event.kind == kindIdOf<ReplicaSet>) {
        const ReplicaSet& set = event.as<ReplicaSet>();
        enqueue(event.key.namespace_, controllerOf(set.metadata));
        if (const ReplicaSet* before = event.before<ReplicaSet>())
            enqueue(event.key.namespace_, controllerOf(before->metadata));
        if (!controllerOf(set.metadata) && event.type != WatchEvent::Type::Deleted)
            for (const auto& d : store.inNamespace<Deployment>(event.key.namespace_))
                if (d->spec.selector.matches(set.metadata.labels))
                    queue.add(keyOf(d->metadata));
    } else if (event.kind == kindIdOf<Pod> && event.type == WatchEvent::Type::Deleted) {
        // Recreate waits for the last old pod to go.
        const Pod& pod = event.as<Pod>();
        const OwnerReference* owner = controllerOf(pod.metadata);
        if (!owner || owner->kind != "ReplicaSet")
            return;
        if (const auto set = store.get<ReplicaSet>({event.key.namespace_, owner->name}))
            if (const OwnerReference* d = controllerOf(set->metadata); d && d->kind == "Deployment")
                if (const auto deployment = store.get<Deployment>({event.key.namespace_, d->name});
                    deployment && deployment->spec.strategy.type == "Recreate")
                    queue.add(keyOf(deployment->metadata));
    }
}

void DeploymentController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    const auto deployment = context.store().get<Deployment>(key);
    if (!deployment) {
        queue.forget(key);
        return;
    }
    DeploymentSync sync(context, queue, key, *deployment);
    if (sync.run())
        queue.forget(key);
    else
        queue.addRateLimited(key, context.now());
}

} // namespace sim::kube
