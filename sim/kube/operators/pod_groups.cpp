#include "sim/kube/operators/pod_groups.h"

#include "sim/kube/api/time_text.h"
#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

using nlohmann::json;

json PodGroupSpec::toJson() const
{
    json spec{{"minMember", minMember}, {"queue", queue}};
    if (minResources)
        spec["minResources"] = *minResources;
    if (!priorityClassName.empty())
        spec["priorityClassName"] = priorityClassName;
    return spec;
}

PodGroupSpec PodGroupSpec::of(const json& spec)
{
    PodGroupSpec read;
    read.minMember = numberAt(spec, "minMember").value_or(0);
    read.queue = textAt(spec, "queue");
    read.priorityClassName = textAt(spec, "priorityClassName");
    if (const auto least = spec.find("minResources"); least != spec.end() && least->is_object())
        read.minResources = *least;
    return read;
}

json PodGroupStatus::toJson() const
{
    json status = json::object();
    if (!phase.empty())
        status["phase"] = phase;
    if (!conditions.empty())
        status["conditions"] = conditions;
    for (const auto& [name, count] : {std::pair{"running", running}, {"succeeded", succeeded}, {"failed", failed}})
        if (count != 0)
            status[name] = count;
    return status;
}

PodGroupStatus PodGroupStatus::of(const json& status)
{
    PodGroupStatus read;
    read.phase = textAt(status, "phase");
    read.running = numberAt(status, "running").value_or(0);
    read.succeeded = numberAt(status, "succeeded").value_or(0);
    read.failed = numberAt(status, "failed").value_or(0);
    if (const auto all = status.find("conditions"); all != status.end() && all->is_array())
        read.conditions = *all;
    return read;
}

void PodGroupStatus::set(const std::string& type, const std::string& reason, const std::string& message, const std::string& transition, Instant now)
{
    const auto known = std::find_if(conditions.begin(), conditions.end(), [&](const json& one) { return textAt(one, "type") == type; });
    if (known != conditions.end() && textAt(*known, "reason") == reason && textAt(*known, "message") == message)
        return;
    json next{{"type", type}, {"status", kTrue}, {"reason", reason}, {"lastTransitionTime", rfc3339(now)}, {"transitionID", transition}};
    if (!message.empty())
        next["message"] = message;
    if (known != conditions.end())
        *known = std::move(next);
    else
        conditions.push_back(std::move(next));
}

json podGroupManifest(const PodGroupSpec& spec, const CustomObject& owner)
{
    json metadata{{"name", owner.metadata.name}, {"namespace", owner.metadata.namespace_}};
    if (!owner.metadata.annotations.empty())
        metadata["annotations"] = *owner.metadata.annotations;
    const OwnerReference reference = ownedBy(owner);
    metadata["ownerReferences"] = {{{"apiVersion", reference.apiVersion}, {"kind", reference.kind}, {"name", reference.name},
                                    {"uid", reference.uid}, {"controller", true}, {"blockOwnerDeletion", true}}};
    return {{"metadata", std::move(metadata)}, {"spec", spec.toJson()}};
}

json leastResources(const Store& store, const PyTorchJob& job, std::int64_t members)
{
    std::vector<const ReplicaSpec*> order;
    for (const ReplicaSpec& replica : job.replicas)
        order.push_back(&replica);
    const auto priority = [&](const ReplicaSpec& replica) -> std::int64_t {
        const auto found = store.get<PriorityClass>({"", replica.template_.spec.priorityClassName});
        return found ? found->value.value : 0;
    };
    std::stable_sort(order.begin(), order.end(), [&](const ReplicaSpec* a, const ReplicaSpec* b) { return priority(*a) > priority(*b); });
    Amounts sum;
    std::int64_t left = members;
    for (const ReplicaSpec* replica : order) {
        const std::int64_t count = std::min(left, replica->replicas);
        left -= count;
        for (const Container& container : replica->template_.spec.containers)
            add(sum, amountsOf(container.resources.requests.empty() ? container.resources.limits : container.resources.requests), count);
    }
    return amountsToJson(sum);
}

std::vector<VolcanoQueue> volcanoQueues(const Store& store)
{
    std::vector<VolcanoQueue> queues;
    for (const CustomObjectPtr& object : allCustom(store, kVolcanoQueues)) {
        const json content = contentOf(*object);
        const json& spec = partAt(content, "spec");
        VolcanoQueue queue;
        queue.name = object->metadata.name;
        queue.weight = std::max<std::int64_t>(numberAt(spec, "weight").value_or(1), 1);
        if (const auto limit = spec.find("capability"); limit != spec.end() && limit->is_object() && !limit->empty())
            queue.capability = amountsOf(*limit);
        const std::string state = textAt(partAt(content, "status"), "state");
        queue.open = state.empty() || state == "Open";
        queues.push_back(std::move(queue));
    }
    return queues;
}

} // namespace sim::kube
