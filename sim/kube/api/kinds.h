#pragma once

#include "sim/engine/text_hash.h"
#include "sim/kube/api/apiregistration_v1.h"
#include "sim/kube/api/apps_v1.h"
#include "sim/kube/api/autoscaling_v2.h"
#include "sim/kube/api/batch_v1.h"
#include "sim/kube/api/component_status_v1.h"
#include "sim/kube/api/core_v1.h"
#include "sim/kube/api/extensions_v1.h"
#include "sim/kube/api/flowcontrol_v1.h"
#include "sim/kube/api/networking_v1.h"
#include "sim/kube/api/other_groups.h"
#include "sim/kube/api/policy_v1.h"
#include "sim/kube/api/quota_v1.h"
#include "sim/kube/api/rbac_v1.h"
#include "sim/kube/api/volumes_v1.h"

#include <boost/mp11.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::kube {

/// Every typed kind, in one list: tables, JSON codecs, watches and kubectl's names follow from it.
using AllKinds = boost::mp11::mp_list<Namespace, Node, Pod, Service, Endpoints, ConfigMap, Secret, ServiceAccount,
    KubeEvent, Deployment, ReplicaSet, DaemonSet, EndpointSlice, Lease, StatefulSet, ControllerRevision, Job,
    CronJob, HorizontalPodAutoscaler, PersistentVolume, PersistentVolumeClaim, StorageClass, CSIDriver, CSINode,
    VolumeAttachment, ResourceQuota, LimitRange, PriorityClass, RuntimeClass, PodDisruptionBudget, NetworkPolicy,
    Ingress, IngressClass, Role, RoleBinding, ClusterRole, ClusterRoleBinding, CustomResourceDefinition,
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, APIService, FlowSchema, PriorityLevelConfiguration,
    ComponentStatus, CustomObject>;

/// Calls X(Kind) for every typed kind, for explicit instantiations.
#define FAULTLINE_FOR_EACH_KIND(X) \
    X(Namespace) X(Node) X(Pod) X(Service) X(Endpoints) X(ConfigMap) X(Secret) X(ServiceAccount) \
    X(KubeEvent) X(Deployment) X(ReplicaSet) X(DaemonSet) X(EndpointSlice) X(Lease) X(StatefulSet) \
    X(ControllerRevision) X(Job) X(CronJob) X(HorizontalPodAutoscaler) X(PersistentVolume) \
    X(PersistentVolumeClaim) X(StorageClass) X(CSIDriver) X(CSINode) X(VolumeAttachment) \
    X(ResourceQuota) X(LimitRange) X(PriorityClass) X(RuntimeClass) X(PodDisruptionBudget) \
    X(NetworkPolicy) X(Ingress) X(IngressClass) X(Role) X(RoleBinding) X(ClusterRole) \
    X(ClusterRoleBinding) X(CustomResourceDefinition) X(MutatingWebhookConfiguration) \
    X(ValidatingWebhookConfiguration) X(APIService) X(FlowSchema) X(PriorityLevelConfiguration) \
    X(ComponentStatus) X(CustomObject)

/// Index of a kind in AllKinds.
using KindId = std::uint8_t;
template <class T>
inline constexpr KindId kindIdOf = static_cast<KindId>(boost::mp11::mp_find<AllKinds, T>::value);
inline constexpr std::size_t kKindCount = boost::mp11::mp_size<AllKinds>::value;

template <class T>
concept ApiObject = boost::mp11::mp_contains<AllKinds, T>::value;

/// What discovery says of a kind.
struct KindInfo {
    KindId id;
    std::string_view group;    ///< "" for core
    std::string_view version;  ///< "v1"
    std::string_view kind;     ///< "Deployment"
    std::string_view plural;   ///< "deployments"
    std::string_view singular; ///< "deployment"
    std::vector<std::string_view> shortNames; ///< "deploy"
    bool namespaced;
    std::vector<std::string_view> categories; ///< "all"
    std::string apiVersion() const;     ///< "apps/v1"
    std::string groupResource() const;  ///< "deployments.apps"
};
const KindInfo& kindInfo(KindId id);
/// Accepts plural, singular, short name, kind, "deployments.apps", "deployments.v1.apps"; any case.
const KindInfo* findKind(std::string_view name);

/// Where an object is kept. Custom objects of all kinds share a table, so their names carry the resource.
struct ObjectKey {
    std::string namespace_; ///< empty for cluster-scoped kinds
    std::string name;
    auto operator<=>(const ObjectKey&) const = default;
    void addTo(Fingerprint& f) const { f.add(namespace_); f.add(name); }

    /// For look-ups: nothing is walked in the order of a hash.
    struct Hash {
        using is_avalanching = void;
        std::size_t operator()(const ObjectKey& key) const
        {
            constexpr std::size_t kOdd = 0x9e3779b97f4a7c15;
            return TextHash()(key.name) + kOdd * TextHash()(key.namespace_);
        }
    };
};
template <ApiObject T>
ObjectKey keyOf(const T& object)
{
    if constexpr (std::is_same_v<T, CustomObject>)
        return {object.metadata.namespace_, object.plural + "." + object.group + "/" + object.metadata.name};
    else
        return {object.metadata.namespace_, object.metadata.name};
}

} // namespace sim::kube
