#include "core/shell/commands/kubectl/resource_kind.h"

#include "core/shell/commands/kubectl/flags.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <algorithm>

namespace core::shell::kubectl {

namespace {

constexpr const char* kAllVerbs = "create,delete,deletecollection,get,list,patch,update,watch";
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
    {"", "v1", "ConfigMap", "configmaps", "cm", true, kAllVerbs, ""},
    {"", "v1", "Endpoints", "endpoints", "ep", true, kAllVerbs, ""},
    {"", "v1", "Event", "events", "ev", true, kAllVerbs, ""},
    {"", "v1", "LimitRange", "limitranges", "limits", true, kAllVerbs, ""},
    {"", "v1", "Namespace", "namespaces", "ns", false, kNotInBulk, ""},
    {"", "v1", "Node", "nodes", "no", false, kAllVerbs, ""},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true, kAllVerbs, ""},
    {"", "v1", "PersistentVolume", "persistentvolumes", "pv", false, kAllVerbs, ""},
    {"", "v1", "Pod", "pods", "po", true, kAllVerbs, "all"},
    {"", "v1", "PodTemplate", "podtemplates", "", true, kAllVerbs, ""},
    {"", "v1", "ReplicationController", "replicationcontrollers", "rc", true, kAllVerbs, "all"},
    {"", "v1", "ResourceQuota", "resourcequotas", "quota", true, kAllVerbs, ""},
    {"", "v1", "Secret", "secrets", "", true, kAllVerbs, ""},
    {"", "v1", "ServiceAccount", "serviceaccounts", "sa", true, kAllVerbs, ""},
    {"", "v1", "Service", "services", "svc", true, kAllVerbs, "all"},
    {"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", false, kAllVerbs, "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "", false, kAllVerbs, "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "", false, kAllVerbs, "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "", false, kAllVerbs, "api-extensions"},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", "crd,crds", false, kAllVerbs, "api-extensions"},
    {"apiregistration.k8s.io", "v1", "APIService", "apiservices", "", false, kAllVerbs, "api-extensions"},
    {"apps", "v1", "ControllerRevision", "controllerrevisions", "", true, kAllVerbs, ""},
    {"apps", "v1", "DaemonSet", "daemonsets", "ds", true, kAllVerbs, "all"},
    {"apps", "v1", "Deployment", "deployments", "deploy", true, kAllVerbs, "all"},
    {"apps", "v1", "ReplicaSet", "replicasets", "rs", true, kAllVerbs, "all"},
    {"apps", "v1", "StatefulSet", "statefulsets", "sts", true, kAllVerbs, "all"},
    {"authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", "", false, kCreate, ""},
    {"authentication.k8s.io", "v1", "TokenReview", "tokenreviews", "", false, kCreate, ""},
    {"authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", "", true, kCreate, ""},
    {"authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "", false, kCreate, ""},
    {"authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", "", false, kCreate, ""},
    {"authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", "", false, kCreate, ""},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true, kAllVerbs, "all"},
    {"batch", "v1", "CronJob", "cronjobs", "cj", true, kAllVerbs, "all"},
    {"batch", "v1", "Job", "jobs", "", true, kAllVerbs, "all"},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", "csr", false, kAllVerbs, ""},
    {"coordination.k8s.io", "v1", "Lease", "leases", "", true, kAllVerbs, ""},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", true, kAllVerbs, ""},
    {"events.k8s.io", "v1", "Event", "events", "ev", true, kAllVerbs, ""},
    {"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", "", false, kAllVerbs, ""},
    {"flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", "", false, kAllVerbs, ""},
    {"networking.k8s.io", "v1", "IngressClass", "ingressclasses", "", false, kAllVerbs, ""},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", "ing", true, kAllVerbs, ""},
    {"networking.k8s.io", "v1", "IPAddress", "ipaddresses", "ip", false, kAllVerbs, ""},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", true, kAllVerbs, ""},
    {"networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", "", false, kAllVerbs, ""},
    {"node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", false, kAllVerbs, ""},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true, kAllVerbs, ""},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", false, kAllVerbs, ""},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", false, kAllVerbs, ""},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", true, kAllVerbs, ""},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", "", true, kAllVerbs, ""},
    {"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", false, kAllVerbs, ""},
    {"storage.k8s.io", "v1", "CSIDriver", "csidrivers", "", false, kAllVerbs, ""},
    {"storage.k8s.io", "v1", "CSINode", "csinodes", "", false, kAllVerbs, ""},
    {"storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", "", true, kAllVerbs, ""},
    {"storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", false, kAllVerbs, ""},
    {"storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "", false, kAllVerbs, ""},
};

std::vector<std::string> words(std::string_view list)
{
    return list.empty() ? std::vector<std::string>{} : sim::split(list, ',');
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
        k.singular = sim::lowered(known.kind);
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

const std::vector<ResourceKind>& metricsKinds()
{
    static const std::vector<ResourceKind> kKinds{
        {"metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes", "nodemetrics", {}, false, {"get", "list"}, {}, nullptr, {}},
        {"metrics.k8s.io", "v1beta1", "PodMetrics", "pods", "podmetrics", {}, true, {"get", "list"}, {}, nullptr, {}}};
    return kKinds;
}

bool isCalled(const ResourceKind& kind, std::string_view name)
{
    const std::string wanted = sim::lowered(name);
    const std::size_t dot = wanted.find('.');
    const std::string word = wanted.substr(0, dot);
    const std::string rest = dot == std::string::npos ? "" : wanted.substr(dot + 1);
    if (!rest.empty() && rest != kind.group && rest != kind.version + "." + kind.group)
        return false;
    return word == kind.plural || word == kind.singular || word == sim::lowered(kind.kind)
        || std::find(kind.shortNames.begin(), kind.shortNames.end(), word) != kind.shortNames.end();
}

const ResourceKind* findResource(std::string_view name)
{
    for (const ResourceKind& k : resourceKinds()) {
        if (isCalled(k, name))
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
