#include "sim/kube/api/default_api_services.h"

#include <set>

// pkg/controlplane/apiserver/aggregator.go and kube-aggregator's autoregister and crdregistration controllers.
namespace sim::kube {

namespace {

constexpr const char* kManaged = "kube-aggregator.kubernetes.io/automanaged";
constexpr const char* kOnStart = "onstart";
constexpr const char* kAlways = "true";
constexpr std::int64_t kCustomGroupPriority = 1000;
constexpr std::int64_t kCustomVersionPriority = 100;

struct Served {
    const char* group;
    const char* version;
    std::int64_t groupPriority;
    std::int64_t versionPriority;
};
constexpr Served kServed[] = {
    {"", "v1", 18000, 1},
    {"admissionregistration.k8s.io", "v1", 16700, 15},
    {"apiextensions.k8s.io", "v1", 16700, 15},
    {"apps", "v1", 17800, 15},
    {"authentication.k8s.io", "v1", 17700, 15},
    {"authorization.k8s.io", "v1", 17600, 15},
    {"autoscaling", "v1", 17500, 15},
    {"autoscaling", "v2", 17500, 30},
    {"batch", "v1", 17400, 15},
    {"certificates.k8s.io", "v1", 17300, 15},
    {"coordination.k8s.io", "v1", 16500, 15},
    {"discovery.k8s.io", "v1", 16200, 15},
    {"events.k8s.io", "v1", 17750, 15},
    {"flowcontrol.apiserver.k8s.io", "v1", 16100, 21},
    {"networking.k8s.io", "v1", 17200, 15},
    {"node.k8s.io", "v1", 16300, 15},
    {"policy", "v1", 17100, 15},
    {"rbac.authorization.k8s.io", "v1", 17000, 15},
    {"scheduling.k8s.io", "v1", 16600, 15},
    {"storage.k8s.io", "v1", 16800, 15},
};

APIService localService(const std::string& group, const std::string& version, const char* managed, Instant now)
{
    APIService service;
    service.metadata.name = version + "." + group;
    service.metadata.labels[kManaged] = managed;
    service.spec.group = group;
    service.spec.version = version;
    Condition available;
    available.type = std::string("Available");
    available.status = std::string("True");
    available.reason = "Local";
    available.message = "Local APIServices are always available";
    available.lastTransitionTime = Time{now};
    service.status.conditions.push_back(std::move(available));
    return service;
}

} // namespace

void createDefaultApiServices(Store& store, Instant now, RandomStream& random)
{
    for (const Served& one : kServed) {
        APIService service = localService(one.group, one.version, kOnStart, now);
        service.spec.groupPriorityMinimum = one.groupPriority;
        service.spec.versionPriority = one.versionPriority;
        store.create(std::move(service), now, random);
    }
}

void registerCustomGroups(Store& store, Instant now, RandomStream& random)
{
    std::set<std::pair<std::string, std::string>> wanted;
    for (const auto& [key, definition] : store.all<CustomResourceDefinition>())
        for (const CrdVersion& version : definition->spec.versions)
            if (version.served.value)
                wanted.emplace(definition->spec.group, version.name);
    std::vector<ObjectKey> gone;
    for (const auto& [key, service] : store.all<APIService>()) {
        const auto managed = service->metadata.labels.find(kManaged);
        if (managed != service->metadata.labels.end() && managed->second == kAlways
            && !wanted.contains({service->spec.group, service->spec.version}))
            gone.push_back(key);
    }
    for (const ObjectKey& key : gone)
        store.remove<APIService>(key, now);
    for (const auto& [group, version] : wanted) {
        if (store.get<APIService>({"", version + "." + group}))
            continue;
        APIService service = localService(group, version, kAlways, now);
        service.spec.groupPriorityMinimum = kCustomGroupPriority;
        service.spec.versionPriority = kCustomVersionPriority;
        store.create(std::move(service), now, random);
    }
}

} // namespace sim::kube
