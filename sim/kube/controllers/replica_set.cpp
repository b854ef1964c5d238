#include "sim/kube/controllers/replica_set.h"

#include "sim/kube/controllers/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace sim::kube {

namespace {

constexpr std::int64_t kBurstReplicas = 500;  // BurstReplicas of replica_set.go
const Reporter kReplicaSetReporter{"replicaset-controller", "", false, ""};

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

/// The set's active pods, after adopting and releasing (PodControllerRefManager.ClaimPods). `settled`: nothing had to be.
PodList claimPods(ControllerContext& context, const ReplicaSet& rs, bool& settled)
{
    PodList claimed;
    settled = true;
    const bool deleting = rs.metadata.deletionTimestamp.has_value();
    const PodIndex::Keys owned = context.pods.ofController(rs.metadata.uid);
    for (const ObjectKey& key : owned) {
        auto pod = context.store().get<Pod>(key);
        if (!pod || !isActive(*pod) || !isControlledBy(pod->metadata, rs.metadata.uid))
            continue;
        if (rs.spec.selector.matches(pod->metadata.labels)) {
            claimed.push_back(std::move(pod));
        } else if (!deleting) {
            settled = false;
            patchObject<Pod>(context.client, key, [&](Pod& p) {
                std::erase_if(p.metadata.ownerReferences.edit(), [&](const OwnerReference& r) { return r.uid == rs.metadata.uid; });
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
        settled = false;
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

/// Returns the error.
std::string createOne(ControllerContext& context, const ReplicaSet& rs)
{
    std::shared_ptr<const Pod> created;
    const std::string error = createPod(context.client, podFromTemplate(rs), "replicaset-controller", created);
    if (error.empty() && created)
        context.client.event(kReplicaSetReporter, rs, kNormal, reasons::kSuccessfulCreate, "Created pod: " + created->metadata.name);
    else if (!error.empty() && !refusedByNamespace(error))
        context.client.event(kReplicaSetReporter, rs, kWarning, reasons::kFailedCreate, "Error creating: " + error);
    return refusedByNamespace(error) ? std::string() : error;
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

std::deque<ObjectKey> chooseVictims(ControllerContext& context, const ReplicaSet& rs, PodList pods, std::int64_t count)
{
    if (count < static_cast<std::int64_t>(pods.size()))
        pods = inDeletionOrder(std::move(pods), relatedPerNode(context, rs), context.now());
    std::deque<ObjectKey> victims;
    for (std::int64_t i = 0; i < count; ++i)
        victims.push_back(keyOf(pods[static_cast<std::size_t>(i)]->metadata));
    return victims;
}

bool carriesLabels(const Pod& pod, const StringMap& wanted)
{
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
        const auto it = pod.metadata.labels.find(label.first);
        return it != pod.metadata.labels.end() && it->second == label.second;
    });
}

/// Adds (or takes away) what one pod counts for its set.
void count(ReplicaCounts& counts, const ReplicaSet& rs, const Pod& pod, std::int64_t sign)
{
    if (!isActive(pod) || !isControlledBy(pod.metadata, rs.metadata.uid))
        return;
    if (!rs.spec.selector.matches(pod.metadata.labels)) {
        counts.strangers += sign;
        return;
    }
    counts.active += sign;
    counts.ready += isReady(pod) ? sign : 0;
    counts.fullyLabeled += carriesLabels(pod, rs.spec.template_.metadata.labels) ? sign : 0;
}

ReplicaSetStatus statusOf(const ReplicaSet& rs, const ReplicaCounts& counts, std::int64_t available, const std::string& failure, Instant now)
{
    ReplicaSetStatus status = rs.status;
    status.replicas = counts.active;
    status.fullyLabeledReplicas = counts.fullyLabeled;
    status.readyReplicas = counts.ready;
    status.availableReplicas = available;
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
    tallies.clear();
    for (const auto& [key, rs] : store.all<ReplicaSet>())
        queue.add(key);
}

void ReplicaSetController::tally(std::uint64_t version, const Store& store, const Pod& pod, std::int64_t sign)
{
    const OwnerReference* owner = controllerOf(pod.metadata);
    if (!owner || owner->kind != "ReplicaSet")
        return;
    const auto known = tallies.find({pod.metadata.namespace_, owner->name});
    if (known == tallies.end() || known->second.uid != owner->uid || version <= known->second.version)
        return;
    const auto rs = store.get<ReplicaSet>(known->first);
    if (rs && rs->metadata.uid == owner->uid && rs->metadata.generation == known->second.generation)
        count(known->second.counts, *rs, pod, sign);
    else
        tallies.erase(known);
}

void ReplicaSetController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<ReplicaSet>) {
        if (event.type != WatchEvent::Type::Modified)
            tallies.erase(event.key);
        queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Pod>)
        return;
    const Pod& pod = event.as<Pod>();
    const Pod* before = event.before<Pod>();
    if (before && event.type == WatchEvent::Type::Modified && countsTheSame(*before, pod))
        return;
    if (before)
        tally(event.resourceVersion, store, *before, -1);
    if (event.type != WatchEvent::Type::Deleted) // a deleted pod has a deletionTimestamp and stopped counting with it
        tally(event.resourceVersion, store, pod, 1);
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
            if (rs->spec.selector.matches(pod.metadata.labels)) {
                tallies.erase(keyOf(rs->metadata)); // to be adopted
                queue.add(keyOf(rs->metadata));
            }
    }
}

const ReplicaTally* ReplicaSetController::tallyOf(const ReplicaSet& rs) const
{
    const auto known = tallies.find(keyOf(rs.metadata));
    const bool holds = known != tallies.end() && known->second.uid == rs.metadata.uid && known->second.generation == rs.metadata.generation
        && known->second.counts.strangers == 0 && rs.spec.minReadySeconds == 0 && !rs.metadata.deletionTimestamp;
    return holds ? &known->second : nullptr;
}

void ReplicaSetController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    if (const auto under = syncs.find(key); under != syncs.end()) {
        goOn(context, key, under->second);
        return;
    }
    const auto rs = context.store().get<ReplicaSet>(key);
    if (!rs) {
        queue.forget(key);
        return;
    }
    const std::int64_t wanted = rs->spec.replicas.value_or(1);
    ReplicaSync sync;
    sync.began = context.now();
    sync.uid = rs->metadata.uid;
    sync.generation = rs->metadata.generation;
    PodList pods;
    if (const ReplicaTally* known = tallyOf(*rs); known && known->counts.active <= wanted) {
        sync.counts = known->counts;
        sync.available = sync.counts.ready; // without minReadySeconds
    } else {
        const std::uint64_t version = context.store().resourceVersion();
        bool settled = false;
        pods = claimPods(context, *rs, settled);
        for (const auto& pod : pods) {
            count(sync.counts, *rs, *pod, 1);
            sync.available += isAvailable(*pod, rs->spec.minReadySeconds, context.now()) ? 1 : 0;
        }
        if (settled)
            tallies[key] = {rs->metadata.uid, rs->metadata.generation, version, sync.counts};
        else
            tallies.erase(key);
    }
    const std::int64_t active = sync.counts.active;
    if (!rs->metadata.deletionTimestamp && active < wanted) {
        sync.missing = std::min(wanted - active, kBurstReplicas);
        sync.missing -= sync.requests.launch(context, sync.missing);
    } else if (!rs->metadata.deletionTimestamp && active > wanted) {
        sync.victims = chooseVictims(context, *rs, std::move(pods), std::min(active - wanted, kBurstReplicas));
        sync.requests.launchAll(context, static_cast<std::int64_t>(sync.victims.size()));
    }
    goOn(context, key, syncs.emplace(key, std::move(sync)).first->second);
}

/// Does what has been asked for and is done by now, and asks for what comes next.
void ReplicaSetController::goOn(ControllerContext& context, const ObjectKey& key, ReplicaSync& sync)
{
    const Instant now = context.now();
    const auto rs = context.store().get<ReplicaSet>(key);
    if (!rs || rs->metadata.uid != sync.uid) {
        syncs.erase(key);
        queue.add(key);
        return;
    }
    for (std::int64_t done = sync.requests.take(now); done > 0; --done) {
        ++context.asked;
        if (sync.victims.empty()) {
            const std::string error = createOne(context, *rs);
            if (sync.failure.empty())
                sync.failure = error;
        } else {
            if (context.store().remove<Pod>(sync.victims.front(), now))
                context.client.event(kReplicaSetReporter, *rs, kNormal, reasons::kSuccessfulDelete, "Deleted pod: " + sync.victims.front().name);
            sync.victims.pop_front();
        }
    }
    if (sync.requests.done() && sync.missing > 0 && sync.failure.empty()) // a batch with an error is the last
        sync.missing -= sync.requests.launch(context, sync.missing);
    if (!sync.requests.done()) {
        queue.addAt(key, sync.requests.next());
        return;
    }
    // As in the real controller, the status is of the pods seen before this round's creates and deletes.
    ReplicaSetStatus status = statusOf(*rs, sync.counts, sync.available, sync.failure, now);
    status.observedGeneration = std::max<std::int64_t>(sync.generation, rs->status.observedGeneration);
    if (!(status == rs->status)) {
        if (!sync.statusAt)
            sync.statusAt = context.request();
        if (*sync.statusAt > now) {
            queue.addAt(key, *sync.statusAt);
            return;
        }
        ++context.asked;
        patchObject<ReplicaSet>(context.client, key, [&](ReplicaSet& r) {
            r.status = status;
            markStatus(r.metadata, now);
        });
    }
    if (!sync.failure.empty()) {
        queue.addRateLimited(key, now);
    } else {
        queue.forget(key);
        if (sync.began < now)
            queue.addAt(key, now + Duration{1}); // what happened meanwhile, once the watch has told of it
    }
    const std::int64_t minReady = rs->spec.minReadySeconds;
    if (minReady > 0 && status.readyReplicas == rs->spec.replicas.value_or(1) && status.availableReplicas != status.readyReplicas)
        queue.addAt(key, now + std::chrono::seconds(minReady));
    syncs.erase(key);
}

} // namespace sim::kube
