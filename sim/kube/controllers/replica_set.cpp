#include "sim/kube/controllers/replica_set.h"

#include "sim/kube/controllers/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace sim::kube {

namespace {

constexpr std::int64_t kBurst = 500;          // BurstReplicas of replica_set.go
constexpr std::int64_t kFirstBatch = 1;       // SlowStartInitialBatchSize of controller_utils.go
const Reporter kReporter{"replicaset-controller", "", false, ""};

using PodList = std::vector<std::shared_ptr<const Pod>>;

void enqueueOwner(WorkQueue& queue, const Store& store, const Pod& pod)
{
    const OwnerReference* owner = controllerOf(pod.metadata);
    if (!owner || owner->kind != "ReplicaSet")
        return;
    const ObjectKey key{pod.metadata.namespace_, owner->name};
    const auto rs = store.get<ReplicaSet>(key);
    if (rs && rs->metadata.uid == owner->uid)
        queue.add(key);
}

/// The set's pods, after adopting and releasing (PodControllerRefManager.ClaimPods).
PodList claimPods(ControllerContext& context, const ReplicaSet& rs)
{
    PodList claimed;
    const bool deleting = rs.metadata.deletionTimestamp.has_value();
    const PodIndex::Keys owned = context.pods.ofController(rs.metadata.uid);
    for (const ObjectKey& key : owned) {
        auto pod = context.store().get<Pod>(key);
        if (!pod || !isControlledBy(pod->metadata, rs.metadata.uid))
            continue;
        if (rs.spec.selector.matches(pod->metadata.labels)) {
            claimed.push_back(std::move(pod));
        } else if (!deleting) {
            patchObject<Pod>(context.client, key, [&](Pod& p) {
                std::erase_if(p.metadata.ownerReferences, [&](const OwnerReference& r) { return r.uid == rs.metadata.uid; });
            });
        }
    }
    if (deleting)
        return claimed;
    const PodIndex::Keys orphans = context.pods.withoutController(rs.metadata.namespace_);
    for (const ObjectKey& key : orphans) {
        const auto pod = context.store().get<Pod>(key);
        if (!pod || controllerOf(pod->metadata) || !isActive(*pod) || !rs.spec.selector.matches(pod->metadata.labels))
            continue;
        patchObject<Pod>(context.client, key,
                         [&](Pod& p) { p.metadata.ownerReferences.push_back(controllerReference(rs)); });
        if (auto adopted = context.store().get<Pod>(key))
            claimed.push_back(std::move(adopted));
    }
    return claimed;
}

Pod podFromTemplate(const ReplicaSet& rs)
{
    Pod pod;
    pod.metadata.namespace_ = rs.metadata.namespace_;
    pod.metadata.generateName = rs.metadata.name + "-";
    pod.metadata.labels = rs.spec.template_.metadata.labels;
    pod.metadata.annotations = rs.spec.template_.metadata.annotations;
    pod.metadata.finalizers = rs.spec.template_.metadata.finalizers;
    pod.metadata.ownerReferences.push_back(controllerReference(rs));
    pod.spec = rs.spec.template_.spec;
    return pod;
}

/// Creates in batches of 1, 2, 4, ...; a batch with an error is the last. Returns the first error.
std::string createPods(ControllerContext& context, const ReplicaSet& rs, std::int64_t count)
{
    for (std::int64_t batch = kFirstBatch; count > 0; batch *= 2) {
        batch = std::min(batch, count);
        std::string firstError;
        for (std::int64_t i = 0; i < batch; ++i) {
            std::shared_ptr<const Pod> created;
            const std::string error = createPod(context.client, podFromTemplate(rs), "replicaset-controller", created);
            if (error.empty()) {
                if (created)
                    context.client.event(kReporter, rs, kNormal, reasons::kSuccessfulCreate,
                                         "Created pod: " + created->metadata.name);
                continue;
            }
            context.client.event(kReporter, rs, kWarning, reasons::kFailedCreate, "Error creating: " + error);
            if (firstError.empty())
                firstError = error;
        }
        if (!firstError.empty())
            return firstError;
        count -= batch;
    }
    return {};
}

std::int64_t deletionCost(const Pod& pod)
{
    const auto it = pod.metadata.annotations.find(reasons::kPodDeletionCost);
    std::int64_t cost = 0;
    if (it != pod.metadata.annotations.end())
        std::from_chars(it->second.data(), it->second.data() + it->second.size(), cost);
    return cost;
}

int phaseRank(const Pod& pod)
{
    return pod.status.phase == kPodPending || pod.status.phase.empty() ? 0 : pod.status.phase == kUnknown ? 1 : 2;
}

std::int64_t mostRestarts(const Pod& pod)
{
    std::int64_t most = 0;
    for (const ContainerStatus& s : pod.status.containerStatuses)
        most = std::max<std::int64_t>(most, s.restartCount);
    return most;
}

/// Ages are compared by powers of two, so that deletions spread over pods of like age.
int ageRank(Instant since, Instant now)
{
    const std::int64_t age = (now - since).count();
    return age <= 0 ? -1 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age)));
}

