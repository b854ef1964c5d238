#include "sim/kube/api/eviction.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace sim::kube {

namespace {

constexpr std::size_t kMostDisrupted = 2000; // MaxDisruptedPodSize
constexpr const char* kWouldViolate = "Cannot evict pod as it would violate the pod's disruption budget.";
constexpr const char* kTooManyRequests = "TooManyRequests";

using BudgetPtr = std::shared_ptr<const PodDisruptionBudget>;

std::vector<BudgetPtr> budgetsOf(const Store& store, const Pod& pod)
{
    std::vector<BudgetPtr> budgets;
    for (auto& budget : store.inNamespace<PodDisruptionBudget>(pod.metadata.namespace_))
        if (budget->spec.selector && budget->spec.selector->matches(pod.metadata.labels))
            budgets.push_back(std::move(budget));
    return budgets;
}

bool podIsReady(const Pod& pod)
{
    return std::any_of(pod.status.conditions.begin(), pod.status.conditions.end(),
                       [](const Condition& c) { return c.type.value == "Ready" && c.status.value == "True"; });
}

const Condition* syncFailure(const PdbStatus& status)
{
    for (const Condition& c : status.conditions)
        if (c.type.value == "DisruptionAllowed" && c.status.value == "False" && c.reason == "SyncFailed")
            return &c;
    return nullptr;
}

EvictionRuling ruleByBudget(const PodDisruptionBudget& budget)
{
    const PdbStatus& status = budget.status;
    const std::string& name = budget.metadata.name;
    if (status.observedGeneration < budget.metadata.generation)
        return {429, kTooManyRequests, kWouldViolate, fmt::format("The disruption budget {} is still being processed by the server.", name), {}};
    if (status.disruptionsAllowed.value < 0)
        return {403, "Forbidden", fmt::format("poddisruptionbudgets.policy \"{}\" is forbidden: pdb disruptions allowed is negative", name), {}, {}};
    if (status.disruptedPods.size() > kMostDisrupted)
        return {403, "Forbidden",
                fmt::format("poddisruptionbudgets.policy \"{}\" is forbidden: DisruptedPods map too big - too many evictions not confirmed by "
                            "PDB controller", name), {}, {}};
    if (status.disruptionsAllowed.value > 0)
        return {201, {}, {}, {}, name};
    if (const Condition* failed = syncFailure(status))
        return {429, kTooManyRequests, kWouldViolate,
                fmt::format("The disruption budget {} does not allow evicting pods currently because it failed sync: {}", name, failed->message), {}};
    return {429, kTooManyRequests, kWouldViolate,
            fmt::format("The disruption budget {} needs {} healthy pods and has {} currently", name, status.desiredHealthy.value,
                        status.currentHealthy.value), {}};
}

} // namespace

EvictionRuling ruleEviction(const Store& store, const Pod& pod)
{
    // Pods that serve nobody may always go.
    if (pod.metadata.deletionTimestamp || pod.status.phase == "Succeeded" || pod.status.phase == "Failed" || pod.status.phase == "Pending")
        return {};
    const std::vector<BudgetPtr> budgets = budgetsOf(store, pod);
    if (budgets.empty())
        return {};
    if (budgets.size() > 1)
        return {500, "InternalError",
                "Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", {}, {}};
    const PodDisruptionBudget& budget = *budgets.front();
    if (!podIsReady(pod)) {
        const bool always = budget.spec.unhealthyPodEvictionPolicy.value_or("IfHealthyBudget") == "AlwaysAllow";
        if (always || (budget.status.currentHealthy.value >= budget.status.desiredHealthy.value && budget.status.desiredHealthy.value > 0))
            return {};
    }
    return ruleByBudget(budget);
}

StoreError evict(Store& store, const Pod& pod, const EvictionRuling& ruling, Instant now, std::optional<std::int64_t> graceSeconds)
{
    const ObjectKey key = keyOf(pod);
    if (!ruling.budget.empty()) {
        PodDisruptionBudget budget = *store.get<PodDisruptionBudget>({key.namespace_, ruling.budget});
        budget.status.disruptionsAllowed.value -= 1;
        budget.status.disruptedPods[key.name] = Time{now};
        for (Condition& c : budget.status.conditions)
            if (c.type.value == "DisruptionAllowed" && budget.status.disruptionsAllowed.value == 0) {
                c.status = std::string("False");
                c.reason = "InsufficientPods";
                c.lastTransitionTime = Time{now};
            }
        if (const auto written = store.update(std::move(budget), now); !written)
            return written.error;
    }
    if (!pod.metadata.deletionTimestamp && pod.status.phase != "Succeeded" && pod.status.phase != "Failed") {
        Pod marked = pod;
        marked.metadata.resourceVersion.clear();
        std::erase_if(marked.status.conditions, [](const Condition& c) { return c.type.value == "DisruptionTarget"; });
        Condition target;
        target.type = std::string("DisruptionTarget");
        target.status = std::string("True");
        target.reason = "EvictionByEvictionAPI";
        target.message = "Eviction API: evicting";
        target.lastTransitionTime = Time{now};
        marked.status.conditions.push_back(std::move(target));
        store.update(std::move(marked), now);
    }
    return store.remove<Pod>(key, now, graceSeconds).error;
}

} // namespace sim::kube
