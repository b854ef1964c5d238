#pragma once

#include "sim/kube/api/store.h"

// Defaults and creation rules of the kinds beyond pods, Services and the apps that defaults.cpp knows itself.
namespace sim::kube {

/// Defaults of a pod template (pkg/apis/core/v1/defaults.go).
void defaultPodSpec(PodSpec& spec);

template <ApiObject T>
void setGroupDefaults(T&) { }
template <> void setGroupDefaults(StatefulSet& set);
template <> void setGroupDefaults(Job& job);
template <> void setGroupDefaults(CronJob& job);
template <> void setGroupDefaults(HorizontalPodAutoscaler& autoscaler);
template <> void setGroupDefaults(PersistentVolumeClaim& claim);
template <> void setGroupDefaults(PersistentVolume& volume);
template <> void setGroupDefaults(StorageClass& storage);
template <> void setGroupDefaults(PriorityClass& priority);
template <> void setGroupDefaults(LimitRange& range);
template <> void setGroupDefaults(NetworkPolicy& policy);
template <> void setGroupDefaults(RoleBinding& binding);
template <> void setGroupDefaults(ClusterRoleBinding& binding);
template <> void setGroupDefaults(CustomResourceDefinition& definition);
template <> void setGroupDefaults(MutatingWebhookConfiguration& webhooks);
template <> void setGroupDefaults(ValidatingWebhookConfiguration& webhooks);
template <> void setGroupDefaults(APIService& service);

/// What the server does to a new object beyond defaulting (PrepareForCreate, admission that fills in).
template <ApiObject T>
void admitNewOfGroup(T& object, const Store&, RandomStream&)
{
    if constexpr (requires { object.status; })
        object.status = {};
}
template <> void admitNewOfGroup(Node& node, const Store& store, RandomStream& random);
template <> void admitNewOfGroup(Job& job, const Store& store, RandomStream& random);
template <> void admitNewOfGroup(PersistentVolumeClaim& claim, const Store& store, RandomStream& random);
template <> void admitNewOfGroup(PersistentVolume& volume, const Store& store, RandomStream& random);
template <> void admitNewOfGroup(StatefulSet& set, const Store& store, RandomStream& random);

} // namespace sim::kube
