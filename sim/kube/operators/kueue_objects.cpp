#include "sim/kube/operators/kueue_objects.h"

#include "sim/kube/api/time_text.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/operators/pytorch_job.h"

#include <algorithm>

namespace sim::kube {

namespace {

using nlohmann::json;

const json& listAt(const json& object, const char* field)
{
    static const json kNone = json::array();
    const auto found = object.find(field);
    return found != object.end() && found->is_array() ? *found : kNone;
}

std::vector<std::string> texts(const json& list)
{
    std::vector<std::string> all;
    for (const json& one : list)
        if (one.is_string())
            all.push_back(one.get<std::string>());
    return all;
}

std::optional<std::int64_t> quantityAt(const json& object, const char* field)
{
    const auto found = object.find(field);
    if (found == object.end())
        return std::nullopt;
    const Amounts read = amountsOf(json{{"it", *found}});
    return read.empty() ? std::nullopt : std::optional(read.begin()->second);
}

StringMap labelsAt(const json& object, const char* field)
{
    StringMap labels;
    for (const auto& [key, value] : partAt(object, field).items())
        if (value.is_string())
            labels[key] = value.get<std::string>();
    return labels;
}

} // namespace

FlavorAmounts Workload::usage() const
{
    FlavorAmounts sum;
    for (const PodSetAssignment& one : assignments)
        for (const auto& [resource, amount] : one.usage)
            if (const auto flavor = one.flavors.find(resource); flavor != one.flavors.end())
                sum[{flavor->second, resource}] += amount;
    return sum;
}

std::map<std::string, ResourceFlavor> resourceFlavors(const Store& store)
{
    std::map<std::string, ResourceFlavor> flavors;
    for (const CustomObjectPtr& object : allCustom(store, kResourceFlavors)) {
        const json content = contentOf(*object);
        const json& spec = partAt(content, "spec");
        ResourceFlavor flavor;
        flavor.nodeLabels = labelsAt(spec, "nodeLabels");
        for (const json& one : listAt(spec, "nodeTaints")) {
            Taint taint;
            taint.key = textAt(one, "key");
            taint.value = textAt(one, "value");
            taint.effect = textAt(one, "effect");
            flavor.taints.push_back(std::move(taint));
        }
        for (const json& one : listAt(spec, "tolerations")) {
            Toleration toleration;
            toleration.key = textAt(one, "key");
            toleration.operator_ = textAt(one, "operator");
            toleration.value = textAt(one, "value");
            toleration.effect = textAt(one, "effect");
            flavor.tolerations.push_back(std::move(toleration));
        }
        flavors[object->metadata.name] = std::move(flavor);
    }
    return flavors;
}

std::vector<ClusterQueue> clusterQueues(const Store& store, const std::map<std::string, ResourceFlavor>& flavors)
{
    std::vector<ClusterQueue> queues;
    for (const CustomObjectPtr& object : allCustom(store, kClusterQueues)) {
        const json content = contentOf(*object);
        const json& spec = partAt(content, "spec");
        ClusterQueue queue;
        queue.object = object;
        queue.name = object->metadata.name;
        queue.cohort = textAt(spec, "cohortName");
        queue.strictFifo = textAt(spec, "queueingStrategy") == "StrictFIFO";
        const std::string stop = textAt(spec, "stopPolicy");
        queue.stopped = !stop.empty() && stop != "None";
        for (const json& one : listAt(spec, "resourceGroups")) {
            ClusterQueue::Group group;
            group.resources = texts(listAt(one, "coveredResources"));
            for (const json& flavor : listAt(one, "flavors")) {
                const std::string name = textAt(flavor, "name");
                group.flavors.push_back(name);
                if (flavors.count(name) == 0)
                    queue.missingFlavors.push_back(name);
                for (const json& resource : listAt(flavor, "resources"))
                    queue.quotas[{name, textAt(resource, "name")}] = {quantityAt(resource, "nominalQuota").value_or(0),
                                                                      quantityAt(resource, "borrowingLimit"), quantityAt(resource, "lendingLimit")};
            }
            queue.groups.push_back(std::move(group));
        }
        queues.push_back(std::move(queue));
    }
    return queues;
}

std::map<ObjectKey, LocalQueue> localQueues(const Store& store)
{
    std::map<ObjectKey, LocalQueue> queues;
    for (const CustomObjectPtr& object : allCustom(store, kLocalQueues)) {
        const json content = contentOf(*object);
        const std::string stop = textAt(partAt(content, "spec"), "stopPolicy");
        queues[{object->metadata.namespace_, object->metadata.name}] = {object, textAt(partAt(content, "spec"), "clusterQueue"),
                                                                        !stop.empty() && stop != "None"};
    }
    return queues;
}

std::vector<PodSet> readPodSets(const json& list)
{
    std::vector<PodSet> sets;
    for (const json& one : list) {
        PodSet set;
        set.name = textAt(one, "name");
        set.count = numberAt(one, "count").value_or(0);
        set.spec = podOfTemplate(partAt(one, "template")).spec;
        set.requests = requestsOf(set.spec);
        sets.push_back(std::move(set));
    }
    return sets;
}

Workload readWorkload(CustomObjectPtr object)
{
    Workload workload;
    workload.object = std::move(object);
    const json content = contentOf(*workload.object);
    const json& spec = partAt(content, "spec");
    const json& status = partAt(content, "status");
    workload.queue = textAt(spec, "queueName");
    workload.priority = numberAt(spec, "priority").value_or(0);
    workload.active = spec.value("active", json(true)) != json(false);
    workload.podSets = readPodSets(listAt(spec, "podSets"));
    const json& admission = partAt(status, "admission");
    workload.reservedIn = textAt(admission, "clusterQueue");
    for (const json& one : listAt(admission, "podSetAssignments"))
        workload.assignments.push_back({textAt(one, "name"), numberAt(one, "count").value_or(0), labelsAt(one, "flavors"),
                                        amountsOf(partAt(one, "resourceUsage"))});
    workload.finished = metaConditionTrue(status, "Finished");
    workload.admitted = metaConditionTrue(status, "Admitted");
    return workload;
}

bool setMetaCondition(json& conditions, const std::string& type, bool value, const std::string& reason, const std::string& message,
                      std::int64_t generation, Instant now)
{
    if (!conditions.is_array())
        conditions = json::array();
    const char* status = value ? kTrue : kFalse;
    const auto known = std::find_if(conditions.begin(), conditions.end(), [&](const json& one) { return textAt(one, "type") == type; });
    json next{{"type", type}, {"status", status}, {"reason", reason}, {"message", message}, {"observedGeneration", generation},
              {"lastTransitionTime", rfc3339(now)}};
    if (known == conditions.end()) {
        conditions.push_back(std::move(next));
        return true;
    }
    if (textAt(*known, "status") == status)
        next["lastTransitionTime"] = (*known)["lastTransitionTime"];
    if (*known == next)
        return false;
    *known = std::move(next);
    return true;
}

bool metaConditionTrue(const json& status, const std::string& type)
{
    const json& all = listAt(status, "conditions");
    return std::any_of(all.begin(), all.end(), [&](const json& one) { return textAt(one, "type") == type && textAt(one, "status") == kTrue; });
}

} // namespace sim::kube
