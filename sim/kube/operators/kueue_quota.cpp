#include "sim/kube/operators/kueue_quota.h"

#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

std::int64_t valueAt(const FlavorAmounts& amounts, const FlavorResource& at)
{
    const auto found = amounts.find(at);
    return found == amounts.end() ? 0 : found->second;
}

/// What a queue may have of a flavor's resource: at most, and now beside what is used.
struct Room {
    std::int64_t capacity = 0;
    std::int64_t available = 0;
};

Room roomOf(const ClusterQueue& queue, const std::vector<ClusterQueue>& queues, const FlavorResource& at)
{
    const auto own = queue.quotas.find(at);
    const FlavorQuota quota = own == queue.quotas.end() ? FlavorQuota{} : own->second;
    const std::int64_t used = valueAt(queue.used, at);
    Room room{quota.nominal, quota.nominal - used};
    if (queue.cohort.empty())
        return room;
    std::int64_t lendable = 0; // by the others, whether or not it is in use
    std::int64_t lent = 0;     // what they have of it themselves; beyond their own it is borrowed from everybody
    for (const ClusterQueue& other : queues) {
        if (other.cohort != queue.cohort || other.name == queue.name)
            continue;
        const auto theirs = other.quotas.find(at);
        const std::int64_t nominal = theirs == other.quotas.end() ? 0 : theirs->second.nominal;
        const std::int64_t lends = theirs == other.quotas.end() ? 0 : std::min(nominal, theirs->second.lendingLimit.value_or(nominal));
        lendable += lends;
        lent += std::max<std::int64_t>(valueAt(other.used, at) - (nominal - lends), 0);
    }
    const std::int64_t free = quota.nominal + lendable - lent - used;
    room.capacity += std::min(lendable, quota.borrowingLimit.value_or(lendable));
    room.available = std::min(free, room.capacity - used);
    return room;
}

/// Why pods cannot be of a flavor's nodes at all; empty when they can.
std::string flavorObjection(const PodSpec& spec, const std::string& name, const ResourceFlavor& flavor)
{
    std::vector<Toleration> tolerations = spec.tolerations;
    tolerations.insert(tolerations.end(), flavor.tolerations.begin(), flavor.tolerations.end());
    if (const Taint* taint = untoleratedTaint(flavor.taints, tolerations))
        return fmt::format("untolerated taint {{{} {} {} <nil>}} in flavor {}", taint->key, taint->value, taint->effect, name);
    for (const auto& [key, value] : spec.nodeSelector)
        if (const auto label = flavor.nodeLabels.find(key); label != flavor.nodeLabels.end() && label->second != value)
            return fmt::format("flavor {} doesn't match node affinity", name);
    return {};
}

/// One pod set's share of a group of resources in one flavor: what stands against it.
std::vector<std::string> objections(const PodSet& set, const ClusterQueue& queue, const std::vector<ClusterQueue>& queues, const std::string& flavor,
                                    const std::vector<std::string>& resources, const FlavorAmounts& assumed)
{
    std::vector<std::string> reasons;
    for (const std::string& resource : resources) {
        const FlavorResource at{flavor, resource};
        const std::int64_t before = valueAt(assumed, at);
        const std::int64_t wanted = amountOf(set.requests, resource) * set.count;
        const Room room = roomOf(queue, queues, at);
        const auto text = [&](std::int64_t milli) { return amountText(resource, milli); };
        if (before + wanted > room.capacity)
            reasons.push_back(fmt::format("insufficient quota for {} in flavor {}, previously considered podsets requests ({}) + current podset request ({}) > "
                                          "maximum capacity ({})", resource, flavor, text(before), text(wanted), text(room.capacity)));
        else if (before + wanted > room.available)
            reasons.push_back(fmt::format("insufficient unused quota for {} in flavor {}, {} more needed", resource, flavor,
                                          text(before + wanted - room.available)));
    }
    return reasons;
}

} // namespace

FlavorDecision assignFlavors(const Workload& workload, const ClusterQueue& queue, const std::vector<ClusterQueue>& queues,
                             const std::map<std::string, ResourceFlavor>& flavors)
{
    FlavorDecision decision;
    FlavorAmounts assumed;
    for (const PodSet& set : workload.podSets) {
        PodSetAssignment assignment{set.name, set.count, {}, {}};
        std::vector<std::string> reasons;
        for (const auto& [resource, amount] : set.requests) {
            if (amount == 0 || assignment.flavors.count(resource) != 0)
                continue;
            const auto group = std::find_if(queue.groups.begin(), queue.groups.end(), [&, name = resource](const ClusterQueue::Group& one) {
                return std::find(one.resources.begin(), one.resources.end(), name) != one.resources.end();
            });
            if (group == queue.groups.end()) {
                reasons.push_back(fmt::format("resource {} unavailable in ClusterQueue", resource));
                break;
            }
            std::vector<std::string> asked;
            for (const std::string& name : group->resources)
                if (amountOf(set.requests, name) > 0)
                    asked.push_back(name);
            bool assigned = false;
            std::vector<std::string> tried;
            for (const std::string& flavor : group->flavors) {
                const auto known = flavors.find(flavor);
                std::string objection = known == flavors.end() ? fmt::format("flavor {} not found", flavor) : flavorObjection(set.spec, flavor, known->second);
                std::vector<std::string> against = objection.empty() ? objections(set, queue, queues, flavor, asked, assumed) : std::vector{objection};
                if (against.empty()) {
                    for (const std::string& name : asked) {
                        assignment.flavors[name] = flavor;
                        assignment.usage[name] = amountOf(set.requests, name) * set.count;
                        assumed[{flavor, name}] += assignment.usage[name];
                    }
                    assigned = true;
                    break;
                }
                tried.insert(tried.end(), against.begin(), against.end());
            }
            if (!assigned) {
                reasons.insert(reasons.end(), tried.begin(), tried.end());
                break;
            }
        }
        if (!reasons.empty()) {
            std::sort(reasons.begin(), reasons.end());
            decision.message += fmt::format("{}couldn't assign flavors to pod set {}: {}", decision.message.empty() ? "" : "; ", set.name, fmt::join(reasons, ", "));
            return decision;
        }
        decision.assignments.push_back(std::move(assignment));
    }
    return decision;
}

} // namespace sim::kube
