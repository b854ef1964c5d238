#include "sim/kube/controllers/rollout.h"

#include "sim/kube/client/objects.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sim::kube {

namespace {

std::int64_t replicasOf(const DeploymentSpec& spec) { return spec.replicas.value_or(1); }

} // namespace

RolloutLimits rolloutLimits(const DeploymentSpec& spec)
{
    if (spec.strategy.type == "Recreate")
        return {};
    const std::int64_t replicas = replicasOf(spec);
    const RollingUpdate update = spec.strategy.rollingUpdate.value_or(RollingUpdate{});
    RolloutLimits limits;
    limits.surge = scaledValue(update.maxSurge.value_or(IntOrString{}), replicas, true);
    limits.unavailable = scaledValue(update.maxUnavailable.value_or(IntOrString{}), replicas, false);
    if (limits.surge == 0 && limits.unavailable == 0)
        limits.unavailable = 1;
    limits.unavailable = std::min(limits.unavailable, replicas);
    return limits;
}

std::int64_t allowedSize(const DeploymentSpec& spec)
{
    return replicasOf(spec) > 0 ? replicasOf(spec) + rolloutLimits(spec).surge : 0;
}

std::int64_t newSetSize(const DeploymentSpec& spec, std::int64_t newSize, std::int64_t allSizes)
{
    const std::int64_t replicas = replicasOf(spec);
    if (spec.strategy.type == "Recreate")
        return replicas;
    const std::int64_t room = replicas + rolloutLimits(spec).surge - allSizes;
    if (room <= 0)
        return newSize;
    return newSize + std::min(room, replicas - newSize);
}

std::vector<std::int64_t> oldSetSizes(const DeploymentSpec& spec, const std::vector<SetSize>& old, SetSize newSet)
{
    std::vector<std::int64_t> sizes;
    std::int64_t all = newSet.size;
    for (const SetSize& s : old) {
        sizes.push_back(s.size);
        all += s.size;
    }
    const std::int64_t minAvailable = replicasOf(spec) - rolloutLimits(spec).unavailable;
    // Unavailable new pods must not let old ones go: they count as lost already.
    const std::int64_t mostDown = all - minAvailable - (newSet.size - newSet.available);
    if (mostDown <= 0)
        return sizes;

    std::int64_t cleaned = 0;
    for (std::size_t i = 0; i < old.size() && cleaned < mostDown; ++i) {
        const std::int64_t unhealthy = std::max<std::int64_t>(sizes[i] - old[i].available, 0);
        const std::int64_t down = std::min(mostDown - cleaned, unhealthy);
        sizes[i] -= down;
        cleaned += down;
    }

    std::int64_t available = newSet.available;
    for (const SetSize& s : old)
        available += s.available;
    std::int64_t surplus = available - minAvailable;
    for (std::size_t i = 0; i < old.size() && surplus > 0; ++i) {
        const std::int64_t down = std::min(sizes[i], surplus);
        sizes[i] -= down;
        surplus -= down;
    }
    return sizes;
}

std::vector<std::int64_t> proportionalSizes(const DeploymentSpec& spec, const std::vector<ProportionalSet>& sets,
                                            std::int64_t statusReplicas)
{
    std::vector<std::int64_t> sizes;
    for (const ProportionalSet& s : sets)
        sizes.push_back(s.size);
    const std::int64_t toAdd = allowedSize(spec) - std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    if (toAdd == 0 || sets.empty())
        return sizes;
    std::int64_t added = 0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        if (sets[i].size == 0 || added == toAdd)
            continue;
        std::int64_t fraction = -sets[i].size;
        if (replicasOf(spec) > 0) {
            const std::int64_t before = sets[i].maxReplicas > 0 ? sets[i].maxReplicas : statusReplicas;
            if (before == 0)
                continue;
            const double wanted = static_cast<double>(sets[i].size * (replicasOf(spec) + rolloutLimits(spec).surge))
                / static_cast<double>(before);
            fraction = static_cast<std::int64_t>(std::floor(wanted + 0.5)) - sets[i].size;
        }
        const std::int64_t allowed = toAdd - added;
        const std::int64_t share = toAdd > 0 ? std::min(fraction, allowed) : std::max(fraction, allowed);
        sizes[i] += share;
        added += share;
    }
    // What rounding leaves over goes to the largest set.
    sizes.front() = std::max<std::int64_t>(sizes.front() + toAdd - added, 0);
    return sizes;
}

} // namespace sim::kube
