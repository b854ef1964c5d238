#include "sim/kube/api/limit_ranges.h"

#include "sim/kube/api/quantity.h"

#include <fmt/format.h>

#include <functional>

// plugin/pkg/admission/limitranger/admission.go.
namespace sim::kube {

namespace {

using Visitor = std::function<void(const LimitRangeItem& item)>;

void visitItems(const Store& store, const std::string& namespace_, const Visitor& visitor)
{
    const auto& ranges = store.all<LimitRange>();
    for (auto it = ranges.lower_bound({namespace_, {}}); it != ranges.end() && it->first.namespace_ == namespace_; ++it)
        for (const LimitRangeItem& item : it->second->spec.limits)
            visitor(item);
}

/// Adds what is missing; says which, for the annotation: "cpu, memory request for container c".
std::string fill(ResourceList& list, const ResourceList& defaults, const char* what, const Container& container, bool init)
{
    std::string names;
    for (const auto& [name, amount] : defaults)
        if (list.emplace(name, amount).second)
            names += (names.empty() ? "" : ", ") + name;
    return names.empty() ? names : fmt::format("{} {} for {}container {}", names, what, init ? "init " : "", container.name);
}

class Limits {
public:
    std::vector<std::string> problems;

    void check(const LimitRangeItem& item, const ResourceList& requests, const ResourceList& limits)
    {
        const std::string& type = item.type.value;
        for (const auto& [name, least] : item.min) {
            const Quantity* request = find(requests, name);
            const Quantity* limit = find(limits, name);
            const std::string rule = fmt::format("minimum {} usage per {} is {}", name, type, least.text);
            if (request == nullptr)
                problems.push_back(rule + ".  No request is specified");
            else if (request->milliValue() < least.milliValue())
                problems.push_back(fmt::format("{}, but request is {}", rule, request->text));
            else if (limit != nullptr && limit->milliValue() < least.milliValue())
                problems.push_back(fmt::format("{}, but limit is {}", rule, limit->text));
        }
        for (const auto& [name, most] : item.max) {
            const Quantity* request = find(requests, name);
            const Quantity* limit = find(limits, name);
            const std::string rule = fmt::format("maximum {} usage per {} is {}", name, type, most.text);
            const bool claim = type == "PersistentVolumeClaim";
            if (!claim && limit == nullptr)
                problems.push_back(rule + ".  No limit is specified");
            else if (!claim && limit->milliValue() > most.milliValue())
                problems.push_back(fmt::format("{}, but limit is {}", rule, limit->text));
            else if (request != nullptr && request->milliValue() > most.milliValue())
                problems.push_back(fmt::format("{}, but request is {}", rule, request->text));
        }
        for (const auto& [name, ratio] : item.maxLimitRequestRatio) {
            const Quantity* request = find(requests, name);
            const Quantity* limit = find(limits, name);
            const std::string rule = fmt::format("{} max limit to request ratio per {} is {}, but ", name, type, ratio.text);
            if (request == nullptr || request->milliValue() == 0)
                problems.push_back(rule + "no request is specified or request is 0");
            else if (limit == nullptr || limit->milliValue() == 0)
                problems.push_back(rule + "no limit is specified or limit is 0");
            else if (const double given = static_cast<double>(limit->milliValue()) / static_cast<double>(request->milliValue());
                     given * 1000 > static_cast<double>(ratio.milliValue()))
                problems.push_back(fmt::format("{}provided ratio is {:.6f}", rule, given));
        }
    }
    std::string text() const
    {
        std::string list;
        for (const std::string& problem : problems)
            list += (list.empty() ? "" : ", ") + problem;
        return problems.size() > 1 ? "[" + list + "]" : list;
    }

private:
    static const Quantity* find(const ResourceList& list, const std::string& name)
    {
        const auto it = list.find(name);
        return it == list.end() ? nullptr : &it->second;
    }
};

ResourceList total(const PodSpec& spec, ResourceList ResourceRequirements::*which)
{
    std::map<std::string, std::int64_t> milli;
    std::map<std::string, bool> binary;
    for (const Container& container : spec.containers)
        for (const auto& [name, amount] : container.resources.*which) {
            milli[name] = addMilli(milli[name], amount.milliValue());
            binary[name] = binary[name] || amount.text.ends_with('i');
        }
    ResourceList list;
    for (const auto& [name, sum] : milli)
        list[name] = binary[name] && sum % 1000 == 0 ? Quantity::ofBytes(sum / 1000) : Quantity::ofMilli(sum);
    return list;
}

} // namespace

void applyLimitRanges(Pod& pod, const Store& store)
{
    std::string note;
    visitItems(store, pod.metadata.namespace_, [&](const LimitRangeItem& item) {
        if (item.type.value != "Container")
            return;
        for (auto* list : {&pod.spec.containers, &pod.spec.initContainers})
            for (Container& container : *list) {
                const bool init = list == &pod.spec.initContainers;
                for (const std::string& one : {fill(container.resources.requests, item.defaultRequest, "request", container, init),
                                               fill(container.resources.limits, item.default_, "limit", container, init)})
                    if (!one.empty())
                        note += (note.empty() ? "" : "; ") + one;
            }
    });
    if (!note.empty())
        pod.metadata.annotations["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + note;
}

std::string limitRangeRefusal(const Pod& pod, const Store& store)
{
    Limits limits;
    visitItems(store, pod.metadata.namespace_, [&](const LimitRangeItem& item) {
        if (item.type.value == "Container")
            for (const auto* list : {&pod.spec.containers, &pod.spec.initContainers})
                for (const Container& container : *list)
                    limits.check(item, container.resources.requests, container.resources.limits);
        else if (item.type.value == "Pod")
            limits.check(item, total(pod.spec, &ResourceRequirements::requests), total(pod.spec, &ResourceRequirements::limits));
    });
    return limits.text();
}

std::string limitRangeRefusal(const PersistentVolumeClaim& claim, const Store& store)
{
    Limits limits;
    visitItems(store, claim.metadata.namespace_, [&](const LimitRangeItem& item) {
        if (item.type.value == "PersistentVolumeClaim")
            limits.check(item, claim.spec.resources.requests, claim.spec.resources.limits);
    });
    return limits.text();
}

} // namespace sim::kube
