#include "sim/kube/controllers/disruption.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace sim::kube {

namespace {

const Reporter kDisruptionReporter{"controllermanager", "", false, ""};
// pkg/controller/disruption/disruption.go: DeletionTimeout
constexpr Duration kDeletionTimeout = 120s;
constexpr const char* kDisruptionAllowed = "DisruptionAllowed";

using PodList = std::vector<std::shared_ptr<const Pod>>;

struct Expected {
    std::int64_t pods = 0;
    std::int64_t healthy = 0;
    std::string error;
    bool unmanaged = false;
};

struct Scale {
    std::int64_t replicas = 0;
    std::string uid;
    std::string error;
};

/// The size of what finally owns a pod.
Scale scaleOf(const Store& store, const Pod& pod, const OwnerReference& owner)
{
    const ObjectKey key{pod.metadata.namespace_, owner.name};
    if (owner.kind == "ReplicaSet") {
        const auto set = store.get<ReplicaSet>(key);
        if (!set || set->metadata.uid != owner.uid)
            return {};
        const OwnerReference* above = controllerOf(set->metadata);
        if (above && above->kind == "Deployment") {
            const auto deployment = store.get<Deployment>({key.namespace_, above->name});
            if (deployment && deployment->metadata.uid == above->uid)
                return {deployment->spec.replicas.value_or(1), above->uid, {}};
        }
        return {set->spec.replicas.value_or(1), owner.uid, {}};
    }
    if (owner.kind == "StatefulSet") {
        const auto set = store.get<StatefulSet>(key);
        return set && set->metadata.uid == owner.uid ? Scale{set->spec.replicas.value_or(1), owner.uid, {}} : Scale{};
    }
    const KindInfo* info = findKind(owner.kind);
    return {0, {}, fmt::format("{} does not implement the scale subresource", info ? info->groupResource() : owner.kind)};
}

Expected expectedScale(const Store& store, const PodList& pods)
{
    Expected expected;
    std::set<std::string> seen;
    for (const auto& pod : pods) {
        const OwnerReference* owner = controllerOf(pod->metadata);
        if (!owner) {
            expected.unmanaged = true;
            continue;
        }
        if (seen.count(owner->uid) != 0)
            continue;
        seen.insert(owner->uid);
        const Scale scale = scaleOf(store, *pod, *owner);
        if (!scale.error.empty()) {
            expected.error = scale.error;
            return expected;
        }
        if (scale.uid.empty() || (scale.uid != owner->uid && !seen.insert(scale.uid).second))
            continue;
        expected.pods += scale.replicas;
    }
    return expected;
}

Expected expectedOf(const Store& store, const PdbSpec& spec, const PodList& pods)
{
    if (spec.maxUnavailable) {
        Expected expected = expectedScale(store, pods);
        expected.healthy = std::max<std::int64_t>(expected.pods - scaledValue(*spec.maxUnavailable, expected.pods, true), 0);
        return expected;
    }
    Expected expected;
    if (!spec.minAvailable)
        return expected;
    if (const auto* number = std::get_if<std::int64_t>(&spec.minAvailable->value)) {
        expected.healthy = *number;
        expected.pods = static_cast<std::int64_t>(pods.size());
        return expected;
    }
    expected = expectedScale(store, pods);
    expected.healthy = scaledValue(*spec.minAvailable, expected.pods, true);
    return expected;
}

void setAllowed(PodDisruptionBudget& budget, bool allowed, const char* reason, const std::string& message, Instant now)
{
    Condition* condition = findCondition(budget.status.conditions, kDisruptionAllowed);
    if (!condition) {
        budget.status.conditions.push_back({});
        condition = &budget.status.conditions.back();
        condition->type = std::string(kDisruptionAllowed);
    }
    const std::string status = allowed ? kTrue : kFalse;
    if (condition->status.value != status)
        condition->lastTransitionTime = Time{now};
    condition->status = status;
    condition->reason = reason;
    condition->message = message;
    condition->observedGeneration = budget.metadata.generation;
}

} // namespace

void DisruptionController::relist(const Store& store)
{
    m_selected.clear();
    for (const auto& [key, budget] : store.all<PodDisruptionBudget>()) {
        m_selected.select(key, budget->spec.selector.value_or(LabelSelector{}), store);
        queue.add(key);
    }
}

void DisruptionController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<PodDisruptionBudget>) {
        if (event.type == WatchEvent::Type::Deleted)
            m_selected.forget(event.key);
        else
            m_selected.select(event.key, event.as<PodDisruptionBudget>().spec.selector.value_or(LabelSelector{}), store);
        queue.add(event.key);
    } else if (event.kind == kindIdOf<Pod>) {
        for (const ObjectKey& key : m_selected.observe(event))
            queue.add(key);
    }
}

void DisruptionController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const auto stored = context.store().get<PodDisruptionBudget>(key);
    if (!stored)
        return;
    PodDisruptionBudget budget = *stored;
    PodList pods;
    if (budget.spec.selector)
        for (const ObjectKey& pod : m_selected.of(key))
            if (auto found = context.store().get<Pod>(pod))
                pods.push_back(std::move(found));
    if (pods.empty())
        context.client.event(kDisruptionReporter, budget, kNormal, "NoPods", "No matching pods found");
    const Expected expected = expectedOf(context.store(), budget.spec, pods);
    const Instant now = context.now();
    if (!expected.error.empty()) {
        context.client.event(kDisruptionReporter, budget, kWarning, "CalculateExpectedPodCountFailed",
                             "Failed to calculate the number of expected pods: " + expected.error);
        budget.status.disruptionsAllowed = 0;
        setAllowed(budget, false, "SyncFailed", expected.error, now);
    } else {
        if (expected.unmanaged)
            context.client.event(kDisruptionReporter, budget, kWarning, "UnmanagedPods",
                                 "Pods selected by this PodDisruptionBudget were found to be unmanaged. As a result, the status of the PDB "
                                 "cannot be calculated correctly, which may result in undefined behavior. To account for these pods please "
                                 "set \".spec.minAvailable\" field of the PDB to an integer value.");
        std::map<std::string, Time> disrupted;
        std::int64_t healthy = 0;
        for (const auto& pod : pods) {
            if (pod->metadata.deletionTimestamp)
                continue;
            if (const auto asked = budget.status.disruptedPods.find(pod->metadata.name); asked != budget.status.disruptedPods.end()) {
                if (asked->second.at + kDeletionTimeout > now) {
                    disrupted.insert(*asked);
                    queue.addAt(key, asked->second.at + kDeletionTimeout);
                    continue;
                }
                context.client.event(kDisruptionReporter, *pod, kWarning, "NotDeleted",
                                     fmt::format("Pod was expected by PDB {}/{} to be deleted but it wasn't", key.namespace_, key.name));
            }
            healthy += isReady(*pod) ? 1 : 0;
        }
        const std::int64_t allowed = expected.pods <= 0 ? 0 : std::max<std::int64_t>(healthy - expected.healthy, 0);
        budget.status.disruptedPods = std::move(disrupted);
        budget.status.currentHealthy = healthy;
        budget.status.desiredHealthy = expected.healthy;
        budget.status.expectedPods = expected.pods;
        budget.status.disruptionsAllowed = allowed;
        setAllowed(budget, allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods", {}, now);
    }
    budget.status.observedGeneration = budget.metadata.generation;
    if (!(budget.status == stored->status))
        patchObject<PodDisruptionBudget>(context.client, key, [&](PodDisruptionBudget& b) {
            b.status = budget.status;
            markStatus(b.metadata, context.now());
        });
}

} // namespace sim::kube
