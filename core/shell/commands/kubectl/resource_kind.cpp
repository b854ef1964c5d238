#include "core/shell/commands/kubectl/resource_kind.h"

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return out;
}

struct Known {
    const char* group;
    const char* version;
    const char* kind;
    const char* plural;
    const char* shortName;
    bool namespaced;
};

constexpr Known kEmptyKinds[] = {
    {"", "v1", "LimitRange", "limitranges", "limits", true},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true},
    {"", "v1", "PersistentVolume", "persistentvolumes", "pv", false},
    {"", "v1", "ReplicationController", "replicationcontrollers", "rc", true},
    {"", "v1", "ResourceQuota", "resourcequotas", "quota", true},
    {"apps", "v1", "StatefulSet", "statefulsets", "sts", true},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true},
    {"batch", "v1", "CronJob", "cronjobs", "cj", true},
    {"batch", "v1", "Job", "jobs", "", true},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", "ing", true},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", true},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true},
    {"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", false},
    {"storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", false},
};

std::vector<ResourceKind> build()
{
    std::vector<ResourceKind> kinds;
    for (std::size_t i = 0; i < sim::kube::kKindCount; ++i) {
        const sim::kube::KindInfo& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(i));
        ResourceKind k;
        k.group = info.group;
        k.version = info.version;
        k.kind = info.kind;
        k.plural = info.plural;
        k.singular = info.singular;
        k.shortNames.assign(info.shortNames.begin(), info.shortNames.end());
        k.namespaced = info.namespaced;
        k.info = &info;
        kinds.push_back(std::move(k));
    }
    for (const Known& known : kEmptyKinds) {
        const bool served = std::any_of(kinds.begin(), kinds.end(), [&](const ResourceKind& k) {
            return k.kind == known.kind && k.group == known.group;
        });
        if (served)
            continue;
        ResourceKind k;
        k.group = known.group;
        k.version = known.version;
        k.kind = known.kind;
        k.plural = known.plural;
        k.singular = lower(known.kind);
        if (*known.shortName)
            k.shortNames.emplace_back(known.shortName);
        k.namespaced = known.namespaced;
        kinds.push_back(std::move(k));
    }
    std::stable_sort(kinds.begin(), kinds.end(), [](const ResourceKind& a, const ResourceKind& b) {
        return a.group != b.group ? a.group < b.group : a.plural < b.plural;
    });
    return kinds;
}

} // namespace

const std::vector<ResourceKind>& resourceKinds()
{
    static const std::vector<ResourceKind> kKinds = build();
    return kKinds;
}

const ResourceKind* findResource(std::string_view name)
{
    const std::string wanted = lower(name);
    const std::size_t dot = wanted.find('.');
    const std::string word = wanted.substr(0, dot);
    const std::string rest = dot == std::string::npos ? "" : wanted.substr(dot + 1);
    for (const ResourceKind& k : resourceKinds()) {
        if (!rest.empty() && rest != k.group && rest != k.version + "." + k.group)
            continue;
        if (word == k.plural || word == k.singular || word == lower(k.kind)
            || std::find(k.shortNames.begin(), k.shortNames.end(), word) != k.shortNames.end())
            return &k;
    }
    return nullptr;
}

const ResourceKind* findResource(std::string_view apiVersion, std::string_view kind)
{
    for (const ResourceKind& k : resourceKinds()) {
        if (k.kind == kind && k.apiVersion() == apiVersion)
            return &k;
    }
    return nullptr;
}

std::vector<const ResourceKind*> allCategory()
{
    std::vector<const ResourceKind*> kinds;
    for (const std::string_view name : {"pods", "replicationcontrollers", "services", "daemonsets",
                                        "deployments", "replicasets", "statefulsets",
                                        "horizontalpodautoscalers", "cronjobs", "jobs"}) {
        if (const ResourceKind* k = findResource(name))
            kinds.push_back(k);
    }
    return kinds;
}

} // namespace core::shell::kubectl
