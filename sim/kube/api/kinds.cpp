#include "sim/kube/api/kinds.h"

#include "sim/engine/assert.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace sim::kube {

namespace {

// Names as `kubectl api-resources` of v1.33 lists them, in the order of AllKinds.
std::vector<KindInfo> buildKinds()
{
    using namespace std::string_view_literals;
    std::vector<KindInfo> kinds = {
        {kindIdOf<Namespace>, ""sv, "v1"sv, "Namespace"sv, "namespaces"sv, "namespace"sv, {"ns"sv}, false, {}},
        {kindIdOf<Node>, ""sv, "v1"sv, "Node"sv, "nodes"sv, "node"sv, {"no"sv}, false, {}},
        {kindIdOf<Pod>, ""sv, "v1"sv, "Pod"sv, "pods"sv, "pod"sv, {"po"sv}, true, {"all"sv}},
        {kindIdOf<Service>, ""sv, "v1"sv, "Service"sv, "services"sv, "service"sv, {"svc"sv}, true, {"all"sv}},
        {kindIdOf<Endpoints>, ""sv, "v1"sv, "Endpoints"sv, "endpoints"sv, "endpoints"sv, {"ep"sv}, true, {}},
        {kindIdOf<ConfigMap>, ""sv, "v1"sv, "ConfigMap"sv, "configmaps"sv, "configmap"sv, {"cm"sv}, true, {}},
        {kindIdOf<Secret>, ""sv, "v1"sv, "Secret"sv, "secrets"sv, "secret"sv, {}, true, {}},
        {kindIdOf<ServiceAccount>, ""sv, "v1"sv, "ServiceAccount"sv, "serviceaccounts"sv, "serviceaccount"sv,
         {"sa"sv}, true, {}},
        {kindIdOf<KubeEvent>, ""sv, "v1"sv, "Event"sv, "events"sv, "event"sv, {"ev"sv}, true, {}},
        {kindIdOf<Deployment>, "apps"sv, "v1"sv, "Deployment"sv, "deployments"sv, "deployment"sv,
         {"deploy"sv}, true, {"all"sv}},
        {kindIdOf<ReplicaSet>, "apps"sv, "v1"sv, "ReplicaSet"sv, "replicasets"sv, "replicaset"sv,
         {"rs"sv}, true, {"all"sv}},
        {kindIdOf<DaemonSet>, "apps"sv, "v1"sv, "DaemonSet"sv, "daemonsets"sv, "daemonset"sv,
         {"ds"sv}, true, {"all"sv}},
        {kindIdOf<EndpointSlice>, "discovery.k8s.io"sv, "v1"sv, "EndpointSlice"sv, "endpointslices"sv, "endpointslice"sv,
         {}, true, {}},
        {kindIdOf<Lease>, "coordination.k8s.io"sv, "v1"sv, "Lease"sv, "leases"sv, "lease"sv, {}, true, {}},
        {kindIdOf<StatefulSet>, "apps"sv, "v1"sv, "StatefulSet"sv, "statefulsets"sv, "statefulset"sv,
         {"sts"sv}, true, {"all"sv}},
        {kindIdOf<ControllerRevision>, "apps"sv, "v1"sv, "ControllerRevision"sv, "controllerrevisions"sv, "controllerrevision"sv,
         {}, true, {}},
        {kindIdOf<Job>, "batch"sv, "v1"sv, "Job"sv, "jobs"sv, "job"sv, {}, true, {"all"sv}},
        {kindIdOf<CronJob>, "batch"sv, "v1"sv, "CronJob"sv, "cronjobs"sv, "cronjob"sv, {"cj"sv}, true, {"all"sv}},
        {kindIdOf<HorizontalPodAutoscaler>, "autoscaling"sv, "v2"sv, "HorizontalPodAutoscaler"sv, "horizontalpodautoscalers"sv, "horizontalpodautoscaler"sv,
         {"hpa"sv}, true, {"all"sv}},
        {kindIdOf<PersistentVolume>, ""sv, "v1"sv, "PersistentVolume"sv, "persistentvolumes"sv, "persistentvolume"sv,
         {"pv"sv}, false, {}},
        {kindIdOf<PersistentVolumeClaim>, ""sv, "v1"sv, "PersistentVolumeClaim"sv, "persistentvolumeclaims"sv, "persistentvolumeclaim"sv,
         {"pvc"sv}, true, {}},
        {kindIdOf<StorageClass>, "storage.k8s.io"sv, "v1"sv, "StorageClass"sv, "storageclasses"sv, "storageclass"sv,
         {"sc"sv}, false, {}},
        {kindIdOf<CSIDriver>, "storage.k8s.io"sv, "v1"sv, "CSIDriver"sv, "csidrivers"sv, "csidriver"sv,
         {}, false, {}},
        {kindIdOf<CSINode>, "storage.k8s.io"sv, "v1"sv, "CSINode"sv, "csinodes"sv, "csinode"sv, {}, false, {}},
        {kindIdOf<VolumeAttachment>, "storage.k8s.io"sv, "v1"sv, "VolumeAttachment"sv, "volumeattachments"sv, "volumeattachment"sv,
         {}, false, {}},
        {kindIdOf<ResourceQuota>, ""sv, "v1"sv, "ResourceQuota"sv, "resourcequotas"sv, "resourcequota"sv,
         {"quota"sv}, true, {}},
        {kindIdOf<LimitRange>, ""sv, "v1"sv, "LimitRange"sv, "limitranges"sv, "limitrange"sv, {"limits"sv}, true, {}},
        {kindIdOf<PriorityClass>, "scheduling.k8s.io"sv, "v1"sv, "PriorityClass"sv, "priorityclasses"sv, "priorityclass"sv,
         {"pc"sv}, false, {}},
        {kindIdOf<RuntimeClass>, "node.k8s.io"sv, "v1"sv, "RuntimeClass"sv, "runtimeclasses"sv, "runtimeclass"sv,
         {}, false, {}},
        {kindIdOf<PodDisruptionBudget>, "policy"sv, "v1"sv, "PodDisruptionBudget"sv, "poddisruptionbudgets"sv, "poddisruptionbudget"sv,
         {"pdb"sv}, true, {}},
        {kindIdOf<NetworkPolicy>, "networking.k8s.io"sv, "v1"sv, "NetworkPolicy"sv, "networkpolicies"sv, "networkpolicy"sv,
         {"netpol"sv}, true, {}},
        {kindIdOf<Ingress>, "networking.k8s.io"sv, "v1"sv, "Ingress"sv, "ingresses"sv, "ingress"sv,
         {"ing"sv}, true, {}},
        {kindIdOf<IngressClass>, "networking.k8s.io"sv, "v1"sv, "IngressClass"sv, "ingressclasses"sv, "ingressclass"sv,
         {}, false, {}},
        {kindIdOf<Role>, "rbac.authorization.k8s.io"sv, "v1"sv, "Role"sv, "roles"sv, "role"sv, {}, true, {}},
        {kindIdOf<RoleBinding>, "rbac.authorization.k8s.io"sv, "v1"sv, "RoleBinding"sv, "rolebindings"sv, "rolebinding"sv,
         {}, true, {}},
        {kindIdOf<ClusterRole>, "rbac.authorization.k8s.io"sv, "v1"sv, "ClusterRole"sv, "clusterroles"sv, "clusterrole"sv,
         {}, false, {}},
        {kindIdOf<ClusterRoleBinding>, "rbac.authorization.k8s.io"sv, "v1"sv, "ClusterRoleBinding"sv, "clusterrolebindings"sv, "clusterrolebinding"sv,
         {}, false, {}},
        {kindIdOf<CustomResourceDefinition>, "apiextensions.k8s.io"sv, "v1"sv, "CustomResourceDefinition"sv, "customresourcedefinitions"sv, "customresourcedefinition"sv,
         {"crd"sv, "crds"sv}, false, {"api-extensions"sv}},
        {kindIdOf<MutatingWebhookConfiguration>, "admissionregistration.k8s.io"sv, "v1"sv, "MutatingWebhookConfiguration"sv, "mutatingwebhookconfigurations"sv, "mutatingwebhookconfiguration"sv,
         {}, false, {"api-extensions"sv}},
        {kindIdOf<ValidatingWebhookConfiguration>, "admissionregistration.k8s.io"sv, "v1"sv, "ValidatingWebhookConfiguration"sv, "validatingwebhookconfigurations"sv, "validatingwebhookconfiguration"sv,
         {}, false, {"api-extensions"sv}},
        {kindIdOf<APIService>, "apiregistration.k8s.io"sv, "v1"sv, "APIService"sv, "apiservices"sv, "apiservice"sv,
         {}, false, {"api-extensions"sv}},
        {kindIdOf<FlowSchema>, "flowcontrol.apiserver.k8s.io"sv, "v1"sv, "FlowSchema"sv, "flowschemas"sv, "flowschema"sv, {}, false, {}},
        {kindIdOf<PriorityLevelConfiguration>, "flowcontrol.apiserver.k8s.io"sv, "v1"sv, "PriorityLevelConfiguration"sv, "prioritylevelconfigurations"sv, "prioritylevelconfiguration"sv,
         {}, false, {}},
        {kindIdOf<ComponentStatus>, ""sv, "v1"sv, "ComponentStatus"sv, "componentstatuses"sv, "componentstatus"sv, {"cs"sv}, false, {}},
        {kindIdOf<CustomObject>, ""sv, "v1"sv, "CustomObject"sv, ""sv, ""sv, {}, true, {}}, // never found by name
    };
    FL_ASSERT(kinds.size() == kKindCount);
    for (std::size_t i = 0; i < kinds.size(); ++i)
        FL_ASSERT(kinds[i].id == i);
    return kinds;
}

const std::vector<KindInfo>& kinds()
{
    static const std::vector<KindInfo> table = buildKinds();
    return table;
}

bool hasName(const KindInfo& info, std::string_view name)
{
    return name == info.plural || name == info.singular || name == lowered(info.kind)
        || std::find(info.shortNames.begin(), info.shortNames.end(), name) != info.shortNames.end();
}

} // namespace

std::string KindInfo::apiVersion() const
{
    return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string KindInfo::groupResource() const
{
    return group.empty() ? std::string(plural) : std::string(plural) + "." + std::string(group);
}

const KindInfo& kindInfo(KindId id)
{
    FL_ASSERT(id < kKindCount);
    return kinds()[id];
}

const KindInfo* findKind(std::string_view name)
{
    const std::string wanted = lowered(name);
    const std::size_t dot = wanted.find('.');
    const std::string_view resource = std::string_view(wanted).substr(0, dot);
    const bool qualified = dot != std::string::npos;
    const std::string_view rest = qualified ? std::string_view(wanted).substr(dot + 1) : std::string_view();
    for (const KindInfo& info : kinds()) {
        if (info.plural.empty() || !hasName(info, resource))
            continue;
        if (!qualified || rest == info.group)
            return &info;
        // "deployments.v1.apps"; for the core group "pods.v1." and "pods.v1".
        const std::string versioned = std::string(info.version) + "." + std::string(info.group);
        if (rest == versioned || (info.group.empty() && rest == info.version))
            return &info;
    }
    return nullptr;
}

} // namespace sim::kube
