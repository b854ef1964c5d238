#include "sim/kube/api/quota.h"

#include "sim/kube/api/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

// plugin/pkg/admission/resourcequota, pkg/quota/v1/evaluator/core.
namespace sim::kube {

namespace {

bool isBinary(const Quantity& quantity) { return quantity.text.ends_with('i'); }

/// In the units of the first that is not zero.
Quantity sum(const Quantity& a, const Quantity& b)
{
    const std::int64_t milli = addMilli(a.text.empty() ? 0 : a.milliValue(), b.text.empty() ? 0 : b.milliValue());
    if (milli % 1000 == 0 && (isBinary(a) || isBinary(b)))
        return Quantity::ofBytes(milli / 1000);
    return Quantity::ofMilli(milli);
}

std::int64_t milliOf(const Quantity& quantity) { return quantity.text.empty() ? 0 : quantity.milliValue(); }

void add(ResourceList& list, const std::string& name, const Quantity& amount)
{
    Quantity& slot = list[name];
    slot = sum(slot, amount);
}

/// The larger of both for each resource.
void raise(ResourceList& list, const ResourceList& other)
{
    for (const auto& [name, amount] : other)
        if (Quantity& slot = list[name]; milliOf(slot) < amount.milliValue())
            slot = amount;
}

/// What the pod asks for: the containers together with the sidecars, or the largest init container.
ResourceList podTotal(const PodSpec& spec, ResourceList ResourceRequirements::*which)
{
    ResourceList total;
    for (const Container& container : spec.containers)
        for (const auto& [name, amount] : container.resources.*which)
            add(total, name, amount);
    for (const Container& container : spec.initContainers) {
        if (container.restartPolicy == "Always")
            for (const auto& [name, amount] : container.resources.*which)
                add(total, name, amount);
        else
            raise(total, container.resources.*which);
    }
    for (const auto& [name, amount] : spec.overhead)
        add(total, name, amount);
    return total;
}

bool isTerminal(const Pod& pod) { return pod.status.phase == "Failed" || pod.status.phase == "Succeeded"; }

ResourceList podUse(const Pod& pod)
{
    ResourceList use;
    use["count/pods"] = Quantity{"1"};
    if (isTerminal(pod))
        return use;
    use["pods"] = Quantity{"1"};
    for (const auto& [name, amount] : podTotal(pod.spec, &ResourceRequirements::requests)) {
        use["requests." + name] = amount;
        if (name == "cpu" || name == "memory" || name == "ephemeral-storage")
            use[name] = amount;
    }
    for (const auto& [name, amount] : podTotal(pod.spec, &ResourceRequirements::limits))
        if (name == "cpu" || name == "memory" || name == "ephemeral-storage")
            use["limits." + name] = amount;
    return use;
}

ResourceList claimUse(const PersistentVolumeClaim& claim)
{
    ResourceList use;
    use["persistentvolumeclaims"] = Quantity{"1"};
    const std::string storageClass = claim.spec.storageClassName.value_or("");
    const std::string prefix = storageClass + ".storageclass.storage.k8s.io/";
    if (!storageClass.empty())
        use[prefix + "persistentvolumeclaims"] = Quantity{"1"};
    const auto storage = claim.spec.resources.requests.find("storage");
    if (storage != claim.spec.resources.requests.end()) {
        use["requests.storage"] = storage->second;
        if (!storageClass.empty())
            use[prefix + "requests.storage"] = storage->second;
    }
    return use;
}

ResourceList serviceUse(const Service& service)
{
    ResourceList use;
    use["services"] = Quantity{"1"};
    const auto ports = static_cast<std::int64_t>(service.spec.ports.size());
    if (service.spec.type == "LoadBalancer") {
        use["services.loadbalancers"] = Quantity{"1"};
        if (service.spec.allocateLoadBalancerNodePorts.value_or(true))
            use["services.nodeports"] = Quantity::ofMilli(ports * 1000);
    } else if (service.spec.type == "NodePort") {
        use["services.nodeports"] = Quantity::ofMilli(ports * 1000);
    }
    return use;
}

bool podInScope(const Pod& pod, const std::string& scope, const std::string& operator_, const std::vector<std::string>& values)
{
    const bool terminating = pod.spec.activeDeadlineSeconds.has_value();
    const bool bestEffort = pod.status.qosClass == "BestEffort";
    if (scope == "Terminating")
        return terminating;
    if (scope == "NotTerminating")
        return !terminating;
    if (scope == "BestEffort")
        return bestEffort;
    if (scope == "NotBestEffort")
        return !bestEffort;
    if (scope != "PriorityClass")
        return false;
    const std::string& priority = pod.spec.priorityClassName;
    const bool listed = std::find(values.begin(), values.end(), priority) != values.end();
    if (operator_ == "In")
        return listed;
    if (operator_ == "NotIn")
        return !listed;
    return operator_ == "DoesNotExist" ? priority.empty() : !priority.empty();
}

/// Which of a pod's containers leave out a resource that the quota counts: "requests.cpu for: c; ...".
std::string leftOut(const ResourceList& hard, const Pod& pod)
{
    std::string text;
    for (const auto& [name, most] : hard) {
        const bool limits = name.starts_with("limits.");
        const std::string resource = limits ? name.substr(7) : name.starts_with("requests.") ? name.substr(9) : name;
        if (resource != "cpu" && resource != "memory")
            continue;
        std::string containers;
        for (const auto* list : {&pod.spec.containers, &pod.spec.initContainers})
            for (const Container& one : *list)
                if ((limits ? one.resources.limits : one.resources.requests).count(resource) == 0)
                    containers += (containers.empty() ? "" : ",") + one.name;
        if (!containers.empty())
            text += fmt::format("{}{} for: {}", text.empty() ? "" : "; ", name, containers);
    }
    return text;
}

std::string listed(const ResourceList& list)
{
    std::string text;
    for (const auto& [name, amount] : list)
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, amount.text.empty() ? "0" : amount.text);
    return text;
}

} // namespace