Instant readySince(const Pod& pod)
{
    const Condition* ready = findCondition(pod.status.conditions, "Ready");
    return ready && ready->lastTransitionTime ? ready->lastTransitionTime->at : Instant{};
}

/// Pods of all ReplicaSets of the same Deployment count for co-location.
std::map<std::string, std::int64_t> relatedPerNode(ControllerContext& context, const ReplicaSet& rs)
{
    std::map<std::string, std::int64_t> perNode;
    const OwnerReference* owner = controllerOf(rs.metadata);
    const auto count = [&](const std::string& uid) {
        for (const ObjectKey& key : context.pods.ofController(uid))
            if (const auto pod = context.store().get<Pod>(key); pod && isActive(*pod))
                perNode[pod->spec.nodeName] += 1;
    };
    if (!owner) {
        count(rs.metadata.uid);
        return perNode;
    }
    for (const auto& sibling : context.store().inNamespace<ReplicaSet>(rs.metadata.namespace_))
        if (isControlledBy(sibling->metadata, owner->uid))
            count(sibling->metadata.uid);
    return perNode;
}

void deletePods(ControllerContext& context, const ReplicaSet& rs, PodList pods, std::int64_t count)
{
    if (count < static_cast<std::int64_t>(pods.size()))
        pods = inDeletionOrder(std::move(pods), relatedPerNode(context, rs), context.now());
    for (std::int64_t i = 0; i < count; ++i) {
        const ObjectKey key = keyOf(pods[static_cast<std::size_t>(i)]->metadata);
        if (context.store().remove<Pod>(key, context.now()))
            context.client.event(kReporter, rs, kNormal, reasons::kSuccessfulDelete, "Deleted pod: " + key.name);
    }
}

ReplicaSetStatus statusOf(const ReplicaSet& rs, const PodList& pods, const std::string& failure, Instant now)
{
    ReplicaSetStatus status = rs.status;
    status.replicas = static_cast<std::int64_t>(pods.size());
    status.fullyLabeledReplicas = status.readyReplicas = status.availableReplicas = 0;
    for (const auto& pod : pods) {
        const StringMap& wanted = rs.spec.template_.metadata.labels;
        const StringMap& labels = pod->metadata.labels;
        if (std::all_of(wanted.begin(), wanted.end(), [&](const auto& l) {
                const auto it = labels.find(l.first);
                return it != labels.end() && it->second == l.second;
            }))
            status.fullyLabeledReplicas += 1;
        if (isReady(*pod))
            status.readyReplicas += 1;
        if (isAvailable(*pod, rs.spec.minReadySeconds, now))
            status.availableReplicas += 1;
    }
    status.observedGeneration = rs.metadata.generation;
    Condition* condition = findCondition(status.conditions, "ReplicaFailure");
    if (!failure.empty() && !condition) {
        Condition added;
        added.type = std::string("ReplicaFailure");
        added.status = std::string(kTrue);
        added.reason = reasons::kFailedCreate;
        added.message = failure;
        added.lastTransitionTime = Time{now};
        status.conditions.push_back(std::move(added));
    } else if (failure.empty() && condition) {
        std::erase_if(status.conditions, [](const Condition& c) { return c.type.value == "ReplicaFailure"; });
    }
    return status;
}

/// Nothing changed that a ReplicaSet counts or decides by. The real controller looks at its pods all the same and
/// writes nothing; with many pods that look is most of the work (a binding is such a change).
bool countsTheSame(const Pod& before, const Pod& now)
{
    return isActive(before) == isActive(now) && isReady(before) == isReady(now) && before.metadata.labels == now.metadata.labels
        && before.metadata.ownerReferences == now.metadata.ownerReferences
        && before.metadata.deletionTimestamp == now.metadata.deletionTimestamp;
}

} // namespace

