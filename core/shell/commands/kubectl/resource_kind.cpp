#include "core/shell/commands/kubectl/resource_kind.h"

#include "core/shell/commands/kubectl/flags.h"

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

constexpr const char* kAll = "create,delete,deletecollection,get,list,patch,update,watch";
constexpr const char* kNotInBulk = "create,delete,get,list,patch,update,watch";
constexpr const char* kCreate = "create";
constexpr const char* kRead = "get,list";

struct Known {
    const char* group;
    const char* version;
    const char* kind;
    const char* plural;
    const char* shortNames;
    bool namespaced;
    const char* verbs;
    const char* categories;
};

/// What `kubectl api-resources` of v1.33 lists, in its order.
constexpr Known kKnown[] = {
    {"", "v1", "Binding", "bindings", "", true, kCreate, ""},
    {"", "v1", "ComponentStatus", "componentstatuses", "cs", false, kRead, ""},
    {"", "v1", "ConfigMap", "configmaps", "cm", true, kAll, ""},
    {"", "v1", "Endpoints", "endpoints", "ep", true, kAll, ""},
    {"", "v1", "Event", "events", "ev", true, kAll, ""},
    {"", "v1", "LimitRange", "limitranges", "limits", true, kAll, ""},
    {"", "v1", "Namespace", "namespaces", "ns", false, kNotInBulk, ""},
    {"", "v1", "Node", "nodes", "no", false, kAll, ""},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true, kAll, ""},
    {"", "v1", "PersistentVolume", "persistentvolumes", "pv", false, kAll, ""},
    {"", "v1", "Pod", "pods", "po", true, kAll, "all"},
    {"", "v1", "PodTemplate", "podtemplates", "", true, kAll, ""},
    {"", "v1", "ReplicationController", "replicationcontrollers", "rc", true, kAll, "all"},
    {"", "v1", "ResourceQuota", "resourcequotas", "quota", true, kAll, ""},
    {"", "v1", "Secret", "secrets", "", true, kAll, ""},
    {"", "v1", "ServiceAccount", "serviceaccounts", "sa", true, kAll, ""},
    {"", "v1", "Service", "services", "svc", true, kAll, "all"},
    {"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", false, kAll, "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "", false, kAll, "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "", false, kAll, "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "", false, kAll, "api-extensions"},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", "crd,crds", false, kAll, "api-extensions"},
    {"apiregistration.k8s.io", "v1", "APIService", "apiservices", "", false, kAll, "api-extensions"},
    {"apps", "v1", "ControllerRevision", "controllerrevisions", "", true, kAll, ""},
    {"apps", "v1", "DaemonSet", "daemonsets", "ds", true, kAll, "all"},
    {"apps", "v1", "Deployment", "deployments", "deploy", true, kAll, "all"},
    {"apps", "v1", "ReplicaSet", "replicasets", "rs", true, kAll, "all"},
    {"apps", "v1", "StatefulSet", "statefulsets", "sts", true, kAll, "all"},
    {"authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", "", false, kCreate, ""},
    {"authentication.k8s.io", "v1", "TokenReview", "tokenreviews", "", false, kCreate, ""},
    {"authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", "", true, kCreate, ""},
    {"authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "", false, kCreate, ""},
    {"authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", "", false, kCreate, ""},
    {"authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", "", false, kCreate, ""},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true, kAll, "all"},
    {"batch", "v1", "CronJob", "cronjobs", "cj", true, kAll, "all"},
    {"batch", "v1", "Job", "jobs", "", true, kAll, "all"},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", "csr", false, kAll, ""},
    {"coordination.k8s.io", "v1", "Lease", "leases", "", true, kAll, ""},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", true, kAll, ""},
    {"events.k8s.io", "v1", "Event", "events", "ev", true, kAll, ""},
    {"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", "", false, kAll, ""},
    {"flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", "", false, kAll, ""},
    {"networking.k8s.io", "v1", "IngressClass", "ingressclasses", "", false, kAll, ""},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", "ing", true, kAll, ""},
    {"networking.k8s.io", "v1", "IPAddress", "ipaddresses", "ip", false, kAll, ""},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", true, kAll, ""},
    {"networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", "", false, kAll, ""},
    {"node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", false, kAll, ""},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true, kAll, ""},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", false, kAll, ""},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", false, kAll, ""},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", true, kAll, ""},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", "", true, kAll, ""},
    {"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", false, kAll, ""},
    {"storage.k8s.io", "v1", "CSIDriver", "csidrivers", "", false, kAll, ""},
    {"storage.k8s.io", "v1", "CSINode", "csinodes", "", false, kAll, ""},
    {"storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", "", true, kAll, ""},
    {"storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", false, kAll, ""},
    {"storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "", false, kAll, ""},
};

std::vector<std::string> words(std::string_view list)
{
    return list.empty() ? std::vector<std::string>{} : splitAt(list, ',');
}

std::vector<ResourceKind> build()
{
    std::vector<ResourceKind> kinds;
    for (const Known& known : kKnown) {
        ResourceKind k;
        k.group = known.group;
        k.version = known.version;
        k.kind = known.kind;
        k.plural = known.plural;
        k.singular = lower(known.kind);
        k.shortNames = words(known.shortNames);
        k.namespaced = known.namespaced;
        k.verbs = words(known.verbs);
        k.categories = words(known.categories);
        for (std::size_t i = 0; i < sim::kube::kKindCount; ++i) {
            const sim::kube::KindInfo& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(i));
            if (info.kind == k.kind && info.group == k.group)
                k.info = &info;
        }
        kinds.push_back(std::move(k));
    }
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