ResourceList quotaUseOf(KindId kind, const void* object)
{
    ResourceList use;
    if (kind == kindIdOf<Pod>)
        return podUse(*static_cast<const Pod*>(object));
    if (kind == kindIdOf<PersistentVolumeClaim>)
        use = claimUse(*static_cast<const PersistentVolumeClaim*>(object));
    else if (kind == kindIdOf<Service>)
        use = serviceUse(*static_cast<const Service*>(object));
    else if (kind == kindIdOf<ConfigMap> || kind == kindIdOf<Secret> || kind == kindIdOf<ResourceQuota>)
        use[std::string(kindInfo(kind).plural)] = Quantity{"1"};
    const std::string resource = kind == kindIdOf<CustomObject>
        ? static_cast<const CustomObject*>(object)->plural + "." + static_cast<const CustomObject*>(object)->group
        : kindInfo(kind).groupResource();
    use["count/" + resource] = Quantity{"1"};
    return use;
}

bool quotaCovers(const ResourceQuota& quota, KindId kind, const void* object)
{
    const bool scoped = !quota.spec.scopes.empty() || quota.spec.scopeSelector;
    if (!scoped)
        return true;
    if (kind != kindIdOf<Pod>)
        return false;
    const Pod& pod = *static_cast<const Pod*>(object);
    for (const std::string& scope : quota.spec.scopes)
        if (!podInScope(pod, scope, "Exists", {}))
            return false;
    if (quota.spec.scopeSelector)
        for (const ScopedSelectorRequirement& one : quota.spec.scopeSelector->matchExpressions)
            if (!podInScope(pod, one.scopeName, one.operator_, one.values))
                return false;
    return true;
}

ResourceList quotaUsage(const Store& store, const ResourceQuota& quota)
{
    ResourceList used;
    for (const auto& [name, most] : quota.spec.hard)
        used[name] = Quantity{"0"};
    const std::string& space = quota.metadata.namespace_;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, AllKinds>>([&](auto identity) {
        using T = typename decltype(identity)::type;
        if (!kindInfo(kindIdOf<T>).namespaced)
            return;
        const auto& table = store.all<T>();
        for (auto it = table.lower_bound({space, {}}); it != table.end() && it->first.namespace_ == space; ++it) {
            if (!quotaCovers(quota, kindIdOf<T>, it->second.get()))
                continue;
            for (const auto& [name, amount] : quotaUseOf(kindIdOf<T>, it->second.get()))
                if (const auto slot = used.find(name); slot != used.end())
                    slot->second = sum(slot->second, amount);
        }
    });
    return used;
}

QuotaAdmission admitToQuotas(const Store& store, KindId kind, const void* object, const std::string& namespace_)
{
    QuotaAdmission admission;
    const auto& quotas = store.all<ResourceQuota>();
    auto it = quotas.lower_bound({namespace_, {}});
    if (it == quotas.end() || it->first.namespace_ != namespace_)
        return admission;
    const ResourceList use = quotaUseOf(kind, object);
    for (; it != quotas.end() && it->first.namespace_ == namespace_; ++it) {
        const ResourceQuota& quota = *it->second;
        if (!quotaCovers(quota, kind, object))
            continue;
        if (kind == kindIdOf<Pod>)
            if (const std::string missing = leftOut(quota.spec.hard, *static_cast<const Pod*>(object)); !missing.empty()) {
                admission.refusal = fmt::format("failed quota: {}: must specify {}", it->first.name, missing);
                return admission;
            }
        QuotaCharge charge{it->first.name, quota.status.hard == quota.spec.hard ? quota.status.used : quotaUsage(store, quota)};
        ResourceList requested;
        ResourceList before;
        ResourceList most;
        bool counts = false;
        for (const auto& [name, amount] : use) {
            const auto limit = quota.spec.hard.find(name);
            if (limit == quota.spec.hard.end())
                continue;
            counts = true;
            Quantity& used = charge.used[name];
            const Quantity after = sum(used, amount);
            if (after.milliValue() > limit->second.milliValue() && milliOf(amount) > 0) {
                requested[name] = amount;
                before[name] = used;
                most[name] = limit->second;
            }
            used = after;
        }
        if (!requested.empty()) {
            admission.refusal = fmt::format("exceeded quota: {}, requested: {}, used: {}, limited: {}", it->first.name, listed(requested),
                                            listed(before), listed(most));
            return admission;
        }
        if (counts)
            admission.charges.push_back(std::move(charge));
    }
    return admission;
}

void charge(Store& store, const std::string& namespace_, const std::vector<QuotaCharge>& charges, Instant now)
{
    for (const QuotaCharge& one : charges) {
        const auto known = store.get<ResourceQuota>({namespace_, one.name});
        if (!known)
            continue;
        ResourceQuota quota = *known;
        quota.status.hard = quota.spec.hard;
        quota.status.used = one.used;
        quota.metadata.resourceVersion.clear();
        store.update(std::move(quota), now);
    }
}

} // namespace sim::kube