PodList inDeletionOrder(PodList pods, const std::map<std::string, std::int64_t>& colocated, Instant now)
{
    const auto rank = [&](const Pod& pod) {
        const auto it = colocated.find(pod.spec.nodeName);
        return it == colocated.end() ? 0 : it->second;
    };
    std::stable_sort(pods.begin(), pods.end(), [&](const auto& left, const auto& right) {
        const Pod& a = *left;
        const Pod& b = *right;
        if (a.spec.nodeName.empty() != b.spec.nodeName.empty())
            return a.spec.nodeName.empty();
        if (phaseRank(a) != phaseRank(b))
            return phaseRank(a) < phaseRank(b);
        const bool readyA = isReady(a);
        const bool readyB = isReady(b);
        if (readyA != readyB)
            return !readyA;
        if (deletionCost(a) != deletionCost(b))
            return deletionCost(a) < deletionCost(b);
        if (rank(a) != rank(b))
            return rank(a) > rank(b);
        if (readyA && ageRank(readySince(a), now) != ageRank(readySince(b), now))
            return ageRank(readySince(a), now) < ageRank(readySince(b), now);
        if (mostRestarts(a) != mostRestarts(b))
            return mostRestarts(a) > mostRestarts(b);
        const Instant createdA = a.metadata.creationTimestamp ? a.metadata.creationTimestamp->at : Instant{};
        const Instant createdB = b.metadata.creationTimestamp ? b.metadata.creationTimestamp->at : Instant{};
        if (ageRank(createdA, now) != ageRank(createdB, now))
            return ageRank(createdA, now) < ageRank(createdB, now);
        return a.metadata.uid < b.metadata.uid;
    });
    return pods;
}

void ReplicaSetController::relist(const Store& store)
{
    for (const auto& [key, rs] : store.all<ReplicaSet>())
        queue.add(key);
}

void ReplicaSetController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<ReplicaSet>) {
        queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Pod>)
        return;
    const Pod& pod = event.as<Pod>();
    const Pod* before = event.before<Pod>();
    if (before && event.type == WatchEvent::Type::Modified && countsTheSame(*before, pod))
        return;
    enqueueOwner(queue, store, pod);
    const OwnerReference* owner = controllerOf(pod.metadata);
    const bool labelsChanged = before && before->metadata.labels != pod.metadata.labels;
    if (before && event.type == WatchEvent::Type::Modified) {
        const OwnerReference* former = controllerOf(before->metadata);
        if (former && (!owner || owner->uid != former->uid))
            enqueueOwner(queue, store, *before);
        // A pod that became ready becomes available minReadySeconds later, without another change.
        if (owner && owner->kind == "ReplicaSet" && !isReady(*before) && isReady(pod)) {
            const ObjectKey key{pod.metadata.namespace_, owner->name};
            if (const auto rs = store.get<ReplicaSet>(key); rs && rs->spec.minReadySeconds > 0)
                if (const Condition* ready = findCondition(pod.status.conditions, "Ready"); ready->lastTransitionTime)
                    queue.addAt(key, ready->lastTransitionTime->at + std::chrono::seconds(rs->spec.minReadySeconds) + 1s);
        }
    }
    if (!owner && event.type != WatchEvent::Type::Deleted
        && (event.type == WatchEvent::Type::Added || labelsChanged || (before && controllerOf(before->metadata)))) {
        for (const auto& rs : store.inNamespace<ReplicaSet>(pod.metadata.namespace_))
            if (rs->spec.selector.matches(pod.metadata.labels))
                queue.add(keyOf(rs->metadata));
    }
}

void ReplicaSetController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    const auto rs = context.store().get<ReplicaSet>(key);
    if (!rs) {
        queue.forget(key);
        return;
    }
    PodList pods = claimPods(context, *rs);
    std::erase_if(pods, [](const auto& pod) { return !isActive(*pod); });

    std::string failure;
    if (!rs->metadata.deletionTimestamp) {
        const std::int64_t missing = rs->spec.replicas.value_or(1) - static_cast<std::int64_t>(pods.size());
        if (missing > 0)
            failure = createPods(context, *rs, std::min(missing, kBurst));
        else if (missing < 0)
            deletePods(context, *rs, pods, std::min(-missing, kBurst));
    }

    // As in the real controller, the status is of the pods seen before this round's creates and deletes.
    const ReplicaSetStatus status = statusOf(*rs, pods, failure, context.now());
    if (!(status == rs->status))
        patchObject<ReplicaSet>(context.client, key, [&](ReplicaSet& r) { r.status = status; });
    if (failure.empty())
        queue.forget(key);
    else
        queue.addRateLimited(key, context.now());
    if (rs->spec.minReadySeconds > 0 && status.readyReplicas == rs->spec.replicas.value_or(1)
        && status.availableReplicas != rs->spec.replicas.value_or(1))
        queue.addAt(key, context.now() + std::chrono::seconds(rs->spec.minReadySeconds));
}

} // namespace sim::kube
